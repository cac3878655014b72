"""What commands answer, as frozen values; each adapter draws them in its own way."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.receipts import (
    EverythingPreview,
    Exported,
    ForgetPreview,
    NamePreview,
    OptedIn,
    OptedOut,
    Paused,
    PeriodPreview,
    PrivacyCard,
    Receipt,
    Resumed,
)
from bot.types import (
    Audience,
    Memory,
    MemoryNumber,
    Message,
    MessageId,
    Parts,
    Private,
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

    `redacted`: the kinds of secrets that were taken out of its text. `narrow`: it is private,
    though others read the place where it was asked for.
    """

    memory: Memory
    known: bool
    redacted: tuple[str, ...] = ()
    narrow: bool = False


@dataclass(frozen=True, slots=True)
class RecallResult:
    """What a `/recall` found, best first. `query` None: the newest."""

    query: str | None
    found: tuple[Recalled, ...]


@dataclass(frozen=True, slots=True)
class RecalledEverywhere:
    """What a recall found in each space where it found something: (its name, best first)."""

    query: str | None
    spaces: tuple[tuple[str, tuple[Recalled, ...]], ...]


@dataclass(frozen=True, slots=True)
class MemoriesEverywhere:
    """One page of a person's memories: (a space's name, those in it, newest first).

    A number names a memory in its own space only.
    """

    spaces: tuple[tuple[str, tuple[Memory, ...]], ...]
    page: int
    pages: int
    total: int


@dataclass(frozen=True, slots=True)
class MemoryPage:
    """One page of a person's memories, newest first; pages count from 1. `pages` is at least 1.

    `shared`: not theirs, but what was shared with everybody in the space.
    """

    memories: tuple[Memory, ...]
    page: int
    pages: int
    total: int
    shared: bool = False


class SourceKind(StrEnum):
    """How a source came to be: a message, another person's, a /remember, a /memories edit."""

    SAID = "said"
    QUOTED = "quoted"
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
    """What a memory was, and for whom, until `replaced_at`. `extractor` None: by the person."""

    text: str
    slot: Slot | None
    replaced_at: datetime
    extractor: str | None
    audience: Audience = field(default_factory=Private)


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

    `redacted`: the kinds of secrets that were taken out of what it should say. `narrow`: it is
    private, though others read the place where it was edited.
    """

    memory: Memory
    before: str
    redacted: tuple[str, ...] = ()
    narrow: bool = False


@dataclass(frozen=True, slots=True)
class Promoted:
    """A memory is used anywhere in the space now; `before` is who could read it until then."""

    memory: Memory
    before: Audience


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
class Suggestion:
    """How a command could go on. `argument` is all that follows its name; `label` is for people."""

    argument: str
    label: str


@dataclass(frozen=True, slots=True)
class FreshHistory:
    """The conversation's history starts anew; memories are kept."""


CommandResult = (
    Help
    | Remembered
    | RecallResult
    | RecalledEverywhere
    | MemoryPage
    | MemoriesEverywhere
    | MemoryVersions
    | EntityPage
    | Edited
    | Promoted
    | Undone
    | ForgetPreview
    | PeriodPreview
    | NamePreview
    | EverythingPreview
    | Receipt
    | Why
    | PrivacyCard
    | Paused
    | Resumed
    | OptedOut
    | OptedIn
    | FreshHistory
    | Exported
)
