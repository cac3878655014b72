"""What the core answers becomes what is shown, with what can be pressed below it."""

from collections.abc import Callable
from dataclasses import replace

from adapters.slack.answers import LONGEST_OPTION, MESSAGE_UNITS, Answer, Button, Choice, Menu
from adapters.slack.ids import confirming, forgetting, on_memory, press
from adapters.slack.render import inert, render, split
from adapters.wording.lengths import shortened, units
from adapters.wording.pressing import OPT_OUT, Listed, Verb, period_line
from bot.receipts import (
    EverythingPreview,
    Exported,
    ForgetPreview,
    NamePreview,
    PeriodPreview,
    PrivacyCard,
)
from bot.results import CommandResult, MemoriesEverywhere, MemoryPage, MemoryVersions
from bot.types import Memory, Space, memory_name

PAGE_TEXTS = (600, 400, 200, 120, 70)
"""To so many units the texts of a page are cut: the first with which it is one message."""
DETAIL_TEXTS = (3000, 1800, 800)
PROMOTE = "Use it anywhere in this workspace"
KEEP = Button("Keep", press(Verb.KEEP))


def say(text: str, *buttons: Button) -> Answer:
    """A text with buttons."""
    return Answer(tuple(split(text, MESSAGE_UNITS)), buttons=buttons)


def draw(result: CommandResult, manages: bool) -> Answer:
    """The answer to a command. `manages`: to somebody who manages the workspace."""
    match result:
        case MemoryPage():
            return _page(result)
        case MemoriesEverywhere():
            return _page_everywhere(result)
        case ForgetPreview():
            return _offer(result)
        case PeriodPreview(losses=losses) if losses.total or losses.messages or losses.summaries:
            return _confirm(result, confirming(period_line(result.period)))
        case EverythingPreview(since=since) if since is not None:
            return _confirm(result, confirming(result.confirm))
        case NamePreview():
            return _confirm(result, confirming(result.confirm))
        case PrivacyCard():
            return say(render(result), *rights(result))
        case Exported():
            return _export(result)
        case MemoryVersions():
            return whole(result, manages, Listed.MINE, 1)
        case _:
            return say(render(result))


# --- one memory


def whole(result: MemoryVersions, manages: bool, listed: Listed, page: int) -> Answer:
    """All of one memory: what it was, where it comes from."""
    doing = _doing(result.memory, manages, listed, page)
    return say(render(result), *doing, back(listed, page))


def detail(result: MemoryVersions, manages: bool, listed: Listed, page: int) -> Answer:
    """One memory, picked from a page, with what can be done to it."""
    why = Button("Why", on_memory(Verb.WHY, result.memory.number, listed, page))
    doing = _doing(result.memory, manages, listed, page)
    return Answer((_alone(result),), buttons=(*doing, why, back(listed, page)))


def leave_taking(result: MemoryVersions, manages: bool, listed: Listed, page: int) -> Answer:
    """What goes with a memory that is to be forgotten, to be confirmed."""
    number = result.memory.number
    return Answer(
        (f"Nothing is forgotten yet.\n{_alone(result)}\n{what_goes(result)}",),
        buttons=(
            Button("Forget", forgetting((number,)), "danger"),
            Button("Keep", on_memory(Verb.SHOW, number, listed, page)),
        ),
    )


def what_goes(result: MemoryVersions) -> str:
    """What goes with a memory, in a sentence."""
    with_it = [
        f"{count} {noun if count == 1 else nouns}"
        for count, noun, nouns in (
            (len(result.versions), "earlier version", "earlier versions"),
            (len(result.sources), "message that it comes from", "messages that it comes from"),
        )
        if count
    ]
    also = "".join(f"{part}, " for part in with_it)
    return f"With it would go {also}and every reply and summary that any of it went into."


def back(listed: Listed, page: int) -> Button:
    """The way back to a list."""
    return Button("Back to the list", press(Verb.PAGE, listed, page))


def _alone(result: MemoryVersions) -> str:
    alone = replace(result, versions=(), sources=(), supersedes=(), superseded_by=())
    return _fitting(
        DETAIL_TEXTS, lambda length: render(replace(alone, memory=cut(alone.memory, length)))
    )


def _doing(memory: Memory, manages: bool, listed: Listed, page: int) -> list[Button]:
    found = []
    if may_edit(memory, manages):
        found.append(Button("Edit", on_memory(Verb.EDIT, memory.number, listed, page), "primary"))
    if may_forget(memory, manages):
        found.append(Button("Forget", on_memory(Verb.ASK, memory.number, listed, page), "danger"))
    if may_promote(memory):
        found.append(Button(PROMOTE, on_memory(Verb.PROMOTE, memory.number, listed, page)))
    return found


def may_forget(memory: Memory, manages: bool) -> bool:
    """Whether it is one's own, or one manages the workspace that it is shared with."""
    return memory.number > 0 or manages


def may_edit(memory: Memory, manages: bool) -> bool:
    """The same, of what nobody else said."""
    return may_forget(memory, manages) and not memory.quoted


def may_promote(memory: Memory) -> bool:
    """Whether it is one's own words, used in fewer places than could be."""
    return memory.number > 0 and not memory.quoted and not isinstance(memory.audience, Space)


# --- lists


def _page(result: MemoryPage) -> Answer:
    listed = Listed.SHARED if result.shared else Listed.MINE
    text = _fitting(
        PAGE_TEXTS,
        lambda length: render(
            replace(result, memories=tuple(cut(memory, length) for memory in result.memories))
        ),
    )
    choices = tuple(
        Choice(on_memory(Verb.PICK, memory.number, listed, result.page), _label(memory))
        for memory in result.memories
    )
    menu = Menu("Look at one", choices) if choices else None
    return Answer((text,), menu, _turning(listed, result.page, result.pages))


def _page_everywhere(result: MemoriesEverywhere) -> Answer:
    text = _fitting(
        PAGE_TEXTS,
        lambda length: render(
            replace(
                result,
                spaces=tuple(
                    (space, tuple(cut(memory, length) for memory in memories))
                    for space, memories in result.spaces
                ),
            )
        ),
    )
    return Answer((text,), buttons=_turning(Listed.EVERYWHERE, result.page, result.pages))


def _turning(listed: Listed, page: int, pages: int) -> tuple[Button, ...]:
    newer = Button("◀ Newer", press(Verb.PAGE, listed, page - 1))
    older = Button("Older ▶", press(Verb.PAGE, listed, page + 1))
    return (*([newer] if page > 1 else []), *([older] if page < pages else []))


def _fitting(lengths: tuple[int, ...], rendered: Callable[[int], str]) -> str:
    """What is rendered with the first of the lengths with which it is one message."""
    for length in lengths:
        text = rendered(length)
        if units(text) <= MESSAGE_UNITS:
            return text
    return split(text, MESSAGE_UNITS)[0]


def cut(memory: Memory, length: int) -> Memory:
    """The memory with a text of at most so many units."""
    return replace(memory, text=shortened(memory.text, length))


def _label(memory: Memory) -> str:
    """A memory in a menu, where text is plain."""
    text = f"{memory_name(memory.number)} · {inert(memory.text)}"
    return shortened(" ".join(text.split()), LONGEST_OPTION)


# --- previews, rights


def _offer(result: ForgetPreview) -> Answer:
    numbers = tuple(memory.number for memory in result.memories)
    if not numbers:
        return say(render(result))
    return say(render(result), Button("Forget", forgetting(numbers), "danger"), KEEP)


def _confirm(result: CommandResult, value: str | None) -> Answer:
    """A preview with a button that erases it; None: the line is to be typed."""
    forget = [] if value is None else [Button("Forget", value, "danger"), KEEP]
    return say(render(result), *forget)


def rights(card: PrivacyCard) -> tuple[Button, ...]:
    """What can be done about what is kept."""
    reach = "everywhere" if card.everywhere else "here"
    here, *_ = card.spaces
    if here.opted_out:
        return (Button("Hear me again", press(Verb.RIGHT, "opt-in", reach), "primary"),)
    state = "resume" if here.paused else "pause"
    return (
        Button(state.capitalize(), press(Verb.RIGHT, state, reach), "primary"),
        Button("Export", press(Verb.RIGHT, "export", reach)),
        Button("Opt out …", press(Verb.RIGHT, "opt-out", reach), "danger", OPT_OUT),
        Button("Erase everything …", press(Verb.RIGHT, "everything", reach), "danger"),
    )


def _export(result: Exported) -> Answer:
    return replace(
        say(render(result)),
        files=(
            (f"{result.stem}.json", result.json_text.encode()),
            (f"{result.stem}.md", result.markdown.encode()),
        ),
    )
