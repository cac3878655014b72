"""A copy of a database while it is in use, verified."""

import contextlib
import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiosqlite

from bot.errors import StoreError
from bot.store.sqlite.driver import Driver, choose_driver, connector, pragmas
from bot.store.sqlite.schema import migrations, state

BESIDE = ("", "-wal", "-shm", "-journal")
"""What the files of one database end with."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a file holds. `rows` counts the messages whose text is gone too."""

    schema: int
    people: int
    messages: int
    memories: int
    rows: int


async def back_up(source: Path, target: Path) -> Content:
    """Write what the database holds at this moment to a new file (0600); others go on using it.

    The file appears under its name when it is whole and verified, and has nothing beside it. It is
    of the same schema. Raises StoreError, and leaves nothing behind.
    """
    driver = choose_driver()
    check_file(source)
    _check_place(source, target)
    partial = _create_partial(target)
    try:
        content = await copy(source, partial, driver)
        move(partial, target, replace=False)
    except BaseException:
        remove(partial)
        raise
    return content


async def copy(source: Path, target: Path, driver: Driver) -> Content:
    """Copy a database of Ellie into an empty file, as of one moment, and verify it.

    The target needs no file beside it. Raises StoreError for what is not Ellie's or is damaged.
    """
    check_file(source)
    async with connected(source, driver) as reading:
        await reading.execute("BEGIN")
        content = await content_of(reading, source)
        async with connected(target, driver, read_only=False) as writing:
            await reading.backup(writing)  # in this transaction, so of the same moment
            await writing.execute_fetchall("PRAGMA journal_mode = DELETE")
            await verify(writing, source)
            if await content_of(writing, source) != content:
                raise StoreError(f"The copy of {source} holds something else. Nothing was kept.")
    return content


async def schema_of(db: aiosqlite.Connection, path: Path) -> int:
    """The version of a database's schema. Raises StoreError where this Ellie does not know it."""
    version, tables = await state(db)
    newest = migrations()[-1][0]
    if not (version and "passage" in tables):
        raise StoreError(f"{path} is no database of Ellie.")
    if version > newest:
        raise StoreError(
            f"{path} is of a newer Ellie (schema {version}, this one knows {newest}). Update Ellie."
        )
    return version


async def content_of(db: aiosqlite.Connection, path: Path) -> Content:
    """What a database holds. Raises StoreError where this Ellie does not know its schema."""
    version = await schema_of(db, path)
    rows = await db.execute_fetchall(
        """
        SELECT (SELECT count(*) FROM scope WHERE user <> '') AS people,
            (SELECT count(*) FROM message WHERE text IS NOT NULL) AS messages,
            (SELECT count(*) FROM memory) AS memories,
            (SELECT count(*) FROM message) AS all_rows
        """
    )
    row = next(iter(rows))
    return Content(version, row["people"], row["messages"], row["memories"], row["all_rows"])


async def verify(db: aiosqlite.Connection, path: Path) -> None:
    """Read all of a copy of `path`; raises StoreError where it is damaged."""
    found = [row[0] for row in await db.execute_fetchall("PRAGMA integrity_check")]
    if found != ["ok"]:
        raise StoreError(f"{path} is damaged ({len(found)} faults). Nothing was kept.")
    orphans = len(list(await db.execute_fetchall("PRAGMA foreign_key_check")))
    if orphans:
        raise StoreError(f"{path} is damaged ({orphans} rows lack others). Nothing was kept.")


@asynccontextmanager
async def connected(
    path: Path,
    driver: Driver,
    *,
    read_only: bool = True,
    failing: str = "{path} cannot be used ({error}).",
) -> AsyncIterator[aiosqlite.Connection]:
    """A connection of its own. Errors of SQLite become StoreErrors that say what is `failing`."""
    connection: aiosqlite.Connection | None = None
    try:
        connection = await aiosqlite.Connection(connector(driver, path), 256)
        await connection.executescript(pragmas(read_only=read_only))
        yield connection
    except driver.errors as error:
        raise StoreError(failing.format(path=path, error=error)) from error
    finally:
        if connection is not None:
            await connection.close()


def check_file(path: Path) -> None:
    """Raises StoreError where there is no such file: SQLite would make one."""
    if not os.path.isfile(path):
        raise StoreError(f"There is no file {path}.")


def files(path: Path) -> list[Path]:
    """A database's file and those that SQLite keeps beside it."""
    return [Path(f"{path}{end}") for end in BESIDE]


def remove(path: Path) -> None:
    """Delete a database with what stands beside it, as far as it is there."""
    for file in files(path):
        with contextlib.suppress(OSError):
            file.unlink()


def move(partial: Path, target: Path, *, replace: bool) -> None:
    """Give a whole file its name, for good: not even a power cut takes it back."""
    if not replace and os.path.lexists(target):
        raise StoreError(f"{target} is there already. Choose another name.")
    try:
        partial.replace(target)
    except OSError as error:
        raise StoreError(f"{target} cannot be written ({error.strerror}).") from error
    with contextlib.suppress(OSError):  # where a folder cannot be opened
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _check_place(source: Path, target: Path) -> None:
    if os.path.realpath(target) in map(os.path.realpath, files(source)):
        raise StoreError(f"{target} is the database itself. Choose another name for the backup.")
    if os.path.lexists(target):
        raise StoreError(f"{target} is there already. Choose another name for the backup.")
    if not os.path.isdir(target.parent):
        raise StoreError(f"There is no folder {target.parent}. Make it, or choose another.")


def _create_partial(target: Path) -> Path:
    """An empty file (0600) beside the target."""
    try:
        number, name = tempfile.mkstemp(".partial", f"{target.name}.", target.parent)
    except OSError as error:
        raise StoreError(f"{target} cannot be written ({error.strerror}).") from error
    os.close(number)
    return Path(name)
