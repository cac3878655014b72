"""Everything that goes with what is erased: found, and erased, inside a transaction."""

from collections.abc import Sequence

import aiosqlite

from bot.store.sqlite.changes import drop_bare_entities
from bot.store.sqlite.ledger import bury, memory_mark, message_mark
from bot.store.sqlite.rows import number_of
from bot.store.sqlite.summaries import recount_unfolded
from bot.types import Conversation, MemoryNumber

# What goes, as temporary tables filled until nothing is added. `unsaid` are the messages that the
# erasure starts from: as if they had never been said.
_PREPARE = (
    "CREATE TEMP TABLE IF NOT EXISTS gone_memory (id INTEGER PRIMARY KEY)",
    "CREATE TEMP TABLE IF NOT EXISTS gone_message (id INTEGER PRIMARY KEY)",
    "CREATE TEMP TABLE IF NOT EXISTS gone_summary (id INTEGER PRIMARY KEY)",
    "CREATE TEMP TABLE IF NOT EXISTS unsaid (id INTEGER PRIMARY KEY)",
    "DELETE FROM gone_memory",
    "DELETE FROM gone_message",
    "DELETE FROM gone_summary",
    "DELETE FROM unsaid",
)
_SPREAD = (
    # A memory takes the messages it came from; another person's only if it was not said to Ellie,
    # and nobody else made a note on it.
    """
    INSERT OR IGNORE INTO gone_message
    SELECT message_id FROM gone_memory JOIN memory_source ON memory_id = gone_memory.id
        JOIN message ON message.id = message_id
    WHERE message_id >> 24 = memory_id >> 24 OR role = 'note'
        OR NOT EXISTS (SELECT 1 FROM turn WHERE turn.message_id = message.id)
            AND NOT EXISTS (SELECT 1 FROM memory_source AS other WHERE other.message_id = message.id
                AND other.memory_id NOT IN (SELECT id FROM gone_memory))
    """,
    # What was never said leaves no memory that came from it alone …
    """
    INSERT OR IGNORE INTO gone_memory
    SELECT memory_id FROM memory_source JOIN unsaid ON unsaid.id = message_id
    WHERE NOT EXISTS (
        SELECT 1 FROM memory_source AS other JOIN message ON message.id = other.message_id
        WHERE other.memory_id = memory_source.memory_id AND text IS NOT NULL
            AND other.message_id NOT IN (SELECT id FROM gone_message))
    """,
    # … and a message takes the notes that other people made on it, and what it shared.
    """
    INSERT OR IGNORE INTO gone_memory
    SELECT memory_id FROM memory_source JOIN gone_message ON gone_message.id = message_id
    WHERE memory_id >> 24 <> message_id >> 24
    """,
    # A message takes the summaries that cover it, a summary what is built on it.
    """
    INSERT OR IGNORE INTO gone_summary
    SELECT summary_id FROM summary_message JOIN gone_message ON gone_message.id = message_id
    UNION SELECT summary_id FROM summary JOIN gone_summary ON gone_summary.id = previous_id
    """,
    # Each takes the replies whose prompt held it, and the later ones that had these as history.
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
_ERASE = (
    "DELETE FROM memory WHERE id IN (SELECT id FROM gone_memory)",
    # A version may be what the message said then, as may what a memory was absorbed as.
    "DELETE FROM memory_version WHERE memory_id IN (SELECT memory_id FROM memory_source "
    "JOIN gone_message ON gone_message.id = message_id)",
    "DELETE FROM memory_absorbed WHERE EXISTS (SELECT 1 FROM json_each(sources) AS part "
    "JOIN gone_message ON gone_message.id = json_extract(part.value, '$[0]'))",
    "UPDATE message SET text = NULL WHERE id IN (SELECT id FROM gone_message) AND text IS NOT NULL",
    "DELETE FROM summary WHERE summary_id IN (SELECT id FROM gone_summary)",
    "UPDATE turn SET consolidated_at = coalesce(consolidated_at, 0), "
    "finished_at = coalesce(finished_at, 0) "
    "WHERE message_id IN (SELECT id FROM gone_message)",
)


async def find_closure(
    db: aiosqlite.Connection, memories: Sequence[int], messages: Sequence[int]
) -> tuple[tuple[MemoryNumber, ...], int, int]:
    """Fill the temporary tables: (memories that go, newest first, messages with text, summaries).

    `memories` take their messages along; `messages` were never said. Told are the memories of the
    scopes that these are of, and the space's: others' notes are theirs.
    """
    for statement in _PREPARE:
        await db.execute(statement)
    await db.executemany("INSERT OR IGNORE INTO gone_memory VALUES (?)", [(i,) for i in memories])
    await db.executemany("INSERT OR IGNORE INTO unsaid VALUES (?)", [(i,) for i in messages])
    await db.execute("INSERT INTO gone_message SELECT id FROM unsaid")
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
    gone = await db.execute_fetchall(
        """
        SELECT id, user = '' AS shared FROM gone_memory JOIN memory USING (id)
        JOIN scope ON scope_no = id >> 24
        WHERE shared OR scope_no IN (SELECT value FROM json_each(?)) ORDER BY shared, id DESC
        """,
        (str(list({identity >> 24 for identity in (*memories, *messages)})),),
    )
    numbers = tuple(number_of(one["id"], shared=bool(one["shared"])) for one in gone)
    return numbers, row["messages"], row["summaries"]


async def erase_closure(db: aiosqlite.Connection, key: bytes) -> int:
    """Erase what the temporary tables name, and enter its tombstones; how many vectors went.

    The triggers take passages and vectors along. A memory that keeps another source loses the
    unsaid ones, and is as old as what is left.
    """
    rows = await db.execute_fetchall(
        """
        SELECT count(*) AS vectors FROM passage_vector
        WHERE id IN (SELECT id * 2 + 1 FROM gone_memory UNION SELECT id * 2 FROM gone_message)
        """
    )
    touched = await db.execute_fetchall(
        "SELECT DISTINCT conversation_no FROM message WHERE id IN (SELECT id FROM gone_message)"
    )
    await _bury_closure(db, key)
    for statement in _ERASE:
        await db.execute(statement)
    await _unlink(db)
    await drop_bare_entities(db)
    for row in touched:
        await recount_unfolded(db, row["conversation_no"])
    return int(next(iter(rows))["vectors"])


async def _bury_closure(db: aiosqlite.Connection, key: bytes) -> None:
    messages = await db.execute_fetchall(
        "SELECT platform, space, key, event_id FROM message JOIN gone_message USING (id) "
        "JOIN conversation USING (conversation_no)"
    )
    await bury(
        db,
        [
            message_mark(key, Conversation(m["platform"], m["space"], m["key"]), m["event_id"])
            for m in messages
        ],
    )
    memories = await db.execute_fetchall("SELECT uid FROM memory JOIN gone_memory USING (id)")
    await bury(db, [memory_mark(key, row["uid"]) for row in memories])


async def _unlink(db: aiosqlite.Connection) -> None:
    """Take the unsaid messages from the sources of the memories that have others."""
    rows = await db.execute_fetchall(
        "DELETE FROM memory_source WHERE message_id IN (SELECT id FROM unsaid) RETURNING memory_id"
    )
    await db.execute(
        """
        UPDATE memory SET said_at = coalesce((
            SELECT max(sent_at) FROM memory_source JOIN message ON message.id = message_id
            WHERE memory_id = memory.id AND (memory.audience = 'private'
                OR message.audience IN ('space', memory.audience))), said_at)
        WHERE id IN (SELECT value FROM json_each(?))
        """,
        (str([row["memory_id"] for row in rows]),),
    )


_PREPARE_PEOPLE = (
    "CREATE TEMP TABLE IF NOT EXISTS their_message (id INTEGER PRIMARY KEY)",
    "CREATE TEMP TABLE IF NOT EXISTS their_conversation (id INTEGER PRIMARY KEY)",
    "DELETE FROM their_message",
    "DELETE FROM their_conversation",
)
# Every row of the people in `:scopes`, after their closure was erased; what refers to it first.
_DROP = (
    "DELETE FROM turn_memory WHERE turn_id IN (SELECT turn_id FROM turn WHERE scope_no IN "
    "(SELECT value FROM json_each(:scopes)))",
    "DELETE FROM turn_message WHERE turn_id IN (SELECT turn_id FROM turn WHERE scope_no IN "
    "(SELECT value FROM json_each(:scopes))) OR message_id IN (SELECT id FROM their_message)",
    "DELETE FROM memory_source WHERE message_id IN (SELECT id FROM their_message)",
    "DELETE FROM summary_message WHERE message_id IN (SELECT id FROM their_message)",
    "DELETE FROM turn WHERE scope_no IN (SELECT value FROM json_each(:scopes))",
    "DELETE FROM summary WHERE scope_no IN (SELECT value FROM json_each(:scopes))",
    "DELETE FROM message WHERE id IN (SELECT id FROM their_message)",
    "DELETE FROM entity WHERE id >> 24 IN (SELECT value FROM json_each(:scopes))",
    "DELETE FROM change WHERE scope_no IN (SELECT value FROM json_each(:scopes))",
    "DELETE FROM usage WHERE scope_no IN (SELECT value FROM json_each(:scopes))",
    "DELETE FROM notice WHERE scope_no IN (SELECT value FROM json_each(:scopes))",
    "DELETE FROM scope WHERE scope_no IN (SELECT value FROM json_each(:scopes))",
    """
    DELETE FROM conversation WHERE conversation_no IN (SELECT id FROM their_conversation)
        AND NOT EXISTS (SELECT 1 FROM message
            WHERE message.conversation_no = conversation.conversation_no)
        AND NOT EXISTS (SELECT 1 FROM turn
            WHERE turn.conversation_no = conversation.conversation_no)
        AND NOT EXISTS (SELECT 1 FROM summary
            WHERE summary.conversation_no = conversation.conversation_no)
    """,
)


async def everything_of(
    db: aiosqlite.Connection, scopes: Sequence[int]
) -> tuple[list[int], list[int]]:
    """The ids of all memories and of all messages in these scopes, erased texts too."""
    asked = (str(list(scopes)),)
    memories = await db.execute_fetchall(
        "SELECT memory.id FROM json_each(?) AS asked JOIN memory "
        "ON memory.id BETWEEN asked.value << 24 AND (asked.value + 1 << 24) - 1",
        asked,
    )
    messages = await db.execute_fetchall(
        "SELECT message.id FROM json_each(?) AS asked JOIN message "
        "ON message.id BETWEEN asked.value << 24 AND (asked.value + 1 << 24) - 1",
        asked,
    )
    return [row["id"] for row in memories], [row["id"] for row in messages]


async def drop_people(
    db: aiosqlite.Connection, scopes: Sequence[int], messages: Sequence[int]
) -> None:
    """Delete what is left of the people in these scopes, whose `messages` were erased."""
    for statement in _PREPARE_PEOPLE:
        await db.execute(statement)
    await db.executemany("INSERT INTO their_message VALUES (?)", [(i,) for i in messages])
    await db.execute(
        "INSERT OR IGNORE INTO their_conversation SELECT conversation_no FROM message "
        "WHERE id IN (SELECT id FROM their_message)"
    )
    for statement in _DROP:
        await db.execute(statement, {"scopes": str(list(scopes))} if ":scopes" in statement else {})
