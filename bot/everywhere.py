"""What a person has in every space of a platform, shown to them alone."""

from collections.abc import Iterable
from typing import TypeVar

from bot.errors import CommandError
from bot.ports import Store
from bot.recall import Recall
from bot.results import MemoriesEverywhere, RecalledEverywhere
from bot.types import IncomingCommand, Memory, Private, Reach, Recalled, Scope

T = TypeVar("T")


def require_private(incoming: IncomingCommand) -> None:
    """Raise CommandError where others could see what the person has elsewhere."""
    if incoming.audience != Private():
        raise CommandError(
            "Everywhere is for a private conversation with me: here I speak of this space alone."
        )


class Everywhere:
    """Looks into all scopes of one platform user, each by itself; no model is shown any of it."""

    def __init__(self, store: Store, recall: Recall) -> None:
        self._store = store
        self._recall = recall

    async def recall(
        self, incoming: IncomingCommand, query: str | None, limit: int
    ) -> RecalledEverywhere:
        """At most `limit` of each space. Raises CommandError unless the place is private.

        Of what is shared only this space's: elsewhere they may be a guest.
        """
        require_private(incoming)
        found: list[tuple[Scope, Recalled]] = []
        for scope in await self._store.everywhere(incoming.scope):
            if query is None:
                newest, _ = await self._store.page(scope, Private(), 0, limit)
                found += [(scope, Recalled(memory, 0.0)) for memory in newest]
                continue
            found += [
                (scope, recalled)
                for recalled in await self._recall.find(
                    scope,
                    Private(),
                    query,
                    limit=limit,
                    alone=True,
                    asked_at=incoming.sent_at,
                    shared=scope == incoming.scope and incoming.reach is Reach.ALL,
                )
            ]
        return RecalledEverywhere(query, _by_space(found))

    async def page(self, incoming: IncomingCommand, page: int, size: int) -> MemoriesEverywhere:
        """One page over all spaces, this one's first. Raises CommandError unless it is private."""
        require_private(incoming)
        skip, total = (page - 1) * size, 0
        shown: list[tuple[Scope, Memory]] = []
        for scope in await self._store.everywhere(incoming.scope):
            room = size - len(shown)
            memories, held = await self._store.page(scope, Private(), skip, max(room, 0))
            shown += [(scope, memory) for memory in memories]
            skip = max(0, skip - held)
            total += held
        pages = max(1, -(-total // size))
        if page > pages:
            raise CommandError(f"There is no page {page}: the last one is {pages}.")
        return MemoriesEverywhere(_by_space(shown), page, pages, total)


def _by_space(found: Iterable[tuple[Scope, T]]) -> tuple[tuple[str, tuple[T, ...]], ...]:
    spaces: dict[str, list[T]] = {}
    for scope, item in found:
        spaces.setdefault(scope.space, []).append(item)
    return tuple((space, tuple(items)) for space, items in spaces.items())
