"""What a button carries: a verb, numbers, pages and days, and never a memory's text."""

import re
from urllib.parse import quote, unquote

from adapters.wording.pressing import Listed, Verb, confirmed_line
from bot.types import MemoryNumber, memory_name

LONGEST_VALUE = 2000
"""So many characters a button's value may have."""
ACTION = re.compile(r"do:.+")
"""What the action ids begin with that are answered here; others belong to others."""
_NAMED = re.compile(r"/forget about [^\n]+ yes")


def press(verb: str, *words: object) -> str:
    """The value of a press."""
    return ":".join([verb, *map(str, words)])


def on_memory(verb: Verb, number: MemoryNumber, listed: Listed, page: int) -> str:
    """The value of what is done to one memory, which was picked from a page."""
    return press(verb, memory_name(number), listed, page)


def forgetting(numbers: tuple[MemoryNumber, ...]) -> str:
    """The value of a press that forgets these."""
    return press(Verb.FORGET, ",".join(map(memory_name, numbers)))


def confirming(confirm: str) -> str | None:
    """The value of a press that sends a line which confirms; None: it has to be typed.

    The name in a line about somebody is what the person has just typed; it is quoted, because
    Slack gives a value back with its signs replaced.
    """
    if confirmed_line(confirm):
        return press(Verb.LINE, confirm)
    value = press(Verb.NAMED, quote(confirm))
    return value if _NAMED.fullmatch(confirm) and len(value) <= LONGEST_VALUE else None


def named_line(rest: str) -> str | None:
    """The `/forget about NAME yes` of a value; None: it is none."""
    line = unquote(rest)
    return line if _NAMED.fullmatch(line) else None


def action_id(value: str, place: int) -> str:
    """The action id of the element in this place of a message or view, where it is the only one."""
    return f"do:{value.partition(':')[0]}:{place}"
