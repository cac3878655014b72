"""What people want of what is kept about them: to see how much, to pause, to be left out."""

import asyncio
import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache

import aiosqlite

from bot.likeness import NOT
from bot.names import LONGEST_WORDS, calls, hide, name_forms, words_of
from bot.ports import Naming, Overdue
from bot.receipts import Kept
from bot.store.sqlite.ledger import EVERYWHERE, mark, person_mark
from bot.store.sqlite.retention import Retaining
from bot.store.sqlite.rows import (
    moment,
    number_of,
    passage_range,
    scope_number,
    scope_range,
    seconds,
)
from bot.store.sqlite.writes import scope_for
from bot.types import MessageId, Scope, parse_audience

READ_AT_ONCE = 200
"""So many texts are looked through for names before others get their turn."""

_COUNTS = """
    SELECT (SELECT count(*) FROM message WHERE id BETWEEN :low AND :high
            AND text IS NOT NULL AND role = 'person') AS messages,
        (SELECT count(*) FROM message WHERE id BETWEEN :low AND :high
            AND text IS NOT NULL AND role = 'ellie') AS replies,
        (SELECT count(*) FROM message WHERE id BETWEEN :low AND :high
            AND text IS NOT NULL AND role = 'note') AS notes,
        (SELECT count(*) FROM memory WHERE id BETWEEN :low AND :high) AS memories,
        (SELECT count(*) FROM entity WHERE id BETWEEN :low AND :high) AS entities,
        (SELECT count(DISTINCT summary_id) FROM summary_message JOIN summary USING (summary_id)
            WHERE message_id BETWEEN :low AND :high AND text <> '') AS summaries,
        (SELECT count(*) FROM passage_vector WHERE id BETWEEN :first AND :last) AS vectors,
        (SELECT min(at) FROM (
            SELECT min(sent_at) AS at FROM message
            WHERE id BETWEEN :low AND :high AND text IS NOT NULL
            UNION ALL SELECT min(said_at) FROM memory WHERE id BETWEEN :low AND :high)) AS since
    """
# Everything with a text that may name somebody: of a memory its versions and names too. A summary
# stands for a message that it covers: of Ellie's replies, which are no memory's source, the first;
# what a memory was absorbed as, for its first source.
_TEXTS = """
    SELECT scope.platform, scope.space, scope.user, kind, found.id, text FROM (
        SELECT 'message' AS kind, id, id >> 24 AS scope_no, text FROM message
        WHERE text IS NOT NULL
        UNION ALL SELECT 'memory', id, id >> 24,
            text || char(10) || coalesce(value, '') || char(10) || coalesce(
                (SELECT group_concat(name, char(10)) FROM entity_name WHERE memory_id = memory.id),
                '') || char(10) || coalesce(
                (SELECT group_concat(text || char(10) || coalesce(entity, '') || char(10)
                    || coalesce(value, ''), char(10))
                 FROM memory_version WHERE memory_id = memory.id), '')
        FROM memory
        UNION ALL SELECT 'message', json_extract(sources, '$[0][0]'), memory_id >> 24,
            text || char(10) || coalesce(value, '') || char(10) || names
        FROM memory_absorbed WHERE json_array_length(sources) > 0
        UNION ALL SELECT 'message', covered, covered >> 24, text FROM (
            SELECT summary.text, (SELECT id FROM summary_message JOIN message ON id = message_id
                WHERE summary_message.summary_id = summary.summary_id
                ORDER BY role <> 'ellie', id LIMIT 1) AS covered
            FROM summary)
        WHERE covered IS NOT NULL) AS found
    JOIN scope USING (scope_no)
    WHERE (scope.platform = :platform OR :platform IS NULL)
        AND (scope.space = :space OR :space IS NULL)
    ORDER BY scope_no, kind, found.id
    """


@dataclass(frozen=True, slots=True)
class _Hidden:
    """Names that must not be kept: whether a form (`bot.names`) is one, and the most words."""

    knows: Callable[[str], bool]
    longest: int


class Rights(Retaining):
    """The part of the store that keeps what people want of it."""

    async def counts(self, scope: Scope) -> Kept:
        """See `bot.ports.Store`."""
        scope_no = await self._scope_number(scope)
        bounds = scope_range(scope_no)
        passages = passage_range(scope_no)
        rows = await self._read().execute_fetchall(
            _COUNTS, {**bounds, "first": passages["low"], "last": passages["high"]}
        )
        readers = await self._read().execute_fetchall(
            "SELECT audience, count(*) AS held FROM memory WHERE id BETWEEN :low AND :high "
            "GROUP BY audience ORDER BY audience = 'space', audience <> 'private', audience",
            bounds,
        )
        row = next(iter(rows))
        return Kept(
            messages=row["messages"],
            replies=row["replies"],
            notes=row["notes"],
            memories=row["memories"],
            seen_by=tuple((parse_audience(one["audience"]), one["held"]) for one in readers),
            entities=row["entities"],
            summaries=row["summaries"],
            vectors=row["vectors"],
            since=None if row["since"] is None else moment(row["since"]),
        )

    # --- pausing

    async def pause(self, scope: Scope, name: str, now: datetime) -> bool:
        """See `bot.ports.Store`."""
        async with self._write() as db:
            cursor = await db.execute(
                "UPDATE scope SET paused_at = ? WHERE scope_no = ? AND paused_at IS NULL",
                (seconds(now), await scope_for(db, scope, name)),
            )
        return cursor.rowcount == 1

    async def resume(self, scope: Scope) -> bool:
        """See `bot.ports.Store`."""
        async with self._write() as db:
            cursor = await db.execute(
                "UPDATE scope SET paused_at = NULL WHERE scope_no = ? AND paused_at IS NOT NULL",
                (await scope_number(db, scope),),
            )
        return cursor.rowcount == 1

    async def paused(self, scope: Scope) -> bool:
        """See `bot.ports.Store`."""
        rows = await self._read().execute_fetchall(
            "SELECT paused_at IS NOT NULL AS paused FROM scope "
            "WHERE platform = ? AND space = ? AND user = ?",
            (scope.platform, scope.space, scope.user),
        )
        return any(row["paused"] for row in rows)

    async def overdue(self, now: datetime) -> list[Overdue]:
        """See `bot.ports.Store`."""
        rows = await self._read().execute_fetchall(
            """
            SELECT platform, space, user, json_group_array(message.id) AS ids FROM message
            JOIN scope ON scope.scope_no = message.id >> 24
            WHERE keep_until IS NOT NULL AND text IS NOT NULL AND keep_until <= ?
            GROUP BY scope_no
            """,
            (seconds(now),),
        )
        return [
            Overdue(
                Scope(row["platform"], row["space"], row["user"]),
                tuple(map(MessageId, json.loads(row["ids"]))),
            )
            for row in rows
        ]

    # --- opting out

    async def opted_out(self, scope: Scope) -> bool:
        """See `bot.ports.Store`."""
        rows = await self._read().execute_fetchall("SELECT mark FROM opt_out")
        held = {row["mark"] for row in rows}
        spaces = (scope.space, EVERYWHERE) if held else ()
        return any(person_mark(key, scope, one) in held for key in self._keys for one in spaces)

    async def opt_out(
        self, scopes: Sequence[Scope], speaker: str, now: datetime, *, everywhere: bool
    ) -> None:
        """See `bot.ports.Store`."""
        key, scope = self._keys[0], scopes[0]
        space = EVERYWHERE if everywhere else scope.space
        person = person_mark(key, scope, space)
        async with self._write() as db:
            await scope_for(db, scope, speaker)  # until all is erased: see `unfinished_opt_outs`
            names = {scope.user, speaker}
            for one in scopes:
                names |= await _names(db, await scope_number(db, one))
            marks = [
                mark(key, "words", scope.platform, space, str(words_of(name))) for name in names
            ]
            marks += [
                mark(key, "name", scope.platform, space, form)
                for name in names
                for form in name_forms(name)
            ]
            await db.execute(
                "INSERT OR IGNORE INTO opt_out (mark, since) VALUES (?, ?)", (person, seconds(now))
            )
            await db.executemany(
                "INSERT OR IGNORE INTO opt_out_name (mark, person) VALUES (?, ?)",
                [(one, person) for one in marks],
            )

    async def opt_in(self, scope: Scope, *, everywhere: bool) -> bool:
        """See `bot.ports.Store`."""
        spaces = (None, EVERYWHERE) if everywhere else (None,)
        ended = 0
        async with self._write() as db:
            for one in [person_mark(key, scope, space) for key in self._keys for space in spaces]:
                cursor = await db.execute("DELETE FROM opt_out WHERE mark = ?", (one,))
                ended += cursor.rowcount
        return ended > 0

    async def unfinished_opt_outs(self) -> list[Scope]:
        """See `bot.ports.Store`."""
        if not list(await self._read().execute_fetchall("SELECT 1 FROM opt_out LIMIT 1")):
            return []
        rows = await self._read().execute_fetchall("SELECT platform, space, user FROM scope")
        scopes = [Scope(row["platform"], row["space"], row["user"]) for row in rows]
        return [scope for scope in scopes if await self.opted_out(scope)]

    async def hide_names(self, scope: Scope, text: str) -> str:
        """See `bot.ports.Store`."""
        hidden = await self._hidden(scope.platform, scope.space)
        return text if hidden is None else hide(text, hidden.knows, hidden.longest)

    async def naming_opted_out(self, platform: str | None, space: str | None) -> list[Naming]:
        """See `bot.ports.Store`."""
        rows = list(
            await self._read().execute_fetchall(_TEXTS, {"platform": platform, "space": space})
        )
        places = {(row["platform"], row["space"]) for row in rows}
        known = {place: await self._hidden(*place) for place in places}
        found: dict[Scope, Naming] = {}
        for start in range(0, len(rows), READ_AT_ONCE):
            part = rows[start : start + READ_AT_ONCE]
            for row in await asyncio.to_thread(_naming, part, known):
                scope = Scope(row["platform"], row["space"], row["user"])
                so_far = found.setdefault(scope, Naming(scope, (), ()))
                if row["kind"] == "memory":
                    numbers = (*so_far.numbers, number_of(row["id"]))
                    found[scope] = replace(so_far, numbers=numbers)
                else:
                    messages = (*so_far.messages, MessageId(row["id"]))
                    found[scope] = replace(so_far, messages=messages)
        return list(found.values())

    async def _hidden(self, platform: str, space: str) -> _Hidden | None:
        """The names of who opted out of the space; None: nobody did."""
        rows = await self._read().execute_fetchall("SELECT mark FROM opt_out_name")
        held = {row["mark"] for row in rows}
        keys = self._keys
        where = (space, EVERYWHERE) if held else ()
        lengths = [
            length
            for length in range(LONGEST_WORDS + 1)
            for key in keys
            for one in where
            if mark(key, "words", platform, one, str(length)) in held
        ]

        @cache
        def known(form: str) -> bool:
            return any(
                mark(key, "name", platform, one, form) in held for key in keys for one in where
            )

        return _Hidden(known, max(lengths)) if lengths else None


def _naming(
    rows: Sequence[sqlite3.Row], known: Mapping[tuple[str, str], _Hidden | None]
) -> list[sqlite3.Row]:
    """The rows whose texts name somebody who opted out of their space."""
    return [
        row
        for row in rows
        if (hidden := known[row["platform"], row["space"]])
        and any(
            hidden.knows(form) for call in calls(row["text"], hidden.longest) for form in call.forms
        )
    ]


async def _names(db: aiosqlite.Connection, scope_no: int) -> set[str]:
    """What the person of a scope is and was called, by the platform and by themselves."""
    rows = await db.execute_fetchall(
        """
        SELECT name FROM scope WHERE scope_no = :scope
        UNION SELECT value FROM memory
        WHERE id BETWEEN :low AND :high AND entity_id IS NULL AND attribute = 'name'
        UNION SELECT value FROM memory_version
        WHERE memory_id BETWEEN :low AND :high AND entity_id IS NULL AND attribute = 'name'
        """,
        {"scope": scope_no, **scope_range(scope_no)},
    )
    return {row["name"] for row in rows if not row["name"].startswith(NOT)}
