"""A change: what is written together, so that it can be taken back."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

import aiosqlite

from bot.store.sqlite.rows import scope_range, seconds

CHANGES_KEPT = 20
PERSON = "person"


@asynccontextmanager
async def changing(
    db: aiosqlite.Connection, scope_no: int, author: str, now: datetime
) -> AsyncIterator[None]:
    """Whatever is written to the scope's memories inside is one change.

    The triggers of the schema note it, so nothing that writes needs to know. One that changed
    nothing is not kept; nor is the person's own, of which only the versions stay.
    """
    rows = await db.execute_fetchall(
        "INSERT INTO change (scope_no, author, made_at) VALUES (?, ?, ?) RETURNING change_id",
        (scope_no, author, seconds(now)),
    )
    change = {"change": next(iter(rows))["change_id"], "scope": scope_no, **scope_range(scope_no)}
    yield
    await db.execute(
        """
        UPDATE change SET open = 0, memories = (
            SELECT json_group_array(id) FROM (
                SELECT id FROM memory WHERE change_no = :change
                UNION SELECT memory_id FROM memory_source WHERE change_no = :change
                UNION SELECT memory_id FROM memory_version
                WHERE memory_id BETWEEN :low AND :high AND change_no = :change))
        WHERE change_id = :change
        """,
        change,
    )
    await db.execute(
        "DELETE FROM change WHERE change_id = :change AND (memories = '[]' OR author = :person)",
        {**change, "person": PERSON},
    )
    await db.execute(
        """
        DELETE FROM change WHERE scope_no = :scope AND change_id NOT IN (
            SELECT change_id FROM change WHERE scope_no = :scope
            ORDER BY change_id DESC LIMIT :most)
        """,
        {**change, "most": CHANGES_KEPT},
    )


async def drop_bare_entities(db: aiosqlite.Connection) -> None:
    """An entity that no memory, and no version of one, speaks of any more goes."""
    await db.execute(
        """
        DELETE FROM entity
        WHERE NOT EXISTS (SELECT 1 FROM memory WHERE memory.entity_id = entity.id)
            AND NOT EXISTS (SELECT 1 FROM memory_version WHERE memory_version.entity_id = entity.id)
        """
    )


async def drop_lost_records(db: aiosqlite.Connection) -> None:
    """What a memory was absorbed as goes where none is left that stands for it."""
    await db.execute(
        """
        DELETE FROM memory_absorbed WHERE NOT EXISTS (
            SELECT 1 FROM json_each(sources) AS part
            JOIN memory_source ON message_id = json_extract(part.value, '$[0]'))
        """
    )
