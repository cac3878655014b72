"""Killed in the middle of forgetting: what was begun is carried out when the file is opened."""

import asyncio
import json
import sqlite3
import sys
from pathlib import Path

import pytest

from bot.receipts import Receipt
from bot.store.sqlite.erasure import SqliteStore
from tests.store.test_driver import PLAIN
from tests.store.world import ALICE, START, bytes_on_disk, learn, message, note, opened, texts

ROOT = Path(__file__).parents[2]

KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from bot.store.sqlite.erasure import SqliteStore
from tests.store.test_driver import PLAIN
from tests.store.world import ALICE, DM

class Killed(SqliteStore):
    armed = False

    async def _carry_out(self, begun=0):
        if self.armed and sys.argv[2] == "begun":
            os.kill(os.getpid(), signal.SIGKILL)
        return await super()._carry_out(begun)

    async def _scrub(self):
        if self.armed:
            os.kill(os.getpid(), signal.SIGKILL)
        return await super()._scrub()

async def main():
    store = await Killed.open(Path(sys.argv[1]), PLAIN if sys.argv[4] else None)
    store.armed = True
    match sys.argv[3]:
        case "memory":
            await store.erase(ALICE, [1])
        case "message":
            await store.unsay(DM, ["x"])
        case _:
            await store.erase_people([ALICE])

asyncio.run(main())
"""


ALL = [b"quinc", b"medlar", b"rowan", b"sorbs"]
GONE = {"memory": [b"medlar"], "message": [b"quinc"], "person": ALL}


async def killed(path: Path, when: str, what: str, *, old: bool) -> None:
    """Erase something in another process, which is killed when it comes to that point."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", KILLED, str(path), when, what, "old" if old else "", cwd=ROOT
    )
    async with asyncio.timeout(60):
        assert await process.wait() == -9


@pytest.mark.rule("M6")
@pytest.mark.parametrize("old", [False, True])
@pytest.mark.parametrize("what", ["memory", "message", "person"])
@pytest.mark.parametrize("when", ["begun", "carried out"])
async def test_an_erasure_that_was_killed_is_finished_at_the_next_start(
    tmp_path: Path, when: str, what: str, old: bool
) -> None:
    path = tmp_path / "ellie.db"
    async with opened(path, PLAIN if old else None) as store:
        await store.use_vectors_of("model", 24)
        await store.record(message("I grow quinces", event="x"), 5, urgent=False)
        await learn(store, "Alice grows medlars", said="medlars, medlars")
        await note(store, "rowans")
        await store.take_in("console", "home", "e1", "alice", "sorbs", START)
        vectors = [(item.id, [0.5] * 24) for item in await store.unindexed(9)]
        await store.add_vectors(vectors)
    await killed(path, when, what, old=old)
    assert [word for word in ALL if word not in bytes_on_disk(path)] == []  # the end was not met
    async with opened(path, PLAIN if old else None) as store:
        assert [word for word in ALL if word not in bytes_on_disk(path)] == GONE[what]
        assert [word for word in ALL if word in bytes_on_disk(path)] == [
            word for word in ALL if word not in GONE[what]
        ]
        rows = await store._read().execute_fetchall("SELECT count(*) AS left FROM erasure")
        assert next(iter(rows))["left"] == 0
        again = await store.record(message("I grow quinces", event="x"), 5, urgent=False)
        assert again is None
        held = {"memory": {"rowans"}, "message": {"Alice grows medlars", "rowans"}, "person": set()}
        assert await texts(store) == held[what]


class Cancelled(SqliteStore):
    """Cancels whoever erases, once, when the erasure was begun."""

    cancels = 0

    async def _carry_out(self, begun: int = 0) -> Receipt:
        self.cancels -= 1
        if self.cancels == 0:
            raise asyncio.CancelledError
        return await super()._carry_out(begun)


async def test_what_a_cancelled_task_began_is_carried_out_with_the_next_erasure(
    tmp_path: Path,
) -> None:
    store = await Cancelled.open(tmp_path / "ellie.db")
    number, other = await note(store, "I grow quinces"), await note(store, "medlars")
    store.cancels = 1
    with pytest.raises(asyncio.CancelledError):
        await store.erase(ALICE, [number])
    assert await texts(store) == {"I grow quinces", "medlars"}
    assert (await store.erase(ALICE, [other])).memories == (other,)
    assert await texts(store) == set()
    assert b"uinces" not in bytes_on_disk(store.path)
    await store.close()


def test_an_erasure_is_noted_by_ids_alone(tmp_path: Path) -> None:
    """What waits in the file for a crash to be over holds no word of what is to go."""
    path = tmp_path / "ellie.db"

    async def begin() -> None:
        async with opened(path) as store:
            number = await note(store, "quinces")
            async with store._write() as db:
                await db.execute("CREATE TABLE kept AS SELECT * FROM erasure")
                await db.execute(
                    "CREATE TRIGGER keep AFTER INSERT ON erasure BEGIN "
                    "INSERT INTO kept VALUES (new.erasure_id, new.target); END"
                )
            await store.erase(ALICE, [number])

    asyncio.run(begin())
    connection = sqlite3.connect(path)
    (target,) = connection.execute("SELECT target FROM kept").fetchone()
    connection.close()
    parts = json.loads(target)
    assert parts == {"memories": [16777217], "messages": [], "scopes": []}


async def test_what_a_killed_restore_left_beside_the_file_goes_when_it_is_opened(
    tmp_path: Path,
) -> None:
    path = tmp_path / "ellie.db"
    left = [Path(f"{path}.restoring{ending}") for ending in ("", "-wal", "-shm", "-journal")]
    for file in left:
        file.write_bytes(b"quinces")
    async with opened(path) as store:
        await note(store, "medlars")
    assert [file for file in left if file.exists()] == []
