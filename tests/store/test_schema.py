"""The snapshot of the schema. `python -m tests.store.test_schema > bot/store/sqlite/schema.sql`."""

import asyncio
import re
import sqlite3
import sys
from pathlib import Path

from bot.store.sqlite.driver import choose_driver
from bot.store.sqlite.erasure import SqliteStore
from bot.store.sqlite.schema import MIGRATIONS, migrations
from bot.types import MemoryNumber, Private
from tests.store.world import ALICE, START, message, note, opened, texts

SNAPSHOT = Path(str(MIGRATIONS)).parent / "schema.sql"


def schema(connection: sqlite3.Connection) -> str:
    """Everything the migrations make, by name; what SQLite and FTS5 add for themselves left out."""
    rows = connection.execute(
        "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite%' "
        "AND name NOT LIKE 'passage_fts_%' ORDER BY type = 'trigger', tbl_name, type DESC, name"
    ).fetchall()
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    statements = "".join(f"{sql};\n" for (sql,) in rows)
    return (
        "-- Generated from the migrations by `python -m tests.store.test_schema`; do not edit.\n"
        f"{statements}PRAGMA user_version = {version};\n"
    )


def migrated() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    for _, script in migrations():
        connection.executescript(script)
    return connection


def test_the_snapshot_is_what_the_migrations_make() -> None:
    connection = migrated()
    assert SNAPSHOT.read_text("utf-8") == schema(connection)
    connection.close()


async def test_a_fresh_file_has_the_schema_of_the_snapshot(tmp_path: Path) -> None:
    async with opened(tmp_path / "ellie.db") as store:
        await note(store, "anything")
    connection = sqlite3.connect(tmp_path / "ellie.db")
    assert schema(connection) == SNAPSHOT.read_text("utf-8")
    assert connection.execute("PRAGMA page_size").fetchone() == (8192,)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()


def test_the_migrations_are_numbered_without_a_gap_and_set_the_version() -> None:
    numbers = [number for number, _ in migrations()]
    assert numbers == list(range(1, len(numbers) + 1))
    for number, script in migrations():
        assert f"PRAGMA user_version = {number};" in script
        assert script.lstrip().startswith("BEGIN IMMEDIATE;")  # waits for who is at it
        assert script.rstrip().endswith("COMMIT;")


def test_every_table_is_strict() -> None:
    for table in re.findall(r"^CREATE TABLE.*?;$", SNAPSHOT.read_text("utf-8"), re.S | re.M):
        assert re.search(r"\) STRICT(, WITHOUT ROWID)?;$", table), table


async def test_a_file_of_the_first_schema_keeps_its_memories_which_can_be_edited(
    tmp_path: Path,
) -> None:
    path = tmp_path / "ellie.db"
    first = sqlite3.connect(path, isolation_level=None)
    first.executescript(migrations()[0][1])
    first.execute(
        "INSERT INTO scope (platform, space, user, name, memory_seq) VALUES (?, ?, ?, 'Alice', 1)",
        (ALICE.platform, ALICE.space, ALICE.user),
    )
    first.execute(
        "INSERT INTO memory (id, text, audience, place, said_at, valid_from, extractor) "
        "VALUES ((1 << 24) + 1, 'I grow quinces', 'private', 'here', 0, 0, 'notebook')"
    )
    first.close()
    async with opened(path) as store:
        assert await texts(store) == {"I grow quinces"}
        assert await store.undo(ALICE, START) is None
        number = MemoryNumber(1)
        assert await store.edit(number, message("I grow medlars"), 3) == number
        found = await store.versions(ALICE, Private(), number)
        assert found is not None
        assert [version.text for version in found.versions] == ["I grow quinces"]


async def test_two_that_open_a_new_file_at_once_both_get_a_store(tmp_path: Path) -> None:
    async def use(text: str) -> None:
        store = await SqliteStore.open(tmp_path / "ellie.db")
        try:
            await note(store, text)
        finally:
            await store.close()

    async with asyncio.TaskGroup() as group:
        for number in range(4):
            group.create_task(use(f"note {number}"))


async def test_a_new_file_that_another_is_about_to_write_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "ellie.db"
    other = choose_driver().module.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    async with asyncio.TaskGroup() as group:
        opening = group.create_task(SqliteStore.open(path))
        await asyncio.wait({opening}, timeout=0.3)
        other.execute("ROLLBACK")
        other.close()
    await opening.result().close()


if __name__ == "__main__":
    sys.stdout.write(schema(migrated()))
