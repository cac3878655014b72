"""The whole store."""

from typing import Protocol

from bot.ports.audited import AuditedStore
from bot.ports.erasing import ErasingStore
from bot.ports.inbox import InboxStore
from bot.ports.known import KnownStore
from bot.ports.places import PlacesStore
from bot.ports.portable import PortableStore
from bot.ports.rights import RightsStore
from bot.ports.said import SaidStore
from bot.ports.targets import TargetStore
from bot.ports.waiting import WaitingStore


class Store(
    SaidStore,
    KnownStore,
    WaitingStore,
    TargetStore,
    ErasingStore,
    RightsStore,
    PortableStore,
    AuditedStore,
    PlacesStore,
    InboxStore,
    Protocol,
):
    """One database.

    Every read of content takes the scope it may touch and `reader`, the audience of what it is for,
    and returns only what everyone in that audience could have read. All raise StoreError.
    """

    async def close(self) -> None:
        """Close every connection. Nothing else may be called afterwards."""
        ...
