"""Draws docs/slack-*.svg from real payloads: `python -m docs.make_slack_pictures`.

Ellie, without a model, talks on the loopback Slack of the tests; what she posts is drawn.
"""

import asyncio
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from docs.drawing_page import DIM, Page, Run
from docs.drawing_slack import BLUE, FACE, MARGIN, blocks, box, head, message, tabs, thread
from tests.adapters.slack.commands.commanding import Desk
from tests.adapters.slack.stage import ALICE, GENERAL, SlackStage, connected, furnish
from tests.servers.slack import Clock, SlackServer

FOLDER = Path(__file__).parent
SOURCE = "docs/make_slack_pictures.py"
WIDTH = 760
MORNING = datetime(2026, 3, 2, 9, 41, tzinfo=UTC)
MENTIONED = "My friend Sarah works at Google as a software engineer."
ASKED = "What do you know about Sarah?"
IN_PRIVATE = "I live in Oslo."


async def conversation(garden: SlackStage, names: dict[str, str]) -> str:
    """A mention, the thread below it, and a command that only Alice sees answered."""
    page = Page(WIDTH)
    head(page, f"# {names[GENERAL]}")
    clock = garden.slack.clock
    await garden.ask(ALICE, GENERAL, MENTIONED)
    root = garden.slack.messages(GENERAL)[0]
    clock.advance(60)
    await garden.slack.say(ALICE, GENERAL, ASKED, root.ts)
    await garden.reply(GENERAL, root.ts, after=1)
    message(page, root, MARGIN, names)
    replies = garden.slack.messages(GENERAL, root.ts)
    top = page.y
    inner = MARGIN + FACE + 12
    page.text(inner, page.y + 12, Run(f"{len(replies)} replies", bold=True, colour=BLUE, size=13))
    page.y += 26
    for reply in replies:
        message(page, reply, inner, names)
    thread(page, top)
    clock.advance(60)
    act = await Desk(garden).given("recall", "Sarah")
    page.y += 4
    page.text(MARGIN, page.y + 12, Run("Alice types in the channel:", colour=DIM, size=12))
    line = f"{act.payload['command']} {act.payload['text']}"
    box(page, Run(line), MARGIN, WIDTH - MARGIN, page.y + 22)
    page.y += 76
    (answer,) = garden.slack.ephemerals(ALICE, GENERAL)
    message(page, answer, MARGIN, names)
    page.y += 4
    return page.svg("Slack: a mention, Ellie's thread, and /recall", SOURCE)


async def tab(garden: SlackStage, names: dict[str, str]) -> str:
    """The Home tab, after something was told in private too."""
    await garden.ask(ALICE, garden.dm, IN_PRIVATE)
    view = await Desk(garden).open_home()
    page = Page(WIDTH)
    tabs(page, names[garden.me], "Home", ["Messages", "About"])
    blocks(page, view.blocks, MARGIN, WIDTH - MARGIN, names)
    page.y += 8
    return page.svg("Slack: Ellie's Home tab", SOURCE)


async def draw(folder: Path) -> dict[str, str]:
    """The pictures by their names, of an Ellie whose database is in `folder`."""
    async with SlackServer(Clock(MORNING)) as slack:
        furnish(slack)
        async with connected(folder / "ellie.db", slack=slack, notebook=True) as garden:
            names = {id_: person.name for id_, person in slack.people.items()}
            names |= {id_: channel.name for id_, channel in slack.channels.items()}
            return {
                "slack-thread": await conversation(garden, names),
                "slack-home": await tab(garden, names),
            }


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        for stem, svg in asyncio.run(draw(Path(name))).items():
            (FOLDER / f"{stem}.svg").write_text(svg, "utf-8")
