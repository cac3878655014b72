"""What can be pressed below an answer: by verb, number, page and day, never by a memory's text."""

import re
from datetime import datetime, timedelta
from enum import StrEnum

from bot.errors import CommandError
from bot.receipts import Period

STALE = "That button is of an older Ellie. Please ask again."
KEPT = "Nothing was forgotten."
RIGHTS = {
    "pause": "/privacy pause",
    "resume": "/privacy resume",
    "export": "/privacy export",
    "opt-out": "/privacy opt-out",
    "opt-in": "/privacy opt-in",
    "everything": "/forget everything",
}
OPT_OUT = (
    "If you opt out, I erase all that I keep about you and ignore you from now on. "
    "/privacy opt-in ends that; what is erased stays gone."
)
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
    PURGE = "purge"


def confirmed_line(rest: str) -> str | None:
    """The line that a press sends to confirm; None: it is none, or could name somebody."""
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


def place_in_list(place: str) -> tuple[Listed, int]:
    """The list and the page in "mine:2". Raises CommandError where that is none."""
    listed, _, page = place.partition(":")
    if listed not in set(Listed) or not re.fullmatch(r"[1-9][0-9]{0,5}", page):
        raise CommandError(STALE)
    return Listed(listed), int(page)
