"""What platforms post: replied to, asked about, taken back, and found after a crash."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.errors import CommandError, PlatformUnavailable
from bot.ports import ERASED
from bot.receipts import Receipt
from bot.results import Why
from tests.conftest import TurnedClock
from tests.core.poster import Poster, posting
from tests.core.stage import Stage, last_prompt, memories, memory, opened, place
from tests.servers.openai_faults import Cut, Stall, context_too_long
from tests.servers.openai_server import OpenAIServer, last_user_text

HALL = "open:hall"
Posting = tuple[Stage, Poster]


@pytest.fixture
async def posted(file: Path, clock: TurnedClock, server: OpenAIServer) -> AsyncIterator[Posting]:
    async with posting(file, clock, server) as both:
        yield both


async def say(
    stage: Stage, text: str, to: str | None = None, user: str = "alice", event: str | None = None
) -> None:
    said = replace(stage.message(text, user, HALL, event=event), reply_to=to)
    turn = await stage.core.receive(said)
    assert turn is not None
    await stage.core.answered(turn)


async def hold(stage: Stage, server: OpenAIServer, text: str, user: str = "alice") -> None:
    """Say something whose reply stops after its first piece."""
    server.fail("chat", Stall(after=1))
    stage.screen.begun.clear()
    await stage.core.receive(stage.message(text, user, HALL, event=f"of {text}"))
    await stage.screen.begun.wait()


async def over(stage: Stage) -> None:
    await stage.core.settle()


# --- chains of replies


async def test_the_prompt_of_a_reply_holds_its_chain_and_nothing_beside_it(
    posted: Posting, server: OpenAIServer
) -> None:
    stage, _ = posted
    server.on_chat = lambda body: f"re {last_user_text(body).split(': ')[-1]}"
    await say(stage, "I grow quinces")
    await say(stage, "I sail boats", user="bob")
    await say(stage, "which ones?", "post1", user="carol")
    prompt = [message["content"] for message in server.asked("chat")[-1].body["messages"]]
    assert prompt[1:3] == ["Alice: I grow quinces", "re I grow quinces"]
    assert len(prompt) == 4
    assert "boats" not in last_prompt(server)
    await say(stage, "and now?", user="carol")
    assert "boats" in last_prompt(server)


async def test_a_reply_to_what_nobody_knows_has_the_usual_history(
    posted: Posting, server: OpenAIServer
) -> None:
    stage, _ = posted
    await say(stage, "I grow quinces")
    await say(stage, "which ones?", "unheard", user="bob")
    assert "I grow quinces" in last_prompt(server)


async def test_a_chain_that_is_all_gone_has_the_usual_history(
    posted: Posting, server: OpenAIServer
) -> None:
    stage, _ = posted
    await say(stage, "I grow quinces", event="e")
    await say(stage, "I sail boats", user="bob")
    await stage.core.deleted(place(HALL, "alice")[0], ["e"])
    await say(stage, "which ones?", "e", user="carol")
    assert "boats" in last_prompt(server)
    assert "quinces" not in last_prompt(server)


async def test_why_counts_the_turns_of_a_chain(posted: Posting, server: OpenAIServer) -> None:
    stage, _ = posted
    for text in ("I grow quinces", "I sail boats", "I like tea"):
        await say(stage, text)
    await say(stage, "which ones?", "post1")
    await say(stage, "why?", "post4")
    why = await stage.type("/why", where=HALL)
    assert isinstance(why, Why)
    assert why.history == 2
    assert {message.text for message in why.messages}.isdisjoint({"I grow quinces", "which ones?"})


async def test_why_counts_what_of_a_chain_had_room(
    file: Path, clock: TurnedClock, server: OpenAIServer
) -> None:
    async with posting(file, clock, server) as (stage, _):
        for number in range(30):
            await say(stage, "quince " * 150, f"post{number}", "bob")
        await say(stage, "which ones?", "post30")
        held = len(server.asked("chat")[-1].body["messages"]) // 2 - 1
        why = await stage.type("/why", where=HALL)
        assert isinstance(why, Why)
        assert why.history == held
        assert 0 < held < 30


async def test_forgetting_reaches_the_replies_along_a_chain(
    posted: Posting, server: OpenAIServer
) -> None:
    stage, _ = posted
    server.on_chat = lambda body: "Mild ones."
    await say(stage, "I grow quinces", event="e")
    await say(stage, "which ones?", "e", user="bob")
    await say(stage, "really?", "post2", user="bob")
    await say(stage, "hello", "unheard", user="carol")
    await stage.core.deleted(place(HALL, "alice")[0], ["e"])
    kept = [reply for _, reply in await stage.kept(where=HALL)]
    assert kept == ["", "", ""]  # the last had all of it as its history


# --- why


async def test_a_person_asks_why_of_any_answer_to_them(
    posted: Posting, server: OpenAIServer
) -> None:
    stage, _ = posted
    server.on_extract = memories(memory("Alice grows quinces"))
    await say(stage, "I grow quinces")
    await stage.core.settle()
    await stage.type("/new", where=HALL)
    await say(stage, "what do I grow?")
    await stage.type("/new", where=HALL)
    await say(stage, "hello")
    why = await stage.type("/why", where=HALL, about="post2")
    assert isinstance(why, Why)
    assert [one.text for one in why.memories] == ["Alice grows quinces"]
    with pytest.raises(CommandError, match="only whom I answered can ask why"):
        await stage.type("/why", "bob", HALL, about="post2")
    with pytest.raises(CommandError, match="do not know that message"):
        await stage.type("/why", where=HALL, about="post9")


async def test_of_an_answer_that_was_forgotten_nothing_is_told(posted: Posting) -> None:
    stage, _ = posted
    await say(stage, "I grow quinces")
    await stage.type("/forget last", where=HALL)
    with pytest.raises(CommandError, match="keep nothing of that answer"):
        await stage.type("/why", where=HALL, about="post1")


# --- taken back, and given again


async def test_a_forgotten_reply_is_taken_back_and_a_stopped_one_stays(
    posted: Posting, server: OpenAIServer
) -> None:
    stage, poster = posted
    await say(stage, "I grow quinces", event="e")
    await hold(stage, server, "what do I grow?")
    await stage.core.deleted(place(HALL, "alice")[0], ["e"])
    await over(stage)
    assert poster.ends == [(ERASED,)]
    await hold(stage, server, "and now?")
    await stage.core.cancel(place(HALL, "alice")[0])
    await over(stage)
    assert poster.ends == [(ERASED,), ()]
    assert [reply for _, reply in await stage.kept(where=HALL)] == ["", "You [stopped]"]


async def test_a_posted_message_that_is_deleted_takes_the_reply(posted: Posting) -> None:
    stage, _ = posted
    await say(stage, "I grow quinces")
    receipt = await stage.core.deleted(place(HALL, "alice")[0], ["post1"])
    assert receipt.messages == 1
    assert await stage.kept(where=HALL) == [("I grow quinces", "")]


async def test_a_reply_whose_message_is_deleted_while_it_comes_is_stopped(
    posted: Posting, server: OpenAIServer
) -> None:
    stage, poster = posted
    await hold(stage, server, "what do I grow?")
    await stage.core.deleted(place(HALL, "alice")[0], ["post1"])
    await over(stage)
    assert poster.ends == [(ERASED,)]
    assert await stage.kept(where=HALL) == [("what do I grow?", "")]
    assert await stage.core.unanswered("test") == []


async def test_an_edited_message_is_answered_anew_as_if_nothing_was_posted(
    posted: Posting, server: OpenAIServer
) -> None:
    stage, poster = posted
    await hold(stage, server, "what do I grow?")
    edited = stage.message("what do I sail?", where=HALL, event="of what do I grow?")
    assert await stage.core.edited(edited) is not None
    await over(stage)
    assert [(turn.message.text, turn.shown) for turn in poster.given] == [
        ("what do I grow?", ()),
        ("what do I sail?", ()),
    ]
    await stage.core.deleted(place(HALL, "alice")[0], ["post1"])  # as the platform took it back
    assert [reply for _, reply in await stage.kept(where=HALL)] != [""]


async def test_what_went_wrong_is_told_where_the_reply_began(
    posted: Posting, server: OpenAIServer
) -> None:
    stage, poster = posted
    server.fail("chat", Cut(after=1))
    poster.fault = lambda: PlatformUnavailable("Away.") if len(poster.given) == 1 else None
    await say(stage, "hello")
    assert [turn.shown for turn in poster.given] == [(), ("post1",)]


async def test_a_prompt_that_was_too_long_is_given_again_where_it_began(
    posted: Posting, server: OpenAIServer
) -> None:
    stage, poster = posted
    server.fail("chat", context_too_long())
    await say(stage, "hello")
    assert [turn.shown for turn in poster.given] == [(), ("post1",)]


async def test_after_a_crash_a_turn_knows_what_was_posted_of_it(
    file: Path, clock: TurnedClock, server: OpenAIServer
) -> None:
    server.fail("chat", Stall(after=1))
    async with posting(file, clock, server) as (stage, poster):
        await stage.core.receive(stage.message("hello", where=HALL))
        await poster.begun.wait()
        for task in list(stage.core._running):
            task.cancel()
    server.heal()
    async with posting(file, clock, server) as (stage, poster):
        (where,) = await stage.core.unanswered("test")
        assert where == place(HALL, "alice")[0]
        (turn,) = await stage.core.resume(where)
        assert await stage.core.unanswered("test") == []
        await stage.core.answered(turn)
        assert [given.shown for given in poster.given] == [("post1",)]
        assert await stage.core.takes_part(where)
        clock.turn(seconds=9)
        await stage.core.shown(turn, "post2")
        assert await stage.core.active("test", clock()) == [(where, "post2")]
    server.release.set()


async def test_a_channel_that_is_gone_stops_what_is_said_there(
    posted: Posting, server: OpenAIServer
) -> None:
    stage, poster = posted
    await say(stage, "I grow quinces")
    await hold(stage, server, "what do I grow?")
    receipt = await stage.core.channel_gone("test", "home", "hall")
    assert isinstance(receipt, Receipt)
    assert receipt.messages == 3
    await over(stage)
    assert poster.ends == [(ERASED,)]
    assert await stage.kept(where=HALL) == []


async def test_a_flood_of_deletions_and_replies_leaves_nothing_waiting(
    file: Path, clock: TurnedClock, server: OpenAIServer
) -> None:
    async with posting(file, clock, server) as (stage, _):
        async with asyncio.timeout(20), asyncio.TaskGroup() as group:
            for number in range(30):
                said = stage.message(
                    f"line {number}", where=f"open:{number % 3}", event=f"e{number}"
                )
                group.create_task(stage.core.receive(said))
                group.create_task(stage.core.deleted(said.conversation, [said.event_id]))
        await stage.core.settle()
        assert await stage.core.unanswered("test") == []
    async with opened(file, clock, server) as stage:
        assert (await stage.store.health()).unanswered == 0
