"""Where guests read along, only what was said there is used."""

from pathlib import Path

import pytest

from bot.types import Reach
from tests.conftest import TurnedClock
from tests.core.reaching import HALL, LOUNGE, evidence, learn, message, say
from tests.core.stage import Stage, last_prompt, memories, memory, opened
from tests.servers.openai_server import OpenAIServer


@pytest.fixture(autouse=True)
def short(server: OpenAIServer) -> None:
    server.on_chat = lambda body: "Fine."


async def test_what_was_said_in_the_channel_and_its_threads_is_recalled_and_nothing_else(
    stage: Stage, server: OpenAIServer
) -> None:
    said = {
        HALL: "A quince of the hall", "open:hall/1": "A quince of a thread",
        "open:halls": "A quince of the halls", LOUNGE: "A quince of the lounge",
        "dm": "A quince of mine",
    }  # fmt: skip
    for where, text in said.items():
        await say(stage, text, where)
    await say(stage, "quince?", "open:hall/2")
    assert "quince of the hall" in evidence(server)
    assert "quince of a thread" in evidence(server)
    assert all(word not in evidence(server) for word in ("lounge", "halls", "mine"))
    await say(stage, "quince?", "open:hall/3", Reach.ALL)
    assert "quince of the lounge" in evidence(server)


async def test_a_memory_is_used_if_all_its_sources_were_said_there(
    stage: Stage, server: OpenAIServer
) -> None:
    hall, lounge = memory("Alice grows a hall quince"), memory("Alice grows a lounge quince")
    await learn(stage, server, "I grow a hall quince", HALL, hall)
    await learn(stage, server, "I grow a lounge quince", LOUNGE, lounge)
    server.on_extract = memories(memory("Alice grows a double quince", 1, 2))
    await say(stage, "I grow a double one", HALL, Reach.ALL)
    await say(stage, "A double quince, I mean", LOUNGE, Reach.ALL)
    await stage.core.settle()
    await say(stage, "quince?", "open:hall/2", Reach.ALL)
    for one in ("hall", "lounge", "double"):
        assert f"Alice grows a {one} quince" in evidence(server)
    await say(stage, "quince?", "open:hall/3")
    assert "Alice grows a hall quince" in evidence(server)
    assert "lounge" not in evidence(server)
    assert "Alice grows a double quince" not in evidence(server)


async def test_what_was_noted_elsewhere_or_unseen_is_not_used_even_if_promoted(
    stage: Stage, server: OpenAIServer
) -> None:
    await stage.type("/remember A quince that I typed", where=HALL, visible=True)
    await stage.type("/remember A quince out of sight", where=HALL)
    await stage.type("/remember A quince of mine")
    for number in (2, 3):
        await stage.type(f"/memories promote m{number}")
    await say(stage, "quince?", "open:hall/2")
    assert "quince that I typed" in evidence(server)
    assert "sight" not in evidence(server)
    assert "mine" not in evidence(server)


async def test_what_was_edited_elsewhere_is_not_used(stage: Stage, server: OpenAIServer) -> None:
    for kind in ("first", "second"):
        await stage.type(f"/remember A quince, the {kind}", where=HALL, visible=True)
    await stage.type("/memories edit m1 A quince, as I say here", where=HALL, visible=True)
    await stage.type("/memories edit m2 A quince, as I say there", where=LOUNGE, visible=True)
    await say(stage, "quince?", "open:hall/2")
    assert "as I say here" in evidence(server)
    assert "there" not in evidence(server)


async def test_what_lost_a_source_is_not_used(stage: Stage, server: OpenAIServer) -> None:
    """It may still tell what that one alone told, in a place that no guest reads."""
    server.on_extract = memories(memory("Alice grows a double quince", 1, 2))
    half = message(stage, "half of it there", LOUNGE, Reach.ALL)
    await stage.core.receive(half)
    await say(stage, "half of it here", HALL, Reach.ALL)
    await stage.core.settle()
    await stage.core.deleted(half.conversation, [half.event_id])
    assert await stage.texts() == ["Alice grows a double quince"]
    await say(stage, "quince?", "open:hall/2")
    assert "double" not in evidence(server)


async def test_nothing_that_was_shared_is_used_where_guests_read(
    stage: Stage, server: OpenAIServer
) -> None:
    await stage.type("/remember --shared The quince is at nine", "mia", manages=True)
    for reach in Reach:
        await say(stage, "quince?", f"open:hall/{reach}", reach)
        assert ("at nine" in last_prompt(server)) == (reach is Reach.ALL)


async def test_the_profile_is_what_was_told_there(stage: Stage, server: OpenAIServer) -> None:
    here = memory("Alice's name is Lys", attribute="name", value="Lys", single_value=True)
    there = memory("Alice's pronouns are ze/zir", attribute="pronouns", value="ze/zir")
    await learn(stage, server, "Call me Lys", HALL, here)
    await learn(stage, server, "ze/zir, please", LOUNGE, there)
    await say(stage, "Hello", "open:hall/2")
    assert "Lys" in evidence(server)
    assert "ze/zir" not in evidence(server)
    await say(stage, "Hello", "open:hall/3", Reach.ALL)
    assert "ze/zir" in evidence(server)


async def test_the_newest_are_those_of_the_channel(stage: Stage, server: OpenAIServer) -> None:
    await learn(stage, server, "sloes", HALL, memory("Alice grows sloes"))
    for number in range(15):
        await stage.type(f"/remember Medlar {number}", where=LOUNGE, visible=True)
    await say(stage, "What do you know about me?", "open:hall/2")
    assert "Alice grows sloes" in evidence(server)
    assert "Medlar" not in evidence(server)


async def test_what_answers_from_there_is_not_crowded_out(
    stage: Stage, server: OpenAIServer
) -> None:
    await say(stage, "Once there was a quince")
    for number in range(40):
        await stage.type(f"/remember The quince tree, number {number}", where=LOUNGE, visible=True)
    await say(stage, "Where is the quince tree?", "open:hall/2")
    assert "Once there was a quince" in evidence(server)
    assert "number" not in evidence(server)


async def test_what_superseded_it_elsewhere_dates_nothing(
    stage: Stage, server: OpenAIServer
) -> None:
    lyon = memory("Alice lives in Lyon", attribute="lives in", value="Lyon", single_value=True)
    oslo = memory("Alice lives in Oslo", attribute="lives in", value="Oslo", single_value=True)
    await learn(stage, server, "I live in Lyon", HALL, lyon)
    stage.clock.turn(days=60)
    await learn(stage, server, "I moved, I live in Oslo", LOUNGE, oslo)
    await say(stage, "Where does Alice live, in Lyon?", "open:hall/2")
    assert "Alice lives in Lyon" in evidence(server)
    assert "until" not in evidence(server)
    await say(stage, "Where does Alice live, in Lyon?", "open:hall/3", Reach.ALL)
    assert "Alice lives in Lyon (until" in evidence(server)


async def test_a_name_that_was_told_elsewhere_finds_nobody(
    stage: Stage, server: OpenAIServer
) -> None:
    harp = memory("Sarah plays the harp", entity="Sarah", attribute="plays", value="harp")
    sloe = memory("Sarah, or Birdie, likes sloes", entity="Sarah", attribute="likes", value="sloes")
    sloe["entity"]["aliases"] = ["Birdie"]
    await learn(stage, server, "Sarah plays the harp", HALL, harp)
    await learn(stage, server, "Sarah, whom I call Birdie, likes sloes", LOUNGE, sloe)
    await say(stage, "And Birdie?", "open:hall/2")
    assert "harp" not in evidence(server)
    await say(stage, "And Birdie?", "open:hall/3", Reach.ALL)
    assert "harp" in evidence(server)


async def test_history_and_summary_are_as_always(
    file: Path, clock: TurnedClock, server: OpenAIServer
) -> None:
    server.on_summary = lambda body: "They spoke of marmalade."
    async with opened(file, clock, server, ellie_context_budget_tokens=600) as stage:
        for number in range(12):
            await say(stage, f"Marmalade number {number} " + "is good " * 20, user="bob")
        await stage.core.settle()
        await say(stage, "And?", HALL, Reach.NOTHING)
        assert "They spoke of marmalade." in last_prompt(server)
        assert "Bob: Marmalade number 11" in last_prompt(server)


async def test_a_time_zone_that_was_told_elsewhere_moves_no_day(
    stage: Stage, server: OpenAIServer
) -> None:
    zone = memory("Alice's time zone is Asia/Tokyo", attribute="time zone", value="Asia/Tokyo")
    await learn(stage, server, "I live by Asia/Tokyo time", LOUNGE, zone)
    await learn(stage, server, "I have a cat", HALL, memory("Alice has a cat"))
    for hours, line in ((1, "I ate soup"), (24, "I ate noodles")):
        stage.clock.turn(hours=hours)
        await say(stage, line)
    stage.clock.turn(hours=10)  # 20 h: five in the morning in Tokyo
    for thread, reach in ((2, Reach.HERE), (3, Reach.ALL)):
        await say(stage, "What did I eat yesterday?", f"open:hall/{thread}", reach)
        soup, noodles = (evidence(server).index(one) for one in ("soup", "noodles"))
        assert (soup < noodles) == (reach is Reach.HERE)
