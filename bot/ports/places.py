"""The store, as far as it keeps where Ellie speaks, and what spaces set."""

from datetime import datetime
from typing import Protocol

from bot.space_settings import SpaceSettings
from bot.types import Conversation, PendingTurn, Reach, Scope, TurnId


class PlacesStore(Protocol):
    """What replies were posted as, who is waited for where, and what spaces set."""

    # --- what was posted

    async def note_shown(self, turn: TurnId, event_id: str, now: datetime) -> None:
        """Enter a message that holds (a part of) a turn's reply; nothing if the turn is gone."""
        ...

    async def drop_shown(self, turn: TurnId) -> None:
        """Forget what a turn's reply was posted as: the platform took it back."""
        ...

    async def shown_as(
        self, conversation: Conversation, event_id: str
    ) -> tuple[TurnId, Scope] | None:
        """The turn whose reply was posted as this message there, and whom it answers."""
        ...

    async def conversation_of(self, platform: str, space: str, place: str) -> Conversation | None:
        """The conversation whose key is `place`, or ends in it as a thread; None: there is none."""
        ...

    async def takes_part(self, conversation: Conversation) -> bool:
        """Whether Ellie ever answered there; that she did is kept longer than what she said."""
        ...

    async def unanswered(self, platform: str) -> list[tuple[TurnId, Conversation]]:
        """The platform's turns that wait for their answers, and for no other store that is open."""
        ...

    async def take_over(
        self, conversation: Conversation, turn: TurnId | None = None
    ) -> list[PendingTurn]:
        """The turns there (or this one) not yet answered, oldest first, which are ours from now on.

        Without those of another store that is open: that one answers them.
        """
        ...

    async def narrow(self, conversation: Conversation, reach: Reach) -> None:
        """Let the turns not yet answered there use no more than this; what is narrower stays so."""
        ...

    async def active(self, platform: str, since: datetime) -> list[tuple[Conversation, str]]:
        """The conversations in which something was said or posted since then, the latest first.

        Each with the event of the newest message heard or posted there, by the time it was said.
        """
        ...

    # --- what spaces set

    async def space_settings(self, platform: str, space: str) -> SpaceSettings:
        """What was set for a space, its retention too."""
        ...

    async def set_space_settings(self, platform: str, space: str, settings: SpaceSettings) -> None:
        """Let a space be as these say."""
        ...

    async def space_tokens_today(self, platform: str, space: str, now: datetime) -> int:
        """Tokens in and out that everybody in the space used this UTC day."""
        ...

    async def noted(self, platform: str, space: str, name: str) -> str | None:
        """What an adapter noted there by this name; None: nothing."""
        ...

    async def note(self, platform: str, space: str, name: str, value: str) -> bool:
        """Note it. True: it was not that before."""
        ...
