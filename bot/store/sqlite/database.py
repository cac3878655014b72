"""One SQLite file: one writer behind a lock, readers beside it."""

import asyncio
import contextlib
import itertools
import sqlite3
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import aiosqlite

from bot.caches import drop_remembered_words
from bot.errors import StoreError
from bot.store.sqlite.driver import (
    Driver,
    choose_driver,
    connector,
    create,
    drop_cut_off_restore,
    has_left_log,
    make_private,
    pragmas,
)
from bot.store.sqlite.ledger import Keys, read_keys
from bot.store.sqlite.runners import Runner
from bot.store.sqlite.schema import SECURE_DELETE_SINCE, migrate
from bot.types import Scope

READERS = 2
SCOPES_REMEMBERED = 10_000
SCRUBS = 3
"""Times that a checkpoint waits (5 s each) for whoever still reads what was erased."""


@dataclass(frozen=True, slots=True)
class Reader:
    """A connection that only reads, and whose errors are StoreErrors.

    `turn` is what a read waits for: with one connection, the end of the transaction under way.
    """

    connection: aiosqlite.Connection
    errors: tuple[type[Exception], ...]
    turn: contextlib.AbstractAsyncContextManager[Any]

    async def execute_fetchall(
        self, sql: str, parameters: Iterable[Any] | None = None
    ) -> Iterable[sqlite3.Row]:
        """All rows of one query."""
        try:
            async with self.turn:
                return await self.connection.execute_fetchall(sql, parameters)
        except self.errors as error:
            raise StoreError(f"The database could not be read ({error}).") from error


class Database:
    """The connections of one file. Every write is one transaction."""

    def __init__(
        self,
        path: Path,
        driver: Driver,
        writer: aiosqlite.Connection,
        readers: list[aiosqlite.Connection],
    ) -> None:
        self.path = path
        self.driver = driver
        self.erasures = 0
        self._keys: Keys = ()
        self._forgetting = asyncio.Lock()
        self._edits = 0
        self._edits_seen = 0
        self._unscrubbed = False
        self._model_no: int | None = None
        self._dimension = 0
        self._writer = writer
        self._readers = readers
        self._turns = itertools.cycle(readers)
        self._lock = asyncio.Lock()
        self._runner = Runner(path)
        self._scope_numbers: dict[Scope, int] = {}

    @classmethod
    async def open(cls, path: Path, driver: Driver | None = None) -> Self:
        """Open the file, create it (0600) or bring it up to date. Raises StoreError."""
        driver = driver or choose_driver()
        create(path)
        crashed = has_left_log(path)
        opened: list[aiosqlite.Connection] = []
        try:
            for number in range(1 if driver.one_connection else 1 + READERS):
                opened.append(await aiosqlite.Connection(connector(driver, path), 256))
                await opened[number].executescript(pragmas(read_only=number > 0))
                if number == 0:
                    await migrate(opened[0], driver, path)
            make_private(path)
            drop_cut_off_restore(path)
            database = cls(path, driver, opened[0], opened[1:] or opened)
            database.erasures = await database._count_erasures(opened[0])
            database._keys = await read_keys(opened[0])
            if crashed:  # perhaps between an erasure and its scrubbing
                await database._scrub()
        except BaseException as error:
            for connection in opened:
                await connection.close()
            if isinstance(error, driver.errors):
                message = f"{path} is not a database that Ellie can use ({error})."
                raise StoreError(message) from error
            raise
        return database

    @asynccontextmanager
    async def _write(self) -> AsyncIterator[aiosqlite.Connection]:
        """One transaction, alone. Cancellation or an error inside rolls all of it back."""
        async with self._lock:
            try:
                await self._writer.execute("BEGIN IMMEDIATE")
                yield self._writer
                await self._writer.execute("COMMIT")
            except self.driver.errors as error:
                await self._writer.rollback()
                raise StoreError(f"The database could not be written ({error}).") from error
            except BaseException:
                await self._writer.rollback()
                raise

    def _read(self) -> Reader:
        """A connection for one query or several that need not agree with one another."""
        turn = self._lock if self.driver.one_connection else contextlib.nullcontext()
        return Reader(next(self._turns), self.driver.errors, turn)

    async def _count_erasures(self, db: aiosqlite.Connection | Reader) -> int:
        """How many erasures the file has seen, whichever process carried them out."""
        rows = await db.execute_fetchall(
            "SELECT coalesce(max(seq), 0) AS seen FROM sqlite_sequence WHERE name = 'erasure'"
        )
        return int(next(iter(rows))["seen"])

    async def _note_erasure(self, db: aiosqlite.Connection) -> None:
        """Count an erasure, with its commit; what is noted as begun is done."""
        await db.execute("INSERT INTO erasure (target) VALUES ('')")
        await db.execute("DELETE FROM erasure")

    async def _see_erasures(self) -> None:
        """After the commit: a prompt built before it counts less, and its reply is not kept."""
        self.erasures = await self._count_erasures(self._read())

    async def _scope_number(self, scope: Scope) -> int:
        """The number of a scope; 0, which owns nothing, where it was never seen.

        What was committed is remembered: a number is never used again.
        """
        if scope not in self._scope_numbers:
            rows = await self._read().execute_fetchall(
                "SELECT scope_no FROM scope WHERE platform = ? AND space = ? AND user = ?",
                (scope.platform, scope.space, scope.user),
            )
            row = next(iter(rows), None)
            if row is None:
                return 0
            if len(self._scope_numbers) >= SCOPES_REMEMBERED:
                self._scope_numbers.clear()
            self._scope_numbers[scope] = int(row["scope_no"])
        return self._scope_numbers[scope]

    async def _scrub(self) -> bool:
        """Take what was erased out of the write-ahead log: until then its bytes are still there.

        False: a reader, of another process, stayed in the way; the next scrubbing takes it out.
        """
        self._unscrubbed = True
        drop_remembered_words()
        async with self._lock:
            try:
                if self.driver.version < SECURE_DELETE_SINCE:  # no FTS5 secure-delete yet
                    await self._writer.execute(
                        "INSERT INTO passage_fts (passage_fts) VALUES ('optimize')"
                    )
                for _ in range(SCRUBS):
                    rows = await self._writer.execute_fetchall("PRAGMA wal_checkpoint(TRUNCATE)")
                    if tuple(next(iter(rows))) == (0, 0, 0):
                        self._unscrubbed = False
                        return True
            except self.driver.errors as error:
                raise StoreError(f"The database could not be cleaned ({error}).") from error
        return False

    async def close(self) -> None:
        """Close every connection; the WAL is written back. What is not done is anybody's then."""
        try:
            for connection in dict.fromkeys([*self._readers, self._writer]):
                await connection.close()
        finally:
            self._runner.end()
