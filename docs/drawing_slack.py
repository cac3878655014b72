"""Slack's messages and blocks on a page, much as its readers see them."""

import html
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from docs.drawing_page import DIM, EDGE, INK, LEADING, PAPER, Page, Run
from tests.servers.slack import Message

Block = dict[str, Any]
Names = Mapping[str, str]
"""What people and channels are called, by their ids."""
BLUE, PALE_BLUE, GREEN, RED = "#1264a3", "#e8f5fa", "#007a5a", "#c01343"
PALE_GREY, GREY, DARK_GREY = "#f4f4f4", "#b8b8b8", "#868686"
FACE, MARGIN = 36, 20
FACES = ("#2c6e8f", "#6b3fa0")
"""Of a person, and of the app."""
MENTION = re.compile(r"<@(\w+)>")
BUTTON_HEIGHT, BUTTON_GAP = 30, 8
KINDS = {"primary": (GREEN, GREEN, PAPER), "danger": (PAPER, RED, RED)}
"""Ground, edge and words of a button, by its style."""


def called(name: str) -> Run:
    """A person or a channel that is named by its id."""
    return Run(name, colour=BLUE, ground=PALE_BLUE)


def typed(text: str, names: Names) -> list[Run]:
    """A message's text with Slack's escapes."""
    parts = MENTION.split(text)
    return [
        called(f"@{names[part]}") if at % 2 else Run(html.unescape(part))
        for at, part in enumerate(parts)
    ]


def rich(block: Block, names: Names) -> list[Run]:
    """A block of rich text."""
    return [piece(one, names) for section in block["elements"] for one in section["elements"]]


def piece(element: Block, names: Names) -> Run:
    """A piece of rich text."""
    match element["type"]:
        case "user":
            return called(f"@{names[element['user_id']]}")
        case "channel":
            return called(f"#{names[element['channel_id']]}")
        case "text" if "code" in element.get("style", {}):
            return Run(element["text"], code=True, colour=RED, ground=PALE_GREY)
        case "text":
            return Run(element["text"], bold="bold" in element.get("style", {}))
    raise ValueError(f"nobody has drawn rich text of {element['type']} yet")


def blocks(page: Page, shown: list[Block], x: float, right: float, names: Names) -> None:
    """All blocks of a message or a view."""
    for block in shown:
        match block["type"]:
            case "rich_text":
                page.words(x, rich(block, names), right)
                page.y += 6
            case "header":
                page.y += 6
                page.text(x, page.y + 18, Run(block["text"]["text"], bold=True, size=18))
                page.y += 32
            case "divider":
                page.y += 8
                page.rule(x, right)
                page.y += 8
            case "actions":
                buttons(page, block["elements"], x, right)
            case "input":
                field(page, block, x, right)
            case kind:
                raise ValueError(f"nobody has drawn a block {kind} yet")


def buttons(page: Page, elements: list[Block], x: float, right: float) -> None:
    """A row of buttons; another one below where they do not fit."""
    at = x
    for element in elements:
        ground, edge, words = KINDS.get(element.get("style", ""), (PAPER, GREY, INK))
        label = Run(element["text"]["text"], bold=True, colour=words, size=13)
        width = label.width + 24
        if at + width > right and at > x:
            at, page.y = x, page.y + BUTTON_HEIGHT + BUTTON_GAP
        page.box(at, page.y, width, BUTTON_HEIGHT, ground, 4, edge)
        page.text(at + 12, page.y + 20, label)
        at += width + BUTTON_GAP
    page.y += BUTTON_HEIGHT + 10


def field(page: Page, block: Block, x: float, right: float) -> None:
    """A field to type into, with its label above."""
    label = Run(block["label"]["text"], bold=True)
    optional = [Run(" (optional)", colour=DIM)] if block.get("optional") else []
    page.line(x, page.y + 16, [label, *optional])
    element = block["element"]
    inside = element.get("initial_value")
    shown = Run(inside) if inside else Run(element["placeholder"]["text"], colour=DIM)
    box(page, shown, x, right, page.y + 26)
    page.y += 76


def box(page: Page, inside: Run, x: float, right: float, top: float) -> None:
    """What is typed into."""
    page.box(x, top, right - x, 38, PAPER, 6, DARK_GREY)
    page.text(x + 12, top + 24, inside)


def face(page: Page, x: float, name: str, *, app: bool) -> None:
    """A square with the first letter of a name."""
    page.box(x, page.y, FACE, FACE, FACES[app], 6)
    letter = Run(name[0], bold=True, colour=PAPER, size=18)
    page.text(x + (FACE - letter.width) / 2, page.y + 24, letter)


def message(page: Page, said: Message, x: float, names: Names) -> None:
    """A message with its author; whose eyes it is for, where it is not everybody's."""
    assert said.user is not None
    app = said.bot_id is not None
    right, beside = page.width - MARGIN, x + FACE + 12
    if said.only_for is not None:
        page.text(beside, page.y + 12, Run("Only visible to you", colour=DIM, size=12))
        page.y += 20
    face(page, x, names[said.user], app=app)
    end = page.line(beside, page.y + 14, [Run(names[said.user], bold=True)]) + 8
    if app:
        page.box(end, page.y + 2, 31, 15, "#e4e4e4", 2)
        page.text(end + 4, page.y + 13, Run("APP", bold=True, colour=DIM, size=10.5))
        end += 39
    at = datetime.fromtimestamp(float(said.ts), UTC)
    page.text(end, page.y + 14, Run(f"{at:%I:%M %p}".lstrip("0"), colour=DIM, size=12))
    top, page.y = page.y, page.y + LEADING
    if said.blocks:
        blocks(page, said.blocks, beside, right, names)
    else:
        page.words(beside, typed(said.text, names), right)
    page.y = max(page.y, top + FACE) + 12


def head(page: Page, words: str) -> None:
    """The bar above a channel."""
    page.text(MARGIN, page.y + 30, Run(words, bold=True, size=18))
    page.y += 48
    page.rule(1, page.width - 1)
    page.y += 16


def tabs(page: Page, name: str, open_tab: str, others: list[str]) -> None:
    """The bar above an app, with its tabs."""
    page.y += 14
    face(page, MARGIN, name, app=True)
    page.text(MARGIN + FACE + 12, page.y + 24, Run(name, bold=True, size=18))
    page.y += FACE + 12
    x: float = MARGIN
    for tab in (open_tab, *others):
        here = tab == open_tab
        label = Run(tab, bold=here, colour=INK if here else DIM, size=13)
        page.text(x, page.y + 14, label)
        if here:
            page.box(x, page.y + 24, label.width, 2, INK)
        x += label.width + 24
    page.y += 26
    page.rule(1, page.width - 1)
    page.y += 14


def thread(page: Page, top: float) -> None:
    """A line down the left of what is a thread, from `top` to here."""
    page.box(MARGIN + FACE / 2 - 1, top, 2, page.y - top - 12, EDGE)
