"""What a person can type, understood: one frozen value a command."""

from dataclasses import dataclass
from enum import StrEnum

from bot.types import MemoryNumber


@dataclass(frozen=True, slots=True)
class Remember:
    """Keep a text: as the command could be read, `private` for oneself, `shared` for the space."""

    text: str
    private: bool
    shared: bool = False


@dataclass(frozen=True, slots=True)
class RecallAbout:
    """Show what is known; None: the newest. `everywhere`: in every space of the platform."""

    query: str | None
    everywhere: bool = False


@dataclass(frozen=True, slots=True)
class ForgetIds:
    """Erase these."""

    numbers: tuple[MemoryNumber, ...]


@dataclass(frozen=True, slots=True)
class ForgetQuery:
    """Show what matches, to be forgotten."""

    query: str


@dataclass(frozen=True, slots=True)
class ForgetLast:
    """Erase the last exchange here."""


class Side(StrEnum):
    """Which side of its dates a period lies on."""

    SINCE = "since"
    BEFORE = "before"
    BETWEEN = "between"


@dataclass(frozen=True, slots=True)
class ForgetPeriod:
    """Erase what was said then; unless `confirmed`, show what that would be.

    `dates` as typed: two for "between", else one.
    """

    side: Side
    dates: tuple[str, ...]
    confirmed: bool


@dataclass(frozen=True, slots=True)
class ForgetAbout:
    """Erase what concerns whoever or whatever has this name, or show what that would be."""

    name: str
    confirmed: bool


@dataclass(frozen=True, slots=True)
class ForgetEverything:
    """Erase all, here or `everywhere` on the platform, or show what that would be."""

    everywhere: bool
    confirmed: bool


@dataclass(frozen=True, slots=True)
class ShowPrivacy:
    """Show what is kept about the person."""

    everywhere: bool


@dataclass(frozen=True, slots=True)
class Pause:
    """Let what is said leave no memory, and recall nothing, until `Resume`."""


@dataclass(frozen=True, slots=True)
class Resume:
    """Remember and recall again."""


@dataclass(frozen=True, slots=True)
class OptOut:
    """Erase all and ignore the person from now on."""

    everywhere: bool


@dataclass(frozen=True, slots=True)
class OptIn:
    """No longer ignore the person."""

    everywhere: bool


@dataclass(frozen=True, slots=True)
class ExportAll:
    """Hand out all that is kept about the person."""

    everywhere: bool


@dataclass(frozen=True, slots=True)
class ListMemories:
    """Show one page; pages count from 1. `everywhere`: of every space of the platform."""

    page: int
    everywhere: bool = False


@dataclass(frozen=True, slots=True)
class ListShared:
    """Show one page of what was shared with the space."""

    page: int


@dataclass(frozen=True, slots=True)
class ShowMemory:
    """Show one memory with its versions."""

    number: MemoryNumber


@dataclass(frozen=True, slots=True)
class ShowEntity:
    """Show what is known of whoever or whatever has this name."""

    name: str


@dataclass(frozen=True, slots=True)
class EditMemory:
    """Let a memory say this."""

    number: MemoryNumber
    text: str


@dataclass(frozen=True, slots=True)
class PromoteMemory:
    """Let a memory of one's own be used anywhere in the space."""

    number: MemoryNumber


@dataclass(frozen=True, slots=True)
class UndoChange:
    """Take back Ellie's last change."""


@dataclass(frozen=True, slots=True)
class ExplainReply:
    """Show what the last reply used."""


@dataclass(frozen=True, slots=True)
class StartFresh:
    """Begin a fresh history."""


@dataclass(frozen=True, slots=True)
class ShowHelp:
    """Show the forms."""


Command = (
    Remember
    | RecallAbout
    | ForgetIds
    | ForgetQuery
    | ForgetLast
    | ForgetPeriod
    | ForgetAbout
    | ForgetEverything
    | ShowPrivacy
    | Pause
    | Resume
    | OptOut
    | OptIn
    | ExportAll
    | ListMemories
    | ListShared
    | ShowMemory
    | ShowEntity
    | EditMemory
    | PromoteMemory
    | UndoChange
    | ExplainReply
    | StartFresh
    | ShowHelp
)
