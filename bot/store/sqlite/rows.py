"""Rows and values: ids, times, and the clause of the law."""

import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime

import aiosqlite

from bot.ports import Trait
from bot.store.sqlite.database import Reader
from bot.text import ends_asking, forms, is_question, tells_when
from bot.types import (
    Memory,
    MemoryNumber,
    Message,
    MessageId,
    Role,
    Scope,
    Slot,
    Space,
    parse_audience,
)

SCOPE_BITS = 24
"""id = scope_no << 24 | seq, so a scope holds at most 16.7 million of each kind."""
SEAT_BITS = 24
"""seat = conversation_no << 24 | number."""

Parameters = Mapping[str, object]


def seconds(moment: datetime) -> int:
    """Unix seconds, rounded down."""
    return int(moment.timestamp())


def moment(unix_seconds: int) -> datetime:
    """The aware UTC time of Unix seconds."""
    return datetime.fromtimestamp(unix_seconds, UTC)


def scope_range(scope_no: int) -> dict[str, int]:
    """The ids of one scope: `low` <= id <= `high` for messages, memories and entities."""
    return {"low": scope_no << SCOPE_BITS, "high": ((scope_no + 1) << SCOPE_BITS) - 1}


def passage_range(scope_no: int) -> dict[str, int]:
    """The passage ids of one scope: `low` <= id <= `high`."""
    bounds = scope_range(scope_no)
    return {"low": bounds["low"] * 2, "high": bounds["high"] * 2 + 1}


def memory_id(scope_no: int, number: MemoryNumber, shared_no: int = 0) -> int:
    """The row of m`number`, or below zero of the space's own in `shared_no`; 0: there is none."""
    held_in = scope_no if number > 0 else shared_no
    return held_in << SCOPE_BITS | abs(number) if held_in and abs(number) < 1 << SCOPE_BITS else 0


def number_of(identity: int, *, shared: bool = False) -> MemoryNumber:
    """The number of a memory's row; below zero where it is the space's."""
    number = identity & ((1 << SCOPE_BITS) - 1)
    return MemoryNumber(-number if shared else number)


def with_attribute(text: str, attribute: str | None) -> str:
    """A memory's text as it is embedded and indexed: "where do I live" finds "moved to Oslo"."""
    return f"{text} ({attribute})" if attribute else text


def index(said_at: datetime, speaker: str, text: str) -> tuple[str, int]:
    """(what full text compares of a passage, its traits). `speaker` is "" for a memory.

    The date among the words adds 2 to 6 points of recall (../shared/design/memory.md, recipe Q).
    """
    terms = " ".join(forms(f"{said_at.day} {said_at:%B %Y} {speaker} {text}"))
    traits = Trait.ASKS * ends_asking(text) | Trait.TELLS_WHEN * tells_when(text)
    return terms, traits | Trait.ONLY_ASKS * is_question(text)


async def add_passage(
    db: aiosqlite.Connection,
    identity: int,
    audience: str,
    said_at: datetime,
    text: str,
    *,
    speaker: str = "",
    seat: int | None = None,
) -> None:
    """Index a text, with its date and speaker, for full text; its vector is added later."""
    terms, traits = index(said_at, speaker, text)
    await db.execute(
        "INSERT INTO passage (id, audience, terms, said_at, speaker, traits, seat) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        (identity, audience, terms, seconds(said_at), speaker, traits, seat),
    )


def message_from(row: sqlite3.Row, prefix: str = "") -> Message:
    """The message in a row with id, role, speaker, text, sent_at, tokens, audience."""
    role = row[f"{prefix}role"]
    return Message(
        id=MessageId(row[f"{prefix}id"]),
        role=Role.ELLIE if role == "ellie" else Role.PERSON,
        speaker=row[f"{prefix}speaker"],
        text=row[f"{prefix}text"],
        sent_at=moment(row[f"{prefix}sent_at"]),
        tokens=row[f"{prefix}tokens"],
        audience=parse_audience(row[f"{prefix}audience"]),
    )


def memory_from(row: sqlite3.Row) -> Memory:
    """The memory in a row of `_memories` in `search.py`.

    Of one that is the space's, nothing is told but what it says and since when.
    """
    if row["shared"]:
        said_at = moment(row["said_at"])
        return Memory(
            number_of(row["id"], shared=True), row["text"], Space(), "", said_at, said_at,
            valid_to=None, slot=None, sources=(),
        )  # fmt: skip
    slot = None
    if row["attribute"] is not None:
        slot = Slot(row["entity"], row["attribute"], row["value"], bool(row["exclusive"]))
    sources = row["sources"] or ""
    return Memory(
        number=number_of(row["id"]),
        text=row["text"],
        audience=parse_audience(row["audience"]),
        place=row["place"],
        said_at=moment(row["said_at"]),
        valid_from=moment(row["valid_from"]),
        valid_to=None if row["valid_to"] is None else moment(row["valid_to"]),
        slot=slot,
        sources=tuple(MessageId(int(part)) for part in sources.split(",") if part),
        days=row["days"],
        noted=bool(row["noted"]),
        quoted=bool(row["quoted"]),
    )


async def scope_number(db: aiosqlite.Connection | Reader, scope: Scope) -> int:
    """The number of a scope; 0, which owns nothing, where it was never seen."""
    rows = list(
        await db.execute_fetchall(
            "SELECT scope_no FROM scope WHERE platform = ? AND space = ? AND user = ?",
            (scope.platform, scope.space, scope.user),
        )
    )
    return rows[0]["scope_no"] if rows else 0
