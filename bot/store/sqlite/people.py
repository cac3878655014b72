"""Deleting every row of people whose closure was erased, inside a transaction."""

from collections.abc import Sequence

import aiosqlite

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


async def drop_space(db: aiosqlite.Connection, platform: str, space: str) -> None:
    """Delete what is left of a space in which everybody's rows are gone."""
    for statement in (
        "DELETE FROM conversation WHERE platform = ? AND space = ? AND NOT EXISTS ("
        "SELECT 1 FROM message WHERE message.conversation_no = conversation.conversation_no)",
        "DELETE FROM retention WHERE platform = ? AND space = ?",
        "DELETE FROM space_setting WHERE platform = ? AND space = ?",
    ):
        await db.execute(statement, (platform, space))
