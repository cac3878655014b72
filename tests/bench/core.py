"""What the bench puts at the two ends of the core."""

from collections.abc import AsyncIterator

from bot.ports import Core
from bot.turns import Turns
from bot.types import PendingTurn


class Sink:
    """A `Platform` on which replies are read to their end and shown to nobody."""

    def __init__(self, name: str) -> None:
        self.name = name

    async def run(self, core: Core) -> None:
        """Nothing is ever heard here."""

    async def deliver(self, turn: PendingTurn, pieces: AsyncIterator[str]) -> None:
        """See `Platform.deliver`."""
        async for _ in pieces:
            pass


async def rest(core: Turns) -> None:
    """Wait until the background worker has nothing to do.

    It takes turns with the worker: the first step may come before the worker's own, the second
    comes after it.
    """
    for _ in range(2):
        await core._consolidation.step()
