"""A platform tells that something was deleted or edited in a channel, but not in which thread."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.errors import CommandError
from bot.ports import ERASED
from bot.types import Conversation, IncomingMessage, Scope
from tests.conftest import TurnedClock
from tests.core.poster import Poster, posting
from tests.core.stage import Stage, memories, memory
from tests.servers.openai_faults import Stall
from tests.servers.openai_server import OpenAIServer
from tests.store.world import bytes_on_disk

THREAD = "open:hall/t1"
OTHERS = pytest.mark.parametrize("named", ["hall", "hall/t2", "hall/t1"])
Posting = tuple[Stage, Poster]


@pytest.fixture
async def posted(file: Path, clock: TurnedClock, server: OpenAIServer) -> AsyncIterator[Posting]:
    async with posting(file, clock, server) as both:
        yield both


def at(key: str, space: str = "home") -> Conversation:
    return Conversation("test", space, key)


async def say(stage: Stage, said: IncomingMessage) -> None:
    turn = await stage.core.receive(said)
    assert turn is not None
    await stage.core.answered(turn)


@OTHERS
async def test_what_was_said_in_a_thread_goes_with_all_that_came_from_it(
    posted: Posting, file: Path, server: OpenAIServer, named: str
) -> None:
    stage, _ = posted
    server.on_chat = lambda body: "Quinces are fine."
    server.on_extract = memories(memory("Alice grows quinces."))
    await say(stage, stage.message("I grow quinces", where=THREAD, event="x"))
    await stage.core.settle()
    assert await stage.texts() == ["Alice grows quinces."]
    receipt = await stage.core.deleted(at(named), ["x"])
    assert (len(receipt.memories), receipt.messages) == (1, 2)
    assert await stage.texts() == []
    assert await stage.kept(where=THREAD) == []
    assert b"uinces" not in bytes_on_disk(file)


async def test_the_same_event_elsewhere_stays(stage: Stage) -> None:
    for where in ("open:hallway/t1", "open:lobby", "dm"):
        await say(stage, stage.message("I grow medlars", where=where, event="x"))
    await say(stage, stage.message("I grow medlars", where=THREAD, space="work", event="x"))
    assert (await stage.core.deleted(at("hall"), ["x"])).messages == 0
    for where in ("open:hallway/t1", "open:lobby", "dm"):
        assert [said for said, _ in await stage.kept(where=where)] == ["I grow medlars"]
    assert (await stage.core.deleted(at("hall", "work"), ["x"])).messages == 2


@OTHERS
async def test_a_message_that_ellie_posted_in_a_thread_takes_the_reply(
    posted: Posting, named: str
) -> None:
    stage, _ = posted
    await say(stage, stage.message("What do I grow?", where=THREAD))
    assert (await stage.core.deleted(at(named), ["post1"])).messages == 1
    assert await stage.kept(where=THREAD) == [("What do I grow?", "")]


@OTHERS
@pytest.mark.parametrize("event", ["post1", "x"])
async def test_a_reply_that_is_being_given_in_a_thread_stops(
    posted: Posting, server: OpenAIServer, named: str, event: str
) -> None:
    stage, poster = posted
    await say(stage, stage.message("hello", where="open:lobby"))
    server.fail("chat", Stall(after=1))
    poster.begun.clear()
    poster.posts.clear()
    assert await stage.core.receive(stage.message("And I?", where=THREAD, event="x")) is not None
    async with asyncio.timeout(10):
        await poster.begun.wait()
    await stage.core.deleted(at(named), [event])
    await stage.core.settle()
    assert poster.ends == [(ERASED,)]
    assert [reply for _, reply in await stage.kept(where=THREAD)] == ([""] if event != "x" else [])
    assert await stage.core.unanswered("test") == []


@OTHERS
async def test_what_was_deleted_before_it_was_heard_is_not_written_down(
    stage: Stage, file: Path, server: OpenAIServer, named: str
) -> None:
    await stage.core.deleted(at(named), ["x"])
    for where in ("open:hall", THREAD, "open:hall/t3"):
        said = stage.message("I grow quinces", where=where, event="x")
        assert await stage.core.receive(said) is None
        await stage.core.overhear(said)
        with pytest.raises(CommandError):
            await stage.type("/remember", "bob", where, quoting=said)
        assert await stage.kept(where=where) == []
    assert server.requests == []
    assert b"uinces" not in bytes_on_disk(file)
    await say(stage, stage.message("I grow medlars", where="open:hallway", event="x"))


@OTHERS
async def test_an_edit_is_of_the_message_in_whichever_thread_it_is(
    stage: Stage, file: Path, server: OpenAIServer, named: str
) -> None:
    server.on_extract = memories(memory("Alice grows quinces."))
    said = stage.message("I grow quinces", where=THREAD, event="x")
    await say(stage, said)
    await stage.core.settle()
    server.on_extract = memories(memory("Alice grows medlars."))
    edit = replace(said, text="I grow medlars", conversation=at(named))
    revised = await stage.core.edited(edit)
    assert revised is not None
    await stage.core.settle()
    assert await stage.texts() == ["Alice grows medlars."]
    assert [text for text, _ in await stage.kept(where=THREAD)] == ["I grow medlars"]
    assert await stage.kept(where="open:hall") == []
    assert b"uinces" not in bytes_on_disk(file)
    assert await stage.core.edited(edit) is None


async def test_an_edit_answers_anew_in_the_thread_where_the_answer_is_on_its_way(
    posted: Posting, server: OpenAIServer
) -> None:
    stage, poster = posted
    server.fail("chat", Stall(after=1))
    said = stage.message("is Lyon far?", where=THREAD, event="x")
    turn = await stage.core.receive(said)
    assert turn is not None
    async with asyncio.timeout(10):
        await poster.begun.wait()
    revised = await stage.core.edited(replace(said, text="is Oslo far?", conversation=at("hall")))
    assert revised is not None
    assert revised.turn == turn
    await stage.core.answered(turn)
    assert [one.conversation for one in poster.given] == [at("hall/t1")] * 2
    assert [text for text, _ in await stage.kept(where=THREAD)] == ["is Oslo far?"]


async def test_an_edit_is_answered_in_the_thread_that_an_earlier_process_left(
    file: Path, clock: TurnedClock, server: OpenAIServer
) -> None:
    async with posting(file, clock, server) as (stage, _):
        said = stage.message("is Lyon far?", where=THREAD, event="x")
        assert await stage.store.record(said, 1, urgent=False) is not None
    async with posting(file, clock, server) as (stage, poster):
        edit = replace(said, text="is Oslo far?", conversation=at("hall"))
        revised = await stage.core.edited(edit)
        assert revised is not None
        assert revised.turn is not None
        await stage.core.answered(revised.turn)
        assert [one.conversation for one in poster.given] == [at("hall/t1")]
        assert [one.message.text for one in poster.given] == ["is Oslo far?"]


async def test_an_edit_by_somebody_else_or_elsewhere_changes_nothing(stage: Stage) -> None:
    said = stage.message("I grow quinces", where=THREAD, event="x")
    await say(stage, said)
    edit = replace(said, text="I grow medlars", conversation=at("hall"))
    for other in (
        replace(edit, scope=Scope("test", "home", "bob")),
        replace(edit, conversation=at("hallway")),
        replace(edit, conversation=at("hall", "work"), scope=Scope("test", "work", "alice")),
    ):
        assert await stage.core.edited(other) is None
    assert [text for text, _ in await stage.kept(where=THREAD)] == ["I grow quinces"]


async def test_an_edit_is_of_the_message_in_its_own_conversation_first(stage: Stage) -> None:
    for where in (THREAD, "open:hall", "open:hall/t2"):
        await say(stage, stage.message(f"said in {where}", where=where, event="x"))
    edit = stage.message("edited", where="open:hall/t2", event="x")
    assert await stage.core.edited(edit) is not None
    for where, text in ((THREAD, f"said in {THREAD}"), ("open:hall/t2", "edited")):
        assert [said for said, _ in await stage.kept(where=where)] == [text]
