import json
from pathlib import Path

import pytest

from bot.errors import ConfigError
from bot.evaluation.dataset import Dataset, read_dataset
from bot.evaluation.report import account, table, write_json
from bot.evaluation.retrieval import Evaluation, Scores
from tests.evaluation.dialogues import asked, dialogue, write


def scores(share: float) -> Scores:
    return {
        "recall@10": share, "ndcg@10": share, "recall@2000tokens": share,
        "p50_ms": 0.5, "p95_ms": 1.25, "questions": 3,
    }  # fmt: skip


MEASURED = Evaluation(
    scores(0.7123456), {"multi-hop": scores(0.5)}, {"bm25": scores(1), "cosine": scores(0)}
)


def test_the_table_has_a_line_for_all_questions_each_category_and_each_baseline() -> None:
    first, second, *rows = table(MEASURED).splitlines()
    assert first.split() == ["recall", "nDCG", "recall", "in", "p50", "p95"]
    assert second.split() == ["questions", "@10", "@10", "2,000", "tokens", "ms", "ms"]
    assert [row.split() for row in rows] == [
        ["all", "questions", "3", "71.2", "71.2", "71.2", "0.50", "1.25"],
        ["multi-hop", "3", "50.0", "50.0", "50.0", "0.50", "1.25"],
        ["baseline", "bm25", "3", "100.0", "100.0", "100.0", "0.50", "1.25"],
        ["baseline", "cosine", "3", "0.0", "0.0", "0.0", "0.50", "1.25"],
    ]
    assert len({len(line) for line in (second, *rows)}) == 1


def test_the_file_has_fractions(tmp_path: Path) -> None:
    file = tmp_path / "found.json"
    file.write_text("older")
    write_json(MEASURED, file)
    found = json.loads(file.read_text())
    assert list(found) == ["overall", "categories", "baselines"]
    assert found["overall"] == scores(0.7123)
    assert found["categories"] == {"multi-hop": scores(0.5)}
    assert found["baselines"] == {"bm25": scores(1), "cosine": scores(0)}
    assert list(tmp_path.iterdir()) == [file]


def test_a_file_that_cannot_be_written_is_one_line_and_leaves_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    for file in (folder, tmp_path / "missing" / "found.json"):
        with pytest.raises(ConfigError, match=r"^--json: .* cannot be written"):
            write_json(MEASURED, file)
    assert list(tmp_path.iterdir()) == [folder]


def test_what_was_left_out_and_repaired_is_said(tmp_path: Path) -> None:
    questions = [
        asked("Who?", "D1:1; D9:9"),
        asked("Where?"),
        asked("Never?", "D1:1", category=5),
        asked("What?", "D1:2"),
    ]
    dataset: Dataset = read_dataset(write(tmp_path, dialogue(*questions)))
    assert account(dataset) == (
        "1 dialogues, 5 lines, 2 questions; left out: 1 of category 5, 1 without evidence.\n"
        "Malformed evidence: 1 ids repaired, 1 dropped."
    )
