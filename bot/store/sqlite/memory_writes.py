"""The rows that a memory is written as, inside a transaction."""

import sqlite3
from dataclasses import replace

import aiosqlite

from bot import likeness
from bot.ports import NewMemory
from bot.slots import OPPOSITES
from bot.store.sqlite.entities import add_names, drop_unused, entity_for
from bot.store.sqlite.merging import (
    absorb,
    alike_texts,
    covered,
    has_value,
    is_narrower,
    readable,
    same_value,
)
from bot.store.sqlite.rows import (
    add_passage,
    memory_id,
    moment,
    number_of,
    scope_range,
    seconds,
    with_attribute,
)
from bot.types import MemoryNumber, MessageId

PERSON = "person"
"""The extractor of what a person asked to be kept, word for word."""


async def add_memory(
    db: aiosqlite.Connection, scope_no: int, memory: NewMemory, extractor: str
) -> MemoryNumber:
    """Enter a memory with its passage, entity, sources and links, or add to one that says it.

    What only fewer people could read, and says no more, becomes part of it.
    """
    entity_id = await entity_for(db, scope_no, memory)
    rivals = await find_rivals(db, scope_no, entity_id, memory)
    narrower: list[sqlite3.Row] = []
    if memory.adopts is not None:
        identity = memory_id(scope_no, memory.adopts)
        await _fill_slot(db, identity, entity_id, memory)
    else:
        alike = await alike_texts(
            db, scope_no, str(memory.audience), memory.text, exact=extractor == PERSON
        )
        known = [row for row in alike if readable(row, str(memory.audience))]
        known += same_value(rivals, memory)
        if known:
            await say_again(db, known[0]["id"], memory.sources)
            await drop_unused(db, entity_id)
            return number_of(known[0]["id"])
        narrower = [*alike, *covered(rivals, memory)]
        if memory.slot is not None and any(row["exclusive"] for row in narrower):
            memory = replace(memory, slot=replace(memory.slot, exclusive=True))
        identity = await _insert_memory(db, scope_no, entity_id, memory, extractor)
    await add_names(db, identity, entity_id, memory)
    await add_sources(db, identity, memory.sources)
    await supersede(db, identity, rivals, memory)
    await absorb(db, identity, [row for row in narrower if is_narrower(row, memory)])
    return number_of(identity)


async def find_rivals(
    db: aiosqlite.Connection, scope_no: int, entity_id: int | None, memory: NewMemory
) -> list[sqlite3.Row]:
    """All memories in the same slot or its opposite, whoever may see them.

    `closed` for the new one's audience, `over` for those who may see the memory itself.
    """
    if memory.slot is None:
        return []
    attribute = memory.slot.attribute
    return list(
        await db.execute_fetchall(
            """
            SELECT id, text, attribute, value, valid_from, audience, exclusive, EXISTS (
                    SELECT 1 FROM supersession JOIN memory AS newer ON newer.id = newer_id
                    WHERE older_id = memory.id
                        AND (:reader = 'private' OR newer.audience IN ('space', :reader)))
                AS closed,
                EXISTS (
                    SELECT 1 FROM supersession JOIN memory AS newer ON newer.id = newer_id
                    WHERE older_id = memory.id AND (memory.audience = 'private'
                        OR newer.audience IN ('space', memory.audience))) AS over
            FROM memory
            WHERE id BETWEEN :low AND :high AND attribute IN (:attribute, :opposite)
                AND entity_id IS :entity
            ORDER BY id
            """,
            {
                "attribute": attribute,
                "opposite": OPPOSITES.get(attribute, attribute),
                "entity": entity_id,
                "reader": str(memory.audience),
                **scope_range(scope_no),
            },
        )
    )


async def supersede(
    db: aiosqlite.Connection, identity: int, rivals: list[sqlite3.Row], memory: NewMemory
) -> None:
    """Close every earlier statement by every later one that contradicts it.

    Every pair is linked, and one value said again after another: so whichever is forgotten, and
    whoever reads, what is left closes what was before it.
    """
    slot = memory.slot
    if slot is None:
        return
    mine, here = (seconds(memory.valid_from), identity), (slot.attribute, slot.value)
    others = [row for row in rivals if row["id"] != identity]
    against = [
        (row["valid_from"], row["id"])
        for row in others
        if likeness.contradicts(here, (row["attribute"], row["value"]), slot.exclusive)
    ]
    earlier = [when for when in against if when < mine]
    later = [when for when in against if when > mine]
    links = [(when[1], identity) for when in earlier] + [(identity, when[1]) for when in later]
    for when in [(row["valid_from"], row["id"]) for row in others if has_value(row, slot)]:
        if when < max(earlier, default=when):
            links.append((when[1], identity))
        elif when > min(later, default=when):
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
