"""Carries out what a person asks for by a command, a button or a form, and shows the answer."""

import logging
from collections.abc import Awaitable, Callable

from adapters.discord.answers import Answer
from adapters.discord.drawing import Seat, draw, say, seat_of
from adapters.discord.interactions import Interaction, normalise_command
from adapters.discord.render import inert
from adapters.discord.showing import defer, show
from adapters.wording import apologies
from bot.ports import Core
from bot.results import CommandResult
from bot.types import IncomingMessage

log = logging.getLogger(__name__)

Draw = Callable[[CommandResult, Seat], Answer]


class Desk:
    """Where requests come in: each is acknowledged first, and whatever happens is answered."""

    def __init__(self, core: Core) -> None:
        self.core = core

    async def answer(
        self,
        interaction: Interaction,
        work: Callable[[], Awaitable[Answer]],
        *,
        public: bool = False,
    ) -> None:
        """Acknowledge, work, and show the answer, or the one line that an error is."""
        if await defer(interaction, public=public):
            await show(interaction, await attempt(work), public=public)

    async def carry_out(
        self,
        interaction: Interaction,
        line: str,
        *,
        quoting: IncomingMessage | None = None,
        about: str | None = None,
        drawn: Draw = draw,
    ) -> Answer:
        """What the core answers to a command line of the one who asks. Raises BotError."""
        incoming = normalise_command(interaction, line, quoting=quoting, about=about)
        return drawn(await self.core.command(incoming), seat_of(interaction))

    async def command(
        self,
        interaction: Interaction,
        line: str,
        *,
        quoting: IncomingMessage | None = None,
        about: str | None = None,
        public: bool = False,
    ) -> None:
        """Answer a command line."""

        async def work() -> Answer:
            return await self.carry_out(interaction, line, quoting=quoting, about=about)

        await self.answer(interaction, work, public=public)


async def attempt(work: Callable[[], Awaitable[Answer]]) -> Answer:
    """What the work gives, or the one line that the person is told instead."""
    try:
        return await work()
    except Exception as error:
        return say(told(error))


def told(error: Exception) -> str:
    """One honest line for the person; the log hears of what they did not cause."""
    return inert(apologies.told(log, error))
