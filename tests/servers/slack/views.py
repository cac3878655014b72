"""Modals and Home tabs: what a view may be, and the stack of modals before a person."""

import json
from dataclasses import dataclass, field
from itertools import chain

from tests.servers.slack import blocks as kit
from tests.servers.slack.errors import SlackError, invalid
from tests.servers.slack.ground import Ids, Json, Wire
from tests.servers.slack.installs import Installation
from tests.servers.slack.surfaces import Shown, elements

DEEPEST = 3
TITLE = 24
KEYS = frozenset(
    {"type", "title", "blocks", "close", "submit", "private_metadata", "callback_id"}
    | {"clear_on_close", "notify_on_close", "external_id", "submit_disabled"}
)
HOME_KEYS = frozenset({"type", "blocks", "private_metadata", "callback_id", "external_id"})


@dataclass(slots=True, eq=False)
class View(Shown):
    """A modal or a Home tab. `given` is what the app sent, `state` what the person filled in."""

    id: str
    installation: Installation
    user: str
    team: str
    given: Json
    blocks: list[Json]
    hash: str
    root: str = ""
    previous: str | None = None
    text: str = ""
    state: dict[str, Json] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    """What the app said is wrong with the last submission, by block_id."""

    @property
    def title(self) -> str:
        return str(self.given.get("title", {}).get("text", ""))

    @property
    def callback_id(self) -> str:
        return str(self.given.get("callback_id", ""))

    @property
    def private_metadata(self) -> str:
        return str(self.given.get("private_metadata", ""))

    def json(self, app_id: str) -> Json:
        """As answers and interactions show it."""
        empty = {"text": "", "type": "plain_text"}
        home = self.given["type"] == "home"
        return {
            "id": self.id, "team_id": self.team, "type": self.given["type"],
            "blocks": self.blocks, "private_metadata": self.private_metadata,
            "callback_id": self.callback_id, "state": {"values": self.values()},
            "hash": self.hash, "title": empty if home else self.given["title"],
            "clear_on_close": self.given.get("clear_on_close", False),
            "notify_on_close": self.given.get("notify_on_close", False),
            "close": self.given.get("close"), "submit": self.given.get("submit"),
            "previous_view_id": self.previous, "root_view_id": self.root or self.id,
            "app_id": app_id, "external_id": self.given.get("external_id", ""),
            "app_installed_team_id": self.installation.at,
            "bot_id": self.installation.bot_id,
        }  # fmt: skip

    def values(self) -> dict[str, Json]:
        """The state of every stateful element: filled in, or as the app preset it."""
        shown: dict[str, Json] = {}
        for block in self.blocks:
            for element in elements(block):
                value = self.state.get(element["action_id"]) or preset(element)
                if value is not None:
                    shown.setdefault(block["block_id"], {})[element["action_id"]] = value
        return shown


def preset(element: Json) -> Json | None:
    """The state of an element that nobody touched; None for those without state."""
    kind = element["type"]
    typed = ("plain_text", "number", "email_text", "url_text")
    names = {f"{what}_input": ("value", "initial_value") for what in typed} | {
        "datepicker": ("selected_date", "initial_date"),
        "timepicker": ("selected_time", "initial_time"),
        "checkboxes": ("selected_options", "initial_options"),
        "radio_buttons": ("selected_option", "initial_option"),
    }
    if kind in names:
        key, first = names[kind]
    elif kind.endswith("_select"):
        what = kind.removeprefix("multi_").removesuffix("_select")
        what = "option" if what in ("static", "external") else what.removesuffix("s")
        many = "s" if kind.startswith("multi_") else ""
        key, first = f"selected_{what}{many}", f"initial_{what}{many}"
    else:
        return None
    empty: Wire = [] if key.endswith("s") else None
    return {"type": kind, key: element.get(first, empty)}


def filled(element: Json, given: Wire) -> Json:
    """The state once a person has typed or chosen; options by their value, or by their text.

    AssertionError where Slack would not let them.
    """
    state = preset(element)
    assert state is not None, f"{element['type']} holds no state"
    key = next(name for name in state if name != "type")
    if key.startswith("selected_option"):
        many = key.endswith("s")
        state[key] = [option(element, one) for one in given] if many else option(element, given)
    else:
        least, most = element.get("min_length", 0), element.get("max_length", 3000)
        fits = not isinstance(given, str) or not given or least <= len(given) <= most
        assert fits, f"Slack takes {least} to {most} characters here"
        state[key] = given if given != "" else None
    return state


def option(element: Json, given: Wire) -> Json | None:
    """The option by its value or text; of an external menu, one that was suggested."""
    if given is None or element["type"].endswith("external_select"):
        found: Json | None = given
        return found
    groups = (group["options"] for group in element.get("option_groups", []))
    options = [*element.get("options", []), *chain.from_iterable(groups)]
    for one in options:
        if given in (one["value"], one["text"]["text"]):
            return {"text": one["text"], "value": one["value"]}
    raise AssertionError(f"{given!r} is not among {[one['value'] for one in options]}")


def check(view: Wire, *, home: bool) -> None:
    """`invalid_arguments`, as Slack says it, where it is not a good view."""
    if not isinstance(view, dict):
        raise invalid("view must be an object")
    wanted = "home" if home else "modal"
    wrong = [] if view.get("type") == wanted else [f"view type must be {wanted}"]
    wrong += [f"unknown field {n}" for n in sorted(view.keys() - (HOME_KEYS if home else KEYS))]
    if "blocks" not in view:
        wrong.append("missing required field: blocks")
    blocks = view.get("blocks", [])
    wrong += kit.problems(blocks, most=kit.VIEW_BLOCKS, allowed=kit.IN_VIEWS)
    for name, most in (("private_metadata", 3000), ("callback_id", 255), ("external_id", 255)):
        if len(view.get(name) or "") > most:
            wrong.append(f"{name}: must be less than {most + 1} characters")
    if not home:
        wrong += [f"title: {w}" for w in kit.text_object(view.get("title"), TITLE, plain=True)]
        for name in {"submit", "close"} & view.keys():
            wrong += [f"{name}: {w}" for w in kit.text_object(view[name], TITLE, plain=True)]
        if "submit" not in view and any(b.get("type") == "input" for b in blocks):
            wrong.append("submit is required when an input block is within the blocks array")
    if wrong:
        raise invalid(*wrong)
    if len(json.dumps(view).encode()) > 250_000:
        raise SlackError("view_too_large")


class Stack:
    """The modals before one person, the upper ones last; at most three."""

    def __init__(self) -> None:
        self.views: list[View] = []

    @property
    def top(self) -> View | None:
        return self.views[-1] if self.views else None

    def push(self, view: View) -> None:
        if len(self.views) >= DEEPEST:
            raise SlackError("push_limit_reached")
        root = self.views[0].id if self.views else view.id
        view.root, view.previous = root, self.views[-1].id if self.views else None
        self.views.append(view)

    def replace(self, old: View, new: View) -> None:
        new.id, new.root, new.previous = old.id, old.root, old.previous
        self.views[self.views.index(old)] = new


def fresh_hash(ids: Ids) -> str:
    return f"{ids.ts()}.{ids.fresh('h')}"
