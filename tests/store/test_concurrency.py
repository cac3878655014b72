import asyncio
import os
import random
import signal
import sqlite3
import sys
from pathlib import Path

import pytest

from bot.store.sqlite.erasure import SqliteStore
from bot.types import Private
from tests.store.test_driver import PLAIN
from tests.store.world import (
    ALICE,
    DM,
    found_by_words,
    heard,
    learn,
    message,
    note,
    opened,
    say,
    talk,
    texts,
)

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("one_connection", [False, True])
async def test_fifty_tasks_read_and_write_at_once(tmp_path: Path, one_connection: bool) -> None:
    async def work(store: SqliteStore, number: int) -> None:
        await talk(store, f"tea number {number}")
        await note(store, f"note number {number}")
        assert f"note number {number}" in await texts(store)
        assert f"tea number {number}" in await found_by_words(store, "tea")
        assert (f"tea number {number}", "Good.") in await heard(store, DM, Private())

    async with opened(tmp_path / "ellie.db", PLAIN if one_connection else None) as store:
        async with asyncio.TaskGroup() as group:
            for number in range(50):
                group.create_task(work(store, number))
        health = await store.health()
        assert (health.messages, health.memories) == (150, 50)


async def test_learning_looking_and_forgetting_at_once_ends_in_order(store: SqliteStore) -> None:
    async def forget(text: str) -> None:
        number = await note(store, text)
        await store.due_batches(message("").sent_at, 1, 0, everything=True)
        await store.erase(ALICE, [number])

    async with asyncio.TaskGroup() as group:
        for number in range(20):
            group.create_task(forget(f"secret {number}"))
            group.create_task(store.due_batches(message("").sent_at, 1, 0, everything=True))
    assert await texts(store) == set()
    assert b"secret" not in store.path.read_bytes()


@pytest.mark.parametrize("one_connection", [False, True])
async def test_what_is_not_committed_is_not_read(tmp_path: Path, one_connection: bool) -> None:
    async with opened(tmp_path / "ellie.db", PLAIN if one_connection else None) as store:
        await note(store, "kept")
        started, seen = asyncio.Event(), []

        async def write_and_fail() -> None:
            async with store._write() as db:
                await db.execute("UPDATE memory SET text = 'never'")
                started.set()
                for _ in range(9):  # meanwhile the other task has its turn
                    await db.execute("SELECT 1")
                raise RuntimeError

        async def read() -> None:
            await started.wait()
            seen.append(await texts(store))

        async def both() -> None:
            async with asyncio.TaskGroup() as group:
                group.create_task(read())
                group.create_task(write_and_fail())

        with pytest.raises(ExceptionGroup):
            await both()
        seen.append(await texts(store))
        assert seen[-1] == {"kept"}
        assert all(one == {"kept"} for one in seen)


async def test_cancelling_a_write_rolls_it_back_and_the_store_stays_usable(
    store: SqliteStore,
) -> None:
    chance = random.Random(3)
    whole = 0
    for number in range(60):
        try:
            async with asyncio.timeout(chance.random() * 0.004):
                await learn(store, f"memory {number}", said=f"said {number}")
        except TimeoutError:
            whole += 1
    assert whole > 0
    connection = store.driver.module.connect(store.path)
    assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    halves = """
        SELECT count(*) FROM message
        WHERE role = 'person' AND id NOT IN (SELECT message_id FROM turn)
        """
    assert connection.execute(halves).fetchone()[0] == 0
    bare = "SELECT count(*) FROM memory WHERE id * 2 + 1 NOT IN (SELECT id FROM passage)"
    assert connection.execute(bare).fetchone()[0] == 0
    connection.close()
    await say(store, "still here")
    assert await found_by_words(store, "still here") == {"still here"}


WRITER = """
import asyncio, itertools, sys
from pathlib import Path
from bot.store.sqlite.erasure import SqliteStore
from tests.store.world import message

async def main():
    store = await SqliteStore.open(Path(sys.argv[1]))
    for number in itertools.count():
        text = f"{sys.argv[2]}-{number}"
        await store.record(message(text, event=text), 1, urgent=False)
        print(text, flush=True)

asyncio.run(main())
"""


async def killed(path: Path, run: int, after: int) -> list[str]:
    """What a writer had acknowledged when it was killed, about `after` records in."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", WRITER, str(path), str(run),
        cwd=ROOT, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    lines = [(await process.stdout.readline()).decode().strip() for _ in range(after)]
    os.kill(process.pid, signal.SIGKILL)
    lines += (await process.stdout.read()).decode().split()
    await process.wait()
    return [line for line in lines if line]


async def test_what_was_acknowledged_survives_kill_9(tmp_path: Path) -> None:
    path = tmp_path / "ellie.db"
    acknowledged: list[str] = []
    async with asyncio.timeout(60):
        for run, after in enumerate((1, 7, 40)):
            acknowledged += await killed(path, run, after)
    async with opened(path) as store:
        kept = {turn.message.text for turn in await store.pending(DM)}
        assert set(acknowledged) <= kept
        assert len(kept) - len(set(acknowledged)) <= 3  # written, and killed before it was said
        assert len(acknowledged) >= 48
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
