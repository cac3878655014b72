"""What is known: reading and keeping the memories of a scope."""

import json
from collections.abc import Sequence

from bot.ports import NewMemory
from bot.results import EntityPage
from bot.store.sqlite.changes import changing
from bot.store.sqlite.memory_writes import PERSON, add_memory
from bot.store.sqlite.merging import same_text
from bot.store.sqlite.rows import (
    memory_id,
    message_from,
    number_of,
    scope_number,
    scope_range,
    seconds,
)
from bot.store.sqlite.search import Search
from bot.store.sqlite.writes import add_message, add_turn, conversation_number, scope_for
from bot.text import fold_name
from bot.types import (
    Audience,
    IncomingMessage,
    Memory,
    MemoryNumber,
    MessageId,
    PendingTurn,
    Scope,
)


class Memories(Search):
    """The part of the store that reads memories and keeps what a person asks to be kept."""

    async def memories(
        self, scope: Scope, reader: Audience, numbers: Sequence[MemoryNumber]
    ) -> list[Memory]:
        """See `bot.ports.Store`."""
        scope_no = await self._scope_number(scope)
        ids = [memory_id(scope_no, number) for number in numbers]
        order = {number: position for position, number in enumerate(numbers)}
        found = await self._memories(scope, reader, ids)
        return sorted(found, key=lambda memory: order[memory.number])

    async def page(
        self, scope: Scope, reader: Audience, offset: int, limit: int
    ) -> tuple[list[Memory], int]:
        """See `bot.ports.Store`."""
        db = self._read()
        rows = list(
            await db.execute_fetchall(
                """
                WITH readable AS (
                    SELECT id FROM memory WHERE id BETWEEN :low AND :high
                        AND (:reader = 'private' OR audience IN ('space', :reader)))
                SELECT NULL AS id, count(*) AS total FROM readable
                UNION ALL SELECT * FROM (
                    SELECT id, 0 FROM readable ORDER BY id DESC LIMIT :limit OFFSET :offset)
                """,
                {
                    "reader": str(reader),
                    "limit": limit,
                    "offset": offset,
                    **scope_range(await self._scope_number(scope)),
                },
            )
        )
        found = await self._memories(scope, reader, [row["id"] for row in rows[1:]])
        return found, rows[0]["total"]

    async def profile(
        self, scope: Scope, reader: Audience, attributes: Sequence[str]
    ) -> list[Memory]:
        """See `bot.ports.Store`."""
        db = self._read()
        rows = await db.execute_fetchall(
            """
            SELECT id FROM memory
            WHERE id BETWEEN :low AND :high AND entity_id IS NULL
                AND attribute IN (SELECT value FROM json_each(:attributes))
                AND (:reader = 'private' OR audience IN ('space', :reader))
                AND NOT EXISTS (
                    SELECT 1 FROM supersession JOIN memory AS newer ON newer.id = newer_id
                    WHERE older_id = memory.id
                        AND (:reader = 'private' OR newer.audience IN ('space', :reader)))
            ORDER BY id DESC LIMIT 50
            """,
            {
                "attributes": json.dumps(list(attributes)),
                "reader": str(reader),
                **scope_range(await self._scope_number(scope)),
            },
        )
        return await self._memories(scope, reader, [row["id"] for row in rows])

    async def distilled_from(
        self, scope: Scope, reader: Audience, messages: Sequence[MessageId]
    ) -> list[Memory]:
        """See `bot.ports.Store`."""
        rows = await self._read().execute_fetchall(
            "SELECT DISTINCT memory_id FROM memory_source "
            "WHERE message_id IN (SELECT value FROM json_each(?))",
            (str(list(messages)),),
        )
        return await self._memories(scope, reader, [row["memory_id"] for row in rows])

    async def about(
        self, scope: Scope, reader: Audience, name: str, limit: int
    ) -> EntityPage | None:
        """See `bot.ports.Store`."""
        rows = list(
            await self._read().execute_fetchall(
                """
                WITH named AS (
                    SELECT DISTINCT entity_name.entity_id FROM entity_name
                    JOIN memory AS namer ON namer.id = entity_name.memory_id
                        AND (:reader = 'private' OR namer.audience IN ('space', :reader))
                    WHERE folded = :folded AND entity_name.entity_id BETWEEN :low AND :high)
                SELECT memory.id, EXISTS (
                    SELECT 1 FROM supersession JOIN memory AS newer ON newer.id = newer_id
                    WHERE older_id = memory.id
                        AND (:reader = 'private' OR newer.audience IN ('space', :reader))
                    ) AS closed,
                    (SELECT json_group_array(name) FROM (
                        SELECT name FROM named JOIN entity_name USING (entity_id)
                        JOIN memory AS namer ON namer.id = entity_name.memory_id
                            AND (:reader = 'private' OR namer.audience IN ('space', :reader))
                        GROUP BY folded ORDER BY min(alias), count(*) DESC, folded)) AS names
                FROM memory JOIN named USING (entity_id)
                WHERE :reader = 'private' OR memory.audience IN ('space', :reader)
                ORDER BY closed, id DESC
                """,
                {
                    "folded": fold_name(name),
                    "reader": str(reader),
                    **scope_range(await self._scope_number(scope)),
                },
            )
        )
        if not rows:
            return None
        numbers = [number_of(row["id"]) for row in rows[:limit]]
        return EntityPage(
            names=tuple(json.loads(rows[0]["names"])),
            memories=tuple(await self.memories(scope, reader, numbers)),
            total=len(rows),
        )

    async def entity_names(self, scope: Scope, reader: Audience, limit: int) -> list[str]:
        """See `bot.ports.Store`."""
        rows = await self._read().execute_fetchall(
            """
            SELECT name, max(memory_id) FROM entity_name
            JOIN memory AS namer ON namer.id = memory_id
                AND (:reader = 'private' OR namer.audience IN ('space', :reader))
            WHERE entity_name.entity_id BETWEEN :low AND :high AND NOT alias
            GROUP BY entity_name.entity_id ORDER BY count(*) DESC, max(memory_id) DESC LIMIT :limit
            """,
            {
                "reader": str(reader),
                "limit": limit,
                **scope_range(await self._scope_number(scope)),
            },
        )
        return [row["name"] for row in rows]

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
            scope_no = await scope_for(db, note.scope, note.speaker)
            self._scope_numbers.pop(note.scope, None)
            known = await same_text(db, scope_no, str(note.audience), note.text)
            if known is not None:  # the person's own from now on: no undo takes it away
                await db.execute("UPDATE memory SET extractor = 'person' WHERE id = ?", (known,))
                return number_of(known), True
            conversation_no = await conversation_number(db, note.conversation)
            said = await add_message(db, scope_no, conversation_no, "note", note, tokens)
            now = seconds(note.sent_at)
            await add_turn(db, conversation_no, scope_no, str(note.audience), said.id, True, now)
            memory = NewMemory(
                text=note.text,
                audience=note.audience,
                place=note.place,
                said_at=note.sent_at,
                valid_from=note.sent_at,
                sources=(said.id,),
            )
            return await add_memory(db, scope_no, memory, PERSON), False
