"""What recall is compared with: the two plain ways to search, over the same messages."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from heapq import nlargest
from operator import mul
from typing import Self

import snowballstemmer

from bot.ports import Embedder
from bot.text import STOP_WORDS
from bot.types import Message

K1, B = 1.2, 0.75
"""BM25's usual constants (Robertson & Zaragoza 2009)."""
EMBED_TOGETHER = 64
_STEMMER = snowballstemmer.stemmer("porter")


def plain_text(message: Message) -> str:
    """What both index of a message: "speaker: text [caption]", without its date."""
    return f"{message.speaker}: {message.text}"


class Cosine:
    """Nearness in meaning alone, as a vector store does it.

    Indexes the vector of each `plain_text` by the same embedder, as floats; compared one by one in
    plain Python, so its times say nothing about a vector store's.
    """

    def __init__(
        self, messages: Sequence[Message], vectors: Sequence[list[float]], embedder: Embedder
    ) -> None:
        self._messages = messages
        self._vectors = vectors
        self._embedder = embedder

    @classmethod
    async def index(cls, messages: Sequence[Message], embedder: Embedder) -> Self:
        """Embed the messages. Raises ModelError."""
        vectors: list[list[float]] = []
        for start in range(0, len(messages), EMBED_TOGETHER):
            batch = messages[start : start + EMBED_TOGETHER]
            vectors += await embedder.embed([plain_text(message) for message in batch])
        return cls(messages, vectors, embedder)

    async def find(self, question: str, limit: int) -> list[Message]:
        """The nearest messages, best first. Vectors have length 1: the product is the cosine."""
        asked = (await self._embedder.embed([question]))[0]
        scores = [sum(map(mul, asked, vector)) for vector in self._vectors]
        return _best(self._messages, scores, limit)


class BM25:
    """Words alone, as full-text search does it: no stop words, Porter stems.

    Indexes the stems of each `plain_text`, and counts how often each stands there.
    """

    def __init__(self, messages: Sequence[Message]) -> None:
        self._messages = messages
        self._counts = [Counter(_stems(plain_text(said))) for said in messages]
        self._lengths = [counts.total() for counts in self._counts]
        self._mean_length = sum(self._lengths) / len(messages)
        self._holding = Counter(stem for counts in self._counts for stem in counts)

    async def find(self, question: str, limit: int) -> list[Message]:
        """The messages that hold a word of the question, best first."""
        asked = [(word, self._idf(word)) for word in set(_stems(question)) if self._holding[word]]
        scores = [
            sum(
                idf * counts[word] * (K1 + 1)
                / (counts[word] + K1 * (1 - B + B * length / self._mean_length))
                for word, idf in asked
                if word in counts
            )
            for counts, length in zip(self._counts, self._lengths, strict=True)
        ]  # fmt: skip
        return _best(self._messages, scores, limit)

    def _idf(self, word: str) -> float:
        holding = self._holding[word]
        return math.log(1 + (len(self._messages) - holding + 0.5) / (holding + 0.5))


def _stems(text: str) -> list[str]:
    """Words and stems as FTS5's porter tokenizer makes them; not recall's, which may change."""
    found = [word for word in re.findall(r"\w+", text.casefold()) if word not in STOP_WORDS]
    return [str(stem) for stem in _STEMMER.stemWords(found)]


def _best(messages: Sequence[Message], scores: Sequence[float], limit: int) -> list[Message]:
    found = [number for number, score in enumerate(scores) if score > 0]
    return [messages[number] for number in nlargest(limit, found, key=scores.__getitem__)]
