"""Expressions of time in a text, and what they name in a person's calendar."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import islice

from bot.when.dates import read_date, read_shift
from bot.when.interval import (
    DAY,
    EARLIEST,
    LATEST,
    Stretch,
    calendar_unit,
    midnight,
    month_or_day,
    season,
    step,
    weekday,
    weekend,
    yearly,
)
from bot.when.words import Side, Vocabulary, plain

Span = tuple[int, int]
LONGEST = 4_000
"""Characters that are looked at: a message of Discord. What is longer is pasted."""
MOST = 20
"""Expressions looked at in a text and language: a longer list of dates is a calendar."""
_STANDS_ALONE = re.compile(r"\s*(?:[.,;:!?)]|$)|\s+(?:morning|afternoon|evening|night)\b")
_OF = re.compile(r"\s+(?:of|des|de|du|del)\b")
_JOINTS = {"", ",", "of", "de", "del", "des", "的", "の"}
_MOMENT = timedelta(microseconds=1)


def stretches_in(
    text: str, language: Vocabulary, now: datetime, *, ahead: bool
) -> Iterator[tuple[Span, Stretch]]:
    """The times that `text` names in one language, each with where it stands, in order.

    Seen from the local time `now`. `ahead`: the sentence is about what is to come.
    """
    found = found_in(text, language)
    while found:
        one, *others = found
        for meaning, read in ((_pair, 2), (_alone, 1)):
            try:
                stretch = meaning(found[:read], now, ahead=ahead)
            except (ValueError, OverflowError):  # 31 June; a thousand years before the first
                continue
            if stretch is not None:
                yield (one.start, found[read - 1].end), stretch
                others = found[read:]
                break
        found = others


def found_in(text: str, language: Vocabulary) -> list["Found"]:
    """What looks like a time in one language, in order."""
    return [
        Found(
            text,
            language,
            match.groupdict(),
            *match.span(),
            match.start("which" if match.groupdict().get("which") else "core"),
        )
        for match in islice(language.expression.finditer(text, 0, LONGEST), MOST)
        if not language.never.search(text, max(0, match.start() - 20), match.end("core"))
    ]


@dataclass(frozen=True, slots=True)
class Found:
    """An expression in a text; two of them may make one time."""

    text: str
    language: Vocabulary
    groups: Mapping[str, str | None]
    start: int
    end: int
    name_at: int
    """Where its name begins, behind its side and articles."""

    def __getitem__(self, name: str) -> str:
        """The words of a group as mappings hold them; empty where there are none."""
        return plain(self.groups.get(name) or "")

    @property
    def count(self) -> int:
        """How many units; 1 where no number is known by its word."""
        words = self["count"]
        return int(words) if words.isdecimal() else self.language.numbers.get(words, 1)

    @property
    def unit(self) -> str:
        """The unit as relativedelta names it. Raises KeyError where there is none."""
        return self.language.units[self["unit"] or self["counted"]]

    @property
    def year(self) -> int | None:
        """The year that stands behind it."""
        return int(self["year"]) if self["year"] else None

    @property
    def which(self) -> int | None:
        """Last (-1), this (0) or next (1)."""
        return self.language.which.get(self["which"] or self["which_after"])

    @property
    def side(self) -> Side:
        """What its side means; none is as good as `at`."""
        return self.language.sides.get(self["side"], "at")

    @property
    def before(self) -> str:
        """Its own side's words, or else the word before it."""
        return self["side"] or plain(self.text[: self.start].rpartition(" ")[0].rpartition(" ")[2])


def _alone(found: list[Found], now: datetime, *, ahead: bool) -> Stretch | None:
    one = found[0]
    if not is_time(one):
        return None
    stretch = named(one, now, ahead=ahead and one.side != "since")
    side = "at" if stretch is None or one["count"] else one.side
    if stretch is None or side == "at":
        return stretch
    length = stretch.slack or stretch.end - stretch.start
    if side == "before":
        return Stretch(EARLIEST.replace(tzinfo=None), stretch.start, length)
    start = stretch.start if side == "since" else stretch.end
    open_end = LATEST.replace(tzinfo=None)
    return Stretch(start, now if start < now else open_end, length)


def _pair(found: list[Found], now: datetime, *, ahead: bool) -> Stretch | None:
    """Two expressions that are one time: a range, or "the Monday before 24 July"."""
    if len(found) < 2:
        return None
    one, other = found
    between = plain(one.text[one.end : other.start])
    if (one.before, between or other["side"]) in one.language.pairs:
        last = named(other, now, ahead=ahead)
        # the latest that begins before the range ends
        first = last and named(one, last.end - _MOMENT, ahead=False)
        return Stretch(first.start, last.end) if first and last else None
    for dated, year in ((one, _year_meant(other, now)), (other, _year_meant(one, now))):
        if year and between in _JOINTS and (dated["month"] or dated["season"]) and not dated.year:
            whole = replace(dated, groups={**dated.groups, "year": str(year)})
            return named(whole, now, ahead=ahead)
    if between or one.which is not None or other.side not in {"before", "after"}:
        return None
    anchor = named(other, now, ahead=ahead)
    if anchor is None:
        return None
    after = other.side == "after"
    if one["weekend"]:
        return named(one, anchor.end if after else anchor.start - _MOMENT, ahead=after)
    if one["weekday"]:
        return named(one, (anchor.end if after else anchor.start) - _MOMENT, ahead=after)
    if one["unit"] or one["count"]:
        length = step(one.unit, one.count)
        start, end = anchor.start - length, anchor.start
        return Stretch(anchor.end, anchor.end + length) if after else Stretch(start, end)
    return None


def _year_meant(found: Found, now: datetime) -> int | None:
    """2021 for "last year" in 2022, or "in 2021"; None where it is no whole year."""
    shift = read_shift(found["day"], found.language.languages) if found["day"] else None
    if found["unit"] and found.unit == "years" and found.which is not None:
        shift = ("years", found.which)
    if shift and shift[0] == "years":
        return now.year + shift[1]
    return int(found["only_year"] or 0) or None


def is_time(found: Found) -> bool:
    """Whether the words are meant as a time. Many are other words, or names, when they stand bare.

    A month may be a person, "may" a verb, a season an adjective ("summer dress"), 2000 a number.
    """
    named = found["side"] if found["side"] not in {"of", "de"} else ""  # "a dress of summer"
    placed = bool(named or found["year"]) or found.which is not None
    if not found.language.sides:  # Chinese and Japanese: nothing else is written like it
        return True
    if found["month"]:
        return _is_month(found, placed=placed)
    if found["unit"]:
        return not _OF.match(found.text, found.end)
    if found["weekday"] or found["weekend"]:
        return placed or _STANDS_ALONE.match(found.text, found.end) is not None
    if found["only_year"]:
        return bool(found["side"])
    return placed or not found["season"]


def _is_month(found: Found, *, placed: bool) -> bool:
    numbered = bool(found["date"] or found["us_date"])
    if found["month"] in found.language.short_months:
        return numbered or bool(found["year"])
    alone = not (found["side"] or found["year"])
    lower = found["month"] == found.groups["month"] or found.start == 0  # or cannot be told
    if alone and lower and found["month"] in found.language.ambiguous:
        return False
    of_a_person = found.text.startswith(("'s", "’s"), found.end)
    return numbered or (placed and not of_a_person and found["side"] != "for")


def named(found: Found, now: datetime, *, ahead: bool) -> Stretch | None:
    """What the expression names, without its side; None where it cannot be read."""
    language, which = found.language, found.which
    if found["count"]:
        return _counted(found, now)
    if found["part"]:
        day, first, last = language.parts[found["part"]]
        start = midnight(now) + timedelta(days=day)
        return Stretch(start + timedelta(hours=first), start + timedelta(hours=last))
    if found["day"]:
        shift = read_shift(found["day"], language.languages)
        return calendar_unit(now, *shift) if shift else None
    if found["unit"]:
        long = found.unit in {"weeks", "months", "years"}  # "the last day" is of something
        return calendar_unit(now, found.unit, which) if long and which is not None else None
    if found["weekend"]:
        return weekend(now, which, ahead=ahead)
    if found["only_year"]:
        return season((1, 1, 1, 1), int(found["only_year"]))
    if found["season"]:
        in_year = partial(season, language.seasons[found["season"]])
        return in_year(found.year) if found.year else yearly(now, in_year, which, ahead=ahead)
    read = read_date(f"{found['core']} {found['year']}".strip(), language.languages)
    if read is None:
        return None
    if found["weekday"]:
        return weekday(now, read.weekday, which, ahead=ahead)
    in_year = partial(month_or_day, read.month, read.day)
    return in_year(read.year) if read.year else yearly(now, in_year, which, ahead=ahead)


def _counted(found: Found, now: datetime) -> Stretch | None:
    """ "Two weeks ago": a day, and half a week of slack. "The last two weeks": all of them."""
    directions = found.language.directions
    turns = [directions[found[at]] for at in ("lead", "tail", "side") if found[at] in directions]
    if found.which == -1 or (found.side == "since" and not turns):
        return Stretch(now - step(found.unit, found.count), now)
    if found.which == 1:
        return Stretch(now, now + step(found.unit, found.count))
    if not turns:
        return None
    moment = now + step(found.unit, found.count * turns[0])
    half = (moment + step(found.unit, 1) - moment) / 2
    if found.unit in {"hours", "minutes"}:
        return Stretch(moment - half, moment + half)
    return Stretch(midnight(moment), midnight(moment) + DAY, max(half, DAY))
