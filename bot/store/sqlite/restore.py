"""A backup takes the place of the database, without what was forgotten since."""

import contextlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import aiosqlite

from bot.errors import StoreError
from bot.receipts import Receipt
from bot.store.sqlite.backup import (
    Content,
    connected,
    content_of,
    copy,
    files,
    move,
    remove,
    schema_of,
    verify,
)
from bot.store.sqlite.driver import RESTORING, Driver, choose_driver, create
from bot.store.sqlite.erasure import SqliteStore
from bot.store.sqlite.handover import (
    Ledger,
    empty_scopes,
    named_memories,
    named_messages,
    named_people,
    read_ledger,
    take_over,
)
from bot.types import Scope

Found = TypeVar("Found")

IN_USE = "{path} is in use. End what has it open (Ellie, most likely), and restore again."
UNREADABLE = (
    "What was forgotten in {path} cannot be read ({error}). If it is beyond repair, move it and "
    "what is beside it (-wal, -shm) away and restore again; what was forgotten since the backup "
    "comes back then."
)


@dataclass(frozen=True, slots=True)
class Taken:
    """What a ledger took out of a backup. `people`: everything of so many."""

    people: int = 0
    memories: int = 0
    messages: int = 0
    summaries: int = 0


@dataclass(frozen=True, slots=True)
class Restored:
    """What the backup held, what is there now, and what the replaced file's ledger took out.

    `entries`: the ledger's tombstones and opt-outs; None: there was no file to replace.
    """

    backup: Content
    content: Content
    entries: int | None
    taken: Taken


async def restore(backup: Path, path: Path) -> Restored:
    """Put what a backup holds, brought up to date, in the place of the database at `path`.

    First the ledger of the file there is read: what it names is erased from the copy, and its bytes
    are gone before the copy takes the place. Raises StoreError, also while anyone has the database
    open; then the file there is as it was, and nothing else is left behind.
    """
    driver = choose_driver()
    path, exists = _find_place(backup, path)
    if not exists:
        return await _replace(backup, path, driver, None)
    async with _held(path, driver) as ledger:
        return await _replace(backup, path, driver, ledger)


def _find_place(backup: Path, path: Path) -> tuple[Path, bool]:
    """What is to be replaced, where `path` is a link what it points to, and whether it exists."""
    if os.path.realpath(backup) in map(os.path.realpath, files(path)):
        raise StoreError(f"{backup} is the database itself, not a backup of it.")
    path = Path(os.path.realpath(path))
    return path, os.path.lexists(path)


async def _replace(backup: Path, path: Path, driver: Driver, ledger: Ledger | None) -> Restored:
    partial = Path(f"{path}{RESTORING}")
    remove(partial)  # of a restore that was killed
    try:
        create(partial)
        held = await copy(backup, partial, driver)
        await (await SqliteStore.open(partial, driver)).close()  # brings it up to date
        taken = Taken() if ledger is None else await _obey(partial, driver, ledger)
        async with connected(partial, driver, read_only=False) as db:
            await db.execute_fetchall("PRAGMA journal_mode = DELETE")
            await verify(db, backup)
            content = await content_of(db, backup)
        _take_place(partial, path, replace=ledger is not None)
    except BaseException:
        remove(partial)
        raise
    entries = None if ledger is None else len(ledger.tombstones) + len(ledger.opt_outs)
    return Restored(held, content, entries, taken)


@asynccontextmanager
async def _held(path: Path, driver: Driver) -> AsyncIterator[Ledger]:
    """Keep everyone else out of the database, and read its ledger."""
    async with _locked(path, driver):
        pass  # nobody has it open
    with contextlib.suppress(StoreError):  # where it is damaged, its ledger may be whole
        await (await SqliteStore.open(path, driver)).close()  # ends an erasure that was begun
    async with _locked(path, driver) as db:
        await schema_of(db, path)
        yield await read_ledger(db)


@asynccontextmanager
async def _locked(path: Path, driver: Driver) -> AsyncIterator[aiosqlite.Connection]:
    """The only connection to the database. Raises StoreError where it is not the only one.

    Whoever has opened a database with a write-ahead log keeps it from being left without one, and
    whoever opens it from then on waits; what waits when the file is replaced cannot write to it.
    """
    async with connected(path, driver, read_only=False, failing=UNREADABLE) as db:
        try:
            rows = list(await db.execute_fetchall("PRAGMA journal_mode = DELETE"))
            await db.execute("BEGIN EXCLUSIVE")
        except driver.errors as error:
            if "locked" not in str(error):
                raise
            raise StoreError(IN_USE.format(path=path)) from error
        if [*map(tuple, rows)] != [("delete",)]:
            raise StoreError(IN_USE.format(path=path))
        yield db


async def _obey(partial: Path, driver: Driver, ledger: Ledger) -> Taken:
    """Erase from a copy what the ledger names, and leave the ledger in it."""
    async with connected(partial, driver, read_only=False) as db:
        fresh = ledger.tombstones - (await read_ledger(db)).tombstones
        await take_over(db, ledger)

    async def look(find: Callable[[aiosqlite.Connection], Awaitable[Found]]) -> Found:
        async with connected(partial, driver) as db:
            return await find(db)

    receipts: list[Receipt] = []
    store = await SqliteStore.open(partial, driver)  # it knows the keys now
    try:
        people = await look(named_people)
        receipts.append(await store.erase_people(people))
        for named in await store.naming_opted_out(None, None):  # by others
            receipts.append(await store.erase(named.scope, named.numbers, named.messages))  # noqa: PERF401
        memories = await look(lambda db: named_memories(db, ledger.living, fresh))
        for scope, numbers in memories.items():
            receipts.append(await store.erase(scope, numbers))
        messages = await look(named_messages)
        for scope, ids in messages.items():
            receipts.append(await store.erase(scope, (), ids))
        silenced = await look(lambda db: named_messages(db, told=False))
        emptied = {*memories, *silenced} - {Scope(*row[:3]) for row in ledger.scopes}
        gone = [scope for scope in await look(empty_scopes) if scope in emptied]
        receipts.append(await store.erase_people(gone))
        left = len(await look(named_messages)) + len(await look(named_people))
        if left:
            raise StoreError("What was forgotten could not be taken out of the backup.")
    finally:
        await store.close()
    return Taken(
        len(people) + len(gone),
        sum(len(receipt.memories) for receipt in receipts),
        sum(receipt.messages for receipt in receipts),
        sum(receipt.summaries for receipt in receipts),
    )


def _take_place(partial: Path, path: Path, *, replace: bool) -> None:
    """Swap the finished file in, with the owner of the one it replaces."""
    if replace:
        owner = path.stat()
        with contextlib.suppress(OSError):  # only root may give files away
            os.chown(partial, owner.st_uid, owner.st_gid)
    for file in files(path)[1:]:
        file.unlink(missing_ok=True)
    move(partial, path, replace=replace)
