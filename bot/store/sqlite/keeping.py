"""What is kept at a person's wish: their own words, somebody else's, and for everybody."""

import sqlite3
from datetime import datetime

import aiosqlite

from bot.ports import NewMemory
from bot.slots import MANY, ONE
from bot.store.sqlite.changes import changing, drop_bare_entities
from bot.store.sqlite.ledger import Keys, has_opted_out, is_buried, message_marks
from bot.store.sqlite.memories import Memories
from bot.store.sqlite.memory_writes import PERSON, add_memory, index_memory, say_again
from bot.store.sqlite.merging import same_text
from bot.store.sqlite.rows import (
    SCOPE_BITS,
    memory_id,
    message_from,
    number_of,
    scope_number,
    scope_range,
    seconds,
)
from bot.store.sqlite.writes import (
    add_message,
    add_turn,
    conversation_number,
    scope_for,
)
from bot.text import holds_name, terms
from bot.types import (
    Audience,
    IncomingMessage,
    MemoryNumber,
    MessageId,
    PendingTurn,
    Private,
    Scope,
    Space,
    narrower,
    parse_audience,
    shared_scope,
)


class Keeping(Memories):
    """The part of the store that keeps what a person asks to be kept, and for whom."""

    async def keep_verbatim(self, scope: Scope, message: MessageId) -> MemoryNumber | None:
        """See `bot.ports.Store`."""
        async with self._write() as db:
            scope_no = await scope_number(db, scope)
            rows = await db.execute_fetchall(
                "SELECT * FROM message WHERE id = :id AND id BETWEEN :low AND :high "
                "AND role = 'person' AND text IS NOT NULL AND keep_until IS NULL",
                {"id": message, **scope_range(scope_no)},
            )
            for row in rows:
                said = message_from(row)
                memory = NewMemory(
                    text=said.text,
                    audience=said.audience,
                    place=row["place"],
                    said_at=said.sent_at,
                    valid_from=said.sent_at,
                    sources=(said.id,),
                )
                return await add_memory(db, scope_no, memory, PERSON)
        return None

    async def note_down(
        self, turn: PendingTurn, text: str, extractor: str, erasures: int
    ) -> MemoryNumber | None:
        """See `bot.ports.Store`."""
        said = turn.message
        async with self._write() as db:
            kept = await db.execute_fetchall(
                "SELECT 1 FROM message WHERE id = ? AND text IS NOT NULL AND keep_until IS NULL",
                (said.id,),
            )
            if erasures != await self._count_erasures(db) or not list(kept):
                return None
            memory = NewMemory(
                text=text,
                audience=said.audience,
                place=turn.place,
                said_at=said.sent_at,
                valid_from=said.sent_at,
                sources=(said.id,),
            )
            scope_no = await scope_number(db, turn.scope)
            async with changing(db, scope_no, extractor, said.sent_at):
                return await add_memory(db, scope_no, memory, extractor)

    async def remember(self, note: IncomingMessage, tokens: int) -> tuple[MemoryNumber, bool]:
        """See `bot.ports.Store`."""
        async with self._write() as db:
            scope_no = await self._scope_for(db, note)
            known = await _known(db, scope_no, note.audience, note.text)
            if known is not None:
                return number_of(known), True
            source = await _note_down(db, scope_no, note, tokens)
            memory = _verbatim(note, note.text, note.audience, source)
            return await add_memory(db, scope_no, memory, PERSON), False

    async def quote(
        self, note: IncomingMessage, about: IncomingMessage, tokens: int
    ) -> tuple[MemoryNumber, bool] | None:
        """See `bot.ports.Store`."""
        async with self._write() as db:
            row = await _heard(db, about)
            if row is None and await _unwanted(db, self._keys, about):
                return None
            scope_no = await self._scope_for(db, note)
            audience = note.audience
            if row is not None:
                others = row["id"] >> SCOPE_BITS != scope_no
                if row["text"] is None or row["keep_until"] is not None:
                    return None
                if others and row["audience"] == str(Private()):
                    return None
                audience = narrower(parse_audience(row["audience"]), audience)
                source = MessageId(row["id"])
            elif about.scope == note.scope:
                source = await _note_down(db, scope_no, about, tokens)
            else:
                author_no = await self._scope_for(db, about)
                where = await conversation_number(db, about.conversation)
                said = await add_message(db, author_no, where, "person", about, tokens, heard=False)
                source = said.id
            known = await _known(db, scope_no, audience, note.text)
            if known is not None:
                await say_again(db, known, (source,))
                return number_of(known), True
            memory = _verbatim(about, note.text, audience, source)
            return await add_memory(db, scope_no, memory, PERSON), False

    async def share(self, note: IncomingMessage, tokens: int) -> tuple[MemoryNumber, bool]:
        """See `bot.ports.Store`."""
        async with self._write() as db:
            scope_no = await self._scope_for(db, note)
            shared_no = await scope_for(db, shared_scope(note.scope), None)
            self._scope_numbers.pop(shared_scope(note.scope), None)
            known = await same_text(db, shared_no, str(Space()), note.text)
            if known is not None:
                return number_of(known, shared=True), True
            where = await conversation_number(db, note.conversation)
            said = await add_message(db, scope_no, where, "note", note, tokens)
            memory = _verbatim(note, note.text, Space(), said.id)
            number = await add_memory(db, shared_no, memory, PERSON)
            return MemoryNumber(-number), False

    async def _scope_for(self, db: aiosqlite.Connection, said: IncomingMessage) -> int:
        self._scope_numbers.pop(said.scope, None)  # another process may have erased the person
        return await scope_for(db, said.scope, said.speaker)

    async def promote(self, scope: Scope, number: MemoryNumber, now: datetime) -> Audience | None:
        """See `bot.ports.Store`."""
        async with self._write() as db:
            scope_no = await scope_number(db, scope)
            identity = memory_id(scope_no, number)
            rows = await db.execute_fetchall(
                "SELECT text, audience, attribute, value FROM memory WHERE id = :id "
                "AND NOT EXISTS (SELECT 1 FROM memory_source WHERE memory_id = :id "
                "AND message_id >> :scope_bits <> :id >> :scope_bits)",
                {"id": identity, "scope_bits": SCOPE_BITS},
            )
            row = next(iter(rows), None)
            if row is None:
                return None
            async with changing(db, scope_no, PERSON, now):
                await db.execute(
                    "UPDATE memory SET audience = ? WHERE id = ?", (str(Space()), identity)
                )
                await db.execute(
                    "UPDATE passage SET audience = ? WHERE id = ?", (str(Space()), identity * 2 + 1)
                )
                await _drop_untold(db, identity, row)
            await drop_bare_entities(db)
        self._edits += 1
        return parse_audience(row["audience"])


def _verbatim(said: IncomingMessage, text: str, audience: Audience, source: MessageId) -> NewMemory:
    """A memory of this text, of what was said then and there."""
    return NewMemory(
        text=text,
        audience=audience,
        place=said.place,
        said_at=said.sent_at,
        valid_from=said.sent_at,
        sources=(source,),
    )


async def _known(
    db: aiosqlite.Connection, scope_no: int, audience: Audience, text: str
) -> int | None:
    """What says this already: it is the person's own from now on, and no undo takes it away."""
    known = await same_text(db, scope_no, str(audience), text)
    if known is not None:
        await db.execute("UPDATE memory SET extractor = 'person' WHERE id = ?", (known,))
    return known


async def _note_down(
    db: aiosqlite.Connection, scope_no: int, note: IncomingMessage, tokens: int
) -> MessageId:
    """Enter a note, which is consolidated at once."""
    where = await conversation_number(db, note.conversation)
    said = await add_message(db, scope_no, where, "note", note, tokens)
    now = seconds(note.sent_at)
    await add_turn(db, where, scope_no, note, said.id, True, now)
    return said.id


async def _heard(db: aiosqlite.Connection, message: IncomingMessage) -> sqlite3.Row | None:
    """The row of a message that is there, erased or not."""
    rows = await db.execute_fetchall(
        "SELECT id, text, audience, keep_until FROM message "
        "WHERE conversation_no = ? AND event_id = ?",
        (await conversation_number(db, message.conversation), message.event_id),
    )
    return next(iter(rows), None)


async def _unwanted(db: aiosqlite.Connection, keys: Keys, message: IncomingMessage) -> bool:
    """Whether the message was forgotten, or its author wants nothing to be kept."""
    marks = message_marks(keys, message.conversation, message.event_id)
    paused = await db.execute_fetchall(
        "SELECT 1 FROM scope WHERE scope_no = ? AND paused_at IS NOT NULL",
        (await scope_number(db, message.scope),),
    )
    return (
        bool(list(paused))
        or await is_buried(db, marks)
        or await has_opted_out(db, keys, message.scope)
    )


async def _drop_untold(db: aiosqlite.Connection, identity: int, row: sqlite3.Row) -> None:
    """Leave of a memory's slot and names what its own text tells: the rest came from its sources.

    An attribute of the common ones tells nothing by itself. Whom it speaks of stays only where
    nobody who reads it now knows them by other names alone: that they are the same was not told.
    """
    names = await db.execute_fetchall(
        "SELECT folded, alias FROM entity_name WHERE memory_id = ?", (identity,)
    )
    untold = [name for name in names if not holds_name(row["text"], name["folded"])]
    await db.executemany(
        "DELETE FROM entity_name WHERE memory_id = ? AND folded = ?",
        [(identity, name["folded"]) for name in untold],
    )
    if row["attribute"] is None:
        return
    called = {name["folded"] for name in names if name not in untold}
    told = set(terms(row["text"]))
    kept = (
        all(name["alias"] for name in untold)
        and all(called & known for known in await _names_by_reader(db, identity))
        and told.issuperset(terms(row["value"]))
        and (row["attribute"] in ONE | MANY or told.issuperset(terms(row["attribute"])))
    )
    if not kept:
        await db.execute(
            "UPDATE memory SET entity_id = NULL, attribute = NULL, value = NULL, exclusive = 0 "
            "WHERE id = ?",
            (identity,),
        )
        await db.execute("DELETE FROM entity_name WHERE memory_id = ?", (identity,))
        await index_memory(db, identity)


async def _names_by_reader(db: aiosqlite.Connection, identity: int) -> list[set[str]]:
    """The names that a memory's entity has for each audience that knows of it from other ones."""
    rows = await db.execute_fetchall(
        """
        SELECT audience, folded FROM memory JOIN entity_name ON memory_id = memory.id
        WHERE entity_name.entity_id = (SELECT entity_id FROM memory WHERE id = :id)
            AND memory.id <> :id AND audience <> 'private'
        """,
        {"id": identity},
    )
    heard: dict[str, set[str]] = {}
    for row in rows:
        heard.setdefault(row["audience"], set()).add(row["folded"])
    return [names | heard.get(str(Space()), set()) for names in heard.values()]
