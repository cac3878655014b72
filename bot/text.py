"""Words as recall compares them."""

import re
import unicodedata
from functools import lru_cache

import snowballstemmer

_WORD = re.compile(r"\w+(?:['’]\w+)*")
_STEMMER = snowballstemmer.stemmer("porter")

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


_TIME = re.compile(
    r"\b(?:yesterday|today|tonight|tomorrow|last|next|ago|weeks?|weekends?|months?|years?|since"
    r"|morning|evening|recently|soon|(?:mon|tues|wednes|thurs|fri|satur|sun)day|january|february"
    r"|march|april|june|july|august|september|october|november|december|(?:19|20)\d\d)\b",
    re.IGNORECASE,
)


def words(text: str) -> list[str]:
    """The words of `text` in order, folded (NFKC, no case, straight apostrophes)."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    return _WORD.findall(folded)


@lru_cache(maxsize=65_536)
def _stem(word: str) -> str:
    return str(_STEMMER.stemWord(word.removesuffix("'s")))


def terms(text: str) -> list[str]:
    """The stems (Porter) of the words of `text` that are not stop words, in order, with repeats."""
    return [_stem(word) for word in words(text) if word not in STOP_WORDS]


def fold_name(name: str) -> str:
    """A name as names are compared: no case, no leading "the" or "my", single spaces."""
    parts = words(name)
    while len(parts) > 1 and parts[0] in {"the", "my", "our", "a", "an"}:
        parts = parts[1:]
    return " ".join(parts)


def names_in(text: str, longest: int = 4) -> list[str]:
    """Every run of up to `longest` words of `text`, folded, without 's: any could be a name."""
    parts = [word.removesuffix("'s") for word in words(text)]
    return list(
        dict.fromkeys(
            " ".join(parts[start : start + length])
            for length in range(longest, 0, -1)
            for start in range(len(parts) - length + 1)
        )
    )


def is_question(text: str) -> bool:
    """Whether `text` only asks: one sentence that ends in a question mark."""
    return text.rstrip().endswith("?") and re.search(r"[.!?…]\s", text.strip()) is None


def ends_asking(text: str) -> bool:
    """Whether `text` ends with a question, whatever it says before and whatever is attached.

    What is attached stands behind it in brackets: "Do you like it? [a photo of a boat]".
    """
    said = text.rstrip()
    if said.endswith("]"):
        said = said[: said.rfind("[")]
    return said.rstrip(" \t\n\"'”’»)*_~").endswith(("?", "？", "؟"))


def tells_when(text: str) -> bool:
    """Whether `text` holds an expression of time: a day, a month, a year, "ago", "last week"."""
    return _TIME.search(text) is not None


def one_line(text: str) -> str:
    """`text` with every run of white space (and control characters) as one blank."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
