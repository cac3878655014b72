"""One SQLite file: one writer behind a lock, readers beside it, migrations."""

import asyncio
import itertools
import sqlite3
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, Self

import aiosqlite

from bot.errors import StoreError
from bot.store.sqlite.driver import Driver, choose_driver, connector, make_private

READERS = 2
MIGRATIONS = resources.files("bot.store.sqlite") / "migrations"


def migrations() -> list[tuple[int, str]]:
    """(number, SQL) of every migration, in order."""
    return sorted(
        (int(file.name[:4]), file.read_text("utf-8"))
        for file in MIGRATIONS.iterdir()
        if file.name.endswith(".sql")
    )


@dataclass(frozen=True, slots=True)
class Reader:
    """A connection that only reads, and whose errors are StoreErrors."""

    connection: aiosqlite.Connection
    errors: tuple[type[Exception], ...]

    async def execute_fetchall(
        self, sql: str, parameters: Iterable[Any] | None = None
    ) -> Iterable[sqlite3.Row]:
        """All rows of one query."""
        try:
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
        self._model_no: int | None = None
        self._dimension = 0
        self._writer = writer
        self._readers = readers
        self._turns = itertools.cycle(readers)
        self._lock = asyncio.Lock()

    @classmethod
    async def open(cls, path: Path, driver: Driver | None = None) -> Self:
        """Open the file, create it (0600) or bring it up to date. Raises StoreError."""
        driver = driver or choose_driver()
        make_private(path)
        opened: list[aiosqlite.Connection] = []
        try:
            writer = aiosqlite.Connection(connector(driver, path, read_only=False), 256)
            opened.append(await writer)
            await cls._migrate(writer, driver)
            for _ in range(0 if driver.one_connection else READERS):
                reader = aiosqlite.Connection(connector(driver, path, read_only=True), 256)
                opened.append(await reader)
        except driver.errors as error:
            for connection in opened:
                await connection.close()
            raise StoreError(f"{path} is not a database that Ellie can use ({error}).") from error
        except BaseException:
            for connection in opened:
                await connection.close()
            raise
        make_private(path)
        return cls(path, driver, writer, opened[1:] or opened)

    @staticmethod
    async def _migrate(writer: aiosqlite.Connection, driver: Driver) -> None:
        async with writer.execute("PRAGMA user_version") as cursor:
            row = await cursor.fetchone()
        version = row[0] if row else 0
        known = migrations()
        if version > known[-1][0]:
            raise StoreError(
                f"The database is of a newer Ellie (schema {version}, this one knows "
                f"{known[-1][0]}). Update Ellie, or choose another file with ELLIE_DB."
            )
        for number, script in known:
            if number > version:
                await writer.executescript(script)
        if driver.version >= (3, 42, 0):
            await writer.execute(
                "INSERT INTO passage_fts (passage_fts, rank) VALUES ('secure-delete', 1)"
            )

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
        return Reader(next(self._turns), self.driver.errors)

    async def close(self) -> None:
        """Close every connection; the WAL is written back."""
        for connection in dict.fromkeys([*self._readers, self._writer]):
            await connection.close()
