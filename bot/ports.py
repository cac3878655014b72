"""What the core asks of the outside, and what the outside asks of the core."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.types import (
    Audience,
    CommandResult,
    Conversation,
    Exchange,
    Extraction,
    ExtractionPrompt,
    IncomingCommand,
    IncomingMessage,
    Memory,
    MemoryNumber,
    Message,
    MessageId,
    PendingTurn,
    Receipt,
    ReplyEnd,
    ReplyPrompt,
    Scope,
    Slot,
    Summary,
    SummaryId,
    SummaryPrompt,
    TurnId,
    Usage,
)


class ChatModel(Protocol):
    """A language model, or the built-in notebook."""

    name: str
    """Recorded as the extractor of what it consolidates."""
    summarises: bool
    """False: no summaries are made, and `summarise` is never called."""

    def reply(self, prompt: ReplyPrompt) -> AsyncIterator[str | ReplyEnd]:
        """The reply in pieces as they come, then one `ReplyEnd`.

        A stream that breaks after its first piece ends with `ReplyEnd(cut=True)`. Raises ModelError
        only before the first piece. Closing the iterator ends the request.
        """
        ...

    async def extract(self, prompt: ExtractionPrompt) -> Extraction:
        """The memories in what was said. Raises ModelError; MalformedOutput if it fits no schema."""
        ...

    async def summarise(self, prompt: SummaryPrompt) -> tuple[str, Usage]:
        """One text, never empty, for the previous summary and the exchanges. Raises ModelError."""
        ...


class Embedder(Protocol):
    """Turns texts into vectors."""

    name: str
    """With `dimension`, the identity of a vector: two names never mix."""
    dimension: int

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """One vector of `dimension` floats, length 1, for each text in order; raises ModelError.

        The zero vector stands for a text with nothing to embed (empty, or unknown words only).
        """
        ...


class Platform(Protocol):
    """An adapter, seen from the core."""

    name: str

    async def run(self, core: "Core") -> None:
        """Listen, and hand on what is heard, until the platform or the person ends it."""
        ...

    async def deliver(self, turn: PendingTurn, pieces: AsyncIterator[str]) -> None:
        """Show a reply as its pieces come. Returns when all of it is shown; raises PlatformError."""
        ...


class Core(Protocol):
    """The memory core, seen from an adapter."""

    async def receive(self, message: IncomingMessage) -> TurnId | None:
        """Write a message down and start its turn. None: seen before, nothing is started.

        When this returns, the message will be answered, also after a crash.
        """
        ...

    async def answered(self, turn: TurnId) -> None:
        """Wait until the turn is over (answered, failed or stopped). Returns at once if it is."""
        ...

    async def resume(self, conversation: Conversation) -> list[TurnId]:
        """Start the turns of a conversation that an earlier process left unanswered, oldest first."""
        ...

    async def command(self, command: IncomingCommand) -> CommandResult:
        """Carry out a command. Raises CommandError with one line saying what would work."""
        ...

    async def cancel(self, conversation: Conversation) -> None:
        """Stop the reply that is being given there, if any; what came is kept and marked."""
        ...

    async def settle(self) -> tuple[int, int]:
        """Do all pending memory work now, however young. (turns done, turns left waiting for a model)."""
        ...


# --- the store ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Candidate:
    """A memory or a message that could be recalled.

    `terms` is what full text knows of it (stems, in order). `similarity` is the cosine with the
    question, None where there is no vector. `named`: an entity named in the question owns it.
    """

    item: Memory | Message
    terms: tuple[str, ...]
    similarity: float | None
    named: bool


@dataclass(frozen=True, slots=True)
class Candidates:
    """What recall chooses from, with the scope's own word statistics for BM25.

    `documents`, `mean_terms` and `document_counts` (per query term) count only what the reader may see.
    """

    items: tuple[Candidate, ...]
    documents: int
    mean_terms: float
    document_counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class Batch:
    """Turns of one scope and one audience that wait for consolidation, oldest first."""

    scope: Scope
    audience: Audience
    person: str
    turns: tuple[TurnId, ...]
    exchanges: tuple[Exchange, ...]
    places: tuple[str, ...]
    attempts: int


@dataclass(frozen=True, slots=True)
class NewMemory:
    """A memory to be kept. `supersedes` and `superseded_by` are numbers of the same scope."""

    text: str
    audience: Audience
    place: str
    said_at: datetime
    valid_from: datetime
    slot: Slot | None
    entity_kind: str | None
    aliases: tuple[str, ...]
    sources: tuple[MessageId, ...]
    supersedes: tuple[MemoryNumber, ...] = ()
    superseded_by: MemoryNumber | None = None
    adopts: MemoryNumber | None = None
    """A memory without a slot that this one completes: it takes over slot and links, keeps its text."""


@dataclass(frozen=True, slots=True)
class Used:
    """What a prompt held: recorded with its turn."""

    memories: tuple[MemoryNumber, ...]
    messages: tuple[MessageId, ...]
    summary: SummaryId | None


@dataclass(frozen=True, slots=True)
class Unindexed:
    """A text without a vector of the current model. `id` is the store's."""

    id: int
    text: str


@dataclass(frozen=True, slots=True)
class Foldable:
    """A conversation whose unsummarised part has grown long, with all of that part, oldest first."""

    conversation: Conversation
    previous: Summary | None
    exchanges: tuple[Exchange, ...]


@dataclass(frozen=True, slots=True)
class Health:
    """Counts for `ellie doctor`."""

    scopes: int
    messages: int
    memories: int
    pending_turns: int
    unconsolidated_turns: int
    failed_attempts: int
    last_error: str | None
    unindexed: int


class Transcript(Protocol):
    """What was said: messages, turns, history and summaries."""

    async def record(self, message: IncomingMessage, tokens: int) -> PendingTurn | None:
        """Write an addressed message and its turn down, durably. None: the event id was seen before."""
        ...

    async def record_note(self, command: IncomingCommand, text: str, audience: Audience, tokens: int) -> NewMemory:
        """Write down what a person told Ellie to remember: never in any history, due at once.

        Returns the memory to be kept, verbatim, with the note as its source.
        """
        ...

    async def pending(self, conversation: Conversation) -> list[PendingTurn]:
        """The turns not yet answered, oldest first."""
        ...

    async def finish(
        self, turn: PendingTurn, reply: str, tokens: int, used: Used, usage: Usage, now: datetime
    ) -> None:
        """Close a turn with its reply (may be empty: the model gave none)."""
        ...

    async def history(
        self, conversation: Conversation, reader: Audience, scope: Scope, before: MessageId, budget_tokens: int
    ) -> tuple[Summary | None, list[Exchange]]:
        """The newest summary and what came after it, oldest first, as far as it was readable by everyone who reads as `reader`.

        At least one exchange (if there is any) and otherwise only as many as `budget_tokens` can hold.
        """
        ...

    async def start_fresh(self, conversation: Conversation) -> None:
        """Let the conversation's history begin now."""
        ...

    async def last_answer(self, conversation: Conversation, scope: Scope) -> tuple[datetime, Used] | None:
        """When Ellie last answered this person here and what that prompt held."""
        ...

    async def messages(self, scope: Scope, reader: Audience, ids: Sequence[MessageId]) -> list[Message]:
        """Those of the messages that the reader may see, oldest first."""
        ...

    async def summary(self, reader: Audience, scope: Scope, summary: SummaryId) -> Summary | None:
        """The summary, or None if it is gone or not for these eyes."""
        ...

    async def foldable(self, threshold_tokens: int) -> list[Foldable]:
        """The conversations whose unsummarised part has more than `threshold_tokens`."""
        ...

    async def add_summary(
        self, conversation: Conversation, previous: SummaryId | None, covers: Sequence[MessageId],
        audience: Audience, text: str, usage: Usage, now: datetime,
    ) -> bool:
        """Keep a summary. False: something under it was erased or folded meanwhile, nothing is kept."""
        ...

    async def tokens_today(self, scope: Scope, now: datetime) -> int:
        """Tokens in and out that the person used this UTC day."""
        ...

    async def notice_once(self, scope: Scope, notice: str) -> bool:
        """True the first time it is asked for this scope and notice."""
        ...


class Memories(Protocol):
    """What is known: memories, entities, and their index."""

    async def candidates(
        self, scope: Scope, reader: Audience, terms: Sequence[str], names: Sequence[str],
        vector: Sequence[float] | None, limit: int,
    ) -> Candidates:
        """What could be recalled for `reader` (best `limit` by each of words, vector, entity)."""
        ...

    async def profile(self, scope: Scope, reader: Audience, attributes: Sequence[str]) -> list[Memory]:
        """The current memories in these slots of the person themselves."""
        ...

    async def known(
        self, scope: Scope, reader: Audience, near: Candidates, newest: int
    ) -> list[Memory]: ...

    async def page(self, scope: Scope, reader: Audience, offset: int, limit: int) -> tuple[list[Memory], int]:
        """Memories newest first, superseded ones too, and how many there are in all."""
        ...

    async def memories(self, scope: Scope, reader: Audience, numbers: Sequence[MemoryNumber]) -> list[Memory]:
        """Those of the numbers that exist and that the reader may see, in the order asked."""
        ...


class Work(Protocol):
    """What waits to be done in the background."""

    async def due_batches(self, now: datetime, after_turns: int, idle_seconds: float) -> list[Batch]: ...


class Store(Transcript, Memories, Work, Protocol):
    """One database."""

    async def close(self) -> None:
        """Close every connection. Nothing else may be called afterwards."""
        ...
