"""A backup, a forgetting and a restore, each by its command, with Ellie running."""

import asyncio
import re
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.journeys.process import LIMIT_SECONDS, chat, start
from tests.store.restoring import holds, mode
from tests.test_cli import ellie
from tests.threaded import in_thread


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return tmp_path / "monday.db"


def said(file: Path, *arguments: str) -> str:
    """What a command answers that succeeds."""
    done = in_thread(*arguments, "--db", str(file))
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def refused(file: Path, *arguments: str) -> str:
    """The one line of a command that fails."""
    done = in_thread(*arguments, "--db", str(file))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("ellie: ")
    assert done.stderr.count("\n") == 1
    return done.stderr


async def hear(process: Process, line: str, until: str) -> str:
    """Say a line to a running Ellie and read until her answer holds these words."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{line}\n".encode())
    await process.stdin.drain()
    async with asyncio.timeout(LIMIT_SECONDS):
        return (await process.stdout.readuntil(until.encode())).decode()


@asynccontextmanager
async def running(file: Path) -> AsyncIterator[Process]:
    """An Ellie that listens, and ends when her input does."""
    process = await start(file, {})
    try:
        yield process
    finally:
        await process.communicate(b"")  # the end of its input


async def test_what_was_forgotten_after_a_backup_does_not_come_back_with_it(
    file: Path, copy: Path
) -> None:
    async with running(file) as process:
        await hear(process, "/remember I grow quinces", "m1")
        await hear(process, "I told nobody but you that my marmelo is ripe", "(I have no")
        await hear(process, "/remember I have a heron", "m2")
        told = said(file, "db", "backup", str(copy))
        assert told.startswith(f"{copy} is a backup of {file} (schema ")
        assert re.search(r"\d\): 1 person, \d messages and \d memories\.\n", told)
        await hear(process, "/remember I have an egret", "m3")
        await hear(process, "/forget m1", "Forgotten")
        offered = await hear(process, "/forget marmelo", "/forget m")
        ids = re.findall(r"  (m\d+) ", offered)
        await hear(process, f"/forget {' '.join(ids)}", "Forgotten")
        assert "in use" in refused(file, "db", "restore", str(copy))
        assert "egret" in await hear(process, "/memories", "heron")
    assert (mode(copy), holds(copy, b"quinc", b"marmelo")) == (0o600, [b"quinc", b"marmelo"])
    told = said(file, "db", "restore", str(copy))
    assert f"{file} is restored from {copy}" in told
    assert re.search(r"took out of the copy: \d memor.*, \d messages.* of 0 persons\.\n", told)
    assert holds(file, b"quinc", b"marmelo", b"egret") == []
    (memories,) = (await chat(file, "/memories")).replies
    assert "heron" in memories
    assert "quince" not in memories


async def test_a_restore_into_an_empty_place_says_that_there_was_no_ledger(
    file: Path, copy: Path
) -> None:
    await chat(file, "/remember I have a heron")
    said(file, "db", "backup", str(copy))
    there = file.with_name("new.db")
    assert "no ledger" in said(there, "db", "restore", str(copy))
    assert "heron" in (await chat(there, "/memories")).out


async def test_a_wrong_file_is_one_line(file: Path, copy: Path) -> None:
    assert "There is no file" in refused(file, "db", "backup", str(copy))
    await chat(file, "/remember I have a heron")
    assert "There is no file" in refused(file, "db", "restore", str(copy))
    assert "itself" in refused(file, "db", "restore", str(file))
    assert "itself" in refused(file, "db", "backup", str(file))
    assert "There is no folder" in refused(file, "db", "backup", str(copy / "x.db"))
    said(file, "db", "backup", str(copy))
    assert "there already" in refused(file, "db", "backup", str(copy))


async def test_the_database_of_the_settings_is_meant_without_db(file: Path, copy: Path) -> None:
    await chat(file, "/remember I have a heron")
    (file.parent / ".env").write_text(f"ELLIE_DB={file}\n")
    assert ellie(file.parent, "db", "backup", str(copy)).returncode == 0
    assert ellie(file.parent, "db", "restore", str(copy)).returncode == 0
    assert "heron" in (await chat(file, "/memories")).out
