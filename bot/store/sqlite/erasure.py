"""Erasing: what goes with a memory, and the bytes."""

from collections.abc import Sequence
from datetime import datetime

import aiosqlite

from bot.errors import StoreError
from bot.ports import Erasure, Held
from bot.results import Receipt
from bot.store.sqlite.changes import drop_bare_entities, drop_lost_records
from bot.store.sqlite.merging import twins
from bot.store.sqlite.rows import memory_id, moment, number_of, scope_number, scope_range, seconds
from bot.store.sqlite.summaries import recount_unfolded
from bot.store.sqlite.targets import Targeting
from bot.types import MemoryNumber, MessageId, Scope, shared_scope

# What goes, as temporary tables filled until nothing is added: a memory takes the messages it came
# from (another's only if it was not said to Ellie and nobody else noted it); a message takes the
# memories that others made of it alone, the summaries that cover it (and those built on them) and
# Ellie's replies whose prompt held it; a summary takes the replies whose prompt held it.
_CLOSURE = """
CREATE TEMP TABLE IF NOT EXISTS gone_memory (id INTEGER PRIMARY KEY);
CREATE TEMP TABLE IF NOT EXISTS gone_message (id INTEGER PRIMARY KEY);
CREATE TEMP TABLE IF NOT EXISTS gone_summary (id INTEGER PRIMARY KEY);
"""
_SPREAD = (
    """
    INSERT OR IGNORE INTO gone_message
    SELECT message_id FROM gone_memory JOIN memory_source ON memory_id = gone_memory.id
        JOIN message ON message.id = message_id
    WHERE message_id >> 24 = memory_id >> 24 OR role = 'note'
        OR NOT EXISTS (SELECT 1 FROM turn WHERE turn.message_id = message.id)
            AND NOT EXISTS (SELECT 1 FROM memory_source AS other WHERE other.message_id = message.id
                AND other.memory_id NOT IN (SELECT id FROM gone_memory))
    """,
    """
    INSERT OR IGNORE INTO gone_memory
    SELECT memory_id FROM gone_message JOIN memory_source ON message_id = gone_message.id
    WHERE message_id >> 24 <> memory_id >> 24 AND NOT EXISTS (
        SELECT 1 FROM memory_source AS other JOIN message ON message.id = other.message_id
        WHERE other.memory_id = memory_source.memory_id AND text IS NOT NULL
            AND other.message_id NOT IN (SELECT id FROM gone_message))
    """,
    """
    INSERT OR IGNORE INTO gone_summary
    SELECT summary_id FROM summary_message JOIN gone_message ON gone_message.id = message_id
    UNION SELECT summary_id FROM summary JOIN gone_summary ON gone_summary.id = previous_id
    """,
    """
    INSERT OR IGNORE INTO gone_message
    SELECT reply_id FROM turn JOIN turn_memory USING (turn_id)
        JOIN gone_memory ON gone_memory.id = memory_id WHERE reply_id IS NOT NULL
    UNION SELECT reply_id FROM turn JOIN turn_message USING (turn_id)
        JOIN gone_message ON gone_message.id = turn_message.message_id WHERE reply_id IS NOT NULL
    UNION SELECT reply_id FROM turn JOIN gone_message ON gone_message.id = turn.message_id
        WHERE reply_id IS NOT NULL
    UNION SELECT reply_id FROM turn JOIN gone_summary ON gone_summary.id = turn.summary_id
        WHERE reply_id IS NOT NULL
    UNION SELECT later.reply_id FROM gone_message
        JOIN turn ON turn.message_id = gone_message.id OR turn.reply_id = gone_message.id
        JOIN turn AS later ON later.conversation_no = turn.conversation_no
            AND later.turn_id > turn.turn_id AND later.history_from <= turn.turn_id
        WHERE later.reply_id IS NOT NULL
    """,
)


class SqliteStore(Targeting):
    """The whole store on one SQLite file: what an earlier part lacks, and erasing."""

    async def erasure(
        self, scope: Scope, numbers: Sequence[MemoryNumber], messages: Sequence[MessageId] = ()
    ) -> Erasure:
        """See `bot.ports.Store`."""
        async with self._write() as db:  # the temporary tables live on the writing connection
            scope_no, ids = await self._ids(scope, numbers)
            return await _closure(db, str([scope_no]), ids, messages)

    async def held(self, scopes: Sequence[Scope]) -> Held:
        """See `bot.ports.Store`."""
        async with self._write() as db:
            numbers = str([await scope_number(db, scope) for scope in scopes])
            rows = await db.execute_fetchall(
                """
                SELECT min(at) AS since FROM (
                    SELECT min(sent_at) AS at FROM message
                    WHERE text IS NOT NULL AND id >> 24 IN (SELECT value FROM json_each(:scopes))
                    UNION ALL SELECT min(said_at) FROM memory
                    WHERE id >> 24 IN (SELECT value FROM json_each(:scopes)))
                """,
                {"scopes": numbers},
            )
            since = next(iter(rows))["since"]
            erasure = await _closure(db, numbers, *await _all_of(db, numbers))
        return Held(
            memories=sum(number > 0 for number in erasure.memories),
            messages=erasure.messages,
            summaries=erasure.summaries,
            since=None if since is None else moment(since),
        )

    async def erase_people(self, scopes: Sequence[Scope]) -> Receipt:
        """See `bot.ports.Store`."""
        async with self._write() as db:
            numbers = str([await scope_number(db, scope) for scope in scopes])
            erasure = await _closure(db, numbers, *await _all_of(db, numbers))
            vectors = await _erase_closure(db)
            self.erasures += 1
            self._unscrubbed = True
        await self._scrub()
        return Receipt(erasure.memories, erasure.messages, erasure.summaries, vectors)

    async def erase(
        self, scope: Scope, numbers: Sequence[MemoryNumber], messages: Sequence[MessageId] = ()
    ) -> Receipt:
        """See `bot.ports.Store`."""
        async with self._write() as db:
            scope_no, ids = await self._ids(scope, numbers)
            erasure = await _closure(db, str([scope_no]), ids, messages)
            vectors = await _erase_closure(db)
            await db.executemany(
                "DELETE FROM memory_source WHERE message_id = ?", [(m,) for m in messages]
            )
            self.erasures += 1
            self._unscrubbed = True
        if not await self._scrub():
            raise StoreError(
                f"Forgotten; but another program is reading {self.path}, and until it ends, what "
                "was forgotten is still on the disk. End it, and forget anything once more."
            )
        found = erasure.memories
        return Receipt(
            memories=found,
            messages=erasure.messages,
            summaries=erasure.summaries,
            vectors=vectors,
            missing=tuple(number for number in numbers if number not in found),
        )

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

    async def _ids(self, scope: Scope, numbers: Sequence[MemoryNumber]) -> tuple[int, list[int]]:
        """The scope, and the rows of the numbers that exist and of what states the same to others.

        Below zero they are the space's, which have no such twins.
        """
        scope_no = await scope_number(self._writer, scope)
        shared_no = await scope_number(self._writer, shared_scope(scope))
        rows = await self._writer.execute_fetchall(
            "SELECT id FROM memory WHERE id IN (SELECT value FROM json_each(?))",
            (str([memory_id(scope_no, number, shared_no) for number in numbers]),),
        )
        ids = [row["id"] for row in rows]
        return scope_no, ids + await twins(self._writer, scope_no, ids)


async def _all_of(db: aiosqlite.Connection, numbers: str) -> tuple[list[int], list[MessageId]]:
    memories = await db.execute_fetchall(
        "SELECT id FROM memory WHERE id >> 24 IN (SELECT value FROM json_each(?))", (numbers,)
    )
    messages = await db.execute_fetchall(
        "SELECT id FROM message WHERE id >> 24 IN (SELECT value FROM json_each(?))", (numbers,)
    )
    return [row["id"] for row in memories], [MessageId(row["id"]) for row in messages]


async def _closure(
    db: aiosqlite.Connection, scopes: str, ids: Sequence[int], messages: Sequence[MessageId]
) -> Erasure:
    """Fill the temporary tables with all that goes; it names only these scopes' and the space's."""
    for statement in _CLOSURE.strip().split(";\n"):
        await db.execute(statement)
    for table in (
        "DELETE FROM gone_memory",
        "DELETE FROM gone_message",
        "DELETE FROM gone_summary",
    ):
        await db.execute(table)
    await db.executemany("INSERT INTO gone_memory VALUES (?)", [(identity,) for identity in ids])
    await db.executemany("INSERT INTO gone_message VALUES (?)", [(m,) for m in messages])
    await db.execute(
        """
        INSERT OR IGNORE INTO gone_memory SELECT memory_id FROM memory_source
        WHERE message_id IN (SELECT id FROM gone_message) AND NOT EXISTS (
            SELECT 1 FROM memory_source AS other JOIN message ON message.id = other.message_id
            WHERE other.memory_id = memory_source.memory_id AND text IS NOT NULL
                AND other.message_id NOT IN (SELECT id FROM gone_message))
        """
    )
    added = 1
    while added:
        added = 0
        for statement in _SPREAD:
            added += max((await db.execute(statement)).rowcount, 0)
    rows = await db.execute_fetchall(
        """
        SELECT (SELECT count(*) FROM gone_message JOIN message USING (id)
                WHERE text IS NOT NULL) AS messages,
               (SELECT count(*) FROM gone_summary) AS summaries
        """
    )
    row = next(iter(rows))
    memories = await db.execute_fetchall(
        """
        SELECT id, user = '' AS shared FROM gone_memory JOIN scope ON scope_no = id >> 24
        WHERE shared OR scope_no IN (SELECT value FROM json_each(?)) ORDER BY shared, id DESC
        """,
        (scopes,),
    )
    return Erasure(
        messages=row["messages"],
        summaries=row["summaries"],
        memories=tuple(number_of(m["id"], shared=bool(m["shared"])) for m in memories),
    )


async def _erase_closure(db: aiosqlite.Connection) -> int:
    """Erase what the temporary tables name; the triggers take passages and vectors along.

    Returns how many vectors went.
    """
    rows = await db.execute_fetchall(
        """
        SELECT count(*) AS vectors FROM passage_vector
        WHERE id IN (SELECT id * 2 + 1 FROM gone_memory UNION SELECT id * 2 FROM gone_message)
        """
    )
    touched = await db.execute_fetchall(
        "SELECT DISTINCT conversation_no FROM message "
        "WHERE id IN (SELECT id FROM gone_message) AND text IS NOT NULL"
    )
    for statement in (
        "DELETE FROM memory WHERE id IN (SELECT id FROM gone_memory)",
        "DELETE FROM memory_version WHERE memory_id IN (SELECT memory_id FROM memory_source "
        "JOIN gone_message ON gone_message.id = message_id)",  # it may be what it said then
        "DELETE FROM memory_absorbed WHERE EXISTS (SELECT 1 FROM json_each(sources) AS part "
        "JOIN gone_message ON gone_message.id = json_extract(part.value, '$[0]'))",
        "UPDATE message SET text = NULL WHERE id IN (SELECT id FROM gone_message) "
        "AND text IS NOT NULL",
        "DELETE FROM summary WHERE summary_id IN (SELECT id FROM gone_summary)",
        "UPDATE turn SET consolidated_at = coalesce(consolidated_at, 0), "
        "finished_at = coalesce(finished_at, 0) "
        "WHERE message_id IN (SELECT id FROM gone_message)",
    ):
        await db.execute(statement)
    await drop_bare_entities(db)
    for row in touched:
        await recount_unfolded(db, row["conversation_no"])
    return int(next(iter(rows))["vectors"])
