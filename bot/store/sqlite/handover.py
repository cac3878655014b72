"""What a restored file takes over from the one it replaces, and what that names in it."""

import sqlite3
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from typing import Any

import aiosqlite

from bot.errors import StoreError
from bot.store.sqlite.ledger import (
    EVERYWHERE,
    Keys,
    memory_mark,
    message_marks,
    person_mark,
    read_keys,
    wording_mark,
)
from bot.store.sqlite.rows import SCOPE_BITS, number_of
from bot.types import Conversation, MemoryNumber, MessageId, Scope

Row = tuple[Any, ...]

_KNOWN_SPACES = """
    SELECT platform, space FROM scope UNION SELECT platform, space FROM conversation
    UNION SELECT platform, space FROM space_setting
    """


@dataclass(frozen=True, slots=True)
class Ledger:
    """What one file knows of deletions and of wishes. `keys`: the newest first.

    `scopes`: who is there, with what they were promised: how far their numbers went, and whether
    they paused. `living`: the names of its memories. `spaces`: those it knows.
    """

    keys: Keys
    tombstones: frozenset[bytes]
    opt_outs: tuple[Row, ...]
    opt_out_names: tuple[Row, ...]
    audit: tuple[Row, ...]
    departures: tuple[Row, ...]
    retention: tuple[Row, ...]
    settings: tuple[Row, ...]
    tokens: tuple[Row, ...]
    inbox: tuple[Row, ...]
    scopes: tuple[Row, ...]
    spaces: tuple[Row, ...]
    living: frozenset[str]


async def read_ledger(db: aiosqlite.Connection) -> Ledger:
    """The ledger of a file of the current schema. Raises StoreError while an erasure is begun."""
    if await _rows(db, "SELECT 1 FROM erasure"):
        raise StoreError("It is being erased in. Try again.")
    return Ledger(
        keys=await read_keys(db),
        tombstones=frozenset(
            row["mark"] for row in await db.execute_fetchall("SELECT mark FROM tombstone")
        ),
        opt_outs=await _rows(db, "SELECT mark, since FROM opt_out"),
        opt_out_names=await _rows(db, "SELECT mark, person FROM opt_out_name"),
        audit=await _rows(db, "SELECT at, actor, act, person, counts FROM audit ORDER BY audit_id"),
        departures=await _rows(db, "SELECT platform, space, purge_at FROM departure"),
        retention=await _rows(
            db, "SELECT platform, space, message_days, memory_days FROM retention"
        ),
        settings=await _rows(db, "SELECT platform, space, name, value FROM space_setting"),
        tokens=await _rows(db, "SELECT platform, space, sealed FROM platform_token"),
        inbox=await _rows(db, "SELECT * FROM inbox"),
        scopes=await _rows(
            db,
            "SELECT platform, space, user, name, paused_at, message_seq, memory_seq, entity_seq "
            "FROM scope",
        ),
        spaces=await _rows(db, _KNOWN_SPACES),
        living=frozenset(row["uid"] for row in await db.execute_fetchall("SELECT uid FROM memory")),
    )


async def take_over(db: aiosqlite.Connection, ledger: Ledger) -> None:
    """Add another file's ledger to this one, in one transaction; its newest key stays the newest.

    Tombstones and opt-outs add up. Of a space that the other file knows, it alone says whether it
    was left, how long its texts are kept, what was set for it, and by which token it is reached; of
    a person, whether they paused. What waits to be dealt with is the other's alone. No number is
    given again that was given there.
    """
    own = await read_ledger(db)
    await db.execute("BEGIN IMMEDIATE")
    keys = [key for key in own.keys if key not in ledger.keys]
    audit = [row for row in own.audit if row not in set(ledger.audit)] + list(ledger.audit)
    paused = [row[:5] for row in ledger.scopes if row[4] is not None]
    numbered = [(*row[4:8], *row[:3]) for row in ledger.scopes]
    for statement, rows in (
        ("DELETE FROM ledger_key", [()]),
        ("INSERT INTO ledger_key (key) VALUES (?)", _each(reversed([*ledger.keys, *keys]))),
        ("INSERT OR IGNORE INTO tombstone VALUES (?)", _each(ledger.tombstones)),
        ("INSERT OR IGNORE INTO opt_out VALUES (?, ?)", ledger.opt_outs),
        ("INSERT OR IGNORE INTO opt_out_name VALUES (?, ?)", ledger.opt_out_names),
        ("DELETE FROM audit", [()]),
        (
            "INSERT INTO audit (at, actor, act, person, counts) VALUES (?, ?, ?, ?, ?)",
            sorted(audit, key=lambda row: row[0]),
        ),
        ("DELETE FROM departure WHERE platform = ? AND space = ?", ledger.spaces),
        ("INSERT OR REPLACE INTO departure VALUES (?, ?, ?)", ledger.departures),
        ("DELETE FROM retention WHERE platform = ? AND space = ?", ledger.spaces),
        ("INSERT OR REPLACE INTO retention VALUES (?, ?, ?, ?)", ledger.retention),
        ("DELETE FROM space_setting WHERE platform = ? AND space = ?", ledger.spaces),
        ("INSERT OR REPLACE INTO space_setting VALUES (?, ?, ?, ?)", ledger.settings),
        ("DELETE FROM platform_token WHERE platform = ? AND space = ?", ledger.spaces),
        ("INSERT OR REPLACE INTO platform_token VALUES (?, ?, ?)", ledger.tokens),
        ("DELETE FROM inbox", [()]),
        ("INSERT INTO inbox VALUES (?, ?, ?, ?, ?, ?, ?, ?)", ledger.inbox),
        (
            "INSERT OR IGNORE INTO scope (platform, space, user, name, paused_at) "
            "VALUES (?, ?, ?, ?, ?)",
            paused,
        ),
        (
            "UPDATE scope SET paused_at = ?, message_seq = max(message_seq, ?), "
            "memory_seq = max(memory_seq, ?), entity_seq = max(entity_seq, ?) "
            "WHERE platform = ? AND space = ? AND user = ?",
            numbered,
        ),
    ):
        await db.executemany(statement, rows)
    await db.execute("COMMIT")


async def named_people(db: aiosqlite.Connection) -> list[Scope]:
    """Who is there in the file and has opted out."""
    keys, _, scopes = await _marks(db)
    out = {row["mark"] for row in await db.execute_fetchall("SELECT mark FROM opt_out")}
    return [
        scope
        for scope in scopes.values()
        if scope.user
        and not out.isdisjoint(
            person_mark(key, scope, space) for key in keys for space in (None, EVERYWHERE)
        )
    ]


async def named_memories(
    db: aiosqlite.Connection, living: frozenset[str], fresh: frozenset[bytes]
) -> dict[Scope, list[MemoryNumber]]:
    """The memories there that tombstones name, by their own name or by their sources.

    By its sources: a tombstone of `fresh` names one of them, no other has a text that may stay, and
    the memory is not among the `living` of the file that knows. So one goes that another absorbed
    which was forgotten then, and one stays whose sibling was forgotten.
    """
    keys, buried, scopes = await _marks(db)
    ids: dict[int, None] = {}
    async for row in _each_row(db, "SELECT id, uid FROM memory"):
        if not buried.isdisjoint(memory_mark(key, row["uid"]) for key in keys):
            ids[row["id"]] = None
    unsaid: dict[int, None] = {}
    kept: set[int] = set()
    async for row in _each_row(
        db,
        """
        SELECT memory_id, uid, platform, space, key, event_id, message.text IS NOT NULL AS told
        FROM memory_source JOIN memory ON memory.id = memory_id
        JOIN message ON message.id = message_id JOIN conversation USING (conversation_no)
        """,
    ):
        marks = set(message_marks(keys, _conversation(row), row["event_id"]))
        if not fresh.isdisjoint(marks):
            unsaid[row["memory_id"]] = None
        if row["uid"] in living or (row["told"] and buried.isdisjoint(marks)):
            kept.add(row["memory_id"])
    ids |= {identity: None for identity in unsaid if identity not in kept}
    found: dict[Scope, list[MemoryNumber]] = {}
    for identity in ids:
        found.setdefault(scopes[identity >> SCOPE_BITS], []).append(number_of(identity))
    return found


async def named_messages(
    db: aiosqlite.Connection, *, told: bool = True
) -> dict[Scope, list[MessageId]]:
    """The messages that tombstones name, by their event or by their wording.

    `told`: only those with a text; otherwise those whose text is gone already.
    """
    keys, buried, scopes = await _marks(db)
    found: dict[Scope, list[MessageId]] = {}
    async for row in _each_row(
        db,
        """
        SELECT id, platform, space, key, event_id, text FROM message
        JOIN conversation USING (conversation_no)
        """,
    ):
        said, event, text = _conversation(row), row["event_id"], row["text"]
        marks = message_marks(keys, said, event)
        if told:
            marks += [wording_mark(key, said, event, text) for key in keys]
        if told is (text is not None) and not buried.isdisjoint(marks):
            found.setdefault(scopes[row["id"] >> SCOPE_BITS], []).append(MessageId(row["id"]))
    return found


async def empty_scopes(db: aiosqlite.Connection) -> list[Scope]:
    """The people of whom no text and no memory is left."""
    rows = await db.execute_fetchall(
        """
        SELECT platform, space, user FROM scope
        WHERE user <> ''
            AND NOT EXISTS (
                SELECT 1 FROM memory
                WHERE memory.id BETWEEN (scope_no << :bits) AND ((scope_no + 1) << :bits) - 1)
            AND NOT EXISTS (
                SELECT 1 FROM message WHERE text IS NOT NULL
                AND message.id BETWEEN (scope_no << :bits) AND ((scope_no + 1) << :bits) - 1)
        """,
        {"bits": SCOPE_BITS},
    )
    return [Scope(row["platform"], row["space"], row["user"]) for row in rows]


async def _marks(
    db: aiosqlite.Connection,
) -> tuple[Keys, frozenset[bytes], dict[int, Scope]]:
    """The file's keys, its tombstones, and its scopes by number."""
    buried = frozenset(
        row["mark"] for row in await db.execute_fetchall("SELECT mark FROM tombstone")
    )
    rows = await db.execute_fetchall("SELECT scope_no, platform, space, user FROM scope")
    scopes = {row["scope_no"]: Scope(row["platform"], row["space"], row["user"]) for row in rows}
    return await read_keys(db), buried, scopes


async def _rows(db: aiosqlite.Connection, sql: str) -> tuple[Row, ...]:
    return tuple(tuple(row) for row in await db.execute_fetchall(sql))


async def _each_row(db: aiosqlite.Connection, sql: str) -> AsyncIterator[sqlite3.Row]:
    """The rows, not all in memory at once."""
    async with db.execute(sql) as cursor:
        async for row in cursor:
            yield row


def _each(values: Iterable[bytes]) -> list[Row]:
    return [(value,) for value in values]


def _conversation(row: sqlite3.Row) -> Conversation:
    return Conversation(row["platform"], row["space"], row["key"])
