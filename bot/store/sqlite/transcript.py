"""What was said, written down: messages and turns."""

import json
import sqlite3
from datetime import datetime, timedelta

import aiosqlite

from bot.ports import Used
from bot.store.sqlite.forms import Forms
from bot.store.sqlite.inbox import claim
from bot.store.sqlite.ledger import has_opted_out, is_buried, message_marks
from bot.store.sqlite.rows import SCOPE_BITS, add_passage, message_from, scope_number, seconds
from bot.store.sqlite.writes import (
    add_message,
    add_round,
    add_turn,
    add_usage,
    add_used,
    conversation_number,
    kept_until,
    next_seat,
    replied_turn,
    scope_for,
)
from bot.types import (
    Conversation,
    IncomingMessage,
    PendingTurn,
    Reach,
    Scope,
    ToolRound,
    TurnId,
    Usage,
    narrower,
    parse_audience,
)

PAUSE_KEEP = timedelta(minutes=30)


_TURNS = """
    SELECT turn.turn_id, turn.replied_to, turn.reach, turn.outsider,
        message.place, message.event_id,
        scope.platform, scope.space, scope.user,
        message.id, message.role, message.speaker, message.text, message.sent_at,
        message.tokens, message.audience,
        (SELECT json_group_array(event_id) FROM (SELECT event_id FROM delivery
         WHERE delivery.turn_id = turn.turn_id ORDER BY delivery_no)) AS shown
    FROM turn JOIN message ON message.id = turn.message_id
    JOIN scope ON scope.scope_no = turn.scope_no
    """


class Transcript(Forms):
    """The part of the store that writes down what was said."""

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
            if not await self._may_be_kept(db, message):
                return None
            conversation_no = await conversation_number(db, message.conversation)
            self.erasures = await self._count_erasures(db)  # other processes erase, too
            scope_no = await scope_for(db, message.scope, message.speaker)
            self._scope_numbers.pop(message.scope, None)
            until = await kept_until(db, scope_no, message, pause_keep)
            row = await _seen(db, conversation_no, message.event_id)
            if row is None:
                said = await add_message(
                    db, scope_no, conversation_no, "person", message, tokens, until
                )
                replied = await replied_turn(db, conversation_no, message.reply_to)
                turn_id = await add_turn(
                    db, conversation_no, scope_no, message, said.id, urgent, None,
                    replied,
                )  # fmt: skip
                if until is not None:  # nothing is learnt from it, ever
                    await db.execute(
                        "UPDATE turn SET consolidated_at = 0 WHERE turn_id = ?", (turn_id,)
                    )
            elif row["overheard"] and row["text"] and row["id"] >> SCOPE_BITS == scope_no:
                turn_id = TurnId(row["turn_id"])
                await _address(db, row, message, until, urgent=urgent)
            else:
                return None
            await db.execute(
                "UPDATE turn SET runner = ? WHERE turn_id = ?", (self._runner.begin(), turn_id)
            )
            rows = await db.execute_fetchall(_TURNS + "WHERE turn.turn_id = ?", (turn_id,))
        return _pending(next(iter(rows)), message.conversation)

    async def overhear(
        self, message: IncomingMessage, tokens: int, *, pause_keep: timedelta = PAUSE_KEEP
    ) -> bool:
        """See `bot.ports.Store`."""
        async with self._write() as db:
            if not await self._may_be_kept(db, message):
                return False
            conversation_no = await conversation_number(db, message.conversation)
            if await _seen(db, conversation_no, message.event_id):
                return False
            scope_no = await scope_for(db, message.scope, message.speaker)
            self._scope_numbers.pop(message.scope, None)
            until = await kept_until(db, scope_no, message, pause_keep)
            said = await add_message(
                db, scope_no, conversation_no, "person", message, tokens, until, indexed=False
            )
            turn_id = await add_turn(
                db, conversation_no, scope_no, message, said.id, False,
                seconds(message.sent_at),
                await replied_turn(db, conversation_no, message.reply_to),
            )  # fmt: skip
            await db.execute(
                "UPDATE turn SET overheard = 1, consolidated_at = 0 WHERE turn_id = ?", (turn_id,)
            )
        return True

    async def _may_be_kept(self, db: aiosqlite.Connection, message: IncomingMessage) -> bool:
        """Whether it was not forgotten, or deleted before it was heard, and `_may_be_heard`."""
        if not await self._may_be_heard(db, message):
            return False
        marks = message_marks(self._keys, message.conversation, message.event_id)
        return not await is_buried(db, marks)

    async def _may_be_heard(self, db: aiosqlite.Connection, message: IncomingMessage) -> bool:
        """Whether it was not erased or dealt with while it waited, nor its person opted out since.

        What waited waits no more, whatever the answer.
        """
        if message.waiting is not None:
            where = message.conversation
            if not await claim(db, where.platform, where.space, message.waiting):
                return False
            self._unscrubbed = True
        return not await has_opted_out(db, self._keys, message.scope)

    async def pending(self, conversation: Conversation) -> list[PendingTurn]:
        """See `bot.ports.Store`."""
        rows = await self._read().execute_fetchall(
            _TURNS
            + """
            JOIN conversation ON conversation.conversation_no = turn.conversation_no
            WHERE turn.finished_at IS NULL AND message.text IS NOT NULL
                AND conversation.platform = ? AND conversation.space = ? AND conversation.key = ?
            ORDER BY turn.turn_id
            """,
            (conversation.platform, conversation.space, conversation.key),
        )
        return [_pending(row, conversation) for row in rows]

    async def finish(
        self, turn: PendingTurn, reply: str, tokens: int, used: Used, usage: Usage, now: datetime
    ) -> None:
        """See `bot.ports.Store`."""
        async with self._write() as db:
            self.erasures = await self._count_erasures(db)  # other processes erase, too
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
            if reply and not row["erased"] and used.erasures == self.erasures:
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


async def _seen(
    db: aiosqlite.Connection, conversation_no: int, event_id: str
) -> sqlite3.Row | None:
    """The message with this event, and its turn, if it was seen before."""
    rows = await db.execute_fetchall(
        "SELECT message.*, turn_id, coalesce(overheard, 0) AS overheard FROM message "
        "LEFT JOIN turn ON turn.message_id = message.id "
        "WHERE message.conversation_no = ? AND event_id = ?",
        (conversation_no, event_id),
    )
    return next(iter(rows), None)


async def _address(
    db: aiosqlite.Connection,
    row: sqlite3.Row,
    message: IncomingMessage,
    until: int | None,
    *,
    urgent: bool,
) -> None:
    """Let a message that was overheard be one that waits for its answer.

    Its turn keeps its place: what was answered since had it in its history, and goes with it.
    """
    until = row["keep_until"] or until
    audience = str(narrower(parse_audience(row["audience"]), message.audience))
    await db.execute(
        "UPDATE message SET audience = ?, keep_until = ? WHERE id = ?", (audience, until, row["id"])
    )
    await db.execute(
        "UPDATE turn SET overheard = 0, finished_at = NULL, consolidated_at = ?, audience = ?, "
        "urgent = ?, reach = ?, outsider = ? WHERE turn_id = ?",
        (
            None if until is None else 0, audience, urgent, str(message.reach), message.outsider,
            row["turn_id"],
        ),
    )  # fmt: skip
    if until is None:
        seat = await next_seat(db, row["conversation_no"], row["sent_at"])
        await add_passage(
            db, row["id"] * 2, audience, message.sent_at, row["text"],
            speaker=row["speaker"], seat=seat,
        )  # fmt: skip


def _pending(row: sqlite3.Row, conversation: Conversation) -> PendingTurn:
    return PendingTurn(
        TurnId(row["turn_id"]),
        Scope(row["platform"], row["space"], row["user"]),
        conversation,
        message_from(row),
        row["place"],
        row["event_id"],
        None if row["replied_to"] is None else TurnId(row["replied_to"]),
        shown=tuple(json.loads(row["shown"])),
        reach=Reach(row["reach"]),
        outsider=bool(row["outsider"]),
    )
