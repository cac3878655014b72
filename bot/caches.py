"""What remembers words while Ellie runs, and lets go of them when something is forgotten."""

from typing import Protocol, TypeVar


class Cache(Protocol):
    """What remembers the answers to what it was asked."""

    def cache_clear(self) -> None:
        """Let go of all of it."""
        ...


_CACHES: list[Cache] = []
C = TypeVar("C", bound=Cache)


def holds_words(cached: C) -> C:
    """Decorates a cache of what somebody said, in whole or in part: forgetting empties it."""
    _CACHES.append(cached)
    return cached


def drop_remembered_words() -> None:
    """Empty every cache that may hold what somebody said: some of it may have been forgotten."""
    for cached in _CACHES:
        cached.cache_clear()
