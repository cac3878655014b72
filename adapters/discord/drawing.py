"""What the core answers becomes what is shown, with what can be pressed below it."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import discord

from adapters.discord.answers import Answer, Button, Choice, Menu
from adapters.discord.ids import (
    forget_ids,
    line_id,
    on_memory,
    press_id,
)
from adapters.discord.interactions import Interaction, is_private, may_manage
from adapters.discord.previews import named_line
from adapters.discord.render import render
from adapters.wording.lengths import shortened
from adapters.wording.pressing import Listed, Verb, period_line
from adapters.wording.splitting import split
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

LONGEST_LABEL = 100
PAGE_TEXTS = (400, 200, 120, 70, 40)
"""To so many characters the texts of a page are cut: the first with which it is one message."""
DETAIL_TEXTS = (1800, 1200, 800, 400)
TOO_LARGE = (
    "The export is larger than a file may be here. Who runs me can hand it out: "
    "`ellie memory export`."
)
DANGER, PRIMARY = discord.ButtonStyle.danger, discord.ButtonStyle.primary
KEEP = Button("Keep", press_id(Verb.KEEP))


@dataclass(frozen=True, slots=True)
class Seat:
    """What matters of the one who looks: what they may do here, and how large files may be."""

    manages: bool
    in_server: bool
    file_bytes: int


def seat_of(interaction: Interaction) -> Seat:
    """The seat of the one who gave a command or pressed."""
    return Seat(
        manages=may_manage(interaction),
        in_server=not is_private(interaction),
        file_bytes=interaction.filesize_limit,
    )


def say(text: str, *buttons: Button) -> Answer:
    """A text with buttons."""
    return Answer(tuple(split(text)), buttons=buttons)


def draw(result: CommandResult, seat: Seat) -> Answer:
    """The answer to a command."""
    match result:
        case MemoryPage():
            return _page(result)
        case MemoriesEverywhere():
            return _page_everywhere(result)
        case ForgetPreview():
            return _offer(result)
        case PeriodPreview(losses=losses) if losses.total or losses.messages or losses.summaries:
            return _confirm(result, line_id(period_line(result.period)))
        case EverythingPreview(since=since) if since is not None:
            return _confirm(result, line_id(result.confirm))
        case NamePreview():
            named = named_line(render(result)) == result.confirm
            return _confirm(result, press_id(Verb.NAMED) if named else None)
        case PrivacyCard():
            return _card(result)
        case Exported():
            return _export(result, seat)
        case MemoryVersions():
            return whole(result, seat, Listed.MINE, 1)
        case _:
            return say(render(result))


# --- one memory


def whole(result: MemoryVersions, seat: Seat, listed: Listed, page: int) -> Answer:
    """All of one memory: what it was, where it comes from."""
    doing = _doing(result.memory, seat, listed, page)
    return say(render(result), *doing, back(listed, page))


def detail(result: MemoryVersions, seat: Seat, listed: Listed, page: int) -> Answer:
    """One memory, picked from a page, with what can be done to it."""
    why = Button("Why", on_memory(Verb.WHY, result.memory.number, listed, page))
    doing = _doing(result.memory, seat, listed, page)
    return Answer((_alone(result),), buttons=(*doing, why, back(listed, page)))


def leave_taking(result: MemoryVersions, listed: Listed, page: int) -> Answer:
    """What goes with a memory that is to be forgotten, to be confirmed."""
    with_it = [
        f"{count} {noun if count == 1 else nouns}"
        for count, noun, nouns in (
            (len(result.versions), "earlier version", "earlier versions"),
            (len(result.sources), "message that it comes from", "messages that it comes from"),
        )
        if count
    ]
    also = "".join(f"{part}, " for part in with_it)
    ((_, press),) = forget_ids((result.memory.number,))
    return Answer(
        (
            f"Nothing is forgotten yet.\n{_alone(result)}\n"
            f"With it would go {also}and every reply and summary that any of it went into.",
        ),
        buttons=(
            Button("Forget", press, DANGER),
            Button("Keep", on_memory(Verb.SHOW, result.memory.number, listed, page)),
        ),
    )


def back(listed: Listed, page: int) -> Button:
    """The way back to a list."""
    return Button("Back to the list", press_id(Verb.PAGE, listed, page))


def _alone(result: MemoryVersions) -> str:
    bare = replace(result, versions=(), sources=(), supersedes=(), superseded_by=())
    return _fitting(
        DETAIL_TEXTS, lambda length: render(replace(bare, memory=_cut(bare.memory, length)))
    )


def _doing(memory: Memory, seat: Seat, listed: Listed, page: int) -> list[Button]:
    """What the one in the seat can do to a memory."""

    def button(label: str, verb: Verb, style: discord.ButtonStyle) -> Button:
        return Button(label, on_memory(verb, memory.number, listed, page), style)

    mine = memory.number > 0
    found = []
    if (mine or seat.manages) and not memory.quoted:
        found.append(button("Edit", Verb.EDIT, PRIMARY))
    if mine or seat.manages:
        found.append(button("Forget", Verb.ASK, DANGER))
    if mine and seat.in_server and not memory.quoted and not isinstance(memory.audience, Space):
        label = "Use it anywhere in this server"
        found.append(button(label, Verb.PROMOTE, discord.ButtonStyle.secondary))
    return found


# --- lists


def _page(result: MemoryPage) -> Answer:
    listed = Listed.SHARED if result.shared else Listed.MINE
    text = _fitting(
        PAGE_TEXTS,
        lambda length: render(
            replace(result, memories=tuple(_cut(memory, length) for memory in result.memories))
        ),
    )
    choices = tuple(Choice(memory_name(m.number), _label(m)) for m in result.memories)
    menu = Menu("Look at one", press_id(Verb.PICK, listed, result.page), choices)
    return Answer((text,), menu if choices else None, _turning(listed, result.page, result.pages))


def _page_everywhere(result: MemoriesEverywhere) -> Answer:
    text = _fitting(
        PAGE_TEXTS,
        lambda length: render(
            replace(
                result,
                spaces=tuple(
                    (space, tuple(_cut(memory, length) for memory in memories))
                    for space, memories in result.spaces
                ),
            )
        ),
    )
    return Answer((text,), buttons=_turning(Listed.EVERYWHERE, result.page, result.pages))


def _turning(listed: Listed, page: int, pages: int) -> tuple[Button, ...]:
    newer = Button("◀ Newer", press_id(Verb.PAGE, listed, page - 1))
    older = Button("Older ▶", press_id(Verb.PAGE, listed, page + 1))
    return (*([newer] if page > 1 else []), *([older] if page < pages else []))


def _fitting(lengths: tuple[int, ...], rendered: Callable[[int], str]) -> str:
    """What is rendered with the first of the lengths with which it is one message."""
    for length in lengths:
        pieces = split(rendered(length))
        if len(pieces) == 1:
            break
    return pieces[0]


def _cut(memory: Memory, length: int) -> Memory:
    return replace(memory, text=shortened(memory.text, length))


def _label(memory: Memory) -> str:
    """A memory in a menu, where text is plain."""
    text = f"{memory_name(memory.number)} · {memory.text}"
    return shortened(" ".join(text.split()), LONGEST_LABEL)


# --- previews, rights


def _offer(result: ForgetPreview) -> Answer:
    numbers = tuple(memory.number for memory in result.memories)
    if not numbers:
        return say(render(result))
    presses = forget_ids(numbers)
    buttons = [
        Button(
            "Forget" if len(presses) == 1 else f"Forget {memory_name(some[0])} …",
            press,
            DANGER,
        )
        for some, press in presses
    ]
    return say(render(result), *buttons, KEEP)


def _confirm(result: CommandResult, press: str | None) -> Answer:
    """A preview with a button that erases it; None: the line is to be typed."""
    forget = [] if press is None else [Button("Forget", press, DANGER)]
    return say(render(result), *forget, *([KEEP] if forget else []))


def _card(result: PrivacyCard) -> Answer:
    reach = "everywhere" if result.everywhere else "here"

    def right(label: str, name: str, style: discord.ButtonStyle) -> Button:
        return Button(label, press_id(Verb.RIGHT, name, reach), style)

    grey = discord.ButtonStyle.secondary
    here, *_ = result.spaces
    if here.opted_out:
        return say(render(result), right("Hear me again", "opt-in", PRIMARY))
    pausing = (
        right("Resume", "resume", PRIMARY) if here.paused else right("Pause", "pause", PRIMARY)
    )
    return say(
        render(result),
        pausing,
        right("Export", "export", grey),
        right("Opt out …", "opt-out", DANGER),
        right("Erase everything …", "everything", DANGER),
    )


def _export(result: Exported, seat: Seat) -> Answer:
    files = (
        (f"{result.stem}.json", result.json_text.encode()),
        (f"{result.stem}.md", result.markdown.encode()),
    )
    if any(len(content) > seat.file_bytes for _, content in files):
        return say(TOO_LARGE)
    return replace(say(render(result)), files=files)
