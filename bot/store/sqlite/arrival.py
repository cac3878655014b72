"""What is about to come in, and which of it is here already."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import aiosqlite

from bot.portable import Forgotten, Portable, PortableMemory, PortableMessage, spread
from bot.store.sqlite.ledger import (
    Keys,
    find_buried,
    memory_mark,
    message_marks,
    wording_mark,
)
from bot.store.sqlite.rows import index, scope_number, scope_range, seconds, with_attribute
from bot.tokens import count_tokens
from bot.types import Conversation


@dataclass(frozen=True, slots=True)
class Indexed:
    """What is worked out of a text before the file is locked."""

    tokens: int
    terms: str
    traits: int


@dataclass(slots=True)
class Arrival:
    """An import under way. The four maps say in which rows its parts are, known ones and new ones.

    `scope_no` 0: nothing was known of the person. `known` and `left_out` are counts.
    """

    portable: Portable
    scope_no: int
    gone: Forgotten
    messages: dict[int, int] = field(default_factory=dict)
    turns: dict[int, int] = field(default_factory=dict)
    memories: dict[str, int] = field(default_factory=dict)
    summaries: dict[int, int] = field(default_factory=dict)
    new_messages: list[PortableMessage] = field(default_factory=list)
    new_memories: list[PortableMemory] = field(default_factory=list)
    known: int = 0
    left_out: int = 0

    @property
    def new_ids(self) -> set[int]:
        """The ids of the messages that are new here."""
        return {message.id for message in self.new_messages}

    @property
    def new_uids(self) -> set[str]:
        """The uids of the memories that are new here."""
        return {memory.uid for memory in self.new_memories}

    def conversation(self, key: str) -> Conversation:
        """The conversation of a key."""
        return Conversation(self.portable.scope.platform, self.portable.scope.space, key)


def index_all(portable: Portable) -> dict[int | str, Indexed]:
    """By id the messages with a text, by uid the memories: tokens, stems and traits."""
    found: dict[int | str, Indexed] = {}
    for message in portable.messages:
        if message.text is not None:
            said = (message.sent_at, message.speaker, message.text)
            found[message.id] = Indexed(count_tokens(message.text), *index(*said))
    for memory in portable.memories:
        text = with_attribute(memory.text, memory.slot.attribute if memory.slot else None)
        found[memory.uid] = Indexed(0, *index(memory.said_at, "", text))
    return found


async def sort_out(db: aiosqlite.Connection, keys: Keys, portable: Portable) -> Arrival:
    """What of it is new here, known, forgotten, or has no place here."""
    gone = await _find_forgotten(db, keys, portable)
    spread(portable, gone)
    arrival = Arrival(portable, await scope_number(db, portable.scope), gone)
    await _sort_messages(db, arrival)
    await _sort_memories(db, arrival)
    await _know_summaries(db, arrival)
    return arrival


async def _find_forgotten(db: aiosqlite.Connection, keys: Keys, portable: Portable) -> Forgotten:
    """What the ledger names."""
    scope = portable.scope
    messages: dict[bytes, int] = {}
    memories: dict[bytes, str] = {}
    for message in portable.messages:
        here = Conversation(scope.platform, scope.space, message.conversation)
        marks = message_marks(keys, here, message.event_id)
        if message.text is not None:
            marks += [wording_mark(key, here, message.event_id, message.text) for key in keys]
        messages |= dict.fromkeys(marks, message.id)
    for key in keys:
        memories |= {memory_mark(key, memory.uid): memory.uid for memory in portable.memories}
    buried = await find_buried(db, [*messages, *memories])
    return Forgotten(
        messages={messages[one] for one in buried if one in messages},
        memories={memories[one] for one in buried if one in memories},
    )


async def _sort_messages(db: aiosqlite.Connection, arrival: Arrival) -> None:
    """A message is the same by its conversation and event; a reply comes with what it answers."""
    said = arrival.portable.messages
    rows = await db.execute_fetchall(
        """
        SELECT json_extract(named.value, '$[2]') AS number, message.id, turn.turn_id
        FROM json_each(:named) AS named
        CROSS JOIN conversation ON conversation.platform = :platform
            AND conversation.space = :space AND conversation.key = json_extract(named.value, '$[0]')
        CROSS JOIN message ON message.conversation_no = conversation.conversation_no
            AND message.event_id = json_extract(named.value, '$[1]')
        LEFT JOIN turn ON turn.message_id = message.id
        """,
        {
            "named": json.dumps([(m.conversation, m.event_id, m.id) for m in said]),
            "platform": arrival.portable.scope.platform,
            "space": arrival.portable.scope.space,
        },
    )
    there = {row["number"]: row for row in rows}
    own = scope_range(arrival.scope_no)
    new: set[int] = set()
    for message in said:
        row = there.get(message.id)
        if message.id in arrival.gone.messages:
            continue
        if row is not None and own["low"] <= row["id"] <= own["high"]:
            arrival.known += 1
            arrival.messages[message.id] = row["id"]
            if message.turn is not None and row["turn_id"] is not None:
                arrival.turns[message.turn] = row["turn_id"]
        elif row is not None or not (message.reply_to is None or message.reply_to in new):
            arrival.left_out += 1
        else:
            new.add(message.id)
            arrival.new_messages.append(message)


async def _sort_memories(db: aiosqlite.Connection, arrival: Arrival) -> None:
    """A memory is the same by its uid, or by text and audience; absorbed, it is known too."""
    own = scope_range(arrival.scope_no)
    uids = json.dumps([memory.uid for memory in arrival.portable.memories])
    rows = await db.execute_fetchall(
        """
        SELECT uid, id FROM memory WHERE uid IN (SELECT value FROM json_each(:uids))
        UNION ALL
        SELECT uid, 0 FROM memory_absorbed WHERE uid IN (SELECT value FROM json_each(:uids))
        """,
        {"uids": uids},
    )
    by_uid = {row["uid"]: row["id"] for row in rows}
    rows = await db.execute_fetchall(
        "SELECT id, text, audience FROM memory WHERE id BETWEEN :low AND :high ORDER BY id", own
    )
    by_text = {(row["text"], row["audience"]): row["id"] for row in rows}
    for memory in arrival.portable.memories:
        says_so = by_text.get((memory.text, str(memory.audience)))
        identity = by_uid.get(memory.uid)
        if identity is None and memory.uid in arrival.gone.memories:
            continue
        if identity is None and says_so is None:
            arrival.new_memories.append(memory)
        elif identity and not own["low"] <= identity <= own["high"]:
            arrival.left_out += 1  # another person's memory has that name here
        else:
            arrival.known += 1
            arrival.gone.memories.discard(memory.uid)
            if row_id := identity or says_so:
                arrival.memories[memory.uid] = row_id


async def _know_summaries(db: aiosqlite.Connection, arrival: Arrival) -> None:
    for summary in arrival.portable.summaries:
        if summary.text is None or summary.id in arrival.gone.summaries:
            continue
        here = arrival.conversation(summary.conversation)
        rows = await db.execute_fetchall(
            """
            SELECT summary_id FROM summary JOIN conversation USING (conversation_no)
            WHERE platform = ? AND space = ? AND key = ? AND text = ? AND audience = ?
                AND created_at = ? AND (scope_no = ? OR audience <> 'private')
            """,
            (
                here.platform, here.space, here.key, summary.text, str(summary.audience),
                seconds(summary.made_at), arrival.scope_no,
            ),
        )  # fmt: skip
        for row in rows:
            arrival.known += summary.id not in arrival.summaries
            arrival.summaries[summary.id] = row["summary_id"]


async def take_numbers(
    db: aiosqlite.Connection, sql: str, scope_no: int, how_many: int
) -> Sequence[int]:
    """So many fresh numbers of a scope: `sql` adds to its counter and returns `last`."""
    rows: Iterable[aiosqlite.Row] = await db.execute_fetchall(sql, (how_many, scope_no))
    last = int(next(iter(rows))["last"])
    return range(last - how_many + 1, last + 1)
