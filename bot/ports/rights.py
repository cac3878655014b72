"""The store, as far as it keeps what people and spaces want of it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from bot.ports.values import Expired, Naming, Overdue, Retention
from bot.receipts import Kept
from bot.types import Scope


class RightsStore(Protocol):
    """Pauses, opt-outs, retention, spaces that were left, and their sealed tokens."""

    async def counts(self, scope: Scope) -> Kept:
        """How much is kept about a person in their space, and since when."""
        ...

    # --- pausing

    async def pause(self, scope: Scope, name: str, now: datetime) -> bool:
        """Let what the person says from now on be recorded for a short time only.

        `name` is what they are called. False: they had paused already, and nothing is changed.
        """
        ...

    async def resume(self, scope: Scope) -> bool:
        """End a pause; what was said in it stays for a short time only. False: there was none."""
        ...

    async def paused(self, scope: Scope) -> bool:
        """Whether the person has paused."""
        ...

    async def overdue(self, now: datetime) -> list[Overdue]:
        """What was said in pauses, and answered, and is to be erased by now."""
        ...

    # --- opting out

    async def opted_out(self, scope: Scope) -> bool:
        """Whether the person wants to be ignored, in their space or everywhere."""
        ...

    async def opt_out(
        self, scopes: Sequence[Scope], speaker: str, now: datetime, *, everywhere: bool
    ) -> None:
        """Enter that the person of these scopes (the first is where they say so) is ignored.

        Kept are keyed hashes of their id and of what they are called: `speaker`, and the names
        that these scopes hold. Nothing is erased yet: until `erase_people` of the first scope, the
        opt-out is unfinished. Doing it again adds what is not there.
        """
        ...

    async def opt_in(self, scope: Scope, *, everywhere: bool) -> bool:
        """End an opt-out from the scope's space; `everywhere`: and the one from all spaces.

        False: there was none.
        """
        ...

    async def unfinished_opt_outs(self) -> list[Scope]:
        """The scopes of people who opted out of them, of which there is something left."""
        ...

    async def hide_names(self, scope: Scope, text: str) -> str:
        """`text` with a mark in place of each name of those who opted out of the scope's space."""
        ...

    async def naming_opted_out(self, platform: str | None, space: str | None) -> list[Naming]:
        """What is kept there and names somebody who opted out; None: in every one.

        A summary that does is told by a message that it covers, a reply if there is one.
        """
        ...

    # --- retention

    async def set_retention(
        self, platform: str, space: str, message_days: int | None, memory_days: int | None
    ) -> None:
        """For how many days a space keeps messages and memories; None: as the settings say."""
        ...

    async def retention(self, platform: str, space: str) -> Retention:
        """What was set for the space."""
        ...

    async def expire(
        self, now: datetime, messages: timedelta, memories: timedelta | None
    ) -> Expired:
        """Erase what is older than its space's retention, or else than these; how much.

        Of messages that wait for nothing the texts go, and of summaries; what they cover stays
        known. A memory goes whose newest source is too old. None: memories and summaries are kept
        for good. In small steps, each a transaction: others write between them.
        """
        ...

    # --- leaving

    async def depart(self, platform: str, space: str, purge_at: datetime) -> None:
        """Enter that Ellie was removed from a space; its token goes at once.

        Where that is known already, the first time stays.
        """
        ...

    async def stay(self, platform: str, space: str) -> None:
        """Let a space be purged no more; nothing if it was not to be."""
        ...

    async def spaces(self, platform: str) -> dict[str, bool]:
        """The spaces of which anything is kept, and whether each is to be purged."""
        ...

    async def departed(self, now: datetime) -> list[tuple[str, str]]:
        """(platform, space) of those that are to be purged by now."""
        ...

    # --- tokens

    async def keep_token(self, platform: str, space: str, sealed: bytes) -> None:
        """Keep a space's token, sealed (`bot.vault`), in place of an older one."""
        ...

    async def token(self, platform: str, space: str) -> bytes | None:
        """A space's token as it was sealed; None: there is none."""
        ...

    async def drop_token(self, platform: str, space: str) -> None:
        """Erase a space's token; nothing if there is none."""
        ...
