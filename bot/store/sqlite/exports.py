"""What leaves the file about one person, read inside a transaction."""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import replace

import aiosqlite

from bot.portable import (
    Portable,
    PortableConversation,
    PortableEntity,
    PortableMemory,
    PortableMessage,
    PortableSummary,
    PortableVersion,
    PromptHeld,
)
from bot.store.sqlite.others import Numbers, Tainted, find_tainted
from bot.store.sqlite.rows import moment, number_of, scope_range
from bot.types import Scope, Slot, parse_audience

Rows = Iterable[sqlite3.Row]


async def read_portable(db: aiosqlite.Connection, scope: Scope) -> Portable | None:
    """See `Store.portable`."""
    rows = await db.execute_fetchall(
        "SELECT scope_no, name FROM scope WHERE platform = ? AND space = ? AND user = ?",
        (scope.platform, scope.space, scope.user),
    )
    for row in rows:
        bounds = {"scope_no": row["scope_no"], **scope_range(row["scope_no"])}
        said = list(await db.execute_fetchall(_MESSAGES, bounds))
        known = list(await db.execute_fetchall(_MEMORIES, bounds))
        if not said and not known:
            return None
        folded = list(await db.execute_fetchall(_SUMMARIES, bounds))
        versions = await db.execute_fetchall(_VERSIONS, bounds)
        numbers = _number(said, known, folded)
        tainted = find_tainted(said, folded, numbers)
        entities = _entities(known)
        return Portable(
            scope=scope,
            name=row["name"],
            conversations=_conversations(said, numbers),
            messages=tuple(_message(one, numbers, tainted) for one in said),
            memories=_memories(known, versions, numbers, entities),
            entities=tuple(entities.values()),
            summaries=tuple(_summary(one, said, numbers, tainted) for one in folded),
        )
    return None


def _number(said: Rows, known: Rows, folded: Rows) -> Numbers:
    numbers = Numbers()
    for number, row in enumerate(said, 1):
        numbers.messages[row["id"]] = number
        if row["turn_id"] is not None:
            numbers.turns.setdefault(row["turn_id"], len(numbers.turns) + 1)
    numbers.summaries = {row["summary_id"]: at for at, row in enumerate(folded, 1)}
    numbers.uids = {row["id"]: row["uid"] for row in known}
    return numbers


def _conversations(said: Rows, numbers: Numbers) -> tuple[PortableConversation, ...]:
    turns: dict[tuple[str, int], set[int]] = {}
    for row in said:
        here = turns.setdefault((row["key"], row["fresh_from"]), set())
        here |= {row["turn_id"]} - {None}
    return tuple(
        PortableConversation(key, numbers.turn_up_to(here, fresh_from))
        for (key, fresh_from), here in turns.items()
    )


def _message(row: sqlite3.Row, numbers: Numbers, tainted: Tainted) -> PortableMessage:
    reply = row["reply_to"] is not None
    turn = None if row["turn_id"] is None else numbers.turns[row["turn_id"]]
    held = None
    if reply:
        here = json.loads(row["turns_held"])
        memories = json.loads(row["memories_held"])
        held = PromptHeld(
            memories=tuple(numbers.uids[one] for one in sorted(memories) if one in numbers.uids),
            messages=numbers.message_ids(row["messages_held"]),
            summary=numbers.summaries.get(row["summary_id"]),
            history_from=min((numbers.turns[t] for t in here if t in numbers.turns), default=None),
            others=row["id"] in tainted.replies,
        )
    return PortableMessage(
        id=numbers.messages[row["id"]],
        conversation=row["key"],
        event_id=row["event_id"],
        role=row["role"],
        speaker=row["speaker"],
        text=None if row["id"] in tainted.replies else row["text"],
        audience=parse_audience(row["audience"]),
        place=row["place"],
        sent_at=moment(row["sent_at"]),
        turn=None if reply else turn,
        reply_to=numbers.messages[row["reply_to"]] if reply else None,
        held=held,
    )


def _slot(row: sqlite3.Row) -> Slot | None:
    if row["attribute"] is None or (row["entity_id"] is not None and row["entity"] is None):
        return None  # what has lost its name is not the person's own
    return Slot(row["entity"], row["attribute"], row["value"], bool(row["exclusive"]))


def _entities(known: Rows) -> dict[int, PortableEntity]:
    """entity's row → what it is called, in the order in which memories speak of them."""
    found: dict[int, PortableEntity] = {}
    for row in known:
        if row["entity_id"] is None or row["entity"] is None:
            continue
        entity = found.get(
            row["entity_id"], PortableEntity(len(found) + 1, row["kind"], row["entity"], (), ())
        )
        names = (*entity.aliases, row["entity"], *json.loads(row["aliases"]))
        found[row["entity_id"]] = replace(
            entity,
            aliases=tuple(dict.fromkeys(name for name in names if name != entity.name)),
            memories=(*entity.memories, row["uid"]),
        )
    return found


def _memories(
    known: Rows, versions: Rows, numbers: Numbers, entities: Mapping[int, PortableEntity]
) -> tuple[PortableMemory, ...]:
    were: dict[int, list[PortableVersion]] = {}
    for row in versions:
        version = PortableVersion(
            text=row["text"],
            audience=parse_audience(row["audience"]),
            place=row["place"],
            valid_from=moment(row["valid_from"]),
            slot=_slot(row),
            author=row["author"],
            replaced_at=moment(row["replaced_at"]),
        )
        were.setdefault(row["memory_id"], []).append(version)
    return tuple(
        PortableMemory(
            uid=row["uid"],
            number=number_of(row["id"]),
            text=row["text"],
            audience=parse_audience(row["audience"]),
            place=row["place"],
            said_at=moment(row["said_at"]),
            valid_from=moment(row["valid_from"]),
            valid_to=None if row["valid_to"] is None else moment(row["valid_to"]),
            slot=_slot(row),
            entity=entities[row["entity_id"]].id if row["entity_id"] in entities else None,
            aliases=tuple(json.loads(row["aliases"])),
            extractor=row["extractor"],
            sources=numbers.message_ids(row["sources"]),
            versions=tuple(were.get(row["id"], ())),
            closed_by=tuple(numbers.uids[one] for one in json.loads(row["closed_by"])),
        )
        for row in known
    )


def _summary(row: sqlite3.Row, said: Rows, numbers: Numbers, tainted: Tainted) -> PortableSummary:
    others = row["summary_id"] in tainted.summaries
    turns = {one["turn_id"] for one in said if one["key"] == row["key"]} - {None}
    return PortableSummary(
        id=numbers.summaries[row["summary_id"]],
        conversation=row["key"],
        audience=parse_audience(row["audience"]),
        text=None if others else row["text"],
        covers=numbers.message_ids(row["covers"]),
        covers_others=others,
        through=numbers.turn_up_to(turns, row["through_turn"]),
        previous=numbers.summaries.get(row["previous_id"]),
        made_at=moment(row["created_at"]),
    )


# What was said while paused (`keep_until`) stays behind, with what was answered to it.
_MESSAGES = """
    SELECT message.*, conversation.key, conversation.fresh_from, turn.turn_id, turn.summary_id,
        turn.history_from, iif(message.id = turn.reply_id, turn.message_id, NULL) AS reply_to,
        (SELECT json_group_array(memory_id) FROM turn_memory
         WHERE turn_memory.turn_id = turn.turn_id) AS memories_held,
        (SELECT json_group_array(message_id) FROM turn_message
         WHERE turn_message.turn_id = turn.turn_id) AS messages_held,
        (SELECT json_group_array(heard.turn_id) FROM turn AS heard
         WHERE heard.conversation_no = turn.conversation_no AND heard.scope_no = turn.scope_no
            AND heard.turn_id >= turn.history_from AND heard.turn_id < turn.turn_id
        ) AS turns_held,
        EXISTS (SELECT 1 FROM turn AS heard
            WHERE heard.conversation_no = turn.conversation_no AND heard.scope_no <> turn.scope_no
                AND heard.turn_id >= turn.history_from AND heard.turn_id < turn.turn_id
        ) AS heard_others
    FROM message JOIN conversation USING (conversation_no)
    LEFT JOIN turn ON turn.turn_id = coalesce(
        (SELECT turn_id FROM turn WHERE message_id = message.id),
        (SELECT turn_id FROM turn WHERE reply_id = message.id))
    LEFT JOIN message AS said ON said.id = turn.message_id
    WHERE message.id BETWEEN :low AND :high
        AND message.keep_until IS NULL AND said.keep_until IS NULL
        AND (message.role <> 'ellie' OR turn.turn_id IS NOT NULL)
    ORDER BY turn.turn_id IS NULL, turn.turn_id, message.role = 'ellie', message.sent_at, message.id
    """
_MEMORIES = """
    SELECT memory.*, entity.kind,
        (SELECT name FROM entity_name WHERE memory_id = memory.id AND NOT alias) AS entity,
        (SELECT json_group_array(name) FROM (SELECT name FROM entity_name
         WHERE memory_id = memory.id AND alias ORDER BY folded)) AS aliases,
        (SELECT json_group_array(message_id) FROM memory_source
         WHERE memory_id = memory.id) AS sources,
        (SELECT json_group_array(newer_id) FROM (SELECT newer_id FROM supersession
         WHERE older_id = memory.id AND newer_id BETWEEN :low AND :high
         ORDER BY newer_id)) AS closed_by,
        (SELECT min(newer.valid_from) FROM supersession JOIN memory AS newer ON newer.id = newer_id
         WHERE older_id = memory.id) AS valid_to
    FROM memory LEFT JOIN entity ON entity.id = memory.entity_id
    WHERE memory.id BETWEEN :low AND :high AND NOT EXISTS (SELECT 1 FROM memory_source
        WHERE memory_id = memory.id AND message_id NOT BETWEEN :low AND :high) ORDER BY memory.id
    """
_VERSIONS = """
    SELECT * FROM memory_version WHERE memory_id BETWEEN :low AND :high
    ORDER BY memory_id, change_no
    """
_SUMMARIES = """
    WITH RECURSIVE theirs (id) AS (
        SELECT summary_id FROM summary_message WHERE message_id BETWEEN :low AND :high
        UNION
        SELECT summary_id FROM summary JOIN theirs ON summary.previous_id = theirs.id)
    SELECT summary.*, conversation.key,
        (SELECT json_group_array(message_id) FROM summary_message
         WHERE summary_message.summary_id = summary.summary_id) AS covers
    FROM summary JOIN conversation USING (conversation_no)
    WHERE summary_id IN (SELECT id FROM theirs)
        AND (summary.audience <> 'private' OR summary.scope_no = :scope_no)
    ORDER BY summary_id
    """
