"""`ellie eval retrieval`, as a process."""

import asyncio
import json
import os
import pty
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from tests.evaluation.dialogues import asked, dialogue, write
from tests.journeys.test_without_packages import hide
from tests.servers.openai_server import OpenAIServer
from tests.test_cli import ROOT

KEYS = {
    "recall@5", "recall@10", "recall@20", "hit@10", "ndcg@10", "recall@700tokens",
    "recall@2000tokens", "recall@7000tokens", "p50_ms", "p95_ms", "questions",
}  # fmt: skip


def measure(
    folder: Path, *options: str, stderr: int = subprocess.PIPE, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """`ellie eval retrieval` with these options, with no setting but these."""
    kept = {n: v for n, v in os.environ.items() if not n.startswith(("ELLIE_", "OPENAI_"))}
    return subprocess.run(
        [sys.executable, "-m", "bot", "eval", "retrieval", *options],
        cwd=folder,
        env=kept | {"PYTHONPATH": str(ROOT)} | (env or {}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture
def dataset(tmp_path: Path) -> str:
    (tmp_path / "data").mkdir()
    questions = (asked("Who breeds alpacas?", "D1:2"), asked("A clock?", "D1:3", category=1))
    return str(write(tmp_path / "data", [dialogue(*questions)]))


def complaint(done: subprocess.CompletedProcess[str]) -> str:
    """The one line that it ended with."""
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("ellie: ")
    assert done.stderr.count("\n") == 1
    return done.stderr


def test_a_table_on_stdout_and_fractions_in_a_file(tmp_path: Path, dataset: str) -> None:
    done = measure(tmp_path, "--dataset", dataset, "--baselines", "--json", "found.json")
    assert (done.returncode, done.stderr) == (0, "")
    rows = [line.partition("  ")[0] for line in done.stdout.splitlines()]
    assert rows[2:7] == [
        "all questions", "multi-hop", "single-hop", "baseline bm25", "baseline cosine"
    ]  # fmt: skip
    assert "1 dialogues, 5 lines, 2 questions" in done.stdout
    assert "Embedder: wordllama:l2_supercat_256" in done.stdout
    found = json.loads((tmp_path / "found.json").read_text())
    assert set(found) == {"overall", "categories", "baselines"}
    assert (set(found["categories"]), set(found["baselines"])) == (
        {"multi-hop", "single-hop"}, {"bm25", "cosine"},
    )  # fmt: skip
    for scores in (found["overall"], found["categories"]["multi-hop"], found["baselines"]["bm25"]):
        assert set(scores) == KEYS
    assert found["overall"]["recall@10"] == 1
    assert sorted(file.name for file in tmp_path.iterdir()) == ["data", "found.json"]


def test_another_budget_stands_beside_the_usual_ones(tmp_path: Path, dataset: str) -> None:
    done = measure(tmp_path, "--dataset", dataset, "--budget", "40", "--json", "found.json")
    assert "40 tokens" in done.stdout
    found = json.loads((tmp_path / "found.json").read_text())
    assert set(found["overall"]) == KEYS | {"recall@40tokens"}
    assert found["baselines"] == {}


def test_progress_is_shown_on_a_terminal_and_only_on_stderr(tmp_path: Path, dataset: str) -> None:
    ours, theirs = pty.openpty()
    done = measure(tmp_path, "--dataset", dataset, stderr=theirs, env={"TERM": "xterm"})
    os.close(theirs)
    shown = os.read(ours, 100_000).decode()
    os.close(ours)
    assert "7/7" in shown
    assert done.stdout.startswith(" ")
    assert "7/7" not in done.stdout


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read"),
        ("", "is not JSON"),
        ("{}", "is not in LoCoMo's format: dialogue 1 has no object `conversation`"),
        ("[]", "holds no question that could be scored"),
    ],
)
def test_a_wrong_file_is_one_clear_line(tmp_path: Path, content: str | None, said: str) -> None:
    file = tmp_path / "missing.json" if content is None else write(tmp_path, content)
    assert said in complaint(measure(tmp_path, "--dataset", str(file), "--json", "found.json"))
    assert not (tmp_path / "found.json").exists()


@pytest.mark.parametrize("file", [".", "missing/found.json"])
def test_where_json_cannot_be_written_is_said_before_anything_is_measured(
    tmp_path: Path, file: str
) -> None:
    assert "--json" in complaint(measure(tmp_path, "--dataset", "missing.json", "--json", file))


@pytest.mark.parametrize("options", [["--budget", "0"], ["--embedder", "x"], ["--limit", "3"], []])
def test_a_wrong_option_is_a_usage_error(tmp_path: Path, dataset: str, options: list[str]) -> None:
    given = ["--dataset", dataset, *options] if options else []
    assert measure(tmp_path, *given).returncode == 2


def test_a_server_is_needed_for_its_embedder(tmp_path: Path, dataset: str) -> None:
    done = measure(tmp_path, "--dataset", dataset, "--embedder", "openai")
    assert "OPENAI_API_KEY or OPENAI_BASE_URL" in complaint(done)


@pytest.mark.parametrize("package", ["wordllama", "sqlite_vec"])
def test_without_vectors_nothing_is_measured(tmp_path: Path, dataset: str, package: str) -> None:
    path = hide(tmp_path / "hidden", (package,))
    said = complaint(measure(tmp_path, "--dataset", dataset, env={"PYTHONPATH": path}))
    assert {"wordllama": "install wordllama", "sqlite_vec": "sqlite-vec is missing"}[
        package
    ] in said


@pytest.mark.parametrize(
    ("setting", "model"),
    [({}, "text-embedding-3-small"), ({"ELLIE_EMBEDDING_MODEL": "other"}, "other")],
)
async def test_the_settings_server_embeds(
    server: OpenAIServer, tmp_path: Path, dataset: str, setting: dict[str, str], model: str
) -> None:
    settings = {"OPENAI_BASE_URL": server.base_url, "OPENAI_API_KEY": "sk-secret", **setting}
    asking = partial(measure, tmp_path, "--dataset", dataset, "--embedder", "openai", env=settings)
    done = await asyncio.to_thread(asking)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"Embedder: openai:{model}, 512 dimensions" in done.stdout
    assert {request.body["model"] for request in server.requests} == {model}
