"""What replies were posted as: found again, asked about, taken back; and who is waited for."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.ports import Used
from bot.store.sqlite.erasure import SqliteStore
from bot.types import Conversation, PendingTurn, Scope, Space, TurnId, Usage
from tests.store.world import (
    ALICE,
    BOB,
    DM,
    HALL,
    START,
    answer,
    bytes_on_disk,
    heard,
    message,
    note,
    say,
    talk,
    texts,
)

DEN = replace(HALL, key="den")


async def posted(store: SqliteStore, turn: PendingTurn, *events: str, minutes: int = 0) -> None:
    for event in events:
        await store.note_shown(turn.id, event, START + timedelta(minutes=minutes))


async def test_a_turn_that_waits_knows_what_it_was_posted_as(store: SqliteStore) -> None:
    turn = await say(store, "hello")
    await posted(store, turn, "z", "a", "z", "m")
    (waiting,) = await store.pending(DM)
    assert waiting == replace(turn, shown=("z", "a", "m"))
    await store.drop_shown(turn.id)
    assert await store.pending(DM) == [turn]


async def test_a_posted_message_tells_whom_it_answers(store: SqliteStore) -> None:
    turn = await talk(store, "hello", scope=BOB, audience=Space(), conversation=HALL)
    await posted(store, turn, "a", "b")
    assert await store.shown_as(HALL, "b") == (turn.id, BOB)
    assert await store.shown_as(DEN, "b") is None
    assert await store.shown_as(HALL, "c") is None


async def test_what_is_posted_for_a_turn_that_is_gone_is_not_noted(store: SqliteStore) -> None:
    turn = await talk(store, "hello", audience=Space(), conversation=HALL)
    await posted(store, turn, "a")
    await store.erase_people([ALICE])
    await posted(store, turn, "b")
    await posted(store, replace(turn, id=TurnId(999)), "c")
    assert [await store.shown_as(HALL, event) for event in "abc"] == [None] * 3


async def test_a_posted_message_that_is_deleted_takes_its_reply_and_no_more(
    store: SqliteStore,
) -> None:
    turn = await talk(store, "hello", "I like quinces", audience=Space(), conversation=HALL)
    await posted(store, turn, "a", "b")
    asked = await say(store, "what?", audience=Space(), conversation=HALL)
    await answer(store, asked, "Quinces.", Used(history_from=turn.id, erasures=store.erasures))
    other = await say(store, "well?", audience=Space(), conversation=HALL)
    await answer(store, other, "Well.", Used(erasures=store.erasures))
    receipt = await store.unsay(HALL, ["b"])
    assert receipt.messages == 2  # the reply, and the one whose prompt held it
    assert await heard(store) == [("hello", None), ("what?", None), ("well?", "Well.")]
    assert b"quinces" not in bytes_on_disk(store.path)
    assert (await store.unsay(HALL, ["a", "b"])).messages == 0


async def test_a_reply_that_is_deleted_while_it_is_given_is_not_kept(store: SqliteStore) -> None:
    turn = await say(store, "hello", audience=Space(), conversation=HALL)
    await posted(store, turn, "a")
    before = store.erasures
    await store.unsay(HALL, ["a"])
    assert store.erasures > before
    assert await store.pending(HALL) == []
    await answer(store, turn, "I like quinces", Used(erasures=store.erasures))
    assert await heard(store) == [("hello", None)]


async def test_a_deletion_of_what_nobody_knows_erases_nothing(store: SqliteStore) -> None:
    turn = await talk(store, "hello", audience=Space(), conversation=HALL)
    await posted(store, turn, "a")
    before = store.erasures
    await store.unsay(DEN, ["a"])
    assert store.erasures == before
    assert await heard(store) == [("hello", "Good.")]


async def test_ellie_takes_part_where_she_answered_whether_it_is_kept_or_not(
    store: SqliteStore,
) -> None:
    assert not await store.takes_part(HALL)
    turn = await say(store, "hello", audience=Space(), conversation=HALL, event="e")
    await store.overhear(message("and you?", BOB, Space(), DEN), 3)
    assert not await store.takes_part(HALL)
    await answer(store, turn, "Hello.")
    await store.unsay(HALL, ["e"])
    assert await store.takes_part(HALL)
    assert not await store.takes_part(DEN)
    sorry = await say(store, "hello", audience=Space(), conversation=DEN)
    await posted(store, sorry, "a")
    await store.finish(sorry, "", 0, Used(), Usage(), START)
    assert await store.takes_part(DEN)


async def test_what_waits_on_a_platform_is_found_oldest_first(store: SqliteStore) -> None:
    other = Conversation("elsewhere", "home", "hall")
    first = await say(store, "one", conversation=HALL, event="e")
    second = await say(store, "two", conversation=DEN)
    await talk(store, "three", conversation=DM)
    third = await say(store, "four", conversation=HALL)
    await say(store, "five", conversation=other, scope=Scope("elsewhere", "home", "alice"))
    waiting = [(first.id, HALL), (second.id, DEN), (third.id, HALL)]
    assert await store.unanswered("console") == waiting
    await store.unsay(HALL, ["e"])
    assert await store.unanswered("console") == waiting[1:]


async def test_where_something_was_said_lately_the_newest_is_told(store: SqliteStore) -> None:
    def then(minutes: int) -> dict[str, Any]:
        return {"at": START + timedelta(minutes=minutes), "event": f"at{minutes}"}

    await say(store, "old", conversation=DM, **then(-60))
    await say(store, "newest", conversation=HALL, **then(9))
    await say(store, "heard late", conversation=HALL, **then(5))
    await note(store, "a note", conversation=HALL, **then(20))
    await store.overhear(message("by the way", BOB, Space(), DEN, **then(7)), 3)
    assert await store.active("console", START) == [(HALL, "at9"), (DEN, "at7")]
    turn = await talk(store, "hello", conversation=DEN, **then(8))
    await posted(store, turn, "posted", minutes=10)
    await store.unsay(HALL, ["at9"])
    assert await store.active("console", START) == [(DEN, "posted"), (HALL, "at9")]
    assert await store.active("elsewhere", START) == []
    assert await store.active("console", START + timedelta(minutes=11)) == []


async def test_a_channel_that_is_gone_takes_its_threads_and_nothing_beside(
    store: SqliteStore,
) -> None:
    places = [replace(HALL, key=key) for key in ("C", "C/1", "C/2", "C2", "D/C", "c")]
    for where in places:
        await talk(store, f"said in {where.key}", audience=Space(), conversation=where, event="e")
    await note(store, "noted in C", audience=Space(), conversation=places[0])
    elsewhere = Conversation("console", "work", "C")
    work = Scope("console", "work", "alice")
    await talk(store, "at work", scope=work, audience=Space(), conversation=elsewhere)
    receipt = await store.erase_channel("console", "home", "C")
    assert receipt.messages == 6
    assert receipt.where == frozenset(places[:3])
    for where in places:
        assert bool(await heard(store, where)) is (where not in places[:3])
    assert await heard(store, elsewhere) != []
    assert await texts(store) == {"noted in C"}
    said = message("said in C", ALICE, Space(), places[0], event="e")
    assert await store.record(said, 3, urgent=False) is None
    assert b"said in C/1" not in bytes_on_disk(store.path)


async def test_a_thread_that_is_gone_leaves_its_channel(store: SqliteStore) -> None:
    for key in ("C", "C/1"):
        await talk(store, key, audience=Space(), conversation=replace(HALL, key=key))
    await store.erase_channel("console", "home", "C/1")
    assert await heard(store, replace(HALL, key="C")) == [("C", "Good.")]
    assert await heard(store, replace(HALL, key="C/1")) == []
    assert (await store.erase_channel("console", "home", "nowhere")).messages == 0
