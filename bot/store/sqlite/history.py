"""What was said, read back: history, chains of replies, messages."""

import sqlite3
from collections.abc import Sequence

from bot.ports import NEIGHBOURS
from bot.store.sqlite.rows import message_from, scope_range
from bot.store.sqlite.transcript import Transcript
from bot.types import (
    Audience,
    Conversation,
    Exchange,
    Message,
    MessageId,
    Scope,
    TurnId,
)

HISTORY_TURNS = 500  # no prompt holds more; bounds one read

_EXCHANGES = """
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
        AND turn.turn_id < :before AND turn.turn_id > max(conversation.fresh_from, :after)
    JOIN message AS said ON said.id = turn.message_id AND said.role = 'person'
        AND said.text IS NOT NULL
    LEFT JOIN message AS reply ON reply.id = turn.reply_id AND reply.text IS NOT NULL
    WHERE conversation.platform = :platform AND conversation.space = :space
        AND conversation.key = :key
        AND (turn.audience = 'space'
             OR (turn.audience = :reader AND :reader <> 'private')
             OR (:reader = 'private' AND turn.scope_no = :scope_no))
    """
_CHAIN = (
    _EXCHANGES  # noqa: S608 (both are constants)
    + """
    AND turn.turn_id IN (
        WITH RECURSIVE replied (turn_id) AS (
            SELECT replied_to FROM turn WHERE turn_id = :before AND replied_to IS NOT NULL
            UNION SELECT replied_to FROM turn JOIN replied USING (turn_id)
            WHERE replied_to IS NOT NULL LIMIT :limit)
        SELECT turn_id FROM replied)
    ORDER BY turn.turn_id
    """
)


class History(Transcript):
    """The part of the store that reads back what was said."""

    async def history(
        self,
        conversation: Conversation,
        reader: Audience,
        scope: Scope,
        before: TurnId,
        after: TurnId | None,
    ) -> list[tuple[TurnId, Exchange]]:
        """See `bot.ports.Store`."""
        rows = await self._read().execute_fetchall(
            _EXCHANGES + "ORDER BY turn.turn_id DESC LIMIT :limit",
            {
                "before": before,
                "after": after or 0,
                "limit": HISTORY_TURNS,
                **await self._reading(conversation, reader, scope),
            },
        )
        return [(TurnId(row["turn_id"]), _exchange(row)) for row in reversed(list(rows))]

    async def chain(
        self, turn: TurnId, conversation: Conversation, reader: Audience, scope: Scope
    ) -> list[tuple[TurnId, Exchange]]:
        """See `bot.ports.Store`."""
        rows = await self._read().execute_fetchall(
            _CHAIN,
            {
                "before": turn,
                "after": 0,
                "limit": HISTORY_TURNS,
                **await self._reading(conversation, reader, scope),
            },
        )
        return [(TurnId(row["turn_id"]), _exchange(row)) for row in rows]

    async def _reading(
        self, conversation: Conversation, reader: Audience, scope: Scope
    ) -> dict[str, object]:
        """Who reads what, as `_EXCHANGES` asks."""
        return {
            "platform": conversation.platform,
            "space": conversation.space,
            "key": conversation.key,
            "reader": str(reader),
            "scope_no": await self._scope_number(scope),
        }

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
