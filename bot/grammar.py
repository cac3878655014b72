"""The grammar of the person's commands: one for every platform, parsed here and nowhere else."""

import re

from bot.errors import CommandError
from bot.text import one_line
from bot.typed import (
    Command,
    EditMemory,
    ExplainReply,
    ExportAll,
    ForgetAbout,
    ForgetEverything,
    ForgetIds,
    ForgetLast,
    ForgetPeriod,
    ForgetQuery,
    ListMemories,
    ListShared,
    OptIn,
    OptOut,
    Pause,
    PromoteMemory,
    RecallAbout,
    Remember,
    Resume,
    ShowEntity,
    ShowHelp,
    ShowMemory,
    ShowPrivacy,
    Side,
    StartFresh,
    UndoChange,
)
from bot.types import MemoryNumber

_ID = re.compile(r"([ms])([1-9][0-9]*)", re.IGNORECASE)
_PAGE = re.compile(r"[1-9][0-9]{0,5}")
_EVERYTHING = re.compile(r"everything( everywhere)?( yes)?", re.IGNORECASE)
_BETWEEN = re.compile(r"(.+?)\s+and\s+(.+)", re.IGNORECASE)

FORMS = (
    ("/remember TEXT", "keep this, for those who could read your command: mostly you alone"),
    ("/remember --private TEXT", "keep this; it is used only in private with you"),
    ("/remember --shared TEXT", "keep this for everybody in the space (for who manages it)"),
    ("/recall [QUERY]", "what I know about something, or the newest"),
    ("/forget ID…", "erase these memories and everything that holds them, e.g. /forget m3 m5"),
    ("/forget QUERY", "show what that would be; nothing goes until you name ids"),
    ("/forget last", "erase the last exchange here"),
    ("/forget since DATE", "show what that would be; the same line with yes erases it"),
    ("/forget before DATE", "the same, for what was said before a day"),
    ("/forget between DATE and DATE", "the same, from the first day to the end of the second"),
    ("/forget about NAME", "the same, for whoever or whatever has this name"),
    ("/forget everything", "show what that would be; /forget everything yes erases it"),
    ("/memories [PAGE]", "everything I know about you here, newest first"),
    ("/memories shared [PAGE]", "what was shared with everybody in the space"),
    ("/memories ID", "one memory: what it was before, where it comes from, what it replaced"),
    ("/memories about NAME", "what I know about a person, a place or a thing"),
    ("/memories edit ID TEXT", "correct a memory, e.g. /memories edit m3 I live in Oslo"),
    ("/memories promote ID", "let me use a memory of yours anywhere in this space"),
    ("/memories undo", "take back the last change that I made to my memories"),
    ("/why", "what my last reply was made from"),
    ("/privacy", "what is kept about you, for how long, who can see it, and your rights"),
    ("/privacy pause", "answer from this conversation alone, and learn nothing, until resume"),
    ("/privacy resume", "remember and recall again"),
    ("/privacy export", "all of it, as a JSON file and as a readable one"),
    ("/privacy opt-out", "erase all of it, and ignore me from now on; opt-in ends that"),
    (
        "/privacy everywhere",
        "the same of all spaces; so too /recall, /memories, /forget everything",
    ),
    ("/new", "start a fresh conversation; memories are kept"),
    ("/help", "this list"),
)


def parse(line: str, *, quoting: bool = False) -> Command:
    """The command in a line that begins with "/". Raises CommandError saying what would work.

    A keyword form (ids, a page, --private) counts only where the whole argument has that form.
    `quoting`: it is about a message, which is what a /remember keeps.
    """
    name, argument = _first_word(line)
    match name.casefold():
        case "/remember":
            return _quote(argument) if quoting else _remember(argument)
        case "/recall":
            everywhere, query = _everywhere(argument)
            return RecallAbout(query or None, everywhere)
        case "/forget":
            return _forget(argument)
        case "/memories":
            return _memories(argument)
        case "/privacy":
            return _privacy(argument)
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


def _everywhere(argument: str) -> tuple[bool, str]:
    """Whether the first word is "everywhere", and what follows it."""
    word, rest = _first_word(argument)
    return (True, rest) if word.casefold() == "everywhere" else (False, argument)


def _confirmed(argument: str) -> tuple[str, bool]:
    """The argument without a "yes" at its end, and whether there was one."""
    *words, last = argument.split()
    if words and last.casefold() == "yes":
        return " ".join(words), True
    return argument, False


def _number(found: re.Match[str]) -> MemoryNumber:
    """The number that an id names: m3 is 3, s3 (the space's) is -3."""
    number = int(found[2])
    return MemoryNumber(number if found[1] in "mM" else -number)


def _remember(argument: str) -> Remember:
    word, rest = _first_word(argument)
    option = re.sub(r"^[—–]", "--", word.casefold())  # phones write a dash
    if option.startswith("--") and option not in {"--private", "--shared"}:
        raise CommandError(
            "The options are --private and --shared, for example: /remember --private TEXT"
        )
    private, shared = option == "--private", option == "--shared"
    text = one_line(rest if private or shared else argument)
    if not text:
        raise CommandError("What shall I remember? For example: /remember I am allergic to nuts")
    return Remember(text, private, shared)


def _quote(argument: str) -> Remember:
    if argument and re.sub(r"^[—–]", "--", argument.casefold()) != "--private":
        raise CommandError(
            "A message is kept as it was said: after /remember comes nothing, or --private."
        )
    return Remember("", private=bool(argument))


def _forget(argument: str) -> Command:
    if not argument:
        raise CommandError(
            "What shall I forget? Name ids (/forget m3 m5), words (/forget the trip), last, "
            "since DATE, before DATE, between DATE and DATE, about NAME, or everything."
        )
    ids = [_ID.fullmatch(word) for word in argument.replace(",", " ").split()]
    numbers = [_number(found) for found in ids if found]
    if ids and len(numbers) == len(ids):
        return ForgetIds(tuple(numbers))
    if found := _EVERYTHING.fullmatch(" ".join(argument.split())):
        return ForgetEverything(everywhere=bool(found[1]), confirmed=bool(found[2]))
    word, rest = _first_word(argument)
    match word.casefold():
        case "last" if not rest:
            return ForgetLast()
        case "since" | "before" | "between" as side if rest:
            return _forget_period(Side(side), rest)
        case "about" if rest:
            name, confirmed = _confirmed(one_line(rest))
            return ForgetAbout(name, confirmed)
    return ForgetQuery(argument)


def _forget_period(side: Side, rest: str) -> ForgetPeriod:
    dates, confirmed = _confirmed(one_line(rest))
    if side is not Side.BETWEEN:
        return ForgetPeriod(side, (dates,), confirmed)
    found = _BETWEEN.fullmatch(dates)
    if found is None:
        raise CommandError(
            "Between which days? For example: /forget between 2026-03-01 and 2026-03-31"
        )
    return ForgetPeriod(side, (found[1], found[2]), confirmed)


def _privacy(argument: str) -> Command:
    word, rest = _first_word(argument)
    everywhere = rest.casefold() == "everywhere"
    match word.casefold():
        case "" | "everywhere" if not rest:
            return ShowPrivacy(everywhere=bool(word))
        case "pause" if not rest:
            return Pause()
        case "resume" if not rest:
            return Resume()
        case "export" if everywhere or not rest:
            return ExportAll(everywhere)
        case "opt-out" if everywhere or not rest:
            return OptOut(everywhere)
        case "opt-in" if everywhere or not rest:
            return OptIn(everywhere)
    raise CommandError("After /privacy comes nothing, pause, resume, export, opt-out or opt-in.")


def _memories(argument: str) -> Command:
    word, rest = _first_word(argument)
    match word.casefold():
        case "":
            return ListMemories(1)
        case "about":
            return _about(rest)
        case "edit":
            return _edit(rest)
        case "everywhere" | "shared" if not rest or _PAGE.fullmatch(rest):
            page = int(rest or 1)
            shared = word.casefold() == "shared"
            return ListShared(page) if shared else ListMemories(page, everywhere=True)
        case "promote":
            return _promote(rest)
        case "undo" if not rest:
            return UndoChange()
        case "undo":
            raise CommandError("/memories undo takes nothing after it.")
    if found := _ID.fullmatch(argument):
        return ShowMemory(_number(found))
    if _PAGE.fullmatch(argument):
        return ListMemories(int(argument))
    raise CommandError(
        "After /memories comes a page (/memories 2), an id (/memories m3), about NAME, "
        "edit ID TEXT, promote ID, shared, everywhere, or undo."
    )


def _promote(argument: str) -> PromoteMemory:
    found = _ID.fullmatch(argument)
    if found is None:
        raise CommandError("Which memory? For example: /memories promote m3")
    return PromoteMemory(_number(found))


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
    return EditMemory(_number(found), text)
