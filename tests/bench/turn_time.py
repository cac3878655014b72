"""Ellie's own time per turn: from a message to the model's server having read the request."""

import asyncio
import sys
import time
import uuid
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from bot.cli.wiring import open_core
from bot.config import Settings
from bot.turns import Turns
from tests.bench import talk
from tests.bench.core import Sink, rest
from tests.bench.measure import Measure, percentile
from tests.bench.world import fill, said

WARM_UP = 20
TURNS = 250
MEMORIES = 1_000
PAST_TURNS = 500
OTHERS = 100_000


@asynccontextmanager
async def model_server() -> AsyncIterator[tuple[str, asyncio.StreamReader]]:
    """The address of a model in another process, and where it says when it read each request."""
    process: Process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.model_server", stdin=PIPE, stdout=PIPE
    )
    if process.stdin is None or process.stdout is None:
        raise AssertionError("both were asked for")
    try:
        yield (await process.stdout.readline()).decode().strip(), process.stdout
    finally:
        process.stdin.close()
        await process.wait()


async def _one_turn(core: Turns, stamps: asyncio.StreamReader, text: str) -> tuple[float, float]:
    """Milliseconds until the server had read the request: since `receive` was called, returned."""
    message = said(text, uuid.uuid4().hex, datetime.now(UTC))
    called = time.monotonic_ns()
    turn = await core.receive(message)
    accepted = time.monotonic_ns()
    if turn is None:
        raise AssertionError("an event id was used twice")
    await core.answered(turn)
    read = int(await stamps.readline())
    await rest(core)
    return (read - called) / 1e6, (read - accepted) / 1e6


async def measure(folder: Path) -> list[Measure]:
    """Turns in a file where Alice is alone and in one with many others, one after the other.

    The server runs in another process, so that its work is not Ellie's. The built-in embedder is in
    use, and the background worker is idle: it has finished with one turn before the next begins.
    """
    called: dict[int, list[float]] = {0: [], OTHERS: []}
    accepted: dict[int, list[float]] = {0: [], OTHERS: []}
    async with AsyncExitStack() as stack:
        base_url, stamps = await stack.enter_async_context(model_server())
        cores: dict[int, Turns] = {}
        for others in called:
            path = folder / f"{others}.db"
            await fill(path, memories=MEMORIES, turns=PAST_TURNS, others=others)
            settings = Settings(openai_base_url=base_url, ellie_db=path)
            sink = Sink("bench")
            cores[others] = await stack.enter_async_context(open_core(settings, {sink.name: sink}))
            await rest(cores[others])
        random, loops = Random(4), []
        for number in range(WARM_UP + TURNS):
            loops.append(_fixed_work())
            text = talk.message(random, least_tokens=10)
            for others in cores if number % 2 else reversed(cores):
                since_called, since_accepted = await _one_turn(cores[others], stamps, text)
                if number >= WARM_UP:
                    called[others].append(since_called)
                    accepted[others].append(since_accepted)
    return [
        *_alone(called[0], accepted[0]),
        *_ratios(called[0], called[OTHERS]),
        Measure("a fixed piece of work beside each turn, best", min(loops), "ms"),
        Measure(
            "… p50: more than the best by how busy the machine is", percentile(loops, 50), "ms"
        ),
    ]


def _fixed_work() -> float:
    """Milliseconds for what always takes the same time on a machine that has nothing else to do."""
    start = time.perf_counter()
    sum(number * number for number in range(100_000))
    return (time.perf_counter() - start) * 1e3


def _alone(called: list[float], accepted: list[float]) -> list[Measure]:
    return [
        Measure("own time per turn, p50", percentile(called, 50), "ms"),
        Measure("own time per turn, p95", percentile(called, 95), "ms", 10),
        Measure("… after the message is on disk, p50", percentile(accepted, 50), "ms"),
        Measure("… after the message is on disk, p95", percentile(accepted, 95), "ms"),
    ]


def _ratios(alone: list[float], among_others: list[float]) -> list[Measure]:
    return [
        Measure(
            f"… with {OTHERS} memories of others, p{percent}, to that",
            percentile(among_others, percent) / percentile(alone, percent),
            "×",
            1.2,
        )
        for percent in (50, 95)
    ]
