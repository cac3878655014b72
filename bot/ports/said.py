"""The store, as far as it keeps what was said."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from bot.ports.values import Foldable, Used
from bot.types import (
    Audience,
    Conversation,
    Exchange,
    IncomingMessage,
    MemoryNumber,
    Message,
    MessageId,
    PendingTurn,
    Scope,
    Summary,
    SummaryId,
    ToolRound,
    TurnId,
    Usage,
)


class SaidStore(Protocol):
    """Messages, turns, history and summaries."""

    erasures: int
    """How many erasures this process carried out: what a prompt before one held is gone."""

    async def record(
        self,
        message: IncomingMessage,
        tokens: int,
        *,
        urgent: bool,
        pause_keep: timedelta = ...,
    ) -> PendingTurn | None:
        """Write an addressed message and its turn down, durably. None: its event was seen before.

        None, too, if its person opted out, or if it is `waiting` in the inbox no more: it was
        erased, or another process dealt with it. This transaction ends its waiting in any case.

        One that was only overheard is a turn to be answered from now on, in its old place.
        `tokens` of its text. `urgent`: consolidate it at once. Who has paused: it and its reply are
        neither indexed nor consolidated, in no summary, and `overdue` after `pause_keep`.
        """
        ...

    async def overhear(
        self, message: IncomingMessage, tokens: int, *, pause_keep: timedelta = ...
    ) -> bool:
        """Write down what was not said to Ellie: it is history and summary of its conversation.

        It is never answered, recalled or learnt from, until it is recorded: then it is as if it had
        been addressed. False: its event was seen before, its person opted out, or it waits no more
        (see `record`).
        """
        ...

    async def remember(self, note: IncomingMessage, tokens: int) -> tuple[MemoryNumber, bool]:
        """Keep a text at a person's wish, verbatim, durably. (its number, was it known already).

        The note itself is the source, enters no history, and is consolidated at once.
        """
        ...

    async def quote(
        self, note: IncomingMessage, about: IncomingMessage, tokens: int
    ) -> tuple[MemoryNumber, bool] | None:
        """Keep, for the note's person, what somebody said: the note's text, as `remember` does.

        The message is the only source. If it was never heard, it is entered (`tokens` of it) under
        its author's scope: found by their recall and reached by their forgetting, in no history,
        and another's is never consolidated. None: its author erased it, or wants nothing kept.
        """
        ...

    async def note_down(
        self, turn: PendingTurn, text: str, extractor: str, erasures: int
    ) -> MemoryNumber | None:
        """Keep what a model noted of a turn's message, which is its source and gives its audience.

        None: the message is gone, or something was erased since `erasures` was the store's count.
        """
        ...

    async def pending(self, conversation: Conversation) -> list[PendingTurn]:
        """The turns not yet answered, oldest first."""
        ...

    async def finish(
        self, turn: PendingTurn, reply: str, tokens: int, used: Used, usage: Usage, now: datetime
    ) -> None:
        """Close a turn with its reply and its tokens; "" where there is no reply to keep.

        A reply whose prompt was overtaken by an erasure is not kept. Nothing if closed already,
        or if the message says something else by now, which waits for its own answer.
        """
        ...

    async def count_round(self, scope: Scope, called: ToolRound, now: datetime) -> None:
        """Count a model call that ended in tool calls: its tokens with all, itself apart."""
        ...

    async def history(
        self,
        conversation: Conversation,
        reader: Audience,
        scope: Scope,
        before: TurnId,
        after: TurnId | None,
    ) -> list[tuple[TurnId, Exchange]]:
        """The newest 500 turns between `after` and `before`, both left out, oldest first.

        They may be other people's: audience alone decides. None before the last `start_fresh`.
        """
        ...

    async def chain(
        self, turn: TurnId, conversation: Conversation, reader: Audience, scope: Scope
    ) -> list[tuple[TurnId, Exchange]]:
        """The turns that a turn replies to, one the other, of which `history` would tell.

        Oldest first, the newest 500 at most. Empty: it replies to nothing that is known.
        """
        ...

    async def start_fresh(self, conversation: Conversation) -> None:
        """Let the conversation's history begin now."""
        ...

    async def last_answer(
        self, conversation: Conversation, scope: Scope
    ) -> tuple[TurnId, datetime, Used] | None:
        """The turn Ellie last answered this person in here, when, and what its prompt held."""
        ...

    async def used_by(self, turn: TurnId) -> tuple[datetime, Used] | None:
        """When a turn was answered and what its prompt held: numbers, no content.

        None: there is no such turn, it has no answer, or its answer was forgotten or expired.
        """
        ...

    async def messages(
        self, scope: Scope, reader: Audience, ids: Sequence[MessageId]
    ) -> list[Message]:
        """Those of the scope's messages that are not erased, oldest first."""
        ...

    async def surroundings(
        self, scope: Scope, reader: Audience, ids: Sequence[MessageId]
    ) -> dict[MessageId, list[Message]]:
        """The scope's own messages beside each of these, in the order they were said, itself too.

        At most `NEIGHBOURS` before and after. A message that is not there has no entry.
        """
        ...

    async def newest_summary(
        self, conversation: Conversation, reader: Audience, scope: Scope
    ) -> Summary | None:
        """The newest summary since the last `start_fresh`."""
        ...

    async def summary(self, scope: Scope, reader: Audience, identity: SummaryId) -> Summary | None:
        """The summary, or None if it is gone."""
        ...

    async def foldable(self, threshold_tokens: int) -> list[Foldable]:
        """The conversations with more than `threshold_tokens` that no summary covers.

        What was overheard since Ellie was last addressed is left out: who is not answered by her
        costs nothing.
        """
        ...

    async def add_summary(
        self, folded: Foldable, through: TurnId, text: str, usage: Usage, now: datetime
    ) -> bool:
        """Keep a summary of the exchanges up to `through` and of the previous summary.

        False, and nothing kept, if something under it was erased meanwhile.
        """
        ...
