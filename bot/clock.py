"""The time, which comes only from here."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Gives the present moment, aware and in UTC. Tests pass their own."""


def system_clock() -> datetime:
    """The computer's time."""
    return datetime.now(UTC)
