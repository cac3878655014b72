"""What the core asks of the outside, and what the outside asks of the core."""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntFlag
from typing import NewType, Protocol

from bot.types import (
    Audience,
    CommandResult,
    Conversation,
    EntityPage,
    Exchange,
    Extraction,
    ExtractionPrompt,
    IncomingCommand,
    IncomingMessage,
    Memory,
    MemoryNumber,
    MemoryVersions,
    Message,
    MessageId,
    Parts,
    PendingTurn,
    Receipt,
    ReplyEnd,
    ReplyPrompt,
    Scope,
    Slot,
    Summary,
    SummaryId,
    SummaryPrompt,
    ToolRound,
    TurnId,
    Undone,
    Usage,
)

Reply = AsyncGenerator[str | ToolRound | ReplyEnd, None]


class Lookup(Protocol):
    """What a model may do itself while it answers one turn; what it gets is text for the model.

    It reads and writes for that turn's person and audience alone. Raises StoreError.
    """

    async def search_memory(self, query: str, since: str | None, until: str | None) -> str:
        """What is remembered about `query`, fenced, or what is wrong with the arguments.

        `since` and `until` are ISO dates, both included; None: no bound.
        """
        ...

    async def remember(self, text: str) -> str:
        """Keep a statement of the message being answered; says what became of it."""
        ...


class ChatModel(Protocol):
    """A language model, or the built-in notebook."""

    name: str
    """Recorded as the extractor of what it consolidates."""
    summarises: bool
    """False: no summaries are made, and `summarise` is never called."""

    def reply(self, prompt: ReplyPrompt, lookup: Lookup | None = None) -> Reply:
        """The reply in pieces as they come, then one `ReplyEnd`.

        `lookup`: offered to the model as tools, where it can use them; a `ToolRound` stands between
        the pieces where it did. A stream that breaks after its first piece ends with
        `ReplyEnd(cut=True)`. Raises ModelError only before the first piece, and what `lookup`
        raises. Closing the iterator ends the request.
        """
        ...

    async def extract(self, prompt: ExtractionPrompt) -> Extraction:
        """The memories in what was said. Raises ModelError; MalformedOutput if no schema fits."""
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
        """Show a reply as its pieces come; returns when all is shown. Raises PlatformError."""
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
        """Start the turns that an earlier process left unanswered there, oldest first."""
        ...

    async def command(self, command: IncomingCommand) -> CommandResult:
        """Carry out a command. Raises CommandError with one line saying what would work."""
        ...

    async def cancel(self, conversation: Conversation) -> None:
        """Stop the reply that is being given there, if any; what came is kept and marked."""
        ...

    async def settle(self) -> tuple[int, int]:
        """Do all pending memory work now, however young: (turns done, turns left for later)."""
        ...


# --- the store ----------------------------------------------------------------------------------

PassageId = NewType("PassageId", int)
"""What recall ranks: the store's own id of a memory or of a person's message."""


def passage_of(message: MessageId) -> PassageId:
    """The passage of a person's message."""
    return PassageId(message * 2)


NEIGHBOURS = 2
"""So far, before and after, what was said in one conversation is a message's neighbour."""


class Trait(IntFlag):
    """What recall weighs a passage by, beside its words."""

    ASKS = 1  # it ends with a question
    TELLS_WHEN = 2  # it holds an expression of time
    ONLY_ASKS = 4  # it is a question and nothing else


@dataclass(frozen=True, slots=True)
class Survey:
    """The passages that a reader may see, and which of them match a question's words and names.

    The first five are columns of one length. `seats`: neighbours in a conversation have seats at
    most `NEIGHBOURS` apart; 0 for a memory. `happened_at`: Unix seconds; when a message was said,
    since when a memory holds. `speakers`: "" for a memory.
    `own` False: it is another person's, said in the conversation that is being answered; it may
    only lend score to its neighbours. `words`: for each distinct term, in order, the passages that
    hold it. `entities`: of memories, what they speak of. `named`: entities the question names.
    """

    ids: Sequence[PassageId]
    seats: Sequence[int]
    happened_at: Sequence[int]
    traits: Sequence[int]
    speakers: Sequence[str]
    own: Sequence[bool]
    words: Sequence[Sequence[PassageId]]
    entities: dict[PassageId, int]
    named: frozenset[int]


@dataclass(frozen=True, slots=True)
class Batch:
    """Turns of one scope and one audience that wait for consolidation, oldest first.

    `exchanges` and `places` go with `turns`; an erased message has the text "". `attempts` have
    failed before. `erasures`: the store's count of erasures and edits when it was read.
    """

    scope: Scope
    audience: Audience
    person: str
    turns: tuple[TurnId, ...]
    exchanges: tuple[Exchange, ...]
    places: tuple[str, ...]
    attempts: int
    erasures: int


@dataclass(frozen=True, slots=True)
class NewMemory:
    """A memory to be kept.

    In an exclusive slot it supersedes the memories with another value that were true earlier, or is
    superseded by one that is true later; the same value there, or the same text, is known already.
    `adopts`: a memory without a slot that was kept at once, verbatim, on a person's wish; instead
    of a new memory it gets this slot, and keeps its text.
    """

    text: str
    audience: Audience
    place: str
    said_at: datetime
    valid_from: datetime
    sources: tuple[MessageId, ...]
    slot: Slot | None = None
    entity_kind: str | None = None
    aliases: tuple[str, ...] = ()
    adopts: MemoryNumber | None = None


@dataclass(frozen=True, slots=True)
class Used:
    """What a prompt held, recorded with its turn.

    `history_from`: the oldest turn that was in it word for word (None: none). `erasures`: the
    store's count when the prompt was built. The two `…_parts` say why each was recalled; what rode
    along with another item is not in them.
    """

    memories: tuple[MemoryNumber, ...] = ()
    messages: tuple[MessageId, ...] = ()
    summary: SummaryId | None = None
    history_from: TurnId | None = None
    erasures: int = 0
    memory_parts: dict[MemoryNumber, Parts] = field(default_factory=dict)
    message_parts: dict[MessageId, Parts] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unindexed:
    """A text without a vector of the model in use. `id` is the store's."""

    id: int
    text: str


@dataclass(frozen=True, slots=True)
class Foldable:
    """A conversation with much that no summary covers: all of that, oldest first.

    `reader` is the audience of its newest turn and `scope` that turn's person: everything here was
    readable by that audience.
    """

    conversation: Conversation
    scope: Scope
    reader: Audience
    previous: Summary | None
    exchanges: tuple[tuple[TurnId, Exchange], ...]


@dataclass(frozen=True, slots=True)
class Erasure:
    """What would go together with some memories: messages (Ellie's replies too) and summaries."""

    messages: int
    summaries: int


@dataclass(frozen=True, slots=True)
class Health:
    """Counts of the whole file. `failing`: turns whose consolidation failed and is retried.

    `tool_rounds`: model calls that ended in `tool_calls` instead of an answer; `calls`: all others.
    """

    scopes: int
    messages: int
    memories: int
    passages: int
    indexed: int
    unanswered: int
    unconsolidated: int
    failing: int
    calls: int
    tool_rounds: int
    tool_calls: int
    last_error: str | None


class Store(Protocol):
    """One database.

    Every read of content takes the scope it may touch and `reader`, the audience of what it is for,
    and returns only what everyone in that audience could have read. All raise StoreError.
    """

    erasures: int
    """How many erasures this process carried out: what a prompt before one held is gone."""

    # what was said

    async def record(
        self, message: IncomingMessage, tokens: int, *, urgent: bool
    ) -> PendingTurn | None:
        """Write an addressed message and its turn down, durably. None: its event was seen before.

        `tokens` of its text. `urgent`: consolidate it at once.
        """
        ...

    async def remember(self, note: IncomingMessage, tokens: int) -> tuple[MemoryNumber, bool]:
        """Keep a text at a person's wish, verbatim, durably. (its number, was it known already).

        The note itself is the source, enters no history, and is consolidated at once.
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

        A reply whose prompt was overtaken by an erasure is not kept. Nothing if closed already.
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

    # summaries

    async def newest_summary(
        self, conversation: Conversation, reader: Audience, scope: Scope
    ) -> Summary | None:
        """The newest summary since the last `start_fresh`."""
        ...

    async def summary(self, scope: Scope, reader: Audience, identity: SummaryId) -> Summary | None:
        """The summary, or None if it is gone."""
        ...

    async def foldable(self, threshold_tokens: int) -> list[Foldable]:
        """The conversations with more than `threshold_tokens` that no summary covers."""
        ...

    async def add_summary(
        self, folded: Foldable, through: TurnId, text: str, usage: Usage, now: datetime
    ) -> bool:
        """Keep a summary of the exchanges up to `through` and of the previous summary.

        False, and nothing kept, if something under it was erased meanwhile.
        """
        ...

    # what is known

    async def survey(
        self,
        scope: Scope,
        reader: Audience,
        terms: Sequence[str],
        names: Sequence[str],
        here: Conversation | None,
    ) -> Survey:
        """All passages of the scope, and what matches the terms and the (folded) names.

        A term is an entry of `bot.text.forms`: it matches where any of its stems stands.
        `here`: the conversation that is being answered, whose newest messages of other people,
        where the reader may see them, are there too.
        """
        ...

    async def nearest(
        self, survey: Survey, scope: Scope, reader: Audience, vector: Sequence[float]
    ) -> dict[PassageId, float]:
        """Cosines of the survey's passages; in a large scope, of the nearest.

        By the current model only; empty where there is none or no vectors can be compared.
        """
        ...

    async def candidates(
        self, scope: Scope, reader: Audience, ids: Sequence[PassageId]
    ) -> dict[PassageId, Memory | Message]:
        """The passages' contents; what is gone or not for these eyes is left out."""
        ...

    async def memories(
        self, scope: Scope, reader: Audience, numbers: Sequence[MemoryNumber]
    ) -> list[Memory]:
        """Those of the numbers that exist, in the order asked."""
        ...

    async def page(
        self, scope: Scope, reader: Audience, offset: int, limit: int
    ) -> tuple[list[Memory], int]:
        """Memories newest first, superseded ones too, and how many there are in all."""
        ...

    async def profile(
        self, scope: Scope, reader: Audience, attributes: Sequence[str]
    ) -> list[Memory]:
        """The current memories in these slots of the person themselves, newest first."""
        ...

    async def distilled_from(
        self, scope: Scope, reader: Audience, messages: Sequence[MessageId]
    ) -> list[Memory]:
        """The memories that have one of these messages as a source."""
        ...

    async def keep_verbatim(self, scope: Scope, message: MessageId) -> MemoryNumber | None:
        """A memory with the words of one of the scope's messages, so that it has an id to forget.

        None: the message is erased, or another's.
        """
        ...

    async def about(
        self, scope: Scope, reader: Audience, name: str, limit: int
    ) -> EntityPage | None:
        """The newest `limit` memories of the entities with this name. None: it is nobody's."""
        ...

    async def entity_names(self, scope: Scope, reader: Audience, limit: int) -> list[str]:
        """The names of the entities with most memories, each by its newest name."""
        ...

    # versions

    async def versions(
        self, scope: Scope, reader: Audience, number: MemoryNumber
    ) -> MemoryVersions | None:
        """The memory with its versions. None: it does not exist."""
        ...

    async def said_before(
        self, scope: Scope, reader: Audience, terms: Sequence[str]
    ) -> list[MemoryNumber]:
        """The memories with an earlier version that holds all of these terms, newest first."""
        ...

    async def edit(
        self, number: MemoryNumber, note: IncomingMessage, tokens: int
    ) -> MemoryNumber | None:
        """Let a memory of the note's scope say what the note says, which becomes a source of it.

        Its audience becomes what could read both. The old text is kept as a version, and what the
        older sources had to teach is settled: they are not consolidated again. Returns `number`;
        another's if that one says it already, and nothing is changed; None if it does not exist.
        """
        ...

    async def undo(self, scope: Scope, now: datetime) -> Undone | None:
        """Take back Ellie's newest change to the scope's memories. None: there is none left.

        The turns it came from count as consolidated, so that it is not learnt again from them.
        The newest 20 changes can be undone, one after the other.
        """
        ...

    # what waits

    async def due_batches(
        self, now: datetime, after_turns: int, idle_seconds: float, everything: bool
    ) -> list[Batch]:
        """One batch for each scope and audience with enough turns, an urgent or an idle one.

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
        """True the first time it is asked for this scope and notice."""
        ...

    async def health(self) -> Health:
        """Counts for `ellie doctor`."""
        ...

    # erasing

    async def erasure(self, scope: Scope, numbers: Sequence[MemoryNumber]) -> Erasure:
        """What else would be erased with these memories; nothing is."""
        ...

    async def erase(self, scope: Scope, numbers: Sequence[MemoryNumber]) -> Receipt:
        """Erase memories with everything that holds them, from the file too when this returns.

        Raises StoreError, with the memories gone but their bytes perhaps still in the log, while
        another process keeps it busy; the next erasure or start takes them out.
        """
        ...

    async def expire(self, before: datetime) -> int:
        """Erase the texts of consolidated messages older than that; how many."""
        ...

    async def enforce_limit(self, limit: int) -> int:
        """Erase what is over `limit` a person: superseded, least used, oldest; how many."""
        ...

    async def close(self) -> None:
        """Close every connection. Nothing else may be called afterwards."""
        ...
