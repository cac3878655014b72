"""What the Home tab looks like: what Ellie knows about a person here, and what they can do."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import count
from typing import Any
from urllib.parse import quote, unquote

from adapters.slack.answers import Button, plain_text, row
from adapters.slack.drawing import (
    PROMOTE,
    cut,
    may_edit,
    may_forget,
    may_promote,
    rights,
)
from adapters.slack.ids import forgetting, on_memory, press
from adapters.slack.render import Block, bold, drawn, inert, render, rich
from adapters.wording.lengths import shortened
from adapters.wording.parts import without_item
from adapters.wording.pressing import Listed, Verb
from adapters.wording.words import count as counted
from adapters.wording.words import item_line, memory_line
from bot.receipts import PrivacyCard
from bot.types import Memory, Message, memory_name

CALLBACK = "home"
FIND, CLEAR, SETTINGS = "find", "clear", "settings"
MEMORY_UNITS = 600
LONGEST_QUERY = 200
MOST_PAGE = 999_999
ERASE = "/forget everything yes"
SURE = "All that I keep about you here goes. Nobody can bring it back."
OPTED_OUT = "You opted out: I ignore you, and keep nothing by or about you."
ABOUT = (
    "I answer you in direct messages, and where you mention me. What you tell me I remember for "
    "you alone; what was said in a closed place stays there. The slash commands /remember, "
    "/recall, /forget, /memories, /why, /privacy and /new do the same as this page; in threads "
    "write them to me as words."
)
OTHER = "Other things"


@dataclass(frozen=True, slots=True)
class HomeState:
    """Which list and page is shown, or what was looked for. `round` empties the search field."""

    listed: Listed = Listed.MINE
    page: int = 1
    query: str = ""
    round: int = 0

    def dump(self) -> dict[str, Any]:
        """For the view's metadata; signs are quoted, because Slack gives them back replaced."""
        return {
            "list": self.listed.value,
            "page": self.page,
            "query": quote(self.query),
            "round": self.round,
        }


def state_of(told: Any) -> HomeState:  # noqa: ANN401 - it comes from outside
    """What `dump` gave; the beginning of the list for anything else."""
    if not isinstance(told, dict) or told.get("list") not in set(Listed):
        return HomeState()
    page, number = told.get("page"), told.get("round")
    return HomeState(
        listed=Listed(told["list"]),
        page=page if isinstance(page, int) and 0 < page <= MOST_PAGE else 1,
        query=unquote(str(told.get("query") or ""))[:LONGEST_QUERY],
        round=number if isinstance(number, int) else 0,
    )


@dataclass(frozen=True, slots=True)
class Known:
    """What is shown of what is known: memories, and messages where something was looked for.

    `line`: what is said instead where it cannot be shown.
    """

    memories: tuple[Memory, ...] = ()
    messages: tuple[Message, ...] = ()
    page: int = 1
    pages: int = 1
    total: int = 0
    line: str | None = None


@dataclass(frozen=True, slots=True)
class Rights:
    """What the one who looks may do here."""

    manages: bool
    guest: bool


def away(notice: str | None) -> list[Block]:
    """The tab of who opted out: only the way back."""
    back = Button("Hear me again", press(Verb.RIGHT, "opt-in", "here"), "primary")
    return [*_notice(notice), *rich(OPTED_OUT), row([back], 0)]


def home(
    known: Known, card: PrivacyCard | None, state: HomeState, who: Rights, notice: str | None
) -> list[Block]:
    """All blocks of the tab: fewer than a hundred."""
    places = count()
    blocks = [*_notice(notice), _header("What I know"), _search(state), *_lists(state, who, places)]
    blocks += _known(known, state, who, places)
    if card is not None:
        blocks += [{"type": "divider"}, _header("Your privacy"), *rich(render(card))[:5]]
        blocks.append(_row(_rights(card), places))
    if who.manages:
        blocks += [
            {"type": "divider"},
            _header("This workspace"),
            _row(
                [
                    Button("Settings …", press(SETTINGS)),
                    Button("Erase this workspace …", press(Verb.PURGE), "danger"),
                ],
                places,
            ),
        ]
    return [*blocks, {"type": "divider"}, *rich(ABOUT)]


def _notice(notice: str | None) -> list[Block]:
    return [] if notice is None else [*rich(notice)[:2], {"type": "divider"}]


def _header(text: str) -> Block:
    return {"type": "header", "text": plain_text(text, 150)}


def _row(buttons: list[Button], places: "count[int]") -> Block:
    made = row(buttons, next(places))
    for _ in buttons[1:]:
        next(places)
    return made


def _search(state: HomeState) -> Block:
    field: Block = {
        "type": "plain_text_input",
        "action_id": f"do:{FIND}:0",
        "max_length": LONGEST_QUERY,
        "dispatch_action_config": {"trigger_actions_on": ["on_enter_pressed"]},
        "placeholder": plain_text("Words, a name, a time", 150),
    }
    if state.query:
        field["initial_value"] = state.query
    return {
        "type": "input",
        "block_id": f"{FIND}:{state.round}",
        "dispatch_action": True,
        "optional": True,
        "label": plain_text("Look for something, and press Enter", 2000),
        "element": field,
    }


def _lists(state: HomeState, who: Rights, places: "count[int]") -> list[Block]:
    """What else can be shown: guests see nothing that was shared."""
    mine, shared = press(Verb.PAGE, Listed.MINE, 1), press(Verb.PAGE, Listed.SHARED, 1)
    buttons = [Button("Show all", press(CLEAR))] if state.query else []
    if state.listed is Listed.SHARED:
        buttons.append(Button("About me", mine))
    elif not who.guest:
        buttons.append(Button("Shared with everybody here", shared))
    return [_row(buttons, places)] if buttons else []


def _known(known: Known, state: HomeState, who: Rights, places: "count[int]") -> list[Block]:
    if known.line is not None:
        return rich(known.line)
    blocks = rich(_head(known, state))
    groups = _groups(known.memories)
    for label, memories in groups:
        if len(groups) > 1 or label != OTHER:
            blocks += rich(bold(label))
        for memory in memories:
            blocks += rich(drawn(without_item(memory_line(cut(memory, MEMORY_UNITS)))))
            blocks.append(_row(_doing(memory, state, who), places))
    for message in known.messages:
        said = replace(message, text=shortened(message.text, MEMORY_UNITS))
        blocks += rich(drawn(item_line(said)))
    turning = [
        Button(label, press(Verb.PAGE, state.listed, page))
        for label, page in (("◀ Newer", known.page - 1), ("Older ▶", known.page + 1))
        if 1 <= page <= known.pages
    ]
    return [*blocks, _row(turning, places)] if turning else blocks


def _head(known: Known, state: HomeState) -> str:
    if state.query:
        found = "What I know about" if known.memories or known.messages else "I know nothing about"
        return f"{found} “{inert(state.query)}”."
    if not known.total:
        shared = state.listed is Listed.SHARED
        return (
            "Nothing was shared with everybody here."
            if shared
            else "I know nothing about you here yet."
        )
    what = "Shared with everybody here" if state.listed is Listed.SHARED else "About you, here"
    where = f"page {known.page} of {known.pages}"
    return f"{what}: {counted(known.total, 'memory')}, newest first ({where})."


def _groups(memories: Iterable[Memory]) -> list[tuple[str, list[Memory]]]:
    """The memories by whom or what they are about: the person first, what is of nobody last."""
    held: dict[str, list[Memory]] = {"About you": []}
    rest: list[Memory] = []
    for memory in memories:
        if memory.slot is None:
            rest.append(memory)
        else:
            entity = memory.slot.entity
            label = "About you" if entity is None else f"About {inert(shortened(entity, 100))}"
            held.setdefault(label, []).append(memory)
    return [one for one in [*held.items(), (OTHER, rest)] if one[1]]


def _doing(memory: Memory, state: HomeState, who: Rights) -> list[Button]:
    name, number = memory_name(memory.number), memory.number

    def button(label: str, verb: Verb) -> Button:
        return Button(label, on_memory(verb, number, state.listed, state.page))

    found = [button("Why", Verb.WHY)]
    if may_edit(memory, who.manages):
        found.append(button("Edit", Verb.EDIT))
    if may_forget(memory, who.manages):
        sure = f"{name} goes, and every reply and summary that it went into."
        found.append(Button("Forget", forgetting((number,)), "danger", sure))
    if may_promote(memory):
        found.append(button(PROMOTE, Verb.PROMOTE))
    return found


def _rights(card: PrivacyCard) -> list[Button]:
    """As below the card; what erases asks in a dialog."""
    erase = Button("Erase everything …", press(Verb.LINE, ERASE), "danger", SURE)
    return [erase if "everything" in one.press else one for one in rights(card)]
