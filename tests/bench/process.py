"""The real process: how soon it answers, and how much memory it takes."""

import asyncio
import os
import pty
import re
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import psutil  # type: ignore[import-untyped]  # it publishes no types

from tests.bench.measure import Measure
from tests.servers.openai_server import OpenAIServer

ROOT = Path(__file__).parents[2]
VERSIONS = 10
STARTS = 5
PATIENCE_SECONDS = 30
QUIET_SECONDS = 0.7
MIB = 2**20
FIRST_MESSAGE = "Remember that my friend Sarah works at Google as a software engineer."


def _environment(**settings: str) -> dict[str, str]:
    """This process's, without any setting of Ellie's but these."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("ELLIE_", "OPENAI_"))}
    return (
        kept | {"PYTHONPATH": str(ROOT), "TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1"} | settings
    )


def version(folder: Path) -> list[Measure]:
    """`ellie --version`, from nothing to its end."""
    seconds = []
    for _ in range(VERSIONS + 1):
        start = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "bot", "--version"],
            cwd=folder,
            env=_environment(),
            stdout=subprocess.DEVNULL,
            check=True,
        )
        seconds.append(time.perf_counter() - start)
    seconds.pop(0)  # it may have compiled
    return [
        Measure(f"ellie --version, best of {VERSIONS}", min(seconds), "s"),
        Measure(f"ellie --version, median of {VERSIONS}", median(seconds), "s", 0.3),
    ]


class Terminal:
    """`ellie chat` on a terminal."""

    def __init__(self, process: subprocess.Popen[bytes], master: int) -> None:
        self.process = process
        self._master = master
        self._seen = ""

    def type(self, line: str) -> None:
        """Type a line."""
        os.write(self._master, f"{line}\r".encode())

    def shows(self, text: str) -> None:
        """Wait until the screen has shown `text` since it was last waited for."""
        while text not in self._seen:
            try:
                shown = os.read(self._master, 65_536).decode(errors="replace")
            except OSError as error:  # nobody has the terminal open any more
                raise AssertionError(f"ended before {text!r}: {self._seen!r}") from error
            self._seen += re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown)
        self._seen = self._seen[self._seen.index(text) + len(text) :]


def resident(pid: int) -> int:
    """Bytes of memory, once the process has done nothing for `QUIET_SECONDS`."""
    process = psutil.Process(pid)
    before = None
    while before != (now := sum(process.cpu_times()[:2])):
        before = now
        time.sleep(QUIET_SECONDS)
    return int(process.memory_info().rss)


@contextmanager
def _chat(folder: Path, **settings: str) -> Iterator[Terminal]:
    """A session with a database of its own, killed at the end, or after `PATIENCE_SECONDS`."""
    master, slave = pty.openpty()
    termios.tcsetwinsize(slave, (24, 80))
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "chat", "--as", "alice"],
        cwd=folder,
        env=_environment(ELLIE_DB=str(folder / f"{time.monotonic_ns()}.db"), **settings),
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
    )
    os.close(slave)
    patience = threading.Timer(PATIENCE_SECONDS, process.kill)
    patience.start()
    try:
        yield Terminal(process, master)
    finally:
        patience.cancel()
        process.kill()
        process.wait()
        os.close(master)


def first_prompt(folder: Path) -> list[Measure]:
    """From starting `ellie chat` to its prompt, with a new database."""
    seconds = []
    for _ in range(STARTS):
        start = time.perf_counter()
        with _chat(folder) as terminal:
            terminal.shows("alice:")
            seconds.append(time.perf_counter() - start)
    return [
        Measure(f"ellie chat to its prompt, best of {STARTS}", min(seconds), "s"),
        Measure(f"ellie chat to its prompt, median of {STARTS}", median(seconds), "s", 2),
    ]


def _resident(folder: Path, **settings: str) -> float:
    with _chat(folder, **settings) as terminal:
        terminal.shows("alice:")
        terminal.type(FIRST_MESSAGE)
        terminal.shows("ellie: ")
        terminal.shows("alice:")
        return resident(terminal.process.pid) / MIB


async def memory(folder: Path) -> list[Measure]:
    """Resident memory after the first turn and the memory work that its "remember" asks for."""
    alone = await asyncio.to_thread(_resident, folder)
    async with OpenAIServer() as server:
        with_model = await asyncio.to_thread(_resident, folder, OPENAI_BASE_URL=server.base_url)
        if not server.asked("chat") or not server.asked("extract"):
            raise AssertionError("the model was to answer and to extract")
    return [
        Measure("resident after the first turn, notebook", alone, "MiB", 180),
        Measure("resident after the first turn, with a model", with_model, "MiB", 240),
    ]
