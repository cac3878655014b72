"""Draws docs/session.svg from a real session: `python -m docs.make_session_picture`."""

import io
import re
import tempfile
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text

from tests.docs.session import converse

PICTURE = Path(__file__).parent / "session.svg"
PERSON = "Alex"
COLUMNS = 100
SESSIONS = (
    (
        "Hi, I'm Alex and I live in Lyon.",
        "My friend Sarah works at Google as a software engineer.",
        "I moved to Oslo.",
    ),
    ("What do you know about Sarah?", "/why", "/memories"),
)
# Fonts of the reader's machine: a picture in a document fetches nothing from anywhere.
FORMAT = CONSOLE_SVG_FORMAT.replace("https://www.textualize.io", "docs/make_session_picture.py")
FORMAT = re.sub(r"@font-face \{\{.*?\}\}\s*", "", FORMAT, flags=re.DOTALL).replace(
    "Fira Code", "ui-monospace, Menlo, DejaVu Sans Mono"
)


def session(folder: Path) -> list[Text]:
    """What a terminal shows, line by line."""
    shown: list[Text] = []
    for lines in SESSIONS:
        shown.append(Text.assemble(("$ ", "dim"), f'make chat ARGS="--as {PERSON}"'))
        for line, answer in zip(lines, converse(folder, ["--as", PERSON], lines), strict=True):
            shown.append(Text.assemble((f"{PERSON}: ", "bold green"), line))
            name = "" if line.startswith("/") else "ellie: "  # a terminal's answer to a command
            shown += Text.assemble((name, "bold magenta"), answer).split("\n")
        shown.append(Text(""))
    return shown[:-1]


def draw(folder: Path) -> str:
    """The picture of a session whose database is in `folder`."""
    console = Console(
        record=True,
        width=COLUMNS,
        file=io.StringIO(),
        force_terminal=True,
        color_system="truecolor",
        legacy_windows=False,
    )
    for line in session(folder):
        console.print(line)
    return console.export_svg(title="ellie chat", code_format=FORMAT, unique_id="ellie")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        PICTURE.write_text(draw(Path(name)), "utf-8")
