"""Which memories: recall for one question."""

import heapq
import math
import re
from collections import defaultdict
from collections.abc import Collection

from bot.errors import ModelError
from bot.ports import Embedder, Matches, PassageId, Store
from bot.text import forms, is_question, names_in, words
from bot.types import Audience, Memory, Message, MessageId, Recalled, Scope

K1, B = 1.2, 0.75
"""BM25's usual constants (Robertson & Zaragoza 2009)."""
NEAREST = 200
"""Vectors looked at; words and names are looked at without bound."""
SHORTLIST = 40
"""Passages whose contents are read before the last choice."""
NAMED_BOOST = 0.35
SUPERSEDED_FACTOR = 0.5
EVIDENCE_COSINE = 0.35
"""Below it a nearness in meaning alone is no evidence. With wordllama on LoCoMo, the nearest text
of somebody else's conversation is as near for 10 % of questions, and 73 % of the evidence is."""
_SELF = re.compile(r"\b(me|myself|i|i'm|my)\b")


class Recall:
    """Chooses memories and messages of one scope for a question, for one audience."""

    def __init__(self, store: Store, embedder: Embedder | None) -> None:
        """`embedder` None: nothing is found by meaning, only by words and names."""
        self._store = store
        self._embedder = embedder

    async def find(
        self,
        scope: Scope,
        reader: Audience,
        question: str,
        *,
        limit: int = 12,
        leave_out: Collection[MessageId] = (),
        questions: bool = False,
    ) -> list[Recalled]:
        """At most `limit` memories and messages of the scope that are evidence, best first.

        `leave_out`: messages that the prompt holds anyway. `questions`: also messages that only
        ask; they are no evidence of anything. A question about the person themselves
        without any other word gets the newest memories. Empty: nothing is known about it.
        """
        query = forms(question)
        if not query:
            if _SELF.search(" ".join(words(question))) is None:
                return []
            newest, _ = await self._store.page(scope, reader, 0, limit)
            return [Recalled(memory, 0.0) for memory in newest if memory.valid_to is None]
        matches = await self._store.search(
            scope, reader, query, names_in(question), await self._vector(question), NEAREST
        )
        scored = score(matches)
        items = await self._store.candidates(scope, reader, list(scored))
        found = [
            _weigh(items[identity], parts)
            for identity, parts in scored.items()
            if identity in items and (questions or not _only_asks(items[identity]))
        ]
        return _without_repeats(sorted(found, key=lambda r: -r.score), leave_out, limit)

    async def _vector(self, question: str) -> list[float] | None:
        if self._embedder is None:
            return None
        try:
            return (await self._embedder.embed([question]))[0]
        except ModelError:
            return None  # full text carries recall meanwhile


def score(matches: Matches) -> dict[PassageId, dict[str, float]]:
    """The parts of the score of the `SHORTLIST` best passages that are evidence, best first.

    "words": BM25, and "meaning": cosine, each scaled by min-max over the scope's passages and
    halved, so that their sum is their mean (recipe Q in ../shared/design/memory.md: mixing scores
    beats RRF by 5 to 7 points); "entity": a fixed boost where the question names the entity.
    """
    by_words = bm25(matches)
    most = 2 * max(by_words.values(), default=0.5)
    near = matches.meanings
    low, high = min(near.values(), default=0.0), max(near.values(), default=0.0)
    spread = 2 * (high - low) or 1.0
    routes = {
        "words": {identity: value / most for identity, value in by_words.items()},
        "meaning": {
            identity: (cosine - low) / spread
            for identity, cosine in near.items()
            if cosine >= EVIDENCE_COSINE or identity in by_words or identity in matches.named
        },
        "entity": dict.fromkeys(matches.named, NAMED_BOOST),
    }
    total = defaultdict(float, routes["words"])
    for route in ("meaning", "entity"):
        for identity, value in routes[route].items():
            total[identity] += value
    best = heapq.nlargest(SHORTLIST, total, key=total.__getitem__)
    return {
        identity: {name: route[identity] for name, route in routes.items() if identity in route}
        for identity in best
    }


def bm25(matches: Matches) -> dict[PassageId, float]:
    """BM25 of every passage that holds a term, with the statistics of what the reader may see.

    A term counts once a passage, however often it stands there: passages are a few sentences.
    """
    by_length = K1 * B / (matches.mean_length or 1)
    scores: defaultdict[PassageId, float] = defaultdict(float)
    for lengths in matches.words:
        count = len(lengths)
        idf = math.log(1 + (matches.documents - count + 0.5) / (count + 0.5))
        for identity, length in lengths.items():
            scores[identity] += idf * (K1 + 1) / (1 + K1 * (1 - B) + by_length * length)
    return dict(scores)


def _only_asks(item: Memory | Message) -> bool:
    return isinstance(item, Message) and is_question(item.text)


def _weigh(item: Memory | Message, parts: dict[str, float]) -> Recalled:
    total = sum(parts.values())
    if isinstance(item, Memory) and item.valid_to is not None:
        total *= SUPERSEDED_FACTOR
    return Recalled(item, total, parts)


def _without_repeats(
    ranked: list[Recalled], leave_out: Collection[MessageId], limit: int
) -> list[Recalled]:
    """The best, without what the prompt holds anyway, and without a message beside its memory."""
    distinct: dict[str, Recalled] = {}
    memories = {found.item.text.casefold() for found in ranked if isinstance(found.item, Memory)}
    for found in ranked:
        text = found.item.text.casefold()
        if isinstance(found.item, Memory) or not (found.item.id in leave_out or text in memories):
            distinct.setdefault(text, found)
    best = list(distinct.values())
    spoken_for = {
        source
        for found in best[:limit]
        if isinstance(found.item, Memory)
        for source in found.item.sources
    }
    return [
        found for found in best if isinstance(found.item, Memory) or found.item.id not in spoken_for
    ][:limit]
