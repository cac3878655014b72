"""What the core does for a person who asked, drawn for Slack."""

import logging
from collections.abc import Awaitable, Callable

from adapters.slack.answers import Answer
from adapters.slack.drawing import draw, say
from adapters.slack.office import Asked
from adapters.slack.render import inert
from adapters.wording import apologies
from bot.ports import Core
from bot.results import CommandResult
from bot.types import IncomingMessage

log = logging.getLogger(__name__)

Draw = Callable[[CommandResult, bool], Answer]


async def carry_out(
    core: Core,
    asked: Asked,
    line: str,
    *,
    quoting: IncomingMessage | None = None,
    drawn: Draw = draw,
) -> Answer:
    """What the core answers to a command line of the one who asks. Raises BotError."""
    return drawn(await core.command(asked.command(line, quoting=quoting)), asked.manages)


async def attempt(work: Callable[[], Awaitable[Answer]]) -> Answer:
    """What the work gives, or the one line that the person is told instead."""
    try:
        return await work()
    except Exception as error:
        return say(told(error))


def told(error: Exception) -> str:
    """One honest line for the person; the log hears of what they did not cause."""
    return inert(apologies.told(log, error))
