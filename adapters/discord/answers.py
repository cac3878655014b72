"""What is shown for a command: text in parts, files, and what can be pressed below it."""

import io
from dataclasses import dataclass, field

import discord

NO_PINGS = discord.AllowedMentions.none()
LONGEST_ID = 100
"""So many characters a custom id may have."""
PREFIX = "do:"
"""What the custom ids begin with; others belong to others."""


@dataclass(frozen=True, slots=True)
class Button:
    """`press` is its custom id: verb, ids and pages, never a text."""

    label: str
    press: str
    style: discord.ButtonStyle = discord.ButtonStyle.secondary


@dataclass(frozen=True, slots=True)
class Choice:
    """One entry of a `Menu`: `value` comes back, `label` is for people."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Menu:
    """A select from which one entry is taken."""

    prompt: str
    press: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """`parts` are messages of their own, in order; controls and files are with the first.

    `menu` stands above the buttons. `files`: (name, what is in it).
    """

    parts: tuple[str, ...]
    menu: Menu | None = None
    buttons: tuple[Button, ...] = ()
    files: tuple[tuple[str, bytes], ...] = field(default=(), repr=False)


def view_of(answer: Answer) -> discord.ui.View | None:
    """The controls for one sending; None: there are none.

    The view is stopped, so discord.py keeps nothing of it: every press, before and after a restart
    alike, comes through the dynamic item that `presses` registers.
    """
    view = discord.ui.View(timeout=None)
    if (menu := answer.menu) is not None:
        options = [discord.SelectOption(label=c.label, value=c.value) for c in menu.choices]
        view.add_item(
            discord.ui.Select(custom_id=menu.press, placeholder=menu.prompt, options=options)
        )
    for button in answer.buttons:
        view.add_item(
            discord.ui.Button(label=button.label, custom_id=button.press, style=button.style)
        )
    view.stop()
    return view if view.children else None


def files_of(answer: Answer) -> list[discord.File]:
    """The files for one sending: sending reads them up."""
    return [discord.File(io.BytesIO(content), name) for name, content in answer.files]
