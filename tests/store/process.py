"""Another process at the same database."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).parents[2]
READ = """
import sqlite3, sys
try:
    print(sqlite3.connect(sys.argv[1], timeout=0).execute("SELECT user FROM scope").fetchall())
except sqlite3.Error as error:
    print(error)
"""
_HOLD = """
import asyncio, sys
from pathlib import Path
from bot.store.sqlite.erasure import SqliteStore

async def hold():
    store = await SqliteStore.open(Path(sys.argv[1]))
    print("open", flush=True)
    sys.stdin.read()
    await store.close()

asyncio.run(hold())
"""
WRITE = """
import asyncio, sys
from pathlib import Path
from bot.errors import StoreError
from bot.store.sqlite.erasure import SqliteStore
from tests.store.world import note

async def write():
    print("starting", flush=True)
    store = await SqliteStore.open(Path(sys.argv[1]))
    await note(store, "Alice writes late")
    await store.close()
    print("written")

try:
    asyncio.run(write())
except StoreError as error:
    print(error)
"""


def start(program: str, *arguments: Path) -> subprocess.Popen[str]:
    """Python running `program`, spoken to through pipes."""
    return subprocess.Popen(
        [sys.executable, "-c", program, *map(str, arguments)],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def run(program: str, *arguments: Path) -> str:
    """What `program` prints."""
    with start(program, *arguments) as process:
        out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    return out


@contextmanager
def held_open(path: Path) -> Iterator[None]:
    """The database is open in another process, which does nothing with it."""
    with start(_HOLD, path) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        yield
        process.communicate()


def opened_by(process: int) -> str:
    """The files that a process has open."""
    files = []
    for link in Path(f"/proc/{process}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed since it was listed
            files.append(os.readlink(link))
    return " ".join(files)
