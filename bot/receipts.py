"""What commands about one's rights answer: what is kept, what would go, what went."""

from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from bot.types import (
    Audience,
    Conversation,
    Memory,
    MemoryNumber,
    TurnId,
)


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
class Losses:
    """What would go. `memories` are the newest of `total`; `messages` counts replies too."""

    memories: tuple[Memory, ...]
    total: int
    messages: int
    summaries: int


@dataclass(frozen=True, slots=True)
class Period:
    """Half-open, aware, in UTC; None: open on that side. Days are those of `zone`."""

    start: datetime | None
    end: datetime | None
    zone: tzinfo


@dataclass(frozen=True, slots=True)
class PeriodPreview:
    """What would go of a period; nothing is erased. `confirm` is the line that would."""

    period: Period
    losses: Losses
    confirm: str


@dataclass(frozen=True, slots=True)
class NamePreview:
    """What would go about whoever or whatever has these names; `confirm` as above."""

    names: tuple[str, ...]
    losses: Losses
    confirm: str


@dataclass(frozen=True, slots=True)
class EverythingPreview:
    """How much is kept in these spaces, since when (None: nothing is); `confirm` as above.

    `messages` and `summaries` count all that would go: replies, and others' that hold the person's.
    """

    spaces: tuple[str, ...]
    memories: int
    messages: int
    summaries: int
    since: datetime | None
    confirm: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was erased, and is gone from the file by now. `missing`: ids not found.

    `where` it stood is never shown: replies being given there may hold it.
    """

    memories: tuple[MemoryNumber, ...]
    messages: int
    summaries: int
    vectors: int
    missing: tuple[MemoryNumber, ...] = ()
    where: frozenset[Conversation] = field(default=frozenset(), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Revised:
    """A message says something else now. `receipt`: what went with what it said.

    `turn`: it is being answered in its new words; None: it had been answered.
    """

    receipt: Receipt
    turn: TurnId | None


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
    is kept. `everywhere`: of all spaces. `policy`: where the policy of whoever runs Ellie stands.
    """

    spaces: tuple[SpacePrivacy, ...]
    everywhere: bool
    provider: str | None
    embedder: str | None
    pause_minutes: int
    policy: str | None = None


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
class Exported:
    """All that is kept about the person: a JSON text to be taken in again, a Markdown to be read.

    `stem` is what the files are called, without folder and ending.
    """

    json_text: str
    markdown: str
    stem: str
