"""A platform that posts each reply as messages of its own, as chat platforms do."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from bot.ports import Core
from bot.types import PendingTurn
from tests.conftest import TurnedClock
from tests.core.stage import Screen, Stage, opened
from tests.servers.openai_server import OpenAIServer


class Poster(Screen):
    """`given` are the turns as they came, `ends` the arguments of cancellations."""

    def __init__(self) -> None:
        super().__init__()
        self.core: Core | None = None
        self.given: list[PendingTurn] = []
        self.posts: list[str] = []
        self.ends: list[tuple[object, ...]] = []

    async def deliver(self, turn: PendingTurn, pieces: AsyncIterator[str]) -> None:
        """Post the first piece, and let what follows be edits of that."""
        assert self.core is not None
        self.given.append(turn)
        if not turn.shown:
            self.posts.append(f"post{len(self.posts) + 1}")
            await self.core.shown(turn.id, self.posts[-1])
        try:
            await super().deliver(turn, pieces)
        except asyncio.CancelledError as error:
            self.ends.append(error.args)
            raise


@asynccontextmanager
async def posting(
    file: Path, clock: TurnedClock, server: OpenAIServer | None = None, **settings: bool
) -> AsyncIterator[tuple[Stage, Poster]]:
    """A core whose replies are posted."""
    poster = Poster()
    async with AsyncExitStack() as stack:
        stage = await stack.enter_async_context(
            opened(file, clock, server, None, poster, **settings)
        )
        poster.core = stage.core
        yield stage, poster
