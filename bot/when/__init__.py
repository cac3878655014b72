"""When: the times that a question asks for. `relative` reads those that a statement tells."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from bot.when.dates import read_date, read_shift
from bot.when.expressions import LONGEST, Span, stretches_in
from bot.when.interval import Interval, to_interval, zone_named
from bot.when.words import Side, eastern, plain, tense, vocabularies, words_of

_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


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
    rest: str
    """The question without the words of its intervals."""


def time_asked(question: str, asked_at: datetime, time_zone: str | None) -> TimeAsked:
    """What `question` says about time, seen from an aware `asked_at` in the person's time zone.

    `time_zone`: an IANA name or "UTC+2"; UTC where it is None or neither. "In May" is the last May
    begun, or the next one where the sentence looks ahead. Never raises.
    """
    question = question[:LONGEST]
    words = words_of(question)
    past = _about_past(question, words)
    found = _times(question, words, asked_at, time_zone, past=past)
    events = list(_events(question, words, found, past=past))
    within = [span for span, event in events if event.side != "during"]
    times: list[tuple[Span, Interval | RelativeTo]] = [*events]
    times += [(at, time) for at, time in found if not any(_overlap(at, span) for span in within)]
    times.sort(key=lambda item: item[0])
    over = any(isinstance(time, Interval) and time.end <= asked_at for _, time in times)
    return TimeAsked(
        times=tuple(time for _, time in times),
        about_past=past or over,
        asks_when=tense().asks_when.search(question) is not None,
        rest=_without(question, [span for span, _ in found]),
    )


def warm_up() -> None:
    """Pays for the first use (patterns, dateparser and its languages): 0.2 s, best in a thread."""
    tense()
    for language in (*vocabularies(), eastern()):
        for name in ("1.1.2024", *language.months):
            read_date(name, language.languages)
        read_shift("1.1.2024", language.languages)


def _without(text: str, spans: list[Span]) -> str:
    for start, end in reversed(spans):
        text = f"{text[:start]} {text[end:]}"
    return text


def _overlap(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _about_past(text: str, words: frozenset[str]) -> bool:
    return not words.isdisjoint(tense().past) or tense().past_pattern.search(text) is not None


def _times(
    text: str, words: frozenset[str], at: datetime, time_zone: str | None, *, past: bool
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
    ahead = not past and tense().ahead.search(text) is not None
    read = [item for v in languages for item in stretches_in(text, v, now, ahead=ahead)]
    read.sort(key=lambda item: item[0][0] - item[0][1])  # languages share words: the longest wins
    found: list[tuple[Span, Interval]] = []
    for span, stretch in read:
        if not any(_overlap(span, other) for other, _ in found):
            found.append((span, to_interval(stretch, zone)))
    return sorted(found, key=lambda item: item[0])


def _events(
    text: str, words: frozenset[str], found: list[tuple[Span, Interval]], *, past: bool
) -> Iterator[tuple[Span, RelativeTo]]:
    """Events that words name after "before", "since", "when" and their like, where they stand."""
    for language in vocabularies():
        if words.isdisjoint(language.event_gate):
            continue
        for match in language.event.finditer(text):
            side = language.events[plain(match["side"])]
            after_verb = language.never.search(text, max(0, match.start() - 20), match.end("side"))
            timed = any(start <= match.start() < end for (start, end), _ in found)
            if not (after_verb or timed or (side == "during" and not past)):
                yield match.span(), RelativeTo(match["words"].strip(), side)
