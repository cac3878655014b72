"""Custom ids: what a button or a menu does, by verb, number and page, and never by a text."""

from adapters.discord.answers import LONGEST_ID, PREFIX
from adapters.wording.pressing import Listed, Verb, confirmed_line
from bot.types import MemoryNumber, memory_name


def press_id(verb: Verb, *words: object) -> str:
    """The custom id of a press."""
    return PREFIX + ":".join([verb, *map(str, words)])


def on_memory(verb: Verb, number: MemoryNumber, listed: Listed, page: int) -> str:
    """The custom id of what is done to one memory, which was picked from a page."""
    return press_id(verb, memory_name(number), listed, page)


def forget_ids(numbers: tuple[MemoryNumber, ...]) -> list[tuple[tuple[MemoryNumber, ...], str]]:
    """Presses that forget these, each with its numbers: as few as the length of an id allows."""
    found: list[tuple[tuple[MemoryNumber, ...], str]] = []
    for number in numbers:
        if found:
            more = (*found[-1][0], number)
            press = press_id(Verb.FORGET, ",".join(map(memory_name, more)))
            if len(press) <= LONGEST_ID:
                found[-1] = (more, press)
                continue
        found.append(((number,), press_id(Verb.FORGET, memory_name(number))))
    return found


def line_id(confirm: str) -> str | None:
    """The press that sends a line which confirms; None: it could name somebody."""
    return press_id(Verb.LINE, confirm) if confirmed_line(confirm) else None
