"""Finding what could be recalled: by words, by meaning, by name."""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import replace

from bot.ports import Matches, PassageId
from bot.store.sqlite.rows import (
    memory_from,
    memory_id,
    message_from,
    passage_range,
    scope_range,
)
from bot.store.sqlite.summaries import Summaries
from bot.store.sqlite.vectors import bits, int8
from bot.types import Audience, Memory, Message, Scope

PREFILTER_ABOVE = 5_000
"""Passages in a scope from which on vectors are filtered by their signs first (storage.md)."""
OVERSAMPLING = 10
"""Signs first, ten times too many, then rescored: 0.999 of the true top ten (storage.md)."""
MOST_NAMED = 200
"""So many memories of the entities that a question names are looked at, the newest."""


class Search(Summaries):
    """The part of the store that finds. The law stands in every WHERE."""

    async def search(
        self,
        scope: Scope,
        reader: Audience,
        terms: Sequence[str],
        names: Sequence[str],
        vector: Sequence[float] | None,
        limit: int,
    ) -> Matches:
        """See `bot.ports.Store`."""
        scope_no = await self._scope_number(scope)
        law: dict[str, object] = {"reader": str(reader), **passage_range(scope_no)}
        rows = await self._read().execute_fetchall(  # one query: each is a hop to a thread
            """
            SELECT 'all' AS found, count(*) AS id, coalesce(avg(length), 0.0) AS held, 0 AS term
            FROM passage
            WHERE id BETWEEN :low AND :high
                AND (:reader = 'private' OR audience IN ('space', :reader))
            UNION ALL
            SELECT 'words', NULL,
                json_array(json_group_array(passage.id), json_group_array(length)), term.key
            FROM json_each(:terms) AS term CROSS JOIN passage_fts
            JOIN passage ON passage.id = passage_fts.rowid
            WHERE passage_fts MATCH term.value AND passage_fts.rowid BETWEEN :low AND :high
                AND (:reader = 'private' OR passage.audience IN ('space', :reader))
            GROUP BY term.key
            UNION ALL
            SELECT 'named', id, NULL, 0 FROM (
                SELECT DISTINCT memory.id * 2 + 1 AS id FROM entity_name
                JOIN memory AS namer ON namer.id = entity_name.memory_id
                    AND (:reader = 'private' OR namer.audience IN ('space', :reader))
                JOIN memory ON memory.entity_id = entity_name.entity_id
                    AND (:reader = 'private' OR memory.audience IN ('space', :reader))
                WHERE entity_name.folded IN (SELECT value FROM json_each(:names))
                    AND entity_name.entity_id BETWEEN :low >> 1 AND :high >> 1
                ORDER BY memory.id DESC LIMIT :most_named)
            """,
            {
                "terms": json.dumps([f'"{term}"' for term in dict.fromkeys(terms)]),
                "names": json.dumps(list(names)),
                "most_named": MOST_NAMED,
                **law,
            },
        )
        found = _matches(rows)
        return replace(found, meanings=await self._nearest(law, vector, limit, found.documents))

    async def _nearest(
        self,
        law: dict[str, object],
        vector: Sequence[float] | None,
        limit: int,
        documents: int,
    ) -> dict[PassageId, float]:
        """Cosines of the nearest passages, by the current model only; nothing without vectors."""
        if vector is None or self._model_no is None or not self.driver.vectors or not any(vector):
            return {}
        wanted = {**law, "vector": int8(vector), "model": self._model_no, "limit": limit}
        if documents <= PREFILTER_ABOVE:
            found = await self._read().execute_fetchall(
                """
                SELECT id, vec_distance_cosine(vec_int8(embedding), vec_int8(:vector)) AS distance
                FROM passage_vector
                WHERE id BETWEEN :low AND :high AND model_no = :model
                    AND (:reader = 'private' OR EXISTS (
                        SELECT 1 FROM passage WHERE passage.id = passage_vector.id
                            AND audience IN ('space', :reader)))
                ORDER BY distance NULLS LAST LIMIT :limit
                """,
                wanted,
            )
        else:
            found = await self._read().execute_fetchall(
                """
                SELECT id, vec_distance_cosine(vec_int8(embedding), vec_int8(:vector)) AS distance
                FROM (SELECT id, embedding FROM passage_vector
                      WHERE id BETWEEN :low AND :high AND model_no = :model
                          AND (:reader = 'private' OR EXISTS (
                              SELECT 1 FROM passage WHERE passage.id = passage_vector.id
                                  AND audience IN ('space', :reader)))
                      ORDER BY vec_distance_hamming(vec_bit(bits), vec_bit(:bits))
                      LIMIT :limit * :oversampling)
                ORDER BY distance NULLS LAST LIMIT :limit
                """,
                {**wanted, "bits": bits(vector), "oversampling": OVERSAMPLING},
            )
        return {
            PassageId(row["id"]): 1 - row["distance"]
            for row in found
            if row["distance"] is not None
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
                    AND role = 'person' AND text IS NOT NULL
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


def _matches(rows: Iterable[sqlite3.Row]) -> Matches:
    """What the rows of the query of `search` say; nothing found by meaning yet."""
    words = []
    named = set()
    documents, mean_length = 0, 0.0
    for row in rows:
        match row["found"]:
            case "all":
                documents, mean_length = row["id"], row["held"]
            case "words":
                words.append(dict(zip(*json.loads(row["held"]), strict=True)))
            case _:
                named.add(PassageId(row["id"]))
    return Matches(tuple(words), {}, frozenset(named), documents, mean_length)
