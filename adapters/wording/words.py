"""The words that answers to commands are made of."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from adapters.wording.parts import item, named, placed, typed, written
from bot.types import (
    Audience,
    Channel,
    Memory,
    MemoryNumber,
    Message,
    Parts,
    Private,
    Role,
    Space,
    memory_name,
)

_BECAUSE = {
    "words": "it shares words with your message",
    "meaning": "it is near in meaning",
    "entity": "it is about whom or what you named",
    "linked": "it is about the same as something else that matches",
    "around": "what was said beside it matches",
    "when": "it tells a time",
    "time": "it is of the time you asked about",
    "then": "it is of the time you asked about",
    "held": "it held at that time",
    "speaker": "the one you asked about said it",
    "recent": "it is recent",
    "sources": "it was said more than once",
    "newest": "it is among the newest",
    "pinned": "I always have it in mind",
}


def because(parts: Parts | None) -> str:
    """Why an item was recalled, what weighed most first; None: it stood beside another."""
    if parts is None:
        return "there because it was said beside something that matched"
    weightiest = sorted(parts, key=lambda name: -parts[name])
    reasons = [_BECAUSE[name] for name in weightiest if name in _BECAUSE]
    return f"there because {listed(reasons)}" if reasons else ""


def where_used(audience: Audience) -> str:
    """Where a memory of this audience is used."""
    match audience:
        case Private():
            return "only in private with you"
        case Channel(channel):
            return f"in the closed channel {placed(channel)} and in private with you"
        case Space():
            return "anywhere in this space"


def may_promote(memory: Memory) -> str:
    """How a private memory comes to be used where others read along."""
    form = typed(f"/memories promote {memory_name(memory.number)}")
    return f"{form} lets me use it anywhere in this space."


def memory_line(memory: Memory) -> str:
    """A memory in a list: id, text, when and where it was said, until when it held."""
    until = f", until {date(memory.valid_to)}" if memory.valid_to is not None else ""
    said = said_in(memory.place) if memory.number > 0 else "shared with everybody here"
    if isinstance(memory.audience, Private) and "private" not in memory.place:
        until = f", only for you{until}"
    where = f"({date(memory.said_at)}, {written(said)}{until})"
    return item(named(memory.number), written(memory.text), where)


def item_line(found: Memory | Message) -> str:
    """What was recalled, in a list."""
    if isinstance(found, Memory):
        return memory_line(found)
    speaker = "I" if found.role is Role.ELLIE else written(found.speaker)
    return item(f"{speaker} said “{written(found.text)}”", f"({date(found.sent_at)})")


def said_in(place: str) -> str:
    """Where something was said."""
    return f"in {place}" if place else "place not kept"


def date(moment: datetime) -> str:
    """The UTC date."""
    return moment.date().isoformat()


def count(number: int, noun: str) -> str:
    """One of a noun or so many: 1 memory, 2 memories."""
    if number == 1:
        return f"1 {noun}"
    return f"{number} {noun.removesuffix('y')}ies" if noun.endswith("y") else f"{number} {noun}s"


def ids(numbers: Iterable[MemoryNumber], word: str = "and") -> str:
    """Ids in a sentence: m3, m5 and m7."""
    return listed(map(named, numbers), word)


def listed(parts: Iterable[str], word: str = "and") -> str:
    """Parts in a sentence: one, two and three."""
    all_parts: Sequence[str] = list(parts)
    if len(all_parts) < 2:
        return "".join(all_parts)
    return f"{', '.join(all_parts[:-1])} {word} {all_parts[-1]}"
