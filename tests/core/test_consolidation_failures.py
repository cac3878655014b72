"""A consolidation that fails loses nothing: it is kept, counted, shown and tried again."""

import asyncio
import json
from pathlib import Path

import pytest

from bot.cli import wiring
from bot.config import Settings
from tests.conftest import TurnedClock
from tests.core.stage import Called, Stage, memories, memory, opened, sent
from tests.servers.openai_faults import Fault, Stall, bad_key, rate_limited, server_error
from tests.servers.openai_server import Body, OpenAIServer

FAILURES: list[tuple[Fault | str, str]] = [
    ("I would rather chat.", "memory model"),
    (json.dumps({"memories": [{"text": "no source"}]}), "memory model"),
    ('{"memories": [{"text": "Alice', "memory model"),
    (bad_key(), "OPENAI_API_KEY"),
    (server_error(), "HTTP 500"),
    (rate_limited(), "overloaded"),
]


@pytest.mark.parametrize(("fault", "says"), FAILURES, ids=str)
async def test_a_batch_that_fails_stays_is_counted_and_retried_later_and_later(
    stage: Stage, server: OpenAIServer, fault: Fault | str, says: str
) -> None:
    if isinstance(fault, str):
        server.on_extract = lambda body: fault
    else:
        server.fail("extract", fault, times=None)
    await stage.say("Remember that I have four cats")
    await stage.core.settle()
    health = await stage.store.health()
    assert (health.unconsolidated, health.failing) == (1, 1)
    assert says in (health.last_error or "")
    assert "cats" not in (health.last_error or "")
    lines = await wiring.doctor(Settings(ellie_db=stage.store.path))
    assert "0 unanswered, 1 turns to consolidate, 1 of them failed before" in lines
    assert lines[-1].startswith("last failure: ")

    failures = len(server.asked("extract"))
    waits = 0
    for _ in range(3):  # back-off: each wait is longer than the one before
        waited = 0
        while len(server.asked("extract")) == failures:
            await stage.consolidation.step()
            stage.clock.turn(seconds=10)
            waited += 10
        assert waited > waits
        failures, waits = len(server.asked("extract")), waited

    server.heal()
    server.on_extract = memories(memory("Alice has four cats"))
    assert await stage.core.settle() == (1, 0)
    assert await stage.texts() == ["Alice has four cats"]
    assert (await stage.store.health()).failing == 0


async def test_a_silent_memory_model_is_given_up_in_time(
    file: Path, clock: TurnedClock, server: OpenAIServer
) -> None:
    server.fail("extract", Stall())
    async with opened(file, clock, server, ellie_turn_timeout_seconds=0.3) as stage:
        await stage.say("I have four cats")
        assert await stage.core.settle() == (0, 1)
        assert "too long" in ((await stage.store.health()).last_error or "")


async def test_a_failing_batch_does_not_hold_up_those_behind_it(
    stage: Stage, server: OpenAIServer
) -> None:
    def answer(body: Body) -> Body | str:
        return "no" if "poison" in sent(body) else {"memories": [memory("Bob has a boat")]}

    server.on_extract = answer
    await stage.say("poison")
    await stage.say("I have a boat", user="bob")
    assert await stage.core.settle() == (1, 1)
    assert await stage.texts("bob") == ["Bob has a boat"]


async def test_one_bad_statement_does_not_take_the_good_ones_with_it(
    stage: Stage, server: OpenAIServer
) -> None:
    server.on_extract = memories(memory("from nowhere", 7), memory("Alice has four cats", 1, 9))
    await stage.say("I have four cats")
    await stage.core.settle()
    assert await stage.texts() == ["Alice has four cats"]


async def test_a_crash_between_call_and_keeping_consolidates_once_after_reopening(
    file: Path, clock: TurnedClock, server: OpenAIServer
) -> None:
    server.fail("extract", Stall())
    called = Called(memories(memory("Alice has four cats")))
    server.on_extract = called
    async with opened(file, clock, server) as stage:
        await stage.say("I have four cats")
        async with asyncio.TaskGroup() as group:
            settling = group.create_task(stage.core.settle())
            while not server.asked("extract"):
                await stage.store.health()
            settling.cancel()
        assert await stage.texts() == []
    server.heal()
    async with opened(file, clock, server) as stage:
        assert await stage.core.settle() == (1, 0)
        assert await stage.core.settle() == (0, 0)
        assert await stage.texts() == ["Alice has four cats"]


async def test_what_is_forgotten_during_the_call_is_not_learnt(
    stage: Stage, server: OpenAIServer
) -> None:
    await stage.type("/remember the vault code")
    server.fail("extract", Stall())
    server.on_extract = memories(memory("Alice has a vault", attribute="has", value="a vault"))
    async with asyncio.TaskGroup() as group:
        group.create_task(stage.core.settle())
        while not server.asked("extract"):
            await stage.store.health()
        await stage.type("/forget m1")
        server.release.set()
    await stage.core.settle()
    assert await stage.texts() == []


async def test_a_batch_that_no_prompt_can_hold_is_consolidated_in_parts(
    file: Path, clock: TurnedClock, server: OpenAIServer
) -> None:
    async with opened(file, clock, server, ellie_context_budget_tokens=700) as stage:
        for number in range(8):
            await stage.say(f"long story {number} " + "and so on " * 60)
        assert await stage.core.settle() == (8, 0)
        asked = [sent(request.body) for request in server.asked("extract")]
        assert 1 < len(asked) <= 8
        for number in range(8):
            assert sum(f"Alice: long story {number} " in text for text in asked) == 1
