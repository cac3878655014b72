"""Words as recall compares them, in the language they are in."""

import re
import unicodedata
from collections import Counter, defaultdict
from functools import lru_cache
from importlib import resources

import snowballstemmer

from bot.caches import holds_words

# Combining marks of scripts that write vowels or tones with them; \w has none.
_MARKS = (
    r"\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed"
    r"\u0900-\u0963\u0980-\u0dff\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ece"
    r"\u102b-\u103e\u1056-\u1074\u17b4-\u17d3"
)
_WORD = re.compile(rf"[\w{_MARKS}]+(?:['’][\w{_MARKS}]+)*")
_LETTERS_RUN = re.compile(rf"[\w{_MARKS}]+")
_ELISION = re.compile(r"(?:[cdjlmnst]|qu|jusqu|lorsqu|un|dell|nell|all|sull|dall|dov)'(?=\w\w)")
_LATIN_MARKS = re.compile(r"(?<=[a-zα-ω])[\u0300-\u036f]+")
_LETTERS = str.maketrans(
    {"ı": "i", "ł": "l", "ø": "o", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "þ": "th", "ё": "е"}
)

# Scripts without blanks between words, and Korean, whose words end in particles.
_HAN = re.compile(r"[\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_KANA = re.compile(r"[\u3041-\u30ff]")
_UNSPACED = re.compile(
    rf"((?:{_HAN.pattern}|[\u3041-\u30ff\u31f0-\u31ff\uac00-\ud7a3"
    r"\u0e00-\u0e4e\u0e80-\u0ece\u1000-\u109f\u1780-\u17d3])+)"
)
# Languages known by their letters: the first letter of a word, up to and with the second.
_SCRIPTS = (
    ("\u0370", "\u03ff", "greek"),
    ("\u0400", "\u052f", "russian"),
    ("\u0620", "\u06ff", "arabic"),
    ("\u0900", "\u097f", "hindi"),
)
_SENTENCE_END = re.compile(r"[.!?…]\s|[。！？]\s*(?=[^。！？\s])")
_ASKING_END = re.compile(r"(?:[吗嗎]|(?:です|ます|でした|ました|ません)か|ไหม|มั้ย|니까|나요)[。.]?$")

_TIME = re.compile(
    r"\b(?:yesterday|today|tonight|tomorrow|last|next|ago|weeks?|weekends?|months?|years?|since"
    r"|morning|evening|recently|soon|(?:mon|tues|wednes|thurs|fri|satur|sun)day|january|february"
    r"|march|april|june|july|august|september|october|november|december|(?:19|20)\d\d)\b",
    re.IGNORECASE,
)

FORMS_VERSION = 1
"""Raise it when `forms`, `fold_name` or a trait gives something else: the store then makes its own
anew."""
FEW_WORDS = 10
"""A text as short as this, date and speaker included, may be in any language if it has no sign."""

# Function words: they carry no evidence of what a text is about (leaving them out of the query gave
# six points of recall, see ../shared/design/memory.md, "stop words 6").
STOP_WORDS = frozenset(
    """
    a about above after again against all also am an and any anyone anything are aren't as at be
    because been before being below between both but by can can't cannot could couldn't did
    didn't do does doesn't doing don't down during each else ever every few for from further get
    gets getting got had hadn't has hasn't have haven't having he he'd he'll he's her here
    here's hers herself hi hey hello him himself his how how's i i'd i'll i'm i've if in into is
    isn't it it's its itself just know let's like me more most mustn't my myself no nor not now
    of off oh ok okay on once only or other ought our ours ourselves out over own please really
    remember same say says shall shan't she she'd she'll she's should shouldn't so some
    something such tell than thank thanks that that's the their theirs them themselves then
    there there's these they they'd they'll they're they've thing things this those through to
    too under until up us very was wasn't we we'd we'll we're we've were weren't what what's
    when when's where where's which while who who's whom why why's will with won't would
    wouldn't yes you you'd you'll you're you've your yours yourself yourselves
    """.split()  # noqa: SIM905 (a list this long reads better as prose)
)


# English forms that no rule of a stemmer finds.
_IRREGULAR = dict(
    pair.split(":")
    for pair in """
    went:go gone:go bought:buy brought:bring met:meet took:take taken:take gave:give given:give
    saw:see seen:see made:make told:tell felt:feel found:find left:leave lost:lose kept:keep
    thought:think taught:teach caught:catch ate:eat eaten:eat drove:drive driven:drive wrote:write
    written:write spoke:speak spoken:speak broke:break broken:break chose:choose chosen:choose
    began:begin begun:begin became:become came:come ran:run sang:sing sung:sing swam:swim swum:swim
    grew:grow grown:grow knew:know known:know flew:fly flown:fly threw:throw thrown:throw wore:wear
    worn:wear won:win sold:sell sent:send spent:spend built:build paid:pay held:hold heard:hear
    led:lead sat:sit stood:stand slept:sleep fell:fall fallen:fall fought:fight forgot:forget
    forgotten:forget hid:hide hidden:hide hung:hang rode:ride ridden:ride rose:rise risen:rise
    shot:shoot shown:show stole:steal stolen:steal stuck:stick struck:strike understood:understand
    woke:wake drew:draw drawn:draw drank:drink drunk:drink children:child men:man women:woman
    feet:foot teeth:tooth mice:mouse wives:wife
    """.split()  # noqa: SIM905 (a list this long reads better as prose)
)


def _fold(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return folded.replace("’", "'").replace("i\u0307", "i")  # the Turkish capital İ


def words(text: str) -> list[str]:
    """The words of `text` in order, folded (NFKC, no case, straight apostrophes)."""
    return _WORD.findall(_fold(text))


def _function_words() -> dict[str, frozenset[str]]:
    """language → its function words, of the file beside this one and of English."""
    lines = (resources.files("bot") / "function_words.txt").read_text("utf-8").splitlines()
    blocks = _fold("\n".join(line for line in lines if not line.startswith("#"))).split("\n\n")
    return {"english": STOP_WORDS} | {
        name: frozenset(rest)
        for name, *rest in (block.split() for block in blocks if block.strip())
    }


_FUNCTION_WORDS = _function_words()
_SPACED = tuple(
    name for name in _FUNCTION_WORDS if name not in {"russian", "chinese", "japanese", "thai"}
)
_CUTS = {
    name: re.compile("|".join(sorted(map(re.escape, _FUNCTION_WORDS[name]), key=len, reverse=True)))
    for name in ("chinese", "japanese", "thai")
}
_LANGUAGES_OF: defaultdict[str, list[str]] = defaultdict(list)
for _language in _SPACED:
    for _word in _FUNCTION_WORDS[_language]:
        _LANGUAGES_OF[_word].append(_language)
_stemmer = lru_cache(maxsize=None)(snowballstemmer.stemmer)


def _languages(parts: list[str]) -> tuple[tuple[str, ...], bool]:
    """The languages other than English that a text in Latin letters may be in; whether it is sure.

    Those with most function words in it, unless English has as many. One alone proves little:
    "Mia" is a name, and Italian for "my".
    """
    counts = Counter(name for part in parts for name in _LANGUAGES_OF.get(part, ()))
    if not counts:
        return (_SPACED[1:] if len(parts) <= FEW_WORDS else ()), False
    most = max(counts.values())
    best = tuple(name for name in _SPACED if counts[name] == most)
    if best[0] == "english":
        return (best[1:] if most == 1 else ()), False
    return best, most > 1


def _plain(word: str) -> str:
    """A word without the marks of Latin and Greek letters: how it is typed in a hurry."""
    if word.isascii():
        return word
    decomposed = unicodedata.normalize("NFD", word.translate(_LETTERS))
    return unicodedata.normalize("NFC", _LATIN_MARKS.sub("", decomposed))


@holds_words
@lru_cache(maxsize=65_536)
def _stems(word: str, languages: tuple[str, ...]) -> str:
    """The Porter stem of a word, which every text has, and its stems in these languages."""
    word = word.removesuffix("'s")
    if not word[0].isascii():
        script = tuple(name for low, high, name in _SCRIPTS if low <= word[0] <= high)
        languages = script or languages
    plain = _plain(word)
    stems = [_stemmer("porter").stemWord(_IRREGULAR.get(plain, plain))]
    stems += [_plain(_stemmer(language).stemWord(word)) for language in languages]
    return " ".join(dict.fromkeys(stem for stem in stems if stem))


def _grams(run: str) -> list[str]:
    """The trigrams and bigrams of a run of letters without blanks, and its Han characters."""
    grams = [run[at : at + size] for size in (3, 2) for at in range(len(run) - size + 1)]
    return grams + _HAN.findall(run) or [run]


def _cut(run: str, kana: bool) -> list[str]:
    """What is left of a run of letters without blanks when its function words are cut out."""
    thai = "\u0e00" <= run[0] <= "\u0e7f"
    cut = _CUTS["thai" if thai else "japanese" if kana else "chinese"]
    return [piece for piece in cut.split(run) if piece]


def forms(text: str) -> list[str]:
    """What full text compares of `text`: an entry for each word that is no function word, in order.

    An entry holds the stems of its word, separated by blanks; any of them is a match. English has
    one (Porter). Another language has its own besides, and a text too short to tell has those of
    each language that it may be in, so that a one-word question still meets the text. Where words
    have no blanks between them each n-gram is an entry.
    """
    parts: list[str] = []
    for word in words(text):
        if elided := _ELISION.match(word):
            parts.append(elided[0])
            word = word[elided.end() :]
        parts.append(word)
    languages, sure = _languages(parts)
    left_out = _FUNCTION_WORDS["russian"].union(
        *(_FUNCTION_WORDS[name] for name in (languages if sure else ("english",)))
    )
    kana = _KANA.search(text) is not None
    entries: list[str] = []
    for part in parts:
        if part in left_out or part.endswith("'"):
            continue
        if part.isascii() or not _UNSPACED.search(part):
            entries.append(_stems(part, languages))
            continue
        for piece in filter(None, _UNSPACED.split(part)):
            if _UNSPACED.match(piece):
                entries += [gram for run in _cut(piece, kana) for gram in _grams(run)]
            else:
                entries.append(_stems(piece, languages))
    return entries


def terms(text: str) -> list[str]:
    """One stem (Porter) or n-gram for each entry of `forms`, in order: two texts compare by these.

    Whatever the languages they are in, the same word has the same one.
    """
    return [entry.split(" ", 1)[0] for entry in forms(text)]


def fold_name(name: str) -> str:
    """A name as names are compared: no case or accents, no leading "the" or "my", single blanks."""
    parts = [_plain(word) for word in words(name)]
    while len(parts) > 1 and parts[0] in {"the", "my", "our", "a", "an"}:
        parts = parts[1:]
    return " ".join(parts)


def names_in(text: str, longest: int = 4) -> list[str]:
    """Every run of up to `longest` words of `text`, folded, without 's or l': any could be a name.

    Where words have no blanks between them: every two to six letters in a row.
    """
    parts = [_plain(word.removesuffix("'s")) for word in words(text)]
    runs = [
        " ".join(parts[start : start + length])
        for length in range(longest, 0, -1)
        for start in range(len(parts) - length + 1)
    ]
    runs += [run[elided.end() :] for run in runs if (elided := _ELISION.match(run))]
    for letters in _UNSPACED.findall(" ".join(parts)):
        runs += [
            letters[at : at + size] for size in range(6, 1, -1) for at in range(len(letters) - 1)
        ]
    return list(dict.fromkeys(runs))


def holds_name(text: str, folded: str) -> bool:
    """Whether whole words of `text` are this name, a `fold_name`.

    Where words have no blanks between them, its letters in a row are enough.
    """
    if _UNSPACED.search(folded):
        return folded in _plain(_fold(text))
    return folded in names_in(text, longest=len(folded.split()))


def word_places(text: str) -> list[tuple[int, int]]:
    """Where the words of `text` stand, from where to where; parted at apostrophes too."""
    return [found.span() for found in _LETTERS_RUN.finditer(text)]


def unspaced_places(text: str) -> list[tuple[int, int]]:
    """Where letters stand that have no blanks between their words."""
    return [found.span() for found in _UNSPACED.finditer(text)]


def is_question(text: str) -> bool:
    """Whether `text` only asks: one sentence that ends in a question mark, or in a word for one."""
    return ends_asking(text) and _SENTENCE_END.search(text.strip()) is None


def ends_asking(text: str) -> bool:
    """Whether `text` ends with a question, whatever it says before and whatever is attached.

    What is attached stands behind it in brackets: "Do you like it? [a photo of a boat]".
    """
    said = text.rstrip()
    if said.endswith("]"):
        said = said[: said.rfind("[")]
    said = said.rstrip(" \t\n\"'”’»)*_~")
    greek = said.endswith((";", "\u037e")) and re.search(r"[\u0370-\u03ff]", said)
    return bool(greek or said.endswith(("?", "？", "؟")) or _ASKING_END.search(said))


def tells_when(text: str) -> bool:
    """Whether `text` holds an expression of time: a day, a month, a year, "ago", "last week"."""
    return _TIME.search(text) is not None


def one_line(text: str) -> str:
    """`text` with every run of white space (and control characters) as one blank."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
