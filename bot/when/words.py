"""The words for time, by language: `words.toml` as patterns and meanings."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

Side = Literal["at", "since", "before", "after", "during"]
_YEAR = r"(?:19|20)\d\d"
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """One language. The mappings lead from a word in lower case to what it means."""

    languages: tuple[str, ...]
    """As dateparser names them."""
    gate: frozenset[str]
    """One of these stands in every text that `expression` may find something in."""
    expression: re.Pattern[str]
    """Finds a time. Its groups are named for what they hold, `core` for what is not around it."""
    event: re.Pattern[str]
    """Finds an event that `words` name, and the word of `side` before it: "before", "I moved"."""
    event_gate: frozenset[str]
    never: re.Pattern[str]
    """What ends in this is no time: "every Monday"."""
    ambiguous: frozenset[str]
    """Months that are other words in lower case ("may")."""
    months: frozenset[str]
    """In full."""
    short_months: frozenset[str]
    pairs: frozenset[tuple[str, str]]
    """What stands before and between the two ends of a range: ("between", "and")."""
    sides: Mapping[str, Side]
    events: Mapping[str, Side]
    which: Mapping[str, int]
    numbers: Mapping[str, int]
    units: Mapping[str, str]
    """To names that relativedelta takes."""
    directions: Mapping[str, int]
    """What makes a count a moment: -1 for "ago", 1 for "from now"."""
    parts: Mapping[str, tuple[int, int, int]]
    """"this morning": days from today, the first hour, the hour after the last."""
    seasons: Mapping[str, tuple[int, int, int, int]]
    """What comes each year: month and day of its start, and of its end (no longer in it)."""


@dataclass(frozen=True, slots=True)
class Tense:
    """What tells in all languages when a sentence is set."""

    past: frozenset[str]
    """Words of sentences about the past."""
    past_pattern: re.Pattern[str]
    ahead: re.Pattern[str]
    asks_when: re.Pattern[str]


def words_of(text: str) -> frozenset[str]:
    """The words of `text` in lower case, cut at apostrophes and hyphens."""
    return frozenset(_WORD.findall(text.lower()))


def plain(words: str) -> str:
    """Words of a text as the mappings hold them."""
    return " ".join(words.lower().replace("’", "'").split())


@cache
def vocabularies() -> tuple[Vocabulary, ...]:
    """Of the languages that write blanks between words."""
    return tuple(_vocabulary(code, listed) for code, listed in _listed().items())


@cache
def tense() -> Tense:
    """The signs of all languages, beside those of Chinese and Japanese."""
    listed = _listed().values()
    return Tense(
        past=frozenset(word for entry in listed for word in entry["past"].split("|")),
        past_pattern=_any([entry["past_pattern"] for entry in listed] + [_EASTERN_PAST]),
        ahead=_any(entry["ahead"] for entry in listed),
        asks_when=_any([entry["asks"] for entry in listed] + [_EASTERN_ASKS]),
    )


_EASTERN_PAST = "以前|之前|曾经|当时|昔|かつて|でした|ました|ていた|んでた|だった"
_EASTERN_ASKS = "いつ|何年|何月|何日|什么时候|什麼時候|何时|哪年|哪一年|哪天|哪个月"
_EASTERN_DAYS = (
    "一昨日|昨日|今日|明日|先週|今週|来週|先月|今月|来月|昨年|去年|今年|来年"  # Japanese
    "|昨天|前天|今天|明天|后天|上周|本周|下周|上个月|本月|下个月|明年"  # Chinese
)
_EASTERN_UNITS = {
    "days": "天|日",
    "weeks": "周|星期|週間",
    "months": "个月|か月|ヶ月|カ月",
    "years": "年",
}


@cache
def eastern() -> Vocabulary:
    """Chinese and Japanese, which write no blanks: the groups of the others, but fewer."""
    numbers = _meanings(dict(enumerate(["一", "二|两", *"三四五六七八九十"], 1)))
    units = _meanings(_EASTERN_UNITS)
    number = rf"\d{{1,3}}|{_either(numbers)}"
    nothing = re.compile(r"(?!)")
    return Vocabulary(
        languages=("ja", "zh"),
        gate=frozenset(),
        expression=re.compile(
            rf"""(?P<core>(?P<day>{_EASTERN_DAYS})
            | (?P<count>{number})\s*(?P<counted>{_either(units)})之?(?P<tail>前|后|後)
            | (?:{_YEAR}年)?(?P<month>(?:\d\d?|[一二三四五六七八九十]{{1,2}})月)(?:\d\d?[日号])?
            | (?P<only_year>{_YEAR})年)""",
            re.VERBOSE,
        ),
        event=nothing,
        event_gate=frozenset(),
        never=nothing,
        ambiguous=frozenset(),
        months=frozenset(),
        short_months=frozenset(),
        pairs=frozenset(),
        sides={},
        events={},
        which={},
        numbers=numbers,
        units=units,
        directions={"前": -1, "后": 1, "後": 1},
        parts={},
        seasons={},
    )


def _listed() -> dict[str, dict[str, Any]]:
    return tomllib.loads(files("bot.when").joinpath("words.toml").read_text("utf-8"))


def _any(patterns: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{p})" for p in patterns if p), re.IGNORECASE)


def _split(listed: Mapping[str, Any], name: str) -> list[str]:
    return listed[name].split("|") if name in listed else []


def _meanings(listed: Mapping[Any, str]) -> dict[str, Any]:
    """Turns {meaning: "a word|another"} around."""
    return {word: meaning for meaning, words in listed.items() for word in words.split("|")}


def _either(words: Iterable[str]) -> str:
    longest_first = sorted(words, key=len, reverse=True)
    escaped = "|".join(re.escape(word) for word in longest_first)
    return escaped.replace(r"\ ", r"\s+").replace("'", "['’]")


def _vocabulary(code: str, listed: Mapping[str, Any]) -> Vocabulary:
    steps = {"last": -1, "this": 0, "next": 1}
    turns = {"ago": -1, "ahead": 1}
    meanings = {name: _meanings(listed[name]) for name in ("sides", "units", "events")}
    which = _meanings({steps[name]: words for name, words in listed["which"].items()})
    directions = _meanings({turns[name]: words for name, words in listed["directions"].items()})
    numbers = _meanings(dict(enumerate(listed["numbers"], 1)))
    named = [*meanings["units"], *listed["parts"], *listed["seasons"]]
    for name in ("days", "months", "short_months", "weekdays", "weekends"):
        named += _split(listed, name)
    telling = {max(_WORD.findall(name), key=len) for name in named}
    return Vocabulary(
        languages=(code,),
        gate=frozenset(word for word in [*telling, *_split(listed, "hints")] if len(word) > 2),
        expression=_expression(listed, numbers, which, directions, meanings),
        event=re.compile(
            rf"(?<!\w)(?P<side>{_either(meanings['events'])})(?:(?<=['’])|\s+)"
            rf"(?P<words>{listed['starters']}[^,;?!.。？！]*)",
            re.IGNORECASE,
        ),
        event_gate=frozenset(re.split(r"\W", side)[0] for side in meanings["events"]),
        never=re.compile(rf"(?<!\w)(?:{listed['never']})\Z", re.IGNORECASE),
        ambiguous=frozenset(_split(listed, "verbs")),
        months=frozenset(_split(listed, "months")),
        short_months=frozenset(_split(listed, "short_months")),
        pairs=frozenset((before, between) for before, between in listed["pairs"]),
        sides=meanings["sides"],
        events=meanings["events"],
        which=which,
        numbers=numbers,
        units=meanings["units"],
        directions=directions,
        parts={name: tuple(hours) for name, hours in listed["parts"].items()},
        seasons={name: tuple(dates) for name, dates in listed["seasons"].items()},
    )


def _expression(
    listed: Mapping[str, Any],
    numbers: Iterable[str],
    which: Iterable[str],
    directions: Iterable[str],
    meanings: Mapping[str, Mapping[str, Any]],
) -> re.Pattern[str]:
    months = _either(_split(listed, "months") + _split(listed, "short_months"))
    units, directed = _either(meanings["units"]), _either(directions)
    days = _either(_split(listed, "days"))
    gap = r"(?:(?<=['’])|\s+)"
    return re.compile(
        rf"""(?<!\w)(?:(?P<side>{_either(meanings["sides"])}){gap})?
        (?:(?:{_either(_split(listed, "articles"))}){gap}){{0,2}}
        (?:(?P<which>{_either(which)})\s+(?!(?:{days})\b))?
        (?P<core>
          (?P<numeric>\d{{4}}-\d\d?-\d\d?|\d\d?[./]\d\d?[./]\d{{4}})
        | (?P<part>{_either(listed["parts"])})
        | (?P<day>{days})
        | (?:(?P<lead>{directed})\s+)?(?P<count>\d{{1,3}}|{_either(numbers)})\s+
          (?P<counted>{units})(?:\s+(?P<tail>{directed}))?
        | (?:(?P<date>\d\d?)(?:st|nd|rd|th|er|º|\.)?\s+(?:(?:of|de)\s+)?)?(?P<month>{months})\b\.?
          (?:\s+(?P<us_date>\d\d?)(?:st|nd|rd|th)?(?![\w:]))?
        | (?P<season>{_either(listed["seasons"])})
        | (?P<weekend>{_either(_split(listed, "weekends"))})
        | (?P<weekday>{_either(_split(listed, "weekdays"))})
        | (?P<unit>{units})
        | (?P<only_year>{_YEAR}(?!\s*[%€$£°]|[.,:]\d|-\d))
        )
        (?(which)|(?:\s+(?P<which_after>{_either(which)})(?!\s+(?:{units})\b))?)
        (?:,?\s+(?:(?:of|de|del|des)\s+)?(?P<year>{_YEAR}))?(?!\w)""",
        re.IGNORECASE | re.VERBOSE,
    )
