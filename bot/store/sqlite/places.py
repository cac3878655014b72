"""What replies were posted as, where somebody waits, and what spaces set."""

import json
from dataclasses import asdict, fields, replace
from datetime import datetime
from typing import Any

from bot.space_settings import SpaceSettings
from bot.store.sqlite.retention import set_retention
from bot.store.sqlite.rows import seconds
from bot.store.sqlite.runners import free_the_dead
from bot.store.sqlite.versions import Versions
from bot.types import Conversation, PendingTurn, Reach, Scope, TurnId, narrower_reach

SETTINGS = "settings"
NOTE = "note:"
"""How the name of what an adapter noted begins."""
_RETENTION = ("message_days", "memory_days")  # these are in a table of their own


class Places(Versions):
    """The part of the store that keeps what was posted where, and what spaces set."""

    # --- what was posted

    async def note_shown(self, turn: TurnId, event_id: str, now: datetime) -> None:
        """See `bot.ports.Store`."""
        async with self._write() as db:
            await db.execute(
                "INSERT OR IGNORE INTO delivery (conversation_no, event_id, turn_id, shown_at) "
                "SELECT conversation_no, ?, turn_id, ? FROM turn WHERE turn_id = ?",
                (event_id, seconds(now), turn),
            )

    async def drop_shown(self, turn: TurnId) -> None:
        """See `bot.ports.Store`."""
        async with self._write() as db:
            await db.execute("DELETE FROM delivery WHERE turn_id = ?", (turn,))

    async def shown_as(
        self, conversation: Conversation, event_id: str
    ) -> tuple[TurnId, Scope] | None:
        """See `bot.ports.Store`."""
        rows = await self._read().execute_fetchall(
            """
            SELECT turn.turn_id, scope.platform, scope.space, scope.user
            FROM conversation JOIN delivery USING (conversation_no)
            JOIN turn ON turn.turn_id = delivery.turn_id
            JOIN scope ON scope.scope_no = turn.scope_no
            WHERE conversation.platform = ? AND conversation.space = ? AND conversation.key = ?
                AND event_id = ?
            """,
            (conversation.platform, conversation.space, conversation.key, event_id),
        )
        return next(
            (
                (TurnId(row["turn_id"]), Scope(row["platform"], row["space"], row["user"]))
                for row in rows
            ),
            None,
        )

    async def conversation_of(self, platform: str, space: str, place: str) -> Conversation | None:
        """See `bot.ports.Store`."""
        rows = await self._read().execute_fetchall(
            "SELECT key FROM conversation WHERE platform = ? AND space = ? "
            "AND (key = ? OR substr(key, instr(key, '/') + 1) = ?)",
            (platform, space, place, place),
        )
        return next((Conversation(platform, space, row["key"]) for row in rows), None)

    async def takes_part(self, conversation: Conversation) -> bool:
        """See `bot.ports.Store`."""
        rows = await self._read().execute_fetchall(
            """
            SELECT 1 FROM conversation WHERE platform = ? AND space = ? AND key = ? AND (
                EXISTS (SELECT 1 FROM turn WHERE reply_id IS NOT NULL
                    AND turn.conversation_no = conversation.conversation_no)
                OR EXISTS (SELECT 1 FROM delivery
                    WHERE delivery.conversation_no = conversation.conversation_no))
            """,
            (conversation.platform, conversation.space, conversation.key),
        )
        return bool(list(rows))

    async def unanswered(self, platform: str) -> list[tuple[TurnId, Conversation]]:
        """See `bot.ports.Store`."""
        async with self._write() as db:
            await free_the_dead(db, self._runner)
        rows = await self._read().execute_fetchall(
            """
            SELECT turn_id, platform, space, key
            FROM turn JOIN message ON message.id = turn.message_id AND text IS NOT NULL
            JOIN conversation ON conversation.conversation_no = turn.conversation_no
            WHERE finished_at IS NULL AND platform = :platform
                AND coalesce(runner, :runner) = :runner
            ORDER BY turn_id
            """,
            {"platform": platform, "runner": self._runner.name},
        )
        return [
            (TurnId(row["turn_id"]), Conversation(row["platform"], row["space"], row["key"]))
            for row in rows
        ]

    async def take_over(
        self, conversation: Conversation, turn: TurnId | None = None
    ) -> list[PendingTurn]:
        """See `bot.ports.Store`."""
        async with self._write() as db:
            await free_the_dead(db, self._runner)
            rows = await db.execute_fetchall(
                """
                UPDATE turn SET runner = :runner
                WHERE finished_at IS NULL AND coalesce(runner, :runner) = :runner
                    AND turn_id = coalesce(:turn, turn_id)
                    AND conversation_no = (SELECT conversation_no FROM conversation
                        WHERE platform = :platform AND space = :space AND key = :key)
                RETURNING turn_id
                """,
                {
                    "runner": self._runner.begin(),
                    "turn": turn,
                    "platform": conversation.platform,
                    "space": conversation.space,
                    "key": conversation.key,
                },
            )
        ours = {row["turn_id"] for row in rows}
        return [one for one in await self.pending(conversation) if one.id in ours]

    async def narrow(self, conversation: Conversation, reach: Reach) -> None:
        """See `bot.ports.Store`."""
        wider = [str(one) for one in Reach if narrower_reach(one, reach) is not one]
        if not wider:
            return
        async with self._write() as db:
            await db.execute(
                """
                UPDATE turn SET reach = ? WHERE finished_at IS NULL
                    AND reach IN (SELECT value FROM json_each(?))
                    AND conversation_no = (SELECT conversation_no FROM conversation
                        WHERE platform = ? AND space = ? AND key = ?)
                """,
                (
                    str(reach), json.dumps(wider), conversation.platform, conversation.space,
                    conversation.key,
                ),
            )  # fmt: skip

    async def active(self, platform: str, since: datetime) -> list[tuple[Conversation, str]]:
        """See `bot.ports.Store`."""
        rows = await self._read().execute_fetchall(
            """
            SELECT platform, space, key, event_id FROM (
                SELECT conversation_no, event_id, at, row_number() OVER (
                    PARTITION BY conversation_no ORDER BY at DESC, said DESC, turn_id DESC) AS place
                FROM (
                    SELECT turn.conversation_no, event_id, sent_at AS at, 1 AS said, turn_id
                    FROM message JOIN turn ON turn.message_id = message.id
                    WHERE sent_at >= :since AND role = 'person'
                    UNION ALL SELECT conversation_no, event_id, shown_at, 0, turn_id FROM delivery
                    WHERE shown_at >= :since))
            JOIN conversation USING (conversation_no) WHERE platform = :platform AND place = 1
            ORDER BY at DESC, conversation_no
            """,
            {"platform": platform, "since": seconds(since)},
        )
        return [
            (Conversation(row["platform"], row["space"], row["key"]), row["event_id"])
            for row in rows
        ]

    # --- what spaces set

    async def space_settings(self, platform: str, space: str) -> SpaceSettings:
        """See `bot.ports.Store`."""
        rows = await self._read().execute_fetchall(
            """
            SELECT 1 AS place, value, NULL AS message_days, NULL AS memory_days FROM space_setting
            WHERE platform = :platform AND space = :space AND name = :name
            UNION ALL SELECT 2, NULL, message_days, memory_days FROM retention
            WHERE platform = :platform AND space = :space ORDER BY place
            """,
            {"platform": platform, "space": space, "name": SETTINGS},
        )
        found = SpaceSettings()
        for row in rows:
            if row["value"] is not None:
                found = _settings(row["value"])
            else:
                days = {name: row[name] for name in _RETENTION}
                found = replace(found, **days)
        return found

    async def set_space_settings(self, platform: str, space: str, settings: SpaceSettings) -> None:
        """See `bot.ports.Store`."""
        unset = asdict(SpaceSettings())
        chosen = {
            name: sorted(value) if isinstance(value, frozenset) else value
            for name, value in asdict(settings).items()
            if value != unset[name] and name not in _RETENTION
        }
        async with self._write() as db:
            await set_retention(db, platform, space, settings.message_days, settings.memory_days)
            await db.execute(
                "INSERT OR REPLACE INTO space_setting (platform, space, name, value) "
                "VALUES (?, ?, ?, ?)",
                (platform, space, SETTINGS, json.dumps(chosen)),
            )

    async def space_tokens_today(self, platform: str, space: str, now: datetime) -> int:
        """See `bot.ports.Store`."""
        rows = await self._read().execute_fetchall(
            "SELECT coalesce(sum(tokens_in + tokens_out), 0) AS tokens "
            "FROM scope JOIN usage USING (scope_no) WHERE platform = ? AND space = ? AND day = ?",
            (platform, space, f"{now:%Y-%m-%d}"),
        )
        return int(next(iter(rows))["tokens"])

    async def noted(self, platform: str, space: str, name: str) -> str | None:
        """See `bot.ports.Store`."""
        rows = await self._read().execute_fetchall(
            "SELECT value FROM space_setting WHERE platform = ? AND space = ? AND name = ?",
            (platform, space, f"{NOTE}{name}"),
        )
        return next((row["value"] for row in rows), None)

    async def note(self, platform: str, space: str, name: str, value: str) -> bool:
        """See `bot.ports.Store`."""
        async with self._write() as db:
            cursor = await db.execute(
                """
                INSERT INTO space_setting (platform, space, name, value)
                VALUES (:platform, :space, :name, :value)
                ON CONFLICT DO UPDATE SET value = :value WHERE value <> :value
                """,
                {"platform": platform, "space": space, "name": f"{NOTE}{name}", "value": value},
            )
        return cursor.rowcount == 1


def _settings(value: str) -> SpaceSettings:
    """The settings in the JSON of a row; what this Ellie does not know is left out."""
    known = {one.name for one in fields(SpaceSettings)}
    chosen: dict[str, Any] = {
        name: frozenset(one) if isinstance(one, list) else one
        for name, one in json.loads(value).items()
        if name in known
    }
    return SpaceSettings(**chosen)
