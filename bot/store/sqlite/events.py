"""What was said and posted in a channel and its threads, found by the platform's events."""

import json
import sqlite3
from collections.abc import Sequence

import aiosqlite

from bot.types import Conversation

_THERE = """
    event_id IN (SELECT value FROM json_each(:events))
    AND conversation.platform = :platform AND conversation.space = :space
    AND (key = :channel OR substr(key, 1, length(:channel) + 1) = :channel || '/')
    """
# CROSS JOIN: from the event to its conversation, not through all that there are.
SAID = f"""
    SELECT message.*, seat, passage.id IS NOT NULL AS indexed, turn_id, finished_at, overheard,
        scope.platform, scope.space, scope.user, key
    FROM message CROSS JOIN conversation USING (conversation_no)
    JOIN scope ON scope.scope_no = message.id >> 24
    LEFT JOIN passage ON passage.id = message.id * 2
    LEFT JOIN turn ON turn.message_id = message.id
    WHERE {_THERE} AND role <> 'ellie' ORDER BY key <> :key, message.id
    """  # noqa: S608 (a part of its own)
POSTED = f"""
    SELECT DISTINCT turn.turn_id, reply_id, platform, space, key
    FROM delivery CROSS JOIN conversation USING (conversation_no)
    JOIN turn ON turn.turn_id = delivery.turn_id
    WHERE {_THERE}
    """  # noqa: S608 (a part of its own)


async def said_as(
    db: aiosqlite.Connection, where: Conversation, events: Sequence[str]
) -> list[sqlite3.Row]:
    """What people said as these events, with its turns and places; what was said `where` first."""
    return list(await db.execute_fetchall(SAID, named(where, events)))


async def posted_as(
    db: aiosqlite.Connection, where: Conversation, events: Sequence[str]
) -> list[sqlite3.Row]:
    """The turns whose replies were posted as these events, and where."""
    return list(await db.execute_fetchall(POSTED, named(where, events)))


def named(where: Conversation, events: Sequence[str]) -> dict[str, str]:
    """The parameters that name these events of a conversation's channel."""
    return {
        "platform": where.platform,
        "space": where.space,
        "key": where.key,
        "channel": where.channel,
        "events": json.dumps(list(events)),
    }


def place_of(row: sqlite3.Row) -> Conversation:
    """Where it was said or posted."""
    return Conversation(row["platform"], row["space"], row["key"])
