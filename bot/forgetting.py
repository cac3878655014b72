"""The person's right to be forgotten: what would go, and erasing it."""

from bot.ports import Store
from bot.recall import Recall
from bot.results import ForgetPreview, Receipt
from bot.text import forms
from bot.types import Memory, MemoryNumber, Private, Scope

LOOKED_AT = 200
"""So many messages and memories that match are looked at."""
OFFERED = 10
"""So many memories a preview offers at once."""


class Forgetting:
    """Finds what a person means, and erases what they name."""

    def __init__(self, store: Store, recall: Recall) -> None:
        self._store = store
        self._recall = recall

    async def preview(self, scope: Scope, query: str) -> ForgetPreview:
        """What matches the query, with ids; nothing is erased.

        A message that no memory came from is kept as a memory of its own words first, so that
        everything that holds the query has an id to be forgotten by, questions too. A memory that
        said so in an earlier version is offered as well.
        """
        found = await self._recall.find(
            scope, Private(), query, limit=LOOKED_AT, questions=True, alone=True, repeats=True
        )
        numbers: dict[MemoryNumber, None] = {}
        texts: set[str] = set()
        for recalled in found:
            item = recalled.item
            if len(numbers) >= OFFERED and item.text.casefold() not in texts:
                continue  # for the next time; but what says the same goes along
            texts.add(item.text.casefold())
            if isinstance(item, Memory):
                numbers[item.number] = None
            elif (number := await self._store.keep_verbatim(scope, item.id)) is not None:
                numbers[number] = None
        more = len({recalled.item.text.casefold() for recalled in found} - texts)
        numbers |= dict.fromkeys(await self._store.said_before(scope, Private(), forms(query)))
        erasure = await self._store.erasure(scope, list(numbers))
        memories = await self._store.memories(scope, Private(), list(numbers))
        return ForgetPreview(query, tuple(memories), erasure.messages, erasure.summaries, more)

    async def forget(self, scope: Scope, numbers: tuple[MemoryNumber, ...]) -> Receipt:
        """Erase these memories and everything that holds them; unknown ids are `missing`."""
        return await self._store.erase(scope, tuple(dict.fromkeys(numbers)))
