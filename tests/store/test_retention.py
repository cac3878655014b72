"""For how long a space keeps things, and how what is too old is swept."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from bot.ports import Expired, Retention, Used
from bot.receipts import Kept
from bot.store.sqlite import retention
from bot.store.sqlite.erasure import SqliteStore
from bot.types import Conversation, MemoryNumber, Private, Scope, Space, SummaryId, Usage
from tests.store.world import (
    ALICE,
    DM,
    HALL,
    LYON,
    OSLO,
    START,
    TEA,
    answer,
    bytes_on_disk,
    due,
    edit,
    heard,
    learn,
    message,
    note,
    say,
    talk,
    texts,
)

WORK = Scope("console", "work", "alice")
WORK_DM = Conversation("console", "work", "dm:alice")
WEEK, MONTH, YEAR = timedelta(days=7), timedelta(days=30), timedelta(days=365)


async def settle(store: SqliteStore) -> None:
    """Close all turns."""
    while batches := await due(store, START + YEAR):
        for batch in batches:
            await store.apply(batch, [], [], "test", Usage(), START)


async def test_a_space_is_kept_as_the_settings_say_until_it_has_its_own(
    store: SqliteStore,
) -> None:
    assert await store.retention("console", "home") == Retention()
    await store.set_retention("console", "home", 3, None)
    assert await store.retention("console", "home") == Retention(3, None)
    await store.set_retention("console", "home", None, 0)
    assert await store.retention("console", "home") == Retention(None, 0)
    assert await store.retention("console", "work") == Retention()
    await store.set_retention("console", "home", None, None)
    assert await store.retention("console", "home") == Retention()


@pytest.mark.parametrize("own", [2, 60])
async def test_messages_go_after_the_days_of_their_space(store: SqliteStore, own: int) -> None:
    await talk(store, "home")
    await talk(store, "work", scope=WORK, conversation=WORK_DM)
    await settle(store)
    await store.set_retention("console", "work", own, None)
    now = START + timedelta(days=10)
    assert await store.expire(now, WEEK if own > 7 else MONTH, None) == Expired(messages=2)
    gone = "home" if own > 7 else "work"
    left = {"home": await heard(store, DM, Private())}
    left["work"] = await heard(store, WORK_DM, Private(), WORK)
    assert [space for space, found in left.items() if not found] == [gone]


async def test_a_message_that_expired_keeps_its_id_date_place_and_what_covers_it(
    store: SqliteStore,
) -> None:
    turn = await talk(store, "I grow quinces")
    await settle(store)
    (folded,) = await store.foldable(0)
    assert await store.add_summary(folded, turn.id, "Quinces.", Usage(), START)
    assert await store.expire(START + MONTH, WEEK, None) == Expired(messages=2)
    rows = await store._read().execute_fetchall(
        "SELECT id, event_id, sent_at, place, text FROM message JOIN summary_message "
        "ON message_id = id WHERE id = ?",
        (turn.message.id,),
    )
    (row,) = rows
    assert (row["sent_at"], row["place"], row["text"]) == (int(START.timestamp()), "here", None)
    summary = await store.newest_summary(DM, Private(), ALICE)
    assert summary is not None
    receipt = await store.erase(ALICE, [], [turn.message.id])  # forgetting still follows it
    assert receipt.summaries == 1


async def test_what_waits_to_be_answered_or_learnt_from_does_not_expire(
    store: SqliteStore,
) -> None:
    await talk(store, "waits to be learnt")
    await say(store, "waits for its answer")
    assert await store.expire(START + YEAR, WEEK, None) == Expired()


async def test_memories_are_kept_for_good_unless_days_are_set(store: SqliteStore) -> None:
    await note(store, "I grow quinces")
    assert (await store.expire(START + 10 * YEAR, 20 * YEAR, None)).memories == 0
    await store.set_retention("console", "home", None, 365)
    assert (await store.expire(START + 10 * YEAR, 20 * YEAR, None)).memories == 1
    await note(store, "I grow quinces")
    await store.set_retention("console", "home", None, 0)
    assert (await store.expire(START + 10 * YEAR, 20 * YEAR, WEEK)).memories == 0


async def test_a_memory_goes_with_its_versions_and_what_could_be_undone(
    store: SqliteStore, tmp_path: Path
) -> None:
    number = await learn(store, "Alice lives in Lyon", slot=LYON)
    await edit(store, number, "Alice lives in Leon")
    await learn(store, "Alice lives in Oslo", slot=OSLO)
    await learn(store, "Sarah likes tea", slot=TEA)
    await learn(store, "Alice grows quinces")
    await learn(store, "Alice grows quinces", audience=Space(), conversation=HALL)  # absorbed
    await settle(store)
    await store.expire(START + MONTH, WEEK, WEEK)
    assert await texts(store) == set()
    for word in (b"Lyon", b"Leon", b"Oslo", b"Sarah", b"uinces"):
        assert word not in bytes_on_disk(store.path)
    assert (await store.counts(ALICE)).entities == 0


async def test_a_memory_that_was_said_again_lately_stays(store: SqliteStore) -> None:
    number = await learn(store, "Alice grows quinces")
    await talk(store, "quinces again", at=START + MONTH)
    (batch,) = await due(store, START + YEAR)
    again = (number, (batch.exchanges[0].said.id,))
    await store.apply(batch, [], [again], "test", Usage(), START)
    assert (await store.expire(START + MONTH + WEEK, YEAR, timedelta(days=10))).memories == 0
    assert (await store.expire(START + MONTH + 2 * WEEK, YEAR, timedelta(days=10))).memories == 1


async def test_an_old_summary_loses_its_text_and_forgetting_still_follows_it(
    store: SqliteStore,
) -> None:
    first = await talk(store, "I grow quinces")
    second = await talk(store, "and sloes", at=START + MONTH)
    (folded,) = await store.foldable(0)
    await store.add_summary(folded, first.id, "The old one.", Usage(), START)
    (folded,) = await store.foldable(0)
    asked = await say(store, "?", at=START + MONTH)
    held = folded.previous
    assert held is not None
    used = Used(summary=held.id, erasures=store.erasures)
    await answer(store, asked, "Of old.", used)
    await store.add_summary(folded, second.id, "The new one.", Usage(), START + MONTH)
    assert await store.expire(START + MONTH + WEEK, YEAR, timedelta(days=10)) == Expired(
        summaries=1
    )
    assert b"The old one." not in bytes_on_disk(store.path)
    newest = await store.newest_summary(DM, Private(), ALICE)
    assert newest is not None
    assert newest.text == "The new one."
    await store.erase(ALICE, [], [first.message.id])
    assert await store.newest_summary(DM, Private(), ALICE) is None
    assert b"Of old." not in bytes_on_disk(store.path)


async def test_where_the_newest_summary_expired_the_messages_since_are_history_again(
    store: SqliteStore,
) -> None:
    turn = await talk(store, "I grow quinces")
    (folded,) = await store.foldable(0)
    await store.add_summary(folded, turn.id, "Quinces.", Usage(), START)
    assert await store.foldable(0) == []
    await store.expire(START + WEEK, YEAR, timedelta(days=3))
    assert await store.newest_summary(DM, Private(), ALICE) is None
    assert await store.summary(ALICE, Private(), SummaryId(1)) is None
    (again,) = await store.foldable(0)
    assert again.previous is None
    assert len(again.exchanges) == 1


async def test_a_turn_is_recorded_between_two_steps(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert retention.AT_ONCE <= 300
    monkeypatch.setattr(retention, "AT_ONCE", 2)
    for number in range(60):
        await talk(store, f"old {number}")
        await note(store, f"noted {number}")
    await settle(store)

    async def left() -> Kept:
        return await store.counts(ALICE)

    async with asyncio.TaskGroup() as tasks:
        sweeping = tasks.create_task(store.expire(START + MONTH, WEEK, WEEK))
        begun = asyncio.Event()

        async def write() -> None:
            await begun.wait()
            await say(store, "new", at=START + MONTH)
            between.append(await left())

        between: list[Kept] = []
        tasks.create_task(write())
        while (await left()).messages == 60:  # until the first step is done
            pass
        begun.set()
    assert sweeping.result() == Expired(messages=180, memories=60)
    assert between[0].memories > 0  # not all was swept when the turn was written down
    assert await heard(store, DM, Private()) == [("new", None)]


async def test_bytes_are_scrubbed_once_at_the_end(store: SqliteStore) -> None:
    for number in range(3):
        await talk(store, f"quinces {number}")
    await settle(store)
    await store.expire(START + MONTH, WEEK, None)
    assert b"uinces" not in bytes_on_disk(store.path)


async def test_the_number_of_a_memory_that_expired_is_not_used_again(store: SqliteStore) -> None:
    await note(store, "I grow quinces")
    await store.expire(START + MONTH, WEEK, WEEK)
    number, _ = await store.remember(message("I grow sloes"), 3)
    assert number == MemoryNumber(2)
