"""What commands answer, as frozen values; each adapter draws them in its own way."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.types import (
    Audience,
    Memory,
    MemoryNumber,
    Message,
    MessageId,
    Parts,
    Recalled,
    Slot,
    Summary,
    TurnId,
)


@dataclass(frozen=True, slots=True)
class Help:
    """The commands: (form, what it does), in the order to show."""

    forms: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Remembered:
    """A memory was kept. `known`: it was there already, and nothing was added.

    `redacted`: the kinds of secrets that were taken out of its text.
    """

    memory: Memory
    known: bool
    redacted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RecallResult:
    """What a `/recall` found, best first. `query` None: the newest."""

    query: str | None
    found: tuple[Recalled, ...]


@dataclass(frozen=True, slots=True)
class MemoryPage:
    """One page of a person's memories, newest first; pages count from 1. `pages` is at least 1."""

    memories: tuple[Memory, ...]
    page: int
    pages: int
    total: int


class SourceKind(StrEnum):
    """How a source came to be: a message, a /remember, a /memories edit."""

    SAID = "said"
    NOTED = "noted"
    EDITED = "edited"


@dataclass(frozen=True, slots=True)
class Source:
    """When and where a source of a memory was said."""

    kind: SourceKind
    said_at: datetime
    place: str


@dataclass(frozen=True, slots=True)
class Version:
    """What a memory was until `replaced_at`. `extractor` None: the person replaced it."""

    text: str
    slot: Slot | None
    replaced_at: datetime
    extractor: str | None


@dataclass(frozen=True, slots=True)
class MemoryVersions:
    """One memory with its earlier versions and its sources, each oldest first.

    `supersedes` are the memories that it closed, `superseded_by` those that closed it.
    """

    memory: Memory
    versions: tuple[Version, ...]
    sources: tuple[Source, ...]
    supersedes: tuple[Memory, ...]
    superseded_by: tuple[Memory, ...]


@dataclass(frozen=True, slots=True)
class EntityPage:
    """What is known of an entity: current memories first, then superseded, each newest first.

    `names` are all its names, aliases last. `total` memories there are in all.
    """

    names: tuple[str, ...]
    memories: tuple[Memory, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Edited:
    """A memory says something else now; `before` is what it said.

    `redacted`: the kinds of secrets that were taken out of what it should say.
    """

    memory: Memory
    before: str
    redacted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Undone:
    """What was taken back of a change that Ellie made at `made_at`.

    `removed` are gone (their texts), `reopened` hold again, `restored` are as they were before,
    `unsaid` have fewer sources. Not touched: `kept`, which the person edited or confirmed since,
    and `missing`, which are gone since.
    """

    made_at: datetime
    removed: tuple[tuple[MemoryNumber, str], ...] = ()
    reopened: tuple[Memory, ...] = ()
    restored: tuple[Memory, ...] = ()
    unsaid: tuple[Memory, ...] = ()
    kept: tuple[MemoryNumber, ...] = ()
    missing: tuple[MemoryNumber, ...] = ()


@dataclass(frozen=True, slots=True)
class ForgetPreview:
    """What a `/forget QUERY` would offer; nothing is erased. Empty `memories`: nothing matches.

    `more`: so many other texts match, and are offered when these are forgotten.
    """

    query: str
    memories: tuple[Memory, ...]
    messages: int
    summaries: int
    more: int = 0


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was erased, and is gone from the file by now. `missing`: ids not found."""

    memories: tuple[MemoryNumber, ...]
    messages: int
    summaries: int
    vectors: int
    missing: tuple[MemoryNumber, ...] = ()


@dataclass(frozen=True, slots=True)
class Why:
    """What the last reply used. None in `answered_at`: Ellie has not answered here yet.

    The two `…_parts` say why each was recalled; what stood beside another item is not in them.
    `history`: so many earlier turns of this conversation were in the prompt word for word.
    """

    answered_at: datetime | None
    memories: tuple[Memory, ...] = ()
    messages: tuple[Message, ...] = ()
    summary: Summary | None = None
    history: int = 0
    turn: TurnId | None = None
    memory_parts: dict[MemoryNumber, Parts] = field(default_factory=dict)
    message_parts: dict[MessageId, Parts] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Kept:
    """How much is kept about a person in a space. `since`: the oldest of it; None: nothing is.

    Messages, replies and notes are counted that still have a text. `seen_by`: the memories by who
    can see them. `summaries` are those that cover what they said.
    """

    messages: int = 0
    replies: int = 0
    notes: int = 0
    memories: int = 0
    seen_by: tuple[tuple[Audience, int], ...] = ()
    entities: int = 0
    summaries: int = 0
    vectors: int = 0
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class SpacePrivacy:
    """What is kept in one space and for how many days. `memory_days` 0: for good."""

    space: str
    kept: Kept
    message_days: int
    memory_days: int
    paused: bool
    opted_out: bool


@dataclass(frozen=True, slots=True)
class PrivacyCard:
    """What a person is told of their rights, and of what is kept; `spaces` is not empty.

    `provider` names who runs the language model, `embedder` who turns texts into vectors: a host,
    OpenAI, or None for nobody but this machine. `pause_minutes`: how long what is said in a pause
    is kept. `everywhere`: of all spaces.
    """

    spaces: tuple[SpacePrivacy, ...]
    everywhere: bool
    provider: str | None
    embedder: str | None
    pause_minutes: int


@dataclass(frozen=True, slots=True)
class Paused:
    """What is said from now on is kept for so many minutes only."""

    keep_minutes: int


@dataclass(frozen=True, slots=True)
class Resumed:
    """The pause is over."""


@dataclass(frozen=True, slots=True)
class OptedOut:
    """The person is ignored from now on. `others`: so many texts of others that named them went.

    `erased` is what went of all together.
    """

    everywhere: bool
    erased: Receipt
    others: int


@dataclass(frozen=True, slots=True)
class OptedIn:
    """The person is heard again."""

    everywhere: bool


@dataclass(frozen=True, slots=True)
class FreshHistory:
    """The conversation's history starts anew; memories are kept."""


CommandResult = (
    Help
    | Remembered
    | RecallResult
    | MemoryPage
    | MemoryVersions
    | EntityPage
    | Edited
    | Undone
    | ForgetPreview
    | Receipt
    | Why
    | PrivacyCard
    | Paused
    | Resumed
    | OptedOut
    | OptedIn
    | FreshHistory
)
