"""Taking back a change, inside a transaction."""

import json
from dataclasses import dataclass
from datetime import datetime

import aiosqlite

from bot.store.sqlite.changes import PERSON
from bot.store.sqlite.memory_writes import index_memory
from bot.store.sqlite.rows import moment, number_of, seconds
from bot.types import MemoryNumber

# Everything that hangs on a change, in this order; what the person has in hand (`kept`) stays.
_TAKE_BACK = (
    # What it was learnt from is not learnt from again, by no extractor.
    """
    UPDATE turn SET consolidated_at = coalesce(consolidated_at, :now), extractor = :person
    WHERE message_id IN (
        SELECT message_id FROM memory_source WHERE change_no = :change
        UNION SELECT message_id FROM memory_source
        WHERE memory_id IN (SELECT value FROM json_each(:changed)))
    """,
    # A reply that held a removed memory held what it came from: forgetting that takes it along.
    """
    INSERT OR IGNORE INTO turn_message (turn_id, message_id)
    SELECT turn_id, message_id FROM turn_memory JOIN memory_source USING (memory_id)
    WHERE memory_id IN (SELECT value FROM json_each(:added))
    """,
    """
    DELETE FROM supersession WHERE change_no = :change
        AND older_id NOT IN (SELECT value FROM json_each(:kept))
        AND newer_id NOT IN (SELECT value FROM json_each(:kept))
    """,
    """
    DELETE FROM entity_name WHERE change_no = :change
        AND memory_id NOT IN (SELECT value FROM json_each(:kept))
    """,
    "DELETE FROM memory WHERE id IN (SELECT value FROM json_each(:added))",
    """
    DELETE FROM memory_source WHERE change_no = :change
        AND memory_id NOT IN (SELECT value FROM json_each(:kept))
    """,
    """
    UPDATE memory SET said_at = coalesce((
        SELECT max(sent_at) FROM memory_source JOIN message ON message.id = message_id
        WHERE memory_id = memory.id AND (memory.audience = 'private'
            OR message.audience IN ('space', memory.audience))), said_at)
    WHERE id IN (SELECT value FROM json_each(:unsaid))
    """,
    """
    UPDATE memory SET text = was.text, audience = was.audience, place = was.place,
        valid_from = was.valid_from, entity_id = was.entity_id, attribute = was.attribute,
        value = was.value, exclusive = was.exclusive
    FROM memory_version AS was
    WHERE was.memory_id = memory.id AND was.change_no = :change
        AND memory.id IN (SELECT value FROM json_each(:changed))
    """,
    """
    DELETE FROM memory_version WHERE change_no = :change
        AND memory_id IN (SELECT value FROM json_each(:changed))
    """,
    # What another memory stood for is there again, unless that one is kept.
    """
    INSERT OR IGNORE INTO entity (id, kind)
    SELECT entity_id, kind FROM memory_absorbed
    WHERE memory_id IN (SELECT value FROM json_each(:back)) AND entity_id IS NOT NULL
    """,
    """
    INSERT INTO memory (id, text, audience, place, said_at, valid_from, entity_id, attribute, value,
                        exclusive, extractor, uses, change_no, uid)
    SELECT memory_id, text, audience, place, said_at, valid_from, entity_id, attribute, value,
        exclusive, extractor, uses, entered_by, uid
    FROM memory_absorbed
    WHERE change_no = :change AND memory_id IN (SELECT value FROM json_each(:back))
    """,
    """
    INSERT INTO memory_source (memory_id, message_id, change_no)
    SELECT memory_id, json_extract(part.value, '$[0]'), json_extract(part.value, '$[1]')
    FROM memory_absorbed, json_each(sources) AS part
    WHERE change_no = :change AND memory_id IN (SELECT value FROM json_each(:back))
    """,
    """
    INSERT OR IGNORE INTO entity_name (entity_id, folded, name, alias, memory_id, change_no)
    SELECT json_extract(part.value, '$[0]'), json_extract(part.value, '$[1]'),
        json_extract(part.value, '$[2]'), json_extract(part.value, '$[3]'), memory_id,
        json_extract(part.value, '$[4]')
    FROM memory_absorbed, json_each(names) AS part
    WHERE change_no = :change AND memory_id IN (SELECT value FROM json_each(:back))
        AND EXISTS (SELECT 1 FROM entity WHERE id = json_extract(part.value, '$[0]'))
    """,
    """
    INSERT OR IGNORE INTO supersession (older_id, newer_id, change_no)
    SELECT older.id, newer.id, json_extract(part.value, '$[2]')
    FROM memory_absorbed, json_each(links) AS part
    JOIN memory AS older ON older.id = json_extract(part.value, '$[0]')
    JOIN memory AS newer ON newer.id = json_extract(part.value, '$[1]')
    WHERE memory_absorbed.change_no = :change
        AND memory_id IN (SELECT value FROM json_each(:back))
    """,
    "DELETE FROM change WHERE change_id = :change",
)


@dataclass(frozen=True, slots=True)
class Taken:
    """What was taken back; `closed` are memories that something removed had closed or absorbed."""

    made_at: datetime
    removed: tuple[tuple[MemoryNumber, str], ...]
    closed: tuple[MemoryNumber, ...]
    changed: tuple[MemoryNumber, ...]
    unsaid: tuple[MemoryNumber, ...]
    kept: tuple[MemoryNumber, ...]
    missing: tuple[MemoryNumber, ...]


async def take_back(db: aiosqlite.Connection, scope_no: int, now: datetime) -> Taken | None:
    """Take the scope's newest change back; None: there is none."""
    rows = await db.execute_fetchall(
        "SELECT change_id, made_at, memories FROM change WHERE scope_no = ? "
        "ORDER BY change_id DESC LIMIT 1",
        (scope_no,),
    )
    newest = next(iter(rows), None)
    if newest is None:
        return None
    change, touched = newest["change_id"], json.loads(newest["memories"])
    parts, left = await _parts(db, change, newest["memories"])
    parameters: dict[str, object] = {"change": change, "now": seconds(now), "person": PERSON}
    parameters |= {name: str(ids) for name, ids in parts.items()}
    back = await _absorbed(db, parameters)
    parameters["back"] = str(back)
    removed = await db.execute_fetchall(
        "SELECT id, text FROM memory WHERE id IN (SELECT value FROM json_each(:added)) ORDER BY id",
        parameters,
    )
    closed = await db.execute_fetchall(
        """
        SELECT DISTINCT older_id FROM supersession
        WHERE (change_no = :change OR newer_id IN (SELECT value FROM json_each(:added)))
            AND older_id NOT IN (SELECT value FROM json_each(:added)) ORDER BY older_id
        """,
        parameters,
    )
    for statement in _TAKE_BACK:
        await db.execute(statement, parameters)
    for identity in (*parts["changed"], *back):
        await index_memory(db, identity)
    return Taken(
        made_at=moment(newest["made_at"]),
        removed=tuple((number_of(row["id"]), row["text"]) for row in removed),
        closed=tuple(map(number_of, [*(row["older_id"] for row in closed), *back])),
        changed=tuple(map(number_of, parts["changed"])),
        unsaid=tuple(map(number_of, parts["unsaid"])),
        kept=tuple(map(number_of, parts["kept"])),
        missing=tuple(number_of(identity) for identity in touched if identity not in left),
    )


async def _parts(
    db: aiosqlite.Connection, change: int, touched: str
) -> tuple[dict[str, list[int]], set[int]]:
    """The memories that a change added, changed or heard again, and those the person keeps.

    Also which of the touched are left at all. What the person edited since, or asked to be kept in
    the very words that the change entered, is theirs.
    """
    rows = await db.execute_fetchall(
        """
        SELECT id, memory.change_no IS :change AS added,
            EXISTS (SELECT 1 FROM memory_version AS was
                WHERE was.memory_id = memory.id AND was.change_no = :change) AS changed,
            EXISTS (SELECT 1 FROM memory_source AS heard
                WHERE heard.memory_id = memory.id AND heard.change_no = :change) AS unsaid,
            (memory.change_no IS :change AND extractor = :person)
                OR EXISTS (SELECT 1 FROM memory_version AS was WHERE was.memory_id = memory.id
                    AND was.change_no > :change AND was.author = :person) AS kept
        FROM memory WHERE id IN (SELECT value FROM json_each(:touched)) ORDER BY id
        """,
        {"change": change, "touched": touched, "person": PERSON},
    )
    parts: dict[str, list[int]] = {"added": [], "changed": [], "unsaid": [], "kept": []}
    left = set()
    for row in rows:
        left.add(row["id"])
        if row["kept"] or row["added"]:
            parts["kept" if row["kept"] else "added"].append(row["id"])
            continue
        for name in ("changed", "unsaid"):
            if row[name]:
                parts[name].append(row["id"])
    return parts, left


async def _absorbed(db: aiosqlite.Connection, parameters: dict[str, object]) -> list[int]:
    """The memories that the change took away and that no memory the person keeps stands for."""
    rows = await db.execute_fetchall(
        """
        SELECT memory_id FROM memory_absorbed
        WHERE change_no = :change AND NOT EXISTS (
            SELECT 1 FROM json_each(sources) AS part
            JOIN memory_source ON message_id = json_extract(part.value, '$[0]')
            WHERE memory_source.memory_id IN (SELECT value FROM json_each(:kept)))
        """,
        parameters,
    )
    return [row["memory_id"] for row in rows]
