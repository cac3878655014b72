"""Ellie on Slack: how soon an event is acknowledged, how soon she stirs, how soon she answers."""

import asyncio
import sys
import time
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.bench import talk
from tests.bench.measure import Measure, percentile
from tests.bench.turn_time import model_server
from tests.journeys.process import environment
from tests.servers.slack import SlackServer

PEOPLE, TURNS, PAUSE_SECONDS = 20, 10, 4.0
PATIENCE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Said:
    """A mention: where it stands, and when it was made on the monotonic clock."""

    channel: str
    ts: str
    at: float


def furnish(slack: SlackServer) -> list[tuple[str, str]]:
    """A workspace in which each of twenty people has a channel: (person, channel)."""
    slack.team("T1", "Garden")
    slack.install("T1", bot_token="xoxb-1")
    seats = []
    for number in range(PEOPLE):
        person = slack.person("T1", f"U{number}", f"Person {number}")
        channel = slack.channel("T1", f"C{number}", f"room-{number}", members=[person])
        seats.append((person, channel))
    return seats


@asynccontextmanager
async def connected(slack: SlackServer, file: Path, base_url: str) -> AsyncIterator[None]:
    """`ellie run` with default settings and a model, once she has said that she is connected."""
    own = {
        "SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": slack.app_token,
        "SLACK_API_URL": slack.api, "OPENAI_BASE_URL": base_url,
    }  # fmt: skip
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "run",
        cwd=file.parent, env=environment(file, **own), stderr=PIPE,
    )  # fmt: skip
    try:
        if process.stderr is None:
            raise AssertionError("it was asked for")
        async with asyncio.timeout(PATIENCE_SECONDS):
            said = (await process.stderr.readline()).decode()
        if not said.startswith("Slack: connected"):
            raise AssertionError(said)
        yield
        if slack.problems:
            raise AssertionError(slack.problems)
    finally:
        process.terminate()
        await process.communicate()


async def measure(folder: Path) -> list[Measure]:
    """Ellie, Slack and the model are three processes, on the same machine."""
    random = Random(7)
    async with model_server() as (base_url, _), SlackServer() as slack:
        seats = furnish(slack)
        async with connected(slack, folder / "slack.db", base_url):
            me = slack.bot("T1")

            async def say(person: str, channel: str) -> Said:
                at = time.monotonic()
                text = talk.message(random, least_tokens=10)
                return Said(channel, await slack.say(person, channel, f"<@{me}> {text}"), at)

            for seat in seats:  # the first turns ask who is who, and load the embedder
                await answered(slack, [await say(*seat)])
            said = []
            due = time.monotonic()
            for _ in range(TURNS):
                for seat in random.sample(seats, len(seats)):
                    due += random.expovariate(len(seats) / PAUSE_SECONDS)
                    await asyncio.sleep(due - time.monotonic())
                    said.append(await say(*seat))
            await answered(slack, said)
            return _measures(slack, said)


async def answered(slack: SlackServer, said: list[Said]) -> None:
    """Wait until each has one finished answer in its thread."""

    def done() -> bool:
        threads = [slack.messages(one.channel, one.ts) for one in said]
        return all(thread and not thread[-1].streaming for thread in threads)

    await slack.until(done, PATIENCE_SECONDS)


def _measures(slack: SlackServer, said: list[Said]) -> list[Measure]:
    acked: dict[str, float] = {}
    for told in slack.delivered:
        if told.acked_at is not None:
            acked.setdefault(str(told.event.get("ts")), told.acked_at)

    def waits(method: str) -> list[float]:
        calls: dict[str, float] = {}
        for call in slack.calls(method):
            calls.setdefault(str(call.args["thread_ts"]), call.received)
        return [1e3 * (calls[one.ts] - one.at) for one in said]

    acknowledged = [1e3 * (acked[one.ts] - one.at) for one in said]
    status, answers = waits("agents.sessions.setStatus"), waits("chat.startStream")
    name = f"Slack: mention to acknowledgement, {PEOPLE} people"
    return [
        Measure(f"{name}, p50", percentile(acknowledged, 50), "ms"),
        Measure("… p95 (Slack waits 3 s)", percentile(acknowledged, 95), "ms", 100),
        Measure("… to the status that she is at work, p50", percentile(status, 50), "ms"),
        Measure("… to the status that she is at work, p95", percentile(status, 95), "ms"),
        Measure("… to the first words of the reply, p50", percentile(answers, 50), "ms"),
        Measure("… to the first words of the reply, p95", percentile(answers, 95), "ms"),
    ]
