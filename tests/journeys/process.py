"""`python -m bot chat` as a real process, spoken to through pipes."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.notices import WELCOME

ROOT = Path(__file__).parents[2]
LIMIT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of a process that ended by itself."""

    status: int
    out: str
    err: str

    @property
    def replies(self) -> list[str]:
        """The replies, each without its `ellie: ` and without what new people are told."""
        told = self.out.replace(f"\n{WELCOME}", "")
        return [part.strip() for part in ("\n" + told).split("\nellie: ")[1:]]


def environment(file: Path, **settings: str) -> dict[str, str]:
    """The environment of this process without Ellie's own settings, but with these."""
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("ELLIE_", "OPENAI_", "DISCORD_", "SLACK_"))
    }
    return clean | {"PYTHONPATH": str(ROOT), "ELLIE_DB": str(file)} | settings


async def start(
    file: Path, settings: dict[str, str], options: Sequence[str] = (), stderr: int = DEVNULL
) -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "chat", "--as", "alice", *options,
        cwd=file.parent, env=environment(file, **settings),
        stdin=PIPE, stdout=PIPE, stderr=stderr,
    )  # fmt: skip


async def chat(file: Path, *lines: str, options: Sequence[str] = (), **settings: str) -> Ran:
    """One session: these lines, then the end of input."""
    process = await start(file, settings, options, PIPE)
    async with asyncio.timeout(LIMIT_SECONDS):
        out, err = await process.communicate("".join(f"{line}\n" for line in lines).encode())
    return Ran(process.returncode or 0, out.decode(), err.decode())


async def run(file: Path, *arguments: str, **settings: str) -> Ran:
    """`ellie` with these arguments."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", *arguments,
        cwd=file.parent, env=environment(file, **settings),
        stdin=DEVNULL, stdout=PIPE, stderr=PIPE,
    )  # fmt: skip
    async with asyncio.timeout(LIMIT_SECONDS):
        out, err = await process.communicate()
    return Ran(process.returncode or 0, out.decode(), err.decode())


@asynccontextmanager
async def doomed(file: Path, line: str, **settings: str) -> AsyncIterator[Process]:
    """A session that got one line and is killed with SIGKILL at the end, if it still runs."""
    process = await start(file, settings)
    assert process.stdin is not None
    process.stdin.write(f"{line}\n".encode())
    await process.stdin.drain()
    try:
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGKILL)
        async with asyncio.timeout(LIMIT_SECONDS):
            await process.wait()
