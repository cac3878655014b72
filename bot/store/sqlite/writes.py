"""The rows that a message and a turn are written as, inside a transaction."""

import json
from datetime import datetime, timedelta
from typing import Literal

import aiosqlite

from bot.ports import NEIGHBOURS, Used
from bot.store.sqlite.rows import (
    SCOPE_BITS,
    SEAT_BITS,
    add_passage,
    memory_id,
    message_from,
    scope_number,
    seconds,
)
from bot.types import (
    Conversation,
    IncomingMessage,
    Message,
    MessageId,
    Parts,
    Scope,
    ToolRound,
    TurnId,
    Usage,
)

PAUSE_SECONDS = 6 * 3600
"""What is said after so long a pause is no neighbour of what was said before it."""


async def conversation_number(db: aiosqlite.Connection, conversation: Conversation) -> int:
    """The number of a conversation, which is entered if it is new."""
    key = (conversation.platform, conversation.space, conversation.key)
    await db.execute(
        "INSERT INTO conversation (platform, space, key) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        key,
    )
    rows = await db.execute_fetchall(
        "SELECT conversation_no FROM conversation WHERE platform = ? AND space = ? AND key = ?", key
    )
    return int(next(iter(rows))["conversation_no"])


async def scope_for(db: aiosqlite.Connection, scope: Scope, name: str | None) -> int:
    """The number of a scope, which is entered if it is new.

    `name` is what the person is called; None: as before.
    """
    await db.execute(
        """
        INSERT INTO scope (platform, space, user, name)
        VALUES (:platform, :space, :user, coalesce(:name, :user))
        ON CONFLICT DO UPDATE SET name = coalesce(:name, name)
        """,
        {
            "platform": scope.platform,
            "space": scope.space,
            "user": scope.user,
            "name": name,
        },
    )
    return await scope_number(db, scope)


async def add_message(
    db: aiosqlite.Connection,
    scope_no: int,
    conversation_no: int,
    role: Literal["person", "ellie", "note"],
    message: IncomingMessage,
    tokens: int,
    keep_until: int | None = None,
    *,
    heard: bool = True,
    indexed: bool = True,
) -> Message:
    """Write one message down; a person's own is indexed, unless it is the note of a /remember.

    `keep_until`: it was said in a pause, so it is not indexed, and erased then. `heard` False: it
    was not said to Ellie. It stands beside no other, and in no summary. `indexed` False: it is
    history, and nothing more.
    """
    numbered = await db.execute_fetchall(
        "UPDATE scope SET message_seq = message_seq + 1 WHERE scope_no = ? RETURNING message_seq",
        (scope_no,),
    )
    identity = MessageId(scope_no << SCOPE_BITS | next(iter(numbered))["message_seq"])
    audience = str(message.audience)
    await db.execute(
        """
        INSERT INTO message (id, conversation_no, event_id, role, speaker, text, tokens, audience,
                             place, sent_at, keep_until)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        (
            identity, conversation_no, message.event_id, role, message.speaker, message.text,
            tokens, audience, message.place, seconds(message.sent_at), keep_until,
        ),
    )  # fmt: skip
    if role == "person" and keep_until is None and indexed:
        await add_passage(
            db, identity * 2, audience, message.sent_at, message.text,
            speaker=message.speaker,
            seat=await next_seat(db, conversation_no, seconds(message.sent_at)) if heard else None,
        )  # fmt: skip
    if role != "note" and heard:
        await db.execute(
            "UPDATE conversation SET unfolded_tokens = unfolded_tokens + ? "
            "WHERE conversation_no = ?",
            (tokens, conversation_no),
        )
    rows = await db.execute_fetchall("SELECT * FROM message WHERE id = ?", (identity,))
    return message_from(next(iter(rows)))


async def next_seat(db: aiosqlite.Connection, conversation_no: int, sent_at: int) -> int:
    """The next place in a conversation, out of the last ones' reach after a long pause."""
    rows = await db.execute_fetchall(
        """
        UPDATE conversation SET seated_at = :sent_at, seats = seats + 1
            + :apart * (abs(:sent_at - seated_at) > :pause)
        WHERE conversation_no = :conversation RETURNING seats
        """,
        {
            "conversation": conversation_no,
            "sent_at": sent_at,
            "apart": NEIGHBOURS,
            "pause": PAUSE_SECONDS,
        },
    )
    return conversation_no << SEAT_BITS | int(next(iter(rows))["seats"])


async def leave_seats_free(db: aiosqlite.Connection, conversation_no: int) -> None:
    """Let what is said next in a conversation be no neighbour of what was said there before."""
    await db.execute(
        "UPDATE conversation SET seated_at = 0 WHERE conversation_no = ?", (conversation_no,)
    )


async def kept_until(
    db: aiosqlite.Connection, scope_no: int, said: IncomingMessage, keep: timedelta
) -> int | None:
    """When what a person says is to be erased, if they have paused or are outsiders; else None."""
    rows = await db.execute_fetchall(
        "SELECT paused_at FROM scope WHERE scope_no = ? AND paused_at IS NOT NULL", (scope_no,)
    )
    return seconds(said.sent_at + keep) if said.outsider or list(rows) else None


async def add_turn(
    db: aiosqlite.Connection,
    conversation_no: int,
    scope_no: int,
    said: IncomingMessage,
    message: MessageId,
    urgent: bool,
    finished_at: int | None,
    replied_to: TurnId | None = None,
) -> TurnId:
    """Enter the turn of what was said. `finished_at` None: it waits for its answer."""
    rows = await db.execute_fetchall(
        """
        INSERT INTO turn (conversation_no, scope_no, audience, message_id, urgent, finished_at,
                          replied_to, reach, outsider)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING turn_id
        """,
        (
            conversation_no, scope_no, str(said.audience), message, urgent, finished_at, replied_to,
            str(said.reach), said.outsider,
        ),
    )  # fmt: skip
    return TurnId(next(iter(rows))["turn_id"])


async def replied_turn(
    db: aiosqlite.Connection, conversation_no: int, event_id: str | None
) -> TurnId | None:
    """The turn whose message has this event there, or whose reply was posted as it; or None."""
    rows = await db.execute_fetchall(
        """
        SELECT turn_id FROM turn JOIN message ON message.id = turn.message_id
        WHERE message.conversation_no = :conversation AND event_id = :event AND role = 'person'
        UNION ALL SELECT turn_id FROM delivery
        WHERE conversation_no = :conversation AND event_id = :event
        """,
        {"conversation": conversation_no, "event": event_id},
    )
    return next((TurnId(row["turn_id"]) for row in rows), None)


async def add_used(db: aiosqlite.Connection, turn: TurnId, scope_no: int, used: Used) -> None:
    """Record what the prompt of a turn held, and count the use of its memories."""
    some_shared = any(number < 0 for number in used.memories)
    shared_no = await _shared_number(db, scope_no) if some_shared else 0
    ids = {number: memory_id(scope_no, number, shared_no) for number in used.memories}
    await db.executemany(
        "INSERT OR IGNORE INTO turn_memory (turn_id, memory_id, parts) "
        "SELECT ?, id, ? FROM memory WHERE id = ?",
        [
            (turn, _json(used.memory_parts.get(number)), identity)
            for number, identity in ids.items()
        ],
    )
    await db.executemany(
        "UPDATE memory SET uses = uses + 1 WHERE id = ?", [(identity,) for identity in ids.values()]
    )
    await db.executemany(
        "INSERT OR IGNORE INTO turn_message (turn_id, message_id, parts) VALUES (?, ?, ?)",
        [(turn, message, _json(used.message_parts.get(message))) for message in used.messages],
    )
    await db.executemany(
        "INSERT OR IGNORE INTO turn_message (turn_id, message_id, history) "
        "SELECT ?, id, 1 FROM message WHERE id = ?",
        [(turn, message) for message in used.chain],
    )


async def _shared_number(db: aiosqlite.Connection, scope_no: int) -> int:
    """The number of the shared scope of this scope's space; 0: nothing was ever shared there."""
    rows = await db.execute_fetchall(
        "SELECT common.scope_no FROM scope JOIN scope AS common USING (platform, space) "
        "WHERE scope.scope_no = ? AND common.user = ''",
        (scope_no,),
    )
    return next((int(row["scope_no"]) for row in rows), 0)


def _json(parts: Parts | None) -> str:
    return json.dumps({name: round(part, 4) for name, part in (parts or {}).items()})


async def add_usage(db: aiosqlite.Connection, scope_no: int, usage: Usage, now: datetime) -> None:
    """Count one model call; none where no tokens were used, or whose scope was erased (0)."""
    if scope_no and (usage.tokens_in or usage.tokens_out):
        await db.execute(
            """
            INSERT INTO usage (scope_no, day, calls, tokens_in, tokens_out) VALUES (?, ?, 1, ?, ?)
            ON CONFLICT DO UPDATE SET calls = calls + 1,
                tokens_in = tokens_in + excluded.tokens_in,
                tokens_out = tokens_out + excluded.tokens_out
            """,
            (scope_no, f"{now:%Y-%m-%d}", usage.tokens_in, usage.tokens_out),
        )


async def add_round(
    db: aiosqlite.Connection, scope_no: int, called: ToolRound, now: datetime
) -> None:
    """Count a model call that ended in tool calls, apart from the calls that ended in an answer."""
    usage = called.usage
    await db.execute(
        """
        INSERT INTO usage (scope_no, day, calls, tokens_in, tokens_out, tool_rounds, tool_calls)
        VALUES (?, ?, 0, ?, ?, 1, ?)
        ON CONFLICT DO UPDATE SET tool_rounds = tool_rounds + 1,
            tool_calls = tool_calls + excluded.tool_calls,
            tokens_in = tokens_in + excluded.tokens_in,
            tokens_out = tokens_out + excluded.tokens_out
        """,
        (scope_no, f"{now:%Y-%m-%d}", usage.tokens_in, usage.tokens_out, called.calls),
    )
