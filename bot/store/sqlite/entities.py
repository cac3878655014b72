"""Whom or what a memory speaks of: the rows of entities and their names."""

from collections.abc import Iterable
from datetime import datetime

import aiosqlite

from bot.likeness import name_likeness
from bot.ports import NewMemory
from bot.store.sqlite.rows import SCOPE_BITS, moment, scope_range
from bot.text import fold_name, names_in, terms

SAME = 0.6
"""Above it two names are one entity's: 0.5 for how alike they are, 0.3 for how much of what is said
of the one is known of the other, 0.2 for how lately that one was spoken of."""
CLEAR = 0.1
"""The best must be so much better than the second: a duplicate is better than a wrong merge."""
HALF_LIFE_DAYS = 30


async def entity_for(db: aiosqlite.Connection, scope_no: int, memory: NewMemory) -> int | None:
    """The row of the entity a memory speaks of, found by name, alias or likeness, or entered."""
    if memory.slot is None or memory.slot.entity is None:
        return None
    for name in (memory.slot.entity, *memory.aliases):
        known = await find_named(db, scope_no, name, str(memory.audience))
        if known is not None:
            return known
    alike = await _alike(db, scope_no, memory, memory.slot.entity)
    if alike is not None:
        return alike
    rows = await db.execute_fetchall(
        "UPDATE scope SET entity_seq = entity_seq + 1 WHERE scope_no = ? RETURNING entity_seq",
        (scope_no,),
    )
    identity = scope_no << SCOPE_BITS | int(next(iter(rows))["entity_seq"])
    await db.execute(
        "INSERT INTO entity (id, kind) VALUES (?, ?)", (identity, memory.entity_kind or "thing")
    )
    return identity


async def find_named(
    db: aiosqlite.Connection, scope_no: int, name: str, audience: str
) -> int | None:
    """The entity of this very name or alias.

    A name that the memory's audience has not heard finds an entity only if that audience knows it
    by no other name: otherwise what is said of the one name would answer for the other.
    """
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
        {"folded": fold_name(name), "reader": audience, **scope_range(scope_no)},
    )
    return next((int(row["entity_id"]) for row in rows), None)


async def _alike(
    db: aiosqlite.Connection, scope_no: int, memory: NewMemory, name: str
) -> int | None:
    """The one entity of the same kind whose name is so like this one that it must be the same.

    Looks only at names, and at what is said of them, that the memory's audience could have heard.
    """
    reader = {"reader": str(memory.audience), **scope_range(scope_no)}
    rows = await db.execute_fetchall(
        """
        SELECT DISTINCT entity.id, entity_name.name
        FROM entity JOIN entity_name ON entity_name.entity_id = entity.id
            JOIN memory AS namer ON namer.id = entity_name.memory_id
        WHERE entity.id BETWEEN :low AND :high AND kind = :kind
            AND (:reader = 'private' OR namer.audience IN ('space', :reader))
        """,
        {"kind": memory.entity_kind or "thing", **reader},
    )
    likeness: dict[int, tuple[float, str]] = {}
    for row in rows:
        one = (name_likeness(name, row["name"]), row["name"])
        likeness[row["id"]] = max(one, likeness.get(row["id"], one))
    spoken = [memory.text, *await _sources(db, memory)]
    people = await db.execute_fetchall("SELECT name FROM scope WHERE scope_no = ?", (scope_no,))
    nothing_new = f"{name} {memory.slot.attribute if memory.slot else ''} " + " ".join(
        row["name"] for row in people
    )
    content = set(terms(memory.text)) - set(terms(nothing_new))
    scores: list[tuple[float, int]] = []
    for entity, (alike, other) in likeness.items():
        if not alike or _told_apart(name, other, spoken):
            continue
        texts, last = await _said_of(db, entity, reader)
        known = {stem for text in texts for stem in terms(text)}
        together = len(content & known) / len(content) if content else 0.0
        days = max(0.0, (memory.said_at - last).total_seconds() / 86_400)
        scores.append((0.5 * alike + 0.3 * together + 0.2 * 0.5 ** (days / HALF_LIFE_DAYS), entity))
    (best, entity), (second, _), *_ = [*sorted(scores, reverse=True), (0.0, 0), (0.0, 0)]
    return entity if best > SAME and best - second > CLEAR else None


async def _sources(db: aiosqlite.Connection, memory: NewMemory) -> list[str]:
    rows = await db.execute_fetchall(
        "SELECT text FROM message WHERE text IS NOT NULL "
        "AND id IN (SELECT value FROM json_each(?))",
        (str(list(memory.sources)),),
    )
    return [row["text"] for row in rows]


async def _said_of(
    db: aiosqlite.Connection, entity: int, reader: dict[str, object]
) -> tuple[list[str], datetime]:
    """The memories of an entity, and when it was last spoken of."""
    rows = await db.execute_fetchall(
        """
        SELECT text, said_at FROM memory WHERE entity_id = :entity
            AND (:reader = 'private' OR audience IN ('space', :reader))
        """,
        {"entity": entity, **reader},
    )
    held = [(row["text"], moment(row["said_at"])) for row in rows]
    return [text for text, _ in held], max(said_at for _, said_at in held)


def _told_apart(one: str, other: str, texts: Iterable[str]) -> bool:
    """Whether both names stand in one text, neither within the other: then they are two."""
    first, second = fold_name(one), fold_name(other)
    if f" {first} " in f" {second} " or f" {second} " in f" {first} ":
        return False
    return any({first, second} <= set(names_in(text)) for text in texts)


async def add_names(
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


async def drop_unused(db: aiosqlite.Connection, entity_id: int | None) -> None:
    """An entity that no memory, as it is or was, speaks of (any more) goes."""
    await db.execute(
        "DELETE FROM entity WHERE id = ? AND NOT EXISTS ("
        "    SELECT 1 FROM memory WHERE memory.entity_id = entity.id) AND NOT EXISTS ("
        "    SELECT 1 FROM memory_version WHERE memory_version.entity_id = entity.id)",
        (entity_id,),
    )
