"""Real sessions with `ellie chat`, in notebook mode, through a pipe."""

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def converse(folder: Path, options: Sequence[str], lines: Sequence[str]) -> list[str]:
    """Ellie's answers to the lines, one each, of a session whose database is in `folder`.

    No setting of this machine reaches it. An answer may have several lines.
    """
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("ELLIE_", "OPENAI_"))
    }
    done = subprocess.run(
        [sys.executable, "-m", "bot", "chat", *options],
        cwd=folder,
        env=environment | {"PYTHONPATH": str(ROOT), "ELLIE_DB": str(folder / "ellie.db")},
        input="".join(f"{line}\n" for line in lines),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=True,
    )
    answers = re.split(r"^ellie: ", done.stdout, flags=re.MULTILINE)[1:]
    if len(answers) != len(lines):
        raise AssertionError(f"{len(answers)} answers to {len(lines)} lines:\n{done.stdout}")
    return [answer.rstrip("\n") for answer in answers]


def undated(text: str) -> str:
    """`text` with every date as DATE: a session was held on some day."""
    return DATE.sub("DATE", text)
