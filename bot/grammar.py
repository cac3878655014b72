"""The grammar of the person's commands: one for every platform, parsed here and nowhere else."""

import re
from dataclasses import dataclass

from bot.errors import CommandError
from bot.text import one_line
from bot.types import MemoryNumber

_ID = re.compile(r"m([1-9][0-9]*)", re.IGNORECASE)

FORMS = (
    ("/remember TEXT", "keep this; it is used where it was said"),
    ("/remember --private TEXT", "keep this; it is used only in private with you"),
    ("/recall [QUERY]", "what I know about something, or the newest"),
    ("/forget ID…", "erase these memories and everything that holds them, e.g. /forget m3 m5"),
    ("/forget QUERY", "show what that would be; nothing goes until you name ids"),
    ("/memories [PAGE]", "everything I know about you here, newest first"),
    ("/memories ID", "one memory: what it was before, where it comes from, what it replaced"),
    ("/memories about NAME", "what I know about a person, a place or a thing"),
    ("/memories edit ID TEXT", "correct a memory, e.g. /memories edit m3 I live in Oslo"),
    ("/memories undo", "take back the last change that I made to my memories"),
    ("/why", "what my last reply was made from"),
    ("/new", "start a fresh conversation; memories are kept"),
    ("/help", "this list"),
)


@dataclass(frozen=True, slots=True)
class Remember:
    """Keep a text."""

    text: str
    private: bool


@dataclass(frozen=True, slots=True)
class RecallAbout:
    """Show what is known; None: the newest."""

    query: str | None


@dataclass(frozen=True, slots=True)
class ForgetIds:
    """Erase these."""

    numbers: tuple[MemoryNumber, ...]


@dataclass(frozen=True, slots=True)
class ForgetQuery:
    """Show what matches, to be forgotten."""

    query: str


@dataclass(frozen=True, slots=True)
class ListMemories:
    """Show one page; pages count from 1."""

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
    | ListMemories
    | ShowMemory
    | ShowEntity
    | EditMemory
    | UndoChange
    | ExplainReply
    | StartFresh
    | ShowHelp
)


def parse(line: str) -> Command:
    """The command in a line that begins with "/". Raises CommandError saying what would work.

    A keyword form (ids, a page, --private) counts only where the whole argument has that form.
    """
    name, argument = _first_word(line)
    match name.casefold():
        case "/remember":
            return _remember(argument)
        case "/recall":
            return RecallAbout(argument or None)
        case "/forget":
            return _forget(argument)
        case "/memories":
            return _memories(argument)
        case "/why" | "/new" | "/help" if argument:
            raise CommandError(f"{name} takes nothing after it.")
        case "/why":
            return ExplainReply()
        case "/new":
            return StartFresh()
        case "/help":
            return ShowHelp()
        case _:
            raise CommandError("There is no such command. /help lists those there are.")


def _first_word(text: str) -> tuple[str, str]:
    """The first word and what follows it, each "" if there is none."""
    word, *rest = text.split(None, 1) or [""]
    return word, rest[0].rstrip() if rest else ""


def _remember(argument: str) -> Remember:
    word, rest = _first_word(argument)
    private = word.casefold() in {"--private", "—private", "–private"}  # phones write a dash
    if word.startswith(("--", "—", "–")) and not private:
        raise CommandError("The only option is --private: /remember --private TEXT")
    text = one_line(rest if private else argument)
    if not text:
        raise CommandError("What shall I remember? For example: /remember I am allergic to nuts")
    return Remember(text, private)


def _forget(argument: str) -> ForgetIds | ForgetQuery:
    if not argument:
        raise CommandError(
            "What shall I forget? Name ids (/forget m3 m5) or words (/forget the trip)."
        )
    ids = [_ID.fullmatch(word) for word in argument.replace(",", " ").split()]
    numbers = [MemoryNumber(int(found[1])) for found in ids if found]
    if ids and len(numbers) == len(ids):
        return ForgetIds(tuple(numbers))
    return ForgetQuery(argument)


def _memories(
    argument: str,
) -> ListMemories | ShowMemory | ShowEntity | EditMemory | UndoChange:
    word, rest = _first_word(argument)
    match word.casefold():
        case "":
            return ListMemories(1)
        case "about":
            return _about(rest)
        case "edit":
            return _edit(rest)
        case "undo" if not rest:
            return UndoChange()
        case "undo":
            raise CommandError("/memories undo takes nothing after it.")
    if found := _ID.fullmatch(argument):
        return ShowMemory(MemoryNumber(int(found[1])))
    if re.fullmatch(r"[1-9][0-9]{0,5}", argument):
        return ListMemories(int(argument))
    raise CommandError(
        "After /memories comes a page (/memories 2), an id (/memories m3), about NAME, "
        "edit ID TEXT, or undo."
    )


def _about(argument: str) -> ShowEntity | ListMemories:
    name = one_line(argument)
    if name.casefold() in {"me", "myself"}:
        return ListMemories(1)
    if not name:
        raise CommandError("About whom or what? For example: /memories about Sarah")
    return ShowEntity(name)


def _edit(argument: str) -> EditMemory:
    word, rest = _first_word(argument)
    found, text = _ID.fullmatch(word), one_line(rest)
    if found is None or not text:
        raise CommandError(
            "Which memory, and what shall it say? For example: /memories edit m3 I live in Oslo"
        )
    return EditMemory(MemoryNumber(int(found[1])), text)
