"""The whole store on one SQLite file, and what a platform takes back."""

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Self

import aiosqlite

from bot.ports import Resaid
from bot.receipts import Receipt
from bot.store.sqlite.audit import Audit
from bot.store.sqlite.closure import erase_closure, find_closure, places_of
from bot.store.sqlite.driver import Driver
from bot.store.sqlite.erasing import Erasing, Target, begin
from bot.store.sqlite.events import place_of, posted_as, said_as
from bot.store.sqlite.inbox import Inbox, empty_inbox_from
from bot.store.sqlite.ledger import bury, message_mark, unbury, wording_mark
from bot.store.sqlite.places import Places
from bot.store.sqlite.portable import Portability
from bot.store.sqlite.rights import Rights
from bot.store.sqlite.rows import SCOPE_BITS, add_passage, moment, seconds
from bot.store.sqlite.summaries import recount_unfolded
from bot.store.sqlite.transcript import PAUSE_KEEP
from bot.store.sqlite.writes import kept_until
from bot.types import (
    Conversation,
    IncomingMessage,
    PendingTurn,
    Scope,
    narrower,
    parse_audience,
)


class SqliteStore(Erasing, Rights, Portability, Audit, Places, Inbox):
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

    async def record(
        self,
        message: IncomingMessage,
        tokens: int,
        *,
        urgent: bool,
        pause_keep: timedelta = PAUSE_KEEP,
    ) -> PendingTurn | None:
        """See `bot.ports.Store`. What was overheard in other words says these first."""
        where = message.conversation
        rows = await self._read().execute_fetchall(
            """
            SELECT text FROM conversation JOIN message USING (conversation_no)
            JOIN turn ON turn.message_id = message.id AND overheard
            WHERE platform = :platform AND space = :space AND key = :key AND event_id = :event
                AND (:waiting IS NULL OR EXISTS (
                    SELECT 1 FROM inbox WHERE platform = :platform AND space = :space
                        AND event_id = :waiting AND payload IS NOT NULL))
            """,
            {
                "platform": where.platform,
                "space": where.space,
                "key": where.key,
                "event": message.event_id,
                "waiting": message.waiting,
            },
        )
        if any(row["text"] != message.text for row in rows):  # it waits until it is recorded
            await self.resay(replace(message, waiting=None), tokens, pause_keep=pause_keep)
        return await super().record(message, tokens, urgent=urgent, pause_keep=pause_keep)

    async def unsay(self, conversation: Conversation, event_ids: Sequence[str]) -> Receipt:
        """See `bot.ports.Store`."""
        async with self._forgetting:
            async with self._write() as db:
                said = [row["id"] for row in await said_as(db, conversation, event_ids)]
                posted = await posted_as(db, conversation, event_ids)
                said += [row["reply_id"] for row in posted if row["reply_id"] is not None]
                channel = replace(conversation, key=conversation.channel)
                await bury(db, [message_mark(self._keys[0], channel, e) for e in event_ids])
                await db.executemany(  # its reply, which is being given, is not kept
                    "UPDATE turn SET finished_at = 0 WHERE turn_id = ? AND finished_at IS NULL",
                    [(row["turn_id"],) for row in posted],
                )
                concerned = bool(said or posted)
                begun = await begin(db, Target(messages=tuple(said))) if concerned else 0
            receipt = await self._carry_out(begun) if concerned else Receipt((), 0, 0, 0)
        return replace(receipt, where=receipt.where.union(map(place_of, posted)))

    async def erase_channel(self, platform: str, space: str, key: str) -> Receipt:
        """See `bot.ports.Store`."""
        async with self._forgetting:
            async with self._write() as db:
                rows = await db.execute_fetchall(
                    """
                    SELECT id FROM conversation JOIN message USING (conversation_no)
                    WHERE platform = :platform AND space = :space AND role <> 'note'
                        AND (key = :key OR substr(key, 1, length(:key) + 1) = :key || '/')
                    """,
                    {"platform": platform, "space": space, "key": key},
                )
                said = tuple(row["id"] for row in rows)
                waited = await empty_inbox_from(db, platform, space, key)
                begun = await begin(db, Target(messages=said)) if said or waited else 0
            return await self._carry_out(begun) if begun else Receipt((), 0, 0, 0)

    async def resay(
        self, message: IncomingMessage, tokens: int, *, pause_keep: timedelta = PAUSE_KEEP
    ) -> Resaid | None:
        """See `bot.ports.Store`."""
        async with self._forgetting:
            async with self._write() as db:
                rows = await said_as(db, message.conversation, [message.event_id])
                row = next(iter(rows), None)
                if row is None:  # the edit waits on: it may be heard before its message
                    return None
                if not await self._may_be_heard(db, message) or not _is_news(row, message):
                    return None
                conversation = place_of(row)
                gone, messages, summaries = await find_closure(db, [], [row["id"]])
                where = await places_of(db)
                vectors = await erase_closure(db, self._keys[0])
                message = replace(message, conversation=conversation)
                await self._mark_reworded(db, message, row["text"])
                until = row["keep_until"]
                if until is None:
                    scope_no = row["id"] >> SCOPE_BITS
                    until = await kept_until(db, scope_no, message, pause_keep)
                await _reword(db, row, message, tokens, until)
                await db.execute("INSERT INTO erasure (target) VALUES ('{}')")
                await db.execute("DELETE FROM erasure WHERE target = '{}'")
                self._unscrubbed = True
            await self._see_erasures()
            self._edits += 1  # a vector under way is of the old words
            await self._clean()
        waiting = [t for t in await self.pending(conversation) if t.message.id == row["id"]]
        receipt = Receipt(gone, messages, summaries, vectors, where=where)
        return Resaid(receipt, waiting[0] if waiting else None)

    async def _mark_reworded(
        self, db: aiosqlite.Connection, message: IncomingMessage, before: str
    ) -> None:
        """Not the message is forgotten but its old wording; the new one may be an older."""
        where, event = message.conversation, message.event_id
        for key in self._keys:
            new = (message_mark(key, where, event), wording_mark(key, where, event, message.text))
            await unbury(db, new)
        await bury(db, [wording_mark(self._keys[0], where, event, before)])

    async def last_said(self, conversation: Conversation, scope: Scope) -> str | None:
        """See `bot.ports.Store`."""
        last = await self.last_message(conversation, scope)
        rows = await self._read().execute_fetchall(
            "SELECT event_id FROM message WHERE id = ?", (last,)
        )
        return next((row["event_id"] for row in rows), None)


def _is_news(row: sqlite3.Row, message: IncomingMessage) -> bool:
    """Whether an edit changes what is kept: its sender's own, of a text, and the newest."""
    return (
        Scope(row["platform"], row["space"], row["user"]) == message.scope
        and row["text"] not in {None, message.text}
        and seconds(message.sent_at) >= (row["edited_at"] or row["sent_at"])
    )


async def _reword(
    db: aiosqlite.Connection,
    row: sqlite3.Row,
    message: IncomingMessage,
    tokens: int,
    keep_until: int | None,
) -> None:
    """Let an emptied message say what it was edited to; it is learnt from anew.

    `keep_until`: it was said or edited in a pause, so nothing is learnt from it; nor is anything
    from what was overheard.
    """
    audience = str(narrower(parse_audience(row["audience"]), message.audience))
    await db.execute(
        "UPDATE message SET text = ?, tokens = ?, audience = ?, edited_at = ?, keep_until = ? "
        "WHERE id = ?",
        (message.text, tokens, audience, seconds(message.sent_at), keep_until, row["id"]),
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
            reach = :reach, outsider = :outsider,
            consolidated_at = iif(:paused OR overheard, coalesce(consolidated_at, 0), NULL),
            extractor = NULL,
            attempts = 0, retry_at = 0, last_error = NULL
        WHERE turn_id = :turn
        """,
        {
            "audience": audience,
            "finished_at": row["finished_at"],
            "reach": str(message.reach),
            "outsider": message.outsider,
            "paused": paused,
            "turn": row["turn_id"],
        },
    )
    await recount_unfolded(db, row["conversation_no"])
