"""Two stores at one file: each has what it began, and the next has what a dead one left."""

import asyncio
import logging
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from filelock import FileLock

from bot.store.sqlite.backup import back_up
from bot.store.sqlite.erasure import SqliteStore
from tests.store.process import start
from tests.store.world import DM, HALL, START, message, opened, say

WORK = """
import asyncio, sys
from pathlib import Path
from bot.store.sqlite.erasure import SqliteStore
from tests.store.world import START, message

async def work():
    store = await SqliteStore.open(Path(sys.argv[1]))
    await store.record(message("the first"), 1, urgent=False)
    await store.record(message("the second"), 1, urgent=False)
    await store.take_in("console", "home", "e1", "alice", "{}", START)
    print("at work", flush=True)
    sys.stdin.read()
    await store.close()

asyncio.run(work())
"""
TAKE = """
import asyncio, sys
from pathlib import Path
from bot.store.sqlite.erasure import SqliteStore
from tests.store.world import DM

async def take():
    store = await SqliteStore.open(Path(sys.argv[1]))
    print("ready", flush=True)
    sys.stdin.readline()
    took = [turn.id for turn in await store.take_over(DM)]
    took += [event.event_id for event in await store.taken_in("console")]
    print(*took, flush=True)
    sys.stdin.read()
    await store.close()

asyncio.run(take())
"""


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


@contextmanager
def at_work(path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process, which has two turns to answer and an event to deal with."""
    with start(WORK, path) as process:
        assert line(process) == "at work"
        try:
            yield process
        finally:
            process.kill()


async def had(store: SqliteStore) -> tuple[int, int, int]:
    """How many turns it sees to be answered, takes over, and how many events it has."""
    waiting = await store.unanswered("console")
    turns = await store.take_over(DM)
    return len(waiting), len(turns), len(await store.taken_in("console"))


def beside(path: Path) -> list[str]:
    """What stands in the database's folder, without what SQLite keeps there while it is open."""
    return sorted(
        file.name for file in path.parent.iterdir() if not file.name.endswith(("-wal", "-shm"))
    )


def locks(path: Path) -> list[str]:
    return [name for name in beside(path) if name.startswith(f"{path.name}-runner-")]


async def test_what_another_process_has_is_its_own_while_it_lives_and_free_once_it_is_killed(
    tmp_path: Path,
) -> None:
    path = tmp_path / "ellie.db"
    async with opened(path) as store:
        with at_work(path) as process:
            for _ in range(2):
                assert await had(store) == (0, 0, 0)
            assert [turn.message.text for turn in await store.pending(DM)] == [
                "the first", "the second"
            ]  # fmt: skip
            process.kill()
            process.wait(timeout=30)
            assert await had(store) == (2, 2, 1)
        assert len(locks(path)) == 1


async def test_what_another_process_has_is_free_once_it_ended_in_order(tmp_path: Path) -> None:
    path = tmp_path / "ellie.db"
    async with opened(path) as store:
        with at_work(path) as process:
            assert await had(store) == (0, 0, 0)
            process.communicate(timeout=30)
            assert len(locks(path)) == 1  # its own
            assert await had(store) == (2, 2, 1)


async def test_of_many_that_start_at_once_one_takes_what_a_dead_one_left(tmp_path: Path) -> None:
    path = tmp_path / "ellie.db"
    with at_work(path) as dead:
        dead.kill()
        dead.wait(timeout=30)
    with start(TAKE, path) as one, start(TAKE, path) as two, start(TAKE, path) as three:
        together = (one, two, three)
        assert [line(process) for process in together] == ["ready"] * 3
        for process in together:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        took = [line(process).split() for process in together]
        for process in together:
            process.communicate(timeout=30)
    assert sorted(one for many in took for one in many) == ["1", "2", "e1"]


async def test_two_stores_of_one_process_leave_each_other_alone(tmp_path: Path) -> None:
    path = tmp_path / "ellie.db"
    async with opened(path) as one, opened(path) as other:
        await say(one, "hers")
        turn = await say(other, "the other's", conversation=HALL)
        assert await one.unanswered("console") == [((await one.pending(DM))[0].id, DM)]
        assert await one.take_over(HALL) == []
        assert await one.take_over(HALL, turn.id) == []
        assert await other.take_over(HALL, turn.id) == [turn]
        await other.close()
        assert await one.take_over(HALL, turn.id) == [turn]


async def test_what_was_taken_over_is_not_taken_again(tmp_path: Path) -> None:
    path = tmp_path / "ellie.db"
    async with opened(path) as dead:
        for text in ("a", "b", "c"):
            await say(dead, text)
    async with opened(path) as one, opened(path) as other:
        async with asyncio.TaskGroup() as group:
            tries = [group.create_task(store.take_over(DM)) for store in (one, other)]
        assert sorted(len(task.result()) for task in tries) == [0, 3]
        winner = one if tries[0].result() else other
        assert len(await winner.take_over(DM)) == 3


async def test_an_event_of_another_store_is_neither_given_nor_taken_in_again(
    tmp_path: Path,
) -> None:
    path = tmp_path / "ellie.db"
    async with opened(path) as one, opened(path) as other:
        assert await one.take_in("console", "home", "e1", "alice", "{}", START)
        assert not await other.take_in("console", "home", "e1", "alice", "{}", START)
        assert await other.taken_in("console") == []
        assert len(await one.taken_in("console")) == 1


async def test_who_only_looks_holds_no_lock_and_who_works_leaves_none_behind(
    tmp_path: Path,
) -> None:
    path = tmp_path / "ellie.db"
    async with opened(path) as store:
        await store.unanswered("console")
        await store.health()
        assert locks(path) == []
        await say(store, "hello")
        (name,) = locks(path)
        lock = (tmp_path / name).stat()
        assert (lock.st_mode & 0o777, lock.st_size) == (0o600, 0)
        await back_up(path, tmp_path / "copy.db")
    assert beside(path) == ["copy.db", "ellie.db"]
    async with opened(tmp_path / "copy.db") as store:
        assert len(await store.take_over(DM)) == 1


async def test_what_the_dead_left_beside_the_database_is_removed(tmp_path: Path) -> None:
    path = tmp_path / "[e]llie.db"
    (tmp_path / "[e]llie.db-runner-gone").touch()
    (tmp_path / "ellie.db-runner-of-another").touch()  # as a pattern, the name would match it
    async with opened(path) as store, opened(path) as living:
        await say(living, "hello", conversation=HALL)
        assert await store.take_over(DM) == []
        assert len(locks(path)) == 2
        assert f"{path.name}-runner-gone" not in locks(path)
    assert beside(path) == [path.name, "ellie.db-runner-of-another"]


async def test_by_a_link_it_is_the_same_database(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    path, link = tmp_path / "real" / "ellie.db", tmp_path / "ellie.db"
    async with opened(path) as one:
        await say(one, "hello")
        link.symlink_to(path)
        async with opened(link) as other:
            assert await other.take_over(DM) == []


async def test_where_no_lock_can_be_held_everything_is_taken_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """As on a file system without locks: the library's door refuses, whoever asks."""

    def refuse(*arguments: object, **options: object) -> None:
        raise OSError(38, os.strerror(38))

    caplog.set_level(logging.INFO)
    monkeypatch.setattr(FileLock, "_acquire", refuse)
    path = tmp_path / "ellie.db"
    async with opened(path) as one, opened(path) as other:
        await say(one, "hello")
        await one.record(message("again"), 1, urgent=False)
        assert len(await other.take_over(DM)) == 2
    told = [record.getMessage() for record in caplog.records if "lock" in record.getMessage()]
    assert [line for line in told if "hello" in line] == []
    assert len(told) == 2  # one a store
    assert "both may answer the same" in told[0]


async def test_a_lock_file_that_cannot_be_made_does_not_keep_anybody_from_speaking(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    path = tmp_path / "ellie.db"
    async with opened(path) as store:
        (tmp_path / f"{path.name}-runner-{store._runner.name}").mkdir()
        assert await say(store, "hello")
        assert len(await store.take_over(DM)) == 1
    assert caplog.text.count("no lock can be held beside the database") == 1
