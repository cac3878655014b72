"""Which memories: recall for one question."""

import math
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from bot.clock import Clock
from bot.errors import ModelError
from bot.ports import Embedder, PassageId, Store, Survey, Trait, passage_of
from bot.ranking import THAT_TIME, Ranking, Wanted, asked_speaker
from bot.text import STOP_WORDS, forms, names_in, words
from bot.types import (
    Audience,
    Conversation,
    Memory,
    Message,
    MessageId,
    Parts,
    Recalled,
    Scope,
)
from bot.when import RelativeTo, TimeAsked, time_asked
from bot.when.interval import DAY, Interval, beside, closeness

SPARE = 6
"""So many passages more than are asked for are read, for those that the last choice leaves out."""
RECENT, RECENT_DAYS = 0.02, 30.0
"""So much more for what was said just now, half of it after so many days."""
SOURCES, MOST_SOURCES = 0.03, 8
"""So much more for having been said on twice as many days, up to so many."""
HELD = THAT_TIME + 0.03
"""For what fills a slot and held at the time that is asked about, in place of what being of that
time counts: it may have begun to hold long before."""
SUPERSEDED = -0.5
"""So much less for what no longer holds, unless the question is about the past."""
_WORDS = re.compile(r"\w+[+#]*")
_FILLERS = STOP_WORDS - frozenset(
    """
    no nor not above after against before below down from in into off on only out over to under up
    few most more with
    """.split()  # noqa: SIM905 (they tell apart what is otherwise alike)
)
_SELF = re.compile(r"\b(me|myself|i|i'm|my)\b")


class Recall:
    """Chooses memories and messages of one scope for a question, for one audience."""

    def __init__(self, store: Store, embedder: Embedder | None, clock: Clock) -> None:
        """`embedder` None: nothing is found by meaning, only by words and names."""
        self._store = store
        self._embedder = embedder
        self._clock = clock

    async def find(
        self,
        scope: Scope,
        reader: Audience,
        question: str,
        *,
        limit: int = 12,
        leave_out: Collection[MessageId] = (),
        questions: bool = False,
        alone: bool = False,
        repeats: bool = False,
        here: Conversation | None = None,
        asked_at: datetime | None = None,
        shared: bool = True,
        channel: str | None = None,
    ) -> list[Recalled]:
        """At most `limit` memories and messages of the scope that are evidence, best first.

        `leave_out`: messages that the prompt holds anyway; they lend nothing either. `questions`:
        also messages that only ask, which are no evidence. `alone`: only what is evidence by
        itself. `repeats`: also what says the same again. `here`: the conversation being answered:
        what others said there may lend score. `asked_at`: now, unless given. `shared`: also what
        is shared with the space. `channel`: nothing but what was said in this one and its threads.
        "Me" alone gets the person's newest. Empty: nothing is known.
        """
        now = asked_at or self._clock()
        query = forms(question)
        if not query and _SELF.search(" ".join(words(question))):
            return await self._newest(scope, reader, limit, channel)
        names = names_in(question)
        survey = await self._store.survey(
            scope, reader, query, names, here, shared=shared, channel=channel
        )
        if not query and not survey.named:
            return []
        cosines = await self._cosines(scope, reader, question, survey)
        asked = await self._time_asked(scope, reader, question, now, survey)
        out = {passage_of(message) for message in leave_out}
        intervals = _intervals(asked, query, survey, out)
        wanted = _wanted(question, asked, survey, intervals, questions=questions)
        scored = Ranking(survey, cosines, out).best(wanted, limit + SPARE)
        items = await self._store.candidates(scope, reader, list(scored), channel=channel)
        found = [
            weigh(items[one], scored[one], now, intervals, about_past=asked.about_past)
            for one in filter(items.__contains__, scored)
        ]
        found = [recalled for recalled in found if not (alone and recalled.lent)]
        return _without_repeats(found, limit, repeats=repeats)

    async def with_surroundings(
        self,
        scope: Scope,
        reader: Audience,
        found: Sequence[Recalled],
        leave_out: Collection[MessageId] = (),
    ) -> list[Recalled]:
        """The same, each with its sources and what the person said beside it, nearest first."""
        ids = [source for recalled in found for source in _said_in(recalled.item)]
        beside = await self._store.surroundings(scope, reader, ids)
        return [
            replace(
                recalled,
                around=tuple(m for m in _around(recalled.item, beside) if m.id not in leave_out),
            )
            for recalled in found
        ]

    async def _time_asked(
        self, scope: Scope, reader: Audience, question: str, now: datetime, survey: Survey
    ) -> TimeAsked:
        """What the question says about time, in the person's time zone where it matters.

        The zone is a memory: where the survey has none it is not looked for.
        """
        asked = time_asked(question, now, None)
        fine = any(isinstance(t, Interval) and t.end - t.start <= DAY for t in asked.times)
        if not (fine and "" in survey.speakers):
            return asked  # of weeks and months a zone moves but the edges
        zones = await self._store.profile(scope, reader, ("time zone",), channel=survey.channel)
        known = [memory.slot.value for memory in zones if memory.slot]
        return time_asked(question, now, known[0]) if known else asked

    async def _newest(
        self, scope: Scope, reader: Audience, limit: int, channel: str | None
    ) -> list[Recalled]:
        newest, _ = await self._store.page(scope, reader, 0, limit, channel=channel)
        return [Recalled(m, 0.0, {"newest": 0.0}) for m in newest if m.valid_to is None]

    async def _cosines(
        self, scope: Scope, reader: Audience, question: str, survey: Survey
    ) -> dict[PassageId, float]:
        """How near each is to the question without its speakers' names, which mean nothing.

        Empty without an embedder, or when it fails.
        """
        if self._embedder is None:
            return {}
        names = {name for speaker in set(survey.speakers) for name in words(speaker)}
        said = [word for word in words(question) if word.removesuffix("'s") not in names]
        try:
            (vector,) = await self._embedder.embed([" ".join(said)])
        except ModelError:
            return {}
        return await self._store.nearest(survey, scope, reader, vector)


def weigh(
    item: Memory | Message,
    parts: Parts,
    now: datetime,
    intervals: Sequence[Interval] = (),
    *,
    about_past: bool = False,
) -> Recalled:
    """An item with its boosts: being recent, said several times, valid then, or no longer true.

    A question about the past does not count that it is superseded.
    """
    total = sum(parts.values())
    said_at = item.said_at if isinstance(item, Memory) else item.sent_at
    age = max(now.timestamp() - said_at.timestamp(), 0.0) / (RECENT_DAYS * 86_400)
    boosts = {"recent": RECENT * total * 0.5**age}
    if isinstance(item, Memory):
        boosts["sources"] = SOURCES * total * math.log2(min(max(item.days, 1), MOST_SOURCES))
        if item.slot is not None and _held(item, intervals):
            boosts["held"] = HELD - max(parts.get("time", 0.0), parts.get("then", 0.0))
        if item.valid_to is not None and not about_past:
            boosts["superseded"] = SUPERSEDED * total
    parts = parts | {name: boost for name, boost in boosts.items() if boost}
    return Recalled(item, sum(parts.values()), parts)


def _wanted(
    question: str,
    asked: TimeAsked,
    survey: Survey,
    intervals: Sequence[Interval],
    *,
    questions: bool,
) -> Wanted:
    return Wanted(
        asked_speaker(survey.speakers, question),
        when=asked.asks_when,
        times=_times(survey, intervals),
        only_then=bool(intervals) and not forms(asked.rest),  # "What did I do last week?"
        questions=questions,
    )


def _held(memory: Memory, intervals: Sequence[Interval]) -> bool:
    return any(
        memory.valid_from < interval.end and interval.start < (memory.valid_to or interval.end)
        for interval in intervals
    )


def _intervals(
    asked: TimeAsked, query: Sequence[str], survey: Survey, leave_out: Collection[PassageId]
) -> list[Interval]:
    """The times that the question asks about.

    That of an event ("before I moved") is the time of the passage that tells of it best: not of one
    that only asks, as the question itself does.
    """
    intervals = [time for time in asked.times if isinstance(time, Interval)]
    terms = list(dict.fromkeys(query))
    for event in asked.times:
        if isinstance(event, RelativeTo):
            traits = zip(survey.ids, survey.traits, strict=True)
            asks = {*leave_out, *(i for i, trait in traits if trait & Trait.ONLY_ASKS)}
            named = {stem for form in forms(event.words) for stem in form.split()}
            held = [
                holds
                for term, holds in zip(terms, survey.words, strict=True)
                if not named.isdisjoint(term.split())  # a few words alone have more stems
            ]
            for identity in Ranking(replace(survey, words=held), {}, asks).best(Wanted(), 1):
                at = survey.happened_at[survey.ids.index(identity)]
                intervals.append(beside(event.side, datetime.fromtimestamp(at, UTC)))
    return intervals


def _times(survey: Survey, intervals: Sequence[Interval]) -> list[float]:
    """How near each passage is to one of the times, to the hour; empty without any."""
    if not intervals:
        return []
    hours = [happened_at // 3600 for happened_at in survey.happened_at]
    near = {}
    for hour in set(hours):
        at = datetime.fromtimestamp(hour * 3600, UTC)
        near[hour] = max(closeness(interval, at) for interval in intervals)
    return list(map(near.__getitem__, hours))


def _said_in(item: Memory | Message) -> tuple[MessageId, ...]:
    return item.sources if isinstance(item, Memory) else (item.id,)


def _around(item: Memory | Message, beside: dict[MessageId, list[Message]]) -> tuple[Message, ...]:
    """An item's sources, then the neighbours of its messages, each once, nearest first."""
    if isinstance(item, Memory) and item.noted:
        return ()  # it says what the person asked to be kept, or corrected it to
    ids = _said_in(item)
    near: list[tuple[int, Message]] = []
    for identity in ids:
        said = beside.get(identity, [])
        middle = next((n for n, message in enumerate(said) if message.id == identity), 0)
        near += [(abs(n - middle), message) for n, message in enumerate(said)]
    shown = {} if isinstance(item, Memory) else {item.id: item}
    ordered = [message for _, message in sorted(near, key=lambda pair: pair[0])]
    return tuple({m.id: m for m in ordered if m.id not in shown}.values())


def _without_repeats(found: list[Recalled], limit: int, *, repeats: bool) -> list[Recalled]:
    """The best, and no message beside its memory.

    Of what says the same in the same order but for fillers ("so", "the"), only the best is left.
    With `repeats` all of it is.
    """
    memories = {r.item.text.casefold() for r in found if isinstance(r.item, Memory)}
    distinct: dict[object, Recalled] = {}
    for recalled in sorted(found, key=lambda recalled: -recalled.score):
        text = recalled.item.text.casefold()
        if repeats:
            distinct[len(distinct)] = recalled
        elif isinstance(recalled.item, Memory) or text not in memories:
            gist = tuple(word for word in _WORDS.findall(text) if word not in _FILLERS)
            distinct.setdefault(gist or text, recalled)
        if len(distinct) >= limit + SPARE // 2:
            break
    best = list(distinct.values())
    spoken_for = _sources(best[:limit])
    return [r for r in best if isinstance(r.item, Memory) or r.item.id not in spoken_for][:limit]


def _sources(found: Iterable[Recalled]) -> set[MessageId]:
    return {
        source
        for recalled in found
        if isinstance(recalled.item, Memory)
        for source in recalled.item.sources
    }
