"""What is shown for a command: text in parts, files, and what can be pressed below it."""

from dataclasses import dataclass, field
from typing import Literal

from adapters.slack.ids import action_id
from adapters.slack.render import Block, fallback, rich
from adapters.wording.lengths import shortened

MESSAGE_UNITS = 3800
"""So long a message's text is; all that Slack would take is more than anybody reads."""
LONGEST_LABEL, LONGEST_OPTION = 75, 75
LONGEST_CONFIRM = 300
Style = Literal["primary", "danger"]


@dataclass(frozen=True, slots=True)
class Button:
    """`press` is its value. `sure`: asked in a dialog before anything is sent."""

    label: str
    press: str
    style: Style | None = None
    sure: str | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """One entry of a `Menu`: `press` comes back, `label` is for people."""

    press: str
    label: str


@dataclass(frozen=True, slots=True)
class Menu:
    """A select from which one entry is taken."""

    prompt: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """`parts` are messages of their own, in order, marked as by `render`; controls below the last.

    `files`: (name, what is in it); they come in private.
    """

    parts: tuple[str, ...]
    menu: Menu | None = None
    buttons: tuple[Button, ...] = ()
    files: tuple[tuple[str, bytes], ...] = field(default=(), repr=False)

    def messages(self) -> list[Block]:
        """The text and the blocks of each message."""
        shown: list[Block] = [{"text": fallback(part), "blocks": rich(part)} for part in self.parts]
        elements = [*([_select(self.menu)] if self.menu else []), *map(_button, self.buttons)]
        if elements:
            shown[-1]["blocks"].append(actions(elements))
        return shown


def actions(elements: list[Block], first: int = 0) -> Block:
    """A row of controls. `first`: the place of the first one among all of a view."""
    for place, element in enumerate(elements, start=first):
        element["action_id"] = action_id(element.pop("press"), place)
    return {"type": "actions", "elements": elements}


def row(buttons: list[Button], first: int) -> Block:
    """A row of buttons in a view."""
    return actions(list(map(_button, buttons)), first)


def plain_text(text: str, limit: int) -> Block:
    """A text in which every letter is itself."""
    return {"type": "plain_text", "text": shortened(text, limit) or " ", "emoji": False}


def _button(button: Button) -> Block:
    made = {
        "type": "button",
        "text": plain_text(button.label, LONGEST_LABEL),
        "value": button.press,
        "press": button.press,
    }
    if button.style is not None:
        made["style"] = button.style
    if button.sure is not None:
        made["confirm"] = {
            "title": plain_text("Are you sure?", 100),
            "text": plain_text(button.sure, LONGEST_CONFIRM),
            "confirm": plain_text("Yes", 30),
            "deny": plain_text("No", 30),
        }
    return made


def _select(menu: Menu) -> Block:
    return {
        "type": "static_select",
        "placeholder": plain_text(menu.prompt, 150),
        "options": [
            {"text": plain_text(choice.label, LONGEST_OPTION), "value": choice.press}
            for choice in menu.choices
        ],
        "press": menu.choices[0].press,
    }
