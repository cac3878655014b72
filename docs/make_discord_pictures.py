"""Draws docs/discord-*.svg from real payloads: `python -m docs.make_discord_pictures`.

Ellie, without a model, talks on the loopback Discord of the tests; what she posts is drawn.
"""

import asyncio
import io
import re
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

from docs.make_session_picture import FORMAT
from tests.adapters.discord.stage import connected
from tests.servers.discord import Message

FOLDER = Path(__file__).parent
COLUMNS = 92
SAID = (
    "Hi, I'm Alex and I live in Lyon.",
    "My friend Sarah works at Google as a software engineer.",
    "I moved to Oslo.",
    "What do you know about Sarah?",
)
_STYLED = re.compile(r"\*\*(?P<bold>.+?)\*\*|`(?P<code>[^`]+)`|\\(?P<plain>[^\w\s])")


def written(line: str) -> Text:
    """A line of Discord's Markdown, as it is shown there."""
    shown, at = Text(), 0
    bullet = "• " if line.startswith("- ") else ""
    line = line.removeprefix("- ")
    for found in _STYLED.finditer(line):
        shown.append(line[at : found.start()])
        style = {"bold": "bold", "code": "on grey23", "plain": ""}[str(found.lastgroup)]
        shown.append(found[str(found.lastgroup)], style)
        at = found.end()
    return Text(bullet).append(shown).append(line[at:])


def drawn(message: Message, names: dict[str, str], *, answers: str = "") -> list[Text]:
    """A message with its head and its buttons."""
    hers = message.author.bot
    head = Text.assemble((message.author.name, "bold magenta" if hers else "bold green"))
    if hers:
        head.append(" APP ", "bold white on blue").append(" ")
    head.append(answers, "dim")
    text = message.content
    for mention, name in names.items():
        text = text.replace(mention, name)
    lines = [head, *(Text("  ").append(written(line)) for line in text.splitlines())]
    for row in message.components:
        line = Text("  ")
        for part in row["components"]:
            label = part.get("label") or f"{part.get('placeholder', '')} ▾"
            line.append(f" {label} ", "white on grey37").append(" ")
        lines.append(line)
    return [*lines, Text("")]


def picture(lines: list[Text], title: str) -> str:
    """The drawing of these lines."""
    console = Console(
        record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True,
        color_system="truecolor", legacy_windows=False,
    )  # fmt: skip
    for line in lines:
        console.print(line)
    style = re.sub(r"\W+", "", title)  # its name in CSS
    return console.export_svg(title=title, code_format=FORMAT, unique_id=style)


async def draw(folder: Path) -> dict[str, str]:
    """The pictures by their names, of an Ellie whose database is in `folder`."""
    async with connected(folder / "ellie.db", notebook=True, person="Alex") as garden:
        names = {f"<@{garden.discord.bot.id}>": "@Ellie"}
        talk: list[Text] = []
        for text in SAID:
            await garden.ask(garden.alice, garden.general, text)
            said, reply = garden.discord.messages(garden.general)[-2:]
            talk += drawn(said, names) + drawn(reply, names, answers="↰ replies to Alex")
        asked = await garden.discord.command(garden.alice, garden.general, "memories", {})
        listed = await asked.filled()
        head = "only you can see this"
        shown = [Text("/memories", "dim"), *drawn(listed, names, answers=head)]
        (menu,) = [part for row in listed.components for part in row["components"]]
        first = menu["options"][0]
        picked = await garden.discord.choose(
            garden.alice, listed, menu["custom_id"], [first["value"]]
        )
        await picked.wait()
        await garden.discord.until(lambda: menu not in listed.components[0]["components"])
        shown += [Text(f"“{first['label']}” is picked", "dim")]
        shown += drawn(listed, names, answers=head)
    return {
        "discord-conversation": picture(talk[:-1], "#general"),
        "discord-memories": picture(shown[:-1], "#general, memories"),
    }


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        for stem, svg in asyncio.run(draw(Path(name))).items():
            (FOLDER / f"{stem}.svg").write_text(svg, "utf-8")
