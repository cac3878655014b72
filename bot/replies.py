"""The replies that are being given: one a conversation, each of which can be stopped."""

import asyncio
from collections.abc import Collection, Coroutine
from dataclasses import dataclass

from bot.types import Conversation, PendingTurn, Scope


@dataclass(slots=True)
class _Given:
    """A reply being given; `erasures` is the count of its prompt, None until that is built."""

    turn: PendingTurn
    task: asyncio.Task[None]
    erasures: int | None = None


class Replies:
    """What runs to answer somebody, by conversation."""

    def __init__(self) -> None:
        self._given: dict[Conversation, _Given] = {}

    async def give(self, turn: PendingTurn, work: Coroutine[None, None, None]) -> bool:
        """Run in a task that can be stopped (True: it was). Raises what it raised."""
        try:
            async with asyncio.TaskGroup() as group:
                task = group.create_task(work)
                self._given[turn.conversation] = _Given(turn, task)
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from None
        finally:
            self._given.pop(turn.conversation, None)
        return task.cancelled()

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
                given.task.cancel()
