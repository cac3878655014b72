"""What goes by itself: texts that outlived their retention, memories over the limit."""

from datetime import datetime

from bot.store.sqlite.changes import drop_bare_entities, drop_lost_records
from bot.store.sqlite.rows import scope_range, seconds
from bot.store.sqlite.summaries import recount_unfolded
from bot.store.sqlite.targets import Targeting


class Retention(Targeting):
    """The part of the store that sweeps."""

    async def expire(self, before: datetime) -> int:
        """See `bot.ports.Store`."""
        async with self._write() as db:
            rows = list(
                await db.execute_fetchall(
                    """
                UPDATE message SET text = NULL WHERE text IS NOT NULL AND sent_at < ?
                AND NOT EXISTS (SELECT 1 FROM turn
                    WHERE (turn.message_id = message.id OR turn.reply_id = message.id)
                        AND (consolidated_at IS NULL OR finished_at IS NULL))
                RETURNING conversation_no
                """,
                    (seconds(before),),
                )
            )
            for conversation_no in {row["conversation_no"] for row in rows}:
                await recount_unfolded(db, conversation_no)
            self._unscrubbed = self._unscrubbed or bool(rows)
        if self._unscrubbed:
            await self._scrub()
        return len(rows)

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
