"""What is measured of a ranking: pure arithmetic.

A ranking is a list of items, best first. Each item is the set of ids of the lines that it brings:
one for a message, the sources for a memory. `wanted` are the lines that answer the question.
"""

import math
from collections.abc import Sequence

Ranking = Sequence[frozenset[str]]


def recall(ranking: Ranking, wanted: frozenset[str]) -> float:
    """The share of `wanted` that the items bring (LoCoMo's recall, Maharana et al. 2024)."""
    return len(wanted & frozenset().union(*ranking)) / len(wanted)


def hit(ranking: Ranking, wanted: frozenset[str]) -> float:
    """1 if any item brings any of `wanted`, otherwise 0."""
    return float(any(item & wanted for item in ranking))


def ndcg(ranking: Ranking, wanted: frozenset[str], depth: int) -> float:
    """Normalised discounted cumulative gain (Järvelin & Kekäläinen 2002) of the first `depth`.

    An item at rank r gains 1 / log2(r + 1) if it brings a line of `wanted` that none before it
    brought. The ideal has such an item at each of the first ranks, as many as `wanted` has.
    """
    gained = 0.0
    left = wanted
    for rank, item in enumerate(ranking[:depth], 1):
        if item & left:
            gained += 1 / math.log2(rank + 1)
            left -= item
    ideal = sum(1 / math.log2(rank + 1) for rank in range(1, min(len(wanted), depth) + 1))
    return gained / ideal


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest of `values` that at least `percent` % of them do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(math.ceil(len(ordered) * percent / 100), 1) - 1]
