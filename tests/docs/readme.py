"""What of the README is made from the code; `python -m tests.docs.readme` renews it."""

import re
import shlex
import tempfile
from pathlib import Path

from bot.grammar import FORMS
from tests.docs import settings
from tests.docs.session import ROOT, converse

README = ROOT / "README.md"
TRANSCRIPT = re.compile(r"<!-- transcript -->\n```console\n(.*?)```\n", re.DOTALL)


def part(text: str, name: str) -> str:
    """What stands between <!-- name --> and <!-- /name -->."""
    start, end = f"<!-- {name} -->\n", f"\n<!-- /{name} -->"
    return text[text.index(start) + len(start) : text.index(end)]


def commands() -> str:
    """The table of commands."""
    rows = [f"| `{form}` | {purpose} |" for form, purpose in FORMS]
    return "\n".join(["| command | what it does |", "| --- | --- |", *rows])


def transcript(text: str) -> str:
    """The transcript in the README."""
    found = TRANSCRIPT.search(text)
    if found is None:
        raise AssertionError("the README has no transcript")
    return found[1]


def replay(shown: str, folder: Path) -> str:
    """The same transcript with the answers that Ellie gives now, in sessions on one database."""
    sessions = []
    for session in re.split(r"^\$ ", shown, flags=re.MULTILINE)[1:]:
        command = session.partition("\n")[0]
        options = shlex.split(shlex.split(command)[-1].removeprefix("ARGS="))
        speaker = options[options.index("--as") + 1]
        asked = re.findall(rf"^{re.escape(speaker)}: (.*)$", session, flags=re.MULTILINE)
        answers = converse(folder, options, asked)
        lines = [
            f"{speaker}: {line}\nellie: {answer}\n"
            for line, answer in zip(asked, answers, strict=True)
        ]
        sessions.append(f"$ {command}\n{''.join(lines)}")
    return "\n".join(sessions)


def renewed(text: str, folder: Path) -> str:
    """The README with all that is made from the code made anew."""
    for name, made in (("commands", commands()), ("settings", settings.table())):
        start, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
        before, _, rest = text.partition(start)
        text = f"{before}{start}{made}\n{end}{rest.partition(end)[2]}"
    shown = transcript(text)
    return text.replace(shown, replay(shown, folder))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        README.write_text(renewed(README.read_text("utf-8"), Path(folder)), "utf-8")
