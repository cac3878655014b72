"""Who reads along may have come in while Ellie was down: what is answered late uses no more."""

from pathlib import Path

import pytest

from bot.types import IncomingMessage, Reach, narrower_reach
from tests.conftest import TurnedClock
from tests.core.reaching import HALL, LOUNGE, evidence, message, say
from tests.core.stage import Stage, last_prompt, memories, opened, place
from tests.servers.openai_server import OpenAIServer

ALL, OWN, HERE, NOTHING = Reach.ALL, Reach.OWN, Reach.HERE, Reach.NOTHING


@pytest.mark.parametrize(
    ("stored", "now", "counts"),
    [
        (ALL, ALL, ALL), (ALL, OWN, OWN), (ALL, HERE, HERE), (ALL, NOTHING, NOTHING),
        (OWN, ALL, OWN), (OWN, OWN, OWN), (OWN, HERE, HERE), (OWN, NOTHING, NOTHING),
        (HERE, ALL, HERE), (HERE, OWN, HERE), (HERE, HERE, HERE), (HERE, NOTHING, NOTHING),
        (NOTHING, ALL, NOTHING), (NOTHING, OWN, NOTHING), (NOTHING, HERE, NOTHING),
    ],
)  # fmt: skip
async def test_the_narrower_of_two_reaches_counts(
    stage: Stage, stored: Reach, now: Reach, counts: Reach
) -> None:
    assert narrower_reach(stored, now) is narrower_reach(now, stored) is counts
    asked = await left(stage, "quince?", stored)
    other = await left(stage, "quince?", ALL, LOUNGE)
    await stage.store.narrow(asked.conversation, now)
    assert [turn.reach for turn in await stage.store.pending(asked.conversation)] == [counts]
    assert [turn.reach for turn in await stage.store.pending(other.conversation)] == [ALL]


async def left(
    stage: Stage, text: str, reach: Reach, where: str = "open:hall/2"
) -> IncomingMessage:
    """What was asked, and not answered by an earlier process."""
    asked = message(stage, text, where, reach)
    assert await stage.store.record(asked, 2, urgent=False) is not None
    return asked


async def resume(stage: Stage, reach: Reach | None) -> None:
    where, _ = place("open:hall/2", "alice")
    turns = await (stage.core.resume(where) if reach is None else stage.core.resume(where, reach))
    assert turns
    for turn in turns:
        await stage.core.answered(turn)


@pytest.mark.parametrize("reach", [None, ALL, OWN, HERE, NOTHING])
async def test_what_is_answered_after_a_crash_uses_what_may_be_used_now(
    file: Path, clock: TurnedClock, server: OpenAIServer, reach: Reach | None
) -> None:
    server.on_extract = memories()
    async with opened(file, clock, server) as stage:
        await stage.type("/remember --shared The quince is at nine", "mia", manages=True)
        await say(stage, "A quince of the hall", HALL, ALL)
        await say(stage, "A quince of the lounge", LOUNGE, ALL)
        await left(stage, "quince?", ALL)
    async with opened(file, clock, server) as stage:
        await resume(stage, reach)
        prompt = last_prompt(server) if reach is NOTHING else evidence(server)
        assert ("of the hall" in prompt) is (reach is not NOTHING)
        assert ("of the lounge" in prompt) is (reach in {None, ALL, OWN})
        assert ("at nine" in prompt) is (reach in {None, ALL})


async def test_it_stays_narrow_for_the_process_after_the_next_crash(
    file: Path, clock: TurnedClock, server: OpenAIServer
) -> None:
    async with opened(file, clock, server) as stage:
        await stage.type("/remember --shared The quince is at nine", "mia", manages=True)
        asked = await left(stage, "quince?", ALL)
        await stage.store.narrow(asked.conversation, HERE)
    async with opened(file, clock, server) as stage:
        await resume(stage, ALL)
        assert "at nine" not in last_prompt(server)


async def test_what_is_answered_already_stays_as_it_was(stage: Stage) -> None:
    await say(stage, "hello", "open:hall/2", ALL)
    where, _ = place("open:hall/2", "alice")
    assert await stage.core.resume(where, NOTHING) == []
    async with stage.store._write() as db:
        (row,) = await db.execute_fetchall("SELECT reach FROM turn")
    assert row["reach"] == "all"
