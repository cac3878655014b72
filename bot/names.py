"""Where a text may name somebody, and a mark in place of a name."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

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


def name_forms(name: str) -> tuple[str, ...]:
    """What `name` is known by: as it is written, and folded behind "@"; none for one of signs."""
    words = _words(name)[:LONGEST_WORDS]
    if len(words) == 1 and unspaced_places(words[0]):
        words = [words[0][:LONGEST_LETTERS]]
    return (_written(words), _folded(words)) if words else ()


def calls(text: str) -> Iterator[Call]:
    """Every part of `text` that may be a name.

    That is a run of words as it is written; with initial capitals also in any other case; behind
    "@", and in a platform's "<@…>", in any case. What is an everyday word ("Will", "7") is none
    without "@". Where words have no blanks between them: every two to eight letters.
    """
    for found in _MENTION.finditer(text):
        forms = [form for part in found.groups("") for form in name_forms(part)]
        yield Call(*found.span(), tuple(forms))
    places = word_places(text)
    for first, (start, _) in enumerate(places):
        for _, end in places[first : first + LONGEST_WORDS]:
            yield Call(start, end, _forms(text, start, end))
    for start, end in unspaced_places(text):
        for size in range(2, LONGEST_LETTERS + 1):
            for at in range(start, end - size + 1):
                yield Call(at, at + size, (text[at : at + size],))


def hide(text: str, known: Callable[[str], bool]) -> str:
    """`text` with a mark in place of each name of which a form is known; the longest first."""
    found = [call for call in calls(text) if any(map(known, call.forms))]
    parts, done = [], 0
    for call in sorted(found, key=lambda call: (call.start, -call.end)):
        if call.start >= done:
            parts += [text[done : call.start], SOMEONE]
            done = call.end
    return "".join([*parts, text[done:]])


def hides_someone(text: str) -> bool:
    """Whether a name was taken out of `text`."""
    return SOMEONE in text


def _forms(text: str, start: int, end: int) -> tuple[str, ...]:
    words = _words(text[start:end])
    if text[max(start - 2, 0) : start].endswith(("@", "@!")):
        return _written(words), _folded(words)
    if all(map(_is_everyday, words)):
        return ()
    if all(word[0].isupper() or word[0].istitle() for word in words):
        return _written(words), _folded(words)
    return (_written(words),)


def _is_everyday(word: str) -> bool:
    return fold_name(word) in STOP_WORDS or (word.isdigit() and len(word) < SHORT_DIGITS)


def _words(text: str) -> list[str]:
    return [text[slice(*place)] for place in word_places(text)]


def _written(words: Sequence[str]) -> str:
    return " ".join(words)


def _folded(words: Sequence[str]) -> str:
    return f"@{' '.join(map(fold_name, words))}"
