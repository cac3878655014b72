"""What a statement tells from its own day ("yesterday"). English only: "hier" is German as well.

`said_at` is aware, in the time zone of who says it: its calendar counts.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from bot.when.expressions import Found, found_in, is_time, named
from bot.when.interval import DAY, Stretch, calendar_unit, midnight
from bot.when.words import vocabularies

_LEAD = re.compile(
    r"(?i)(?:\b(?:(?P<vague>half|than|over|for the|each|every|(?:year|month|week)s? and)"
    r"|(?P<kept>since|from|to|until|till|by|before|after|of|for|throughout|mid"
    r"|(?<=in )(?:early|late))"
    r"|in|on|at|during|about|around|almost|nearly) )?(?:\bthe )?\Z"
)
"""What may stand before it: what makes it no date, what is `kept` before a date, and the rest."""


def resolve_dates(text: str, said_at: datetime) -> str:
    """`text` with what it tells from `said_at` written out: "yesterday" as "on 2026-03-01".

    All other times ("on 3 June 2022", "in May") stay word for word.
    """
    for lead, one, stretch in reversed(list(_told(text, said_at))):
        words = _written(one, stretch)
        if lead["kept"]:
            words = f"{lead['kept']} {re.sub('^(?:on|in) ', '', words)}"
        text = f"{text[: lead.start()]}{words}{text[one.end :]}"
    return text


def past_day(text: str, said_at: datetime) -> datetime | None:
    """The first day of the one past time that `text` tells from `said_at`, as dates are kept.

    None: it tells none, or several.
    """
    today = midnight(said_at.replace(tzinfo=None))
    found = {
        midnight(stretch.start)
        for _, _, stretch in _told(text, said_at)
        if stretch.start < today and midnight(stretch.end) <= today
    }
    return found.pop().replace(tzinfo=UTC) if len(found) == 1 else None


def is_ahead(text: str, said_at: datetime) -> bool:
    """Whether `text` tells a later day from `said_at` ("tomorrow", "next month")."""
    tomorrow = midnight(said_at.replace(tzinfo=None)) + DAY
    return any(stretch.start >= tomorrow for _, _, stretch in _told(text, said_at))


def _told(text: str, said_at: datetime) -> Iterator[tuple[re.Match[str], Found, Stretch]]:
    """Each time told from `said_at`, with what stands before it. Not "yesterday's soup"."""
    for one in found_in(text, vocabularies()[0]):
        lead = _LEAD.search(text, max(0, one.name_at - 20), one.name_at)
        from_here = one["tail"] or (
            not one["count"]
            and (one["day"] or one["part"] or one["which"] not in {"", "past", "previous"})
        )
        stretch = _stretch(one, said_at.replace(tzinfo=None)) if from_here else None
        owns = text.startswith(("'s", "’s"), one.end)
        if stretch and lead and is_time(one) and not (owns or lead["vague"]):
            yield lead, one, stretch


def _stretch(one: Found, now: datetime) -> Stretch | None:
    try:
        if one["count"] and one.unit in {"months", "years"}:  # nobody means the day
            return calendar_unit(now, one.unit, one.count * one.language.directions[one["tail"]])
        return named(one, now, ahead=False)
    except (ValueError, OverflowError):  # a thousand years before the first
        return None


def _written(one: Found, stretch: Stretch) -> str:
    first = stretch.start.date()
    unit = one.unit if one["unit"] or one["count"] else ""
    if unit == "years":
        return f"in {first.year}"
    if unit == "months" or (one["month"] and not (one["date"] or one["us_date"])):
        return f"in {first:%B} {first.year}"
    if one["season"]:
        return f"in the {one.groups['core']} of {first.year}"
    if one["unit"] or one["weekend"]:
        return f"in the {one.groups['core']} of {first}"
    return f"around {first}" if unit == "weeks" else f"on {first}"
