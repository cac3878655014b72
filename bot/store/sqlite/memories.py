"""What is known: reading and keeping the memories of a scope."""

import json
import re
from collections.abc import Sequence

from bot.results import EntityPage
from bot.store.sqlite.channels import told_there
from bot.store.sqlite.rows import (
    memory_id,
    number_of,
    scope_range,
)
from bot.store.sqlite.search import Search
from bot.text import fold_name
from bot.types import (
    Audience,
    Memory,
    MemoryNumber,
    MessageId,
    Scope,
    shared_scope,
)


class Memories(Search):
    """The part of the store that reads memories and keeps what a person asks to be kept."""

    async def memories(
        self, scope: Scope, reader: Audience, numbers: Sequence[MemoryNumber]
    ) -> list[Memory]:
        """See `bot.ports.Store`."""
        scope_no = await self._scope_number(scope)
        some_shared = any(number < 0 for number in numbers)
        shared_no = await self._scope_number(shared_scope(scope)) if some_shared else 0
        ids = [memory_id(scope_no, number, shared_no) for number in numbers]
        order = {number: position for position, number in enumerate(numbers)}
        found = await self._memories(scope, reader, ids)
        return sorted(found, key=lambda memory: order[memory.number])

    async def page(
        self,
        scope: Scope,
        reader: Audience,
        offset: int,
        limit: int,
        *,
        channel: str | None = None,
    ) -> tuple[list[Memory], int]:
        """See `bot.ports.Store`."""
        db = self._read()
        places = await self._places(scope, channel)
        rows = list(
            await db.execute_fetchall(
                f"""
                WITH readable AS (
                    SELECT id FROM memory WHERE id BETWEEN :low AND :high
                        AND (:reader = 'private' OR audience IN ('space', :reader))
                        AND {told_there("memory")})
                SELECT NULL AS id, count(*) AS total FROM readable
                UNION ALL SELECT * FROM (
                    SELECT id, 0 FROM readable ORDER BY id DESC LIMIT :limit OFFSET :offset)
                """,  # noqa: S608 (of constants)
                {
                    "reader": str(reader),
                    "places": places,
                    "limit": limit,
                    "offset": offset,
                    **scope_range(await self._scope_number(scope)),
                },
            )
        )
        found = await self._memories(scope, reader, [row["id"] for row in rows[1:]], places)
        return found, rows[0]["total"]

    async def profile(
        self,
        scope: Scope,
        reader: Audience,
        attributes: Sequence[str],
        *,
        channel: str | None = None,
    ) -> list[Memory]:
        """See `bot.ports.Store`."""
        db = self._read()
        places = await self._places(scope, channel)
        rows = await db.execute_fetchall(
            f"""
            SELECT id FROM memory
            WHERE id BETWEEN :low AND :high AND entity_id IS NULL
                AND attribute IN (SELECT value FROM json_each(:attributes))
                AND (:reader = 'private' OR audience IN ('space', :reader))
                AND {told_there("memory")}
                AND NOT EXISTS (
                    SELECT 1 FROM supersession JOIN memory AS newer ON newer.id = newer_id
                    WHERE older_id = memory.id AND {told_there("newer")}
                        AND (:reader = 'private' OR newer.audience IN ('space', :reader)))
            ORDER BY id DESC LIMIT 50
            """,  # noqa: S608 (of constants)
            {
                "attributes": json.dumps(list(attributes)),
                "places": places,
                "reader": str(reader),
                **scope_range(await self._scope_number(scope)),
            },
        )
        return await self._memories(scope, reader, [row["id"] for row in rows], places)

    async def distilled_from(
        self,
        scope: Scope,
        reader: Audience,
        messages: Sequence[MessageId],
        *,
        channel: str | None = None,
    ) -> list[Memory]:
        """See `bot.ports.Store`."""
        rows = await self._read().execute_fetchall(
            "SELECT DISTINCT memory_id FROM memory_source "
            "WHERE message_id IN (SELECT value FROM json_each(:messages)) "
            "AND memory_id BETWEEN :low AND :high",
            {"messages": str(list(messages)), **scope_range(await self._scope_number(scope))},
        )
        places = await self._places(scope, channel)
        return await self._memories(scope, reader, [row["memory_id"] for row in rows], places)

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

    async def names_with(
        self, scope: Scope, reader: Audience, beginning: str, limit: int
    ) -> list[str]:
        """See `bot.ports.Store`."""
        rows = await self._read().execute_fetchall(
            """
            SELECT name, count(*) AS held FROM entity_name
            JOIN memory AS namer ON namer.id = memory_id
                AND (:reader = 'private' OR namer.audience IN ('space', :reader))
            WHERE entity_name.entity_id BETWEEN :low AND :high
                AND instr(' ' || folded, ' ' || :beginning)
            GROUP BY folded ORDER BY held DESC, max(memory_id) DESC LIMIT :limit
            """,
            {
                "beginning": fold_name(beginning),
                "reader": str(reader),
                "limit": limit,
                **scope_range(await self._scope_number(scope)),
            },
        )
        return [row["name"] for row in rows]

    async def memories_with(
        self, scope: Scope, reader: Audience, number: str, parts: Sequence[str], limit: int
    ) -> list[Memory]:
        """See `bot.ports.Store`."""
        rows = await self._read().execute_fetchall(
            """
            SELECT id FROM memory
            WHERE id BETWEEN :low AND :high
                AND (:reader = 'private' OR audience IN ('space', :reader))
                AND substr(id - :low, 1, length(:number)) = :number
                AND NOT EXISTS (SELECT 1 FROM json_each(:parts)
                    WHERE text NOT LIKE '%' || value || '%' ESCAPE '!')
            ORDER BY id DESC LIMIT :limit
            """,
            {
                "number": number,
                "parts": json.dumps([_literal(part) for part in parts]),
                "reader": str(reader),
                "limit": limit,
                **scope_range(await self._scope_number(scope)),
            },
        )
        return await self._memories(scope, reader, [row["id"] for row in rows])


def _literal(part: str) -> str:
    """A part of a text as LIKE is to find it."""
    return re.sub(r"([!%_])", r"!\1", part)
