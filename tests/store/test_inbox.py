"""What platforms told is written down once, waits until it is dealt with, and is erased then."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import pytest

from bot.ports import TakenIn
from bot.store.sqlite.backup import back_up
from bot.store.sqlite.erasure import SqliteStore
from bot.store.sqlite.restore import restore
from bot.types import Scope
from tests.store.restoring import holds, rows
from tests.store.world import ALICE, BOB, START, bytes_on_disk, note, opened, talk

HOUR = timedelta(hours=1)
EVERYWHERE = Scope("console", "work", "alice")


async def take_in(
    store: SqliteStore, event: str, text: str = "quinces", who: Scope = ALICE,
    channel: str = "hall", after: timedelta = timedelta(),
) -> bool:  # fmt: skip
    payload = json.dumps({"text": text, "channel": channel})
    return await store.take_in(who.platform, who.space, event, who.user, payload, START + after)


async def waiting(store: SqliteStore) -> list[str]:
    return [one.event_id for one in await store.taken_in("console")]


async def test_an_event_is_taken_in_once_and_waits_with_all_that_was_told(
    store: SqliteStore,
) -> None:
    assert await take_in(store, "e2")
    assert await take_in(store, "e1", who=BOB)
    assert not await take_in(store, "e2", "something else")
    assert await store.taken_in("console") == [
        TakenIn("console", "home", event, user, '{"text": "quinces", "channel": "hall"}', START)
        for event, user in (("e2", "alice"), ("e1", "bob"))
    ]
    assert await store.taken_in("elsewhere") == []


async def test_the_same_event_in_another_space_is_another(store: SqliteStore) -> None:
    assert await take_in(store, "e1")
    assert await take_in(store, "e1", who=EVERYWHERE)
    await store.dealt_with("console", "work", "e1")
    assert await waiting(store) == ["e1"]


async def test_what_was_dealt_with_waits_no_more_and_is_known_for_an_hour(
    store: SqliteStore,
) -> None:
    await take_in(store, "e1")
    await store.dealt_with("console", "home", "e1")
    await store.dealt_with("console", "home", "e1")
    await store.dealt_with("console", "home", "never seen")
    assert await waiting(store) == []
    assert not await take_in(store, "e1", after=HOUR - timedelta(seconds=1))
    assert await take_in(store, "e1", after=HOUR)
    assert await waiting(store) == ["e1"]


async def test_what_still_waits_after_the_hour_is_not_taken_in_again(store: SqliteStore) -> None:
    await take_in(store, "e1")
    assert not await take_in(store, "e1", after=3 * HOUR)
    assert await waiting(store) == ["e1"]


async def test_marks_go_after_their_hour(store: SqliteStore) -> None:
    for number in range(3):
        await take_in(store, f"e{number}")
        await store.dealt_with("console", "home", f"e{number}")
    await take_in(store, "later", after=HOUR)
    assert rows(store.path, "SELECT event_id FROM inbox") == [("later",)]


async def test_a_mark_is_nobodys(store: SqliteStore) -> None:
    await take_in(store, "e1")
    await store.dealt_with("console", "home", "e1")
    assert rows(store.path, "SELECT user, payload FROM inbox") == [("", None)]


async def test_what_was_dealt_with_is_gone_from_the_bytes_with_the_next_sweep(
    store: SqliteStore,
) -> None:
    await take_in(store, "e1")
    assert b"uinces" in bytes_on_disk(store.path)
    await store.dealt_with("console", "home", "e1")
    await store.expire(START, timedelta(days=1), None)
    assert b"uinces" not in bytes_on_disk(store.path)


async def test_another_process_and_a_later_one_know_what_was_taken_in(tmp_path: Path) -> None:
    path = tmp_path / "ellie.db"
    async with opened(path) as one, opened(path) as other:
        async with asyncio.TaskGroup() as group:
            tries = [
                group.create_task(take_in(store, f"e{n}"))
                for n in range(10)
                for store in (one, other)
            ]
        assert sum(task.result() for task in tries) == 10
        await one.dealt_with("console", "home", "e0")
    async with opened(path) as later:
        assert not await take_in(later, "e0")
        assert not await take_in(later, "e1")
        assert len(await waiting(later)) == 9


# --- whose it is


async def test_what_who_opted_out_says_is_a_mark_alone(store: SqliteStore) -> None:
    await store.opt_out([ALICE], "Alice", START, everywhere=False)
    await store.erase_people([ALICE])
    assert await take_in(store, "e1")
    assert not await take_in(store, "e1")
    assert await take_in(store, "e2", "medlars", BOB)
    assert await waiting(store) == ["e2"]
    assert rows(store.path, "SELECT event_id, user FROM inbox") == [("e1", ""), ("e2", "bob")]
    await store.close()
    assert b"uinces" not in bytes_on_disk(store.path)


async def test_who_opted_out_everywhere_is_so_in_a_space_that_knows_nothing_of_them(
    store: SqliteStore,
) -> None:
    await store.opt_out([ALICE], "Alice", START, everywhere=True)
    await take_in(store, "e1", who=EVERYWHERE)
    assert await waiting(store) == []


async def test_what_waits_of_a_person_goes_with_everything_of_them(store: SqliteStore) -> None:
    await take_in(store, "e1")
    await take_in(store, "e2", "medlars", BOB)
    await take_in(store, "e3", "sloes", EVERYWHERE)
    await take_in(store, "e4", "rowans", Scope("console", "home", ""))
    await store.erase_people([ALICE])
    assert await waiting(store) == ["e2", "e3", "e4"]
    assert b"uinces" not in bytes_on_disk(store.path)
    assert not await take_in(store, "e1")  # or it would be heard when it comes again


async def test_a_person_of_whom_only_an_event_is_known_is_known_everywhere(
    store: SqliteStore,
) -> None:
    await take_in(store, "e1", "sloes", EVERYWHERE)
    await note(store, "medlars")
    scopes = await store.everywhere(ALICE)
    assert scopes == [ALICE, EVERYWHERE]
    held = await store.held(scopes)
    assert held.memories == 1
    await store.erase_people(scopes)
    assert await waiting(store) == []
    assert await store.everywhere(ALICE) == []
    assert b"sloes" not in bytes_on_disk(store.path)


async def test_what_waits_of_nobody_is_not_a_persons_without_a_name(store: SqliteStore) -> None:
    await take_in(store, "e1", who=Scope("console", "home", ""))
    await store.erase_people([Scope("console", "home", "")])
    assert await waiting(store) == ["e1"]


async def test_what_waits_goes_with_its_space(store: SqliteStore) -> None:
    await take_in(store, "e1")
    await take_in(store, "e2", who=Scope("console", "home", ""))
    await take_in(store, "e3", "sloes", EVERYWHERE)
    await store.erase_space("console", "home")
    assert await waiting(store) == ["e3"]
    assert b"uinces" not in bytes_on_disk(store.path)


@pytest.mark.parametrize("more", [False, True])
async def test_what_waits_goes_with_its_channel(store: SqliteStore, more: bool) -> None:
    if more:
        await talk(store, "hello")
    await take_in(store, "e1")
    await take_in(store, "e2", "medlars", channel="lounge")
    await take_in(store, "e3", "sloes", EVERYWHERE)
    for event, payload in (("e4", "no JSON"), ("e5", "[1]"), ("e6", '"hall"'), ("e7", "null")):
        await store.take_in("console", "home", event, "", payload, START)
    await store.erase_channel("console", "home", "hall")
    assert await waiting(store) == ["e2", "e3", "e4", "e5", "e6", "e7"]
    assert b"uinces" not in bytes_on_disk(store.path)


async def test_a_space_of_which_only_an_event_is_known_is_known(store: SqliteStore) -> None:
    await take_in(store, "e1")
    assert await store.spaces("console") == {"home": False}
    await store.dealt_with("console", "home", "e1")
    assert await store.spaces("console") == {}


async def test_what_nobody_ever_deals_with_goes_with_the_retention(store: SqliteStore) -> None:
    await take_in(store, "e1")
    await store.expire(START + timedelta(days=1), timedelta(days=2), None)
    assert await waiting(store) == ["e1"]
    await store.expire(START + timedelta(days=3), timedelta(days=2), None)
    assert await waiting(store) == []
    assert b"uinces" not in bytes_on_disk(store.path)


async def test_nothing_of_it_is_exported(store: SqliteStore) -> None:
    await note(store, "medlars")
    await take_in(store, "e1")
    exported = str(await store.portable(ALICE))
    assert "medlars" in exported
    assert "quinces" not in exported
    await store.erase_people([ALICE])
    await take_in(store, "e2")
    assert await store.portable(ALICE) is None


# --- backups


async def test_of_what_waits_the_replaced_file_alone_decides(tmp_path: Path) -> None:
    file, copy = tmp_path / "ellie.db", tmp_path / "monday.db"
    async with opened(file) as store:
        await take_in(store, "e1")
        await take_in(store, "e2", "sloes")
        await back_up(file, copy)
        await store.dealt_with("console", "home", "e1")
        await store.erase_people([ALICE])
        await take_in(store, "e3", "medlars")
    assert holds(copy, b"quinces", b"sloes") == [b"quinces", b"sloes"]
    await restore(copy, file)
    assert holds(file, b"quinces", b"sloes") == []
    async with opened(file) as store:
        assert await waiting(store) == ["e3"]
        assert not await take_in(store, "e1")


# --- secrets of one round trip


async def test_a_secret_is_consumed_once_in_its_time_and_for_its_platform(
    store: SqliteStore,
) -> None:
    ten = timedelta(minutes=10)
    for state in ("one", "two", "three"):
        await store.keep_state("slack", state, START, START + ten)
    assert not await store.consume_state("discord", "one", START)
    assert await store.consume_state("slack", "one", START + ten)
    assert not await store.consume_state("slack", "one", START)
    assert not await store.consume_state("slack", "never", START)
    assert not await store.consume_state("slack", "two", START + ten + timedelta(seconds=1))
    assert not await store.consume_state("slack", "two", START)
    await store.keep_state("slack", "four", START + HOUR, START + HOUR + ten)
    assert rows(store.path, "SELECT count(*) FROM round_trip") == [(1,)]
    assert b"four" not in bytes_on_disk(store.path)
