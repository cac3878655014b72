import asyncio
import os
import re
import signal
import subprocess
import sys
import termios
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from typing import TextIO

import pytest

from adapters.console.adapter import ConsoleAdapter
from bot.errors import ConfigError, PlatformError
from bot.types import (
    Conversation,
)
from tests.adapters.console.scripted import NOW, ScriptedCore

ROOT = Path(__file__).parents[3]


def an_adapter(stdin: TextIO, stdout: TextIO, stderr: TextIO, place: str = "dm") -> ConsoleAdapter:
    return ConsoleAdapter(
        user="alice",
        space="home",
        place=place,
        clock=lambda: NOW,
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
    )


async def answer(
    tmp_path: Path,
    typed: bytes,
    prepare: Callable[[ScriptedCore], None] = lambda _: None,
    place: str = "dm",
) -> tuple[str, str, ScriptedCore]:
    """What a pipe with these bytes gets: standard output, standard error, and the core's record."""
    (tmp_path / "in").write_bytes(typed)
    with (
        (tmp_path / "in").open() as stdin,
        (tmp_path / "out").open("w") as stdout,
        (tmp_path / "err").open("w") as stderr,
    ):
        adapter = an_adapter(stdin, stdout, stderr, place)
        core = ScriptedCore(adapter)
        prepare(core)
        async with asyncio.timeout(20), core:
            await adapter.run(core)
    return (tmp_path / "out").read_text(), (tmp_path / "err").read_text(), core


async def test_every_line_of_a_pipe_is_answered_on_its_own_and_in_order(tmp_path: Path) -> None:
    out, err, core = await answer(tmp_path, b"one\r\n\n  \ntwo\nlast without an end")
    assert out == "ellie: you said one\nellie: you said two\nellie: you said last without an end\n"
    assert err == "ellie: finishing memory work …\n"
    assert core.settled == 1
    assert core.together == 1


async def test_messages_carry_the_session_and_fresh_event_ids(tmp_path: Path) -> None:
    _, _, core = await answer(tmp_path, b"same\nsame\n", place="closed:board")
    first, second = core.messages
    assert first.event_id != second.event_id
    assert first.conversation == Conversation("console", "home", "closed:board")
    assert first.sent_at == NOW


async def test_bytes_that_are_no_text_are_replaced_and_controls_removed(tmp_path: Path) -> None:
    _, _, core = await answer(tmp_path, b"a\xff\x00\x1bb\n\x00\x01\n")
    assert [message.text for message in core.messages] == ["a\N{REPLACEMENT CHARACTER}b"]


async def test_a_long_line_and_many_lines_come_through_whole(tmp_path: Path) -> None:
    long = b"x" * 300_000
    out, _, core = await answer(tmp_path, long + b"\n" + b"hi\n" * 500)
    assert len(core.messages[0].text) == 300_000
    assert out.count("\n") == 501


async def test_a_command_is_answered_by_the_core_and_drawn(tmp_path: Path) -> None:
    out, _, core = await answer(tmp_path, b"/new\n/wrong\n", place="open:general")
    assert out == (
        "ellie: We start afresh here. What I remember stays.\n"
        "ellie: There is no /wrong; /help lists what there is.\n"
    )
    assert core.commands[0].text == "/new"
    assert core.commands[0].place == "the open channel general"
    assert core.messages == []


async def test_an_error_of_the_core_is_one_line_and_the_next_line_is_answered(
    tmp_path: Path,
) -> None:
    out, _, _ = await answer(tmp_path, b"full\nhello\n")
    assert out == "ellie: The disk is full.\nellie: you said hello\n"


async def test_a_reply_cannot_control_the_terminal_and_keeps_its_lines(tmp_path: Path) -> None:
    out, _, _ = await answer(tmp_path, b"control\n")
    assert out == "ellie: [2Jone \n\ntwo\n"


async def test_an_empty_reply_is_said_to_be_one(tmp_path: Path) -> None:
    out, _, _ = await answer(tmp_path, b"silence\n")
    assert out == "ellie: (no answer)\n"


async def test_what_was_left_unanswered_is_answered_first(tmp_path: Path) -> None:
    def prepare(core: ScriptedCore) -> None:
        core.left_unanswered = ("before",)

    out, err, _ = await answer(tmp_path, b"now\n", prepare)
    assert out == "ellie: you said before\nellie: you said now\n"
    assert err.startswith("ellie: answering 1 message from before\n")


async def test_work_that_waits_for_a_model_is_said(tmp_path: Path) -> None:
    def prepare(core: ScriptedCore) -> None:
        core.left_waiting = 2

    _, err, _ = await answer(tmp_path, b"hello\n", prepare)
    assert "ellie: 2 messages wait for a model" in err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="macOS has no device that is full")
async def test_replies_that_cannot_be_written_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "in").write_text("one\ntwo\n")
    with (
        (tmp_path / "in").open() as stdin,
        os.fdopen(os.open("/dev/full", os.O_WRONLY), "w") as stdout,
        (tmp_path / "err").open("w") as stderr,
    ):
        adapter = an_adapter(stdin, stdout, stderr)
        async with asyncio.timeout(20), ScriptedCore(adapter) as core:
            with pytest.raises(PlatformError, match="cannot be written"):
                await adapter.run(core)
    assert core.refused == 1
    assert core.settled == 0


def test_a_malformed_place_is_refused_when_the_adapter_is_made() -> None:
    with pytest.raises(ConfigError, match="--place"):
        an_adapter(sys.stdin, sys.stdout, sys.stderr, place="nowhere")


# --- as a process of its own --------------------------------------------------------------------


def play() -> None:
    """What the processes below run."""

    async def run() -> None:
        adapter = ConsoleAdapter(user="alice", space="home", place="dm", clock=lambda: NOW)
        async with ScriptedCore(adapter) as core:
            await adapter.run(core)

    asyncio.run(run())


@contextmanager
def a_process() -> Iterator[subprocess.Popen[bytes]]:
    program = f"from {__name__} import play; play()"
    with subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def say(process: subprocess.Popen[bytes], line: bytes) -> bytes:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(line)
    process.stdin.flush()
    return process.stdout.readline()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_a_pipe_that_is_still_open(number: signal.Signals) -> None:
    with a_process() as process:
        assert say(process, b"hello\n") == b"ellie: you said hello\n"
        process.send_signal(number)
        assert process.wait(timeout=10) == 0
        assert process.stderr is not None
        assert process.stderr.read() == b""


def test_a_reader_that_left_ends_the_process_without_a_traceback() -> None:
    with a_process() as process:
        assert say(process, b"hello\n") == b"ellie: you said hello\n"
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        process.stdin.write(b"again\n")
        process.stdin.flush()
        assert process.wait(timeout=10) == 0
        assert process.stderr.read() == b""


def test_closed_streams_are_no_error() -> None:
    program = f"from {__name__} import play; play()"
    done = subprocess.run(
        ["sh", "-c", 'exec "$0" -c "$1" <&- >&-', sys.executable, program],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        timeout=20,
        check=False,
    )
    assert (done.returncode, done.stderr.decode()) == (0, "ellie: finishing memory work …\n")


# --- on a terminal ------------------------------------------------------------------------------


class Terminal:
    """The person's side of a pseudo-terminal: `master` is the keyboard and the screen."""

    def __init__(self) -> None:
        self.master, slave = os.openpty()
        termios.tcsetwinsize(slave, (24, 80))
        self.stdin, self.stdout = os.fdopen(slave), os.fdopen(os.dup(slave), "w")
        self._seen = ""
        self._changed = asyncio.Event()
        asyncio.get_running_loop().add_reader(self.master, self._read)

    def type(self, keys: bytes) -> None:
        os.write(self.master, keys)

    async def shows(self, text: str) -> None:
        """Wait until the screen has shown `text` since it was last waited for."""
        async with asyncio.timeout(10):
            while text not in (seen := re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", self._seen)):
                self._changed.clear()
                await self._changed.wait()
        self._seen = seen[seen.index(text) + len(text) :]

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self.master)
        self.stdin.close()
        self.stdout.close()
        os.close(self.master)

    def _read(self) -> None:
        self._seen += os.read(self.master, 65_536).decode()
        self._changed.set()


@pytest.fixture
async def terminal(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Terminal]:
    monkeypatch.setenv("PROMPT_TOOLKIT_NO_CPR", "1")  # this screen answers no questions
    monkeypatch.setenv("TERM", "xterm")
    screen = Terminal()
    yield screen
    screen.close()


async def test_a_conversation_on_a_terminal(terminal: Terminal, tmp_path: Path) -> None:
    with (tmp_path / "err").open("w") as stderr:
        adapter = an_adapter(terminal.stdin, terminal.stdout, stderr)
        async with AsyncExitStack() as stack:
            core = await stack.enter_async_context(ScriptedCore(adapter))
            tasks = await stack.enter_async_context(asyncio.TaskGroup())
            run = tasks.create_task(adapter.run(core))
            await terminal.shows("alice:")
            terminal.type(b"hello\r")
            await terminal.shows("ellie: you said hello\r\n")
            await terminal.shows("alice:")
            terminal.type(b"half a thought\x03")
            await terminal.shows("(Ctrl-D ends the session)")
            await terminal.shows("alice:")
            terminal.type(b"/wrong\r")
            await terminal.shows("There is no /wrong")
            await terminal.shows("alice:")
            terminal.type(b"\x04")
            await run
    assert [message.text for message in core.messages] == ["hello"]
    assert core.settled == 1


async def test_ctrl_c_stops_the_reply_and_keys_typed_meanwhile_are_kept(
    terminal: Terminal, tmp_path: Path
) -> None:
    with (tmp_path / "err").open("w") as stderr:
        adapter = an_adapter(terminal.stdin, terminal.stdout, stderr)
        async with AsyncExitStack() as stack:
            core = await stack.enter_async_context(ScriptedCore(adapter))
            tasks = await stack.enter_async_context(asyncio.TaskGroup())
            run = tasks.create_task(adapter.run(core))
            await terminal.shows("alice:")
            terminal.type(b"hang\r")
            await terminal.shows("ellie: I begin")
            terminal.type(b"next\x03")
            await terminal.shows("\r\nalice:")
            terminal.type(b" one\r")
            await terminal.shows("ellie: you said next one\r\n")
            await terminal.shows("alice:")
            terminal.type(b"\x04")
            await run
    assert [message.text for message in core.messages] == ["hang", "next one"]


async def test_ctrl_c_skips_the_memory_work_at_the_end(terminal: Terminal) -> None:
    adapter = an_adapter(terminal.stdin, terminal.stdout, terminal.stdout)
    async with AsyncExitStack() as stack:
        core = await stack.enter_async_context(ScriptedCore(adapter))
        core.settles = False
        tasks = await stack.enter_async_context(asyncio.TaskGroup())
        run = tasks.create_task(adapter.run(core))
        before = termios.tcgetattr(terminal.master)
        await terminal.shows("alice:")
        terminal.type(b"\x04")
        await terminal.shows("finishing memory work … (Ctrl-C leaves it for the next start)")
        terminal.type(b"\x03")
        await run
        assert core.settled == 0
        assert termios.tcgetattr(terminal.master) == before
