import os
import sqlite3
import sys
from pathlib import Path

import pytest

from bot.errors import StoreError
from bot.store.sqlite.driver import Driver, choose_driver, has_wal_reset_race
from bot.store.sqlite.erasure import SqliteStore
from bot.types import Private
from tests.store.world import ALICE, bytes_on_disk, found_by_words, learn, note, opened, texts

PLAIN = Driver(sqlite3, sqlite3.sqlite_version_info, vectors=False, one_connection=True)


@pytest.mark.parametrize(
    ("version", "raced"),
    [
        ((3, 6, 23), False),
        ((3, 7, 0), True),
        ((3, 40, 1), True),
        ((3, 44, 5), True),
        ((3, 44, 6), False),
        ((3, 45, 0), True),
        ((3, 50, 6), True),
        ((3, 50, 7), False),
        ((3, 51, 2), True),
        ((3, 51, 3), False),
        ((3, 53, 4), False),
    ],
)
def test_which_versions_have_the_wal_reset_race(version: tuple[int, ...], raced: bool) -> None:
    assert has_wal_reset_race(version) is raced


def hide(monkeypatch: pytest.MonkeyPatch, *modules: str) -> None:
    for module in modules:
        monkeypatch.setitem(sys.modules, module, None)


def test_where_sqlite_vec_is_installed_the_chosen_driver_has_vectors() -> None:
    pytest.importorskip("sqlite_vec")
    assert choose_driver().vectors


def test_without_pysqlite3_the_standard_driver_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    hide(monkeypatch, "pysqlite3", "pysqlite3.dbapi2")
    driver = choose_driver()
    assert driver.module is sqlite3
    assert driver.one_connection is has_wal_reset_race(sqlite3.sqlite_version_info)


def test_without_sqlite_vec_there_are_no_vectors(monkeypatch: pytest.MonkeyPatch) -> None:
    hide(monkeypatch, "sqlite_vec")
    assert not choose_driver().vectors


async def test_the_plain_standard_driver_records_finds_and_erases(tmp_path: Path) -> None:
    path = tmp_path / "plain.db"
    async with opened(path, PLAIN) as store:
        await store.use_vectors_of("model", 4)
        number = await learn(store, "Alice grows quinces", said="my quinces are ripe")
        await note(store, "The gate code is odd")
        assert await found_by_words(store, "quince") == {
            "Alice grows quinces",
            "my quinces are ripe",
        }
        survey = await store.survey(ALICE, Private(), [], [], None)
        assert await store.nearest(survey, ALICE, Private(), [1.0, 0, 0, 0]) == {}
        await store.erase(ALICE, [number])
        assert await texts(store) == {"The gate code is odd"}
        assert b"quinc" not in bytes_on_disk(path)


async def test_an_older_sqlite_reads_what_a_newer_one_wrote_and_erased(tmp_path: Path) -> None:
    async with opened(tmp_path / "x.db") as store:
        gone = await note(store, "Walnuts are bad for me")
        await note(store, "Almonds are good for me")
        await store.erase(ALICE, [gone])
    async with opened(tmp_path / "x.db", PLAIN) as store:
        assert await found_by_words(store, "almond") == {"Almonds are good for me"}
        assert await found_by_words(store, "walnut") == set()
    async with opened(tmp_path / "x.db") as store:
        assert await found_by_words(store, "almond") == {"Almonds are good for me"}


@pytest.mark.rule("D21")
async def test_only_the_owner_may_read_any_of_the_files(tmp_path: Path) -> None:
    path = tmp_path / "new" / "ellie.db"
    async with opened(path) as store:
        await note(store, "anything")
        for file in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
            assert file.stat().st_mode & 0o777 == 0o600, file
    assert path.parent.stat().st_mode & 0o777 == 0o700
    path.chmod(0o644)
    async with opened(path) as store:
        await note(store, "anything else")
        for file in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
            assert file.stat().st_mode & 0o777 == 0o600, file


async def refused(path: Path) -> str:
    with pytest.raises(StoreError) as raised:
        await SqliteStore.open(path)
    line = str(raised.value)
    assert "\n" not in line
    assert str(path) in line
    return line


async def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear Ellie, " * 100)
    path.chmod(0o644)
    assert "not a database" in await refused(path)
    assert path.read_text() == "Dear Ellie, " * 100
    assert path.stat().st_mode & 0o777 == 0o644
    assert os.listdir(tmp_path) == ["letter.txt"]


async def test_a_folder_is_refused(tmp_path: Path) -> None:
    await refused(tmp_path)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("version", [0, 1, 77])
async def test_a_database_of_another_program_is_refused_and_left_alone(
    tmp_path: Path, version: int
) -> None:
    path = tmp_path / "places.sqlite"
    with sqlite3.connect(path) as other:
        other.executescript(f"CREATE TABLE place (url TEXT); PRAGMA user_version = {version};")
    other.close()
    before = path.read_bytes()
    assert "another program" in await refused(path)
    assert path.read_bytes() == before


async def test_a_newer_schema_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "ellie.db"
    async with opened(path) as store:
        await note(store, "anything")
    with sqlite3.connect(path) as newer:
        newer.execute("PRAGMA user_version = 99")
    newer.close()
    before = path.read_bytes()
    assert "newer Ellie" in await refused(path)
    assert path.read_bytes() == before
