"""The whole store on one SQLite file, and what a platform takes back."""

import json
import sqlite3
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Self

import aiosqlite

from bot.ports import Resaid
from bot.receipts import Receipt
from bot.store.sqlite.audit import Audit
from bot.store.sqlite.closure import erase_closure, find_closure
from bot.store.sqlite.driver import Driver
from bot.store.sqlite.erasing import Erasing, Target, begin
from bot.store.sqlite.ledger import bury, message_mark, unbury, wording_mark
from bot.store.sqlite.portable import Portability
from bot.store.sqlite.rights import Rights
from bot.store.sqlite.rows import SCOPE_BITS, add_passage, moment
from bot.store.sqlite.summaries import recount_unfolded
from bot.store.sqlite.transcript import PAUSE_KEEP
from bot.store.sqlite.writes import kept_until
from bot.types import Conversation, IncomingMessage, Scope, narrower, parse_audience


class SqliteStore(Erasing, Rights, Portability, Audit):
    """The whole store: what an earlier part lacks."""

    @classmethod
    async def open(cls, path: Path, driver: Driver | None = None) -> Self:
        """See `Database.open`. An erasure that a crash interrupted is carried out first."""
        store = await super().open(path, driver)
        try:
            if await store._begun():
                await store._carry_out()
        except BaseException:
            await store.close()
            raise
        return store

    async def unsay(self, conversation: Conversation, event_ids: Sequence[str]) -> Receipt:
        """See `bot.ports.Store`."""
        async with self._write() as db:
            rows = await db.execute_fetchall(
                """
                SELECT message.id FROM conversation JOIN message USING (conversation_no)
                WHERE platform = ? AND space = ? AND key = ?
                    AND event_id IN (SELECT value FROM json_each(?))
                """,
                (
                    conversation.platform,
                    conversation.space,
                    conversation.key,
                    json.dumps(list(event_ids)),
                ),
            )
            said = tuple(row["id"] for row in rows)
            await bury(db, [message_mark(self._keys[0], conversation, e) for e in event_ids])
            if said:
                await begin(db, Target(messages=said))
        return await self._carry_out() if said else Receipt((), 0, 0, 0)

    async def resay(
        self, message: IncomingMessage, tokens: int, *, pause_keep: timedelta = PAUSE_KEEP
    ) -> Resaid | None:
        """See `bot.ports.Store`."""
        async with self._write() as db:
            row = await _said(db, message)
            if row is None or row["text"] == message.text:
                return None
            key = self._keys[0]
            gone, messages, summaries = await find_closure(db, [], [row["id"]])
            vectors = await erase_closure(db, key)
            conversation, event = message.conversation, message.event_id
            for one in self._keys:
                marks = (
                    message_mark(one, conversation, event),
                    wording_mark(one, conversation, event, message.text),
                )
                await unbury(db, marks)
            await bury(db, [wording_mark(key, conversation, event, row["text"])])
            until = row["keep_until"]
            if until is None:
                until = await kept_until(db, row["id"] >> SCOPE_BITS, message.sent_at, pause_keep)
            await _reword(db, row, message, tokens, until)
            await db.execute("INSERT INTO erasure (target) VALUES ('{}')")
            await db.execute("DELETE FROM erasure WHERE target = '{}'")
            self.erasures = await self._count_erasures(db)
            self._unscrubbed = True
        await self._clean()
        receipt = Receipt(gone, messages - 1, summaries, vectors)
        waiting = [t for t in await self.pending(conversation) if t.message.id == row["id"]]
        return Resaid(receipt, waiting[0] if waiting else None)

    async def last_said(self, conversation: Conversation, scope: Scope) -> str | None:
        """See `bot.ports.Store`."""
        last = await self.last_message(conversation, scope)
        rows = await self._read().execute_fetchall(
            "SELECT event_id FROM message WHERE id = ?", (last,)
        )
        return next((row["event_id"] for row in rows), None)


async def _said(db: aiosqlite.Connection, message: IncomingMessage) -> sqlite3.Row | None:
    where = message.conversation
    rows = await db.execute_fetchall(
        """
        SELECT message.*, seat, passage.id IS NOT NULL AS indexed, turn_id, finished_at
        FROM conversation JOIN message USING (conversation_no)
        LEFT JOIN passage ON passage.id = message.id * 2
        LEFT JOIN turn ON turn.message_id = message.id
        WHERE platform = ? AND space = ? AND key = ? AND event_id = ? AND text IS NOT NULL
        """,
        (where.platform, where.space, where.key, message.event_id),
    )
    return next(iter(rows), None)


async def _reword(
    db: aiosqlite.Connection,
    row: sqlite3.Row,
    message: IncomingMessage,
    tokens: int,
    keep_until: int | None,
) -> None:
    """Let an emptied message say what it was edited to; it is learnt from anew.

    `keep_until`: it was said or edited in a pause, so nothing is learnt from it.
    """
    audience = str(narrower(parse_audience(row["audience"]), message.audience))
    await db.execute(
        "UPDATE message SET text = ?, tokens = ?, audience = ?, keep_until = ? WHERE id = ?",
        (message.text, tokens, audience, keep_until, row["id"]),
    )
    paused = keep_until is not None
    if row["indexed"] and not paused:
        await add_passage(
            db, row["id"] * 2, audience, moment(row["sent_at"]), message.text,
            speaker=row["speaker"], seat=row["seat"],
        )  # fmt: skip
    await db.execute(
        """
        UPDATE turn SET audience = :audience, finished_at = :finished_at,
            consolidated_at = iif(:paused, coalesce(consolidated_at, 0), NULL), extractor = NULL,
            attempts = 0, retry_at = 0, last_error = NULL
        WHERE turn_id = :turn
        """,
        {
            "audience": audience,
            "finished_at": row["finished_at"],
            "paused": paused,
            "turn": row["turn_id"],
        },
    )
    await recount_unfolded(db, row["conversation_no"])
