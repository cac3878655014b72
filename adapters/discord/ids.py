"""Custom ids: what a button or a menu does, by verb, number and page, and never by a text."""

import re
from datetime import datetime, timedelta
from enum import StrEnum

from adapters.discord.answers import LONGEST_ID, PREFIX
from bot.receipts import Period
from bot.types import MemoryNumber, memory_name

_NAME = re.compile(r"([ms])([1-9][0-9]{0,17})")
_CONFIRM = re.compile(
    r"/forget (everything( everywhere)?|(since|before) {0}|between {0} and {0}) yes".format(
        r"\d{4}-\d\d-\d\d( \d\d:\d\d)?"
    )
)


class Listed(StrEnum):
    """Which list a page is of."""

    MINE = "mine"
    SHARED = "shared"
    EVERYWHERE = "everywhere"

    def line(self, page: int) -> str:
        """The command that shows a page."""
        return f"/memories {page}" if self is Listed.MINE else f"/memories {self} {page}"


class Verb(StrEnum):
    """What a press can ask for."""

    PAGE = "page"
    PICK = "pick"
    SHOW = "show"
    WHY = "why"
    EDIT = "edit"
    PROMOTE = "promote"
    ASK = "ask"
    FORGET = "forget"
    LINE = "line"
    NAMED = "named"
    KEEP = "keep"
    RIGHT = "right"
    LEAVE = "leave"
    PURGE = "purge"


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
    return press_id(Verb.LINE, confirm) if _CONFIRM.fullmatch(confirm) else None


def confirmed_line(rest: str) -> str | None:
    """The line of a `line_id`; None: it is none."""
    return rest if _CONFIRM.fullmatch(rest) else None


def period_line(period: Period) -> str:
    """The line that erases a period, by the calendar: pressed tomorrow it means the same days."""
    start = None if period.start is None else period.start.astimezone(period.zone)
    end = None if period.end is None else period.end.astimezone(period.zone)
    if end is None:
        return f"/forget since {_moment(start)} yes"
    if start is None:
        return f"/forget before {_moment(end)} yes"
    last = end - timedelta(days=1) if _is_midnight(end) else end
    return f"/forget between {_moment(start)} and {_moment(last)} yes"


def _moment(moment: datetime | None) -> str:
    if moment is None:
        return ""
    return f"{moment:%Y-%m-%d}" if _is_midnight(moment) else f"{moment:%Y-%m-%d %H:%M}"


def _is_midnight(moment: datetime) -> bool:
    return (moment.hour, moment.minute) == (0, 0)


def numbers_in(rest: str) -> list[str]:
    """The memories that a press names, as people call them; anything else is left out."""
    return [name for name in rest.split(",") if _NAME.fullmatch(name)]


def number_of(name: str) -> MemoryNumber | None:
    """m3 is 3, s3 is -3; None: it is no name of a memory."""
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    return MemoryNumber(int(found[2]) if found[1] == "m" else -int(found[2]))
