import re
import sqlite3
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.errors import StoreError
from bot.store.sqlite.backup import back_up
from bot.store.sqlite.erasure import SqliteStore
from bot.store.sqlite.schema import migrations
from tests.store.process import run, start
from tests.store.world import ALICE, BOB, bytes_on_disk, learn, note, opened, talk, texts

BACK_UP = """
import asyncio, sys
from pathlib import Path
from bot.store.sqlite.backup import back_up
for target in sys.argv[2:]:
    asyncio.run(back_up(Path(sys.argv[1]), Path(target)))
"""
BACK_UP_IN_LITTLE_ROOM = """
import asyncio, resource, sys
from pathlib import Path
from bot.errors import StoreError
from bot.store.sqlite.backup import back_up
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
try:
    asyncio.run(back_up(Path(sys.argv[1]), Path(sys.argv[2])))
except StoreError as error:
    print(error)
"""


def beside(path: Path) -> list[str]:
    """The names in a file's folder that begin like it."""
    return sorted(file.name for file in path.parent.iterdir() if file.name.startswith(path.name))


async def test_a_backup_holds_what_was_there_at_its_moment_and_says_so(
    store: SqliteStore, tmp_path: Path
) -> None:
    await learn(store, "Alice grows quinces")
    await note(store, "Bob has a boat", scope=BOB)
    held = await back_up(store.path, tmp_path / "copy.db")
    await note(store, "Alice has a heron")
    assert (held.schema, held.people, held.messages, held.memories) == (
        migrations()[-1][0], 2, 3, 2,
    )  # fmt: skip
    async with opened(tmp_path / "copy.db") as copy:
        assert await texts(copy) == {"Alice grows quinces"}
        assert await texts(copy, BOB) == {"Bob has a boat"}
    assert await texts(store) == {"Alice grows quinces", "Alice has a heron"}


async def test_a_backup_is_one_file_for_its_owner_alone(store: SqliteStore, tmp_path: Path) -> None:
    await note(store, "Alice grows quinces")
    assert b"quinces" not in store.path.read_bytes()  # but in its log
    target = tmp_path / "copy.db"
    await back_up(store.path, target)
    assert beside(target) == ["copy.db"]
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    content = target.read_bytes()
    assert b"quinces" in content
    assert content[18:20] == b"\1\1"  # SQLite's format without a write-ahead log


async def test_what_was_erased_before_is_not_in_a_backup(
    store: SqliteStore, tmp_path: Path
) -> None:
    number = await learn(store, "Alice grows quinces", said="my quinces are ripe")
    await back_up(store.path, tmp_path / "with.db")
    await store.erase(ALICE, [number])
    await back_up(store.path, tmp_path / "without.db")
    assert b"quinc" in (tmp_path / "with.db").read_bytes()
    assert b"quinc" not in (tmp_path / "without.db").read_bytes()


async def test_a_backup_of_an_older_schema_keeps_that_schema(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    old = sqlite3.connect(path, isolation_level=None)
    for _, script in migrations()[:3]:
        old.executescript(script)
    old.close()
    held = await back_up(path, tmp_path / "copy.db")
    assert held.schema == 3
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA user_version").fetchone() == (3,)  # nor was it brought up
    connection.close()


async def test_talking_goes_on_while_another_process_backs_up(
    store: SqliteStore, tmp_path: Path
) -> None:
    for number in range(30):
        await talk(store, f"The heron number {number} stood in the reeds")
    targets = [tmp_path / f"copy{number}.db" for number in range(3)]
    other = start(BACK_UP, store.path, *targets)
    said = 30
    while other.poll() is None:
        await talk(store, f"The heron number {said} stood in the reeds")
        said += 1
    assert (other.communicate()[0], other.returncode) == ("", 0)
    held = []
    for target in targets:
        connection = sqlite3.connect(target)
        query = "SELECT count(*), count(DISTINCT turn_id) FROM turn JOIN message ON id = message_id"
        held.append(connection.execute(query).fetchone())
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        connection.close()
    assert said > 30
    assert held == sorted(held)
    assert all(30 <= turns <= said for turns, _ in held)


# --- what cannot be ----------------------------------------------------------------------------


async def refused(source: Path, target: Path) -> str:
    """The one line of the refusal; nothing was written."""
    before = {file: file.stat().st_mtime_ns for file in target.parent.glob("*")}
    with pytest.raises(StoreError) as refusal:
        await back_up(source, target)
    assert "\n" not in str(refusal.value)
    after = {file: file.stat().st_mtime_ns for file in target.parent.glob("*")}
    assert after.keys() - before.keys() <= {Path(f"{source}-shm"), Path(f"{source}-wal")}
    return str(refusal.value)


async def test_a_file_that_is_there_is_not_overwritten(store: SqliteStore, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    target.write_text("precious")
    assert "there already" in await refused(store.path, target)
    assert target.read_text() == "precious"


@pytest.mark.parametrize("end", ["", "-wal", "-shm", "-journal"])
async def test_the_database_is_not_backed_up_onto_itself(
    store: SqliteStore, tmp_path: Path, end: str
) -> None:
    await note(store, "Alice grows quinces")
    (tmp_path / "folder").mkdir()
    assert "itself" in await refused(store.path, tmp_path / "folder" / ".." / f"ellie.db{end}")
    assert await texts(store) == {"Alice grows quinces"}


async def test_a_folder_that_is_missing_is_named(store: SqliteStore, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"There is no folder .*nowhere"):
        await back_up(store.path, tmp_path / "nowhere" / "copy.db")
    assert not (tmp_path / "nowhere").exists()


async def test_a_folder_that_may_not_be_written_is_one_line(store: SqliteStore) -> None:
    with pytest.raises(StoreError, match=r"/proc/copy\.db cannot be written"):
        await back_up(store.path, Path("/proc/copy.db"))


async def test_a_database_that_is_missing_is_not_made(tmp_path: Path) -> None:
    assert "no file" in await refused(tmp_path / "ellie.db", tmp_path / "copy.db")


def text(path: Path) -> None:
    path.write_text("This is a letter, and long enough to be taken for more. " * 100)


def nothing(path: Path) -> None:
    path.touch()


def foreign(path: Path) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("CREATE TABLE song (name TEXT)")
    connection.close()


def newer(path: Path) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    for _, script in migrations():
        connection.executescript(script)
    connection.execute("PRAGMA user_version = 99")
    connection.close()


def damaged(path: Path) -> None:
    """Ellie's, with a page in the middle overwritten."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA page_size = 512")
    for _, script in migrations():
        connection.executescript(script)
    for _ in range(2000):
        connection.execute("INSERT INTO tombstone VALUES (randomblob(16))")
    connection.close()
    with path.open("r+b") as file:
        file.seek(path.stat().st_size - 20 * 512)
        file.write(b"\xff" * 10 * 512)


Make = Callable[[Path], None]
BAD: list[tuple[Make, str]] = [
    (text, "not a database"),
    (nothing, "no database of Ellie"),
    (foreign, "no database of Ellie"),
    (newer, "newer Ellie"),
    (damaged, "damaged|malformed"),
]


@pytest.mark.parametrize(("make", "told"), BAD)
async def test_what_is_no_database_of_ellie_is_not_backed_up(
    tmp_path: Path, make: Make, told: str
) -> None:
    make(tmp_path / "ellie.db")
    content = (tmp_path / "ellie.db").read_bytes()
    line = await refused(tmp_path / "ellie.db", tmp_path / "copy.db")
    assert re.search(told, line)
    assert (tmp_path / "ellie.db").read_bytes() == content


async def test_a_full_disk_leaves_nothing_behind(store: SqliteStore, tmp_path: Path) -> None:
    """The size of a file is limited here, which SQLite meets as it meets a full disk."""
    for number in range(300):
        await note(store, f"The heron number {number} stood in the reeds, and long")
    told = run(BACK_UP_IN_LITTLE_ROOM, store.path, tmp_path / "copy.db")
    assert "cannot be used" in told
    assert told.count("\n") == 1
    assert beside(tmp_path / "copy.db") == []
    assert b"heron" in bytes_on_disk(store.path)
