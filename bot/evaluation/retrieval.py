"""Dialogues are stored as what a person said, and what recall finds for each question is scored.

The store, the index and the recall are those of a running Ellie. No language model is asked, so
messages are found, not memories.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Protocol

from bot.errors import ModelError, StoreError
from bot.evaluation.baselines import BM25, Cosine
from bot.evaluation.dataset import CATEGORIES, Dialogue, Question
from bot.evaluation.metrics import hit, ndcg, percentile, recall
from bot.evidence import Limits, describe, fit_evidence
from bot.ports import Embedder, Used
from bot.recall import Recall
from bot.store.sqlite.erasure import SqliteStore
from bot.tokens import count_tokens
from bot.types import (
    Conversation,
    IncomingMessage,
    Memory,
    Message,
    MessageId,
    Private,
    Scope,
    Usage,
)
from bot.when import warm_up

BUDGETS_TOKENS = (700, 2_000, 7_000)
LIMIT = 20
"""Items found for all but the budgets. Finding so many is what is timed."""
BUDGET_LIMIT = 200
"""Items that a baseline finds to fill a budget: more than most fill 7,000 tokens with."""
EMBED_TOGETHER = 64
BETWEEN_LINES = timedelta(seconds=5)

Scores = dict[str, float]
"""By the names they have in the JSON file: shares, "p50_ms" and "p95_ms", and "questions"."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The mean scores of all questions, of each category that has any, and of each baseline."""

    overall: Scores
    categories: dict[str, Scores]
    baselines: dict[str, Scores]


@dataclass(frozen=True, slots=True)
class _Scored:
    """What one searcher did for one question."""

    category: str
    shares: Scores
    milliseconds: float


class _Searcher(Protocol):
    async def find(self, question: str, limit: int) -> Sequence[Memory | Message]: ...

    async def evidence(self, question: str, budget_tokens: int) -> list[Memory | Message]: ...


def steps(dialogues: Sequence[Dialogue], *, baselines: bool) -> int:
    """How often `evaluate` says that it has come further."""
    lines = sum(len(session.lines) for dialogue in dialogues for session in dialogue.sessions)
    asked = sum(len(dialogue.questions) for dialogue in dialogues)
    return lines + asked * (3 if baselines else 1)


async def evaluate(
    dialogues: Sequence[Dialogue],
    embedder: Embedder,
    *,
    budgets_tokens: Sequence[int] = BUDGETS_TOKENS,
    baselines: bool = False,
    advance: Callable[[], None] = lambda: None,
) -> Evaluation:
    """Store the dialogues, each as a scope of one new database, and ask all of their questions.

    `advance` is called `steps` times. ModelError where the embedder fails; StoreError where the
    database cannot compare vectors.
    """
    await asyncio.to_thread(warm_up)  # as a running Ellie has done before she is asked
    watched = _Watched(embedder)
    scored: dict[str, list[_Scored]] = {}
    async with new_store(watched) as store:
        stored = [
            await write(store, dialogue, str(number), advance)
            for number, dialogue in enumerate(dialogues, 1)
        ]
        await index(store, watched)
        for dialogue, kept in zip(dialogues, stored, strict=True):
            searchers: dict[str, _Searcher] = {"ellie": _Ellie(store, watched, kept)}
            if baselines:
                searchers["bm25"] = _Baseline(BM25(kept.messages))
                searchers["cosine"] = _Baseline(await Cosine.index(kept.messages, watched))
            for name, searcher in searchers.items():
                if dialogue.questions:  # what is loaded at the first use is not timed
                    await searcher.find(dialogue.questions[0].text, LIMIT)
                for question in dialogue.questions:
                    done = await _score(searcher, question, kept, budgets_tokens)
                    watched.check()
                    scored.setdefault(name, []).append(done)
                    advance()
    ours = scored.pop("ellie")
    by_category = {
        category: [done for done in ours if done.category == category]
        for category in CATEGORIES.values()
    }
    return Evaluation(
        _mean(ours),
        {category: _mean(done) for category, done in by_category.items() if done},
        {name: _mean(done) for name, done in scored.items()},
    )


@dataclass(frozen=True, slots=True)
class Stored:
    """A dialogue in the store. `line_of`: the id of the line that a message was made from."""

    scope: Scope
    messages: list[Message]
    line_of: dict[MessageId, str]

    def lines(self, item: Memory | Message) -> frozenset[str]:
        """The ids of the lines that an item brings: its own, or a memory's sources'."""
        sources = item.sources if isinstance(item, Memory) else (item.id,)
        return frozenset(self.line_of[source] for source in sources)


async def write(
    store: SqliteStore, dialogue: Dialogue, name: str, advance: Callable[[], None]
) -> Stored:
    """Store every line as something that one person told Ellie, and that she did not answer."""
    stored = Stored(Scope("evaluation", "dialogues", name), [], {})
    conversation = Conversation("evaluation", "dialogues", name)
    at = datetime.min.replace(tzinfo=UTC)
    for session in dialogue.sessions:
        at = max(at, session.began_at)  # sessions may have the same date: their order is kept
        for line in session.lines:
            said = IncomingMessage(
                stored.scope, conversation, Private(), f"line {len(stored.messages)}",
                line.speaker, line.text, at, "a recorded dialogue",
            )  # fmt: skip
            turn = await store.record(said, count_tokens(line.text), urgent=False)
            if turn is None:
                raise StoreError("The new database was not empty.")
            await store.finish(turn, "", 0, Used(), Usage(), at)
            stored.messages.append(turn.message)
            stored.line_of[turn.message.id] = line.id
            at += BETWEEN_LINES
            advance()
    return stored


async def index(store: SqliteStore, embedder: Embedder) -> None:
    """Give every text its vector, as the worker does. Raises ModelError."""
    while texts := await store.unindexed(EMBED_TOGETHER):
        vectors = await embedder.embed([text.text for text in texts])
        await store.add_vectors(
            [(text.id, vector) for text, vector in zip(texts, vectors, strict=True)]
        )


class _Ellie:
    """Recall for a reply to the person who was there, when the dialogue has just ended."""

    def __init__(self, store: SqliteStore, embedder: Embedder, stored: Stored) -> None:
        ended = stored.messages[-1].sent_at
        self._recall = Recall(store, embedder, lambda: ended)
        self._scope = stored.scope

    async def find(self, question: str, limit: int) -> list[Memory | Message]:
        found = await self._recall.find(self._scope, Private(), question, limit=limit)
        return [recalled.item for recalled in found]

    async def evidence(self, question: str, budget_tokens: int) -> list[Memory | Message]:
        """What a prompt of any length would hold, as `Turns` makes it."""
        limit = Limits(sys.maxsize, budget_tokens).items
        found = await self._recall.find(self._scope, Private(), question, limit=limit)
        found = await self._recall.with_surroundings(self._scope, Private(), found)
        _, chosen = fit_evidence([], found, budget_tokens)
        return [item for recalled in chosen for item in (recalled.item, *recalled.around)]


class _Baseline:
    """A plain search, whose best items fill a budget in their order."""

    def __init__(self, search: BM25 | Cosine) -> None:
        self._search = search

    async def find(self, question: str, limit: int) -> list[Message]:
        return await self._search.find(question, limit)

    async def evidence(self, question: str, budget_tokens: int) -> list[Memory | Message]:
        return fit(await self.find(question, BUDGET_LIMIT), budget_tokens)


class _Watched:
    """An embedder whose failure is kept: recall goes on without it, an evaluation must not."""

    def __init__(self, embedder: Embedder) -> None:
        self.name, self.dimension = embedder.name, embedder.dimension
        self._embedder = embedder
        self._failure: ModelError | None = None

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        try:
            return await self._embedder.embed(texts)
        except ModelError as error:
            self._failure = error
            raise

    def check(self) -> None:
        """Raise what was raised before, whoever caught it."""
        if self._failure is not None:
            raise self._failure


@asynccontextmanager
async def new_store(embedder: Embedder) -> AsyncIterator[SqliteStore]:
    """An empty database for this embedder's vectors, gone afterwards."""
    with TemporaryDirectory(prefix="ellie-evaluation-") as folder:
        store = await SqliteStore.open(Path(folder) / "ellie.db")
        try:
            if not store.driver.vectors:
                raise StoreError(
                    "This Python's SQLite cannot compare vectors: sqlite-vec is missing."
                )
            await store.use_vectors_of(embedder.name, embedder.dimension)
            yield store
        finally:
            await store.close()


async def _score(
    searcher: _Searcher, question: Question, stored: Stored, budgets_tokens: Sequence[int]
) -> _Scored:
    """Ask one question; finding `LIMIT` items is timed."""
    began = perf_counter()
    found = await searcher.find(question.text, LIMIT)
    milliseconds = (perf_counter() - began) * 1_000
    wanted = question.answered_by
    ranking = [stored.lines(item) for item in found]
    shares = {f"recall@{depth}": recall(ranking[:depth], wanted) for depth in (5, 10, 20)}
    shares["hit@10"] = hit(ranking[:10], wanted)
    shares["ndcg@10"] = ndcg(ranking, wanted, 10)
    for budget in budgets_tokens:
        held = [stored.lines(item) for item in await searcher.evidence(question.text, budget)]
        shares[f"recall@{budget}tokens"] = recall(held, wanted)
    return _Scored(question.category, shares, milliseconds)


def fit(items: Sequence[Memory | Message], budget_tokens: int) -> list[Memory | Message]:
    """The items, best first, that fit into a budget, as the prompt describes them."""
    chosen = []
    for item in items:
        cost = count_tokens(describe(item)) + 1
        if cost <= budget_tokens:
            budget_tokens -= cost
            chosen.append(item)
    return chosen


def _mean(scored: Sequence[_Scored]) -> Scores:
    times = [done.milliseconds for done in scored]
    return {
        **{name: fmean(done.shares[name] for done in scored) for name in scored[0].shares},
        "p50_ms": percentile(times, 50),
        "p95_ms": percentile(times, 95),
        "questions": len(scored),
    }
