"""Stores with years of talk in them."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from bot.llm.wordllama_embedder import WordLlamaEmbedder
from bot.ports import Batch, NewMemory, Used
from bot.store.sqlite.driver import choose_driver, connector
from bot.store.sqlite.erasure import SqliteStore
from bot.store.sqlite.rows import SCOPE_BITS, seconds, with_attribute
from bot.store.sqlite.vectors import bits, int8
from bot.text import fold_name, forms
from bot.tokens import count_tokens
from bot.types import Conversation, IncomingMessage, Private, Scope, Slot, Usage
from tests.bench import talk

ALICE = Scope("bench", "home", "alice")
DM = Conversation("bench", "home", "dm:alice")
PEOPLE = 500
"""Other people; half of their scopes come before Alice's and half after it."""
TOLD = 1_000
"""Distinct statements of the other people; each of their memories is one of these."""


def said(text: str, event: str, at: datetime) -> IncomingMessage:
    """A message of Alice's in her DM."""
    return IncomingMessage(ALICE, DM, Private(), event, "alice", text, at, "a private conversation")


async def fill(path: Path, *, memories: int, turns: int, others: int) -> None:
    """Make a store where Alice has so many memories from so many turns, and others `others`.

    All is consolidated, embedded with the built-in model and, but for the newest turns, summarised.
    """
    embedder = WordLlamaEmbedder()
    store = await SqliteStore.open(path)
    try:
        await store.use_vectors_of(embedder.name, embedder.dimension)
        told = await _told(embedder) if others else []
        with closing(connector(choose_driver(), path)()) as db:
            _add_people(db, told, range(PEOPLE // 2), others // PEOPLE)
            await _add_alice(store, memories, turns)
            _add_people(db, told, range(PEOPLE // 2, PEOPLE), others // PEOPLE)
        while texts := await store.unindexed(500):
            vectors = await embedder.embed([text.text for text in texts])
            await store.add_vectors(
                [(text.id, vector) for text, vector in zip(texts, vectors, strict=True)]
            )
    finally:
        await store.close()


# --- Alice, by the store's own ways -------------------------------------------------------------


async def _add_alice(store: SqliteStore, memories: int, turns: int) -> None:
    random = Random(1)
    start = datetime.now(UTC) - timedelta(days=80)
    for number in range(turns):
        at = start + timedelta(hours=3 * number)
        text, answer = talk.message(random), talk.reply(random)
        turn = await store.record(said(text, f"old:{number}", at), count_tokens(text), urgent=False)
        if turn is not None:
            await store.finish(turn, answer, count_tokens(answer), Used(), Usage(), at)
    statements = _statements(random)
    while batches := await store.due_batches(datetime.now(UTC), 1, 0, True):
        for batch in batches:
            count = memories * len(batch.turns) // turns
            new = [_memory(next(statements), batch, number) for number in range(count)]
            await store.apply(batch, new, [], "bench", Usage(), datetime.now(UTC))
    for foldable in await store.foldable(1500):
        through, _ = foldable.exchanges[-9]  # about 800 tokens stay word for word
        text = " ".join(talk.reply(random) for _ in range(5))
        await store.add_summary(foldable, through, text, Usage(), datetime.now(UTC))


def _statements(random: Random) -> Iterator[tuple[str, Slot]]:
    """Statements of which none is another again."""
    seen: set[Slot] = set()
    while True:
        text, slot = talk.statement(random)
        if slot not in seen:
            seen.add(slot)
            yield text, slot


def _memory(statement: tuple[str, Slot], batch: Batch, number: int) -> NewMemory:
    text, slot = statement
    place = number % len(batch.turns)
    source = batch.exchanges[place].said
    return NewMemory(
        text=text,
        audience=batch.audience,
        place=batch.places[place],
        said_at=source.sent_at,
        valid_from=source.sent_at,
        sources=(source.id,),
        slot=slot,
    )


# --- other people, in bulk ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Told:
    """A statement with everything that is stored of it."""

    text: str
    slot: Slot
    terms: list[str]
    embedding: bytes
    bits: bytes


async def _told(embedder: WordLlamaEmbedder) -> list[_Told]:
    random = Random(2)
    statements = [talk.statement(random) for _ in range(TOLD)]
    texts = [with_attribute(text, slot.attribute) for text, slot in statements]
    vectors = await embedder.embed(texts)
    return [
        _Told(text, slot, forms(indexed), int8(vector), bits(vector))
        for (text, slot), indexed, vector in zip(statements, texts, vectors, strict=True)
    ]


def _add_people(
    db: sqlite3.Connection, told: list[_Told], people: range, memories_each: int
) -> None:
    """Write people whose scopes follow those that are there, in one transaction."""
    random, now = Random(people.start), seconds(datetime.now(UTC))
    db.execute("BEGIN IMMEDIATE")
    for person in people if memories_each else ():
        (scope_no,) = db.execute(
            "INSERT INTO scope (platform, space, user, name, memory_seq, entity_seq) "
            "VALUES ('bench', 'home', ?, ?, ?, ?) RETURNING scope_no",
            (f"user{person}", f"user{person}", memories_each, len(talk.NAMES)),
        ).fetchone()
        base = scope_no << SCOPE_BITS
        chosen = list(enumerate(random.sample(told, memories_each), base + 1))
        entities = {name: base + number for number, name in enumerate(talk.NAMES, 1)}
        db.executemany(
            "INSERT INTO entity (id, kind) VALUES (?, 'person')",
            [(identity,) for identity in entities.values()],
        )
        _add_memories(db, chosen, entities, now)
    db.execute("COMMIT")


def _add_memories(
    db: sqlite3.Connection, chosen: list[tuple[int, _Told]], entities: dict[str, int], now: int
) -> None:
    db.executemany(
        """
        INSERT INTO memory (id, text, audience, place, said_at, valid_from, entity_id, attribute,
                            value, extractor)
        VALUES (?, ?, 'private', 'a private conversation', ?, ?, ?, ?, ?, 'bench')
        """,
        [
            (identity, told.text, now, now, entities.get(told.slot.entity or ""),
             told.slot.attribute, told.slot.value)
            for identity, told in chosen
        ],
    )  # fmt: skip
    db.executemany(
        "INSERT OR IGNORE INTO entity_name (entity_id, folded, name, alias, memory_id) "
        "VALUES (?, ?, ?, 0, ?)",
        [
            (entities[told.slot.entity], fold_name(told.slot.entity), told.slot.entity, identity)
            for identity, told in chosen
            if told.slot.entity is not None
        ],
    )
    db.executemany(
        "INSERT INTO passage (id, audience, terms, said_at, model_no) "
        "VALUES (?, 'private', ?, ?, (SELECT max(model_no) FROM embedding_model))",
        [(identity * 2 + 1, " ".join(told.terms), now) for identity, told in chosen],
    )
    db.executemany(
        "INSERT INTO passage_vector (id, model_no, embedding, bits) "
        "VALUES (?, (SELECT max(model_no) FROM embedding_model), ?, ?)",
        [(identity * 2 + 1, told.embedding, told.bits) for identity, told in chosen],
    )
