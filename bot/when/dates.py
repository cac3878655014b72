"""Dates in words, read by dateparser in the languages that it is told."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from bot.caches import holds_words

if TYPE_CHECKING:
    from dateparser.date import DateDataParser

_BASE = datetime(2024, 12, 31)
"""What dateparser reads relative to: always the same, for its caches keep what they compile for
each base they have met (its issue 985), and a reading can be remembered. A leap year's."""


_MONTH_NAMED = re.compile(
    r"(?:(?P<before>\d{1,2}) )?(?P<name>[^\W\d_]{3,})(?: (?P<after>\d{1,2}))?"
    r"(?: (?P<year>(?:19|20)\d\d))?"
)


@dataclass(frozen=True, slots=True)
class DateRead:
    """A date as far as the words give it: None is a part that they leave open."""

    year: int | None
    month: int
    day: int | None
    weekday: int
    """Monday is 0. Of use where the words are a weekday's name."""


def read_date(words: str, languages: tuple[str, ...]) -> DateRead | None:
    """The date that "8 May", "mayo de 2023", "08.05.2023" or "Montag" names.

    Of a month's name with numbers only the name is read by dateparser, which takes a millisecond
    for words that it has not seen.
    """
    parts = _MONTH_NAMED.fullmatch(words)
    if parts is None or (parts["before"] and parts["after"]):
        return _read(words, languages)
    named = _read(parts["name"], languages)
    day = parts["before"] or parts["after"]
    if named is None or named.day is not None:  # a weekday's name
        return _read(words, languages)
    year = int(parts["year"]) if parts["year"] else None
    try:
        date = datetime(year or _BASE.year, named.month, int(day or 1))
    except ValueError:
        return None
    return DateRead(year, date.month, date.day if day else None, date.weekday())


@holds_words
@lru_cache(maxsize=1024)
def _read(words: str, languages: tuple[str, ...]) -> DateRead | None:
    return read_typed(words, languages)


def read_typed(words: str, languages: tuple[str, ...]) -> DateRead | None:
    """The date that words name in any of dateparser's forms; nothing of them is remembered."""
    found = _parser(languages, "absolute-time").get_date_data(words)
    date, parts = found.date_obj, found.parts
    if date is None:
        return None
    year, day = (date.year if "year" in parts else None), (date.day if "day" in parts else None)
    return DateRead(year, date.month, day, date.weekday())


def read_minutes(words: str, languages: tuple[str, ...]) -> timedelta | None:
    """How far away "30 min ago" is; None where it is no time or one of whole days."""
    found = _parser(languages, "relative-time").get_date_data(words).date_obj
    away = found - _BASE if found else timedelta()
    return away if away % timedelta(days=1) else None


@holds_words
@lru_cache(maxsize=1024)
def read_shift(words: str, languages: tuple[str, ...]) -> tuple[str, int] | None:
    """Which unit, and how many of them from this one: ("days", -1) for "yesterday", "hier"."""
    found = _parser(languages, "relative-time").get_date_data(words)
    if found.date_obj is None:
        return None
    days = (found.date_obj - _BASE).days
    years = found.date_obj.year - _BASE.year
    months = years * 12 + found.date_obj.month - _BASE.month
    by_unit = {"week": round(days / 7), "month": months, "year": years}
    unit = found.period if found.period in by_unit else "day"
    return f"{unit}s", by_unit.get(unit, days)


@cache
def _parser(languages: tuple[str, ...], reading: str) -> "DateDataParser":
    from dateparser.date import DateDataParser  # costs 0.1 s

    settings = {"RELATIVE_BASE": _BASE, "PREFER_DATES_FROM": "past", "PARSERS": [reading]}
    return DateDataParser(languages=list(languages), settings=settings)
