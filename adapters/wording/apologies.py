"""What a person is told instead of an answer, in one line."""

import logging

from bot.errors import BotError, CommandError, report

TOO_LONG = "That took me too long. Please ask again."
WRONG = "Something went wrong on my side. Please try again."


def told(log: logging.Logger, error: Exception) -> str:
    """One honest line, not inert yet; the log hears of what the person did not cause."""
    if isinstance(error, BotError):
        if not isinstance(error, CommandError):
            log.warning("a command: %s", error)
        return str(error)
    if isinstance(error, TimeoutError):
        log.warning("a command took too long")
        return TOO_LONG
    report(log, "a command", error)
    return WRONG
