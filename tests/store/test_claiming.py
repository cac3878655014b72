"""What waits in the inbox is written down by the transaction that ends its waiting, or never."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.errors import StoreError
from bot.store.sqlite.backup import back_up
from bot.store.sqlite.erasure import SqliteStore
from bot.types import IncomingMessage
from tests.store.world import ALICE, BOB, HALL, START, bytes_on_disk, message, note, opened

EVENT = "said:hall:e1"
Hear = Callable[[SqliteStore, IncomingMessage], Awaitable[object]]
Erase = Callable[[SqliteStore], Awaitable[object]]


async def record(store: SqliteStore, heard: IncomingMessage) -> object:
    return await store.record(heard, 1, urgent=False)


async def overhear(store: SqliteStore, heard: IncomingMessage) -> object:
    return await store.overhear(heard, 1)


async def resay(store: SqliteStore, heard: IncomingMessage) -> object:
    return await store.resay(heard, 1)


HEARD = pytest.mark.parametrize("hear", [record, overhear, resay])
ERASED: list[Erase] = [
    lambda store: store.erase_people([ALICE]),
    lambda store: store.erase_space("console", "home"),
    lambda store: store.erase_channel("console", "home", "hall"),
    lambda store: store.dealt_with("console", "home", EVENT),
]


async def waiting(store: SqliteStore, text: str = "I grow quinces") -> IncomingMessage:
    """What was said, taken in."""
    payload = json.dumps({"text": text, "channel": "hall"})
    assert await store.take_in("console", "home", EVENT, "alice", payload, START)
    said = message(text, conversation=HALL, event="e1")
    return replace(said, waiting=EVENT)


def rows(store: SqliteStore, sql: str) -> list[tuple[object, ...]]:
    """What one statement gives, by the library that has the file open."""
    with closing(store.driver.module.connect(store.path, isolation_level=None)) as connection:
        return list(connection.execute(sql).fetchall())


async def left(store: SqliteStore) -> list[str]:
    return [one.event_id for one in await store.taken_in("console")]


@HEARD
async def test_what_is_written_down_waits_no_more(store: SqliteStore, hear: Hear) -> None:
    heard = await waiting(store)
    if hear is resay:
        await record(store, replace(heard, text="I grow medlars", waiting=None))
    assert await hear(store, heard)
    assert await left(store) == []
    assert rows(store, "SELECT text FROM message") == [("I grow quinces",)]
    assert rows(store, "SELECT user, payload FROM inbox") == [("", None)]


async def test_what_was_told_of_it_is_gone_from_the_bytes_with_the_next_sweep(
    store: SqliteStore,
) -> None:
    heard = await waiting(store)
    assert await record(store, replace(heard, text="I grow medlars"))
    assert b"uinces" in bytes_on_disk(store.path)
    await store.expire(START, timedelta(days=1), None)
    assert b"uinces" not in bytes_on_disk(store.path)


@HEARD
@pytest.mark.parametrize("erase", ERASED)
async def test_what_was_erased_while_it_waited_is_not_written_down(
    store: SqliteStore, hear: Hear, erase: Erase
) -> None:
    heard = await waiting(store)
    if hear is resay:
        await record(store, replace(heard, text="I grow medlars", waiting=None))
    await erase(store)
    before = rows(store, "SELECT text FROM message")
    assert not await hear(store, heard)
    assert rows(store, "SELECT text FROM message") == before
    tables = ("scope", "conversation") if hear is not resay else ()
    for table in tables:
        assert rows(store, f"SELECT count(*) FROM {table}") == [(0,)]  # noqa: S608
    if erase is ERASED[-1]:  # its bytes go within the hour
        await store.expire(START, timedelta(days=1), None)
    assert b"uinces" not in bytes_on_disk(store.path)


@HEARD
async def test_what_is_known_already_waits_no_more_either(store: SqliteStore, hear: Hear) -> None:
    heard = await waiting(store)
    await record(store, replace(heard, waiting=None))
    assert not await hear(store, heard)
    assert await left(store) == []


@pytest.mark.parametrize("hear", [record, overhear])
async def test_an_edit_of_what_was_never_heard_waits_until_it_is_heard_as_a_message(
    store: SqliteStore, hear: Hear
) -> None:
    heard = await waiting(store)
    assert await resay(store, heard) is None
    assert await left(store) == [EVENT]
    assert await hear(store, heard)
    assert await left(store) == []


async def test_what_never_waited_is_not_written_down_as_if_it_had(store: SqliteStore) -> None:
    heard = replace(message("I grow quinces"), waiting="never taken in")
    assert await record(store, heard) is None
    assert rows(store, "SELECT count(*) FROM message") == [(0,)]


@pytest.mark.parametrize("erase", [None, ERASED[-1]])
async def test_what_was_overheard_in_other_words_is_addressed_once_if_it_waits(
    store: SqliteStore, erase: Erase | None
) -> None:
    heard = await waiting(store)
    await overhear(store, replace(heard, text="I grow medlars", waiting=None))
    if erase:
        await erase(store)
    turn = await record(store, heard)
    assert (turn is None) is (erase is not None)
    assert await left(store) == []
    text = "I grow medlars" if erase else "I grow quinces"
    assert rows(store, "SELECT text FROM message") == [(text,)]


@pytest.mark.parametrize("hear", [record, overhear])
async def test_what_cannot_be_written_down_waits_on(store: SqliteStore, hear: Hear) -> None:
    heard = await waiting(store)
    refuse = "BEFORE INSERT ON message BEGIN SELECT raise(ABORT, 'full'); END"
    rows(store, f"CREATE TRIGGER refuse {refuse}")
    with pytest.raises(StoreError, match="full"):
        await hear(store, heard)
    assert await left(store) == [EVENT]
    rows(store, "DROP TRIGGER refuse")
    assert await hear(store, heard)
    assert await left(store) == []


async def test_of_two_processes_one_deals_with_it(tmp_path: Path) -> None:
    path = tmp_path / "ellie.db"
    async with opened(path) as one, opened(path) as other:
        for turn in range(5):
            event = f"e{turn}"
            await one.take_in("console", "home", event, "alice", "{}", START)
            heard = replace(message("I grow quinces", event=event), waiting=event)
            async with asyncio.TaskGroup() as group:
                written = group.create_task(record(one, heard))
                claimed = group.create_task(other.dealt_with("console", "home", event))
            assert (written.result() is not None) is not claimed.result()


async def test_under_which_event_it_waited_is_written_nowhere(tmp_path: Path) -> None:
    path = tmp_path / "ellie.db"
    async with opened(path) as store:
        heard = await waiting(store)
        assert EVENT not in repr(heard)
        await record(store, heard)
        await note(store, "medlars")
        portable = str(await store.portable(ALICE))
        assert "quinces" in portable
        assert EVENT not in portable
        later = START + timedelta(hours=2)  # when marks have gone
        await store.take_in("console", "home", "e2", "", "{}", later)
        await back_up(path, tmp_path / "copy.db")
    assert b"I grow quinces" in bytes_on_disk(tmp_path / "copy.db")
    assert EVENT.encode() not in bytes_on_disk(tmp_path / "copy.db")


# --- who is ignored


@HEARD
@pytest.mark.parametrize("everywhere", [False, True])
async def test_who_opted_out_since_the_message_was_read_is_not_written_down(
    store: SqliteStore, hear: Hear, everywhere: bool
) -> None:
    heard = await waiting(store)
    if hear is resay:
        await record(store, replace(heard, text="I grow medlars", waiting=None))
    before = rows(store, "SELECT text FROM message")
    await store.opt_out([ALICE], "Alice", START, everywhere=everywhere)
    assert not await hear(store, replace(heard, waiting=None))
    assert await left(store) == [EVENT]
    assert not await hear(store, heard)
    assert await left(store) == []
    assert rows(store, "SELECT text FROM message") == before
    assert await record(store, message("I grow sloes", BOB))


async def test_who_opted_in_again_is_heard(store: SqliteStore) -> None:
    await store.opt_out([ALICE], "Alice", START, everywhere=False)
    await store.opt_in(ALICE, everywhere=False)
    assert await record(store, message("I grow quinces"))
