"""A core that answers by script, so that the adapter alone is tested."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Self

from adapters.console.adapter import ConsoleAdapter
from bot.errors import CommandError, PlatformError, StoreError
from bot.receipts import Receipt, Revised
from bot.results import CommandResult, FreshHistory
from bot.types import (
    Conversation,
    IncomingCommand,
    IncomingMessage,
    MemoryNumber,
    Message,
    MessageId,
    PendingTurn,
    Private,
    Reach,
    Role,
    Scope,
    TurnId,
)
from tests.adapters.console.unasked import Unasked

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


class ScriptedCore(Unasked):
    """Echoes; "hang" never ends its reply, "/wrong" and "full" are refused."""

    def __init__(self, platform: ConsoleAdapter) -> None:
        self.platform = platform
        self.left_unanswered: tuple[str, ...] = ()
        self.left_waiting = 0
        self.settles = True
        self.messages: list[IncomingMessage] = []
        self.commands: list[IncomingCommand] = []
        self.unsaid: list[str] = []
        self.resaid: list[IncomingMessage] = []
        self.settled = 0
        self.refused = 0
        self.together = 0
        self._over: dict[TurnId, asyncio.Event] = {}
        self._tasks = asyncio.TaskGroup()
        self._running: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        await self._tasks.__aenter__()
        return self

    async def __aexit__(self, *exception: object) -> None:
        for task in self._running:
            task.cancel()
        await self._tasks.__aexit__(None, None, None)

    async def receive(self, message: IncomingMessage) -> TurnId | None:
        if message.text == "full":
            raise StoreError("The disk is full.")
        self.messages.append(message)
        return self._start(message.text)

    async def answered(self, turn: TurnId) -> None:
        await self._over[turn].wait()

    async def resume(self, conversation: Conversation, reach: Reach = Reach.ALL) -> list[TurnId]:
        return [self._start(text) for text in self.left_unanswered]

    async def command(self, command: IncomingCommand) -> CommandResult:
        self.commands.append(command)
        if command.text == "/wrong":
            raise CommandError("There is no /wrong; /help lists what there is.")
        return FreshHistory()

    async def left(self, platform: str, space: str) -> None: ...
    async def joined(self, platform: str, space: str) -> None: ...

    async def deleted(self, conversation: Conversation, event_ids: Sequence[str]) -> Receipt:
        self.unsaid += event_ids
        return Receipt((MemoryNumber(3),), 2, 0, 0)

    async def edited(self, message: IncomingMessage) -> Revised | None:
        self.resaid.append(message)
        return None if message.text == "the same" else Revised(Receipt((), 0, 0, 1), None)

    async def last_said(self, conversation: Conversation, scope: Scope) -> str | None:
        return self.messages[-1].event_id if self.messages else None

    async def cancel(self, conversation: Conversation) -> None:
        self._running[-1].cancel()

    async def settle(self) -> tuple[int, int]:
        if not self.settles:
            await asyncio.Event().wait()
        self.settled += 1
        return 1, self.left_waiting

    def _start(self, text: str) -> TurnId:
        turn = TurnId(len(self._over) + 1)
        self._over[turn] = asyncio.Event()
        self._running.append(self._tasks.create_task(self._answer(turn, text)))
        return turn

    async def _answer(self, turn: TurnId, text: str) -> None:
        message = Message(MessageId(1), Role.PERSON, "alice", text, NOW, 1, Private())
        scope = Scope("console", "home", "alice")
        where = Conversation("console", "home", "dm:alice")
        running = sum(not over.is_set() for over in self._over.values())
        self.together = max(self.together, running)
        try:
            await self.platform.deliver(
                PendingTurn(turn, scope, where, message, "", "e1"), _echo(text)
            )
        except PlatformError:
            self.refused += 1
        finally:
            self._over[turn].set()


async def _echo(text: str) -> AsyncIterator[str]:
    match text:
        case "hang":
            yield "I begin"
            await asyncio.Event().wait()
        case "silence":
            return
        case "control":
            for piece in ("\n ", "\x1b[2J", "one \n", "\n", "two\x07 ", "\n"):
                yield piece
        case _:
            for piece in ("you ", "said ", text):
                yield piece
