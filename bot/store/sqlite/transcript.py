"""What was said: messages, turns, history."""

import sqlite3
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.ports import NEIGHBOURS, Used
from bot.store.sqlite.forms import Forms
from bot.store.sqlite.ledger import is_buried, message_mark
from bot.store.sqlite.rows import message_from, scope_number, scope_range, seconds
from bot.store.sqlite.writes import (
    add_message,
    add_round,
    add_turn,
    add_usage,
    add_used,
    conversation_number,
    kept_until,
    scope_for,
)
from bot.types import (
    Audience,
    Conversation,
    Exchange,
    IncomingMessage,
    Message,
    MessageId,
    PendingTurn,
    Scope,
    ToolRound,
    TurnId,
    Usage,
)

PAUSE_KEEP = timedelta(minutes=30)
HISTORY_TURNS = 500  # no prompt holds more; bounds one read


class Transcript(Forms):
    """The part of the store that writes down and reads back what was said."""

    async def record(
        self,
        message: IncomingMessage,
        tokens: int,
        *,
        urgent: bool,
        pause_keep: timedelta = PAUSE_KEEP,
    ) -> PendingTurn | None:
        """See `bot.ports.Store`."""
        async with self._write() as db:
            conversation_no = await conversation_number(db, message.conversation)
            seen = await db.execute_fetchall(
                "SELECT 1 FROM message WHERE conversation_no = ? AND event_id = ?",
                (conversation_no, message.event_id),
            )
            if list(seen) or await is_buried(
                db, (message_mark(k, message.conversation, message.event_id) for k in self._keys)
            ):
                return None
            self.erasures = await self._count_erasures(db)  # other processes erase, too
            scope_no = await scope_for(db, message.scope, message.speaker)
            self._scope_numbers.pop(message.scope, None)
            until = await kept_until(db, scope_no, message.sent_at, pause_keep)
            said = await add_message(
                db, scope_no, conversation_no, "person", message, tokens, until
            )
            turn_id = await add_turn(
                db, conversation_no, scope_no, str(message.audience), said.id, urgent, None
            )
            if until is not None:  # nothing is learnt from it, ever
                await db.execute(
                    "UPDATE turn SET consolidated_at = 0 WHERE turn_id = ?", (turn_id,)
                )
        return PendingTurn(turn_id, message.scope, message.conversation, said, message.place)

    async def pending(self, conversation: Conversation) -> list[PendingTurn]:
        """See `bot.ports.Store`."""
        rows = await self._read().execute_fetchall(
            """
            SELECT turn.turn_id, message.place, scope.platform, scope.space, scope.user,
                   message.id, message.role, message.speaker, message.text, message.sent_at,
                   message.tokens, message.audience
            FROM conversation
            JOIN turn ON turn.conversation_no = conversation.conversation_no
                AND turn.finished_at IS NULL
            JOIN message ON message.id = turn.message_id AND message.text IS NOT NULL
            JOIN scope ON scope.scope_no = turn.scope_no
            WHERE conversation.platform = ? AND conversation.space = ? AND conversation.key = ?
            ORDER BY turn.turn_id
            """,
            (conversation.platform, conversation.space, conversation.key),
        )
        return [
            PendingTurn(
                TurnId(row["turn_id"]),
                Scope(row["platform"], row["space"], row["user"]),
                conversation,
                message_from(row),
                row["place"],
            )
            for row in rows
        ]

    async def finish(
        self, turn: PendingTurn, reply: str, tokens: int, used: Used, usage: Usage, now: datetime
    ) -> None:
        """See `bot.ports.Store`."""
        async with self._write() as db:
            row = next(
                iter(
                    await db.execute_fetchall(
                        """
                        SELECT turn.scope_no, turn.conversation_no, message.text IS NULL AS erased,
                            message.event_id, message.keep_until
                        FROM turn JOIN message ON message.id = turn.message_id
                        WHERE turn_id = :turn AND finished_at IS NULL
                            AND coalesce(message.text, :text) = :text
                        """,
                        {"turn": turn.id, "text": turn.message.text},
                    )
                ),
                None,
            )
            if row is None:
                return
            scope_no, conversation_no = row["scope_no"], row["conversation_no"]
            reply_id = None
            if reply and not row["erased"] and used.erasures == await self._count_erasures(db):
                said = IncomingMessage(
                    turn.scope, turn.conversation, turn.message.audience,
                    f"reply:{row['event_id']}", "Ellie", reply, now, turn.place,
                )  # fmt: skip
                message = await add_message(
                    db, scope_no, conversation_no, "ellie", said, tokens, row["keep_until"]
                )
                reply_id = message.id
            await db.execute(
                """
                UPDATE turn SET finished_at = :now, reply_id = :reply, history_from = :history_from,
                    summary_id = (SELECT summary_id FROM summary WHERE summary_id = :summary)
                WHERE turn_id = :turn
                """,
                {
                    "now": seconds(now),
                    "reply": reply_id,
                    "summary": used.summary,
                    "history_from": used.history_from,
                    "turn": turn.id,
                },
            )
            await add_used(db, turn.id, scope_no, used)
            await add_usage(db, scope_no, usage, now)

    async def count_round(self, scope: Scope, called: ToolRound, now: datetime) -> None:
        """See `bot.ports.Store`."""
        async with self._write() as db:
            if scope_no := await scope_number(db, scope):  # 0: erased meanwhile
                await add_round(db, scope_no, called, now)

    async def history(
        self,
        conversation: Conversation,
        reader: Audience,
        scope: Scope,
        before: TurnId,
        after: TurnId | None,
    ) -> list[tuple[TurnId, Exchange]]:
        """See `bot.ports.Store`."""
        db = self._read()
        rows = await db.execute_fetchall(
            """
            SELECT turn.turn_id,
                   said.id AS said_id, said.role AS said_role, said.speaker AS said_speaker,
                   said.text AS said_text, said.sent_at AS said_sent_at,
                   said.tokens AS said_tokens, said.audience AS said_audience,
                   reply.id AS reply_id, reply.role AS reply_role,
                   reply.speaker AS reply_speaker, reply.text AS reply_text,
                   reply.sent_at AS reply_sent_at, reply.tokens AS reply_tokens,
                   reply.audience AS reply_audience
            FROM conversation
            JOIN turn ON turn.conversation_no = conversation.conversation_no
                AND turn.turn_id < :before
                AND turn.turn_id > max(conversation.fresh_from, :after)
            JOIN message AS said ON said.id = turn.message_id AND said.role = 'person'
                AND said.text IS NOT NULL
            LEFT JOIN message AS reply ON reply.id = turn.reply_id AND reply.text IS NOT NULL
            WHERE conversation.platform = :platform AND conversation.space = :space
                AND conversation.key = :key
                AND (turn.audience = 'space'
                     OR (turn.audience = :reader AND :reader <> 'private')
                     OR (:reader = 'private' AND turn.scope_no = :scope_no))
            ORDER BY turn.turn_id DESC LIMIT :limit
            """,
            {
                "before": before,
                "after": after or 0,
                "platform": conversation.platform,
                "space": conversation.space,
                "key": conversation.key,
                "reader": str(reader),
                "scope_no": await self._scope_number(scope),
                "limit": HISTORY_TURNS,
            },
        )
        return [(TurnId(row["turn_id"]), _exchange(row)) for row in reversed(list(rows))]

    async def start_fresh(self, conversation: Conversation) -> None:
        """See `bot.ports.Store`."""
        async with self._write() as db:
            conversation_no = await conversation_number(db, conversation)
            await db.execute(
                """
                UPDATE conversation SET unfolded_tokens = 0,
                    fresh_from = coalesce((SELECT max(turn_id) FROM turn), 0)
                WHERE conversation_no = ?
                """,
                (conversation_no,),
            )

    async def messages(
        self, scope: Scope, reader: Audience, ids: Sequence[MessageId]
    ) -> list[Message]:
        """See `bot.ports.Store`."""
        db = self._read()
        rows = await db.execute_fetchall(
            """
            SELECT id, role, speaker, text, sent_at, tokens, audience FROM message
            WHERE id IN (SELECT value FROM json_each(:ids)) AND id BETWEEN :low AND :high
                AND text IS NOT NULL
                AND (:reader = 'private' OR audience IN ('space', :reader))
            ORDER BY sent_at, id
            """,
            {
                "ids": str(list(ids)),
                "reader": str(reader),
                **scope_range(await self._scope_number(scope)),
            },
        )
        return [message_from(row) for row in rows]

    async def surroundings(
        self, scope: Scope, reader: Audience, ids: Sequence[MessageId]
    ) -> dict[MessageId, list[Message]]:
        """See `bot.ports.Store`."""
        rows = await self._read().execute_fetchall(
            """
            SELECT middle.id >> 1 AS middle, message.id, role, message.speaker, text, sent_at,
                tokens, message.audience
            FROM json_each(:ids) AS asked
            JOIN passage AS middle ON middle.id = asked.value * 2
            JOIN passage ON passage.seat BETWEEN middle.seat - :reach AND middle.seat + :reach
            JOIN message ON message.id = passage.id >> 1
            WHERE middle.id BETWEEN :low * 2 AND :high * 2 AND message.id BETWEEN :low AND :high
                AND (:reader = 'private' OR (middle.audience IN ('space', :reader)
                    AND message.audience IN ('space', :reader)))
            ORDER BY passage.seat
            """,
            {
                "ids": str(list(ids)),
                "reach": NEIGHBOURS,
                "reader": str(reader),
                **scope_range(await self._scope_number(scope)),
            },
        )
        found: dict[MessageId, list[Message]] = {}
        for row in rows:
            found.setdefault(MessageId(row["middle"]), []).append(message_from(row))
        return found


def _exchange(row: sqlite3.Row) -> Exchange:
    reply = None if row["reply_id"] is None else message_from(row, "reply_")
    return Exchange(message_from(row, "said_"), reply)
