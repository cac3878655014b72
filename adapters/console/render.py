"""What the core answers to a command, in plain words."""

import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime

from bot.redaction import tell
from bot.types import (
    Audience,
    Channel,
    CommandResult,
    ForgetPreview,
    FreshHistory,
    Help,
    Memory,
    MemoryNumber,
    MemoryPage,
    Message,
    Private,
    RecallResult,
    Receipt,
    Remembered,
    Role,
    Space,
    Why,
)

# These join what belongs together in emoji and in Persian; they can do nothing to a terminal.
_JOINERS = "\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}"


def plain(text: str) -> str:
    """`text` with nothing in it that could control a terminal; characters are judged one by one.

    Line ends and tabs stay; other white space becomes a blank or a line end; control, format and
    private-use characters are removed.
    """
    return "".join(map(_plain_character, text))


def render(result: CommandResult) -> str:
    """The answer to a command: lines without a final line end, safe for a terminal."""
    match result:
        case Help():
            lines = _help(result)
        case Remembered():
            lines = [_remembered(result)]
            if result.redacted:
                lines.append(tell(result.redacted))
        case RecallResult():
            lines = _recalled(result)
        case MemoryPage():
            lines = _page(result)
        case ForgetPreview():
            lines = _preview(result)
        case Receipt():
            lines = [_receipt(result)]
        case Why():
            lines = _why(result)
        case FreshHistory():
            lines = ["We start afresh here. What I remember stays."]
    return "\n".join(lines)


def _help(result: Help) -> list[str]:
    width = max((len(form) for form, _ in result.forms), default=0)
    return ["What you can type:"] + [
        f"  {_line(form).ljust(width)}  {_line(purpose)}" for form, purpose in result.forms
    ]


def _remembered(result: Remembered) -> str:
    memory = result.memory
    where = _use(memory.audience)
    if result.known:
        return (
            f"I knew that already: m{memory.number} from {_date(memory.said_at)}, "
            f"“{_line(memory.text)}”. I use it {where}."
        )
    return f"I will remember that as m{memory.number}. I use it {where}."


def _use(audience: Audience) -> str:
    match audience:
        case Private():
            return "only in private with you"
        case Channel(channel):
            return f"in the closed channel {_line(channel)} and in private with you"
        case Space():
            return "anywhere in this space"


def _recalled(result: RecallResult) -> list[str]:
    if not result.found:
        about = "about you yet" if result.query is None else f"about “{_line(result.query)}”"
        return [f"I know nothing {about}."]
    head = "The newest I know:"
    if result.query is not None:
        head = f"What I know about “{_line(result.query)}”:"
    return [head, *(_item(recalled.item) for recalled in result.found)]


def _page(result: MemoryPage) -> list[str]:
    if result.total == 0:
        return ["I know nothing about you yet."]
    where = f"page {result.page} of {result.pages}"
    if not result.memories:
        return [f"There is no page {result.page}; /memories {result.pages} shows the last one."]
    lines = [f"What I know, newest first ({where}, {_count(result.total, 'memory')}):"]
    lines += map(_memory, result.memories)
    if result.page < result.pages:
        lines.append(f"/memories {result.page + 1} shows the next page.")
    return lines


def _preview(result: ForgetPreview) -> list[str]:
    query = _line(result.query)
    if not result.memories:
        return [f"I know nothing about “{query}”. Nothing was forgotten."]
    lines = [f"Nothing is forgotten yet. About “{query}” I know:"]
    lines += map(_memory, result.memories)
    also = _and(
        _count(number, noun)
        for number, noun in ((result.messages, "message"), (result.summaries, "summary"))
        if number
    )
    if also:
        lines.append(f"With all of them would also go {also}.")
    ids = " ".join(f"m{memory.number}" for memory in result.memories)
    which = "it" if len(result.memories) == 1 else "them, or name fewer"
    lines.append(f"To forget {which}: /forget {ids}")
    return lines


def _receipt(result: Receipt) -> str:
    missing = f"I know no {_ids(result.missing, 'or')}." if result.missing else ""
    gone = [
        _count(number, noun)
        for number, noun in (
            (result.messages, "message"),
            (result.summaries, "summary"),
            (result.vectors, "vector"),
        )
        if number
    ]
    if not result.memories and not gone:
        return " ".join(filter(None, (missing, "Nothing was forgotten.")))
    if result.memories:
        noun = _count(len(result.memories), "memory")
        gone.insert(0, f"{noun} ({', '.join(f'm{number}' for number in result.memories)})")
    return " ".join(filter(None, (f"Forgotten and erased: {_and(gone)}.", missing)))


def _why(result: Why) -> list[str]:
    if result.answered_at is None:
        return ["I have not answered you here yet."]
    reply = f"My last reply to you here ({_date(result.answered_at)})"
    used = [_memory(memory) for memory in result.memories]
    used += [_message(message) for message in result.messages]
    if result.summary is not None:
        used.append(f"  the summary of what came earlier here  ({_date(result.summary.made_at)})")
    if result.history:
        used.append(f"  the last {_count(result.history, 'turn')} of this conversation")
    if not used:
        return [f"{reply} used no memories and no earlier messages."]
    return [f"{reply} used:", *used]


def _item(item: Memory | Message) -> str:
    return _memory(item) if isinstance(item, Memory) else _message(item)


def _memory(memory: Memory) -> str:
    until = f", until {_date(memory.valid_to)}" if memory.valid_to is not None else ""
    if isinstance(memory.audience, Private) and "private" not in memory.place:
        until = f", only for you{until}"
    return (
        f"  m{memory.number}  {_line(memory.text)}"
        f"  ({_date(memory.said_at)}, {_line(_said_in(memory.place))}{until})"
    )


def _said_in(place: str) -> str:
    return f"in {place}" if place else "place not kept"


def _message(message: Message) -> str:
    speaker = "I" if message.role is Role.ELLIE else _line(message.speaker)
    return f"  {speaker} said “{_line(message.text)}”  ({_date(message.sent_at)})"


def _date(moment: datetime) -> str:
    return moment.date().isoformat()


def _line(text: str) -> str:
    return " ".join(plain(text).split())


def _count(number: int, noun: str) -> str:
    if number == 1:
        return f"1 {noun}"
    return f"{number} {noun.removesuffix('y')}ies" if noun.endswith("y") else f"{number} {noun}s"


def _ids(numbers: Iterable[MemoryNumber], word: str) -> str:
    return _and([f"m{number}" for number in numbers], word)


def _and(parts: Iterable[str], word: str = "and") -> str:
    listed: Sequence[str] = list(parts)
    if len(listed) < 2:
        return "".join(listed)
    return f"{', '.join(listed[:-1])} {word} {listed[-1]}"


def _plain_character(character: str) -> str:
    if character in "\n\t" or character.isprintable() or character in _JOINERS:
        return character
    match unicodedata.category(character):
        case "Zs":
            return " "
        case "Zl" | "Zp":
            return "\n"
        case "Cn":  # newer than this Python's Unicode, mostly emoji
            return character
        case _:
            return ""
