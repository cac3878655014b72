"""A backup takes the place of the database, or nothing happens."""

import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.errors import StoreError
from bot.store.sqlite.backup import back_up
from bot.store.sqlite.driver import choose_driver
from bot.store.sqlite.restore import _held, restore
from bot.store.sqlite.schema import migrations
from bot.types import MemoryNumber
from tests.store.process import READ, WRITE, held_open, opened_by, run, start
from tests.store.restoring import delete, holds, mode, move, owner, read, rows, value, write
from tests.store.test_backup import BAD, Make, beside, damaged, foreign, newer, text
from tests.store.world import ALICE, found_by_words, learn, note, opened, talk, texts

RESTORE = """
import asyncio, sys
from pathlib import Path
from bot.store.sqlite.restore import restore
asyncio.run(restore(Path(sys.argv[1]), Path(sys.argv[2])))
"""
RESTORE_IN_LITTLE_ROOM = """
import asyncio, resource, sys
from pathlib import Path
from bot.errors import StoreError
from bot.store.sqlite.restore import restore
resource.setrlimit(resource.RLIMIT_FSIZE, (int(Path(sys.argv[3]).read_text()),) * 2)
try:
    asyncio.run(restore(Path(sys.argv[1]), Path(sys.argv[2])))
except StoreError as error:
    print(error)
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "ellie.db"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return tmp_path / "monday.db"


async def make_both(file: Path, copy: Path) -> None:
    """A backup that knows of the quinces, and a database that knows of the heron too."""
    async with opened(file) as store:
        await note(store, "Alice grows quinces")
        await back_up(file, copy)
        await note(store, "Alice has a heron")


async def known(file: Path) -> set[str]:
    async with opened(file) as store:
        return await texts(store)


@contextmanager
def refused(folder: Path, told: str) -> Iterator[None]:
    """The restore inside fails with one line, and leaves every file but the database as it was."""
    before = {path: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(StoreError) as refusal:
        yield
    line = str(refusal.value)
    assert "\n" not in line
    assert re.search(told, line)
    after = {path: path.read_bytes() for path in folder.iterdir()}
    assert after.keys() == before.keys()
    changed = [path.name for path in before if before[path] != after[path]]
    assert set(changed) <= {"ellie.db"}


async def test_the_database_is_as_it_was_when_it_was_backed_up(file: Path, copy: Path) -> None:
    async with opened(file) as store:
        await learn(store, "Alice grows quinces", said="my quinces are ripe")
        await back_up(file, copy)
        await learn(store, "Alice has a heron")
    before = read(copy)
    done = await restore(copy, file)
    assert beside(file) == ["ellie.db"]
    assert mode(file) == 0o600
    assert (done.content.memories, done.content.messages) == (1, 2)
    assert (done.entries, done.taken.memories) == (0, 0)
    assert holds(file, b"heron") == []
    assert read(copy) == before
    async with opened(file) as store:
        assert await texts(store) == {"Alice grows quinces"}
        found = {"Alice grows quinces", "my quinces are ripe"}
        assert await found_by_words(store, "quince") == found
        await talk(store, "and so it goes on")


async def test_where_there_is_no_database_there_was_no_ledger(file: Path, copy: Path) -> None:
    await make_both(file, copy)
    there = file.with_name("new") / "folder" / "ellie.db"
    done = await restore(copy, there)
    assert done.entries is None
    assert beside(there) == ["ellie.db"]
    assert await known(there) == {"Alice grows quinces"}


async def test_a_log_of_a_file_that_was_moved_away_does_not_get_into_the_restored_one(
    file: Path, copy: Path, tmp_path: Path
) -> None:
    async with opened(file) as store:
        await note(store, "Alice grows quinces")
        await back_up(file, copy)
        await note(store, "Alice has a heron")
        log = read(Path(f"{file}-wal"))
    move(file, tmp_path / "away.db")
    write(Path(f"{file}-wal"), log)
    await restore(copy, file)
    assert beside(file) == ["ellie.db"]
    assert await known(file) == {"Alice grows quinces"}


async def test_a_backup_of_an_older_schema_is_brought_up_to_date(file: Path, copy: Path) -> None:
    old = sqlite3.connect(copy, isolation_level=None)
    for _, script in migrations()[:1]:
        old.executescript(script)
    old.execute(
        "INSERT INTO scope (platform, space, user, name, memory_seq) VALUES (?, ?, ?, 'Alice', 1)",
        (ALICE.platform, ALICE.space, ALICE.user),
    )
    old.execute(
        "INSERT INTO memory (id, text, audience, place, said_at, valid_from, extractor) "
        "VALUES ((1 << 24) + 1, 'I grow quinces', 'private', 'here', 0, 0, 'notebook')"
    )
    old.close()
    done = await restore(copy, file)
    assert (done.backup.schema, done.content.schema) == (1, migrations()[-1][0])
    assert value(copy, "PRAGMA user_version") == 1
    assert await known(file) == {"I grow quinces"}


async def test_a_database_of_an_older_schema_is_replaced(file: Path, copy: Path) -> None:
    await make_both(file, copy)
    delete(file)
    old = sqlite3.connect(file, isolation_level=None)
    for _, script in migrations()[:2]:
        old.executescript(script)
    old.close()
    assert (await restore(copy, file)).entries == 0
    assert await known(file) == {"Alice grows quinces"}


async def test_a_link_to_the_database_stays_a_link(file: Path, copy: Path, tmp_path: Path) -> None:
    await make_both(file, copy)
    link = tmp_path / "link.db"
    link.symlink_to(file)
    await restore(copy, link)
    assert link.is_symlink()
    assert await known(file) == {"Alice grows quinces"}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
async def test_the_restored_file_belongs_to_whom_the_replaced_one_did(
    file: Path, copy: Path
) -> None:
    await make_both(file, copy)
    os.chown(file, 1234, 1234)
    await restore(copy, file)
    assert owner(file) == (1234, 1234)


async def test_a_restore_that_is_killed_leaves_the_database_and_the_next_takes_the_rest_away(
    file: Path, copy: Path
) -> None:
    await make_both(file, copy)
    killed = start(RESTORE, copy, file)
    while "ellie.db.restoring" not in beside(file):
        pass
    killed.kill()
    killed.communicate()
    assert "ellie.db.restoring" in beside(file)
    assert await known(file) == {"Alice grows quinces", "Alice has a heron"}
    for end in ("", "-wal", "-shm", "-journal"):
        write(Path(f"{file}.restoring{end}"), b"what was forgotten")
    await restore(copy, file)
    assert beside(file) == ["ellie.db"]
    assert await known(file) == {"Alice grows quinces"}


# --- nothing happens ---------------------------------------------------------------------------


async def test_while_another_process_has_it_open_it_is_not_replaced(file: Path, copy: Path) -> None:
    await make_both(file, copy)
    with held_open(file):
        with pytest.raises(StoreError, match="is in use"):
            await restore(copy, file)
        assert beside(file) == ["ellie.db", "ellie.db-shm", "ellie.db-wal"]
    assert await known(file) == {"Alice grows quinces", "Alice has a heron"}
    await restore(copy, file)
    assert await known(file) == {"Alice grows quinces"}


async def test_who_opens_it_while_it_is_replaced_writes_into_the_new_file_or_not_at_all(
    file: Path, copy: Path
) -> None:
    await make_both(file, copy)
    async with _held(file, choose_driver()):
        assert run(READ, file) == "database is locked\n"
        late = start(WRITE, file)
        assert late.stdout is not None
        assert late.stdout.readline() == "starting\n"
        while f"/{file.name}" not in opened_by(late.pid):
            pass
        move(copy, file)
    out, _ = late.communicate(timeout=60)
    written = out == "written\n"
    assert written or "readonly" in out
    assert ("Alice writes late" in await known(file)) is written


@pytest.mark.parametrize(("make", "told"), BAD)
async def test_what_is_no_backup_of_ellie_replaces_nothing(
    file: Path, copy: Path, tmp_path: Path, make: Make, told: str
) -> None:
    await make_both(file, copy)
    delete(copy)
    make(copy)
    with refused(tmp_path, told):
        await restore(copy, file)
    assert await known(file) == {"Alice grows quinces", "Alice has a heron"}


async def test_a_backup_that_is_missing_replaces_nothing(
    file: Path, copy: Path, tmp_path: Path
) -> None:
    await make_both(file, copy)
    for wrong in (tmp_path / "none.db", tmp_path):
        with refused(tmp_path, "There is no file"):
            await restore(wrong, file)
    for wrong in (file, Path(f"{file}-wal")):
        with refused(tmp_path, "the database itself"):
            await restore(wrong, file)
    assert await known(file) == {"Alice grows quinces", "Alice has a heron"}


@pytest.mark.parametrize(
    ("make", "told"),
    [(text, "move it"), (damaged, "move it"), (foreign, "no database"), (newer, "newer Ellie")],
)
async def test_a_file_whose_ledger_cannot_be_read_is_not_replaced(
    file: Path, copy: Path, tmp_path: Path, make: Make, told: str
) -> None:
    await make_both(file, copy)
    delete(file)
    make(file)
    before = read(file)
    with refused(tmp_path, told):
        await restore(copy, file)
    assert make is damaged or read(file) == before
    move(file, tmp_path / "away.db")
    assert (await restore(copy, file)).entries is None


async def test_a_file_whose_ledger_can_be_read_is_replaced_however_damaged_the_rest(
    file: Path, copy: Path
) -> None:
    async with opened(file) as store:
        await back_up(file, copy)
        for number in range(300):
            await note(store, f"Alice saw the heron number {number}")
        await store.erase(ALICE, [await note(store, "gone")])
    page = int(str(value(file, "SELECT rootpage FROM sqlite_schema WHERE name = 'passage'")))
    with file.open("r+b") as damage:
        damage.seek((page - 1) * 8192)
        damage.write(b"\xff" * 8192)
    with pytest.raises(sqlite3.DatabaseError):
        rows(file, "PRAGMA integrity_check")
    done = await restore(copy, file)
    assert done.entries
    assert rows(file, "PRAGMA integrity_check") == [("ok",)]


@pytest.mark.parametrize("room", [0.1, 0.9])
async def test_a_full_disk_leaves_the_database_as_it_was(
    file: Path, copy: Path, tmp_path: Path, room: float
) -> None:
    """The size of a file is limited here, which SQLite meets as it meets a full disk."""
    async with opened(file) as store:
        for number in range(300):
            await note(store, f"The heron number {number} stood in the reeds, and long")
        await back_up(file, copy)
        await store.erase(ALICE, [MemoryNumber(number) for number in range(1, 250)])
    (tmp_path / "room").write_text(str(int(len(read(copy)) * room)))
    before = await known(file)
    told = run(RESTORE_IN_LITTLE_ROOM, copy, file, tmp_path / "room")
    assert told.count("\n") == 1
    assert [name for name in beside(file) if "restoring" in name] == []
    assert await known(file) == before
