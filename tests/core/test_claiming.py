"""What waits in the inbox is dealt with once, and not if it was erased meanwhile."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.types import IncomingMessage, Scope
from tests.conftest import TurnedClock
from tests.core.stage import Stage, opened
from tests.servers.openai_server import OpenAIServer
from tests.store.restoring import rows
from tests.store.world import bytes_on_disk

HALL = "open:hall"
EVENT = "said:hall:x"
Erase = Callable[[Stage], Awaitable[object]]
ERASED: list[Erase] = [
    lambda stage: stage.type("/forget everything yes"),
    lambda stage: stage.type("/forget everything everywhere yes"),
    lambda stage: stage.type("/privacy opt-out"),
    lambda stage: stage.core.purge(stage.typed("/x", manages=True)),
    lambda stage: stage.core.channel_gone("test", "home", "hall"),
    lambda stage: stage.core.dealt_with("test", "home", EVENT),
]


async def waiting(stage: Stage, text: str = "I grow quinces") -> IncomingMessage:
    """What Alice said in the hall, taken in."""
    payload = f'{{"channel": "hall", "text": "{text}"}}'
    assert await stage.core.take_in("test", "home", EVENT, "alice", payload)
    return replace(stage.message(text, where=HALL, event="x"), waiting=EVENT)


async def test_a_message_that_waited_is_answered_once(stage: Stage) -> None:
    heard = await waiting(stage)
    turn = await stage.core.receive(heard)
    assert turn is not None
    assert not await stage.core.claim("test", "home", EVENT)
    assert await stage.core.taken_in("test") == []
    assert await stage.core.receive(heard) is None
    await stage.core.answered(turn)
    assert len(stage.screen.replies) == 1


@pytest.mark.parametrize("erase", ERASED)
async def test_of_a_message_that_was_erased_while_it_waited_no_byte_is_written(
    stage: Stage, file: Path, server: OpenAIServer, erase: Erase
) -> None:
    await stage.say("hello")
    asked = len(server.asked("chat"))
    heard = await waiting(stage)
    await erase(stage)
    assert await stage.core.receive(heard) is None
    await stage.core.overhear(heard)
    await stage.core.settle()
    assert await stage.kept(where=HALL) == []
    assert len(server.asked("chat")) == asked
    if erase is ERASED[-1]:  # its bytes go within the hour
        await stage.store.expire(stage.clock(), timedelta(days=1), None)
    assert b"uinces" not in bytes_on_disk(file)


@pytest.mark.parametrize("erase", ERASED)
async def test_of_an_edit_that_was_erased_while_it_waited_no_byte_is_written(
    stage: Stage, file: Path, erase: Erase
) -> None:
    before = stage.message("I grow medlars", where=HALL, event="x")
    turn = await stage.core.receive(before)
    assert turn is not None
    await stage.core.answered(turn)
    heard = await waiting(stage)
    await erase(stage)
    assert await stage.core.edited(heard) is None
    if erase is ERASED[-1]:  # its bytes go within the hour
        await stage.store.expire(stage.clock(), timedelta(days=1), None)
    assert b"uinces" not in bytes_on_disk(file)


async def test_what_is_said_by_who_is_ignored_waits_no_more(stage: Stage, file: Path) -> None:
    heard = await waiting(stage)
    await stage.store.opt_out([heard.scope], "Alice", stage.clock(), everywhere=False)
    assert await stage.core.receive(heard) is None
    assert await stage.core.taken_in("test") == []
    assert rows(file, "SELECT user, payload FROM inbox") == [("", None)]


async def test_what_waits_is_claimed_once_by_one_process_also_after_a_restart(
    file: Path, clock: TurnedClock, server: OpenAIServer
) -> None:
    async with opened(file, clock, server) as one, opened(file, clock, server) as other:
        await waiting(one)
        async with asyncio.TaskGroup() as group:
            claims = [
                group.create_task(stage.core.claim("test", "home", EVENT))
                for stage in (one, other, one, other)
            ]
        assert sum(claim.result() for claim in claims) == 1
        assert not await other.core.claim("test", "home", "never taken in")
        assert (
            await other.core.receive(
                replace(one.message("I grow quinces", where=HALL), waiting=EVENT)
            )
            is None
        )
    async with opened(file, clock, server) as later:
        assert not await later.core.claim("test", "home", EVENT)
        assert await later.core.taken_in("test") == []


async def test_what_was_erased_while_it_waited_is_not_claimed(stage: Stage) -> None:
    await waiting(stage)
    await stage.type("/forget everything yes")
    assert not await stage.core.claim("test", "home", EVENT)


@pytest.mark.parametrize("heard", ["receive", "overhear", "edited"])
async def test_an_opt_out_between_reading_and_writing_lets_nothing_be_written(
    stage: Stage, file: Path, heard: str
) -> None:
    said = stage.message("I grow medlars", where=HALL, event="x")
    if heard == "edited":
        assert await stage.core.receive(said) is not None
        await stage.core.settle()
    hide_names = stage.store.hide_names

    async def opts_out_meanwhile(scope: Scope, text: str) -> str:
        """The last that is read before the message is written down."""
        stage.store.hide_names = hide_names  # type: ignore[method-assign]  # once
        await stage.type("/privacy opt-out")
        return await hide_names(scope, text)

    stage.store.hide_names = opts_out_meanwhile  # type: ignore[method-assign]
    await getattr(stage.core, heard)(replace(said, text="I grow quinces"))
    assert await stage.kept(where=HALL) == []
    assert b"uinces" not in bytes_on_disk(file)
