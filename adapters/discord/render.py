"""Stub until h-words."""

from adapters.console import render as console
from bot.results import CommandResult


def render(result: CommandResult) -> str:
    """Stub."""
    return console.render(result)
