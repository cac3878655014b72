"""The store, as far as it erases."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

from bot.ports.values import Erasure, Resaid
from bot.receipts import Receipt
from bot.types import (
    Conversation,
    IncomingMessage,
    MemoryNumber,
    MessageId,
    Scope,
)


class ErasingStore(Protocol):
    """Forgetting, retention and limits."""

    async def erasure(
        self,
        scope: Scope,
        numbers: Sequence[MemoryNumber],
        messages: Sequence[MessageId] = (),
    ) -> Erasure:
        """What would be erased with these memories and messages; nothing is."""
        ...

    async def erase(
        self,
        scope: Scope,
        numbers: Sequence[MemoryNumber],
        messages: Sequence[MessageId] = (),
    ) -> Receipt:
        """Erase memories and messages with everything that holds them, from the file too.

        A memory takes the texts of its sources along; other memories of these stay. A message takes
        along a memory that has no other source left with a text; one that has loses this source.
        Raises StoreError, with all gone but their bytes perhaps still in the log, while
        another process keeps it busy; the next erasure or start takes them out.
        """
        ...

    async def erase_people(self, scopes: Sequence[Scope]) -> Receipt:
        """Erase everything of these people in these scopes: the rows go, not only the texts."""
        ...

    async def erase_space(self, platform: str, space: str) -> Receipt:
        """Erase everything of everybody in a space, what was shared with it too."""
        ...

    async def unsay(self, conversation: Conversation, event_ids: Sequence[str]) -> Receipt:
        """Erase messages that were deleted on the platform, as if they had never been said.

        They may be in any conversation of that one's channel ("C", "C/T"). An event may be of a
        message that Ellie posted: its reply goes, or is not kept when it ends. An event that was
        not seen yet is not written down when it comes, in whichever of these conversations.
        """
        ...

    async def erase_channel(self, platform: str, space: str, key: str) -> Receipt:
        """Erase every message in a conversation, and in its threads ("C" and "C/T")."""
        ...

    async def resay(
        self, message: IncomingMessage, tokens: int, *, pause_keep: timedelta = ...
    ) -> Resaid | None:
        """Let a message, known by its event, say what it was edited to; it is learnt anew.

        It may be in another conversation of its channel. `sent_at` is when it was edited. What came
        from its old wording alone is erased, and it is for those who could read both. `tokens` of
        the new text. What is edited in a pause is like what is said in one, and `overdue` after
        `pause_keep`. None: the message is not there, is another person's, says that already, or was
        edited again since; its person opted out, or the edit waits no more (see `record`). Of what
        is not there the edit waits on.
        """
        ...

    async def last_said(self, conversation: Conversation, scope: Scope) -> str | None:
        """The event of the newest message that the person said there; None: there is none."""
        ...

    async def enforce_limit(self, limit: int) -> int:
        """Erase what is over `limit` a person: superseded, least used, oldest; how many."""
        ...
