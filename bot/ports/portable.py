"""The store, as far as what it keeps about a person can leave it and come back."""

from typing import Protocol

from bot.portable import BroughtIn, Portable
from bot.types import Scope


class PortableStore(Protocol):
    """Export and import."""

    async def portable(self, scope: Scope) -> Portable | None:
        """All that is kept about a person, of one moment; None: nothing is.

        What another person said is not in it, nor what was made from it: such a reply or summary
        has no text there. What was said while paused is not in it either.
        """
        ...

    async def bring_in(self, portable: Portable) -> BroughtIn:
        """Keep what is not there yet, in one transaction; what was forgotten here stays forgotten.

        References inside `portable` must be sound (`bot.importing` sees to that). Messages come
        back as answered and consolidated; where their conversation has gone on here without them,
        those older than that are recalled, but in no history. Nothing of it is undone by `undo`.
        """
        ...
