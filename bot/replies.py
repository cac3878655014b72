"""The replies that are being given: one a conversation, each of which can be stopped."""

import asyncio
from collections.abc import Collection, Coroutine
from dataclasses import dataclass, field
from enum import StrEnum

from bot.lookup import TurnLookup
from bot.notices import CUT, STOPPED
from bot.ports import ERASED, Used
from bot.types import Conversation, PendingTurn, Scope, Usage


class End(StrEnum):
    """How a reply came to its end: by itself, stopped by somebody, overtaken by an erasure."""

    DONE = "done"
    STOPPED = "stopped"
    OVERTAKEN = "overtaken"


@dataclass(slots=True)
class Answer:
    """What has come of one reply so far."""

    used: Used = field(default_factory=Used)
    lookup: TurnLookup | None = None
    asked_tokens: int = 0
    pieces: list[str] = field(default_factory=list)
    usage: Usage = field(default_factory=Usage)
    cut: bool = False

    def closed(self, end: End) -> str:
        """The text that is kept, with a mark where it is not whole; "": there is none."""
        text = "".join(self.pieces).strip()
        if not text or (end is End.DONE and not self.cut):
            return text
        return text + (CUT if self.cut else STOPPED)


@dataclass(slots=True)
class _Given:
    """A reply being given; `erasures` is the count of its prompt, None until that is built."""

    turn: PendingTurn
    task: asyncio.Task[None]
    erasures: int | None = None
    overtaken: bool = False


class Replies:
    """What runs to answer somebody, by conversation."""

    def __init__(self) -> None:
        self._given: dict[Conversation, _Given] = {}

    async def give(self, turn: PendingTurn, work: Coroutine[None, None, None]) -> End:
        """Run in a task that can be stopped; how it ended. Raises what it raised."""
        try:
            async with asyncio.TaskGroup() as group:
                task = group.create_task(work)
                given = self._given[turn.conversation] = _Given(turn, task)
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from None
        finally:
            self._given.pop(turn.conversation, None)
        if not task.cancelled():
            return End.DONE
        return End.OVERTAKEN if given.overtaken else End.STOPPED

    def begin(self, turn: PendingTurn, erasures: int) -> None:
        """Note that a reply is given from a prompt that was built at this count of erasures."""
        if turn.conversation in self._given:
            self._given[turn.conversation].erasures = erasures

    def stop(self, conversation: Conversation) -> None:
        """Stop the reply being given there, if any."""
        if conversation in self._given:
            self._given[conversation].task.cancel()

    def stop_stale(
        self, erasures: int, where: Collection[Conversation], scope: Scope | None = None
    ) -> None:
        """Stop what may hold what was erased: in these, or told to that person anywhere.

        Not where the prompt was built since (at `erasures`), or is not built yet.
        """
        for given in self._given.values():
            asker = given.turn.scope
            theirs = scope and (asker.platform, asker.user) == (scope.platform, scope.user)
            concerned = theirs or given.turn.conversation in where
            if concerned and given.erasures not in {None, erasures}:
                given.overtaken = True
                given.task.cancel(ERASED)

    def stop_space(self, platform: str, space: str) -> None:
        """Stop every reply that is being given in a space of which all was erased."""
        for given in self._given.values():
            asker = given.turn.scope
            if (asker.platform, asker.space) == (platform, space):
                given.overtaken = True
                given.task.cancel(ERASED)
