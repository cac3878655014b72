"""The path of one message: order, failures, limits, and what never gets lost."""

import asyncio
import logging
from pathlib import Path

import pytest

from bot import turns
from bot.errors import PlatformRefused, PlatformUnavailable
from bot.notices import NOTEBOOK_NOTICE, STOPPED
from tests.conftest import TurnedClock
from tests.core.stage import Stage, last_prompt, opened, place
from tests.servers.openai_faults import (
    Stall,
)
from tests.servers.openai_server import Body, OpenAIServer, last_user_text


async def test_a_conversation_is_answered_in_order(stage: Stage, server: OpenAIServer) -> None:
    server.on_chat = lambda body: f"re {last_user_text(body).split(': ')[-1]}"
    started = [await stage.start(f"n{number}") for number in range(5)]
    for turn in started:
        await stage.core.answered(turn)
    assert stage.screen.replies == [f"re n{number}" for number in range(5)]


async def test_the_next_turn_of_a_conversation_begins_when_the_one_before_is_over(
    stage: Stage, server: OpenAIServer
) -> None:
    server.fail("chat", Stall(after=1))
    first = await stage.start("first")
    second = await stage.start("second")
    await stage.screen.begun.wait()
    await stage.say("meanwhile", user="bob")  # time enough for the second, if it did not wait
    assert [last_user_text(r.body).split(": ")[-1] for r in server.asked("chat")] == [
        "first", "meanwhile",
    ]  # fmt: skip
    server.release.set()
    for turn in (first, second):
        await stage.core.answered(turn)
    assert "You said" in last_prompt(server)  # the second knows the first reply


async def test_a_stalled_conversation_does_not_hold_up_another(
    stage: Stage, server: OpenAIServer
) -> None:
    server.fail("chat", Stall(after=1))
    stalled = await stage.start("I wait", user="alice")
    await stage.screen.begun.wait()
    async with asyncio.timeout(10):
        await stage.say("I do not", user="bob")
    assert stage.screen.replies[-1].endswith("I do not")
    server.release.set()
    await stage.core.answered(stalled)


async def test_no_more_conversations_than_allowed_are_answered_at_once(
    file: Path, clock: TurnedClock, server: OpenAIServer
) -> None:
    server.fail("chat", Stall(after=1))
    async with opened(file, clock, server, ellie_max_concurrent_turns=1) as stage:
        first = await stage.start("one", user="alice")
        await stage.screen.begun.wait()
        second = await stage.start("two", user="bob")
        await stage.store.health()
        assert len(server.asked("chat")) == 1
        server.release.set()
        for turn in (first, second):
            await stage.core.answered(turn)
        assert len(server.asked("chat")) == 2


async def test_an_event_that_comes_twice_is_answered_once(stage: Stage) -> None:
    twice = stage.message("Hello", event="e1")
    first = await stage.core.receive(twice)
    assert first is not None
    assert await stage.core.receive(twice) is None
    await stage.core.answered(first)
    assert await stage.core.receive(twice) is None
    assert len(stage.screen.replies) == 1


async def test_a_stopped_reply_is_kept_and_marked_and_its_request_ends(
    stage: Stage, server: OpenAIServer
) -> None:
    server.fail("chat", Stall(after=2))
    turn = await stage.start("Tell me everything")
    await stage.screen.begun.wait()
    await stage.core.cancel(place("dm", "alice")[0])
    await stage.core.answered(turn)
    ((_, reply),) = await stage.kept()
    assert reply.startswith("You")
    assert reply.endswith(STOPPED)
    async with asyncio.timeout(10):
        await server.gone.wait()
    assert "everything" in await stage.say("Tell me everything again")


async def test_stopping_where_nothing_is_answered_does_nothing(stage: Stage) -> None:
    await stage.core.cancel(place("dm", "alice")[0])
    assert await stage.say("Hello")


async def test_a_spent_daily_budget_is_answered_politely_until_the_next_day(
    file: Path, clock: TurnedClock, server: OpenAIServer
) -> None:
    async with opened(file, clock, server, ellie_daily_tokens_per_user=1) as stage:
        assert "You said" in await stage.say("first")
        assert "budget" in await stage.say("second")
        assert "You said" in await stage.say("another person", user="bob")
        assert len(server.asked("chat")) == 2
        clock.turn(days=1)
        assert "You said" in await stage.say("third")
        assert "second" in last_prompt(server)  # what was said meanwhile is not lost


async def test_tokens_are_recorded_by_scope_and_day(stage: Stage, server: OpenAIServer) -> None:
    alice, bob = (stage.message("", user).scope for user in ("alice", "bob"))
    await stage.say("Hello")
    today = await stage.store.tokens_today(alice, stage.clock())
    asked = server.asked("chat")[0].body
    assert today > len(str(asked["messages"])) / 10
    assert await stage.store.tokens_today(bob, stage.clock()) == 0
    stage.clock.turn(days=1)
    assert await stage.store.tokens_today(alice, stage.clock()) == 0


async def test_the_notebook_says_what_it_is_once_a_scope_also_over_restarts(
    file: Path, clock: TurnedClock
) -> None:
    said = []
    for _ in range(2):
        async with opened(file, clock) as stage:
            said += [await stage.say("Hello"), await stage.say("Hello again")]
            said.append(await stage.say("Hello", user="bob"))
    assert [NOTEBOOK_NOTICE in line for line in said] == [True, False, True] + [False] * 3


async def test_a_notice_enters_no_history(file: Path, clock: TurnedClock) -> None:
    async with opened(file, clock) as stage:
        await stage.say("Hello")
        assert NOTEBOOK_NOTICE not in str(await stage.kept())


@pytest.mark.parametrize(
    "error", [PlatformUnavailable(), PlatformRefused(), OSError("gone"), TimeoutError()], ids=repr
)
async def test_a_platform_that_fails_does_not_end_ellie(stage: Stage, error: Exception) -> None:
    stage.screen.fault = lambda: error
    await stage.say("Hello")
    stage.screen.fault = lambda: None
    assert "Still there?" in await stage.say("Still there?")
    assert [said for said, _ in await stage.kept()] == ["Hello", "Still there?"]


async def test_a_mistake_of_our_own_is_a_sentence_and_its_text_is_not_logged(
    stage: Stage, server: OpenAIServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    faults = iter([KeyError("marmalade")])
    stage.screen.fault = lambda: next(faults, None)
    assert "Something went wrong" in await stage.say("I love marmalade")
    assert "KeyError" in caplog.text
    assert "marmalade" not in caplog.text
    assert "marmalade" in await stage.say("What do I love? marmalade?")


async def test_what_an_earlier_process_left_unanswered_is_answered_oldest_first(
    file: Path, clock: TurnedClock, server: OpenAIServer
) -> None:
    async with opened(file, clock, server) as stage:
        for text in ("one", "two"):
            await stage.store.record(stage.message(text), 1, urgent=False)
    async with opened(file, clock, server) as stage:
        conversation, _ = place("dm", "alice")
        left = await stage.core.resume(conversation)
        assert await stage.core.resume(conversation) == []
        for turn in left:
            await stage.core.answered(turn)
        assert [reply.split(": ")[-1] for reply in stage.screen.replies] == ["one", "two"]
        assert await stage.core.resume(conversation) == []


async def test_stopping_waits_only_so_long_and_the_rest_is_answered_after_the_next_start(
    file: Path, clock: TurnedClock, server: OpenAIServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "DRAIN_SECONDS", 0.1)
    server.fail("chat", Stall(after=1))
    async with opened(file, clock, server) as stage:
        await stage.start("Hello")
        await stage.screen.begun.wait()
    async with opened(file, clock, server) as stage:
        (turn,) = await stage.core.resume(place("dm", "alice")[0])
        await stage.core.answered(turn)
        assert stage.screen.replies == ["You said: " + last_user_text(server.requests[-1].body)]


async def test_every_speaker_of_a_channel_is_named_in_the_prompt(
    stage: Stage, server: OpenAIServer
) -> None:
    def answer(body: Body) -> str:
        return "Fine."

    server.on_chat = answer
    await stage.say("I am late", user="bob", where="open:general")
    await stage.say("Who is late?", user="alice", where="open:general")
    roles = [(m["role"], m["content"]) for m in server.asked("chat")[-1].body["messages"]]
    assert roles[1:3] == [("user", "Bob: I am late"), ("assistant", "Fine.")]
    assert roles[3][1].endswith("Alice: Who is late?")


async def test_the_notebook_quotes_nothing_as_current_that_a_later_message_changed(
    file: Path, clock: TurnedClock
) -> None:
    async with opened(file, clock) as stage:
        await stage.say("Hi, I'm Alex and I live in Lyon.")
        clock.turn(days=1)
        await stage.say("I moved to Oslo.")
        assert "Lyon" not in await stage.say("Where do I live?")
        assert "(until 2026-03-03)" in await stage.say("Where did I live before?")
