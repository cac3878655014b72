"""When two names, two values or two statements are the same."""

import re
import unicodedata
from difflib import SequenceMatcher

from bot.slots import OPPOSITES
from bot.text import fold_name, terms, words

NOT = "not "
"""A value that begins so no longer holds, or never did."""

_FILLERS = frozenset({"a", "an", "the", "very", "really", "also", "just"})
_NO = frozenset(
    ("no", "not", "never", "nor", "neither", "without", "cannot", "nicht", "kein", "keine", "nie",
     "pas", "jamais", "nunca", "jamás", "não", "non", "mai")
)  # fmt: skip
_NUMBERS = frozenset(
    ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
     "twelve", "both", "once", "twice", "half", "first", "second", "third")
)  # fmt: skip
_SIGNS = re.compile(r"[+#%$€£¥°]")
_SENTENCE = re.compile(r"(?<=[.!?;:])\s+")


def denies(text: str) -> bool:
    """Whether there is a negation in `text`."""
    return any(word in _NO or word.endswith("n't") for word in words(text))


def _details(text: str) -> set[str]:
    """What must not be lost: numbers, signs, and capitalised words inside a sentence."""
    inside = [word for sentence in _SENTENCE.split(text) for word in sentence.split()[1:]]
    names = {part for word in inside if word[:1].isupper() for part in words(word)}
    numbers = {w for w in words(text) if w in _NUMBERS or any(c.isdigit() for c in w)}
    return names | numbers | set(_SIGNS.findall(text))


def says_no_more(new: str, old: str) -> bool:
    """Whether `new` has no number, name or sign that `old` lacks, and denies if `old` does."""
    return denies(new) == denies(old) and not (
        _details(new) - set(words(old)) - set(_SIGNS.findall(old))
    )


def covers(whole: str, part: str) -> bool:
    """Whether `whole` says all that `part` does: every content word of it, and every detail."""
    return set(terms(part)) <= set(terms(whole)) and says_no_more(part, whole)


def same_text(one: str, other: str) -> bool:
    """Whether two texts differ in case, punctuation and fillers ("a", "really") only."""
    first, second = ([w for w in words(text) if w not in _FILLERS] for text in (one, other))
    return bool(first) and first == second and _SIGNS.findall(one) == _SIGNS.findall(other)


def same_value(one: str, other: str) -> bool:
    """Whether two values are the same: as names are, or as plain words in another form.

    Stems count only where neither has a capital, a digit or a sign: names are never stemmed.
    """
    if _SIGNS.findall(one) != _SIGNS.findall(other):
        return False
    if fold_name(one) == fold_name(other):
        return True
    plain = all(text == text.casefold() and not re.search(r"\d", text) for text in (one, other))
    stems = terms(one)
    return plain and bool(stems) and stems == terms(other) and denies(one) == denies(other)


def contradicts(one: tuple[str, str], other: tuple[str, str], exclusive: bool) -> bool:
    """Whether only one of two (attribute, value) of one entity can hold at a time.

    "likes tea" and "dislikes tea", "works at Google" and "works at not Google"; in an exclusive
    slot also any two values, but what no longer holds is no value.
    """
    (holds, value), (other_holds, other_value) = _stance(*one), _stance(*other)
    if same_value(value, other_value):
        return holds != other_holds and (one[0] == other[0] or OPPOSITES.get(one[0]) == other[0])
    return exclusive and one[0] == other[0] and holds and other_holds


def _stance(attribute: str, value: str) -> tuple[bool, str]:
    denied = value.startswith(NOT)
    return denied == (attribute == "dislikes"), value.removeprefix(NOT)


def related(one: str, other: str) -> bool:
    """Whether more than half of the content words of the shorter of two texts are in the other."""
    first, second = set(terms(one)), set(terms(other))
    return 2 * len(first & second) > min(len(first), len(second))


# --- names --------------------------------------------------------------------------------------

_TITLES = frozenset(("dr", "prof", "professor", "doctor", "sir", "mr", "mrs", "ms", "miss"))
_FEMININE = frozenset(("a", "e", "le", "elle", "ette", "in", "ina", "ine"))
_MALE, _FEMALE = frozenset({"mr", "sir"}), frozenset({"mrs", "ms", "miss"})
EQUAL, VARIANT, SHORT = 1.0, 0.75, 0.7
"""Likeness of the same name with a title, of a spelling or a part, of a short form: by itself, none
but the first makes two names one entity's."""
TYPO_LETTERS, TYPO_RATIO = 6, 0.8
"""From so many letters on, and above this ratio of common ones, a difference may be a slip."""


def name_likeness(one: str, other: str) -> float:
    """How alike two names are, 0 to 1: 0 for two that usually are two people's.

    1: they differ in a title ("Dr. Miller"). 0.75: another spelling ("Sara", "Sarah"), one name out
    of several ("Sarah" of "Sarah Miller"). 0.7: a short form ("Mike", "Michael"). Less: a slip of
    the pen in a long name. One letter for another ("Maria", "Mario"), a feminine form ("Paul",
    "Paula") and other numbers ("iPhone 12", "iPhone 13") make other names.
    """
    first, second = words(one), words(other)
    titles = [_TITLES.intersection(name) for name in (first, second)]
    if any(a & _MALE and b & _FEMALE for a, b in (titles, titles[::-1])):
        return 0.0
    first, second = ([w for w in name if w not in _TITLES] or name for name in (first, second))
    if first == second:
        return EQUAL
    if any(word.isdigit() for word in set(first) ^ set(second)):
        return 0.0
    if len(first) != len(second):
        short, long = sorted((first, second), key=len)
        return VARIANT if len(short) == 1 and short[0] in (long[0], long[-1]) else 0.0
    pairs = [(a, b) for a, b in zip(first, second, strict=True) if a != b]
    return _word_likeness(*pairs[0]) if len(pairs) == 1 else 0.0


def _word_likeness(one: str, other: str) -> float:
    short, long = sorted((one, other), key=len)
    if long.startswith(short) and long.removeprefix(short) in _FEMININE:
        return 0.0
    a, b = sorted((_sound(one), _sound(other)), key=len)
    if a == b:
        return VARIANT
    if len(a) >= 3 and len(b) >= len(a) + 2 and b.startswith(a):
        return SHORT
    one_letter = len(one) == len(other) and sum(map(str.__ne__, one, other)) == 1
    if one_letter or len(short) < TYPO_LETTERS:
        return 0.0
    ratio = SequenceMatcher(None, one, other).ratio()
    return ratio * VARIANT if ratio > TYPO_RATIO else 0.0


def _sound(name: str) -> str:
    """A spelling that variants share: no accents, no h inside, single letters, k for c and ck."""
    plain = "".join(c for c in unicodedata.normalize("NFD", name) if not unicodedata.combining(c))
    for old, new in (("ph", "f"), ("ch", "k"), ("ck", "k"), ("c", "k"), ("y", "i"), ("z", "s")):
        plain = plain.replace(old, new)
    plain = plain[:1] + plain[1:].replace("h", "")
    plain = re.sub(r"(.)\1+", r"\1", plain)
    return re.sub(r"(?<=\w\w)i?e$", lambda found: "i" if len(found[0]) == 2 else "", plain)
