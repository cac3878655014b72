"""Bringing a file up to date: the migrations, and whose file it is."""

import json
from importlib import resources
from pathlib import Path

import aiosqlite

from bot.errors import StoreError
from bot.store.sqlite.driver import Driver

MIGRATIONS = resources.files("bot.store.sqlite") / "migrations"
SECURE_DELETE_SINCE = (3, 42, 0)
"""FTS5's secure-delete; a file in which it was used (format 5) is not read by older ones."""

WAL_TRIES = 5


def migrations() -> list[tuple[int, str]]:
    """(number, SQL) of every migration, in order."""
    return sorted(
        (int(file.name[:4]), file.read_text("utf-8"))
        for file in MIGRATIONS.iterdir()
        if file.name.endswith(".sql")
    )


async def migrate(writer: aiosqlite.Connection, driver: Driver, path: Path) -> None:
    """Create the tables or bring them up to date. Raises StoreError for a file that is not ours."""
    version, tables = await state(writer)
    known = migrations()
    if version > known[-1][0] and "passage" in tables:
        raise StoreError(
            f"The database {path} is of a newer Ellie (schema {version}, this one knows "
            f"{known[-1][0]}). Update Ellie, or choose another file with ELLIE_DB."
        )
    if tables and not (version and "passage" in tables):
        raise StoreError(
            f"{path} is a database of another program. Choose another file with ELLIE_DB."
        )
    await _turn_on_wal(writer, driver)
    for number, script in known:
        if number > version:
            await _apply(writer, driver, number, script)
    await _prepare_full_text(writer, driver)


async def _turn_on_wal(writer: aiosqlite.Connection, driver: Driver) -> None:
    """SQLite does not wait here while another process is about to write: wait for that one."""
    for left in reversed(range(WAL_TRIES)):
        try:
            await writer.execute_fetchall("PRAGMA journal_mode = WAL")
        except driver.errors:
            if not left:
                raise
            await writer.executescript("BEGIN IMMEDIATE; ROLLBACK")
        else:
            return


async def state(writer: aiosqlite.Connection) -> tuple[int, set[str]]:
    """The schema's version and the names of all tables, of one moment."""
    rows = list(
        await writer.execute_fetchall(
            "SELECT user_version, (SELECT json_group_array(name) FROM sqlite_schema) AS names "
            "FROM pragma_user_version"
        )
    )
    return int(rows[0]["user_version"]), set(json.loads(rows[0]["names"]))


async def _apply(writer: aiosqlite.Connection, driver: Driver, number: int, script: str) -> None:
    """Run one migration, unless another process is quicker."""
    try:
        await writer.executescript(script)
    except driver.errors:
        await writer.rollback()
        version, _ = await state(writer)
        if version < number:
            raise


async def _prepare_full_text(writer: aiosqlite.Connection, driver: Driver) -> None:
    """Have full text forget what is deleted; make a newer SQLite's index readable to an older."""
    if driver.version >= SECURE_DELETE_SINCE:
        await writer.execute(
            "INSERT INTO passage_fts (passage_fts, rank) VALUES ('secure-delete', 1)"
        )
        return
    rows = await writer.execute_fetchall("SELECT v FROM passage_fts_config WHERE k = 'version'")
    if next(iter(rows))["v"] > 4:
        await writer.executescript(
            "BEGIN IMMEDIATE; UPDATE passage_fts_config SET v = 4 WHERE k = 'version';"
            "INSERT INTO passage_fts (passage_fts) VALUES ('rebuild'); COMMIT;"
        )
