"""What a person wants forgotten: a time, a name, the last thing said, all of it."""

from collections.abc import Collection, Mapping
from datetime import datetime

from bot.ports import Targets
from bot.store.sqlite.rows import number_of, scope_range, seconds
from bot.store.sqlite.versions import Versions
from bot.text import fold_name, holds_name
from bot.types import Conversation, MessageId, Scope

READ_AT_ONCE = 500
"""So many texts are looked through before others get their turn."""
_ENDLESS = 2**62


class Targeting(Versions):
    """The part of the store that finds what an erasure starts from."""

    async def last_message(self, conversation: Conversation, scope: Scope) -> MessageId | None:
        """See `bot.ports.Store`."""
        rows = await self._read().execute_fetchall(
            """
            SELECT message.id FROM conversation
            JOIN turn ON turn.conversation_no = conversation.conversation_no
            JOIN message ON message.id = turn.message_id AND role = 'person' AND text IS NOT NULL
            WHERE conversation.platform = ? AND conversation.space = ? AND conversation.key = ?
                AND turn.scope_no = ?
            ORDER BY turn.turn_id DESC LIMIT 1
            """,
            (
                conversation.platform,
                conversation.space,
                conversation.key,
                await self._scope_number(scope),
            ),
        )
        return next((MessageId(row["id"]) for row in rows), None)

    async def said_between(
        self, scope: Scope, start: datetime | None, end: datetime | None
    ) -> Targets:
        """See `bot.ports.Store`."""
        then = {
            "start": -_ENDLESS if start is None else seconds(start),
            "end": _ENDLESS if end is None else seconds(end),
            **scope_range(await self._scope_number(scope)),
        }
        messages = await self._read().execute_fetchall(
            """
            SELECT id FROM message
            WHERE id BETWEEN :low AND :high AND role <> 'ellie' AND text IS NOT NULL
                AND sent_at >= :start AND sent_at < :end
            """,
            then,
        )
        memories = await self._read().execute_fetchall(
            """
            SELECT id FROM memory
            WHERE id BETWEEN :low AND :high AND said_at >= :start AND said_at < :end
                AND NOT EXISTS (SELECT 1 FROM memory_source
                    JOIN message ON message.id = message_id AND message.text IS NOT NULL
                    WHERE memory_id = memory.id)
            """,
            then,
        )
        return Targets(
            tuple(number_of(row["id"]) for row in memories),
            tuple(MessageId(row["id"]) for row in messages),
        )

    async def naming(self, scope: Scope, name: str) -> tuple[tuple[str, ...], Targets]:
        """See `bot.ports.Store`."""
        bounds = scope_range(await self._scope_number(scope))
        called, concerned = await self._entities(fold_name(name), bounds)
        sought = tuple(one for one in called if not one[:1].islower()) or (name,)
        names = {fold_name(name), *map(fold_name, sought)} - {""}
        memories = await self._holding(
            names,
            """
            SELECT id, text || char(10) || coalesce(value, '') || char(10) || coalesce(
                (SELECT group_concat(text || char(10) || coalesce(entity, '') || char(10)
                    || coalesce(value, ''), char(10))
                 FROM memory_version WHERE memory_id = memory.id), '') AS text
            FROM memory WHERE id > :after AND id <= :high ORDER BY id LIMIT :limit
            """,
            bounds,
        )
        messages = await self._holding(
            names,
            """
            SELECT id, text FROM message
            WHERE id > :after AND id <= :high AND role <> 'ellie' AND text IS NOT NULL
            ORDER BY id LIMIT :limit
            """,
            bounds,
        )
        numbers = map(number_of, sorted({*memories, *concerned}))
        return sought, Targets(tuple(numbers), tuple(map(MessageId, messages)))

    async def _entities(
        self, folded: str, bounds: Mapping[str, int]
    ) -> tuple[list[str], list[int]]:
        """The names of the entities with this name, itself first, and the memories of them."""
        wanted = {"folded": folded, **bounds}
        names = await self._read().execute_fetchall(
            """
            SELECT name FROM entity_name
            WHERE entity_id IN (SELECT entity_id FROM entity_name
                WHERE folded = :folded AND entity_id BETWEEN :low AND :high)
            GROUP BY folded ORDER BY folded <> :folded, min(alias), count(*) DESC, folded
            """,
            wanted,
        )
        memories = await self._read().execute_fetchall(
            """
            WITH named AS (
                SELECT entity_id FROM entity_name
                WHERE folded = :folded AND entity_id BETWEEN :low AND :high)
            SELECT id FROM memory WHERE entity_id IN (SELECT entity_id FROM named)
            UNION SELECT memory_id FROM memory_version
            WHERE entity_id IN (SELECT entity_id FROM named)
            """,
            wanted,
        )
        return [row["name"] for row in names], [row["id"] for row in memories]

    async def _holding(
        self, names: Collection[str], sql: str, bounds: Mapping[str, int]
    ) -> list[int]:
        """The ids of a query's texts that name one of these, read a few at a time."""
        found: list[int] = []
        after = bounds["low"]
        while True:
            rows = await self._read().execute_fetchall(
                sql, {"after": after, "high": bounds["high"], "limit": READ_AT_ONCE}
            )
            for row in rows:
                after = row["id"]
                if any(holds_name(row["text"], name) for name in names):
                    found.append(after)
            if not rows:
                return found

    async def everywhere(self, scope: Scope) -> list[Scope]:
        """See `bot.ports.Store`."""
        rows = await self._read().execute_fetchall(
            """
            SELECT platform, space, user FROM (
                SELECT platform, space, user FROM scope
                UNION SELECT platform, space, user FROM inbox WHERE payload IS NOT NULL)
            WHERE platform = :platform AND user = :user AND user <> ''
            ORDER BY space <> :space, space
            """,
            {"platform": scope.platform, "space": scope.space, "user": scope.user},
        )
        return [Scope(row["platform"], row["space"], row["user"]) for row in rows]
