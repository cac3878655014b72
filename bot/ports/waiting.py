"""The store, as far as it keeps what waits to be done."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from bot.ports.values import Batch, Health, NewMemory, Unindexed
from bot.types import (
    MemoryNumber,
    MessageId,
    Scope,
    Usage,
)


class WaitingStore(Protocol):
    """The queue of consolidation and indexing, and counts."""

    async def due_batches(
        self, now: datetime, after_turns: int, idle_seconds: float, everything: bool
    ) -> list[Batch]:
        """One batch for each scope and audience with enough turns, an urgent or an idle one.

        Turns of a channel in which guests read along are in one of their own.

        `everything`: also those that failed and are not to be tried again yet.
        """
        ...

    async def apply(
        self,
        batch: Batch,
        new: Sequence[NewMemory],
        known: Sequence[tuple[MemoryNumber, tuple[MessageId, ...]]],
        extractor: str,
        usage: Usage,
        now: datetime,
    ) -> list[MemoryNumber]:
        """Keep a batch's memories and close its turns in one transaction; their numbers in order.

        `known`: memories that these messages say again. If anything was erased or edited since the
        batch was read, or some of it consolidated, nothing is kept and what is left stays due.
        """
        ...

    async def postpone(self, batch: Batch, reason: str, retry_at: datetime) -> None:
        """Count a failed attempt; the batch is due again from `retry_at` on."""
        ...

    async def reconsider(self, extractor: str) -> int:
        """Make everything due again that this extractor consolidated; how many turns."""
        ...

    async def use_vectors_of(self, name: str, dimension: int) -> None:
        """Choose the model whose vectors count from now on; the others' become unindexed."""
        ...

    async def unindexed(self, limit: int) -> list[Unindexed]:
        """Texts without a vector of that model; none where no model was chosen."""
        ...

    async def add_vectors(self, vectors: Sequence[tuple[int, Sequence[float]]]) -> None:
        """Keep vectors for unindexed texts; the zero vector marks one that has nothing to embed.

        None are kept if a memory was edited since `unindexed`: the texts are unindexed still.
        """
        ...

    async def tokens_today(self, scope: Scope, now: datetime) -> int:
        """Tokens in and out that the person used this UTC day."""
        ...

    async def notice_once(self, scope: Scope, notice: str) -> bool:
        """True the first time it is asked for this scope and notice; False for one unknown."""
        ...

    async def health(self) -> Health:
        """Counts for `ellie doctor`."""
        ...
