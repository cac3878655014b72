"""While a person has paused, Ellie answers from the conversation alone and learns nothing."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.errors import CommandError
from bot.ports import Survey
from bot.receipts import ForgetPreview, Paused, PrivacyCard, Resumed
from bot.results import MemoryPage, RecallResult
from bot.text import forms
from bot.types import Private, Scope, TurnId
from tests.conftest import TurnedClock
from tests.core.stage import Stage, last_prompt, memories, memory, opened, place
from tests.servers.openai_calls import calling, note
from tests.servers.openai_server import OpenAIServer
from tests.store.world import bytes_on_disk

ALICE = Scope("test", "home", "alice")


async def test_a_prompt_in_a_pause_holds_history_and_summary_alone(
    file: Path, clock: TurnedClock, server: OpenAIServer
) -> None:
    server.on_chat = lambda body: "Well."
    server.on_summary = lambda body: "They spoke of marmalade."
    async with opened(file, clock, server, ellie_context_budget_tokens=600) as stage:
        await stage.type("/remember My name is Alice and I ride a green Bianchi")
        for number in range(12):
            await stage.say(f"Marmalade number {number} " + "is good " * 20)
        await stage.core.settle()
        server.on_extract = memories(memory("Alice's name is Alice", attribute="name", value="A"))
        await stage.say("What do I ride, a Bianchi?")
        assert "green" in last_prompt(server)
        assert await stage.type("/privacy pause") == Paused(30)
        await stage.say("What do I ride, a Bianchi?")
        prompt = last_prompt(server)
        assert "green" not in prompt
        assert "Nothing about this is remembered" in prompt
        assert "They spoke of marmalade." in prompt
        assert "Alice: Marmalade number 11" in prompt
        assert "has paused" in prompt
        await stage.type("/privacy resume")
        await stage.say("What do I ride, a Bianchi?")
        assert "green" in last_prompt(server)
        assert "has paused" not in last_prompt(server)


async def test_the_profile_stays_out_in_a_pause(stage: Stage, server: OpenAIServer) -> None:
    server.on_extract = memories(memory("Alice is called Lys", attribute="name", value="Lys"))
    await stage.say("Call me Lys")
    await stage.core.settle()
    await stage.type("/new")
    await stage.say("Hello")
    assert "Lys" in last_prompt(server)
    await stage.type("/new")
    await stage.type("/privacy pause")
    await stage.say("Hello")
    assert "Lys" not in last_prompt(server)


async def test_no_tools_are_offered_in_a_pause(
    file: Path, clock: TurnedClock, server: OpenAIServer
) -> None:
    async with opened(file, clock, server, ellie_model_tools=True) as stage:
        await stage.say("Hello")
        assert "tools" in server.asked("chat")[-1].body
        await stage.type("/privacy pause")
        await stage.say("Hello")
        assert "tools" not in server.asked("chat")[-1].body


async def test_a_tool_keeps_nothing_of_what_was_said_in_a_pause_that_has_ended(
    file: Path, clock: TurnedClock, server: OpenAIServer
) -> None:
    async with opened(file, clock, server, ellie_model_tools=True) as stage:
        await stage.type("/privacy pause")
        turn = await stage.store.record(stage.message("I ride a Bianchi"), 5, urgent=False)
        assert turn is not None
        await stage.type("/privacy resume")
        server.on_chat = lambda body: (
            "Well." if body["messages"][-1]["role"] == "tool" else calling(note("I ride a Bianchi"))
        )
        (resumed,) = await stage.core.resume(turn.conversation)
        await stage.core.answered(resumed)
        assert stage.screen.replies == ["Well."]
        assert await stage.texts() == []


async def test_what_is_said_in_a_pause_is_never_consolidated(
    file: Path, clock: TurnedClock, server: OpenAIServer
) -> None:
    server.on_extract = memories(memory("Alice grows quinces"))
    async with opened(file, clock) as quiet:
        await quiet.type("/privacy pause")
        said = await quiet.say("Remember that I grow quinces. I live in Lyon.")
        assert said.startswith("You have paused")
        await quiet.core.settle()
        assert await quiet.texts() == []
        await quiet.type("/privacy resume")
        await quiet.core.settle()
        assert await quiet.texts() == []
        health = await quiet.store.health()
        assert health.unconsolidated == 0
    async with opened(file, clock, server) as stage:  # a model looks at what the notebook did
        await stage.core.settle()
        assert server.asked("extract") == []
        assert await stage.texts() == []


async def test_what_waited_before_the_pause_is_still_consolidated(
    stage: Stage, server: OpenAIServer
) -> None:
    server.on_extract = memories(memory("Alice grows quinces"))
    await stage.say("I grow quinces")
    await stage.type("/privacy pause")
    await stage.say("I grow medlars")
    await stage.core.settle()
    assert await stage.texts() == ["Alice grows quinces"]
    assert all("medlars" not in str(asked.body) for asked in server.asked("extract"))


async def test_what_is_said_in_a_pause_is_in_no_summary_and_folding_goes_on_afterwards(
    file: Path, clock: TurnedClock, server: OpenAIServer
) -> None:
    async with opened(file, clock, server, ellie_context_budget_tokens=600) as stage:
        await stage.say("First " + "is good " * 30)
        await stage.type("/privacy pause")
        await stage.say("Secret quinces " + "are good " * 30)
        await stage.type("/privacy resume")
        for number in range(6):
            await stage.say(f"Number {number} " + "is good " * 30)
        await stage.core.settle()
        assert all("quinces" not in str(asked.body) for asked in server.asked("summary"))
        folded = len(server.asked("summary"))
        clock.turn(minutes=31)
        await stage.core.settle()
        await stage.core.settle()
        asked = server.asked("summary")
        assert len(asked) > folded
        assert "Number 0" in str(asked[-1].body)
        assert all("quinces" not in str(one.body) for one in asked)


async def test_what_is_said_in_a_pause_is_gone_after_the_minutes_with_what_was_made_of_it(
    file: Path, clock: TurnedClock, server: OpenAIServer
) -> None:
    server.on_chat = lambda body: (
        "Your quinces, then." if "quinces" in str(body["messages"]) else "Well."
    )
    async with opened(file, clock, server, ellie_pause_keep_minutes=5) as stage:
        await stage.type("/privacy pause", where="open:hall")
        await stage.say("I grow quinces", where="open:hall")
        await stage.say("And what was that?", user="bob", where="open:hall")
        await stage.say("Never mind", where="open:hall")
        clock.turn(minutes=4)
        await stage.consolidation.step()
        assert b"uinces" in bytes_on_disk(file)
        clock.turn(minutes=2)
        await stage.consolidation.step()
        kept = await stage.kept("bob", "open:hall")
        assert kept == [("And what was that?", "")]  # its prompt held what is gone
        assert b"uinces" not in bytes_on_disk(file)
        assert b"Never mind" not in bytes_on_disk(file)


async def test_what_a_pause_left_is_erased_at_start(
    file: Path, clock: TurnedClock, server: OpenAIServer
) -> None:
    async with opened(file, clock, server) as stage:
        await stage.type("/privacy pause")
        await stage.say("I grow quinces")
    assert b"uinces" in bytes_on_disk(file)
    clock.turn(hours=1)
    async with opened(file, clock, server) as stage:
        await stage.consolidation.step()  # behind the worker's first: one does it
        assert b"uinces" not in bytes_on_disk(file)


async def test_what_is_said_in_a_pause_is_not_indexed_and_lends_nothing(
    file: Path, clock: TurnedClock, server: OpenAIServer
) -> None:
    async with opened(file, clock, server) as stage:
        await stage.say("I grow medlars", user="bob", where="open:hall")
        await stage.type("/privacy pause", where="open:hall")
        await stage.say("I grow quinces", where="open:hall")
        conversation, audience = place("open:hall", "bob")

        async def survey(user: str) -> Survey:
            scope = Scope("test", "home", user)
            return await stage.store.survey(scope, audience, forms("quinces"), [], conversation)

        for user in ("alice", "bob"):
            found = await survey(user)
            assert len(found.ids) == 1  # Bob's
            assert not any(found.words)
        assert (await stage.store.counts(ALICE)).vectors == 0


async def test_a_question_in_a_pause_is_offered_for_forgetting_by_no_id(stage: Stage) -> None:
    await stage.type("/privacy pause")
    await stage.say("I grow quinces")
    turn = (await stage.store.history(
        place("dm", "alice")[0], Private(), ALICE, TurnId(2**40), None
    ))[0][1]  # fmt: skip
    assert await stage.store.keep_verbatim(ALICE, turn.said.id) is None


async def test_in_a_pause_remember_is_refused_and_the_other_commands_work(stage: Stage) -> None:
    await stage.type("/remember I grow quinces")
    await stage.type("/privacy pause")
    with pytest.raises(CommandError, match=r"^You have paused: .* /privacy resume\.$"):
        await stage.type("/remember I grow medlars")
    assert isinstance(found := await stage.type("/recall quinces"), RecallResult)
    assert len(found.found) == 1
    assert isinstance(page := await stage.type("/memories"), MemoryPage)
    assert page.total == 1
    assert isinstance(await stage.type("/forget quinces"), ForgetPreview)
    assert isinstance(card := await stage.type("/privacy"), PrivacyCard)
    assert card.spaces[0].paused
    await stage.type("/forget m1")
    assert await stage.texts() == []


async def test_a_pause_is_of_one_person_in_one_space(stage: Stage, server: OpenAIServer) -> None:
    await stage.type("/privacy pause")
    for user, space in (("bob", "home"), ("alice", "work")):
        await stage.type("/remember I grow quinces", user, space=space)
        await stage.say("What do I grow? Quinces?", user, space=space)
        assert "I grow quinces" in last_prompt(server)


async def test_pausing_twice_and_resuming_without_a_pause_say_so(stage: Stage) -> None:
    with pytest.raises(CommandError, match="You have not paused"):
        await stage.type("/privacy resume")
    await stage.type("/privacy pause")
    with pytest.raises(CommandError, match="You have paused already"):
        await stage.type("/privacy pause")
    assert await stage.type("/privacy resume") == Resumed()
    with pytest.raises(CommandError, match="You have not paused"):
        await stage.type("/privacy resume")


async def test_new_starts_afresh_in_a_pause_too(stage: Stage, server: OpenAIServer) -> None:
    await stage.type("/privacy pause")
    await stage.say("I grow quinces")
    await stage.say("And?")
    assert "quinces" in last_prompt(server)
    await stage.type("/new")
    await stage.say("And?")
    assert "quinces" not in last_prompt(server)


async def test_what_is_edited_in_a_pause_is_like_what_is_said_in_one(
    stage: Stage, server: OpenAIServer, clock: TurnedClock, file: Path
) -> None:
    server.on_extract = memories(memory("Alice grows medlars"))
    said = stage.message("I grow quinces", event="x")
    turn = await stage.core.receive(said)
    assert turn is not None
    await stage.core.answered(turn)
    await stage.type("/privacy pause")
    await stage.core.edited(replace(said, text="I grow medlars"))
    await stage.core.settle()
    assert server.asked("extract") == []
    assert await stage.texts() == []
    survey = await stage.store.survey(ALICE, Private(), forms("medlars"), [], None)
    assert not any(survey.words)
    clock.turn(minutes=30)
    await stage.consolidation.step()
    assert b"medlars" not in bytes_on_disk(file)


async def test_what_was_said_in_a_pause_and_edited_later_is_still_not_learnt(
    stage: Stage, server: OpenAIServer
) -> None:
    await stage.type("/privacy pause")
    said = stage.message("I grow quinces", event="x")
    turn = await stage.core.receive(said)
    assert turn is not None
    await stage.core.answered(turn)
    await stage.type("/privacy resume")
    await stage.core.edited(replace(said, text="I grow medlars"))
    await stage.core.settle()
    assert server.asked("extract") == []
