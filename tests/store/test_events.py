"""What a platform deletes is found by its event, wherever it is in the channel, and known again."""

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from bot.store.sqlite.backup import back_up
from bot.store.sqlite.erasure import SqliteStore
from bot.store.sqlite.events import POSTED, SAID, named
from bot.store.sqlite.ledger import message_mark
from bot.store.sqlite.restore import restore
from bot.types import Conversation, Space
from tests.store.restoring import bury, holds, key
from tests.store.travel import exported
from tests.store.world import HALL, message, opened, talk

THREAD = replace(HALL, key="hall/t1")


@pytest.mark.parametrize("sql", [SAID, POSTED])
async def test_an_event_is_found_by_an_index(store: SqliteStore, sql: str) -> None:
    with closing(store.driver.module.connect(store.path)) as connection:
        plan = connection.execute(f"EXPLAIN QUERY PLAN {sql}", named(HALL, ["x"])).fetchall()
    steps = [step for *_, step in plan]
    assert any("_by_event (event_id=?)" in step for step in steps)
    assert not any(step.startswith("SCAN") and "json_each" not in step for step in steps)


@pytest.mark.parametrize("marked", [HALL, THREAD])
async def test_a_mark_of_the_channel_or_of_the_thread_keeps_a_message_out(
    tmp_path: Path, marked: Conversation
) -> None:
    path = tmp_path / "ellie.db"
    async with opened(path):
        pass
    bury(path, message_mark(key(path), marked, "x"))
    async with opened(path) as store:
        said = message("quinces", conversation=THREAD, event="x")
        assert await store.record(said, 1, urgent=False) is None
        assert not await store.overhear(said, 1)
        assert await store.quote(message("quinces"), said, 1) is None
        elsewhere = replace(said, conversation=replace(HALL, key="hallway/t1"))
        assert await store.record(elsewhere, 1, urgent=False) is not None


async def test_what_was_deleted_in_a_channel_does_not_come_back_with_a_backup(
    tmp_path: Path,
) -> None:
    file, copy = tmp_path / "ellie.db", tmp_path / "monday.db"
    async with opened(file):
        pass
    async with opened(tmp_path / "heard.db") as store:  # by an Ellie that heard more
        await talk(store, "I grow quinces", conversation=THREAD, event="x", audience=Space())
        await talk(store, "I grow medlars", conversation=THREAD, event="y", audience=Space())
        await back_up(store.path, copy)
    async with opened(file) as store:
        await store.unsay(HALL, ["x"])
    await restore(copy, file)
    assert holds(file, b"quinces", b"medlars") == [b"medlars"]


async def test_what_was_deleted_in_a_channel_does_not_come_back_with_an_export(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path / "first.db") as first:
        await talk(first, "I grow quinces", conversation=THREAD, event="x", audience=Space())
        await talk(first, "I grow medlars", conversation=THREAD, event="y", audience=Space())
        kept = await exported(first)
    async with opened(tmp_path / "second.db") as store:
        await store.unsay(HALL, ["x"])
        await store.bring_in(kept)
        path = store.path
    assert holds(path, b"quinces", b"medlars") == [b"medlars"]


async def test_many_are_deleted_at_once_in_several_threads(store: SqliteStore) -> None:
    for number in range(20):
        place = replace(HALL, key=f"hall/t{number % 3}")
        await talk(store, f"said {number}", conversation=place, event=f"e{number}")
    receipt = await store.unsay(HALL, [f"e{number}" for number in range(15)])
    assert {place.key for place in receipt.where} == {"hall/t0", "hall/t1", "hall/t2"}
    with closing(store.driver.module.connect(store.path)) as connection:
        left = connection.execute(
            "SELECT text FROM message WHERE role = 'person' AND text IS NOT NULL ORDER BY text"
        ).fetchall()
    assert left == [(f"said {number}",) for number in range(15, 20)]


async def test_of_an_edit_in_a_channel_the_new_wording_stays_and_the_old_does_not_come_back(
    tmp_path: Path,
) -> None:
    file, before, after = (tmp_path / name for name in ("ellie.db", "monday.db", "tuesday.db"))
    said = message("I grow quinces", conversation=THREAD, event="x", audience=Space())
    async with opened(file) as store:
        assert await store.record(said, 1, urgent=False) is not None
        await back_up(file, before)
        edit = replace(said, text="I grow medlars", conversation=HALL)
        assert await store.resay(edit, 1) is not None
        await back_up(file, after)
    await restore(after, file)
    assert holds(file, b"quinces", b"medlars") == [b"medlars"]
    await restore(before, file)
    assert holds(file, b"quinces", b"medlars") == []
