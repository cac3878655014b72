"""Times that somebody types as such: all of the words are one, read exactly or not at all."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from functools import partial

from bot.when.dates import read_minutes, read_typed
from bot.when.expressions import Found, found_in, named, stretches_in
from bot.when.interval import DAY, EARLIEST, LATEST, Stretch, midnight, month_or_day, step, yearly
from bot.when.words import Vocabulary, eastern, vocabularies

LONGEST = 60
"""Characters of a time. What is longer is something else."""
_CLOCK = re.compile(
    r"(?:(?P<day>.+?)(?:\s*,\s*|\s+|(?<=\d)T))??(?:(?:at|um|à|a\s+las)\s+)?"
    r"(?P<hour>\d\d?)(?::(?P<minute>[0-5]\d)(?::[0-5]\d)?)?\s*(?P<half>[ap]m|uhr)?",
    re.IGNORECASE,
)
_PLAIN_SIDES = frozenset(["in", "on", "at", "im", "am", "an", "en", "au", "aux", "el", "le"]) | {""}
"""What may stand before a date and leaves it as it is; "late" and "end of" do not."""
_DOTTED = re.compile(r"\d\d?\.\d\d?\.(?:\d{4})?")
_SHORT = {"hours", "minutes"}


def time_typed(words: str, now: datetime, zone: tzinfo) -> tuple[datetime, datetime] | None:
    """From when to when, half-open in UTC, is the time that `words` name in the calendar of `zone`.

    A moment ("14:30", "3 hours ago") ends when it begins. Without a year it is the last that has
    begun, and so is a time of day. Days with dots begin with the day. None: it is no time, or more
    than one, as languages read it ("01/02/2026").
    """
    if len(words) > LONGEST:
        return None
    local = now.astimezone(zone).replace(tzinfo=None)
    clock = _CLOCK.fullmatch(words)
    if clock and (clock["minute"] or clock["half"]):
        stretch = _clock(clock, local)
    else:
        away = {shift for language in _languages(words) if (shift := _minutes(words, language))}
        if len(away) == 1:
            moment = now.astimezone(UTC) + away.pop()
            return moment, moment
        stretch = _calendar(words, local)
    if stretch is None or not EARLIEST.year < stretch.start.year < LATEST.year - 1:
        return None
    start, end = (
        local.replace(tzinfo=zone).astimezone(UTC) for local in (stretch.start, stretch.end)
    )
    return start, end


def _languages(words: str) -> Iterator[Vocabulary]:
    if not words.isascii():
        yield eastern()
    for language in vocabularies():
        if language.languages != ("en",) or not _DOTTED.fullmatch(words):
            yield language


def _minutes(words: str, language: Vocabulary) -> timedelta | None:
    """How far away the moment is that "an hour ago", "vor 20 Minuten" or "30 min ago" names."""
    found = found_in(words, language)
    if len(found) == 1 and _is_all(found, words) and found[0]["count"]:
        one = found[0]
        if one.unit not in _SHORT or one.which is not None:
            return None
        sides = (language.directions.get(one[at]) for at in ("lead", "tail", "side"))
        direction = next((side for side in sides if side), -1)
        return timedelta(**{one.unit: direction * one.count})
    return read_minutes(words, language.languages) if any(map(str.isdigit, words)) else None


def _clock(found: re.Match[str], now: datetime) -> Stretch | None:
    """A time of day, of the last day that has had it or of the day that is named."""
    hour, half = int(found["hour"]), (found["half"] or "").lower()
    if half in {"am", "pm"}:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + 12 * (half == "pm")
    if hour > 23:
        return None
    time = timedelta(hours=hour, minutes=int(found["minute"] or 0))
    if not found["day"]:
        moment = midnight(now) + time
        moment -= DAY * (moment > now)
        return Stretch(moment, moment)
    day = _calendar(found["day"], now)
    if day is None or day.end - day.start != DAY:
        return None
    return Stretch(day.start + time, day.start + time)


def _calendar(words: str, now: datetime) -> Stretch | None:
    """What the words name, if all languages that can read them agree."""
    for meaning in (_expression, _written):
        read: set[tuple[datetime, datetime]] = set()
        for language in _languages(words):
            try:
                stretch = meaning(words, language, now)
            except (ValueError, OverflowError):  # 31 June; a thousand years before the first
                continue
            if stretch is not None:
                read.add((stretch.start, stretch.end))
        if read:
            return Stretch(*read.pop()) if len(read) == 1 else None
    return None


def _expression(words: str, language: Vocabulary, now: datetime) -> Stretch | None:
    found = found_in(words, language)
    if not _is_all(found, words):
        return None
    if len(found) > 1:
        pairs = list(stretches_in(words, language, now, ahead=False))
        return pairs[0][1] if [span for span, _ in pairs] == [(0, len(words))] else None
    one = found[0]
    if one["side"] not in _PLAIN_SIDES and one["side"] not in language.directions:
        return None
    stretch = named(one, now, ahead=False)
    if stretch is None and one["count"]:  # "3 days" is as good as "3 days ago"
        start = midnight(now - step(one.unit, one.count))
        return Stretch(start, start + DAY)
    return stretch


def _written(words: str, language: Vocabulary, now: datetime) -> Stretch | None:
    """ "2026-03", "1.3.", "2026/03/01": what only dateparser reads."""
    if not any(map(str.isdigit, words)) or words.isdigit():
        return None
    read = read_typed(words, language.languages)
    if read is None:
        return None
    in_year = partial(month_or_day, read.month, read.day)
    return in_year(read.year) if read.year else yearly(now, in_year, None, ahead=False)


def _is_all(found: list[Found], words: str) -> bool:
    return bool(found) and found[0].start == 0 and found[-1].end == len(words)
