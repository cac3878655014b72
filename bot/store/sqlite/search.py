"""Finding what could be recalled: by words, by meaning, by name."""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from bot.ports import PassageId, Survey
from bot.store.sqlite.channels import PLACES, SAID_THERE, told_there
from bot.store.sqlite.queries import ALL, FILTERED, NEAR_HEARD, SURVEY
from bot.store.sqlite.rows import (
    SCOPE_BITS,
    SEAT_BITS,
    memory_from,
    message_from,
    passage_range,
    scope_range,
)
from bot.store.sqlite.summaries import Summaries
from bot.store.sqlite.vectors import bits, int8
from bot.types import Audience, Conversation, Memory, Message, Scope

PREFILTER_ABOVE = 5_000
"""Passages in a scope from which on vectors are filtered by their signs first (storage.md)."""
NEAREST = 500
"""So many of the nearest are looked at then."""
OVERSAMPLING = 10
"""Signs first, ten times too many, then rescored: 0.999 of the true top ten (storage.md)."""
HEARD = 200
"""So many of the newest messages of other people in a conversation may lend score."""


class Search(Summaries):
    """The part of the store that finds. The law stands in every WHERE."""

    async def survey(
        self,
        scope: Scope,
        reader: Audience,
        terms: Sequence[str],
        names: Sequence[str],
        here: Conversation | None,
        *,
        shared: bool = True,
        channel: str | None = None,
    ) -> Survey:
        """See `bot.ports.Store`."""
        shared = shared and bool(scope.user) and channel is None  # else it is the scope itself
        rows = await self._read().execute_fetchall(  # one query: each is a hop to a thread
            SURVEY,
            {
                "terms": json.dumps([term.split() for term in dict.fromkeys(terms)]),
                "matches": json.dumps([_either(term) for term in dict.fromkeys(terms)]),
                "names": json.dumps(list(names)),
                "platform": here and here.platform,
                "space": here and here.space,
                "key": here and here.key,
                "seat_bits": SEAT_BITS,
                "scope_bits": SCOPE_BITS,
                "heard": HEARD,
                "reader": str(reader),
                "shared": shared,
                "places": await self._places(scope, channel),
                **_space_of(scope),
                **passage_range(await self._scope_number(scope)),
            },
        )
        survey = _survey(rows, len(dict.fromkeys(terms)))
        return replace(survey, shared=shared, channel=channel)

    async def nearest(
        self, survey: Survey, scope: Scope, reader: Audience, vector: Sequence[float]
    ) -> dict[PassageId, float]:
        """See `bot.ports.Store`."""
        if not self.driver.vectors or not any(vector):
            return {}
        wanted: dict[str, object] = {
            "vector": int8(vector),
            "model": self._model_no,
            "reader": str(reader),
            "shared": survey.shared,
            "among": None if survey.channel is None else str(list(survey.ids)),
            "scope_bits": SCOPE_BITS,
            **_space_of(scope),
            **passage_range(await self._scope_number(scope)),
        }
        if len(survey.ids) > PREFILTER_ABOVE:
            most = {"limit": NEAREST, "candidates": NEAREST * OVERSAMPLING}
            filtered = {**wanted, **most, "bits": bits(vector)}
            rows = list(await self._read().execute_fetchall(FILTERED, filtered))
        else:
            rows = list(await self._read().execute_fetchall(ALL, wanted))
        if not all(survey.own):
            heard = [i for i, own in zip(survey.ids, survey.own, strict=True) if not own]
            rows += await self._read().execute_fetchall(NEAR_HEARD, {**wanted, "heard": str(heard)})
        return {
            PassageId(identity): 1 - millionths / 1e6  # whole numbers are written and read faster
            for row in rows
            for identity, millionths in zip(*json.loads(row["held"]), strict=True)
        }

    async def candidates(
        self,
        scope: Scope,
        reader: Audience,
        ids: Sequence[PassageId],
        *,
        channel: str | None = None,
    ) -> dict[PassageId, Memory | Message]:
        """See `bot.ports.Store`."""
        places = await self._places(scope, channel)
        law = {
            "reader": str(reader),
            "places": places,
            **scope_range(await self._scope_number(scope)),
        }
        memories = [identity >> 1 for identity in ids if identity & 1]
        messages = [identity >> 1 for identity in ids if not identity & 1]
        found: dict[PassageId, Memory | Message] = {}
        for identity, memory in (await self._by_row(scope, reader, memories, places)).items():
            found[PassageId(identity * 2 + 1)] = memory
        if messages:
            rows = await self._read().execute_fetchall(
                f"""
                SELECT * FROM message
                WHERE id IN (SELECT value FROM json_each(:ids)) AND id BETWEEN :low AND :high
                    AND text IS NOT NULL AND {SAID_THERE}
                    AND (:reader = 'private' OR audience IN ('space', :reader))
                """,  # noqa: S608 (of constants)
                {"ids": str(messages), **law},
            )
            for row in rows:
                found[PassageId(row["id"] * 2)] = message_from(row)
        return found

    async def _places(self, scope: Scope, channel: str | None) -> str | None:
        """What the clauses of `channels` ask of: the conversations in a channel; None: anywhere."""
        if channel is None:
            return None
        where = {"platform": scope.platform, "space": scope.space, "channel": channel}
        rows = await self._read().execute_fetchall(PLACES, where)
        return str(next(iter(rows))["places"])

    async def _memories(
        self, scope: Scope, reader: Audience, ids: Sequence[int], places: str | None = None
    ) -> list[Memory]:
        return list((await self._by_row(scope, reader, ids, places)).values())

    async def _by_row(
        self, scope: Scope, reader: Audience, ids: Sequence[int], places: str | None = None
    ) -> dict[int, Memory]:
        """The memories in these rows, newest first: the scope's own and its space's."""
        if not ids:
            return {}
        rows = await self._read().execute_fetchall(
            f"""
            SELECT memory.*,
                memory.id >> :scope_bits = (SELECT scope_no FROM scope WHERE platform = :of_platform
                    AND space = :of_space AND user = '') AS shared,
                (SELECT name FROM entity_name WHERE memory_id = memory.id AND NOT alias) AS entity,
                (SELECT group_concat(message_id) FROM memory_source
                 WHERE memory_id = memory.id) AS sources,
                (SELECT count(DISTINCT sent_at / 86400) FROM memory_source
                 JOIN message ON message.id = message_id WHERE memory_id = memory.id
                     AND (:reader = 'private' OR message.audience IN ('space', :reader))) AS days,
                EXISTS (SELECT 1 FROM memory_source JOIN message ON message.id = message_id
                 WHERE memory_id = memory.id AND role = 'note'
                     AND (:reader = 'private' OR message.audience IN ('space', :reader))) AS noted,
                EXISTS (SELECT 1 FROM memory_source WHERE memory_id = memory.id
                    AND message_id NOT BETWEEN :low AND :high) AS quoted,
                (SELECT min(newer.valid_from) FROM supersession
                 JOIN memory AS newer ON newer.id = newer_id
                 WHERE older_id = memory.id AND {told_there("newer")}
                     AND (:reader = 'private' OR newer.audience IN ('space', :reader))) AS valid_to
            FROM memory
            WHERE memory.id IN (SELECT value FROM json_each(:ids))
                AND (memory.id BETWEEN :low AND :high OR (shared AND memory.audience = 'space'))
                AND (:reader = 'private' OR memory.audience IN ('space', :reader))
                AND {told_there("memory")}
            ORDER BY memory.id DESC
            """,  # noqa: S608 (of constants)
            {
                "ids": str(list(ids)),
                "places": places,
                "reader": str(reader),
                "scope_bits": SCOPE_BITS,
                **_space_of(scope),
                **scope_range(await self._scope_number(scope)),
            },
        )
        return {row["id"]: memory_from(row) for row in rows}


def _space_of(scope: Scope) -> dict[str, object]:
    """The names of the scope's platform and space in a query."""
    return {"of_platform": scope.platform, "of_space": scope.space}


def _either(term: str) -> str:
    """The expression of full text for a term: any of its forms, each as it stands."""
    return " OR ".join(f'"{form}"' for form in term.split())


def _survey(rows: Iterable[sqlite3.Row], terms: int) -> Survey:
    """What the rows of the query of `survey` say of so many terms."""
    columns: list[list[Any]] = [[], [], [], [], []]
    own: list[bool] = []
    words: list[list[PassageId]] = [[] for _ in range(terms)]
    entities: dict[PassageId, int] = {}
    named: frozenset[int] = frozenset()
    for row in rows:
        held = json.loads(row["held"])
        match row["found"]:
            case "all":
                for column, values in zip(columns, held, strict=True):
                    column += values
                own += [bool(row["own"])] * len(held[0])
            case "words":
                words[row["term"]] += held
            case "entities":
                entities = dict(zip(*held, strict=True))
            case _:
                named = frozenset(held)
    ids, seats, happened_at, traits, speakers = columns
    return Survey(ids, seats, happened_at, traits, speakers, own, words, entities, named)
