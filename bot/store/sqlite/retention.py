"""For how long a space keeps things: retention, leaving, and its token."""

import sqlite3
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

import aiosqlite

from bot.ports import Expired, Retention
from bot.store.sqlite.changes import drop_bare_entities, drop_lost_records
from bot.store.sqlite.rows import scope_range, seconds
from bot.store.sqlite.summaries import recount_unfolded
from bot.store.sqlite.versions import Versions

AT_ONCE = 200
"""So many rows are swept in one transaction; between two of them others write."""
DAY_SECONDS = 86_400


_OLD_MESSAGES = """
    SELECT message.id FROM message JOIN conversation USING (conversation_no)
    LEFT JOIN retention USING (platform, space)
    WHERE text IS NOT NULL AND sent_at < :now - coalesce(message_days * :day, :messages)
        AND sent_at < :now - min(:messages,
            (SELECT coalesce(min(message_days) * :day, :messages) FROM retention))
    ORDER BY message.id
    """
# 0 days are for good, of a space as of the settings.
_OLD_MEMORIES = """
    SELECT json_array(memory.id, said_at) AS id FROM memory
    JOIN scope ON scope.scope_no = memory.id >> 24
    LEFT JOIN retention USING (platform, space)
    WHERE coalesce(memory_days * :day, :memories) > 0
        AND said_at < :now - coalesce(memory_days * :day, :memories)
    ORDER BY memory.id
    """
_OLD_SUMMARIES = """
    SELECT summary_id AS id FROM summary JOIN conversation USING (conversation_no)
    LEFT JOIN retention USING (platform, space)
    WHERE text <> '' AND coalesce(memory_days * :day, :memories) > 0
        AND created_at < :now - coalesce(memory_days * :day, :memories)
    ORDER BY summary_id
    """


class Retaining(Versions):
    """The part of the store that keeps what each space wants, and sweeps what is too old."""

    async def set_retention(
        self, platform: str, space: str, message_days: int | None, memory_days: int | None
    ) -> None:
        """See `bot.ports.Store`."""
        async with self._write() as db:
            await set_retention(db, platform, space, message_days, memory_days)

    async def retention(self, platform: str, space: str) -> Retention:
        """See `bot.ports.Store`."""
        rows = await self._read().execute_fetchall(
            "SELECT message_days, memory_days FROM retention WHERE platform = ? AND space = ?",
            (platform, space),
        )
        return next(
            (Retention(row["message_days"], row["memory_days"]) for row in rows), Retention()
        )

    async def expire(
        self, now: datetime, messages: timedelta, memories: timedelta | None
    ) -> Expired:
        """See `bot.ports.Store`."""
        days = {
            "now": seconds(now),
            "day": DAY_SECONDS,
            "messages": int(messages.total_seconds()),
            "memories": 0 if memories is None else int(memories.total_seconds()),
        }
        emptied = 0
        for ids in _steps(await self._read().execute_fetchall(_OLD_MESSAGES, days)):
            emptied += await self._empty_messages(ids)
        dropped = 0
        for ids in _steps(await self._read().execute_fetchall(_OLD_MEMORIES, days)):
            dropped += await self._drop_memories(ids)
        summed = 0
        for ids in _steps(await self._read().execute_fetchall(_OLD_SUMMARIES, days)):
            summed += await self._empty_summaries(ids)
        await self._drop_old_events(days)
        if self._unscrubbed:
            await self._scrub()
        return Expired(emptied, dropped, summed)

    async def _empty_messages(self, ids: str) -> int:
        """Take the texts of those that wait for nothing."""
        async with self._write() as db:
            rows = await db.execute_fetchall(
                """
                UPDATE message SET text = NULL
                WHERE id IN (SELECT value FROM json_each(?)) AND text IS NOT NULL
                AND NOT EXISTS (SELECT 1 FROM turn
                    WHERE (turn.message_id = message.id OR turn.reply_id = message.id)
                        AND (consolidated_at IS NULL OR finished_at IS NULL))
                RETURNING conversation_no
                """,
                (ids,),
            )
            touched = [row["conversation_no"] for row in rows]
            for conversation_no in set(touched):
                await recount_unfolded(db, conversation_no)
            self._unscrubbed = self._unscrubbed or bool(touched)
        return len(touched)

    async def _drop_memories(self, ids: str) -> int:
        """Delete those that were not said again since; versions and records of changes go along."""
        async with self._write() as db:
            cursor = await db.execute(
                "DELETE FROM memory WHERE (id, said_at) IN ("
                "SELECT value ->> 0, value ->> 1 FROM json_each(?))",
                (ids,),
            )
            await drop_bare_entities(db)
            await drop_lost_records(db)
            self._unscrubbed = True
        return cursor.rowcount

    async def _empty_summaries(self, ids: str) -> int:
        """Take their texts; the rows stay, so that forgetting still follows what they covered."""
        async with self._write() as db:
            rows = await db.execute_fetchall(
                "UPDATE summary SET text = '' WHERE summary_id IN (SELECT value FROM json_each(?)) "
                "RETURNING conversation_no",
                (ids,),
            )
            touched = [row["conversation_no"] for row in rows]
            for conversation_no in set(touched):
                await recount_unfolded(db, conversation_no)
            self._unscrubbed = True
        return len(touched)

    async def _drop_old_events(self, days: dict[str, int]) -> None:
        """Of what no adapter ever dealt with: it is not run any more."""
        async with self._write() as db:
            cursor = await db.execute(
                "DELETE FROM inbox WHERE payload IS NOT NULL AND taken_at < :now - :messages", days
            )
            self._unscrubbed = self._unscrubbed or cursor.rowcount > 0

    async def enforce_limit(self, limit: int) -> int:
        """See `bot.ports.Store`."""
        rows = await self._read().execute_fetchall(
            "SELECT id >> 24 AS scope_no, count(*) AS held FROM memory "
            "GROUP BY id >> 24 HAVING count(*) > ?",
            (limit,),
        )
        removed = 0
        for row in rows:
            async with self._write() as db:
                cursor = await db.execute(
                    """
                    DELETE FROM memory WHERE id IN (
                        SELECT id FROM memory WHERE id BETWEEN :low AND :high
                        ORDER BY EXISTS (SELECT 1 FROM supersession WHERE older_id = id) DESC,
                            uses, said_at, id
                        LIMIT :surplus)
                    """,
                    {"surplus": row["held"] - limit, **scope_range(row["scope_no"])},
                )
                removed += cursor.rowcount
                await drop_bare_entities(db)
                await drop_lost_records(db)
                self._unscrubbed = True
        if self._unscrubbed:
            await self._scrub()
        return removed

    # --- leaving

    async def depart(self, platform: str, space: str, purge_at: datetime) -> None:
        """See `bot.ports.Store`."""
        async with self._write() as db:
            await db.execute(
                "INSERT OR IGNORE INTO departure (platform, space, purge_at) VALUES (?, ?, ?)",
                (platform, space, seconds(purge_at)),
            )
        await self.drop_token(platform, space)

    async def stay(self, platform: str, space: str) -> None:
        """See `bot.ports.Store`."""
        async with self._write() as db:
            await db.execute(
                "DELETE FROM departure WHERE platform = ? AND space = ?", (platform, space)
            )

    async def spaces(self, platform: str) -> dict[str, bool]:
        """See `bot.ports.Store`."""
        rows = await self._read().execute_fetchall(
            """
            SELECT space, max(leaving) AS leaving FROM (
                SELECT space, 0 AS leaving FROM scope WHERE platform = :platform
                UNION ALL SELECT space, 0 FROM conversation WHERE platform = :platform
                UNION ALL SELECT space, 0 FROM inbox
                WHERE platform = :platform AND payload IS NOT NULL
                UNION ALL SELECT space, 1 FROM departure WHERE platform = :platform
            ) GROUP BY space
            """,
            {"platform": platform},
        )
        return {row["space"]: bool(row["leaving"]) for row in rows}

    async def departed(self, now: datetime) -> list[tuple[str, str]]:
        """See `bot.ports.Store`."""
        rows = await self._read().execute_fetchall(
            "SELECT platform, space FROM departure WHERE purge_at <= ?", (seconds(now),)
        )
        return [(row["platform"], row["space"]) for row in rows]

    # --- tokens

    async def keep_token(self, platform: str, space: str, sealed: bytes) -> None:
        """See `bot.ports.Store`."""
        async with self._write() as db:
            await db.execute(
                "INSERT OR REPLACE INTO platform_token (platform, space, sealed) VALUES (?, ?, ?)",
                (platform, space, sealed),
            )
        await self._scrub()

    async def token(self, platform: str, space: str) -> bytes | None:
        """See `bot.ports.Store`."""
        rows = await self._read().execute_fetchall(
            "SELECT sealed FROM platform_token WHERE platform = ? AND space = ?", (platform, space)
        )
        return next((bytes(row["sealed"]) for row in rows), None)

    async def drop_token(self, platform: str, space: str) -> None:
        """See `bot.ports.Store`."""
        async with self._write() as db:
            cursor = await db.execute(
                "DELETE FROM platform_token WHERE platform = ? AND space = ?", (platform, space)
            )
        if cursor.rowcount:
            await self._scrub()


async def set_retention(
    db: aiosqlite.Connection,
    platform: str,
    space: str,
    message_days: int | None,
    memory_days: int | None,
) -> None:
    """See `bot.ports.Store`, inside a transaction."""
    await db.execute(
        """
        INSERT INTO retention (platform, space, message_days, memory_days)
        VALUES (:platform, :space, :messages, :memories)
        ON CONFLICT DO UPDATE SET message_days = :messages, memory_days = :memories
        """,
        {"platform": platform, "space": space, "messages": message_days, "memories": memory_days},
    )
    await db.execute("DELETE FROM retention WHERE message_days IS NULL AND memory_days IS NULL")


def _steps(rows: Iterable[sqlite3.Row]) -> Iterator[str]:
    """The ids of the rows, so many at once, as JSON."""
    ids = [row["id"] for row in rows]
    for start in range(0, len(ids), AT_ONCE):
        yield f"[{', '.join(map(str, ids[start : start + AT_ONCE]))}]"
