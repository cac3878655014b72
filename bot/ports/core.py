"""What an adapter is to the core, and the core to an adapter."""

from collections.abc import AsyncIterator, Collection, Sequence
from datetime import datetime
from typing import Final, Protocol

from bot.ports.values import TakenIn
from bot.receipts import Receipt, Revised
from bot.results import CommandResult, Suggestion
from bot.space_settings import SpaceSettings
from bot.types import (
    Conversation,
    IncomingCommand,
    IncomingMessage,
    PendingTurn,
    Reach,
    Scope,
    TurnId,
)

ERASED: Final = "erased"
"""The message of a delivery's cancellation where what it shows was forgotten meanwhile."""


class Platform(Protocol):
    """An adapter, seen from the core."""

    name: str

    async def run(self, core: "Core") -> None:
        """Listen, and hand on what is heard, until the platform or the person ends it."""
        ...

    async def deliver(self, turn: PendingTurn, pieces: AsyncIterator[str]) -> None:
        """Show a reply as its pieces come; returns when all is shown. Raises PlatformError.

        It may be called again for the same turn, whose `shown` then names what was posted before.
        Raises PlaceGone where nothing can be shown there any more: then the turn is over.
        Cancelled with `ERASED` as the first argument: what is shown was forgotten
        meanwhile, and is to be taken back. Cancelled without: what came stays.
        """
        ...


class Core(Protocol):
    """The memory core, seen from an adapter."""

    async def receive(self, message: IncomingMessage) -> TurnId | None:
        """Write a message down and start its turn. None: nothing is started.

        It was seen before, its person wants to be ignored, or it waited in the inbox (`waiting`)
        and was erased or dealt with meanwhile: then nothing is written either. It waits no more,
        by the same transaction. When this returns a turn, the message will be answered, also after
        a crash.
        """
        ...

    async def ignores(self, scope: Scope) -> bool:
        """Whether the person wants to be ignored: `receive` would start nothing."""
        ...

    async def overhear(self, message: IncomingMessage) -> None:
        """Write down what a bystander said: history of its conversation only.

        It is never answered, recalled or learnt from. Of who wants to be ignored nothing is kept,
        nor of what `receive` would not write either.
        """
        ...

    async def shown(self, turn: TurnId, event_id: str) -> None:
        """A message that holds (a part of) a turn's reply was posted.

        So it can be asked about, replied to, deleted, and found after a crash.
        """
        ...

    async def answered(self, turn: TurnId) -> None:
        """Wait until the turn is over (answered, failed or stopped). Returns at once if it is."""
        ...

    async def resume(self, conversation: Conversation, reach: Reach = Reach.ALL) -> list[TurnId]:
        """Start the turns that an earlier process left unanswered there, oldest first.

        `reach`: what may be used there now; who reads along may have come in since. Of it and of
        what was so when each was asked the narrower counts.
        """
        ...

    async def command(self, command: IncomingCommand) -> CommandResult:
        """Carry out a command. Raises CommandError with one line saying what would work."""
        ...

    async def deleted(self, conversation: Conversation, event_ids: Sequence[str]) -> Receipt:
        """Messages were deleted on the platform: erase what came from them alone.

        They may be in any conversation of that one's channel ("C", "C/T"). A reply being given
        where they were is stopped: it may hold them. An event that was not heard yet will not be
        written down. An event of a message that Ellie posted takes the reply.
        """
        ...

    async def channel_gone(self, platform: str, space: str, key: str) -> Receipt:
        """A channel or a thread was deleted ("C", "C/T").

        It is the same as deleting every message in it and in its threads.
        """
        ...

    async def edited(self, message: IncomingMessage) -> Revised | None:
        """A message says something else now: erase what came from its old wording, learn it anew.

        It may be in another conversation of the same channel. If it is not answered yet, the new
        text is. None: it is not known, or says that already, or
        the edit waited in the inbox and was erased or dealt with meanwhile. If it is not known, the
        edit waits on: `receive` may take it for the message itself.
        """
        ...

    async def last_said(self, conversation: Conversation, scope: Scope) -> str | None:
        """The event of the newest message that the person said there; None: there is none."""

    async def takes_part(self, conversation: Conversation) -> bool:
        """Whether Ellie ever answered there."""
        ...

    async def conversation_of(self, platform: str, space: str, place: str) -> Conversation | None:
        """The known conversation in the channel or thread of this id; None: nothing is known."""
        ...

    async def unanswered(self, platform: str) -> list[Conversation]:
        """Where an earlier process left turns unanswered, oldest first: `resume` starts them.

        What another process is still about to answer is not among them, nor started by `resume`.
        """
        ...

    async def active(self, platform: str, since: datetime) -> list[tuple[Conversation, str]]:
        """Where something was said or posted since then, the latest first.

        Each with the event of the newest message heard or posted there, by the time it was said.
        """
        ...

    async def suggest(self, incoming: IncomingCommand, limit: int) -> list[Suggestion]:
        """How the command line that is being typed could go on; only from the person's own."""
        ...

    async def space_settings(self, platform: str, space: str) -> SpaceSettings:
        """What was set for a space."""
        ...

    async def change_space(self, incoming: IncomingCommand, settings: SpaceSettings) -> None:
        """Let the space be as these say. Written to the audit log.

        Raises CommandError unless the person manages the space, and for what cannot be set.
        """
        ...

    async def purge(self, incoming: IncomingCommand) -> Receipt:
        """Erase the whole space now. Written to the audit log.

        Raises CommandError unless the person manages it.
        """
        ...

    async def noted(self, platform: str, space: str, name: str) -> str | None:
        """What the adapter noted by this name for its next start; None: nothing."""
        ...

    async def note(self, platform: str, space: str, name: str, value: str) -> bool:
        """Note a small thing that is nobody's. True: it was not that before."""
        ...

    async def left(self, platform: str, space: str) -> None:
        """Ellie was removed from a space: it is purged after `ELLIE_PURGE_AFTER_DAYS`.

        Its token goes at once. Doing it again changes nothing, not even the day.
        """
        ...

    async def joined(self, platform: str, space: str) -> None:
        """Ellie is in a space, again perhaps: it is not purged. What is gone stays gone."""
        ...

    async def in_spaces(self, platform: str, spaces: Collection[str]) -> None:
        """Ellie is in these spaces, and in no others: what was missed of `left` and `joined`."""
        ...

    async def take_in(
        self, platform: str, space: str, event_id: str, user: str, payload: str
    ) -> bool:
        """Write an event down before it is dealt with. False: it was taken in already.

        That is known for an hour, also after a restart and of another process. `user` "": it is
        nobody's. Of who wants to be ignored the payload is not written. It is never looked into,
        but for "channel" in its JSON: what is erased of a person, a space or a channel takes along
        what waits here.
        """
        ...

    async def taken_in(self, platform: str) -> list[TakenIn]:
        """What was taken in and is not dealt with, oldest first: also what an earlier process left.

        An event that was erased meanwhile is not among them.
        """
        ...

    async def claim(self, platform: str, space: str, event_id: str) -> bool:
        """Whether an event waits; then it is dealt with from now on: once, in whichever process.

        For what must not be done twice, and cannot be done in the same transaction. False: it was
        erased, or is dealt with already.
        """
        ...

    async def dealt_with(self, platform: str, space: str, event_id: str) -> None:
        """Erase the payload of an event; that it was taken in stays known for its hour."""
        ...

    async def keep_token(self, platform: str, space: str, token: str) -> None:
        """Keep what lets Ellie into a space, sealed, in place of an older one.

        Raises ConfigError without ELLIE_SECRET_KEY. It goes when the space is `left`.
        """
        ...

    async def token(self, platform: str, space: str) -> str | None:
        """What `keep_token` kept; None: nothing. Raises ConfigError where it cannot be opened."""
        ...

    async def drop_token(self, platform: str, space: str) -> None:
        """Erase a space's token; nothing if there is none."""
        ...

    async def issue_state(self, platform: str) -> str:
        """A secret for one round trip to the platform, of ten minutes at most."""
        ...

    async def consume_state(self, platform: str, state: str) -> bool:
        """Whether it was issued in the last ten minutes, and this is the first time it is asked."""
        ...

    async def cancel(self, conversation: Conversation) -> None:
        """Stop the reply that is being given there, if any; what came is kept and marked."""
        ...

    async def settle(self) -> tuple[int, int]:
        """Do all pending memory work now, however young: (turns done, turns left for later)."""
        ...
