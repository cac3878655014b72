"""The rows that a memory is written as, inside a transaction."""

import sqlite3

import aiosqlite

from bot.ports import NewMemory
from bot.store.sqlite.rows import (
    SCOPE_BITS,
    add_passage,
    indexed_text,
    memory_id,
    number_of,
    scope_range,
    seconds,
)
from bot.text import fold_name
from bot.types import MemoryNumber, MessageId


async def _entity(db: aiosqlite.Connection, scope_no: int, memory: NewMemory) -> int | None:
    """The row of the entity a memory speaks of, found by name or alias, or entered."""
    if memory.slot is None or memory.slot.entity is None:
        return None
    bounds = (scope_no << SCOPE_BITS, ((scope_no + 1) << SCOPE_BITS) - 1)
    for name in (memory.slot.entity, *memory.aliases):
        rows = await db.execute_fetchall(
            "SELECT entity_id FROM entity_name WHERE folded = ? AND entity_id BETWEEN ? AND ? "
            "ORDER BY alias, memory_id DESC LIMIT 1",
            (fold_name(name), *bounds),
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
    audience = str(memory.audience)
    entity_id = await _entity(db, scope_no, memory)
    rivals = await _rivals(db, scope_no, entity_id, memory)
    if memory.adopts is not None:
        identity = memory_id(scope_no, memory.adopts)
        await _fill_slot(db, identity, entity_id, memory)
    else:
        known = await same_text(db, scope_no, audience, memory.text)
        if known is None and memory.slot is not None:
            value = fold_name(memory.slot.value)
            known = next(
                (
                    int(row["id"])
                    for row in rivals
                    if row["audience"] == audience and fold_name(row["value"]) == value
                ),
                None,
            )
        if known is not None:
            await add_sources(db, known, memory.sources)
            return number_of(known)
        identity = await _insert_memory(db, scope_no, entity_id, memory, extractor)
    await _add_names(db, identity, entity_id, memory)
    await add_sources(db, identity, memory.sources)
    if memory.slot is not None and memory.slot.exclusive:
        for row in rivals:
            if row["id"] == identity or fold_name(row["value"]) == fold_name(memory.slot.value):
                continue
            if row["valid_from"] <= seconds(memory.valid_from):
                await _supersede(db, row["id"], identity)
            else:
                await _supersede(db, identity, row["id"])
    return number_of(identity)


async def _rivals(
    db: aiosqlite.Connection, scope_no: int, entity_id: int | None, memory: NewMemory
) -> list[sqlite3.Row]:
    """The current memories in the same slot that the new one's audience may see."""
    if memory.slot is None:
        return []
    return list(
        await db.execute_fetchall(
            """
            SELECT id, value, valid_from, audience FROM memory
            WHERE id BETWEEN :low AND :high AND attribute = :attribute AND entity_id IS :entity
                AND (:reader = 'private' OR audience IN ('space', :reader))
                AND NOT EXISTS (
                    SELECT 1 FROM supersession JOIN memory AS newer ON newer.id = newer_id
                    WHERE older_id = memory.id
                        AND (:reader = 'private' OR newer.audience IN ('space', :reader)))
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
    text = indexed_text(memory.said_at, memory.text)
    await add_passage(db, identity * 2 + 1, str(memory.audience), text)
    return identity


async def _fill_slot(
    db: aiosqlite.Connection, identity: int, entity_id: int | None, memory: NewMemory
) -> None:
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


async def _supersede(db: aiosqlite.Connection, older: int, newer: int) -> None:
    """Close `older`, and what it had closed: so forgetting one link of a chain reopens none."""
    await db.execute(
        """
        INSERT OR IGNORE INTO supersession (older_id, newer_id)
        SELECT id, :newer FROM memory WHERE id = :older AND id <> :newer
        UNION SELECT older_id, :newer FROM supersession
        WHERE newer_id = :older AND older_id <> :newer
        """,
        {"older": older, "newer": newer},
    )
