"""What the store and the core tell each other."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntFlag
from typing import NewType

from bot.receipts import Receipt
from bot.types import (
    Audience,
    Conversation,
    Exchange,
    MemoryNumber,
    MessageId,
    Parts,
    PendingTurn,
    Scope,
    Slot,
    Summary,
    SummaryId,
    TurnId,
)

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
    `shared`: what is shared with the space is among them, as the person's own. `channel`: only what
    was said in this channel is; None: anywhere.
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
    shared: bool = False
    channel: str | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """Turns of one scope and one audience that wait for consolidation, oldest first.

    `channel`: guests read along there, so nothing else is looked at; None: of any.

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
    channel: str | None = None


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

    `history_from`: the oldest turn that was in it word for word, and with it all until its own
    (None: none). `chain`: instead of those, the messages of a chain of replies, Ellie's too.
    `erasures`: the store's count when the prompt was built. The two `…_parts` say why each was
    recalled; what rode along with another item is not in them.
    """

    memories: tuple[MemoryNumber, ...] = ()
    messages: tuple[MessageId, ...] = ()
    summary: SummaryId | None = None
    history_from: TurnId | None = None
    erasures: int = 0
    memory_parts: dict[MemoryNumber, Parts] = field(default_factory=dict)
    message_parts: dict[MessageId, Parts] = field(default_factory=dict)
    chain: tuple[MessageId, ...] = ()


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
class Targets:
    """What an erasure starts from: memories and messages of one scope."""

    numbers: tuple[MemoryNumber, ...]
    messages: tuple[MessageId, ...]


@dataclass(frozen=True, slots=True)
class Erasure:
    """What would go together with some memories and messages.

    `messages` counts Ellie's replies too. `memories` are all that go, newest first.
    """

    messages: int
    summaries: int
    memories: tuple[MemoryNumber, ...] = ()


@dataclass(frozen=True, slots=True)
class Resaid:
    """What an edited message took along, and its turn if it still waits for its answer."""

    receipt: Receipt
    pending: PendingTurn | None


@dataclass(frozen=True, slots=True)
class Held:
    """How much would go with all that is kept about a person. `since`: the oldest; None: nothing.

    `messages` counts Ellie's replies too, and others' replies and summaries that hold theirs.
    """

    memories: int
    messages: int
    summaries: int
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Overdue:
    """Messages of one person that were to be kept for a short time only, Ellie's replies too."""

    scope: Scope
    messages: tuple[MessageId, ...]


@dataclass(frozen=True, slots=True)
class Naming:
    """Memories and messages of one scope whose texts name somebody."""

    scope: Scope
    numbers: tuple[MemoryNumber, ...]
    messages: tuple[MessageId, ...]


@dataclass(frozen=True, slots=True)
class Retention:
    """For how many days a space keeps things.

    None: as the settings say. 0 `memory_days`: for good.
    """

    message_days: int | None = None
    memory_days: int | None = None


@dataclass(frozen=True, slots=True)
class Expired:
    """How much outlived its retention."""

    messages: int = 0
    memories: int = 0
    summaries: int = 0


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


@dataclass(frozen=True, slots=True)
class TakenIn:
    """An event of a platform that was written down and is not dealt with yet.

    `user`: whose it is, "" where it is nobody's. `payload`: what the adapter needs to deal with it.
    """

    platform: str
    space: str
    event_id: str
    user: str
    payload: str = field(repr=False)
    taken_at: datetime


@dataclass(frozen=True, slots=True)
class Act:
    """What an operator did. `person` is a keyed hash of the scope, in hexadecimal digits."""

    at: datetime
    actor: str
    act: str
    person: str
    counts: dict[str, int]
