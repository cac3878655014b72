"""What is kept about a person leaves the file, and comes back."""

from bot.portable import BroughtIn, Portable
from bot.store.sqlite.arrival import index_all, sort_out
from bot.store.sqlite.exports import read_portable
from bot.store.sqlite.imports import enter
from bot.store.sqlite.ledger import has_opted_out, read_keys
from bot.store.sqlite.versions import Versions
from bot.types import Scope


class Portability(Versions):
    """The part of the store that exports and imports."""

    async def portable(self, scope: Scope) -> Portable | None:
        """See `bot.ports.Store`."""
        async with self._write() as db:  # a transaction: all of one moment
            return await read_portable(db, scope)

    async def bring_in(self, portable: Portable) -> BroughtIn:
        """See `bot.ports.Store`."""
        indexed = index_all(portable)
        async with self._write() as db:
            keys = await read_keys(db)
            if await has_opted_out(db, keys, portable.scope):
                return BroughtIn(opted_out=True)
            return await enter(db, await sort_out(db, keys, portable), indexed)
