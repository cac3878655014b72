"""What platforms told and is not dealt with, and secrets of one round trip."""

from collections.abc import Sequence
from datetime import datetime
from operator import itemgetter

import aiosqlite

from bot.ports import TakenIn
from bot.store.sqlite.database import Database
from bot.store.sqlite.ledger import has_opted_out, mark
from bot.store.sqlite.rows import moment, seconds
from bot.store.sqlite.runners import free_the_dead
from bot.types import Scope

KNOWN_SECONDS = 3600
"""For so long an event that comes once more is known; platforms deliver again for less."""


class Inbox(Database):
    """The part of the store that keeps what waits to be heard."""

    async def take_in(
        self, platform: str, space: str, event_id: str, user: str, payload: str, now: datetime
    ) -> bool:
        """See `bot.ports.Store`."""
        async with self._write() as db:
            await db.execute(
                "DELETE FROM inbox WHERE payload IS NULL AND taken_at <= ?",
                (seconds(now) - KNOWN_SECONDS,),
            )
            ignored = user and await has_opted_out(db, self._keys, Scope(platform, space, user))
            cursor = await db.execute(
                "INSERT INTO inbox (platform, space, event_id, user, payload, taken_at, runner) "
                "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                (
                    platform, space, event_id, "" if ignored else user,
                    None if ignored else payload, seconds(now), self._runner.begin(),
                ),
            )  # fmt: skip
        return cursor.rowcount == 1

    async def taken_in(self, platform: str) -> list[TakenIn]:
        """See `bot.ports.Store`."""
        async with self._write() as db:
            await free_the_dead(db, self._runner)
            rows = await db.execute_fetchall(
                "UPDATE inbox SET runner = :runner WHERE platform = :platform "
                "AND payload IS NOT NULL AND coalesce(runner, :runner) = :runner RETURNING *",
                {"platform": platform, "runner": self._runner.begin()},
            )
        return [
            TakenIn(
                row["platform"], row["space"], row["event_id"], row["user"], row["payload"],
                moment(row["taken_at"]),
            )
            for row in sorted(rows, key=itemgetter("inbox_no"))
        ]  # fmt: skip

    async def dealt_with(self, platform: str, space: str, event_id: str) -> bool:
        """See `bot.ports.Store`. The bytes go with the next scrubbing, within the hour."""
        async with self._write() as db:
            waited = await claim(db, platform, space, event_id)
            self._unscrubbed = self._unscrubbed or waited
        return waited

    # --- secrets of one round trip

    async def keep_state(self, platform: str, state: str, now: datetime, until: datetime) -> None:
        """See `bot.ports.Store`."""
        async with self._write() as db:
            await db.execute("DELETE FROM round_trip WHERE expires_at < ?", (seconds(now),))
            await db.execute(
                "INSERT INTO round_trip (mark, expires_at) VALUES (?, ?)",
                (mark(self._keys[0], "state", platform, state), seconds(until)),
            )

    async def consume_state(self, platform: str, state: str, now: datetime) -> bool:
        """See `bot.ports.Store`."""
        async with self._write() as db:
            rows = await db.execute_fetchall(
                "DELETE FROM round_trip WHERE mark = ? RETURNING expires_at",
                (mark(self._keys[0], "state", platform, state),),
            )
        return any(seconds(now) <= row["expires_at"] for row in rows)


async def claim(db: aiosqlite.Connection, platform: str, space: str, event_id: str) -> bool:
    """Leave of an event a mark. False: it was erased, or is dealt with already."""
    cursor = await db.execute(
        "UPDATE inbox SET payload = NULL, user = '' "
        "WHERE platform = ? AND space = ? AND event_id = ? AND payload IS NOT NULL",
        (platform, space, event_id),
    )
    return cursor.rowcount > 0


async def empty_inbox_of(db: aiosqlite.Connection, people: Sequence[Scope]) -> None:
    """Erase what waits of these people."""
    await db.executemany(
        "UPDATE inbox SET payload = NULL, user = '' "
        "WHERE platform = ? AND space = ? AND user = ? AND user <> ''",
        [(scope.platform, scope.space, scope.user) for scope in people],
    )


async def empty_inbox_from(
    db: aiosqlite.Connection, platform: str, space: str, channel: str | None = None
) -> bool:
    """Erase what waits from a space, or from one channel there; whether anything did."""
    cursor = await db.execute(
        """
        UPDATE inbox SET payload = NULL, user = ''
        WHERE platform = :platform AND space = :space AND payload IS NOT NULL
            AND (:channel IS NULL
                OR iif(json_valid(payload), payload ->> '$.channel', NULL) = :channel)
        """,
        {"platform": platform, "space": space, "channel": channel},
    )
    return cursor.rowcount > 0
