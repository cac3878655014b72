"""Forgetting: an erasure is noted, carried out in one transaction, and taken out of the bytes."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

import aiosqlite

from bot.errors import StoreError
from bot.ports import Erasure, Held
from bot.receipts import Receipt
from bot.store.sqlite.closure import erase_closure, find_closure, places_of
from bot.store.sqlite.inbox import empty_inbox_from, empty_inbox_of
from bot.store.sqlite.merging import twins
from bot.store.sqlite.people import drop_people, drop_space, everything_of
from bot.store.sqlite.rows import memory_id, moment, scope_number
from bot.store.sqlite.targets import Targeting
from bot.types import MemoryNumber, MessageId, Scope, shared_scope


@dataclass(frozen=True, slots=True)
class Target:
    """What an erasure starts from, as rows: kept until it is carried out, also after a crash.

    `memories` take their sources along; `messages` were never said; of `scopes` everything goes.
    """

    memories: tuple[int, ...] = ()
    messages: tuple[int, ...] = ()
    scopes: tuple[int, ...] = ()


class Erasing(Targeting):
    """The part of the store that forgets."""

    async def erasure(
        self, scope: Scope, numbers: Sequence[MemoryNumber], messages: Sequence[MessageId] = ()
    ) -> Erasure:
        """See `bot.ports.Store`."""
        async with self._write() as db:  # the temporary tables live on the writing connection
            scope_no = await scope_number(db, scope)
            ids = await _memories(db, scope, numbers)
            gone, texts, summaries = await find_closure(db, ids, _own(scope_no, messages))
        return Erasure(texts, summaries, gone)

    async def held(self, scopes: Sequence[Scope]) -> Held:
        """See `bot.ports.Store`."""
        async with self._write() as db:
            numbers = [await scope_number(db, scope) for scope in scopes]
            memories, messages = await everything_of(db, numbers)
            rows = await db.execute_fetchall(
                """
                SELECT min(at) AS since FROM (
                    SELECT sent_at AS at FROM message WHERE text IS NOT NULL
                        AND id IN (SELECT value FROM json_each(?))
                    UNION ALL SELECT said_at FROM memory
                        WHERE id IN (SELECT value FROM json_each(?)))
                """,
                (str(messages), str(memories)),
            )
            since = next(iter(rows))["since"]
            gone, texts, summaries = await find_closure(db, memories, messages)
        own = sum(number > 0 or not all(scope.user for scope in scopes) for number in gone)
        return Held(own, texts, summaries, None if since is None else moment(since))

    async def erase(
        self, scope: Scope, numbers: Sequence[MemoryNumber], messages: Sequence[MessageId] = ()
    ) -> Receipt:
        """See `bot.ports.Store`."""
        async with self._forgetting:
            async with self._write() as db:
                ids = await _memories(db, scope, numbers)
                own = _own(await scope_number(db, scope), messages)
                begun = await begin(db, Target(tuple(ids), tuple(own)))
            receipt = await self._carry_out(begun)
        return replace(receipt, missing=tuple(n for n in numbers if n not in receipt.memories))

    async def erase_people(self, scopes: Sequence[Scope]) -> Receipt:
        """See `bot.ports.Store`."""
        async with self._forgetting:
            async with self._write() as db:
                numbers = [await scope_number(db, scope) for scope in scopes]
                await empty_inbox_of(db, scopes)
                begun = await begin(
                    db, Target(scopes=tuple(number for number in numbers if number))
                )
            return await self._carry_out(begun)

    async def erase_space(self, platform: str, space: str) -> Receipt:
        """See `bot.ports.Store`."""
        async with self._forgetting:
            async with self._write() as db:
                rows = await db.execute_fetchall(
                    "SELECT scope_no FROM scope WHERE platform = ? AND space = ?", (platform, space)
                )
                await empty_inbox_from(db, platform, space)
                begun = await begin(db, Target(scopes=tuple(row["scope_no"] for row in rows)))
            receipt = await self._carry_out(begun)
            async with self._write() as db:
                await drop_space(db, platform, space)
            await self._clean()
        return receipt

    async def _carry_out(self, begun: int = 0) -> Receipt:
        """Carry out what was begun, by a process that crashed too, and clean the bytes.

        The receipt is of the erasure `begun`.
        """
        receipt = Receipt((), 0, 0, 0)
        async with self._write() as db:
            for row in await db.execute_fetchall("SELECT erasure_id, target FROM erasure"):
                done = await self._carry_out_one(db, row["target"])
                if row["erasure_id"] == begun:
                    receipt = done
            await self._note_erasure(db)
            self._unscrubbed = True
        await self._see_erasures()
        self._scope_numbers.clear()
        await self._clean()
        return receipt

    async def _carry_out_one(self, db: aiosqlite.Connection, noted: str) -> Receipt:
        target = Target(**{name: tuple(ids) for name, ids in json.loads(noted).items()})
        memories, said = await everything_of(db, target.scopes)
        gone, texts, summaries = await find_closure(
            db, [*target.memories, *memories], [*target.messages, *said]
        )
        where = await places_of(db)
        vectors = await erase_closure(db, self._keys[0])
        if target.scopes:
            await drop_people(db, target.scopes, said)
        return Receipt(gone, texts, summaries, vectors, where=where)

    async def _begun(self) -> bool:
        """Whether an erasure was begun and not carried out."""
        return bool(list(await self._read().execute_fetchall("SELECT 1 FROM erasure LIMIT 1")))

    async def _clean(self) -> None:
        """Scrub; StoreError if the bytes are still there."""
        if not await self._scrub():
            raise StoreError(
                f"Forgotten; but another program is reading {self.path}, and until it ends, what "
                "was forgotten is still on the disk. End it, and forget anything once more."
            )


async def begin(db: aiosqlite.Connection, target: Target) -> int:
    """Note an erasure down; from now on it will be carried out, also after a crash. Its number."""
    rows = await db.execute_fetchall(
        "INSERT INTO erasure (target) VALUES (?) RETURNING erasure_id",
        (json.dumps(asdict(target)),),
    )
    return int(next(iter(rows))["erasure_id"])


def _own(scope_no: int, messages: Sequence[MessageId]) -> list[int]:
    return [message for message in messages if message >> 24 == scope_no]


async def _memories(
    db: aiosqlite.Connection, scope: Scope, numbers: Sequence[MemoryNumber]
) -> list[int]:
    """The rows of those of the numbers that exist, and of what states the same to others."""
    scope_no = await scope_number(db, scope)
    shared_no = await scope_number(db, shared_scope(scope))
    rows = await db.execute_fetchall(
        "SELECT id FROM memory WHERE id IN (SELECT value FROM json_each(?))",
        (str([memory_id(scope_no, number, shared_no) for number in numbers]),),
    )
    ids = [row["id"] for row in rows]
    return ids + await twins(db, scope_no, ids)
