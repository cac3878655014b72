"""What each part of recall adds: `python -m tests.bench.ablation FILE` (LoCoMo's format).

Every row takes one part away and measures all again; the table is that of docs/benchmarks.md.
"""

import asyncio
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

import numpy
import pytest
from numpy.typing import NDArray

from bot import ranking, recall
from bot.evaluation.dataset import CATEGORIES, read_dataset
from bot.evaluation.retrieval import evaluate
from bot.llm import wordllama_embedder
from bot.llm.wordllama_embedder import WordLlamaEmbedder
from bot.ports import PassageId
from bot.store.sqlite import rows, search
from bot.when import TimeAsked

Change = tuple[object, str, object]


def _of_no_time(question: str, *_: object) -> TimeAsked:
    return TimeAsked((), about_past=False, asks_when=False, rest=question)


def _all_alike(_: object, tokens: int) -> NDArray[numpy.float32]:
    return numpy.ones(tokens, dtype=numpy.float32)


async def _no_vectors(*_: object) -> dict[PassageId, float]:
    return {}


def _undated(said_at: datetime, speaker: str, text: str) -> tuple[str, int]:
    terms, traits = _index(said_at, speaker, text)
    return terms.split(" ", 3)[3], traits  # without its day, month and year


_index = rows.index
VARIANTS: dict[str, Sequence[Change]] = {
    "all of it": (),
    "without vectors": [(search.Search, "nearest", _no_vectors)],
    "without full text": [(recall, "forms", lambda text: ["zzzz"])],
    "rare and frequent tokens count alike in the vectors": [
        (wordllama_embedder, "_rarity", _all_alike)
    ],
    "no neighbour lends": [
        (ranking, "ANSWER", 0.0), (ranking, "NEXT", 0.0), (ranking, "SECOND", 0.0)
    ],
    "only the next neighbours lend": [(ranking, "SECOND", 0.0)],
    "a question lends no more to its answer": [(ranking, "ANSWER", ranking.NEXT)],
    "without the speaker": [(ranking, "SPEAKER", 0.0)],
    "times are not understood": [(recall, "time_asked", _of_no_time)],
    "the date is not among the words": [(rows, "index", _undated)],
    "questions count like statements": [(ranking, "ASKS", 0.0)],
    "being recent counts nothing": [(recall, "RECENT", 0.0)],
}  # fmt: skip


async def measure(file: Path) -> None:
    """Print the table, a row at a time, in per cent."""
    dialogues = read_dataset(file).dialogues
    print("| recall | R@10 | " + " | ".join(CATEGORIES.values()) + " |")
    print("| --- | --- |" + " --- |" * len(CATEGORIES))
    for name, changes in VARIANTS.items():
        with ExitStack() as stack:
            patch = stack.enter_context(pytest.MonkeyPatch.context())
            for owner, attribute, value in changes:
                patch.setattr(owner, attribute, value)
            found = await evaluate(dialogues, WordLlamaEmbedder(), budgets_tokens=())
        rows_ = [found.overall, *(found.categories[c] for c in CATEGORIES.values())]
        cells = " | ".join(f"{100 * scores['recall@10']:.1f}" for scores in rows_)
        print(f"| {name} | {cells} |", flush=True)


if __name__ == "__main__":
    asyncio.run(measure(Path(sys.argv[1])))
