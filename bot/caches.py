"""What remembers words while Ellie runs, and lets go of them when something is forgotten."""

from collections.abc import Callable
from typing import Protocol, TypeVar


class Cache(Protocol):
    """What remembers the answers to what it was asked."""

    def cache_clear(self) -> None:
        """Let go of all of it."""
        ...


C = TypeVar("C", bound=Cache)
_drops: list[Callable[[], None]] = []


def holds_words(cached: C) -> C:
    """Decorates a cache of what somebody said, in whole or in part: forgetting empties it."""
    on_drop(cached.cache_clear)
    return cached


def on_drop(drop: Callable[[], None]) -> None:
    """Have `drop` called whenever something is forgotten."""
    _drops.append(drop)


def drop_remembered_words() -> None:
    """Empty every cache that may hold what somebody said: some of it may have been forgotten."""
    for drop in _drops:
        drop()
