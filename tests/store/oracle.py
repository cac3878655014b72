"""What an erasure must take, worked out from the rows in plain sets, sharing no code with Ellie."""

import json
from dataclasses import dataclass, field
from typing import Any

from bot.store.sqlite.erasure import SqliteStore

BITS = 24


@dataclass
class State:
    """The rows that hold texts, and what ties them together."""

    messages: dict[int, str | None] = field(default_factory=dict)
    notes: set[int] = field(default_factory=set)
    edits: set[int] = field(default_factory=set)
    memories: dict[int, str] = field(default_factory=dict)
    sources: set[tuple[int, int]] = field(default_factory=set)
    versions: list[tuple[int, str]] = field(default_factory=list)
    absorbed: list[tuple[str, frozenset[int]]] = field(default_factory=list)
    summaries: dict[int, tuple[str, int | None]] = field(default_factory=dict)
    covers: set[tuple[int, int]] = field(default_factory=set)
    turns: list[dict[str, Any]] = field(default_factory=list)
    held: set[tuple[int, str, int]] = field(default_factory=set)
    waiting: list[str] = field(default_factory=list)
    vectors: dict[int, tuple[bytes, bytes]] = field(default_factory=dict)

    def texts(self) -> list[str]:
        """Every text that is kept."""
        return [
            *(text for text in self.messages.values() if text is not None),
            *self.memories.values(),
            *(text for _, text in self.versions),
            *(text for text, _ in self.absorbed),
            *(text for text, _ in self.summaries.values()),
            *self.waiting,
        ]


async def look(store: SqliteStore) -> State:
    """The state of a store's file."""

    async def rows(sql: str) -> list[dict[str, Any]]:
        return [dict(row) for row in await store._read().execute_fetchall(sql)]

    state = State()
    for row in await rows("SELECT id, text, role, event_id FROM message"):
        state.messages[row["id"]] = row["text"]
        if row["role"] == "note":
            state.notes.add(row["id"])
        if row["event_id"].startswith("edit:"):
            state.edits.add(row["id"])
    for row in await rows("SELECT id, text FROM memory"):
        state.memories[row["id"]] = row["text"]
    for row in await rows("SELECT memory_id, message_id FROM memory_source"):
        state.sources.add((row["memory_id"], row["message_id"]))
    for row in await rows("SELECT memory_id, text FROM memory_version"):
        state.versions.append((row["memory_id"], row["text"]))
    for row in await rows("SELECT text, sources FROM memory_absorbed"):
        said = frozenset(message for message, _ in json.loads(row["sources"]))
        state.absorbed.append((row["text"], said))
    for row in await rows("SELECT summary_id, text, previous_id FROM summary"):
        state.summaries[row["summary_id"]] = (row["text"], row["previous_id"])
    for row in await rows("SELECT summary_id, message_id FROM summary_message"):
        state.covers.add((row["summary_id"], row["message_id"]))
    state.turns = await rows("SELECT * FROM turn ORDER BY turn_id")
    for row in await rows("SELECT turn_id, memory_id AS id FROM turn_memory"):
        state.held.add((row["turn_id"], "memory", row["id"]))
    for row in await rows("SELECT turn_id, message_id AS id FROM turn_message"):
        state.held.add((row["turn_id"], "message", row["id"]))
    for row in await rows("SELECT payload FROM inbox WHERE payload IS NOT NULL"):
        state.waiting.append(row["payload"])
    for row in await rows("SELECT id, embedding, bits FROM passage_vector"):
        state.vectors[row["id"]] = (row["embedding"], row["bits"])
    return state


@dataclass
class Doomed:
    """What must go: ids."""

    named: set[int] = field(default_factory=set)
    unsaid: set[int] = field(default_factory=set)
    memories: set[int] = field(default_factory=set)
    messages: set[int] = field(default_factory=set)
    summaries: set[int] = field(default_factory=set)

    def size(self) -> int:
        """Grows as long as something is added."""
        parts = (self.unsaid, self.memories, self.messages, self.summaries)
        return sum(map(len, parts))


def whose(identity: int) -> int:
    """The scope of a message or a memory."""
    return identity >> BITS


def doom(
    state: State, memories: set[int], messages: set[int], scopes: set[int] | None = None
) -> Doomed:
    """All that goes with these memories, these messages, and these scopes."""
    scopes = scopes or set()
    doomed = Doomed(named=set(memories), unsaid=set(messages))
    doomed.named |= {one for one in state.memories if whose(one) in scopes}
    doomed.messages |= {one for one in state.messages if whose(one) in scopes}
    before = -1
    while before != doomed.size():
        before = doomed.size()
        doomed.memories |= doomed.named
        doomed.messages |= doomed.unsaid
        _follow_sources(state, doomed)
        for summary, (_, previous) in state.summaries.items():
            if previous in doomed.summaries or any(
                (summary, message) in state.covers for message in doomed.messages
            ):
                doomed.summaries.add(summary)
        for turn in state.turns:
            if turn["reply_id"] is not None and _held(state, doomed, turn):
                doomed.messages.add(turn["reply_id"])
    return doomed


def _follow_sources(state: State, doomed: Doomed) -> None:
    said = {turn["message_id"] for turn in state.turns}
    for memory, message in state.sources:
        foreign = whose(memory) != whose(message)
        noted_on = {n for n, m in state.sources if m == message}
        overheard = message not in said and noted_on <= doomed.memories
        if memory in doomed.named and (not foreign or overheard):
            doomed.messages.add(message)
        if foreign and message in doomed.messages:
            doomed.memories.add(memory)
        if message in doomed.unsaid:
            said_in = {m for n, m in state.sources if n == memory}
            left = {m for m in said_in - doomed.messages if state.messages[m] is not None}
            newest_edit = max(said_in & state.edits, default=None)
            if not left or newest_edit == message:
                doomed.memories.add(memory)


def _held(state: State, doomed: Doomed, turn: dict[str, Any]) -> bool:
    """Whether a turn's prompt held something that goes."""
    if turn["message_id"] in doomed.messages or turn["summary_id"] in doomed.summaries:
        return True
    for number, kind, identity in state.held:
        gone = doomed.memories if kind == "memory" else doomed.messages
        if number == turn["turn_id"] and identity in gone:
            return True
    return turn["history_from"] is not None and any(
        turn["history_from"] <= other["turn_id"] < turn["turn_id"]
        and other["conversation_no"] == turn["conversation_no"]
        and {other["message_id"], other["reply_id"]} & doomed.messages
        for other in state.turns
    )
