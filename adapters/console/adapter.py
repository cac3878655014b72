"""Hears lines on a terminal or a pipe, and shows what the core answers."""

import asyncio
import signal
import sys
import uuid
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, ExitStack, suppress
from datetime import datetime
from pathlib import Path
from typing import TextIO

from prompt_toolkit import PromptSession
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.input import create_input
from prompt_toolkit.output import create_output
from rich.console import Console
from rich.status import Status

from adapters.console.normalise import (
    PLATFORM,
    Resay,
    Unsay,
    clean,
    is_command,
    normalise_command,
    normalise_message,
    open_session,
    taken_back,
)
from adapters.console.render import render, resaid
from adapters.console.streams import drop, forgive, on_interrupt_key, on_signal, read_lines
from adapters.wording.plain import plain
from bot.clock import Clock
from bot.errors import BotError, PlatformRefused
from bot.ports import Core
from bot.receipts import Exported
from bot.saving import save
from bot.types import PendingTurn


class ConsoleAdapter:
    """The console as a `Platform`. Raises ConfigError where user, space or place is malformed.

    It is a conversation with prompt and spinner where both `stdin` and `stdout` are terminals, and
    otherwise answers line by line. The streams are this process's unless given; they need a file
    descriptor.
    """

    name = PLATFORM

    def __init__(
        self,
        *,
        user: str,
        space: str,
        place: str,
        clock: Clock,
        stdin: TextIO | None = None,
        stdout: TextIO | None = None,
        stderr: TextIO | None = None,
    ) -> None:
        self._session = open_session(user, space, place)
        self._clock = clock
        # Each of sys.* is None where the process was started with that stream closed.
        self._stdin: TextIO | None = stdin or sys.stdin
        self._stdout: TextIO | None = forgive(stdout or sys.stdout)
        self._stderr: TextIO | None = forgive(stderr or sys.stderr)
        self._terminal = _is_terminal(self._stdin) and _is_terminal(self._stdout)
        self._spinner: Status | None = None
        self._interrupt = self._stop
        self._phase: asyncio.Task[None] | None = None
        self._failure: PlatformRefused | None = None

    async def run(self, core: Core) -> None:
        """Answer what is typed until the input ends, then finish the pending memory work.

        Returns at once, without that work, after SIGTERM, after SIGINT in a pipe, and when nobody
        reads the replies any more. Raises PlatformRefused if they cannot be written.
        """
        with ExitStack() as stack:
            stack.enter_context(on_signal(signal.SIGTERM, self._stop))
            stack.enter_context(on_signal(signal.SIGINT, lambda: self._interrupt()))
            talk = self._converse if self._terminal else self._answer_lines
            if await self._finish(talk(core)):
                await self._finish(self._settle(core))
        if self._failure is not None:
            raise self._failure

    async def deliver(self, turn: PendingTurn, pieces: AsyncIterator[str]) -> None:
        """Print a reply as its pieces come; see `Platform.deliver`."""
        begun, held = False, ""
        try:
            async for piece in pieces:
                text = held + plain(piece)
                shown = text.rstrip() if begun else text.strip()
                held = text[len(text.rstrip()) :]
                if shown:
                    self._write(shown if begun else f"ellie: {shown}")
                    begun = True
            if not begun:
                self._write("ellie: (no answer)")
                begun = True
        finally:
            self._quiet()
            if begun:
                with suppress(PlatformRefused):
                    self._write("\n")

    async def _converse(self, core: Core) -> None:
        keys, output = create_input(self._stdin), create_output(self._stdout)
        session: PromptSession[str] = PromptSession(
            history=InMemoryHistory(), input=keys, output=output
        )
        here = self._session
        self._write(f"You are {here.scope.user} in {here.place}. /help helps, Ctrl-D ends.\n")
        async with AsyncExitStack() as stack:
            tasks = await stack.enter_async_context(asyncio.TaskGroup())

            def interrupt() -> None:
                if session.app.is_running and not session.app.is_done:
                    session.app.exit(exception=KeyboardInterrupt())
                else:
                    tasks.create_task(self._cancel(core))

            # Raw throughout: Ctrl-C is a key and no signal, which would end a surrounding `make`.
            stack.enter_context(keys.raw_mode())
            self._interrupt = interrupt
            stack.callback(setattr, self, "_interrupt", self._stop)
            with on_interrupt_key(keys, interrupt):
                await self._resume(core)
            while (typed := await self._typed(session)) is not None:
                with on_interrupt_key(keys, interrupt):
                    await self._answer(core, typed)

    async def _typed(self, session: PromptSession[str]) -> str | None:
        while True:
            try:
                return await session.prompt_async(
                    f"{self._session.scope.user}: ", handle_sigint=False
                )
            except KeyboardInterrupt:
                self._write("(Ctrl-D ends the session)\n")
            except EOFError:
                return None

    async def _answer_lines(self, core: Core) -> None:
        await self._resume(core)
        async for line in read_lines(self._stdin):
            await self._answer(core, line)

    async def _resume(self, core: Core) -> None:
        try:
            turns = await core.resume(self._session.conversation)
        except BotError as error:
            self._say(str(error))
            return
        if turns:
            self._say(f"answering {len(turns)} message{'s' * (len(turns) > 1)} from before")
        for turn in turns:
            await core.answered(turn)

    async def _answer(self, core: Core, typed: str) -> None:
        line, now = clean(typed), self._clock()
        if not line:
            return
        try:
            self._spin()
            if (change := taken_back(line)) is not None:
                self._reply(await self._take_back(core, change, now))
            elif is_command(line):
                result = await core.command(normalise_command(self._session, line, now))
                if isinstance(result, Exported):
                    result = save(result, Path())
                self._reply(render(result))
            else:
                message = normalise_message(self._session, line, uuid.uuid4().hex, now)
                turn = await core.receive(message)
                if turn is not None:
                    await core.answered(turn)
        except BotError as error:
            self._reply(plain(str(error)))
        finally:
            self._quiet()

    async def _take_back(self, core: Core, change: Unsay | Resay, now: datetime) -> str:
        here = self._session
        event = await core.last_said(here.conversation, here.scope)
        if event is None:
            return "You have said nothing here that I keep."
        if isinstance(change, Resay):
            return resaid(await core.edited(normalise_message(here, change.text, event, now)))
        return render(await core.deleted(here.conversation, [event]))

    async def _cancel(self, core: Core) -> None:
        try:
            await core.cancel(self._session.conversation)
        except BotError as error:
            self._say(str(error))

    async def _settle(self, core: Core) -> None:
        with ExitStack() as stack:
            skip = ""
            if self._terminal:
                keys = create_input(self._stdin)
                stack.enter_context(keys.raw_mode())
                stack.enter_context(on_interrupt_key(keys, self._stop))
                skip = " (Ctrl-C leaves it for the next start)"
            self._say(f"finishing memory work …{skip}")
            try:
                _, left = await core.settle()
            except BotError as error:
                self._say(f"the memory work waits for the next start: {error}")
                return
        if left:
            waits = "message waits" if left == 1 else "messages wait"
            self._say(f"{left} {waits} for a model to be remembered from; nothing is lost")

    async def _finish(self, phase: Coroutine[None, None, None]) -> bool:
        """Whether the phase came to its own end. False: it was stopped."""
        async with asyncio.TaskGroup() as tasks:
            self._phase = tasks.create_task(phase)
        return not self._phase.cancelled()

    def _stop(self) -> None:
        if self._phase is not None:
            self._phase.cancel()

    def _spin(self) -> None:
        if self._terminal:
            self._spinner = Status("", console=Console(file=self._stdout))
            self._spinner.start()

    def _quiet(self) -> None:
        if self._spinner is not None:
            self._spinner.stop()
            self._spinner = None

    def _reply(self, text: str) -> None:
        with suppress(PlatformRefused):  # `_write` has already stopped the run
            self._write(f"{text}\n" if self._terminal else f"ellie: {text}\n")

    def _write(self, text: str) -> None:
        self._quiet()
        if self._stdout is None:
            return
        try:
            self._stdout.write(text)
            self._stdout.flush()
        except OSError as error:
            drop(self._stdout)
            refused = PlatformRefused(f"The replies cannot be written ({error.strerror}).")
            if not isinstance(error, BrokenPipeError):
                self._failure = refused
            self._stop()
            raise refused from error

    def _say(self, text: str) -> None:
        if self._stderr is not None:
            with suppress(OSError):
                self._stderr.write(f"ellie: {plain(text)}\n")
                self._stderr.flush()


def _is_terminal(stream: TextIO | None) -> bool:
    return stream is not None and stream.isatty()
