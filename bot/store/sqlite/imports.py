"""What comes into the file about one person, written inside a transaction."""

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass

import aiosqlite

from bot.portable import BroughtIn, PortableMessage, PromptHeld
from bot.store.sqlite.arrival import Arrival, Indexed, take_numbers
from bot.store.sqlite.import_memories import enter_memories
from bot.store.sqlite.rows import SCOPE_BITS, seconds
from bot.store.sqlite.summaries import recount_unfolded
from bot.store.sqlite.writes import (
    conversation_number,
    leave_seats_free,
    next_seat,
    scope_for,
)

EXTRACTOR = "import"
"""Of the turns that came in: nobody consolidates them."""


@dataclass(slots=True)
class _Place:
    """A conversation that messages come into. `newest`: when its last turn was said, if any."""

    number: int
    newest: int | None


async def enter(
    db: aiosqlite.Connection, arrival: Arrival, indexed: dict[int | str, Indexed]
) -> BroughtIn:
    """Write down what is new."""
    summaries = 0
    if arrival.new_messages or arrival.new_memories:
        arrival.scope_no = arrival.scope_no or await scope_for(
            db, arrival.portable.scope, arrival.portable.name
        )
        places = await _open_places(db, arrival)
        await _enter_messages(db, arrival, places, indexed)
        await _number_turns(db, arrival, places)
        summaries = await _enter_summaries(db, arrival, places)
        await _enter_turns(db, arrival, places)
        await enter_memories(db, arrival, indexed)
        await _enter_memories_held(db, arrival)
        await _close_places(db, arrival, places)
    left = len(arrival.portable.summaries) - len(arrival.summaries) - len(arrival.gone.summaries)
    return BroughtIn(
        messages=len(arrival.new_messages),
        memories=len(arrival.new_memories),
        summaries=summaries,
        known=arrival.known,
        forgotten=len(arrival.gone),
        left_out=arrival.left_out + left,
    )


async def _open_places(db: aiosqlite.Connection, arrival: Arrival) -> dict[str, _Place]:
    places: dict[str, _Place] = {}
    for key in dict.fromkeys(message.conversation for message in arrival.new_messages):
        number = await conversation_number(db, arrival.conversation(key))
        rows = await db.execute_fetchall(
            "SELECT max(sent_at) AS newest FROM turn JOIN message ON message.id = turn.message_id "
            "WHERE turn.conversation_no = ?",
            (number,),
        )
        places[key] = _Place(number, next(iter(rows))["newest"])
        await leave_seats_free(db, number)
    return places


async def _enter_messages(
    db: aiosqlite.Connection,
    arrival: Arrival,
    places: dict[str, _Place],
    indexed: dict[int | str, Indexed],
) -> None:
    new = arrival.new_messages
    numbers = await take_numbers(
        db,
        "UPDATE scope SET message_seq = message_seq + ? WHERE scope_no = ? "
        "RETURNING message_seq AS last",
        arrival.scope_no,
        len(new),
    )
    rows, passages = [], []
    for message, number in zip(new, numbers, strict=True):
        identity = arrival.scope_no << SCOPE_BITS | number
        arrival.messages[message.id] = identity
        place, known = places[message.conversation].number, indexed.get(message.id)
        audience, sent_at = str(message.audience), seconds(message.sent_at)
        rows.append(
            (
                identity, place, message.event_id, message.role, message.speaker, message.text,
                known.tokens if known else 0, audience, message.place, sent_at,
            )
        )  # fmt: skip
        if known and message.role == "person":
            passages.append(
                (
                    identity * 2, audience, known.terms, sent_at, message.speaker, known.traits,
                    await next_seat(db, place, sent_at),
                )
            )  # fmt: skip
    await db.executemany(
        "INSERT INTO message (id, conversation_no, event_id, role, speaker, text, tokens, "
        "audience, place, sent_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        rows,
    )
    await db.executemany(
        "INSERT INTO passage (id, audience, terms, said_at, speaker, traits, seat) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        passages,
    )


async def _number_turns(
    db: aiosqlite.Connection, arrival: Arrival, places: dict[str, _Place]
) -> None:
    """Turns keep their order. Where a conversation went on here, what is older gets numbers below
    zero: it lies before every history, which starts above zero, and no number is used twice."""
    older: list[int] = []
    newer: list[int] = []
    ahead: set[str] = set()
    for message in arrival.new_messages:
        if message.turn is None:
            continue
        newest = places[message.conversation].newest
        if newest is None or seconds(message.sent_at) >= newest or message.conversation in ahead:
            ahead.add(message.conversation)
            newer.append(message.turn)
        else:
            older.append(message.turn)
    rows = await db.execute_fetchall(
        "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'turn'), 0) AS last, "
        "min(0, coalesce((SELECT min(turn_id) FROM turn), 0)) AS first"
    )
    row = next(iter(rows))
    arrival.turns |= {turn: row["first"] - len(older) + at for at, turn in enumerate(older)}
    arrival.turns |= {turn: row["last"] + 1 + at for at, turn in enumerate(newer)}


async def _enter_summaries(
    db: aiosqlite.Connection, arrival: Arrival, places: dict[str, _Place]
) -> int:
    """Those whose whole ground is here, into conversations that begin with this import."""
    entered = 0
    for summary in arrival.portable.summaries:
        place = places.get(summary.conversation)
        if (
            summary.text is None
            or summary.covers_others
            or summary.id in arrival.summaries.keys() | arrival.gone.summaries
            or place is None
            or place.newest is not None
            or not arrival.messages.keys() >= set(summary.covers)
            or summary.through not in arrival.turns
            or not (summary.previous is None or summary.previous in arrival.summaries)
        ):
            continue
        rows = await db.execute_fetchall(
            "INSERT INTO summary (conversation_no, previous_id, scope_no, audience, text, "
            "through_turn, created_at) VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING summary_id",
            (
                place.number, arrival.summaries.get(summary.previous or 0),
                arrival.scope_no if str(summary.audience) == "private" else None,
                str(summary.audience), summary.text, arrival.turns[summary.through],
                seconds(summary.made_at),
            ),
        )  # fmt: skip
        identity = arrival.summaries[summary.id] = int(next(iter(rows))["summary_id"])
        await db.executemany(
            "INSERT INTO summary_message (summary_id, message_id) VALUES (?, ?)",
            [(identity, arrival.messages[one]) for one in summary.covers],
        )
        entered += 1
    return entered


async def _enter_turns(
    db: aiosqlite.Connection, arrival: Arrival, places: dict[str, _Place]
) -> None:
    replies = {m.reply_to: m for m in arrival.new_messages if m.reply_to is not None}
    heard = _Heard(arrival)
    rows = []
    for message in arrival.new_messages:
        if message.turn is None:
            continue
        reply = replies.get(message.id)
        finished_at = seconds(reply.sent_at if reply else message.sent_at)
        reply_id = summary = history_from = None
        if reply is not None:
            reply_id = arrival.messages[reply.id]
            history_from = heard.note(message, reply)
            summary = arrival.summaries.get((reply.held and reply.held.summary) or 0)
        rows.append(
            (
                arrival.turns[message.turn], places[message.conversation].number, arrival.scope_no,
                str(message.audience), arrival.messages[message.id], reply_id, summary,
                history_from, finished_at, finished_at, EXTRACTOR,
            )
        )  # fmt: skip
    await db.executemany(
        "INSERT INTO turn (turn_id, conversation_no, scope_no, audience, message_id, reply_id, "
        "summary_id, history_from, finished_at, consolidated_at, extractor) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        rows,
    )
    await db.executemany(
        "INSERT OR IGNORE INTO turn_message (turn_id, message_id) VALUES (?, ?)", heard.messages
    )


class _Heard:
    """What the prompts of replies held of what was said: `messages` as (turn, message) rows."""

    def __init__(self, arrival: Arrival) -> None:
        self.messages: list[tuple[int, int]] = []
        self._arrival = arrival
        self._said: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
        for message in arrival.portable.messages:
            if message.turn in arrival.turns and message.id in arrival.messages:
                self._said[message.conversation].append((message.turn or 0, message.id))

    def note(self, message: PortableMessage, reply: PortableMessage) -> int | None:
        """The oldest turn of the history that a reply was made from.

        What it held besides becomes `messages`; also what lies behind it here, because a part of
        the conversation was here already and the order is not what it was.
        """
        arrival, held = self._arrival, reply.held or PromptHeld()
        turn = message.turn or 0
        here, oldest = arrival.turns[turn], None
        heard = [*held.messages]
        if held.history_from is not None:
            said = self._said[message.conversation]
            start = bisect_left(said, (held.history_from, 0))
            for earlier, identity in said[start : bisect_left(said, (turn, 0))]:
                if arrival.turns[earlier] < here:
                    oldest = min(oldest or arrival.turns[earlier], arrival.turns[earlier])
                else:
                    heard.append(identity)
        rows = (arrival.messages[one] for one in heard if one in arrival.messages)
        self.messages += [(here, row) for row in rows]
        return oldest


async def _enter_memories_held(db: aiosqlite.Connection, arrival: Arrival) -> None:
    turns = {m.id: arrival.turns[m.turn] for m in arrival.new_messages if m.turn is not None}
    await db.executemany(
        "INSERT OR IGNORE INTO turn_memory (turn_id, memory_id) VALUES (?, ?)",
        [
            (turns[reply.reply_to], arrival.memories[uid])
            for reply in arrival.new_messages
            if reply.reply_to in turns and reply.held is not None
            for uid in reply.held.memories
            if uid in arrival.memories
        ],
    )


async def _close_places(
    db: aiosqlite.Connection, arrival: Arrival, places: dict[str, _Place]
) -> None:
    """Let a new conversation's history begin where it began, and count what nothing sums up."""
    turns: defaultdict[str, list[int]] = defaultdict(list)
    for message in arrival.new_messages:
        if message.turn is not None:
            turns[message.conversation].append(message.turn)
    for conversation in arrival.portable.conversations:
        place = places.get(conversation.key)
        if place is None:
            continue
        if place.newest is not None:
            await leave_seats_free(db, place.number)
        elif conversation.fresh_after is not None:
            before = [t for t in turns[conversation.key] if t <= conversation.fresh_after]
            await db.execute(
                "UPDATE conversation SET fresh_from = max(fresh_from, ?) WHERE conversation_no = ?",
                (max((arrival.turns[turn] for turn in before), default=0), place.number),
            )
        await recount_unfolded(db, place.number)
