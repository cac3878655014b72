"""Memories that say the same: found, absorbed, and told when one of them goes."""

import sqlite3
from collections.abc import Sequence

import aiosqlite

from bot import likeness
from bot.ports import NewMemory
from bot.store.sqlite.rows import scope_range, seconds
from bot.types import Slot

FILLER_CHARS = 40
"""Texts whose lengths differ by more are not the same but for their fillers."""


async def same_text(
    db: aiosqlite.Connection, scope_no: int, audience: str, text: str
) -> int | None:
    """The current memory, readable by this audience, that says exactly this, whatever the case."""
    rows = await alike_texts(db, scope_no, audience, text, exact=True)
    return next((int(row["id"]) for row in rows if readable(row, audience)), None)


async def alike_texts(
    db: aiosqlite.Connection, scope_no: int, audience: str, text: str, *, exact: bool
) -> list[sqlite3.Row]:
    """The current memories that say this, whoever may see them.

    Current: for this audience if it may see them, else for those who may. `exact`: only case may
    differ; otherwise also punctuation and fillers ("a", "really").
    """
    rows = await db.execute_fetchall(
        """
        SELECT id, text, audience, exclusive FROM memory
        WHERE id BETWEEN :low AND :high
            AND length(text) BETWEEN length(:text) - :spare AND length(:text) + :spare
            AND NOT EXISTS (
                SELECT 1 FROM supersession JOIN memory AS newer ON newer.id = newer_id
                WHERE older_id = memory.id AND CASE
                    WHEN 'private' IN (:audience, memory.audience) THEN 1
                    WHEN memory.audience IN ('space', :audience)
                        THEN newer.audience IN ('space', :audience)
                    ELSE newer.audience IN ('space', memory.audience) END)
        """,
        {"audience": audience, "text": text, "spare": FILLER_CHARS, **scope_range(scope_no)},
    )
    return [
        row
        for row in rows
        if row["text"].casefold() == text.casefold()
        or (not exact and likeness.same_text(row["text"], text))
    ]


def readable(row: sqlite3.Row, audience: str) -> bool:
    """Whether all of an audience may see this memory: a second one for them would say it twice."""
    return audience == "private" or row["audience"] in ("space", audience)


def has_value(row: sqlite3.Row, slot: Slot) -> bool:
    """Whether a memory states this value of this attribute; its entity is the slot's already."""
    return row["attribute"] == slot.attribute and likeness.same_value(row["value"], slot.value)


def same_value(rivals: list[sqlite3.Row], memory: NewMemory) -> list[sqlite3.Row]:
    """The memories with this value in this slot that say all that this one does.

    They are current, or began at the very same time and before what is current: history told again.
    For its own audience the value is enough, if no number, name or negation differs. What a wider
    audience knows must have every word (or the attribute): the rest was said to fewer.
    """
    since = seconds(memory.valid_from)
    newest = max((row["valid_from"] for row in rivals if not row["closed"]), default=since)
    return [
        row
        for row in rivals
        if memory.slot is not None
        and has_value(row, memory.slot)
        and (not row["closed"] or row["valid_from"] == since < newest)
        and readable(row, str(memory.audience))
        and likeness.says_no_more(memory.text, row["text"])
        and (
            row["audience"] == str(memory.audience)
            or likeness.covers(f"{row['text']} {row['attribute']}", memory.text)
        )
    ]


def covered(rivals: list[sqlite3.Row], memory: NewMemory) -> list[sqlite3.Row]:
    """The current memories with this value in this slot that say no more than this one."""
    return [
        row
        for row in rivals
        if memory.slot is not None
        and has_value(row, memory.slot)
        and not row["over"]
        and likeness.covers(f"{memory.text} {memory.slot.attribute}", row["text"])
    ]


def is_narrower(row: sqlite3.Row, memory: NewMemory) -> bool:
    """Whether everyone who may see this older memory may see the new one, and others too."""
    mine, audience = str(memory.audience), row["audience"]
    return audience != mine and (mine == "space" or audience == "private")


async def absorb(db: aiosqlite.Connection, identity: int, narrower: list[sqlite3.Row]) -> None:
    """Let a memory stand for those that said it to fewer people: with their sources and uses.

    So whoever forgets it forgets all; its text, names and dates are what the wider audience heard.
    """
    for row in narrower:
        both = {"new": identity, "old": row["id"]}
        for statement in (
            "INSERT OR IGNORE INTO memory_source (memory_id, message_id) "
            "SELECT :new, message_id FROM memory_source WHERE memory_id = :old",
            "INSERT OR IGNORE INTO turn_memory (turn_id, memory_id) "
            "SELECT turn_id, :new FROM turn_memory WHERE memory_id = :old",
            "UPDATE memory SET uses = uses + coalesce("
            "(SELECT uses FROM memory WHERE id = :old), 0) WHERE id = :new",
            "DELETE FROM memory WHERE id = :old",
        ):
            await db.execute(statement, both)


async def twins(db: aiosqlite.Connection, scope_no: int, ids: Sequence[int]) -> list[int]:
    """Memories beside these that state the same fact, to others or with more words.

    The same text, or the same value in the same slot with no other number, name or negation.
    """
    found: list[int] = []
    rows = await db.execute_fetchall(
        """
        SELECT other.id, other.text, other.value, one.text AS one_text, one.value AS one_value,
            other.attribute IS one.attribute AND other.entity_id IS one.entity_id AS in_slot
        FROM memory AS one JOIN memory AS other ON other.id <> one.id
            AND (other.attribute = one.attribute AND other.entity_id IS one.entity_id
                OR other.text = one.text COLLATE NOCASE)
        WHERE one.id IN (SELECT value FROM json_each(:ids)) AND one.id BETWEEN :low AND :high
            AND other.id BETWEEN :low AND :high
        """,
        {"ids": str(list(ids)), **scope_range(scope_no)},
    )
    for row in rows:
        texts = (row["text"], row["one_text"])
        same = likeness.same_text(*texts) or (
            row["in_slot"]
            and likeness.same_value(row["value"], row["one_value"])
            and (likeness.says_no_more(*texts) or likeness.says_no_more(*texts[::-1]))
        )
        if same and row["id"] not in {*ids, *found}:
            found.append(row["id"])
    return found
