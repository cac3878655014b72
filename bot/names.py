"""Where a text may name somebody, and a mark in place of a name."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Self

from bot.text import STOP_WORDS, fold_name, unspaced_places, word_places

SOMEONE = "[someone]"
"""Stands in place of the name of who opted out."""
LONGEST_WORDS = 4
LONGEST_LETTERS = 8
"""Of a longer name the beginning counts: so many words, or letters where no blanks part words."""
SHORT_DIGITS = 5
_MENTION = re.compile(r"<@!?([^<>\s|]{1,200})(?:\|([^<>]{0,200}))?>")


@dataclass(frozen=True, slots=True)
class Call:
    """A part of a text that may be a name. `forms`: it is one where any of them is known."""

    start: int
    end: int
    forms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Word:
    start: int
    end: int
    written: str
    folded: str
    capital: bool
    everyday: bool

    @classmethod
    def at(cls, text: str, start: int, end: int) -> Self:
        written = text[start:end]
        folded = fold_name(written)
        return cls(
            start,
            end,
            written,
            folded,
            capital=written[0].isupper() or written[0].istitle(),
            everyday=folded in STOP_WORDS or (written.isdigit() and len(written) < SHORT_DIGITS),
        )


def name_forms(name: str) -> tuple[str, ...]:
    """What `name` is known by: as it is written, and folded behind "@"; none for one of signs."""
    words = [_Word.at(name, *place) for place in word_places(name)[:LONGEST_WORDS]]
    if len(words) == 1 and unspaced_places(words[0].written):
        words = [
            _Word.at(name, words[0].start, min(words[0].end, words[0].start + LONGEST_LETTERS))
        ]
    return _forms(words, behind_at=True) if words else ()


def words_of(name: str) -> int:
    """So many words of a name count."""
    return min(len(word_places(name)), LONGEST_WORDS)


def calls(text: str, longest: int = LONGEST_WORDS) -> Iterator[Call]:
    """Every part of `text` that may be a name of up to so many words.

    That is a run of words as it is written; with initial capitals also in any other case; behind
    "@", and in a platform's "<@…>", in any case. What is an everyday word ("Will", "7") is none
    without "@". Where words have no blanks between them: every two to eight letters.
    """
    for found in _MENTION.finditer(text):
        forms = [form for part in found.groups("") for form in name_forms(part)]
        yield Call(*found.span(), tuple(forms))
    words = [_Word.at(text, *place) for place in word_places(text)]
    for first, word in enumerate(words):
        behind_at = text[max(word.start - 2, 0) : word.start].endswith(("@", "@!"))
        for last in range(first, min(first + longest, len(words))):
            run = words[first : last + 1]
            yield Call(word.start, run[-1].end, _forms(run, behind_at))
    for start, end in unspaced_places(text):
        for size in range(2, LONGEST_LETTERS + 1):
            for at in range(start, end - size + 1):
                yield Call(at, at + size, (text[at : at + size],))


def hide(text: str, known: Callable[[str], bool], longest: int = LONGEST_WORDS) -> str:
    """`text` with a mark in place of each name of which a form is known; the longest first."""
    found = [call for call in calls(text, longest) if any(map(known, call.forms))]
    parts, done = [], 0
    for call in sorted(found, key=lambda call: (call.start, -call.end)):
        if call.start >= done:
            parts += [text[done : call.start], SOMEONE]
            done = call.end
    return "".join([*parts, text[done:]])


def hides_someone(text: str) -> bool:
    """Whether a name was taken out of `text`."""
    return SOMEONE in text


def _forms(run: Sequence[_Word], behind_at: bool) -> tuple[str, ...]:
    written = " ".join(word.written for word in run)
    if not behind_at and all(word.everyday for word in run):
        return ()
    if behind_at or all(word.capital for word in run):
        return written, f"@{' '.join(word.folded for word in run)}"
    return (written,)
