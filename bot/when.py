"""When: the times that a question asks for, and those that a statement names."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from bot.dates import read_date, read_shift
from bot.interval import (
    DAY,
    EARLIEST,
    LATEST,
    Interval,
    Stretch,
    calendar_unit,
    midnight,
    month_or_day,
    season,
    step,
    to_interval,
    weekday,
    weekend,
    yearly,
    zone_named,
)
from bot.when_words import Side, Vocabulary, eastern, plain, tense, vocabularies, words_of

Span = tuple[int, int]
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_CLAUSE_ENDS = re.compile(r"\s*(?:[.,;:!?)]|$)")
_OF = re.compile(r"\s+(?:of|des|de|du|del)\b")
_JOINTS = {"", ",", "of", "de", "del", "des", "的", "の"}
_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class RelativeTo:
    """A time that an event names: `words` as they were written ("I moved")."""

    words: str
    side: Side


@dataclass(frozen=True, slots=True)
class TimeAsked:
    """What a question says about time."""

    times: tuple[Interval | RelativeTo, ...]
    """In the order of the question. Empty: it names none."""
    about_past: bool
    """It asks how things were: what is superseded may be the answer, as history."""
    asks_when: bool
    """The answer is a time."""


def time_asked(question: str, asked_at: datetime, time_zone: str | None) -> TimeAsked:
    """What `question` says about time, seen from an aware `asked_at` in the person's time zone.

    `time_zone`: an IANA name or "UTC+2"; UTC where it is None or neither. "In May" is the last May
    begun, or the next one where the sentence looks ahead. Never raises.
    """
    words = words_of(question)
    found = _times(question, words, asked_at, time_zone)
    events = list(_events(question, words, found))
    within = [span for span, event in events if event.side != "during"]
    times: list[tuple[Span, Interval | RelativeTo]] = [*events]
    times += [(at, time) for at, time in found if not any(_overlap(at, span) for span in within)]
    times.sort(key=lambda item: item[0])
    over = any(isinstance(time, Interval) and time.end <= asked_at for _, time in times)
    return TimeAsked(
        times=tuple(time for _, time in times),
        about_past=over or bool(within) or _about_past(question, words),
        asks_when=tense().asks_when.search(question) is not None,
    )


def resolve_relative(
    text: str, said_at: datetime, time_zone: str | None
) -> list[tuple[str, Interval]]:
    """The times that a statement names ("yesterday", "in May", "3 June 2022") with their words.

    Seen from an aware `said_at` in the speaker's time zone; in the order of the text. Never raises.
    """
    found = _times(text, words_of(text), said_at, time_zone)
    return [(text[start:end], interval) for (start, end), interval in found]


def warm_up() -> None:
    """Pays for the first use (patterns, dateparser and its languages): 0.5 s, best in a thread."""
    tense()
    for language in (*vocabularies(), eastern()):
        read_date("1.1.2024", language.languages)
        read_shift("1.1.2024", language.languages)


@dataclass(frozen=True, slots=True)
class _Found:
    """An expression in a text."""

    text: str
    language: Vocabulary
    groups: Mapping[str, str | None]
    start: int
    end: int

    def __getitem__(self, name: str) -> str:
        """The words of a group as mappings hold them; empty where there are none."""
        return plain(self.groups.get(name) or "")

    @property
    def count(self) -> int:
        words = self["count"]
        return int(words) if words.isdecimal() else self.language.numbers.get(words, 1)

    @property
    def unit(self) -> str:
        return self.language.units[self["unit"] or self["counted"]]

    @property
    def year(self) -> int | None:
        return int(self["year"]) if self["year"] else None

    @property
    def which(self) -> int | None:
        return self.language.which.get(self["which"] or self["which_after"])

    @property
    def side(self) -> Side:
        return self.language.sides.get(self["side"], "at")

    @property
    def before(self) -> str:
        """Its own side's words, or else the word before it."""
        return self["side"] or plain(self.text[: self.start].rpartition(" ")[0].rpartition(" ")[2])


def _overlap(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _about_past(text: str, words: frozenset[str]) -> bool:
    return not words.isdisjoint(tense().past) or tense().past_pattern.search(text) is not None


def _times(
    text: str, words: frozenset[str], at: datetime, time_zone: str | None
) -> list[tuple[Span, Interval]]:
    """Each time in `text` with where it stands, in order."""
    dated = _YEAR.search(text) is not None
    languages = [v for v in vocabularies() if dated or not words.isdisjoint(v.gate)]
    if not text.isascii():
        languages.append(eastern())
    if not languages:
        return []
    zone = zone_named(time_zone)
    now = at.astimezone(zone).replace(tzinfo=None)
    ahead = tense().ahead.search(text) is not None and not _about_past(text, words)
    read = [item for v in languages for item in _stretches(text, v, now, ahead=ahead)]
    read.sort(key=lambda item: item[0][0] - item[0][1])  # languages share words: the longest wins
    found: list[tuple[Span, Interval]] = []
    for span, stretch in read:
        if not any(_overlap(span, other) for other, _ in found):
            found.append((span, to_interval(stretch, zone)))
    return sorted(found, key=lambda item: item[0])


def _stretches(
    text: str, language: Vocabulary, now: datetime, *, ahead: bool
) -> Iterator[tuple[Span, Stretch]]:
    """What the expressions of one language mean; two may make one time."""
    found = [
        _Found(text, language, match.groupdict(), *match.span())
        for match in language.expression.finditer(text)
        if not language.never.search(text, 0, match.end("core"))
    ]
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


def _alone(found: list[_Found], now: datetime, *, ahead: bool) -> Stretch | None:
    one = found[0]
    if not _is_time(one):
        return None
    stretch = _named(one, now, ahead=ahead and one.side != "since")
    side = "at" if stretch is None or one["count"] else one.side
    if stretch is None or side == "at":
        return stretch
    length = stretch.slack or stretch.end - stretch.start
    if side == "before":
        return Stretch(EARLIEST.replace(tzinfo=None), stretch.start, length)
    start = stretch.start if side == "since" else stretch.end
    open_end = LATEST.replace(tzinfo=None)
    return Stretch(start, now if start < now else open_end, length)


def _pair(found: list[_Found], now: datetime, *, ahead: bool) -> Stretch | None:
    """Two expressions that are one time: a range, or "the Monday before 24 July"."""
    if len(found) < 2:
        return None
    one, other = found
    between = plain(one.text[one.end : other.start])
    if (one.before, between or other["side"]) in one.language.pairs:
        last = _named(other, now, ahead=ahead)
        # the latest that begins before the range ends
        first = last and _named(one, last.end - _MOMENT, ahead=False)
        return Stretch(first.start, last.end) if first and last else None
    for dated, year in ((one, _year_meant(other, now)), (other, _year_meant(one, now))):
        if year and between in _JOINTS and (dated["month"] or dated["season"]) and not dated.year:
            whole = replace(dated, groups={**dated.groups, "year": str(year)})
            return _named(whole, now, ahead=ahead)
    if between or one.which is not None or other.side not in {"before", "after"}:
        return None
    anchor = _named(other, now, ahead=ahead)
    if anchor is None:
        return None
    after = other.side == "after"
    if one["weekday"] or one["weekend"]:
        return _named(one, anchor.end - _MOMENT if after else anchor.start - _MOMENT, ahead=after)
    if one["unit"] or one["count"]:
        length = step(one.unit, one.count)
        start, end = anchor.start - length, anchor.start
        return Stretch(anchor.end, anchor.end + length) if after else Stretch(start, end)
    return None


def _year_meant(found: _Found, now: datetime) -> int | None:
    """2021 for "last year" in 2022, or "in 2021"; None where it is no whole year."""
    shift = read_shift(found["day"], found.language.languages) if found["day"] else None
    if found["unit"] and found.unit == "years" and found.which is not None:
        shift = ("years", found.which)
    if shift and shift[0] == "years":
        return now.year + shift[1]
    return int(found["only_year"] or 0) or None


def _is_time(found: _Found) -> bool:
    """Whether the words are meant as a time. Many are other words, or names, when they stand bare.

    A month may be a person, "may" a verb, a season an adjective ("summer dress"), 2000 a number.
    """
    placed = bool(found["side"] or found["year"]) or found.which is not None
    if not found.language.sides:  # Chinese and Japanese: nothing else is written like it
        return True
    if found["month"]:
        return _is_month(found, placed=placed)
    if found["unit"]:
        long = found.unit in {"weeks", "months", "years"}  # "the last day" is of something
        return found.which is not None and long and not _OF.match(found.text, found.end)
    if found["weekday"] or found["weekend"]:
        return placed or _CLAUSE_ENDS.match(found.text, found.end) is not None
    if found["only_year"]:
        return bool(found["side"])
    return placed or not found["season"]


def _is_month(found: _Found, *, placed: bool) -> bool:
    numbered = bool(found["date"] or found["us_date"])
    if found["month"] in found.language.short_months:
        return numbered or bool(found["year"])
    if found["month"] in found.language.ambiguous and not (found["side"] or found["year"]):
        if found["month"] == found.groups["month"] or found.start == 0:
            return False
    of_a_person = found.text.startswith(("'s", "’s"), found.end)
    return numbered or (placed and not of_a_person and found["side"] not in {"for", "of"})


def _named(found: _Found, now: datetime, *, ahead: bool) -> Stretch | None:
    """What the expression names, without its side; None where it cannot be read."""
    language, which, year = found.language, found.which, found.year
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
        return calendar_unit(now, found.unit, which or 0)
    if found["weekend"]:
        return weekend(now, which, ahead=ahead)
    if found["only_year"]:
        return season(int(found["only_year"]), 1, 1, 1, 1)
    if found["season"]:
        dates = language.seasons[found["season"]]
        in_year: InYear = lambda year: season(year, *dates)
    else:
        read = read_date(f"{found['core']} {found['year']}".strip(), language.languages)
        if read is None:
            return None
        if found["weekday"]:
            return weekday(now, read.weekday, which, ahead=ahead)
        year, in_year = read.year, partial(month_or_day, month=read.month, day=read.day)
    return in_year(year) if year else yearly(now, in_year, which, ahead=ahead)


def _counted(found: _Found, now: datetime) -> Stretch | None:
    """"Two weeks ago": a day, and half a week of slack. "The last two weeks": all of them."""
    directions = found.language.directions
    turns = [directions[found[at]] for at in ("lead", "tail", "side") if found[at] in directions]
    if found.which == -1 or (found.side == "since" and not turns):
        return Stretch(now - step(found.unit, found.count), now)
    if not turns:
        return None
    moment = now + step(found.unit, found.count * turns[0])
    half = (moment + step(found.unit, 1) - moment) / 2
    if found.unit in {"hours", "minutes"}:
        return Stretch(moment - half, moment + half)
    return Stretch(midnight(moment), midnight(moment) + DAY, max(half, DAY))


def _events(
    text: str, words: frozenset[str], found: list[tuple[Span, Interval]]
) -> Iterator[tuple[Span, RelativeTo]]:
    """Events that words name after "before", "since", "when" and their like, where they stand."""
    told = _about_past(text, words)
    for language in vocabularies():
        if words.isdisjoint(language.event_gate):
            continue
        for match in language.event.finditer(text):
            side = language.events[plain(match["side"])]
            after_verb = language.never.search(text, 0, match.end("side"))
            timed = any(start <= match.start() < end for (start, end), _ in found)
            if not (after_verb or timed or (side == "during" and not told)):
                yield match.span(), RelativeTo(match["words"].strip(), side)
