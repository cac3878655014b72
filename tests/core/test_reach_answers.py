"""The reach of a turn in what models look up, learn and quote, after a crash and an edit."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bot.results import Why
from bot.types import Reach
from tests.conftest import TurnedClock
from tests.core.reaching import HALL, LOUNGE, evidence, learn, message, say
from tests.core.stage import Stage, last_prompt, memories, memory, opened, sent
from tests.servers.openai_calls import calling, note, results, search
from tests.servers.openai_server import Body, OpenAIServer


@pytest.fixture(autouse=True)
def short(server: OpenAIServer) -> None:
    server.on_chat = lambda body: "Fine."


def searching(text: str) -> Callable[[Body], object]:
    """A model that searches once, and answers with what it found."""
    return lambda body: " ".join(results(body)) or calling(search(text))


async def test_a_search_of_the_model_brings_what_was_said_there(
    file: Path, clock: TurnedClock, server: OpenAIServer
) -> None:
    async with opened(file, clock, server, ellie_model_tools=True) as stage:
        await stage.type("/remember --shared The quince is at nine", "mia", manages=True)
        await say(stage, "A quince of the hall")
        await say(stage, "A quince of the lounge", LOUNGE)
        server.on_chat = searching("quince")  # type: ignore[assignment]  # either kind of answer
        found = await say(stage, "Well?", "open:hall/2")
        assert "quince of the hall" in found
        assert "lounge" not in found
        assert "at nine" not in found
        found = await say(stage, "Well?", "open:hall/3", Reach.OWN)
        assert "quince of the lounge" in found
        assert "at nine" not in found
        assert "at nine" in await say(stage, "Well?", "open:hall/4", Reach.ALL)


async def test_a_model_may_note_what_is_said_there(
    file: Path, clock: TurnedClock, server: OpenAIServer
) -> None:
    async with opened(file, clock, server, ellie_model_tools=True) as stage:
        server.on_chat = lambda body: (
            "Kept." if results(body) else calling(note("I ride a Bianchi"))
        )
        await say(stage, "I ride a Bianchi")
        assert await stage.texts() == ["I ride a Bianchi"]


async def test_the_notebook_quotes_what_was_said_there(quiet: Stage) -> None:
    await say(quiet, "I like quinces", HALL)
    await say(quiet, "I like medlars", LOUNGE)
    answer = await say(quiet, "What do I like?", "open:hall/2")
    assert "quinces" in answer
    assert "medlars" not in answer
    assert "medlars" in await say(quiet, "What do I like?", "open:hall/3", Reach.ALL)


async def test_why_shows_what_was_used(stage: Stage) -> None:
    await say(stage, "A quince of the hall")
    await say(stage, "A quince of the lounge", LOUNGE)
    await say(stage, "quince?", "open:hall/2")
    why = await stage.type("/why", where="open:hall/2")
    assert isinstance(why, Why)
    assert [one.text for one in why.messages] == ["A quince of the hall"]


async def test_a_memory_model_is_shown_what_was_told_there(
    stage: Stage, server: OpenAIServer
) -> None:
    hall, lounge = memory("Alice grows a hall quince"), memory("Alice grows a lounge quince")
    await learn(stage, server, "I grow a hall quince", HALL, hall)
    await learn(stage, server, "I grow a lounge quince", LOUNGE, lounge)
    await say(stage, "My quince is ripe")
    await say(stage, "My quince is sour", LOUNGE)
    await say(stage, "My quince is red", "open:garden", Reach.ALL)
    await stage.core.settle()
    asked = [sent(one.body) for one in server.asked("extract")[-3:]]
    (inside,) = [text for text in asked if "is ripe" in text]
    assert "grows a hall quince" in inside
    assert "grows a lounge quince" not in inside
    assert "is sour" not in inside
    (beside,) = [text for text in asked if "is red" in text]
    assert "is ripe" not in beside
    assert "grows a hall quince" in beside
    assert "grows a lounge quince" in beside


async def test_the_reach_outlives_a_crash(
    file: Path, clock: TurnedClock, server: OpenAIServer
) -> None:
    async with opened(file, clock, server) as stage:
        await say(stage, "A quince of the hall")
        await say(stage, "A quince of the lounge", LOUNGE)
        asked = message(stage, "quince?", "open:hall/2")
        assert await stage.store.record(asked, 2, urgent=False) is not None
    async with opened(file, clock, server) as stage:
        (turn,) = await stage.store.pending(asked.conversation)
        assert (turn.reach, turn.outsider) == (Reach.HERE, False)
        for one in await stage.core.resume(asked.conversation):
            await stage.core.answered(one)
        assert "quince of the hall" in evidence(server)
        assert "lounge" not in evidence(server)


async def test_of_an_edited_message_the_new_reach_counts(
    stage: Stage, server: OpenAIServer
) -> None:
    await stage.type("/remember --shared The quince is at nine", "mia", manages=True)
    asked = message(stage, "And the quince?", HALL, Reach.ALL, event="e1")
    assert await stage.store.record(asked, 2, urgent=False) is not None
    revised = await stage.core.edited(replace(asked, text="The quince?", reach=Reach.NOTHING))
    assert revised is not None
    assert revised.turn is not None
    await stage.core.answered(revised.turn)
    assert "at nine" not in last_prompt(server)


async def test_of_what_was_overheard_and_is_addressed_now_the_new_reach_counts(
    stage: Stage, server: OpenAIServer
) -> None:
    await stage.type("/remember --shared The quince is at nine", "mia", manages=True)
    asked = message(stage, "And the quince?", HALL, Reach.ALL)
    await stage.core.overhear(asked)
    turn = await stage.core.receive(replace(asked, reach=Reach.OWN))
    assert turn is not None
    await stage.core.answered(turn)
    assert "at nine" not in last_prompt(server)


async def test_where_outsiders_read_nothing_is_recalled_and_all_is_learnt(
    file: Path, clock: TurnedClock, server: OpenAIServer
) -> None:
    async with opened(file, clock, server, ellie_model_tools=True) as stage:
        name = memory("Alice's name is Lys", attribute="name", value="Lys", single_value=True)
        await learn(stage, server, "Call me Lys, I grow quinces", "closed:joint", name)
        await stage.type("/new", where="closed:joint")
        server.on_extract = memories(memory("Alice grows medlars"))
        await say(stage, "I grow medlars. And quinces?", "closed:joint", Reach.NOTHING)
        assert "tools" not in server.asked("chat")[-1].body
        assert "Lys" not in last_prompt(server)
        assert "Call me" not in last_prompt(server)
        assert "People of other organisations read" in last_prompt(server)
        assert "paused" not in last_prompt(server)
        await stage.core.settle()
        assert await stage.texts() == ["Alice grows medlars", "Alice's name is Lys"]
        await stage.type("/new", where="closed:joint")
        await say(stage, "What do I grow, medlars?", "closed:joint", Reach.ALL)
        assert "Alice grows medlars" in evidence(server)
        assert "tools" in server.asked("chat")[-1].body


async def test_the_notebook_answers_from_the_conversation_where_outsiders_read(
    quiet: Stage,
) -> None:
    await say(quiet, "I like quinces", LOUNGE)
    answer = await say(quiet, "What do I like?", HALL, Reach.NOTHING)
    assert "quinces" not in answer
    assert (await say(quiet, "I like medlars", HALL, Reach.NOTHING)).startswith("Noted:")
    await quiet.core.settle()
    assert any("medlars" in text for text in await quiet.texts())
