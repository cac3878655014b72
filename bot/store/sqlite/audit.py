"""What operators did to whom, in numbers."""

import json
from collections.abc import Mapping
from datetime import datetime

from bot.ports import Act
from bot.store.sqlite.ledger import person_mark
from bot.store.sqlite.rows import moment, seconds
from bot.store.sqlite.versions import Versions
from bot.types import Scope


class Audit(Versions):
    """The part of the store that keeps the audit log."""

    async def knows(self, scope: Scope) -> bool:
        """See `bot.ports.Store`."""
        return bool(await self._scope_number(scope))

    async def note_act(
        self, scope: Scope, actor: str | Scope, act: str, counts: Mapping[str, int], now: datetime
    ) -> None:
        """See `bot.ports.Store`."""
        async with self._write() as db:
            await db.execute(
                "INSERT INTO audit (at, actor, act, person, counts) VALUES (?, ?, ?, ?, ?)",
                (
                    seconds(now),
                    actor if isinstance(actor, str) else person_mark(self._keys[0], actor).hex(),
                    act,
                    person_mark(self._keys[0], scope),
                    json.dumps(dict(counts)),
                ),
            )

    async def acts(self, scope: Scope | None) -> list[Act]:
        """See `bot.ports.Store`."""
        marks = [person_mark(key, scope).hex() for key in self._keys if scope is not None]
        rows = await self._read().execute_fetchall(
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
