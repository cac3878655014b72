"""How well each passage answers a question: recipe Q of ../shared/design/memory.md, improved.

`docs/benchmarks.md` has the measurement behind every number here, and what each part adds.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy
from numpy.typing import NDArray

from bot.ports import PassageId, Survey, Trait
from bot.text import words
from bot.types import Parts

Column = NDArray[numpy.float64]

ANSWER, NEXT, SECOND = 1.0, 0.7, 0.6
"""What a neighbour lends of its match: somebody else's question to the message that follows it, one
message to the next or to the one before, one to the second."""
LENT_MEANING = 0.5
"""Nearness in meaning is half the message's own, half its own or its neighbours', what is more."""
NAMED, LINKED = 0.35, 0.25
"""For a memory of an entity that the question names; of one that a matching memory speaks of."""
TELLS_WHEN, THAT_TIME, ASKS = 0.15, 0.15, -0.1
"""For telling a time where the question asks when; for being of the time that it asks for; for
ending in a question, which seldom is evidence."""
SPEAKER = 0.75
"""So much more for what the one speaker said whom the question names."""
EVIDENCE_COSINE = 0.4
"""Below it a nearness in meaning alone is no evidence. With wordllama on LoCoMo the nearest of 20
texts of somebody else's conversation is as near for 1 % of questions, and 37 % of the evidence is.
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a question asks for beside its words and its meaning.

    `speaker`: what this one said. `when`: when it was. `times`: how close each of the survey's
    passages is, in [0, 1], to the time that it asks about; empty: it asks about none.
    `only_then`: it asks for nothing but what is of that time, which is evidence by itself.
    `questions`: also messages that only ask; they are no evidence of anything.
    """

    speaker: str | None = None
    when: bool = False
    times: Sequence[float] = ()
    only_then: bool = False
    questions: bool = False


def asked_speaker(speakers: Collection[str], question: str) -> str | None:
    """The one speaker whom the question names, if several speak; None: nobody, or more than one."""
    said = {word.removesuffix("'s") for word in words(question)}
    several = set(speakers) - {""}
    named = [speaker for speaker in several if said.intersection(words(speaker)[:1])]
    return named[0] if len(named) == 1 and len(several) > 1 else None


class Ranking:
    """The scores of a survey's passages for one question."""

    def __init__(
        self,
        survey: Survey,
        cosines: Mapping[PassageId, float],
        leave_out: Collection[PassageId] = (),
    ) -> None:
        """`leave_out` is not ranked, and lends nothing."""
        self._survey = survey
        self._places = {identity: place for place, identity in enumerate(survey.ids)}
        self._out = numpy.array([identity in leave_out for identity in survey.ids], dtype=bool)
        self._own = numpy.array(survey.own, dtype=bool) & ~self._out
        self._traits = numpy.array(survey.traits, dtype=numpy.int64)
        self._lenders = self._neighbours()
        self._cosines = self._column(cosines, missing=math.nan)

    def _column(self, values: Mapping[PassageId, float], missing: float = 0.0) -> Column:
        """A value for each passage. What is no passage of the survey (any more) is left out."""
        column = numpy.full(len(self._places), missing)
        there = [identity for identity in values if identity in self._places]
        column[[self._places[identity] for identity in there]] = [values[i] for i in there]
        column[self._out] = missing
        return column

    def _neighbours(self) -> list[tuple[NDArray[numpy.int64], Column]]:
        """(who lends, how much) to each passage, for each of the four neighbouring seats.

        A person's own bare question lends nothing to what they said beside it: Ellie answers it.
        """
        seats = numpy.array(self._survey.seats, dtype=numpy.int64)
        voices = {speaker: voice for voice, speaker in enumerate(set(self._survey.speakers))}
        voice = numpy.array([voices[speaker] for speaker in self._survey.speakers])
        order = numpy.argsort(seats)
        sorted_seats = seats[order]
        asks, only_asks = (self._traits & t > 0 for t in (Trait.ASKS, Trait.ONLY_ASKS))
        found = []
        for step, share in ((-1, NEXT), (1, NEXT), (-2, SECOND), (2, SECOND)):
            place = numpy.searchsorted(sorted_seats, seats + step)
            lender = order[numpy.minimum(place, len(seats) - 1)]
            there = seats[lender] == seats + step
            same = voice == voice[lender]
            shares = numpy.where(there, share, 0.0)
            shares[same & only_asks[lender]] = 0.0
            if step == -1:
                shares[there & ~same & asks[lender]] = ANSWER
            found.append((lender, shares))
        return found

    def _with_lent(self, match: Column) -> Column:
        """What a passage or a neighbour of it matches, the neighbour's less its share."""
        lent = match
        for lender, share in self._lenders:
            lent = numpy.maximum(lent, share * match[lender])
        return lent

    def _words(self) -> tuple[Column, Column]:
        """Each passage's share of the best match in words, its own and with what is lent.

        A term counts its inverse document frequency (as in BM25), once a passage, whatever the
        passage's length: for passages of a few sentences, longer ones are better evidence.
        """
        own, lent = self._column({}), self._column({})
        documents = int(self._own.sum())
        for held in self._survey.words:
            holds = self._column(dict.fromkeys(held, 1.0))
            count = float(holds[self._own].sum())
            rarity = math.log(1 + (documents - count + 0.5) / (count + 0.5))
            own += rarity * holds
            lent += rarity * self._with_lent(holds)
        best = lent.max(initial=0.0) or 1.0
        return own / best, lent / best

    def _meaning(self) -> tuple[Column, Column]:
        """Nearness in meaning, scaled from the scope's farthest (0) to its nearest (1)."""
        known = self._cosines[self._own & ~numpy.isnan(self._cosines)]
        low, high = known.min(initial=1.0), known.max(initial=-1.0)
        if high > low:
            own = numpy.nan_to_num((self._cosines - low) / (high - low)).clip(0.0, 1.0)
        else:
            own = numpy.where(numpy.isnan(self._cosines), 0.0, 1.0)
        return own, self._with_lent(own)

    def _entities(self, match: Column) -> tuple[Column, Column]:
        """(named, linked): memories of named entities; of those that matching memories speak of."""
        spoken_of = {i: e for i, e in self._survey.entities.items() if i in self._places}
        matches = {i: float(match[self._places[i]]) for i in spoken_of}
        best: dict[int, float] = {}
        for identity, entity in spoken_of.items():
            best[entity] = max(best.get(entity, 0.0), matches[identity])
        named = {i: NAMED * (entity in self._survey.named) for i, entity in spoken_of.items()}
        linked = {i: LINKED * (best[entity] - matches[i]) for i, entity in spoken_of.items()}
        return self._column(named), self._column(linked)

    def _having(self, trait: Trait, value: float) -> Column:
        return numpy.where(self._traits & trait > 0, value, 0.0)

    def best(self, wanted: Wanted, limit: int) -> dict[PassageId, Parts]:
        """The best `limit` passages that are evidence, with the parts of their scores, best first.

        Evidence is what shares a word, is near enough in meaning, is of an entity that is asked
        for, or stands beside such a passage.
        """
        words_own, words_lent = self._words()
        near_own, near_lent = self._meaning()
        near = numpy.nan_to_num(self._cosines, nan=-1.0) >= EVIDENCE_COSINE
        named, linked = self._entities(words_own / 2)
        times = numpy.array(wanted.times) if wanted.times else self._column({})
        by_itself = near | (words_own > 0) | (named > 0)
        meaning = numpy.where(by_itself, near_own / 2, 0.0)
        both = words_lent + near_own + LENT_MEANING * (near_lent - near_own)
        around = both / 2 - words_own / 2 - meaning
        parts: dict[str, Column] = {
            "words": words_own / 2,
            "meaning": meaning,
            "entity": named,
            "linked": linked,
            "around": around,
            "when": self._having(Trait.TELLS_WHEN, TELLS_WHEN * wanted.when),
            "then" if wanted.only_then else "time": THAT_TIME * times,
            "asks": self._having(Trait.ASKS, ASKS),
        }
        total = sum(parts.values(), self._column({}))
        if wanted.speaker is not None:
            spoke = numpy.array([speaker == wanted.speaker for speaker in self._survey.speakers])
            parts["speaker"] = SPEAKER * spoke * total.clip(0.0)
            total = total + parts["speaker"]
        lent_near = self._with_lent(near.astype(float)) > 0
        evidence = lent_near | (words_lent > 0) | (named > 0) | (linked > 0)
        evidence |= wanted.only_then & (times == 1.0)
        if not wanted.questions:
            messages = numpy.array(self._survey.seats) > 0
            evidence &= ~(messages & (self._traits & Trait.ONLY_ASKS > 0))
        total = numpy.where(evidence & self._own, total, -math.inf)
        chosen = numpy.argsort(-total, kind="stable")[:limit]
        return {
            self._survey.ids[place]: {
                name: float(column[place]) for name, column in parts.items() if column[place]
            }
            for place in chosen.tolist()
            if total[place] > -math.inf
        }
