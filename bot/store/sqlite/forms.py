"""Stems that an older Ellie made are made anew."""

from pathlib import Path
from typing import Self

import aiosqlite

from bot.store.sqlite.database import Database
from bot.store.sqlite.driver import Driver
from bot.store.sqlite.rows import index, moment, with_attribute
from bot.text import FORMS_VERSION, fold_name

AT_ONCE = 1_000


class Forms(Database):
    """The part of the store that keeps full text and names as this version compares them."""

    @classmethod
    async def open(cls, path: Path, driver: Driver | None = None) -> Self:
        """See `Database.open`. Stems of another version are made anew first; vectors stay."""
        store = await super().open(path, driver)
        try:
            if await store._version() != FORMS_VERSION:
                await store._make_anew()
        except BaseException:
            await store.close()
            raise
        return store

    async def _version(self) -> int:
        rows = await self._read().execute_fetchall("SELECT version FROM forms")
        return int(next(iter(rows))["version"])

    async def _make_anew(self) -> None:
        async with self._write() as db:
            last = 0
            while (latest := await _renew_passages(db, last)) is not None:
                last = latest
            await db.execute("INSERT INTO passage_fts (passage_fts) VALUES ('rebuild')")
            names = await db.execute_fetchall(
                "SELECT folded, entity_id, memory_id, name FROM entity_name"
            )
            await db.executemany(
                "UPDATE OR REPLACE entity_name SET folded = ? "
                "WHERE folded = ? AND entity_id = ? AND memory_id = ?",
                [
                    (fold_name(row["name"]), row["folded"], row["entity_id"], row["memory_id"])
                    for row in names
                ],
            )
            await db.execute("UPDATE forms SET version = ?", (FORMS_VERSION,))


async def _renew_passages(db: aiosqlite.Connection, after: int) -> int | None:
    """Renew the next passages; the last one's id, None where there are no more."""
    rows = list(
        await db.execute_fetchall(
            """
            SELECT passage.id, passage.said_at, passage.speaker,
                   coalesce(memory.text, message.text) AS text, memory.attribute
            FROM passage
            LEFT JOIN memory ON memory.id = passage.id >> 1 AND passage.id & 1
            LEFT JOIN message ON message.id = passage.id >> 1 AND NOT passage.id & 1
            WHERE passage.id > ? ORDER BY passage.id LIMIT ?
            """,
            (after, AT_ONCE),
        )
    )
    renewed = []
    for row in rows:
        text = with_attribute(row["text"], row["attribute"])
        renewed.append((*index(moment(row["said_at"]), row["speaker"], text), row["id"]))
    await db.executemany("UPDATE passage SET terms = ?, traits = ? WHERE id = ?", renewed)
    return rows[-1]["id"] if rows else None
