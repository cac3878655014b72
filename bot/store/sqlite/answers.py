"""What the prompts of Ellie's replies held, and why."""

import json
import sqlite3
from datetime import datetime

from bot.ports import Used
from bot.store.sqlite.history import History
from bot.store.sqlite.rows import SCOPE_BITS, moment, number_of
from bot.types import Conversation, MessageId, Scope, SummaryId, TurnId

_USED = """
    SELECT turn.turn_id, turn.scope_no, turn.finished_at, turn.summary_id, turn.history_from,
        (SELECT json_group_array(json_array(memory_id, json(parts))) FROM turn_memory
         WHERE turn_memory.turn_id = turn.turn_id) AS memories,
        (SELECT json_group_array(json_array(message_id, json(parts))) FROM turn_message
         WHERE turn_message.turn_id = turn.turn_id AND NOT history) AS messages,
        (SELECT json_group_array(message_id) FROM turn_message
         WHERE turn_message.turn_id = turn.turn_id AND history) AS chain
    FROM turn
    """


class Answers(History):
    """The part of the store that tells what a reply was made from."""

    async def last_answer(
        self, conversation: Conversation, scope: Scope
    ) -> tuple[TurnId, datetime, Used] | None:
        """See `bot.ports.Store`."""
        rows = await self._read().execute_fetchall(
            _USED
            + """
            JOIN conversation ON conversation.conversation_no = turn.conversation_no
            WHERE conversation.platform = ? AND conversation.space = ?
                AND conversation.key = ? AND turn.scope_no = ? AND turn.reply_id IS NOT NULL
            ORDER BY turn.turn_id DESC LIMIT 1
            """,
            (
                conversation.platform,
                conversation.space,
                conversation.key,
                await self._scope_number(scope),
            ),
        )
        return next(
            ((TurnId(row["turn_id"]), moment(row["finished_at"]), _used(row)) for row in rows), None
        )

    async def used_by(self, turn: TurnId) -> tuple[datetime, Used] | None:
        """See `bot.ports.Store`."""
        rows = await self._read().execute_fetchall(
            _USED
            + """
            JOIN message AS reply ON reply.id = turn.reply_id AND reply.text IS NOT NULL
            WHERE turn.turn_id = ?
            """,
            (turn,),
        )
        return next(((moment(row["finished_at"]), _used(row)) for row in rows), None)


def _used(row: sqlite3.Row) -> Used:
    memories = {
        number_of(identity, shared=identity >> SCOPE_BITS != row["scope_no"]): parts
        for identity, parts in json.loads(row["memories"])
    }
    messages = {MessageId(identity): parts for identity, parts in json.loads(row["messages"])}
    return Used(
        memories=tuple(memories),
        messages=tuple(messages),
        summary=None if row["summary_id"] is None else SummaryId(row["summary_id"]),
        history_from=None if row["history_from"] is None else TurnId(row["history_from"]),
        chain=tuple(map(MessageId, json.loads(row["chain"]))),
        memory_parts={number: parts for number, parts in memories.items() if parts},
        message_parts={identity: parts for identity, parts in messages.items() if parts},
    )
