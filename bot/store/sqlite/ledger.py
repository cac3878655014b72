"""The ledger of deletions: keyed hashes by which what was forgotten is known again."""

import hmac
import json
from collections.abc import Iterable
from dataclasses import replace

import aiosqlite

from bot.types import Conversation, Scope

MARK_BYTES = 16
EVERYWHERE = "*"
"""In place of a space's id: every space of the platform."""

Keys = tuple[bytes, ...]
"""The keys of one file, the newest first: it makes new marks, every one is looked up."""


async def read_keys(db: aiosqlite.Connection) -> Keys:
    """The keys of the file; the first was made with its schema."""
    rows = await db.execute_fetchall("SELECT key FROM ledger_key ORDER BY key_no DESC")
    return tuple(row["key"] for row in rows)


def mark(key: bytes, kind: str, *parts: str) -> bytes:
    """HMAC-SHA256 of what is named, cut to 16 bytes: it tells nothing without the key."""
    named = json.dumps([kind, *parts]).encode()
    return hmac.digest(key, named, "sha256")[:MARK_BYTES]


def message_mark(key: bytes, conversation: Conversation, event_id: str) -> bytes:
    """Of a message, by the platform's own id."""
    where = (conversation.platform, conversation.space, conversation.key)
    return mark(key, "message", *where, event_id)


def message_marks(keys: Keys, conversation: Conversation, event_id: str) -> list[bytes]:
    """All by which a message may be buried: by its conversation, or for the whole channel."""
    channel = replace(conversation, key=conversation.channel)
    places = dict.fromkeys((conversation, channel))
    return [message_mark(key, place, event_id) for key in keys for place in places]


def wording_mark(key: bytes, conversation: Conversation, event_id: str, text: str) -> bytes:
    """Of what a message said before it was edited."""
    where = (conversation.platform, conversation.space, conversation.key)
    return mark(key, "wording", *where, event_id, text)


def memory_mark(key: bytes, uid: str) -> bytes:
    """Of a memory, by its name outside the file."""
    return mark(key, "memory", uid)


def person_mark(key: bytes, scope: Scope, space: str | None = None) -> bytes:
    """Of a person in their space, or in `space` (`EVERYWHERE`: in all of the platform)."""
    return mark(key, "person", scope.platform, space or scope.space, scope.user)


async def bury(db: aiosqlite.Connection, marks: Iterable[bytes]) -> None:
    """Enter tombstones."""
    await db.executemany(
        "INSERT OR IGNORE INTO tombstone (mark) VALUES (?)", [(one,) for one in marks]
    )


async def find_buried(db: aiosqlite.Connection, marks: Iterable[bytes]) -> set[bytes]:
    """Those of the marks that are tombstones."""
    rows = await db.execute_fetchall(
        "SELECT mark FROM tombstone WHERE hex(mark) IN (SELECT value FROM json_each(?))",
        (json.dumps([one.hex().upper() for one in marks]),),
    )
    return {row["mark"] for row in rows}


async def has_opted_out(db: aiosqlite.Connection, keys: Keys, scope: Scope) -> bool:
    """Whether the person wants to be ignored, in their space or everywhere."""
    marks = [person_mark(key, scope, space) for key in keys for space in (None, EVERYWHERE)]
    for one in marks:
        rows = await db.execute_fetchall("SELECT 1 FROM opt_out WHERE mark = ?", (one,))
        if list(rows):
            return True
    return False


async def is_buried(db: aiosqlite.Connection, marks: Iterable[bytes]) -> bool:
    """Whether any of the marks is a tombstone."""
    for one in marks:
        rows = await db.execute_fetchall("SELECT 1 FROM tombstone WHERE mark = ?", (one,))
        if list(rows):
            return True
    return False


async def unbury(db: aiosqlite.Connection, marks: Iterable[bytes]) -> None:
    """Take tombstones away: what they name is there again, in other words."""
    await db.executemany("DELETE FROM tombstone WHERE mark = ?", [(one,) for one in marks])
