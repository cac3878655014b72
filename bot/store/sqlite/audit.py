"""What operators did to whom, in numbers."""

import json
from collections.abc import Mapping
from datetime import datetime

from bot.ports import Act, Held
from bot.store.sqlite.ledger import person_mark, read_keys
from bot.store.sqlite.rows import moment, scope_range, seconds
from bot.store.sqlite.versions import Versions
from bot.types import Scope


class Audit(Versions):
    """The part of the store that keeps the audit log."""

    async def held(self, scope: Scope) -> Held | None:
        """See `bot.ports.Store`."""
        scope_no = await self._scope_number(scope)
        if not scope_no:
            return None
        rows = await self._read().execute_fetchall(
            """
            SELECT (SELECT count(*) FROM message
                    WHERE id BETWEEN :low AND :high AND text IS NOT NULL) AS messages,
                (SELECT count(*) FROM memory WHERE id BETWEEN :low AND :high) AS memories
            """,
            scope_range(scope_no),
        )
        row = next(iter(rows))
        return Held(row["messages"], row["memories"])

    async def note_act(
        self, scope: Scope, actor: str, act: str, counts: Mapping[str, int], now: datetime
    ) -> None:
        """See `bot.ports.Store`."""
        async with self._write() as db:
            newest, *_ = await read_keys(db)
            await db.execute(
                "INSERT INTO audit (at, actor, act, person, counts) VALUES (?, ?, ?, ?, ?)",
                (seconds(now), actor, act, person_mark(newest, scope), json.dumps(dict(counts))),
            )

    async def acts(self, scope: Scope | None) -> list[Act]:
        """See `bot.ports.Store`."""
        db = self._read()
        keys = await db.execute_fetchall("SELECT key FROM ledger_key")
        marks = [person_mark(row["key"], scope).hex() for row in keys if scope is not None]
        rows = await db.execute_fetchall(
            """
            SELECT at, actor, act, lower(hex(person)) AS person, counts FROM audit
            WHERE :everyone OR lower(hex(person)) IN (SELECT value FROM json_each(:marks))
            ORDER BY audit_id
            """,
            {"everyone": scope is None, "marks": json.dumps(marks)},
        )
        return [
            Act(
                moment(row["at"]),
                row["actor"],
                row["act"],
                row["person"],
                json.loads(row["counts"]),
            )
            for row in rows
        ]
