"""Old history becomes summary, and texts become vectors, in the background."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from bot.llm.openai_embedder import OpenAIEmbedder
from bot.types import Private, Summary
from tests.conftest import TurnedClock
from tests.core.stage import Stage, last_prompt, opened, place, sent
from tests.servers.openai_faults import Stall, server_error
from tests.servers.openai_server import OpenAIServer

BUDGET = 1200  # folded past 300 tokens; 100 of them stay word for word
FILLER = "and so it went on, " * 5


@pytest.fixture
async def talk(file: Path, clock: TurnedClock, server: OpenAIServer) -> AsyncIterator[Stage]:
    server.on_chat = lambda body: "Fine."
    server.on_summary = lambda body: f"summary {len(server.asked('summary'))}"
    async with opened(file, clock, server, ellie_context_budget_tokens=BUDGET) as stage:
        yield stage


async def tell(stage: Stage, first: int, last: int) -> None:
    for number in range(first, last):
        await stage.say(f"story {number} {FILLER}")


async def summary(stage: Stage, where: str = "dm") -> Summary | None:
    conversation, audience = place(where, "alice")
    return await stage.store.newest_summary(conversation, audience, stage.message("").scope)


def stories(text: str) -> list[int]:
    return [int(number) for number in re.findall(r"story (\d+) and", text)]


async def test_a_short_conversation_is_not_summarised(talk: Stage, server: OpenAIServer) -> None:
    await tell(talk, 0, 5)
    await talk.core.settle()
    assert server.asked("summary") == []
    assert await summary(talk) is None


async def test_the_oldest_part_is_folded_and_the_newest_stays_word_for_word(
    talk: Stage, server: OpenAIServer
) -> None:
    await tell(talk, 0, 14)
    await talk.core.settle()
    folded = stories(sent(server.asked("summary")[-1].body))
    await talk.say("And now?")
    prompt = last_prompt(server)
    covered = [n for request in server.asked("summary") for n in stories(sent(request.body))]
    assert covered == list(range(len(covered)))
    assert folded
    assert stories(prompt[: prompt.rindex("<summary>")]) == list(range(len(covered), 14))
    made = await summary(talk)
    assert made is not None
    assert made.text in prompt[prompt.rindex("<summary>") : prompt.rindex("</summary>")]


async def test_a_summary_rolls_on_with_the_one_before(talk: Stage, server: OpenAIServer) -> None:
    await tell(talk, 0, 14)
    await talk.core.settle()
    before = len(server.asked("summary"))
    await tell(talk, 14, 30)
    await talk.core.settle()
    request = server.asked("summary")[before]
    assert f"summary {before}" in sent(request.body)
    made = await summary(talk)
    assert made is not None
    assert made.text == f"summary {len(server.asked('summary'))}"


async def test_a_fold_that_fails_is_tried_again_and_loses_nothing(
    talk: Stage, server: OpenAIServer
) -> None:
    server.fail("summary", server_error(), times=None)
    await tell(talk, 0, 14)
    await talk.core.settle()
    assert server.asked("summary")
    assert await summary(talk) is None
    failed = len(server.asked("summary"))
    await talk.consolidation.step()
    assert len(server.asked("summary")) == failed  # not at once
    await talk.say("And now?")
    assert "story 13" in last_prompt(server)
    server.heal()
    talk.clock.turn(hours=7)
    await talk.consolidation.step()
    made = await summary(talk)
    assert made is not None


async def test_a_long_backlog_is_folded_in_parts_each_within_the_budget(
    talk: Stage, server: OpenAIServer
) -> None:
    server.fail("summary", server_error(), times=None)
    await tell(talk, 0, 60)
    server.heal()
    failed = len(server.asked("summary"))
    for _ in range(12):
        await talk.core.settle()
    folds = [stories(sent(r.body)) for r in server.asked("summary")[failed:]]
    assert len(folds) > 2
    covered = [number for fold in folds for number in fold]
    assert covered == list(range(len(covered)))
    assert len(covered) > 50


async def test_what_is_forgotten_during_the_fold_is_not_in_a_summary(
    talk: Stage, server: OpenAIServer
) -> None:
    server.fail("summary", Stall())
    await talk.say(f"The zebra is called Zoe {FILLER}")
    await tell(talk, 0, 14)
    while not server.asked("summary"):
        await talk.store.health()
    preview = await talk.type("/forget zebra")
    numbers = " ".join(f"m{memory.number}" for memory in getattr(preview, "memories", ()))
    await talk.type(f"/forget {numbers}")
    server.release.set()
    await talk.core.settle()
    for _ in range(3):
        await talk.core.settle()
    assert "zebra" in sent(server.asked("summary")[0].body)
    made = await summary(talk)
    assert made is not None
    assert made.text != "summary 1"


async def test_what_was_summed_up_in_a_closed_channel_is_not_read_once_it_is_open(
    talk: Stage, server: OpenAIServer
) -> None:
    for number in range(14):
        await talk.say(f"story {number} {FILLER}", where="closed:board")
    await talk.core.settle()
    made = await summary(talk, "closed:board")
    assert made is not None
    assert await summary(talk, "open:board") is None
    await talk.say("What did we talk about?", "bob", "open:board")
    assert made.text not in last_prompt(server)
    assert stories(last_prompt(server)) == []
    await talk.say("What did we talk about?", "bob", "closed:board")
    assert made.text in last_prompt(server)


async def test_a_new_start_leaves_the_summary_behind(talk: Stage, server: OpenAIServer) -> None:
    await tell(talk, 0, 14)
    await talk.core.settle()
    await talk.type("/new")
    assert await summary(talk) is None
    await talk.say("Hello")
    assert "<summary>" not in "".join(
        part["content"] for part in server.asked("chat")[-1].body["messages"][1:]
    )


Embed = Callable[[str], OpenAIEmbedder]


@pytest.fixture
async def embedder(server: OpenAIServer) -> AsyncIterator[Embed]:
    made: list[OpenAIEmbedder] = []

    def make(name: str) -> OpenAIEmbedder:
        made.append(
            OpenAIEmbedder(
                model=name, dimension=64, api_key="k", base_url=server.base_url,
                timeout_seconds=5, retries=0,
            )
        )  # fmt: skip
        return made[-1]

    yield make
    for each in made:
        await each.close()


async def test_another_embedder_embeds_anew_while_full_text_carries_recall(
    file: Path, clock: TurnedClock, server: OpenAIServer, embedder: Embed
) -> None:
    async with opened(file, clock, server, embedder("first")) as stage:
        await stage.say("I ride a green Bianchi")
        await stage.core.settle()
        health = await stage.store.health()
        assert health.indexed == health.passages == 1
    server.fail("embeddings", server_error(), times=None)
    scope = stage.message("").scope
    async with opened(file, clock, server, embedder("second")) as stage:
        assert (await stage.store.health()).indexed == 0
        await stage.core.settle()
        (found,) = await stage.recall.find(scope, Private(), "a green Bianchi")
        assert found.parts.keys() == {"words", "recent"}
        server.heal()
        await stage.core.settle()
        assert (await stage.store.health()).indexed == 1
        (found,) = await stage.recall.find(scope, Private(), "a green Bianchi")
        assert found.parts.keys() == {"words", "meaning", "recent"}


async def test_embedding_calls_are_batched(
    file: Path, clock: TurnedClock, server: OpenAIServer, embedder: Embed
) -> None:
    async with opened(file, clock, server) as stage:
        for number in range(70):
            await stage.store.record(stage.message(f"fact {number}"), 2, urgent=False)
    async with opened(
        file, clock, server, embedder("e"), ellie_consolidate_after_turns=99
    ) as stage:
        async with asyncio.timeout(10):
            await stage.core.settle()
        assert [len(request.body["input"]) for request in server.asked("embeddings")] == [64, 6]
