"""Everything that goes with what is erased: found, and erased, inside a transaction."""

from collections.abc import Sequence
from functools import reduce

import aiosqlite

from bot.store.sqlite.changes import PERSON, drop_bare_entities, drop_lost_records
from bot.store.sqlite.ledger import bury, memory_mark, message_mark
from bot.store.sqlite.memory_writes import index_memory
from bot.store.sqlite.rows import number_of
from bot.store.sqlite.summaries import recount_unfolded
from bot.types import Conversation, MemoryNumber, narrower, parse_audience

# What goes, as temporary tables filled until nothing is added. `unsaid` are the messages that the
# erasure starts from: as if they had never been said.
_PREPARE = (
    "CREATE TEMP TABLE IF NOT EXISTS gone_memory (id INTEGER PRIMARY KEY, named INTEGER NOT NULL)",
    "CREATE TEMP TABLE IF NOT EXISTS gone_message (id INTEGER PRIMARY KEY)",
    "CREATE TEMP TABLE IF NOT EXISTS gone_summary (id INTEGER PRIMARY KEY)",
    "CREATE TEMP TABLE IF NOT EXISTS unsaid (id INTEGER PRIMARY KEY)",
    "DELETE FROM gone_memory",
    "DELETE FROM gone_message",
    "DELETE FROM gone_summary",
    "DELETE FROM unsaid",
)
_SPREAD = (
    # A memory that was named takes the messages it came from; another person's only if it was not
    # said to Ellie, and nobody else made a note on it.
    """
    INSERT OR IGNORE INTO gone_message
    SELECT message_id FROM gone_memory JOIN memory_source ON memory_id = gone_memory.id AND named
        JOIN message ON message.id = message_id
    WHERE message_id >> 24 = memory_id >> 24 OR role = 'note'
        OR NOT EXISTS (SELECT 1 FROM turn WHERE turn.message_id = message.id)
            AND NOT EXISTS (SELECT 1 FROM memory_source AS other WHERE other.message_id = message.id
                AND other.memory_id NOT IN (SELECT id FROM gone_memory))
    """,
    # What was never said leaves no memory that came from it alone, or has its very words …
    """
    INSERT OR IGNORE INTO gone_memory
    SELECT memory_id, 0 FROM memory_source JOIN unsaid ON unsaid.id = message_id
    WHERE NOT EXISTS (
            SELECT 1 FROM memory_source AS other JOIN message ON message.id = other.message_id
            WHERE other.memory_id = memory_source.memory_id AND text IS NOT NULL
                AND other.message_id NOT IN (SELECT id FROM gone_message))
        OR message_id = (
            SELECT max(edit.message_id) FROM memory_source AS edit
            JOIN message ON message.id = edit.message_id AND event_id LIKE 'edit:%'
            WHERE edit.memory_id = memory_source.memory_id)
    """,
    # … and a message takes the notes that other people made on it, and what it shared.
    """
    INSERT OR IGNORE INTO gone_memory
    SELECT memory_id, 0 FROM memory_source JOIN gone_message ON gone_message.id = message_id
    WHERE memory_id >> 24 <> message_id >> 24
    """,
    # A message takes the summaries that cover it, a summary what is built on it.
    """
    INSERT OR IGNORE INTO gone_summary
    SELECT summary_id FROM summary_message JOIN gone_message ON gone_message.id = message_id
    UNION SELECT summary_id FROM summary JOIN gone_summary ON gone_summary.id = previous_id
    """,
    # Each takes the replies whose prompt held it.
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
    await db.executemany(
        "INSERT OR IGNORE INTO gone_memory VALUES (?, 1)", [(i,) for i in memories]
    )
    await db.executemany("INSERT OR IGNORE INTO unsaid VALUES (?)", [(i,) for i in messages])
    await db.execute("INSERT INTO gone_message SELECT id FROM unsaid")
    added = 1
    while added:
        added = await _spread_through_history(db)
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


async def places_of(db: aiosqlite.Connection) -> frozenset[Conversation]:
    """The conversations that a closure reaches."""
    rows = await db.execute_fetchall(
        "SELECT DISTINCT platform, space, key FROM gone_message JOIN message USING (id) "
        "JOIN conversation USING (conversation_no)"
    )
    return frozenset(Conversation(row["platform"], row["space"], row["key"]) for row in rows)


async def _spread_through_history(db: aiosqlite.Connection) -> int:
    """Let go, in every conversation, the replies that had a turn that goes as history; how many.

    One pass in the order of the turns: what a reply takes along comes after it.
    """
    conversations = await db.execute_fetchall(
        """
        SELECT turn.conversation_no, min(turn_id) AS first FROM gone_message
        JOIN turn ON turn.message_id = gone_message.id OR turn.reply_id = gone_message.id
        GROUP BY turn.conversation_no
        """
    )
    added: list[tuple[int]] = []
    for conversation in conversations:
        rows = await db.execute_fetchall(
            """
            SELECT turn_id, history_from, reply_id, message_id IN (SELECT id FROM gone_message)
                OR coalesce(reply_id IN (SELECT id FROM gone_message), 0) AS gone
            FROM turn WHERE conversation_no = ? AND turn_id >= ? ORDER BY turn_id
            """,
            (conversation["conversation_no"], conversation["first"]),
        )
        latest = 0
        for row in rows:
            held = row["reply_id"] is not None and latest >= (row["history_from"] or latest + 1)
            if held and not row["gone"]:
                added.append((row["reply_id"],))
            if held or row["gone"]:
                latest = row["turn_id"]
    await db.executemany("INSERT OR IGNORE INTO gone_message VALUES (?)", added)
    return len(added)


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
    await drop_lost_records(db)
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
    memories = await db.execute_fetchall(
        """
        SELECT uid FROM memory JOIN gone_memory USING (id)
        UNION SELECT uid FROM memory_absorbed WHERE uid IS NOT NULL AND EXISTS (
            SELECT 1 FROM json_each(sources) AS part
            JOIN gone_message ON gone_message.id = json_extract(part.value, '$[0]'))
        """
    )
    await bury(db, [memory_mark(key, row["uid"]) for row in memories])


async def _unlink(db: aiosqlite.Connection) -> None:
    """Take the unsaid messages from the sources of the memories that have others."""
    rows = await db.execute_fetchall(
        "DELETE FROM memory_source WHERE message_id IN (SELECT id FROM unsaid) RETURNING memory_id"
    )
    for identity in {row["memory_id"] for row in rows}:
        await _rest_on_what_is_left(db, identity)


async def _rest_on_what_is_left(db: aiosqlite.Connection, identity: int) -> None:
    """Date and place a memory by its newest source; where none is open to its audience, narrow it.

    Else the law would be broken: everyone who can read a memory could have read a source of it.
    What the person promoted stays as wide as they made it.
    """
    rows = await db.execute_fetchall(
        """
        SELECT memory.audience AS mine, message.audience, message.sent_at, message.place
        FROM memory JOIN memory_source ON memory_id = memory.id
        JOIN message ON message.id = message_id AND message.text IS NOT NULL
        WHERE memory.id = ? ORDER BY message.sent_at DESC, message.id DESC
        """,
        (identity,),
    )
    left = [(parse_audience(row["audience"]), row["sent_at"], row["place"]) for row in rows]
    if not left:
        return
    audience = parse_audience(next(iter(rows))["mine"])
    open_to_all = [one for one in left if narrower(audience, one[0]) == audience]
    if not open_to_all and not await _promoted(db, identity):
        audience = reduce(narrower, (one[0] for one in left), audience)
    _, said_at, place = (open_to_all or left)[0]
    await db.execute(
        "UPDATE memory SET audience = ?, said_at = ?, place = ? WHERE id = ?",
        (str(audience), said_at, place, identity),
    )
    await index_memory(db, identity)


async def _promoted(db: aiosqlite.Connection, identity: int) -> bool:
    """Whether the person themselves made the memory's audience wider."""
    rows = await db.execute_fetchall(
        "SELECT 1 FROM memory_version JOIN memory ON memory.id = memory_id "
        "WHERE memory_id = ? AND author = ? AND memory.audience = 'space' "
        "AND memory_version.audience <> 'space' AND memory_version.text = memory.text",
        (identity, PERSON),
    )
    return bool(list(rows))
