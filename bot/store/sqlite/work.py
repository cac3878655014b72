"""What waits to be done in the background."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import aiosqlite

from bot.ports import Batch, Health, NewMemory, Unindexed
from bot.store.sqlite.changes import changing
from bot.store.sqlite.keeping import Keeping
from bot.store.sqlite.memory_writes import add_memory, say_again
from bot.store.sqlite.rows import (
    memory_id,
    message_from,
    scope_number,
    seconds,
    with_attribute,
)
from bot.store.sqlite.vectors import bits, int8
from bot.store.sqlite.writes import add_usage
from bot.types import (
    Exchange,
    MemoryNumber,
    MessageId,
    Scope,
    TurnId,
    Usage,
    parse_audience,
)

BATCH_TURNS = 12


class Work(Keeping):
    """The part of the store that keeps the queue of consolidation and indexing."""

    async def due_batches(
        self, now: datetime, after_turns: int, idle_seconds: float, everything: bool
    ) -> list[Batch]:
        """See `bot.ports.Store`."""
        db = self._read()
        groups = await db.execute_fetchall(
            """
            SELECT audience, json_group_array(turn_id) AS turns,
                iif(reach = 'here', iif(instr(key, '/'), substr(key, 1, instr(key, '/') - 1), key),
                    NULL) AS channel
            FROM turn JOIN conversation USING (conversation_no)
            WHERE consolidated_at IS NULL AND finished_at IS NOT NULL
                AND (retry_at <= :now OR :everything)
            GROUP BY scope_no, audience, channel
            HAVING count(*) >= :after_turns OR max(urgent) OR max(attempts) > 0
                OR max(finished_at) <= :idle_since
            """,
            {
                "now": seconds(now),
                "everything": everything,
                "after_turns": after_turns,
                "idle_since": seconds(now - timedelta(seconds=idle_seconds)),
            },
        )
        batches = [
            (await self._batch(row["audience"], json.loads(row["turns"])), row["channel"])
            for row in groups
        ]
        return [replace(batch, channel=channel) for batch, channel in batches if batch is not None]

    async def _batch(self, audience: str, turns: list[int]) -> Batch | None:
        """The oldest turns of fewest attempts; the more attempts, the smaller the batch.

        None: they were all erased since they were found.
        """
        # before the rows: one between makes them stale
        erasures = await self._count_erasures(self._read()) + self._edits
        rows = list(
            await self._read().execute_fetchall(
                """
                SELECT turn.turn_id, turn.attempts, scope.platform, scope.space, scope.user,
                       scope.name, said.place, said.role AS kind,
                       said.id AS said_id, said.role AS said_role, said.speaker AS said_speaker,
                       coalesce(said.text, '') AS said_text, said.sent_at AS said_sent_at,
                       said.tokens AS said_tokens, said.audience AS said_audience,
                       reply.id AS reply_id, reply.role AS reply_role,
                       reply.speaker AS reply_speaker, reply.text AS reply_text,
                       reply.sent_at AS reply_sent_at, reply.tokens AS reply_tokens,
                       reply.audience AS reply_audience
                FROM turn
                JOIN scope ON scope.scope_no = turn.scope_no
                JOIN message AS said ON said.id = turn.message_id
                LEFT JOIN message AS reply ON reply.id = turn.reply_id AND reply.text IS NOT NULL
                WHERE turn_id IN (SELECT value FROM json_each(?)) AND turn.consolidated_at IS NULL
                ORDER BY turn.attempts, turn.turn_id LIMIT ?
                """,
                (str(turns), BATCH_TURNS),
            )
        )
        if not rows:
            return None
        attempts = rows[0]["attempts"]
        same = [row for row in rows if row["attempts"] == attempts]
        chosen = same[: max(1, BATCH_TURNS >> attempts)]
        return Batch(
            scope=Scope(rows[0]["platform"], rows[0]["space"], rows[0]["user"]),
            audience=parse_audience(audience),
            person=rows[0]["name"],
            turns=tuple(TurnId(row["turn_id"]) for row in chosen),
            exchanges=tuple(
                Exchange(
                    message_from(row, "said_"),
                    None if row["reply_id"] is None else message_from(row, "reply_"),
                )
                for row in chosen
            ),
            places=tuple(row["place"] for row in chosen),
            attempts=attempts,
            erasures=erasures,
        )

    async def apply(
        self,
        batch: Batch,
        new: Sequence[NewMemory],
        known: Sequence[tuple[MemoryNumber, tuple[MessageId, ...]]],
        extractor: str,
        usage: Usage,
        now: datetime,
    ) -> list[MemoryNumber]:
        """See `bot.ports.Store`."""
        added: list[MemoryNumber] = []
        async with self._write() as db:
            scope_no = await scope_number(db, batch.scope)
            await add_usage(db, scope_no, usage, now)
            shown = [number for number, _ in known]
            shown += [memory.adopts for memory in new if memory.adopts is not None]
            seen = await self._count_erasures(db) + self._edits
            if batch.erasures != seen or not await _whole(
                db, batch, [memory_id(scope_no, number) for number in shown]
            ):
                return []  # something was forgotten or done meanwhile: the next batch is right
            async with changing(db, scope_no, extractor, now):
                for memory in new:
                    added.append(await add_memory(db, scope_no, memory, extractor))  # noqa: PERF401
                for number, sources in known:
                    await say_again(db, memory_id(scope_no, number), sources)
            await db.executemany(
                "UPDATE turn SET consolidated_at = ?, extractor = ?, last_error = NULL "
                "WHERE turn_id = ?",
                [(seconds(now), extractor, turn) for turn in batch.turns],
            )
        return added

    async def postpone(self, batch: Batch, reason: str, retry_at: datetime) -> None:
        """See `bot.ports.Store`."""
        async with self._write() as db:
            await db.executemany(
                "UPDATE turn SET attempts = attempts + 1, retry_at = ?, last_error = ? "
                "WHERE turn_id = ? AND consolidated_at IS NULL",
                [(seconds(retry_at), reason, turn) for turn in batch.turns],
            )

    async def reconsider(self, extractor: str) -> int:
        """See `bot.ports.Store`."""
        async with self._write() as db:
            cursor = await db.execute(
                """
                UPDATE turn SET consolidated_at = NULL, extractor = NULL, attempts = 0, retry_at = 0
                WHERE extractor = ? AND EXISTS (
                    SELECT 1 FROM message WHERE id = turn.message_id AND text IS NOT NULL)
                """,
                (extractor,),
            )
        return cursor.rowcount

    async def use_vectors_of(self, name: str, dimension: int) -> None:
        """See `bot.ports.Store`."""
        async with self._write() as db:
            await db.execute(
                "INSERT INTO embedding_model (name, dimension) VALUES (?, ?) "
                "ON CONFLICT DO NOTHING",
                (name, dimension),
            )
            rows = await db.execute_fetchall(
                "SELECT model_no FROM embedding_model WHERE name = ? AND dimension = ?",
                (name, dimension),
            )
        self._model_no = int(next(iter(rows))["model_no"])
        self._dimension = dimension

    async def unindexed(self, limit: int) -> list[Unindexed]:
        """See `bot.ports.Store`."""
        if self._model_no is None:
            return []
        self._edits_seen = self._edits  # before the rows, too
        rows = await self._read().execute_fetchall(
            """
            SELECT passage.id,
                   coalesce(memory.text, message.text) AS text, memory.attribute
            FROM passage
            LEFT JOIN memory ON memory.id = passage.id >> 1 AND passage.id & 1
            LEFT JOIN message ON message.id = passage.id >> 1 AND NOT passage.id & 1
            WHERE model_no < :model OR model_no > :model LIMIT :limit
            """,
            {"model": self._model_no, "limit": limit},
        )
        return [Unindexed(row["id"], with_attribute(row["text"], row["attribute"])) for row in rows]

    async def add_vectors(self, vectors: Sequence[tuple[int, Sequence[float]]]) -> None:
        """See `bot.ports.Store`."""
        if any(len(vector) != self._dimension for _, vector in vectors):
            raise ValueError(f"vectors must have {self._dimension} dimensions")
        async with self._write() as db:
            if self._edits_seen != self._edits:
                return  # one of the texts may be another by now
            await db.executemany(
                "DELETE FROM passage_vector WHERE id = ?", [(identity,) for identity, _ in vectors]
            )
            await db.executemany(
                """
                INSERT INTO passage_vector (id, model_no, embedding, bits)
                SELECT id, ?, ?, ? FROM passage WHERE id = ?
                """,
                [
                    (self._model_no, int8(vector), bits(vector), identity)
                    for identity, vector in vectors
                    if any(vector)
                ],
            )
            await db.executemany(
                "UPDATE passage SET model_no = ? WHERE id = ?",
                [(self._model_no, identity) for identity, _ in vectors],
            )

    async def tokens_today(self, scope: Scope, now: datetime) -> int:
        """See `bot.ports.Store`."""
        db = self._read()
        rows = await db.execute_fetchall(
            "SELECT tokens_in + tokens_out AS tokens FROM usage WHERE scope_no = ? AND day = ?",
            (await self._scope_number(scope), f"{now:%Y-%m-%d}"),
        )
        return next((int(row["tokens"]) for row in rows), 0)

    async def notice_once(self, scope: Scope, notice: str) -> bool:
        """See `bot.ports.Store`."""
        async with self._write() as db:
            cursor = await db.execute(
                "INSERT INTO notice (scope_no, name) "
                "SELECT scope_no, ? FROM scope WHERE scope_no = ? ON CONFLICT DO NOTHING",
                (notice, await scope_number(db, scope)),
            )
        return cursor.rowcount == 1

    async def health(self) -> Health:
        """See `bot.ports.Store`."""
        rows = await self._read().execute_fetchall(
            """
            SELECT (SELECT count(*) FROM scope) AS scopes,
                (SELECT count(*) FROM message WHERE text IS NOT NULL) AS messages,
                (SELECT count(*) FROM memory) AS memories,
                (SELECT count(*) FROM passage) AS passages,
                (SELECT count(*) FROM passage WHERE model_no = ?) AS indexed,
                (SELECT count(*) FROM turn WHERE finished_at IS NULL) AS unanswered,
                (SELECT count(*) FROM turn WHERE consolidated_at IS NULL
                     AND finished_at IS NOT NULL) AS unconsolidated,
                (SELECT count(*) FROM turn WHERE consolidated_at IS NULL AND attempts > 0)
                    AS failing,
                (SELECT coalesce(sum(calls), 0) FROM usage) AS calls,
                (SELECT coalesce(sum(tool_rounds), 0) FROM usage) AS tool_rounds,
                (SELECT coalesce(sum(tool_calls), 0) FROM usage) AS tool_calls,
                (SELECT last_error FROM turn WHERE consolidated_at IS NULL AND attempts > 0
                     ORDER BY retry_at DESC LIMIT 1) AS last_error
            """,
            (self._model_no,),
        )
        row = next(iter(rows))
        return Health(**{name: row[name] for name in row.keys()})  # noqa: SIM118 (a Row is no mapping)


async def _whole(db: aiosqlite.Connection, batch: Batch, memories: Sequence[int]) -> bool:
    """Whether the batch's messages and these memories are as they were when it was made."""
    rows = await db.execute_fetchall(
        """
        SELECT turn_id, coalesce(text, '') AS text FROM turn
        JOIN message ON message.id = turn.message_id
        WHERE turn_id IN (SELECT value FROM json_each(?)) AND consolidated_at IS NULL
        """,
        (str(list(batch.turns)),),
    )
    said = {turn: e.said.text for turn, e in zip(batch.turns, batch.exchanges, strict=True)}
    kept = await db.execute_fetchall(
        "SELECT id FROM memory WHERE id IN (SELECT value FROM json_each(?))", (str(list(memories)),)
    )
    return {row["turn_id"]: row["text"] for row in rows} == said and len(list(kept)) == len(
        set(memories)
    )
