"""Erasing: what goes with a memory, and the bytes."""

from collections.abc import Sequence

import aiosqlite

from bot.errors import StoreError
from bot.ports import Erasure
from bot.results import Receipt
from bot.store.sqlite.changes import drop_bare_entities, drop_lost_records
from bot.store.sqlite.merging import twins
from bot.store.sqlite.rights import Rights
from bot.store.sqlite.rows import memory_id, number_of, scope_number, scope_range
from bot.store.sqlite.summaries import recount_unfolded
from bot.types import MemoryNumber, MessageId, Scope

# What goes, as temporary tables filled until nothing is added: a memory takes the messages it came
# from; a message takes the summaries that cover it (and those built on them) and Ellie's replies
# whose prompt held it; a summary takes the replies whose prompt held it.
_CLOSURE = """
CREATE TEMP TABLE IF NOT EXISTS gone_memory (id INTEGER PRIMARY KEY);
CREATE TEMP TABLE IF NOT EXISTS gone_message (id INTEGER PRIMARY KEY);
CREATE TEMP TABLE IF NOT EXISTS gone_summary (id INTEGER PRIMARY KEY);
"""
_SPREAD = (
    """
    INSERT OR IGNORE INTO gone_message
    SELECT message_id FROM memory_source JOIN gone_memory ON gone_memory.id = memory_id
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


class SqliteStore(Rights):
    """The whole store on one SQLite file: what an earlier part lacks, and erasing."""

    async def erasure(self, scope: Scope, numbers: Sequence[MemoryNumber]) -> Erasure:
        """See `bot.ports.Store`."""
        async with self._write() as db:  # the temporary tables live on the writing connection
            return await _closure(db, await self._ids(scope, numbers))

    async def erase(
        self, scope: Scope, numbers: Sequence[MemoryNumber], messages: Sequence[MessageId] = ()
    ) -> Receipt:
        """See `bot.ports.Store`."""
        async with self._write() as db:
            ids = await self._ids(scope, numbers)
            erasure = await _closure(db, ids, messages)
            vectors = await _erase_closure(db)
            self.erasures += 1
            self._unscrubbed = True
        if not await self._scrub():
            raise StoreError(
                f"Forgotten; but another program is reading {self.path}, and until it ends, what "
                "was forgotten is still on the disk. End it, and forget anything once more."
            )
        found = tuple(number_of(identity) for identity in ids)
        return Receipt(
            memories=found,
            messages=erasure.messages,
            summaries=erasure.summaries,
            vectors=vectors,
            missing=tuple(number for number in numbers if number not in found),
        )

    async def erase_people(self, scopes: Sequence[Scope]) -> Receipt:
        """STUB of helper A's."""
        async with self._write() as db:
            numbers = str([await scope_number(db, scope) for scope in scopes])
            receipt = await self._erase_scopes(db, numbers)
        await self._scrub()
        return receipt

    async def erase_space(self, platform: str, space: str) -> Receipt:
        """STUB of helper A's."""
        async with self._write() as db:
            rows = await db.execute_fetchall(
                "SELECT scope_no FROM scope WHERE platform = ? AND space = ?", (platform, space)
            )
            receipt = await self._erase_scopes(db, str([row["scope_no"] for row in rows]))
        await self._scrub()
        return receipt

    async def _erase_scopes(self, db: aiosqlite.Connection, numbers: str) -> Receipt:
        memories = await db.execute_fetchall(
            "SELECT id FROM memory WHERE id >> 24 IN (SELECT value FROM json_each(?))", (numbers,)
        )
        messages = await db.execute_fetchall(
            "SELECT id FROM message WHERE id >> 24 IN (SELECT value FROM json_each(?))", (numbers,)
        )
        ids = [row["id"] for row in memories]
        erasure = await _closure(db, ids, [row["id"] for row in messages])
        vectors = await _erase_closure(db)
        for statement in (
            "DELETE FROM notice WHERE scope_no IN (SELECT value FROM json_each(?))",
            "DELETE FROM usage WHERE scope_no IN (SELECT value FROM json_each(?))",
            "DELETE FROM change WHERE scope_no IN (SELECT value FROM json_each(?))",
            "DELETE FROM turn_message WHERE turn_id IN (SELECT turn_id FROM turn "
            "WHERE scope_no IN (SELECT value FROM json_each(?)))",
            "DELETE FROM turn_memory WHERE turn_id IN (SELECT turn_id FROM turn "
            "WHERE scope_no IN (SELECT value FROM json_each(?)))",
            "DELETE FROM turn_message WHERE message_id >> 24 IN (SELECT value FROM json_each(?))",
            "DELETE FROM turn WHERE scope_no IN (SELECT value FROM json_each(?))",
            "DELETE FROM message WHERE id >> 24 IN (SELECT value FROM json_each(?))",
            "DELETE FROM scope WHERE scope_no IN (SELECT value FROM json_each(?))",
        ):
            await db.execute(statement, (numbers,))
        await db.execute(
            "DELETE FROM conversation WHERE conversation_no NOT IN "
            "(SELECT conversation_no FROM message) AND conversation_no NOT IN "
            "(SELECT conversation_no FROM summary)"
        )
        self._scope_numbers.clear()
        self.erasures += 1
        self._unscrubbed = True
        return Receipt(tuple(map(number_of, ids)), erasure.messages, erasure.summaries, vectors)

    async def everywhere(self, scope: Scope) -> list[Scope]:
        """STUB of helper D's."""
        rows = await self._read().execute_fetchall(
            "SELECT space FROM scope WHERE platform = ? AND user = ? ORDER BY space <> ?, space",
            (scope.platform, scope.user, scope.space),
        )
        return [Scope(scope.platform, row["space"], scope.user) for row in rows]

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

    async def _ids(self, scope: Scope, numbers: Sequence[MemoryNumber]) -> list[int]:
        """The rows of those of the numbers that exist, and of what states the same to others."""
        scope_no = await scope_number(self._writer, scope)
        rows = await self._writer.execute_fetchall(
            "SELECT id FROM memory WHERE id IN (SELECT value FROM json_each(?))",
            (str([memory_id(scope_no, number) for number in numbers]),),
        )
        ids = [row["id"] for row in rows]
        return ids + await twins(self._writer, scope_no, ids)


async def _closure(
    db: aiosqlite.Connection, ids: Sequence[int], messages: Sequence[int] = ()
) -> Erasure:
    """Fill the temporary tables with everything that goes with these memories."""
    for statement in _CLOSURE.strip().split(";\n"):
        await db.execute(statement)
    for statement in (
        "DELETE FROM gone_memory",
        "DELETE FROM gone_message",
        "DELETE FROM gone_summary",
    ):
        await db.execute(statement)
    await db.executemany("INSERT INTO gone_memory VALUES (?)", [(identity,) for identity in ids])
    await db.executemany(
        "INSERT OR IGNORE INTO gone_message VALUES (?)", [(one,) for one in messages]
    )
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
    return Erasure(messages=row["messages"], summaries=row["summaries"])


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
