"""The rolling summaries of conversations."""

import sqlite3
from datetime import datetime

import aiosqlite

from bot.ports import Foldable
from bot.store.sqlite.answers import Answers
from bot.store.sqlite.rows import moment, scope_number, seconds
from bot.store.sqlite.writes import add_usage
from bot.types import (
    Audience,
    Conversation,
    MessageId,
    Private,
    Scope,
    Summary,
    SummaryId,
    TurnId,
    Usage,
    parse_audience,
)


class Summaries(Answers):
    """The part of the store that keeps summaries."""

    async def newest_summary(
        self, conversation: Conversation, reader: Audience, scope: Scope
    ) -> Summary | None:
        """See `bot.ports.Store`."""
        db = self._read()
        rows = await db.execute_fetchall(
            """
            SELECT summary.* FROM conversation
            JOIN summary ON summary.conversation_no = conversation.conversation_no
                AND summary.through_turn > conversation.fresh_from AND summary.text <> ''
            WHERE conversation.platform = :platform AND conversation.space = :space
                AND conversation.key = :key
                AND (summary.audience = 'space'
                     OR (summary.audience = :reader AND :reader <> 'private')
                     OR (:reader = 'private' AND summary.scope_no = :scope_no))
            ORDER BY summary.summary_id DESC LIMIT 1
            """,
            {
                "platform": conversation.platform,
                "space": conversation.space,
                "key": conversation.key,
                "reader": str(reader),
                "scope_no": await self._scope_number(scope),
            },
        )
        return next((_summary(row) for row in rows), None)

    async def summary(self, scope: Scope, reader: Audience, identity: SummaryId) -> Summary | None:
        """See `bot.ports.Store`."""
        db = self._read()
        rows = await db.execute_fetchall(
            """
            SELECT summary.* FROM summary
            JOIN conversation USING (conversation_no)
            WHERE summary_id = :id AND summary.text <> ''
                AND conversation.platform = :platform AND conversation.space = :space
                AND (summary.audience = 'space'
                     OR (summary.audience = :reader AND :reader <> 'private')
                     OR (:reader = 'private' AND summary.scope_no = :scope_no))
            """,
            {
                "id": identity,
                "platform": scope.platform,
                "space": scope.space,
                "reader": str(reader),
                "scope_no": await self._scope_number(scope),
            },
        )
        return next((_summary(row) for row in rows), None)

    async def foldable(self, threshold_tokens: int) -> list[Foldable]:
        """See `bot.ports.Store`."""
        rows = await self._read().execute_fetchall(
            """
            SELECT conversation.platform, conversation.space, conversation.key,
                   turn.audience, turn.turn_id, scope.user, coalesce(
                       (SELECT min(said.turn_id) FROM message JOIN turn AS said
                        ON said.message_id = message.id
                        WHERE keep_until IS NOT NULL AND text IS NOT NULL
                            AND +message.conversation_no = conversation.conversation_no),
                       turn.turn_id + 1) AS stop
            FROM conversation
            JOIN turn ON turn.turn_id = (
                SELECT max(turn_id) FROM turn
                JOIN message ON message.id = turn.message_id AND message.role = 'person'
                WHERE turn.conversation_no = conversation.conversation_no
                    AND finished_at IS NOT NULL AND NOT overheard)
            JOIN scope ON scope.scope_no = turn.scope_no
            WHERE conversation.unfolded_tokens > ?
            """,
            (threshold_tokens,),
        )
        found = []
        for row in list(rows):
            conversation = Conversation(row["platform"], row["space"], row["key"])
            reader = parse_audience(row["audience"])
            scope = Scope(row["platform"], row["space"], row["user"])
            previous = await self.newest_summary(conversation, reader, scope)
            exchanges = await self.history(
                conversation,
                reader,
                scope,
                TurnId(row["stop"]),
                previous.through if previous else None,
            )
            found.append(Foldable(conversation, scope, reader, previous, tuple(exchanges)))
        return found

    async def add_summary(
        self, folded: Foldable, through: TurnId, text: str, usage: Usage, now: datetime
    ) -> bool:
        """See `bot.ports.Store`."""
        messages = _covered(folded, through)
        async with self._write() as db:
            rows = await db.execute_fetchall(
                """
                SELECT conversation_no FROM conversation
                WHERE platform = :platform AND space = :space AND key = :key
                    AND fresh_from < :through
                    AND (:previous IS NULL
                         OR EXISTS (SELECT 1 FROM summary WHERE summary_id = :previous))
                    AND :count = (SELECT count(*) FROM message
                                  WHERE id IN (SELECT value FROM json_each(:messages))
                                      AND text IS NOT NULL)
                """,
                {
                    "platform": folded.conversation.platform,
                    "space": folded.conversation.space,
                    "key": folded.conversation.key,
                    "through": through,
                    "previous": folded.previous and folded.previous.id,
                    "messages": str(messages),
                    "count": len(messages),
                },
            )
            scope_no = await scope_number(db, folded.scope)
            await add_usage(db, scope_no, usage, now)
            row = next(iter(rows), None)
            if row is None:
                return False
            conversation_no = row["conversation_no"]
            private = isinstance(folded.reader, Private)
            inserted = await db.execute_fetchall(
                """
                INSERT INTO summary (conversation_no, previous_id, scope_no, audience, text,
                                     through_turn, created_at)
                VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING summary_id
                """,
                (
                    conversation_no,
                    folded.previous and folded.previous.id,
                    scope_no if private else None,
                    str(folded.reader),
                    text,
                    through,
                    seconds(now),
                ),
            )
            summary_id = next(iter(inserted))["summary_id"]
            await db.executemany(
                "INSERT INTO summary_message (summary_id, message_id) VALUES (?, ?)",
                [(summary_id, message) for message in messages],
            )
            await recount_unfolded(db, conversation_no)
        return True


async def recount_unfolded(db: aiosqlite.Connection, conversation_no: int) -> None:
    """Count anew what no summary of the conversation covers."""
    await db.execute(
        """
        UPDATE conversation SET unfolded_tokens = (
            SELECT coalesce(sum(said.tokens + coalesce(reply.tokens, 0)), 0) FROM turn
            JOIN message AS said ON said.id = turn.message_id AND said.role = 'person'
                AND said.text IS NOT NULL
            LEFT JOIN message AS reply ON reply.id = turn.reply_id AND reply.text IS NOT NULL
            WHERE turn.conversation_no = conversation.conversation_no
                AND turn.turn_id > max(conversation.fresh_from, coalesce(
                    (SELECT max(through_turn) FROM summary WHERE text <> ''
                     AND summary.conversation_no = conversation.conversation_no), 0)))
        WHERE conversation_no = ?
        """,
        (conversation_no,),
    )


def _covered(folded: Foldable, through: TurnId) -> list[MessageId]:
    return [
        message.id
        for turn, exchange in folded.exchanges
        if turn <= through
        for message in (exchange.said, exchange.reply)
        if message is not None
    ]


def _summary(row: sqlite3.Row) -> Summary:
    return Summary(
        SummaryId(row["summary_id"]),
        row["text"],
        parse_audience(row["audience"]),
        TurnId(row["through_turn"]),
        moment(row["created_at"]),
    )
