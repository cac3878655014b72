"""Relative dates of a message ("yesterday"), worked out from the day it was sent."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

_COUNT = {
    word: number
    for number, words in enumerate(
        ("", "a|an|one", "two|a couple of", "three|a few", "four", "five", "six", "seven", "eight",
         "nine", "ten", "eleven", "twelve")
    )
    for word in words.split("|")
}  # fmt: skip
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SHIFT = {"last": -1, "this": 0, "next": 1}
_UNIT = r"(?P<unit>day|week|month|year)"
_MANY = r"(?P<count>\d{1,3}|a couple of|a few|" + "|".join(w for w in _COUNT if len(w) > 1) + "|a)"
_RELATIVE = re.compile(
    r"(?i)\b(?:(?P<lead>since|from|until|till|by|of|in|on|for|before|after) )?(?:"
    r"(?P<day>the day before yesterday|yesterday|last night|today|tonight|this (?:morning"
    r"|afternoon|evening)|tomorrow|the day after tomorrow)(?: (?:morning|afternoon|evening|night))?"
    rf"|(?P<shift>last|this|next) (?:(?P<weekday>{'|'.join(_DAYS)})|(?P<whole>week|month|year))"
    rf"|{_MANY} {_UNIT}s? ago"
    r")\b(?!['’]s)"
)
_NEAR = {
    "the day before yesterday": -2, "yesterday": -1, "last night": -1, "tomorrow": 1,
    "the day after tomorrow": 2,
}  # fmt: skip
_KEEP_LEAD = frozenset(("since", "from", "until", "till", "by", "before", "after", "of"))


@dataclass(frozen=True, slots=True)
class Span:
    """What a relative date means: its first day, and the words that say so."""

    first: date
    words: str
    past: bool
    future: bool


def _span(found: re.Match[str], sent: date) -> Span:
    parts = found.groupdict()
    unit, step = "day", 0
    if parts["day"]:
        step = _NEAR.get(parts["day"].casefold(), 0)
    elif parts["weekday"]:
        return _weekday(parts["weekday"], parts["shift"], sent)
    elif parts["whole"]:
        unit, step = parts["whole"].casefold(), _SHIFT[parts["shift"].casefold()]
    else:
        count = parts["count"].casefold()
        number = int(count) if count.isdigit() else _COUNT[count]
        unit, step = parts["unit"].casefold(), -number
    return _step(sent, unit, step, counted=parts["count"] is not None)


def _weekday(name: str, shift: str, sent: date) -> Span:
    ahead = _DAYS.index(name.casefold()) - sent.weekday()
    if shift.casefold() == "last":
        ahead = ahead - 7 if ahead >= 0 else ahead
    elif shift.casefold() == "next":
        ahead = ahead + 7 if ahead <= 0 else ahead
    return _step(sent, "day", ahead)


def _step(sent: date, unit: str, step: int, *, counted: bool = False) -> Span:
    """`step` units from `sent`; weeks that are counted ("two weeks ago") mean about that day."""
    if unit == "year":
        year = max(1, sent.year + step)
        return Span(date(year, 1, 1), f"in {year}", step < 0, step > 0)
    if unit == "month":
        months = max(12, sent.year * 12 + sent.month - 1 + step)
        first = date(months // 12, months % 12 + 1, 1)
        return Span(first, f"in {first:%B %Y}", step < 0, step > 0)
    if unit == "week":
        day = sent + timedelta(weeks=step)
        first = day if counted else day - timedelta(days=sent.weekday())
        words = f"around {day}" if counted else f"in the week of {first}"
        return Span(first, words, step < 0, step > 0)
    day = sent + timedelta(days=step)
    return Span(day, f"on {day}", step < 0, step > 0)


def resolve_dates(text: str, sent_at: datetime) -> str:
    """`text` with relative dates written out: "yesterday" as "on 2026-03-01"."""

    def absolute(found: re.Match[str]) -> str:
        words = _span(found, sent_at.date()).words
        lead = (found["lead"] or "").casefold()
        if lead in _KEEP_LEAD:
            return f"{found['lead']} {words.removeprefix('on ').removeprefix('in ')}"
        return words

    return _RELATIVE.sub(absolute, text)


def past_day(text: str, sent_at: datetime) -> datetime | None:
    """The first day of the one past time that `text` names relatively; None: none, or several."""
    spans = {_span(found, sent_at.date()) for found in _RELATIVE.finditer(text)}
    past = [span.first for span in spans if span.past]
    return datetime(*past[0].timetuple()[:3], tzinfo=UTC) if len(past) == 1 else None


def is_ahead(text: str, sent_at: datetime) -> bool:
    """Whether `text` names a time to come relatively ("tomorrow", "next month")."""
    return any(_span(found, sent_at.date()).future for found in _RELATIVE.finditer(text))
