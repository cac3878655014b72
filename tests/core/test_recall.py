"""Which memories and messages are found for a question, and which are not."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.llm.openai_embedder import OpenAIEmbedder
from bot.llm.wordllama_embedder import WordLlamaEmbedder, wordllama_available
from bot.receipts import ForgetPreview
from bot.results import Why
from bot.types import Memory, Message, Private, Space
from tests.conftest import TurnedClock
from tests.core.stage import Stage, last_prompt, memories, memory, opened
from tests.core.told import find, note, texts
from tests.servers.openai_faults import Stall, server_error
from tests.servers.openai_server import OpenAIServer


@pytest.fixture
async def embedder(server: OpenAIServer) -> AsyncIterator[OpenAIEmbedder]:
    """Counts words into vectors; see the loopback server."""
    embedder = OpenAIEmbedder(
        model="e", dimension=256, api_key="k", base_url=server.base_url, timeout_seconds=5,
        retries=0,
    )  # fmt: skip
    yield embedder
    await embedder.close()


async def test_a_message_that_is_not_consolidated_yet_is_found_by_its_words(quiet: Stage) -> None:
    await note(quiet, "My bicycle is a green Bianchi", "I like tea")
    assert await texts(quiet, "What colour are bicycles like mine?") == [
        "My bicycle is a green Bianchi"
    ]
    (found,) = await find(quiet, "Bianchi")
    assert isinstance(found.item, Message)
    assert found.parts.keys() == {"words", "recent"}


@pytest.mark.skipif(not wordllama_available(), reason="this platform has no wordllama")
async def test_a_memory_is_found_by_its_meaning(file: Path, clock: TurnedClock) -> None:
    async with opened(file, clock, embedder=WordLlamaEmbedder()) as stage:
        doctor = "The doctor prescribed medicine for my illness"
        await stage.type(f"/remember {doctor}")
        await stage.type("/remember The rent is due on Fridays")
        await stage.core.settle()
        found = await find(stage, "Which medication did the physician recommend?")
        assert [recalled.item.text for recalled in found] == [
            "The doctor prescribed medicine for my illness"
        ]
        assert "meaning" in found[0].parts
        assert "words" not in found[0].parts


async def test_a_name_finds_everything_about_its_entity_whatever_the_case(
    stage: Stage, server: OpenAIServer
) -> None:
    server.on_extract = memories(
        memory("She is a software engineer", entity="Sarah", attribute="works as", value="engineer")
        | {"entity": {"name": "Sarah", "kind": "person", "aliases": ["Sally"]}},
        memory("Likes tea", attribute="likes", value="tea"),
    )
    await stage.say("Some long story")
    await stage.core.settle()
    for name in ("SARAH", "sally", "Sarah's"):
        found = await find(stage, f"Tell me about {name}")
        assert [recalled.item.text for recalled in found] == ["She is a software engineer"]
        assert "entity" in found[0].parts


async def test_what_is_linked_to_what_matches_is_found_too(
    stage: Stage, server: OpenAIServer
) -> None:
    server.on_extract = memories(
        memory("Sarah plays the cello", entity="Sarah", attribute="plays", value="cello"),
        memory("She comes from Porto", entity="Sarah", attribute="comes from", value="Porto"),
        memory("Bob comes from Rome", entity="Bob", attribute="comes from", value="Rome"),
    )
    await stage.say("Some long story of Sarah, a cello and Porto, and Bob from Rome")
    await stage.core.settle()
    await stage.type("/new")
    await stage.say("Which town is the cellist's, who has that cello?")
    evidence = last_prompt(server)
    assert evidence.index("Sarah plays the cello") < evidence.index("She comes from Porto")
    assert "Bob comes from Rome" not in evidence
    why = await stage.type("/why")
    assert isinstance(why, Why)
    (porto,) = [m.number for m in why.memories if m.text == "She comes from Porto"]
    assert why.memory_parts[porto].keys() == {"linked", "recent"}


async def test_nothing_is_found_where_nothing_is_known_and_the_prompt_says_so(
    stage: Stage, server: OpenAIServer
) -> None:
    await note(stage, "I like tea")
    assert await texts(stage, "Who won the match?") == []
    assert await texts(stage, "What is it?") == []
    await stage.say("Who won the match?", where="open:general")
    assert "Nothing about this is remembered of Alice." in last_prompt(server)


async def test_a_question_about_oneself_alone_finds_the_newest(quiet: Stage) -> None:
    for line in ("I like tea", "I have a boat"):
        await quiet.type(f"/remember {line}")
    about_me = "What do you know about me?"
    assert await texts(quiet, about_me) == ["I have a boat", "I like tea"]
    (newest,) = await find(quiet, about_me, limit=1)
    assert (newest.item.text, newest.lent) == ("I have a boat", False)
    assert await texts(quiet, "What is it?") == []


async def test_what_is_left_out_is_not_found_and_lends_nothing(quiet: Stage) -> None:
    await note(quiet, "I ride a Bianchi", "It is green")
    scope = quiet.message("").scope
    found = await quiet.recall.find(scope, Private(), "Bianchi")
    left_out = [r.item.id for r in found if isinstance(r.item, Message) and not r.lent]
    assert len(found) == 2
    assert await quiet.recall.find(scope, Private(), "Bianchi", leave_out=left_out) == []


async def test_what_the_named_speaker_said_in_company_counts_more(quiet: Stage) -> None:
    await note(quiet, "The boat is red", where="open:hall")
    await note(quiet, "I painted the boat", user="bob", where="open:hall")
    scope, hall = quiet.message("").scope, quiet.message("", where="open:hall").conversation
    for here, counts in ((hall, True), (None, False)):
        question = "What did Alice say of a boat?"
        (found,) = await quiet.recall.find(scope, Space(), question, here=here)
        assert ("speaker" in found.parts) is counts


async def test_what_was_recent_when_it_was_asked_counts_as_recent(quiet: Stage) -> None:
    await note(quiet, "I ride a Bianchi")
    scope, then = quiet.message("").scope, quiet.clock()
    quiet.clock.turn(days=999)
    (later,) = await quiet.recall.find(scope, Private(), "Bianchi")
    (found,) = await quiet.recall.find(scope, Private(), "Bianchi", asked_at=then)
    assert found.parts["recent"] > 0.009 > later.parts["recent"]


async def test_near_duplicates_do_not_fill_the_list(quiet: Stage) -> None:
    again = ("So I ride a Bianchi", "I do ride the Bianchi", "Me, I would ride a Bianchi!")
    await note(quiet, "The Bianchi once belonged to my uncle in Turin", *again)
    assert len(await find(quiet, "ride Bianchi", limit=2)) == 2
    found = await texts(quiet, "ride Bianchi", limit=2)
    assert found[1] == "The Bianchi once belonged to my uncle in Turin"


async def test_what_no_longer_holds_ranks_below_what_does(
    stage: Stage, server: OpenAIServer
) -> None:
    for company in ("Google", "Meta"):
        server.on_extract = memories(
            memory(
                f"Sarah works at {company}",
                entity="Sarah", attribute="works at", value=company, single_value=True,
            )
        )  # fmt: skip
        await stage.say(f"{company} it is")
        await stage.core.settle()
        stage.clock.turn(days=1)
    found = [r.item for r in await find(stage, "Where does Sarah work?")]
    assert [item.text for item in found] == ["Sarah works at Meta", "Sarah works at Google"]
    assert isinstance(found[1], Memory)
    assert found[1].valid_to is not None


async def test_scores_count_only_what_the_reader_may_see(quiet: Stage) -> None:
    await note(quiet, "my boat is red", "my house is red", where="open:general")
    before = [(r.item.text, r.parts) for r in await find(quiet, "red boat", where="open:general")]
    assert len(before) == 2
    await note(quiet, *(f"a boat named boat number {n}" for n in range(20)))
    await note(quiet, *(f"a red closed door {n}" for n in range(20)), where="closed:board")
    await note(quiet, *(f"boat boat boat {n}" for n in range(20)), user="bob", where="open:general")
    after = [(r.item.text, r.parts) for r in await find(quiet, "red boat", where="open:general")]
    assert after == before


async def test_what_only_asked_is_no_evidence_but_can_be_forgotten(quiet: Stage) -> None:
    await quiet.say("Is my heron test positive?")
    await quiet.type("/new")
    assert await find(quiet, "heron test") == []
    preview = await quiet.type("/forget heron")
    assert isinstance(preview, ForgetPreview)
    assert [memory.text for memory in preview.memories] == ["Is my heron test positive?"]
    await quiet.say("My heron test was on Monday")
    preview = await quiet.type("/forget heron test")
    assert isinstance(preview, ForgetPreview)
    assert {memory.text for memory in preview.memories} == {
        "Is my heron test positive?",
        "My heron test was on Monday",
    }


async def test_full_text_carries_recall_while_the_embedder_fails(
    file: Path, clock: TurnedClock, server: OpenAIServer, embedder: OpenAIEmbedder
) -> None:
    server.fail("embeddings", server_error(), times=None)
    async with opened(file, clock, server, embedder) as stage:
        await note(stage, "I ride a Bianchi")
        await stage.core.settle()
        (found,) = await find(stage, "Bianchi?")
        assert found.parts.keys() == {"words", "recent"}
        assert await stage.say("Which Bianchi?")
        server.heal()
        await stage.core.settle()
        (found, *_) = await find(stage, "Which Bianchi do I ride?")
        assert found.parts.keys() == {"words", "meaning", "recent"}


async def test_the_meaning_of_a_question_is_not_that_of_the_names_of_who_spoke(
    file: Path, clock: TurnedClock, server: OpenAIServer, embedder: OpenAIEmbedder
) -> None:
    async with opened(file, clock, server, embedder) as stage:
        await note(stage, "I ride a Bianchi")
        await find(stage, "What is Alice's Bianchi for Alice?")
        inputs = [request.body["input"] for request in server.asked("embeddings")]
        assert ["what is bianchi for"] in inputs


async def test_what_is_forgotten_while_it_is_looked_for_is_not_found(
    file: Path, clock: TurnedClock, server: OpenAIServer, embedder: OpenAIEmbedder
) -> None:
    async with opened(file, clock, server, embedder) as stage, asyncio.timeout(5):
        await stage.type("/remember I ride a Bianchi")
        await stage.core.settle()
        before = len(server.asked("embeddings"))
        server.fail("embeddings", Stall())
        async with asyncio.TaskGroup() as group:
            looking = group.create_task(find(stage, "Bianchi"))
            while len(server.asked("embeddings")) == before:
                await stage.store.health()
            await stage.type("/forget m1")
            server.release.set()
        assert looking.result() == []


async def test_what_stands_in_the_history_is_not_recalled_too(
    stage: Stage, server: OpenAIServer
) -> None:
    server.on_chat = lambda body: "Fine."
    await stage.say("I ride a Bianchi")
    await stage.say("Which Bianchi do I ride?")
    assert last_prompt(server).count("I ride a Bianchi") == 1
    assert "Nothing about this is remembered" in last_prompt(server)


async def test_what_has_left_the_history_is_recalled(
    file: Path, clock: TurnedClock, server: OpenAIServer
) -> None:
    server.on_chat = lambda body: "Fine."
    server.fail("summary", server_error(), times=None)
    async with opened(file, clock, server, ellie_context_budget_tokens=1500) as stage:
        await stage.say("I ride a Bianchi")
        for number in range(30):
            await stage.say(f"Story {number} " + "goes on and on " * 15)
        await stage.say("Which Bianchi?")
        assert 'Alice said: "I ride a Bianchi"' in last_prompt(server)


async def test_audience_and_person_bound_what_is_found(quiet: Stage) -> None:
    await note(quiet, "the code is seven", where="dm")
    await note(quiet, "the code is eight", where="closed:board")
    await note(quiet, "the code is nine", where="open:general")
    await note(quiet, "the code is ten", user="bob", where="open:general")
    seen = {
        where: sorted(text.split()[-1] for text in await texts(quiet, "code", where=where))
        for where in ("dm", "closed:board", "closed:other", "open:other")
    }
    assert seen == {
        "dm": ["eight", "nine", "seven"],
        "closed:board": ["eight", "nine"],
        "closed:other": ["nine"],
        "open:other": ["nine"],
    }
    assert (str(Private()), str(Space())) == ("private", "space")
