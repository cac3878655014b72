"""People of other organisations are answered from the conversation, and nothing of it is kept."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.errors import CommandError
from bot.notices import WELCOME
from bot.receipts import Exported, ForgetPreview, OptedOut, PrivacyCard
from bot.results import CommandResult, FreshHistory, Help
from bot.text import forms
from bot.types import Channel, IncomingMessage, Reach, Scope
from tests.conftest import TurnedClock
from tests.core.stage import Screen, Stage, last_prompt, memories, memory, opened, place, sent
from tests.servers.openai_server import OpenAIServer
from tests.store.world import bytes_on_disk

OTTO = Scope("test", "home", "otto")
JOINT = "closed:joint"


def message(
    stage: Stage, text: str, where: str = JOINT, user: str = "otto", event: str | None = None
) -> IncomingMessage:
    said = stage.message(text, user, where, event=event)
    return replace(said, outsider=user == "otto", reach=Reach.NOTHING)


async def say(stage: Stage, text: str, where: str = JOINT, user: str = "otto") -> str:
    """Say something and wait for the reply; Otto is the outsider."""
    turn = await stage.core.receive(message(stage, text, where, user))
    assert turn is not None
    await stage.core.answered(turn)
    return stage.screen.replies[-1]


async def type_line(stage: Stage, line: str, where: str = JOINT) -> CommandResult:
    return await stage.core.command(replace(stage.typed(line, "otto", where), outsider=True))


async def test_an_outsider_is_answered_from_the_conversation_alone(
    file: Path, clock: TurnedClock, server: OpenAIServer
) -> None:
    server.on_chat = lambda body: "Well."
    async with opened(file, clock, server, ellie_model_tools=True) as stage:
        await stage.type("/remember --shared The quince is at nine", "mia", manages=True)
        await stage.type("/remember A quince of Otto's", "otto")  # of when he was a member
        await say(stage, "Ours is the red quince", user="alice")
        await say(stage, "And the quince?")
        prompt = last_prompt(server)
        assert "red quince" in prompt
        assert "at nine" not in prompt
        assert "of Otto's" not in prompt
        assert "Whom you answer is of another organisation" in prompt
        assert "paused" not in prompt
        assert "tools" not in server.asked("chat")[-1].body


async def test_whatever_the_reach_an_outsider_is_told_nothing_that_is_kept(
    stage: Stage, server: OpenAIServer
) -> None:
    await stage.type("/remember --shared The quince is at nine", "mia", manages=True)
    turn = await stage.core.receive(replace(message(stage, "quince?"), reach=Reach.ALL))
    assert turn is not None
    await stage.core.answered(turn)
    assert "at nine" not in last_prompt(server)


async def test_nothing_is_learnt_from_an_outsider_and_members_are_learnt_from_beside(
    stage: Stage, server: OpenAIServer
) -> None:
    server.on_extract = memories(memory("Alice grows medlars"))
    await say(stage, "Remember that I grow quinces")
    await say(stage, "I grow medlars", user="alice")
    assert await stage.core.settle() == (1, 0)
    assert [("uinces" in sent(one.body)) for one in server.asked("extract")] == [False]
    assert await stage.texts() == ["Alice grows medlars"]
    assert await stage.texts("otto") == []
    assert (await stage.store.health()).unconsolidated == 0


async def test_the_notebook_learns_nothing_from_an_outsider_and_says_so(quiet: Stage) -> None:
    assert await say(quiet, "I grow quinces") == "You are a visitor: I keep none of that." + (
        "\n(I have no language model, so I serve from my notebook: I note plain statements and "
        "answer by quoting them. The README says how to give me a model.)"
    )
    assert await quiet.texts("otto") == []


async def test_what_an_outsider_says_is_not_indexed_and_lends_nothing(stage: Stage) -> None:
    await say(stage, "I grow quinces")
    await say(stage, "I grow medlars", user="alice")
    conversation, audience = place(JOINT, "alice")
    for user in ("otto", "alice"):
        scope = Scope("test", "home", user)
        found = await stage.store.survey(scope, audience, forms("quinces"), [], conversation)
        assert len(found.ids) == 1  # Alice's
        assert not any(found.words)


async def test_what_an_outsider_said_is_gone_after_the_minutes_with_what_was_made_of_it(
    file: Path, clock: TurnedClock, server: OpenAIServer
) -> None:
    server.on_chat = lambda body: (
        "Your quinces, then." if "quinces" in str(body["messages"]) else "Well."
    )
    async with opened(file, clock, server, ellie_pause_keep_minutes=5) as stage:
        await say(stage, "I grow quinces")
        await say(stage, "And what was that?", user="alice")
        clock.turn(minutes=4)
        await stage.consolidation.step()
        assert b"uinces" in bytes_on_disk(file)
        clock.turn(minutes=2)
        await stage.consolidation.step()
        assert await stage.kept("alice", JOINT) == [("And what was that?", "")]
        assert b"uinces" not in bytes_on_disk(file)


async def test_what_an_outsider_says_is_in_no_summary(
    file: Path, clock: TurnedClock, server: OpenAIServer
) -> None:
    async with opened(file, clock, server, ellie_context_budget_tokens=600) as stage:
        for number in range(4):
            await say(stage, f"Number {number} " + "is good " * 30, user="alice")
        await say(stage, "My quinces " + "are good " * 30)
        for number in range(6):
            await say(stage, f"Later {number} " + "is good " * 30, user="alice")
        await stage.core.settle()
        assert server.asked("summary")
        assert all("quinces" not in str(one.body) for one in server.asked("summary"))


async def test_an_outsider_who_is_overheard_is_kept_as_shortly(
    stage: Stage, clock: TurnedClock, file: Path
) -> None:
    await stage.core.overhear(message(stage, "I grow quinces"))
    assert await stage.kept("alice", JOINT) == [("I grow quinces", "")]
    clock.turn(minutes=31)
    await stage.consolidation.step()
    assert b"uinces" not in bytes_on_disk(file)


async def test_what_was_overheard_of_an_outsider_and_is_addressed_now_stays_short(
    stage: Stage, server: OpenAIServer, clock: TurnedClock, file: Path
) -> None:
    said = message(stage, "I grow quinces")
    await stage.core.overhear(replace(said, outsider=False))
    turn = await stage.core.receive(said)
    assert turn is not None
    await stage.core.answered(turn)
    await stage.core.settle()
    assert server.asked("extract") == []
    clock.turn(minutes=31)
    await stage.consolidation.step()
    assert b"uinces" not in bytes_on_disk(file)


async def test_what_an_outsider_edits_is_like_what_they_say(
    stage: Stage, server: OpenAIServer, clock: TurnedClock, file: Path
) -> None:
    said = message(stage, "I grow quinces", event="e1")
    turn = await stage.core.receive(replace(said, outsider=False))  # not known to be one yet
    assert turn is not None
    await stage.core.answered(turn)
    await stage.core.edited(replace(said, text="I grow medlars"))
    await stage.core.settle()
    assert server.asked("extract") == []
    survey = await stage.store.survey(OTTO, Channel("joint"), forms("medlars"), [], None)
    assert not any(survey.words)
    clock.turn(minutes=31)
    await stage.consolidation.step()
    assert b"edlars" not in bytes_on_disk(file)


async def test_that_one_is_an_outsider_outlives_a_crash(
    file: Path, clock: TurnedClock, server: OpenAIServer
) -> None:
    async with opened(file, clock, server) as stage:
        await stage.type("/remember A quince of Otto's", "otto")
        asked = replace(message(stage, "And the quince?", "dm"), reach=Reach.ALL)
        assert await stage.store.record(asked, 2, urgent=False) is not None
    async with opened(file, clock, server) as stage:
        (turn,) = await stage.store.pending(asked.conversation)
        assert (turn.reach, turn.outsider) == (Reach.ALL, True)
        for one in await stage.core.resume(asked.conversation):
            await stage.core.answered(one)
        assert "of Otto's" not in last_prompt(server)


async def test_the_line_for_new_people_promises_an_outsider_nothing(
    file: Path, clock: TurnedClock, server: OpenAIServer
) -> None:
    screen = Screen(welcomes=True)
    async with opened(file, clock, server, screen=screen) as stage:
        await say(stage, "Hello")
        await say(stage, "Hello", user="alice")
        assert [WELCOME in reply for reply in screen.replies] == [False, True]


KEEPING = ("/remember I grow quinces", "/recall quinces", "/recall", "/memories",
           "/memories shared", "/memories m1", "/memories edit m1 tea", "/memories promote m1",
           "/memories about Sarah", "/memories undo", "/memories everywhere", "/why",
           "/recall everywhere")  # fmt: skip


@pytest.mark.parametrize("line", KEEPING)
async def test_no_command_of_an_outsider_keeps_or_recalls(stage: Stage, line: str) -> None:
    await stage.type("/remember A quince of Otto's", "otto")
    with pytest.raises(CommandError) as caught:
        await type_line(stage, line, "dm")
    assert str(caught.value) == "You are not of this workspace: I keep nothing of what you say."
    assert await stage.texts("otto") == ["A quince of Otto's"]


async def test_the_rights_of_an_outsider_are_those_of_everybody(stage: Stage) -> None:
    await stage.type("/remember A quince of Otto's", "otto")
    assert isinstance(await type_line(stage, "/privacy"), PrivacyCard)
    assert isinstance(await type_line(stage, "/help"), Help)
    assert isinstance(await type_line(stage, "/new"), FreshHistory)
    assert isinstance(await type_line(stage, "/privacy export"), Exported)
    assert isinstance(await type_line(stage, "/forget quince"), ForgetPreview)
    await type_line(stage, "/forget m1")
    assert await stage.texts("otto") == []
    await say(stage, "I grow medlars")
    await type_line(stage, "/forget last")
    assert await stage.kept("otto", JOINT) == []
    assert isinstance(await type_line(stage, "/privacy opt-out"), OptedOut)
    assert await stage.core.receive(message(stage, "Hello?")) is None


async def test_nobody_keeps_what_an_outsider_said(stage: Stage, file: Path) -> None:
    never_heard = message(stage, "The launch is in May")
    heard = message(stage, "The end is in June")
    await stage.core.receive(heard)
    for said in (never_heard, heard):
        with pytest.raises(CommandError, match="I do not keep that message"):
            await stage.type("/remember", where=JOINT, quoting=said)
    assert await stage.texts() == []
    assert b"launch" not in bytes_on_disk(file)


async def test_an_outsider_is_offered_nothing_of_what_is_kept(stage: Stage) -> None:
    await stage.type("/remember A quince of Otto's", "otto")

    async def offered(line: str) -> list[str]:
        typed = replace(stage.typed(line, "otto"), outsider=True)
        return [one.argument for one in await stage.core.suggest(typed, 25)]

    assert await offered("/memories ") == []
    assert await offered("/recall ") == []
    assert "m1" in await offered("/forget ")
    assert "opt-out" in await offered("/privacy ")


async def test_being_an_outsider_ends_with_being_one(stage: Stage, server: OpenAIServer) -> None:
    server.on_extract = memories(memory("Otto grows medlars"))
    await say(stage, "I grow quinces")
    await stage.say("I grow medlars", "otto", JOINT)
    await stage.core.settle()
    assert await stage.texts("otto") == ["Otto grows medlars"]
    assert "quinces" not in sent(server.asked("extract")[-1].body)
