"""What an evaluation found, as a table and as JSON."""

import json
import os
from pathlib import Path

from bot.errors import ConfigError
from bot.evaluation.dataset import Dataset
from bot.evaluation.retrieval import Evaluation, Scores


def table(evaluation: Evaluation) -> str:
    """A line for all questions, each category and each baseline; shares in per cent."""
    rows = {
        "all questions": evaluation.overall,
        **evaluation.categories,
        **{f"baseline {name}": scores for name, scores in evaluation.baselines.items()},
    }
    names = [name for name in evaluation.overall if name != "questions"]
    lines = [
        ["", "", *(_heading(name)[0] for name in names)],
        ["", "questions", *(_heading(name)[1] for name in names)],
        *([what, *_cells(scores, names)] for what, scores in rows.items()),
    ]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if place else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def _heading(name: str) -> tuple[str, str]:
    """The two lines over a column: "recall in" over "700 tokens", "p95" over "ms"."""
    what, _, depth = name.partition("@")
    if not depth:
        return what.removesuffix("_ms"), "ms"
    if depth.endswith("tokens"):
        return f"{what} in", f"{int(depth.removesuffix('tokens')):,} tokens"
    return what.replace("ndcg", "nDCG"), f"@{depth}"


def _cells(scores: Scores, names: list[str]) -> list[str]:
    return [
        str(scores["questions"]),
        *(
            f"{scores[name]:.2f}" if name.endswith("_ms") else f"{scores[name] * 100:.1f}"
            for name in names
        ),
    ]


def account(dataset: Dataset) -> str:
    """What was asked, and what of the file was left out or repaired, in a sentence or two."""
    lines = sum(len(session.lines) for d in dataset.dialogues for session in d.sessions)
    asked = sum(len(dialogue.questions) for dialogue in dataset.dialogues)
    return (
        f"{len(dataset.dialogues)} dialogues, {lines} lines, {asked} questions; left out: "
        f"{dataset.unanswerable} of category 5, {dataset.unsupported} without evidence.\n"
        f"Malformed evidence: {dataset.repaired} ids repaired, {dataset.dropped} dropped."
    )


def write_json(evaluation: Evaluation, file: Path) -> None:
    """Write the scores as fractions: a whole file or, on ConfigError, none."""
    content = {
        "overall": _rounded(evaluation.overall),
        "categories": {name: _rounded(s) for name, s in evaluation.categories.items()},
        "baselines": {name: _rounded(s) for name, s in evaluation.baselines.items()},
    }
    part = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        part.write_text(json.dumps(content, indent=2) + "\n", "utf-8")
        part.replace(file)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise ConfigError(f"--json: {file} cannot be written: {error.strerror}.") from error


def _rounded(scores: Scores) -> Scores:
    return {name: round(value, 4) for name, value in scores.items()}
