"""What an adapter is to the core, and the core to an adapter."""

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from bot.receipts import Receipt, Revised
from bot.results import CommandResult
from bot.types import (
    Conversation,
    IncomingCommand,
    IncomingMessage,
    PendingTurn,
    Scope,
    TurnId,
)


class Platform(Protocol):
    """An adapter, seen from the core."""

    name: str

    async def run(self, core: "Core") -> None:
        """Listen, and hand on what is heard, until the platform or the person ends it."""
        ...

    async def deliver(self, turn: PendingTurn, pieces: AsyncIterator[str]) -> None:
        """Show a reply as its pieces come; returns when all is shown. Raises PlatformError."""
        ...


class Core(Protocol):
    """The memory core, seen from an adapter."""

    async def receive(self, message: IncomingMessage) -> TurnId | None:
        """Write a message down and start its turn. None: nothing is started.

        It was seen before, or its person wants to be ignored: then nothing is written either.
        When this returns a turn, the message will be answered, also after a crash.
        """
        ...

    async def answered(self, turn: TurnId) -> None:
        """Wait until the turn is over (answered, failed or stopped). Returns at once if it is."""
        ...

    async def resume(self, conversation: Conversation) -> list[TurnId]:
        """Start the turns that an earlier process left unanswered there, oldest first."""
        ...

    async def command(self, command: IncomingCommand) -> CommandResult:
        """Carry out a command. Raises CommandError with one line saying what would work."""
        ...

    async def deleted(self, conversation: Conversation, event_ids: Sequence[str]) -> Receipt:
        """Messages were deleted on the platform: erase what came from them alone.

        A reply being given there is stopped: it may hold them. An event that was not heard yet will
        not be written down.
        """
        ...

    async def edited(self, message: IncomingMessage) -> Revised | None:
        """A message says something else now: erase what came from its old wording, learn it anew.

        If it is not answered yet, the new text is. None: it is not known, or says that already.
        """
        ...

    async def last_said(self, conversation: Conversation, scope: Scope) -> str | None:
        """The event of the newest message that the person said there; None: there is none."""

    async def left(self, platform: str, space: str) -> None:
        """Ellie was removed from a space: it is purged after `ELLIE_PURGE_AFTER_DAYS`.

        Its token goes at once. Doing it again changes nothing, not even the day.
        """
        ...

    async def joined(self, platform: str, space: str) -> None:
        """Ellie is in a space, again perhaps: it is not purged. What is gone stays gone."""
        ...

    async def cancel(self, conversation: Conversation) -> None:
        """Stop the reply that is being given there, if any; what came is kept and marked."""
        ...

    async def settle(self) -> tuple[int, int]:
        """Do all pending memory work now, however young: (turns done, turns left for later)."""
        ...
