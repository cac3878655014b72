import tempfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.errors import ModelRefused
from bot.evaluation.dataset import CATEGORIES, Dialogue, read_dataset
from bot.evaluation.retrieval import (
    EMBED_TOGETHER,
    Evaluation,
    Stored,
    evaluate,
    fit,
    index,
    new_store,
    steps,
    write,
)
from bot.llm.openai_embedder import OpenAIEmbedder
from bot.llm.wordllama_embedder import WordLlamaEmbedder
from bot.store.sqlite.erasure import SqliteStore
from bot.tokens import count_tokens
from bot.types import Conversation, Memory, MemoryNumber, MessageId, Private, Scope
from tests.evaluation.dialogues import HOLIDAYS, WORK, Json, asked, dialogue, lines
from tests.evaluation.dialogues import write as write_file
from tests.servers.openai_faults import bad_key
from tests.servers.openai_server import OpenAIServer

DEVELOPMENT_DATA = Path(__file__).parents[2] / "../shared/data/locomo-dev.json"

WHOLE = [
    asked("Who breeds alpacas?", "D1:2"),
    asked("Which clock was repaired?", "D1:3", category=1),
    asked("Who hired a baker?", "D2:1", category=2),
]


def nothing() -> None: ...


def read(folder: Path, *content: Json) -> list[Dialogue]:
    return read_dataset(write_file(folder, list(content))).dialogues


@pytest.fixture
async def embedder(server: OpenAIServer) -> AsyncIterator[OpenAIEmbedder]:
    embedder = OpenAIEmbedder(
        model="text-embedding-3-small",
        dimension=64,
        api_key="sk-secret",
        base_url=server.base_url,
        timeout_seconds=5,
        retries=0,
    )
    yield embedder
    await embedder.close()


async def measured(folder: Path, *content: Json, baselines: bool = False) -> Evaluation:
    return await evaluate(read(folder, *content), WordLlamaEmbedder(), baselines=baselines)


# --- storing


async def stored(store: SqliteStore, folder: Path, *content: Json) -> list[Stored]:
    return [
        await write(store, read, f"{number}", nothing)
        for number, read in enumerate(read(folder, *content), 1)
    ]


async def test_lines_become_answered_messages_of_one_person_at_their_sessions_time(
    store: SqliteStore, tmp_path: Path
) -> None:
    said = lines(1, HOLIDAYS[:2])
    said[1]["speaker"] = "Tariq"
    (only,) = await stored(store, tmp_path, dialogue(session_1=said))
    assert [(m.speaker, m.text, m.sent_at) for m in only.messages[:3]] == [
        ("Mona", HOLIDAYS[0], datetime(2023, 5, 8, 13, 56, tzinfo=UTC)),
        ("Tariq", HOLIDAYS[1], datetime(2023, 5, 8, 13, 56, 5, tzinfo=UTC)),
        ("Mona", WORK[0], datetime(2023, 6, 9, 10, 0, tzinfo=UTC)),
    ]
    ids = [message.id for message in only.messages]
    assert await store.messages(only.scope, Private(), ids) == only.messages
    conversation = Conversation(only.scope.platform, only.scope.space, only.scope.user)
    assert await store.pending(conversation) == []
    health = await store.health()
    assert (health.messages, health.unanswered, health.scopes) == (4, 0, 1)


async def test_sessions_of_the_same_date_keep_their_order(
    store: SqliteStore, tmp_path: Path
) -> None:
    same = {f"session_{number}_date_time": "8 May 2023" for number in (1, 2)}
    (only,) = await stored(store, tmp_path, dialogue(**same))
    times = [message.sent_at for message in only.messages]
    assert times == sorted(set(times))
    assert [message.text for message in only.messages] == HOLIDAYS + WORK


async def test_every_message_gets_its_vector(tmp_path: Path) -> None:
    many = lines(1, [f"Day {number}: it rained." for number in range(EMBED_TOGETHER + 1)])
    embedder = WordLlamaEmbedder()
    async with new_store(embedder) as store:
        await stored(store, tmp_path, dialogue(session_1=many))
        await index(store, embedder)
        health = await store.health()
        assert health.indexed == health.passages == EMBED_TOGETHER + 3


def test_a_memory_counts_for_its_sources_and_a_message_for_its_line() -> None:
    kept = Stored(
        Scope("a", "b", "c"), [], {MessageId(7): "D1:1", MessageId(8): "D1:2", MessageId(9): "D2:1"}
    )
    at = datetime(2023, 5, 8, tzinfo=UTC)
    memory = Memory(
        MemoryNumber(1), "Mona mends clocks.", Private(), "here", at, at, None, None,
        (MessageId(7), MessageId(9)),
    )  # fmt: skip
    assert kept.lines(memory) == {"D1:1", "D2:1"}


# --- asking


async def test_what_is_found_is_scored_by_category_and_in_all(tmp_path: Path) -> None:
    found = await measured(tmp_path, dialogue(*WHOLE, asked("Who plays chess?", "D1:1")))
    assert list(found.categories) == ["multi-hop", "temporal", "single-hop"]
    assert found.categories["multi-hop"]["hit@10"] == found.categories["temporal"]["ndcg@10"] == 1
    assert found.categories["single-hop"]["recall@5"] < 1
    assert found.overall["recall@10"] == pytest.approx(
        (2 + 2 * found.categories["single-hop"]["recall@10"]) / 4
    )
    assert [scores["questions"] for scores in found.categories.values()] == [1, 1, 2]
    assert found.overall["questions"] == 4
    assert list(found.overall) == [
        "recall@5", "recall@10", "recall@20", "hit@10", "ndcg@10",
        "recall@700tokens", "recall@2000tokens", "recall@7000tokens",
        "p50_ms", "p95_ms", "questions",
    ]  # fmt: skip
    assert 0 < found.overall["p50_ms"] <= found.overall["p95_ms"]
    assert found.baselines == {}


async def test_each_depth_counts_only_so_many_items(tmp_path: Path) -> None:
    said = lines(1, [f"{'alpaca ' * (25 - number)}{'of ' * number}" for number in range(1, 25)])
    found = await measured(
        tmp_path,
        dialogue(
            asked("Which alpaca?", "D1:7"),
            asked("Which alpaca?", "D1:15", category=1),
            asked("Which alpaca?", "D1:24", category=2),
            session_1=said,
            session_2=None,
        ),
        baselines=True,
    )
    bm25 = found.baselines["bm25"]
    depths = ("recall@5", "recall@10", "recall@20", "hit@10")
    assert [round(bm25[name] * 3) for name in depths] == [0, 1, 2, 1]


async def test_each_dialogue_is_a_scope_of_its_own(tmp_path: Path) -> None:
    other = dialogue(
        asked("Who breeds alpacas?", "D1:1"),
        session_1=lines(1, ["My cousin breeds alpacas."]),
        session_2=None,
    )
    found = await measured(tmp_path, dialogue(*WHOLE), other)
    assert found.overall["ndcg@10"] == 1  # had one found the other's line, it would come second
    assert found.overall["questions"] == 4


async def test_a_dialogue_that_is_asked_nothing_is_only_stored(tmp_path: Path) -> None:
    found = await measured(tmp_path, dialogue() | {"qa": []}, dialogue(*WHOLE), baselines=True)
    assert found.overall["questions"] == 3


async def test_what_means_the_same_in_other_words_is_found(tmp_path: Path) -> None:
    question = asked("physician appointment", "D1:2")
    said = lines(1, ["Cats are mammals.", "I saw my doctor at the hospital clinic.", "It rained."])
    found = await measured(
        tmp_path, dialogue(question, session_1=said, session_2=None), baselines=True
    )
    assert found.overall["ndcg@10"] == 1
    assert found.baselines["bm25"]["recall@20"] == 0


async def test_the_baselines_are_asked_the_same(tmp_path: Path) -> None:
    found = await measured(tmp_path, dialogue(*WHOLE), baselines=True)
    assert list(found.baselines) == ["bm25", "cosine"]
    for scores in found.baselines.values():
        assert scores["recall@10"] == 1
        assert list(scores) == list(found.overall)


async def test_a_budget_holds_only_what_fits(tmp_path: Path) -> None:
    long = " ".join(["alpaca"] * 900)
    said = lines(1, ["We bred an alpaca.", f"Another alpaca: {long}"])
    found = await evaluate(
        read(tmp_path, dialogue(asked("Which alpaca?", "D1:1", "D1:2"), session_1=said)),
        WordLlamaEmbedder(),
        budgets_tokens=(1, 700, 7_000),
    )
    assert found.overall["recall@1tokens"] == 0
    assert found.overall["recall@700tokens"] == 0.5
    assert found.overall["recall@7000tokens"] == 1


async def test_a_budget_counts_each_item_as_the_prompt_shows_it(
    store: SqliteStore, tmp_path: Path
) -> None:
    (only,) = await stored(store, tmp_path, dialogue())
    ferry, alpacas = only.messages[:2]
    cost = count_tokens(f'- 2023-05-08, Mona said: "{HOLIDAYS[0]}"') + 1
    assert fit([ferry, alpacas], cost) == [ferry]
    assert fit([ferry], cost - 1) == []


async def test_progress_is_told_as_often_as_announced(tmp_path: Path) -> None:
    dialogues = read(tmp_path, dialogue(*WHOLE), dialogue(*WHOLE[:1]))
    for baselines in (False, True):
        told: list[None] = []
        await evaluate(
            dialogues,
            WordLlamaEmbedder(),
            baselines=baselines,
            advance=lambda: told.append(None),  # noqa: B023 (called before the next turn)
        )
        assert len(told) == steps(dialogues, baselines=baselines) > 10


async def test_a_server_can_embed(
    server: OpenAIServer, embedder: OpenAIEmbedder, tmp_path: Path
) -> None:
    found = await evaluate(read(tmp_path, dialogue(*WHOLE)), embedder, baselines=True)
    assert found.overall["recall@10"] == 1
    assert len(server.asked("embeddings")) > len(WHOLE)
    assert len(server.requests) == len(server.asked("embeddings"))


async def test_an_embedder_that_fails_at_a_question_ends_the_evaluation(
    server: OpenAIServer, embedder: OpenAIEmbedder, tmp_path: Path
) -> None:
    dialogues = read(tmp_path, dialogue(*WHOLE))

    def fail_at_the_questions() -> None:
        if len(server.asked("embeddings")) > 1:
            server.fail("embeddings", bad_key(), times=None)

    with pytest.raises(ModelRefused):
        await evaluate(dialogues, embedder, advance=fail_at_the_questions)
    assert len(server.asked("embeddings")) > 2


async def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    async with new_store(WordLlamaEmbedder()):
        assert list(scratch.iterdir()) != []
    assert list(scratch.iterdir()) == []


# --- the development data


@pytest.mark.skipif(not DEVELOPMENT_DATA.exists(), reason="the development data are not here")
async def test_recall_beats_both_baselines_on_a_dialogue_of_the_development_data() -> None:
    dataset = read_dataset(DEVELOPMENT_DATA)
    assert (len(dataset.dialogues), dataset.repaired, dataset.dropped) == (3, 2, 0)
    found = await evaluate(dataset.dialogues[:1], WordLlamaEmbedder(), baselines=True)
    assert set(found.categories) == set(CATEGORIES.values())
    for baseline in found.baselines.values():
        assert found.overall["recall@10"] > baseline["recall@10"] > 0.3
