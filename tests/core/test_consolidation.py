"""What is learnt: when, from what, for whom, and what happens when it fails."""

import asyncio
from pathlib import Path

import pytest

from bot.types import Private
from tests.conftest import TurnedClock
from tests.core.stage import Called, Stage, last_prompt, memories, memory, opened, sent
from tests.servers.openai_faults import server_error
from tests.servers.openai_server import Body, OpenAIServer


def works_at(company: str, source: int = 1, **more: object) -> Body:
    return memory(
        f"Sarah works at {company}", source,
        entity="Sarah", attribute="works at", value=company, single_value=True, **more,
    )  # fmt: skip


async def test_turns_are_consolidated_together_once_there_are_enough(
    file: Path, clock: TurnedClock, server: OpenAIServer
) -> None:
    called = server.on_extract = Called(memories(memory("Alice has four cats", 4)))
    async with opened(file, clock, server, ellie_consolidate_after_turns=4) as stage:
        for number in range(3):
            await stage.say(f"story {number}")
        await stage.consolidation.step()
        assert server.asked("extract") == []
        await stage.say("I have four cats")
        async with asyncio.timeout(10):
            await called.happened.wait()
        await stage.core.settle()
        assert await stage.texts() == ["Alice has four cats"]
        (request,) = server.asked("extract")
        assert all(f"story {number}" in sent(request.body) for number in range(3))
        assert request.body["model"] == "rememberer"


async def test_fewer_turns_are_consolidated_after_a_while_without_a_new_one(
    file: Path, clock: TurnedClock, server: OpenAIServer
) -> None:
    async with opened(file, clock, server, ellie_consolidate_idle_seconds=300) as stage:
        await stage.say("I have four cats")
        clock.turn(seconds=299)
        await stage.consolidation.step()
        assert server.asked("extract") == []
        clock.turn(seconds=1)
        await stage.consolidation.step()
        assert len(server.asked("extract")) == 1


@pytest.mark.parametrize("line", ["Remember that I have cats", "please remember: four cats"])
async def test_what_is_asked_to_be_remembered_is_consolidated_at_once(
    stage: Stage, server: OpenAIServer, line: str
) -> None:
    called = server.on_extract = Called(memories(memory("Alice has cats")))
    await stage.say(line)
    async with asyncio.timeout(10):
        await called.happened.wait()


async def test_settling_consolidates_however_young(stage: Stage, server: OpenAIServer) -> None:
    server.on_extract = memories(memory("Alice has four cats"))
    await stage.say("I have four cats")
    assert await stage.core.settle() == (1, 0)
    assert await stage.texts() == ["Alice has four cats"]
    assert await stage.core.settle() == (0, 0)


async def test_a_batch_is_of_one_person_and_one_audience(
    stage: Stage, server: OpenAIServer
) -> None:
    places = ("dm", "closed:board", "closed:staff", "open:general", "open:random")
    for user in ("alice", "bob"):
        for where in places:
            await stage.say(f"{user} in {where}", user, where)
    await stage.core.settle()
    asked = [sent(request.body) for request in server.asked("extract")]
    shown = sorted(
        tuple(f"{u} in {w}" for u in ("alice", "bob") for w in places if f": {u} in {w}" in text)
        for text in asked
    )
    assert shown == sorted(
        (*((f"{user} in {where}",) for user in ("alice", "bob") for where in places[:3]),
         *((f"{user} in open:general", f"{user} in open:random") for user in ("alice", "bob")))
    )  # fmt: skip


async def test_a_model_is_shown_only_what_may_be_recalled_in_that_audience(
    stage: Stage, server: OpenAIServer
) -> None:
    for where in ("dm", "closed:board", "open:general"):
        await stage.type(f"/remember the code of {where} is set", where=where, visible=True)
    await stage.type("/remember the code of bob is set", "bob", "open:general", visible=True)
    await stage.core.settle()
    seen = {}
    for where in ("dm", "closed:board", "closed:staff", "open:random"):
        await stage.say("what is the code now", where=where)
        await stage.core.settle()
        prompt = sent(server.asked("extract")[-1].body)
        block = prompt[prompt.index("<known>") : prompt.index("</known>")]
        seen[where] = [w for w in ("dm", "board", "general", "bob") if f"{w} is set" in block]
    assert seen == {
        "dm": ["dm", "board", "general"],
        "closed:board": ["board", "general"],
        "closed:staff": ["general"],
        "open:random": ["general"],
    }


async def test_a_later_statement_closes_the_earlier_and_both_keep_their_source(
    stage: Stage, server: OpenAIServer
) -> None:
    server.on_extract = memories(works_at("Google"))
    await stage.say("Sarah works at Google")
    await stage.core.settle()
    stage.clock.turn(days=30)
    server.on_extract = memories(works_at("Meta"))
    await stage.say("Sarah is at Meta now")
    await stage.core.settle()
    meta, google = await stage.known()
    assert (google.text, google.valid_to) == ("Sarah works at Google", stage.clock())
    assert (meta.text, meta.valid_to) == ("Sarah works at Meta", None)
    scope = stage.message("").scope
    said = [await stage.store.messages(scope, Private(), m.sources) for m in (google, meta)]
    assert [m.text for (m,) in said] == ["Sarah works at Google", "Sarah is at Meta now"]
    await stage.type("/new")
    await stage.say("Where does Sarah work?")
    assert "Sarah works at Google (until 2026-04-01)" in last_prompt(server)
    assert "Sarah works at Meta\n" in last_prompt(server)


async def test_saying_it_again_adds_a_source_and_no_memory(
    stage: Stage, server: OpenAIServer
) -> None:
    server.on_extract = memories(memory("Alice has four cats"))
    await stage.say("I have four cats")
    await stage.core.settle()
    for answer in (
        memory("Alice owns cats, four of them", duplicates=[1]),
        memory("alice has FOUR cats"),
    ):
        server.on_extract = memories(answer)
        await stage.say("As I said, four cats")
        await stage.core.settle()
    (cats,) = await stage.known()
    assert cats.text == "Alice has four cats"
    assert len(cats.sources) == 3


async def test_a_note_gets_its_slot_but_keeps_its_words(stage: Stage, server: OpenAIServer) -> None:
    server.on_extract = memories(
        memory("Alice lives in Oslo", attribute="lives in", value="Oslo", single_value=True)
    )
    await stage.type("/remember home is Oslo, you know")
    await stage.core.settle()
    (home,) = await stage.known()
    assert (home.number, home.text) == (1, "home is Oslo, you know")
    assert home.slot is not None
    assert home.slot.value == "Oslo"
    server.on_extract = memories(memory("Alice speaks of her home"))
    await stage.type("/remember home is where it rains")
    await stage.core.settle()
    assert await stage.texts() == ["home is where it rains", "home is Oslo, you know"]


async def test_two_facts_of_one_message_are_both_kept_also_when_it_is_read_again(
    file: Path, clock: TurnedClock, server: OpenAIServer
) -> None:
    async with opened(file, clock) as stage:  # the notebook reads it first
        await stage.say("My friend Sarah works at Google as a software engineer")
        await stage.core.settle()
        before = await stage.texts()
        assert before
    server.on_extract = memories(memory("Sarah codes"), memory("Alice has a friend called Sarah"))
    async with opened(file, clock, server) as stage:
        await stage.core.settle()
        assert {"Sarah codes", "Alice has a friend called Sarah"} <= set(await stage.texts())


async def test_the_notebooks_turns_are_consolidated_again_once_there_is_a_model(
    file: Path, clock: TurnedClock, server: OpenAIServer
) -> None:
    async with opened(file, clock) as stage:
        await stage.say("The weather in my head is cloudy")
        await stage.core.settle()
        assert await stage.core.settle() == (0, 0)
    server.on_extract = memories(memory("Alice feels gloomy"))
    for asked in (1, 1):
        async with opened(file, clock, server) as stage:
            await stage.core.settle()
            assert "Alice feels gloomy" in await stage.texts()
            assert len(server.asked("extract")) == asked


async def test_the_limit_of_memories_takes_superseded_and_unused_ones_first(
    file: Path, clock: TurnedClock, server: OpenAIServer
) -> None:
    async with opened(file, clock, server, ellie_max_memories_per_person=3) as stage:
        for company in ("Google", "Meta"):
            server.on_extract = memories(works_at(company))
            await stage.say(f"{company} it is")
            await stage.core.settle()
            clock.turn(minutes=1)
        server.on_extract = memories()
        for line in ("I like tea", "I like cake", "I like jam"):
            await stage.type(f"/remember {line}")
        await stage.type("/new")
        await stage.say("Who likes tea? Where does Sarah work?")
        clock.turn(hours=2)
        await stage.core.settle()
        left = await stage.texts()
        assert left == ["I like jam", "I like tea", "Sarah works at Meta"]


async def test_raw_messages_go_after_their_retention_and_memories_stay(
    file: Path, clock: TurnedClock, server: OpenAIServer
) -> None:
    server.on_extract = memories(memory("Alice has four cats"))
    async with opened(file, clock, server, ellie_message_retention_days=90) as stage:
        await stage.say("I have four cats, called zigzag and so on")
        await stage.core.settle()
        clock.turn(days=91)
        server.fail("extract", server_error(), times=None)
        await stage.say("still here")
        await stage.core.settle()
        assert [said for said, _ in await stage.kept()] == ["still here"]
        assert await stage.texts() == ["Alice has four cats"]
        await stage.say("how many cats, zigzag?")
        assert "called zigzag" not in last_prompt(server)
        assert "Alice has four cats" in last_prompt(server)
        clock.turn(days=91)
        await stage.core.settle()  # not consolidated yet: kept, however old
        assert (await stage.kept())[0][0] == "still here"
