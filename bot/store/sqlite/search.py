"""Finding what could be recalled: by words, by meaning, by name."""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

from bot.ports import PassageId, Survey
from bot.store.sqlite.rows import (
    SEAT_BITS,
    memory_from,
    memory_id,
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
    ) -> Survey:
        """See `bot.ports.Store`."""
        rows = await self._read().execute_fetchall(  # one query: each is a hop to a thread
            _SURVEY,
            {
                "terms": json.dumps([term.split() for term in dict.fromkeys(terms)]),
                "matches": json.dumps([_either(term) for term in dict.fromkeys(terms)]),
                "names": json.dumps(list(names)),
                "platform": here and here.platform,
                "space": here and here.space,
                "key": here and here.key,
                "seat_bits": SEAT_BITS,
                "heard": HEARD,
                "reader": str(reader),
                **passage_range(await self._scope_number(scope)),
            },
        )
        return _survey(rows, len(dict.fromkeys(terms)))

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
            **passage_range(await self._scope_number(scope)),
        }
        if len(survey.ids) > PREFILTER_ABOVE:
            most = {"limit": NEAREST, "candidates": NEAREST * OVERSAMPLING}
            filtered = {**wanted, **most, "bits": bits(vector)}
            rows = list(await self._read().execute_fetchall(_FILTERED, filtered))
        else:
            rows = list(await self._read().execute_fetchall(_ALL, wanted))
        if not all(survey.own):
            heard = [i for i, own in zip(survey.ids, survey.own, strict=True) if not own]
            rows += await self._read().execute_fetchall(_HEARD, {**wanted, "heard": str(heard)})
        return {
            PassageId(identity): 1 - millionths / 1e6  # whole numbers are written and read faster
            for row in rows
            for identity, millionths in zip(*json.loads(row["held"]), strict=True)
        }

    async def candidates(
        self, scope: Scope, reader: Audience, ids: Sequence[PassageId]
    ) -> dict[PassageId, Memory | Message]:
        """See `bot.ports.Store`."""
        scope_no = await self._scope_number(scope)
        law = {"reader": str(reader), **scope_range(scope_no)}
        memories = [identity >> 1 for identity in ids if identity & 1]
        messages = [identity >> 1 for identity in ids if not identity & 1]
        found: dict[PassageId, Memory | Message] = {}
        for memory in await self._memories(scope, reader, memories):
            found[PassageId(memory_id(scope_no, memory.number) * 2 + 1)] = memory
        if messages:
            rows = await self._read().execute_fetchall(
                """
                SELECT * FROM message
                WHERE id IN (SELECT value FROM json_each(:ids)) AND id BETWEEN :low AND :high
                    AND text IS NOT NULL
                    AND (:reader = 'private' OR audience IN ('space', :reader))
                """,
                {"ids": str(messages), **law},
            )
            for row in rows:
                found[PassageId(row["id"] * 2)] = message_from(row)
        return found

    async def _memories(self, scope: Scope, reader: Audience, ids: Sequence[int]) -> list[Memory]:
        if not ids:
            return []
        rows = await self._read().execute_fetchall(
            """
            SELECT memory.*,
                (SELECT name FROM entity_name WHERE memory_id = memory.id AND NOT alias) AS entity,
                (SELECT group_concat(message_id) FROM memory_source
                 WHERE memory_id = memory.id) AS sources,
                (SELECT count(DISTINCT sent_at / 86400) FROM memory_source
                 JOIN message ON message.id = message_id WHERE memory_id = memory.id
                     AND (:reader = 'private' OR message.audience IN ('space', :reader))) AS days,
                EXISTS (SELECT 1 FROM memory_source JOIN message ON message.id = message_id
                 WHERE memory_id = memory.id AND role = 'note'
                     AND (:reader = 'private' OR message.audience IN ('space', :reader))) AS noted,
                (SELECT min(newer.valid_from) FROM supersession
                 JOIN memory AS newer ON newer.id = newer_id
                 WHERE older_id = memory.id
                     AND (:reader = 'private' OR newer.audience IN ('space', :reader))) AS valid_to
            FROM memory
            WHERE memory.id IN (SELECT value FROM json_each(:ids))
                AND memory.id BETWEEN :low AND :high
                AND (:reader = 'private' OR memory.audience IN ('space', :reader))
            ORDER BY memory.id DESC
            """,
            {
                "ids": str(list(ids)),
                "reader": str(reader),
                **scope_range(await self._scope_number(scope)),
            },
        )
        return [memory_from(row) for row in rows]


_SURVEY = """
    WITH heard AS MATERIALIZED (
        SELECT passage.* FROM conversation CROSS JOIN passage
        WHERE conversation.platform = :platform AND conversation.space = :space
            AND conversation.key = :key
            AND seat BETWEEN conversation_no << :seat_bits
                AND (conversation_no + 1 << :seat_bits) - 1
            AND NOT passage.id BETWEEN :low AND :high
            AND (audience = 'space' OR (:reader <> 'private' AND audience = :reader))
        ORDER BY seat DESC LIMIT :heard)
    SELECT 'all' AS found, NULL AS term, 1 AS own, json_array(
        json_group_array(id), json_group_array(coalesce(seat, 0)),
        json_group_array(CASE WHEN id & 1
            THEN (SELECT valid_from FROM memory WHERE memory.id = passage.id >> 1)
            ELSE said_at END),
        json_group_array(traits), json_group_array(speaker)) AS held
    FROM passage
    WHERE id BETWEEN :low AND :high
        AND (:reader = 'private' OR audience IN ('space', :reader))
    UNION ALL
    SELECT 'all', NULL, 0, json_array(
        json_group_array(id), json_group_array(seat), json_group_array(said_at),
        json_group_array(traits), json_group_array(speaker))
    FROM heard
    UNION ALL
    SELECT 'words', term.key, 1, json_group_array(passage_fts.rowid)
    FROM json_each(:matches) AS term CROSS JOIN passage_fts
    WHERE passage_fts MATCH term.value
        AND passage_fts.rowid BETWEEN :low AND :high
        AND (:reader = 'private' OR EXISTS (
            SELECT 1 FROM passage WHERE passage.id = passage_fts.rowid
                AND audience IN ('space', :reader)))
    GROUP BY term.key
    UNION ALL
    SELECT 'words', term.key, 0, json_group_array(heard.id)
    FROM json_each(:terms) AS term JOIN heard ON EXISTS (
        SELECT 1 FROM json_each(term.value) AS form
        WHERE instr(' ' || heard.terms || ' ', ' ' || form.value || ' '))
    GROUP BY term.key
    UNION ALL
    SELECT 'entities', NULL, 1,
        json_array(json_group_array(id * 2 + 1), json_group_array(entity_id))
    FROM memory
    WHERE entity_id BETWEEN :low >> 1 AND :high >> 1
        AND (:reader = 'private' OR audience IN ('space', :reader))
    UNION ALL
    SELECT 'named', NULL, 1, json_group_array(entity_name.entity_id) FROM entity_name
    JOIN memory AS namer ON namer.id = entity_name.memory_id
        AND (:reader = 'private' OR namer.audience IN ('space', :reader))
    WHERE EXISTS (SELECT 1 FROM entity WHERE id BETWEEN :low >> 1 AND :high >> 1)
        AND entity_name.folded IN (SELECT value FROM json_each(:names))
        AND entity_name.entity_id BETWEEN :low >> 1 AND :high >> 1
    """
_ALL = """
    SELECT json_array(json_group_array(id), json_group_array(CAST(
        1e6 * vec_distance_cosine(vec_int8(embedding), vec_int8(:vector)) AS INTEGER))) AS held
    FROM passage_vector
    WHERE id BETWEEN :low AND :high AND model_no = :model
        AND (:reader = 'private' OR EXISTS (
            SELECT 1 FROM passage WHERE passage.id = passage_vector.id
                AND audience IN ('space', :reader)))
    """
_FILTERED = """
    SELECT json_array(
        json_group_array(id), json_group_array(CAST(1e6 * distance AS INTEGER))) AS held FROM (
        SELECT id, vec_distance_cosine(vec_int8(embedding), vec_int8(:vector)) AS distance
        FROM (SELECT id, embedding FROM passage_vector
              WHERE id BETWEEN :low AND :high AND model_no = :model
                  AND (:reader = 'private' OR EXISTS (
                      SELECT 1 FROM passage WHERE passage.id = passage_vector.id
                          AND audience IN ('space', :reader)))
              ORDER BY vec_distance_hamming(vec_bit(bits), vec_bit(:bits))
              LIMIT :candidates)
        ORDER BY distance LIMIT :limit)
    """


_HEARD = """
    SELECT json_array(json_group_array(passage_vector.id), json_group_array(CAST(
        1e6 * vec_distance_cosine(vec_int8(embedding), vec_int8(:vector)) AS INTEGER))) AS held
    FROM passage_vector JOIN passage ON passage.id = passage_vector.id
    WHERE passage.id IN (SELECT value FROM json_each(:heard)) AND passage_vector.model_no = :model
        AND (audience = 'space' OR (:reader <> 'private' AND audience = :reader))
    """


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
