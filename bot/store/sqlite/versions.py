"""What memories were before: reading it, editing, and taking a change back."""

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import aiosqlite

from bot.results import MemoryVersions, Source, SourceKind, Undone, Version
from bot.store.sqlite.changes import PERSON, changing, drop_bare_entities
from bot.store.sqlite.memory_writes import add_sources, index_memory
from bot.store.sqlite.merging import same_text
from bot.store.sqlite.rows import (
    SCOPE_BITS,
    memory_id,
    moment,
    number_of,
    scope_number,
    scope_range,
    seconds,
)
from bot.store.sqlite.undoing import take_back
from bot.store.sqlite.work import Work
from bot.store.sqlite.writes import add_message, add_turn, conversation_number, scope_for
from bot.text import terms as terms_of
from bot.types import (
    Audience,
    IncomingMessage,
    Memory,
    MemoryNumber,
    Private,
    Scope,
    Slot,
    narrower,
    parse_audience,
    shared_scope,
)

EDIT = "edit:"
"""How the event id of a note begins that is an edit."""


class Versions(Work):
    """The part of the store that keeps what memories were, edits them, and undoes."""

    async def versions(
        self, scope: Scope, reader: Audience, number: MemoryNumber
    ) -> MemoryVersions | None:
        """See `bot.ports.Store`."""
        identity = memory_id(await self._scope_number(scope), number)
        found = await self.memories(scope, reader, [number])
        if not found:
            return None
        if number < 0:
            return MemoryVersions(found[0], (), (), (), ())
        wanted: dict[str, object] = {
            "id": identity,
            "reader": str(reader),
            "scope_bits": SCOPE_BITS,
        }
        versions = await self._read().execute_fetchall(
            """
            SELECT text, audience, entity, attribute, value, exclusive, replaced_at, author
            FROM memory_version
            WHERE memory_id = :id AND (:reader = 'private' OR audience IN ('space', :reader))
            ORDER BY change_no
            """,
            wanted,
        )
        sources = await self._read().execute_fetchall(
            """
            SELECT role, event_id, sent_at, place,
                message_id >> :scope_bits = :id >> :scope_bits AS own
            FROM memory_source
            JOIN message ON message.id = message_id
            WHERE memory_id = :id AND (:reader = 'private' OR audience IN ('space', :reader))
            ORDER BY sent_at, message_id
            """,
            wanted,
        )
        return MemoryVersions(
            memory=found[0],
            versions=tuple(map(_version, versions)),
            sources=tuple(map(_source, sources)),
            supersedes=await self._linked(scope, reader, identity, older=True),
            superseded_by=await self._linked(scope, reader, identity, older=False),
        )

    async def _linked(
        self, scope: Scope, reader: Audience, identity: int, *, older: bool
    ) -> tuple[Memory, ...]:
        """The memories that this one closed (`older`) or that closed it, newest first."""
        rows = await self._read().execute_fetchall(
            "SELECT older_id AS id FROM supersession WHERE newer_id = :id AND :older "
            "UNION SELECT newer_id FROM supersession WHERE older_id = :id AND NOT :older",
            {"id": identity, "older": older},
        )
        return tuple(await self._memories(scope, reader, [row["id"] for row in rows]))

    async def said_before(
        self, scope: Scope, reader: Audience, terms: Sequence[str]
    ) -> list[MemoryNumber]:
        """See `bot.ports.Store`."""
        rows = await self._read().execute_fetchall(
            """
            SELECT memory_id, text FROM memory_version
            WHERE memory_id BETWEEN :low AND :high
                AND (:reader = 'private' OR audience IN ('space', :reader))
            ORDER BY memory_id DESC
            """,
            {"reader": str(reader), **scope_range(await self._scope_number(scope))},
        )
        asked = [set(term.split()) for term in terms]
        held = [
            row["memory_id"]
            for row in rows
            if asked and all(map(set(terms_of(row["text"])).intersection, asked))
        ]
        return [number_of(identity) for identity in dict.fromkeys(held)]

    async def edit(
        self, number: MemoryNumber, note: IncomingMessage, tokens: int
    ) -> MemoryNumber | None:
        """See `bot.ports.Store`."""
        async with self._write() as db:
            change = _edit_own if number > 0 else _edit_shared
            done = await change(db, number, note, tokens)
        self._edits += 1  # after the rows: what was read with the old count is not kept
        return done

    async def undo(self, scope: Scope, now: datetime) -> Undone | None:
        """See `bot.ports.Store`."""
        async with self._write() as db:
            taken = await take_back(db, await scope_number(db, scope), now)
            if taken is None:
                return None
            await drop_bare_entities(db)
            if taken.removed:
                await db.execute("INSERT INTO erasure (target) VALUES ('{}')")
                await db.execute("DELETE FROM erasure WHERE target = '{}'")
                self._unscrubbed = True
        self._edits += 1
        if taken.removed:
            await self._see_erasures()
            await self._scrub()
        numbers = (*taken.closed, *taken.changed, *taken.unsaid)
        left = {m.number: m for m in await self.memories(scope, Private(), numbers)}
        return Undone(
            made_at=taken.made_at,
            removed=taken.removed,
            reopened=tuple(left[n] for n in taken.closed if n in left and left[n].valid_to is None),
            restored=tuple(left[n] for n in taken.changed if n in left),
            unsaid=tuple(left[n] for n in taken.unsaid if n in left),
            kept=taken.kept,
            missing=taken.missing,
        )


async def _edit_own(
    db: aiosqlite.Connection, number: MemoryNumber, note: IncomingMessage, tokens: int
) -> MemoryNumber | None:
    scope_no = await scope_number(db, note.scope)
    row = await _memory_row(db, memory_id(scope_no, number))
    if row is None:
        return None
    note = replace(
        note,
        audience=narrower(parse_audience(row["audience"]), note.audience),
        event_id=f"{EDIT}{note.event_id}",
    )
    known = await same_text(db, scope_no, str(note.audience), note.text)
    if known is not None and known != row["id"]:
        return number_of(known)
    async with changing(db, scope_no, PERSON, note.sent_at):
        await _rewrite(db, scope_no, row, note, tokens)
    await drop_bare_entities(db)
    return number


async def _edit_shared(
    db: aiosqlite.Connection, number: MemoryNumber, note: IncomingMessage, tokens: int
) -> MemoryNumber | None:
    """The same for one that is the space's: nobody sees what it said before."""
    shared_no = await scope_number(db, shared_scope(note.scope))
    row = await _memory_row(db, memory_id(0, number, shared_no))
    if row is None:
        return None
    known = await same_text(db, shared_no, row["audience"], note.text)
    if known is not None and known != row["id"]:
        return number_of(known, shared=True)
    said = await add_message(
        db,
        await scope_for(db, note.scope, note.speaker),
        await conversation_number(db, note.conversation),
        "note",
        replace(note, event_id=f"{EDIT}{note.event_id}"),
        tokens,
    )
    await db.execute(
        "UPDATE memory SET text = ?, said_at = ? WHERE id = ?",
        (note.text, seconds(note.sent_at), row["id"]),
    )
    await add_sources(db, row["id"], (said.id,))
    await index_memory(db, row["id"])
    return number


async def _rewrite(
    db: aiosqlite.Connection, scope_no: int, row: sqlite3.Row, note: IncomingMessage, tokens: int
) -> None:
    """Let a memory say what the note says; the slot goes along where only its value changed.

    Otherwise the memory has none until the note is consolidated, which fills it again as for a
    /remember. What is history stays history, so its note is not consolidated.
    """
    identity, audience = row["id"], str(note.audience)
    value = _moved_value(row["text"], row["value"], note.text)
    conversation_no = await conversation_number(db, note.conversation)
    await db.execute(
        "UPDATE turn SET consolidated_at = coalesce(consolidated_at, ?), extractor = ? "
        "WHERE message_id IN (SELECT message_id FROM memory_source WHERE memory_id = ?)",
        (seconds(note.sent_at), PERSON, identity),
    )
    await db.execute(
        """
        UPDATE memory SET text = :text, audience = :audience, place = :place, said_at = :said_at,
            extractor = :person, value = :value,
            attribute = iif(:value IS NULL, NULL, attribute),
            entity_id = iif(:value IS NULL, NULL, entity_id),
            exclusive = iif(:value IS NULL, 0, exclusive)
        WHERE id = :id
        """,
        {
            "text": note.text,
            "audience": audience,
            "place": note.place,
            "said_at": seconds(note.sent_at),
            "person": PERSON,
            "value": value,
            "id": identity,
        },
    )
    said = await add_message(db, scope_no, conversation_no, "note", note, tokens)
    await add_sources(db, identity, (said.id,))
    await index_memory(db, identity)
    if value is None:
        await db.execute("DELETE FROM entity_name WHERE memory_id = ?", (identity,))
        if await same_text(db, scope_no, audience, note.text) == identity:  # it is current
            now = seconds(note.sent_at)
            await add_turn(db, conversation_no, scope_no, note, said.id, True, now)


def _moved_value(before: str, value: str | None, after: str) -> str | None:
    """The slot's value in the new text, if the text around it is the same; else None.

    "lives in Lyon" → "lives in Leon": Leon. "likes Lyon": None, it is another statement.
    """
    if value is None or value not in before:
        return None
    start, end = before.split(value, 1)
    stop = len(after) - len(end)
    around = (after[: len(start)].casefold(), after[max(stop, 0) :].casefold())
    moved = after[len(start) : max(stop, 0)].strip(" .!")
    return moved if moved and around == (start.casefold(), end.casefold()) else None


async def _memory_row(db: aiosqlite.Connection, identity: int) -> sqlite3.Row | None:
    rows = await db.execute_fetchall(
        "SELECT id, text, value, audience FROM memory WHERE id = ?", (identity,)
    )
    return next(iter(rows), None)


def _version(row: sqlite3.Row) -> Version:
    slot = None
    if row["attribute"] is not None:
        slot = Slot(row["entity"], row["attribute"], row["value"], bool(row["exclusive"]))
    author = row["author"]
    return Version(
        row["text"],
        slot,
        moment(row["replaced_at"]),
        None if author == PERSON else author,
        parse_audience(row["audience"]),
    )


def _source(row: sqlite3.Row) -> Source:
    kind = SourceKind.SAID if row["own"] else SourceKind.QUOTED
    if row["role"] == "note":
        kind = SourceKind.EDITED if row["event_id"].startswith(EDIT) else SourceKind.NOTED
    return Source(kind, moment(row["sent_at"]), row["place"])
