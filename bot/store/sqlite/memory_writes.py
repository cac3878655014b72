"""The rows that a memory is written as, inside a transaction."""

import sqlite3

import aiosqlite

from bot.ports import NewMemory
from bot.store.sqlite.rows import (
    SCOPE_BITS,
    add_passage,
    memory_id,
    moment,
    number_of,
    scope_range,
    seconds,
    with_attribute,
)
from bot.text import fold_name
from bot.types import MemoryNumber, MessageId


async def _entity(db: aiosqlite.Connection, scope_no: int, memory: NewMemory) -> int | None:
    """The row of the entity a memory speaks of, found by name or alias, or entered.

    A name that the memory's audience has not heard finds an entity only if that audience knows it
    by no other name: otherwise what is said of the one name would answer for the other.
    """
    if memory.slot is None or memory.slot.entity is None:
        return None
    for name in (memory.slot.entity, *memory.aliases):
        rows = await db.execute_fetchall(
            """
            SELECT entity_name.entity_id,
                (:reader = 'private' OR namer.audience IN ('space', :reader)) AS heard
            FROM entity_name JOIN memory AS namer ON namer.id = entity_name.memory_id
            WHERE folded = :folded AND entity_name.entity_id BETWEEN :low AND :high
                AND (heard OR NOT EXISTS (
                    SELECT 1 FROM entity_name AS other JOIN memory ON memory.id = other.memory_id
                    WHERE other.entity_id = entity_name.entity_id AND other.folded <> :folded
                        AND memory.audience IN ('space', :reader)))
            ORDER BY heard DESC, alias, memory_id DESC LIMIT 1
            """,
            {
                "folded": fold_name(name),
                "reader": str(memory.audience),
                **scope_range(scope_no),
            },
        )
        for row in rows:
            return int(row["entity_id"])
    rows = await db.execute_fetchall(
        "UPDATE scope SET entity_seq = entity_seq + 1 WHERE scope_no = ? RETURNING entity_seq",
        (scope_no,),
    )
    identity = scope_no << SCOPE_BITS | int(next(iter(rows))["entity_seq"])
    await db.execute(
        "INSERT INTO entity (id, kind) VALUES (?, ?)", (identity, memory.entity_kind or "thing")
    )
    return identity


async def same_text(
    db: aiosqlite.Connection, scope_no: int, audience: str, text: str
) -> int | None:
    """The current memory of this audience that says exactly this, whatever the case."""
    rows = await db.execute_fetchall(
        "SELECT id FROM memory WHERE id BETWEEN :low AND :high "
        "AND audience = :audience AND text = :text COLLATE NOCASE AND NOT EXISTS ("
        "    SELECT 1 FROM supersession JOIN memory AS newer ON newer.id = newer_id"
        "    WHERE older_id = memory.id AND (:audience = 'private'"
        "        OR newer.audience IN ('space', :audience))) LIMIT 1",
        {"audience": audience, "text": text, **scope_range(scope_no)},
    )
    return next((int(row["id"]) for row in rows), None)


async def add_memory(
    db: aiosqlite.Connection, scope_no: int, memory: NewMemory, extractor: str
) -> MemoryNumber:
    """Enter a memory with its passage, entity, sources and links, or add to one that says it."""
    entity_id = await _entity(db, scope_no, memory)
    rivals = await _rivals(db, scope_no, entity_id, memory)
    if memory.adopts is not None:
        identity = memory_id(scope_no, memory.adopts)
        await _fill_slot(db, identity, entity_id, memory)
    else:
        known = await same_text(db, scope_no, str(memory.audience), memory.text)
        if known is None:
            known = _same_value(rivals, memory)
        if known is not None:
            await say_again(db, known, memory.sources)
            await _drop_unused(db, entity_id)
            return number_of(known)
        identity = await _insert_memory(db, scope_no, entity_id, memory, extractor)
    await _add_names(db, identity, entity_id, memory)
    await add_sources(db, identity, memory.sources)
    await _supersede(db, identity, rivals, memory)
    return number_of(identity)


async def _rivals(
    db: aiosqlite.Connection, scope_no: int, entity_id: int | None, memory: NewMemory
) -> list[sqlite3.Row]:
    """All memories in the same slot, whoever may see them; `closed` for the new one's audience."""
    if memory.slot is None:
        return []
    return list(
        await db.execute_fetchall(
            """
            SELECT id, value, valid_from, audience, EXISTS (
                    SELECT 1 FROM supersession JOIN memory AS newer ON newer.id = newer_id
                    WHERE older_id = memory.id
                        AND (:reader = 'private' OR newer.audience IN ('space', :reader))) AS closed
            FROM memory
            WHERE id BETWEEN :low AND :high AND attribute = :attribute AND entity_id IS :entity
            ORDER BY id
            """,
            {
                "attribute": memory.slot.attribute,
                "entity": entity_id,
                "reader": str(memory.audience),
                **scope_range(scope_no),
            },
        )
    )


def _same_value(rivals: list[sqlite3.Row], memory: NewMemory) -> int | None:
    """The current memory of this audience that has this value in this slot."""
    return next(
        (
            int(row["id"])
            for row in rivals
            if memory.slot is not None
            and row["audience"] == str(memory.audience)
            and not row["closed"]
            and fold_name(row["value"]) == fold_name(memory.slot.value)
        ),
        None,
    )


async def _supersede(
    db: aiosqlite.Connection, identity: int, rivals: list[sqlite3.Row], memory: NewMemory
) -> None:
    """In an exclusive slot, close every earlier statement by every later one with another value.

    Every pair is linked, and one value said again after another: so whichever is forgotten, and
    whoever reads, what is left closes what was before it.
    """
    if memory.slot is None or not memory.slot.exclusive:
        return
    mine = (seconds(memory.valid_from), identity)
    value = fold_name(memory.slot.value)
    others = [
        ((row["valid_from"], row["id"]), fold_name(row["value"]))
        for row in rivals
        if row["id"] != identity
    ]
    earlier = [when for when, other in others if other != value and when < mine]
    later = [when for when, other in others if other != value and when > mine]
    links = [(when[1], identity) for when in earlier] + [(identity, when[1]) for when in later]
    for when, other in others:
        if other == value and when < max(earlier, default=when):
            links.append((when[1], identity))
        elif other == value and when > min(later, default=when):
            links.append((identity, when[1]))
    await db.executemany(
        "INSERT OR IGNORE INTO supersession (older_id, newer_id) VALUES (?, ?)", links
    )


async def _insert_memory(
    db: aiosqlite.Connection,
    scope_no: int,
    entity_id: int | None,
    memory: NewMemory,
    extractor: str,
) -> int:
    rows = await db.execute_fetchall(
        "UPDATE scope SET memory_seq = memory_seq + 1 WHERE scope_no = ? RETURNING memory_seq",
        (scope_no,),
    )
    identity = memory_id(scope_no, MemoryNumber(int(next(iter(rows))["memory_seq"])))
    await db.execute(
        "INSERT INTO memory (id, text, audience, place, said_at, valid_from, extractor) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            identity,
            memory.text,
            str(memory.audience),
            memory.place,
            seconds(memory.said_at),
            seconds(memory.valid_from),
            extractor,
        ),
    )
    await _fill_slot(db, identity, entity_id, memory)
    return identity


async def _fill_slot(
    db: aiosqlite.Connection, identity: int, entity_id: int | None, memory: NewMemory
) -> None:
    """Enter the slot, if there is one, and index the memory with it."""
    if memory.slot is not None:
        await db.execute(
            "UPDATE memory SET entity_id = ?, attribute = ?, value = ?, exclusive = ?, "
            "valid_from = ? WHERE id = ?",
            (
                entity_id,
                memory.slot.attribute,
                memory.slot.value,
                memory.slot.exclusive,
                seconds(memory.valid_from),
                identity,
            ),
        )
    await index_memory(db, identity)


async def index_memory(db: aiosqlite.Connection, identity: int) -> None:
    """Index a memory as it is now, anew: its vector is added later."""
    rows = await db.execute_fetchall(
        "SELECT text, audience, said_at, attribute FROM memory WHERE id = ?", (identity,)
    )
    for row in rows:
        text = with_attribute(row["text"], row["attribute"])
        await db.execute("DELETE FROM passage WHERE id = ?", (identity * 2 + 1,))
        said_at = moment(row["said_at"])
        await add_passage(db, identity * 2 + 1, row["audience"], said_at, text)


async def _add_names(
    db: aiosqlite.Connection, identity: int, entity_id: int | None, memory: NewMemory
) -> None:
    """Every name that a memory uses for its entity is its own, with its audience."""
    if entity_id is None or memory.slot is None or memory.slot.entity is None:
        return
    names = [(memory.slot.entity, 0), *((alias, 1) for alias in memory.aliases)]
    await db.executemany(
        "INSERT OR IGNORE INTO entity_name (entity_id, folded, name, alias, memory_id) "
        "VALUES (?, ?, ?, ?, ?)",
        [(entity_id, fold_name(name), name, alias, identity) for name, alias in names],
    )


async def add_sources(
    db: aiosqlite.Connection, identity: int, sources: tuple[MessageId, ...]
) -> None:
    """Link a memory to the messages it was said in."""
    await db.executemany(
        "INSERT OR IGNORE INTO memory_source (memory_id, message_id) VALUES (?, ?)",
        [(identity, source) for source in sources],
    )


async def say_again(
    db: aiosqlite.Connection, identity: int, sources: tuple[MessageId, ...]
) -> None:
    """Link a known memory to messages that say it too; the newest of them is when it was said.

    A message that not all of the memory's audience could read does not move that date.
    """
    await add_sources(db, identity, sources)
    await db.execute(
        """
        UPDATE memory SET said_at = max(said_at, coalesce((
            SELECT max(sent_at) FROM memory_source JOIN message ON message.id = message_id
            WHERE memory_id = memory.id AND (memory.audience = 'private'
                OR message.audience IN ('space', memory.audience))), said_at))
        WHERE id = ?
        """,
        (identity,),
    )


async def _drop_unused(db: aiosqlite.Connection, entity_id: int | None) -> None:
    """An entity that was entered for a memory that turned out to be known goes again."""
    await db.execute(
        "DELETE FROM entity WHERE id = ? AND NOT EXISTS ("
        "    SELECT 1 FROM memory WHERE memory.entity_id = entity.id)",
        (entity_id,),
    )
