"""Stretches of time: from when to when, in a person's calendar, and how near a moment is to one."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

from bot.caches import holds_words

EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)
"""The ends of an interval that has none ("before June"): no message is as old, or as new."""
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)
_OFFSET = re.compile(r"(?:UTC|GMT)?\s*([+-])(\d{1,2})(?::?(\d{2}))?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Interval:
    """Half-open, aware, in UTC: `start` <= moment < `end`.

    `slack` is how far outside it `closeness` has fallen to a half.
    """

    start: datetime
    end: datetime
    slack: timedelta


@dataclass(frozen=True, slots=True)
class Stretch:
    """What an expression names in a person's calendar: naive local times, half-open."""

    start: datetime
    end: datetime
    slack: timedelta | None = None
    """None: its own length."""


def closeness(interval: Interval, moment: datetime) -> float:
    """How near an aware `moment` is to the interval: 1 inside, 1 / (1 + distance / slack) outside.

    So a half at one slack away and a tenth at nine, never 0: people misdate in proportion to how
    long ago it was, and tell of things after they happened, so the tail is a hyperbola's. A
    Gaussian's would in effect be a filter.
    """
    away = max(interval.start - moment, moment - interval.end, timedelta())
    return 1.0 / (1.0 + away / interval.slack)


def beside(side: str, event: datetime) -> Interval:
    """The time "before" or "after" (or "since") an aware event; else the day around it."""
    if side == "before":
        return Interval(EARLIEST, event, WEEK)
    if side in {"after", "since"}:
        return Interval(event, LATEST, WEEK)
    return Interval(event - DAY / 2, event + DAY / 2, DAY)


@holds_words
@lru_cache(maxsize=256)
def zone_named(name: str | None) -> tzinfo:
    """The zone of an IANA name or an offset ("UTC+2"); UTC for None and for what is neither."""
    wanted = (name or "UTC").strip()
    if offset := _OFFSET.fullmatch(wanted):
        sign, hours, minutes = offset.groups(default="0")
        ahead = timedelta(hours=int(hours), minutes=int(minutes))
        return timezone(-ahead if sign == "-" else ahead) if ahead < DAY else UTC
    try:
        return ZoneInfo(wanted)
    except (KeyError, ValueError, OSError):  # unknown; not a name; the name of a folder of zones
        return UTC


def to_interval(stretch: Stretch, zone: tzinfo) -> Interval:
    """`stretch` in UTC. Not empty, even where the clocks were put forward over all of it."""
    start, end = (_in_utc(local, zone) for local in (stretch.start, stretch.end))
    end = max(end, start + HOUR)
    return Interval(start, end, max(stretch.slack or end - start, HOUR))


def _in_utc(local: datetime, zone: tzinfo) -> datetime:
    if EARLIEST.year < local.year < LATEST.year:
        return local.replace(tzinfo=zone).astimezone(UTC)
    return EARLIEST if local.year <= EARLIEST.year else LATEST


def midnight(moment: datetime) -> datetime:
    """When the day of `moment` began."""
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def calendar_unit(now: datetime, unit: str, shift: int) -> Stretch:
    """The day, ISO week (from Monday), month or year (`unit`: "days"…) `shift` after this one."""
    today = midnight(now)
    first = {
        "days": today,
        "weeks": today - timedelta(days=today.weekday()),
        "months": today.replace(day=1),
        "years": today.replace(month=1, day=1),
    }[unit]
    start = first + step(unit, shift)
    return Stretch(start, start + step(unit, 1))


def step(unit: str, count: int) -> relativedelta:
    """`count` times a unit ("hours", "days", "weeks", "months", "years")."""
    return relativedelta(**{unit: count})


def weekday(now: datetime, day: int, which: int | None, *, ahead: bool) -> Stretch:
    """A day of the week (Monday is 0), never today itself unless `which` is 0 ("this Monday").

    `which` -1: the nearest before today, 1: the nearest after, 0: the one of this ISO week,
    None: -1, or 1 with `ahead`.
    """
    today = midnight(now)
    if which is None:
        which = 1 if ahead else -1
    away = day - today.weekday()
    if which < 0:
        away = -((today.weekday() - day - 1) % 7 + 1)
    elif which > 0:
        away = (away - 1) % 7 + 1
    return Stretch(today + away * DAY, today + (away + 1) * DAY)


def weekend(now: datetime, which: int | None, *, ahead: bool) -> Stretch:
    """Saturday and Sunday of the ISO week that is `which` after this one.

    None: the last begun, or with `ahead` the next that is not over.
    """
    saturday = calendar_unit(now, "weeks", which or 0).start + 5 * DAY
    if which is None and not ahead and saturday > now:
        saturday -= WEEK
    return Stretch(saturday, saturday + 2 * DAY)


def month_or_day(month: int, day: int | None, year: int) -> Stretch:
    """A whole month, or one day of it. Raises ValueError where there is no such day."""
    start = datetime(year, month, day or 1)
    return Stretch(start, start + (step("days", 1) if day else step("months", 1)))


def season(dates: tuple[int, int, int, int], year: int) -> Stretch:
    """What begins in `year`: month and day of its start, and of the first day after it."""
    month, day, end_month, end_day = dates
    start, end = datetime(year, month, day), datetime(year, end_month, end_day)
    return Stretch(start, end if start < end else end + step("years", 1))


def yearly(
    now: datetime, in_year: Callable[[int], Stretch], which: int | None, *, ahead: bool
) -> Stretch:
    """Which of the stretches that come once a year (May, 3 May, summer, Christmas) is meant.

    `which` -1: the last that is over; 1: the next to begin; 0: the one that runs, or this
    year's; None: the last begun, or with `ahead` the next that is not over.
    """
    around = [in_year(year) for year in range(now.year - 2, now.year + 3)]
    if which == 0:
        return next((s for s in around if s.start <= now < s.end), around[2])
    if which == 1:
        return next(s for s in around if s.start > now)
    if which is None and ahead:
        return next(s for s in around if s.end > now)
    return [s for s in around if (s.start if which is None else s.end) <= now][-1]
