"""What the core answers to a command, in plain words."""

from adapters.console.normalise import OWN_FORMS
from adapters.console.render_forget import (
    everything_preview,
    name_preview,
    period_preview,
    receipt,
)
from adapters.console.render_memory import edited, entity_page, promoted, undone, versions
from adapters.console.render_privacy import rights
from adapters.console.wording import (
    because,
    count,
    date,
    item_line,
    line,
    listed,
    may_promote,
    memory_line,
    where_used,
)
from bot.receipts import (
    EverythingPreview,
    Exported,
    ForgetPreview,
    NamePreview,
    OptedIn,
    OptedOut,
    Paused,
    PeriodPreview,
    PrivacyCard,
    Receipt,
    Resumed,
)
from bot.redaction import tell
from bot.results import (
    CommandResult,
    Edited,
    EntityPage,
    FreshHistory,
    Help,
    MemoriesEverywhere,
    MemoryPage,
    MemoryVersions,
    Promoted,
    RecalledEverywhere,
    RecallResult,
    Remembered,
    Undone,
    Why,
)
from bot.types import memory_name

_OWN_SPACE = "An id counts in its own space: /forget ID works there."


def render(result: CommandResult) -> str:
    """The answer to a command: lines without a final line end, safe for a terminal."""
    match result:
        case Help():
            lines = _help(result)
        case Remembered():
            lines = [_remembered(result)]
            if result.redacted:
                lines.append(tell(result.redacted))
        case RecallResult():
            lines = _recalled(result)
        case RecalledEverywhere():
            lines = _recalled_everywhere(result)
        case MemoryPage():
            lines = _page(result)
        case MemoriesEverywhere():
            lines = _page_everywhere(result)
        case MemoryVersions():
            lines = versions(result)
        case EntityPage():
            lines = entity_page(result)
        case Edited():
            lines = [edited(result)]
            if result.redacted:
                lines.append(tell(result.redacted))
        case Promoted():
            lines = [promoted(result)]
        case Undone():
            lines = undone(result)
        case ForgetPreview():
            lines = _preview(result)
        case PeriodPreview():
            lines = period_preview(result)
        case NamePreview():
            lines = name_preview(result)
        case EverythingPreview():
            lines = everything_preview(result)
        case Receipt():
            lines = [receipt(result)]
        case Why():
            lines = _why(result)
        case Exported(stem=stem):
            lines = [f"All that I keep about you is in {stem}.json; {stem}.md is the same to read."]
        case PrivacyCard() | Paused() | Resumed() | OptedOut() | OptedIn():
            lines = rights(result)
        case FreshHistory():
            lines = ["We start afresh here. What I remember stays."]
    return "\n".join(lines)


def _help(result: Help) -> list[str]:
    forms = (*result.forms, *OWN_FORMS)
    width = max(len(form) for form, _ in forms)
    return ["What you can type:"] + [
        f"  {line(form).ljust(width)}  {line(purpose)}" for form, purpose in forms
    ]


def _remembered(result: Remembered) -> str:
    memory = result.memory
    where = where_used(memory.audience)
    name = memory_name(memory.number)
    if result.known:
        kept = f"I knew that already: {name} from {date(memory.said_at)}, “{line(memory.text)}”."
    else:
        kept = f"I will remember that as {name}."
    if memory.number < 0:
        return f"{kept} I use it {where}, for everybody. /forget {name} takes it back."
    return " ".join([kept, f"I use it {where}.", *([may_promote(memory)] if result.narrow else [])])


def _recalled(result: RecallResult) -> list[str]:
    if not result.found:
        about = "about you yet" if result.query is None else f"about “{line(result.query)}”"
        return [f"I know nothing {about}."]
    head = "The newest I know:"
    if result.query is not None:
        head = f"What I know about “{line(result.query)}”:"
    return [head, *(item_line(recalled.item) for recalled in result.found)]


def _recalled_everywhere(result: RecalledEverywhere) -> list[str]:
    about = "about you" if result.query is None else f"about “{line(result.query)}”"
    if not result.spaces:
        return [f"I know nothing {about} in any space."]
    lines = [f"What I know {about} in every space:"]
    for space, found in result.spaces:
        lines += [f"In {line(space)}:", *(item_line(recalled.item) for recalled in found)]
    return [*lines, _OWN_SPACE]


def _page_everywhere(result: MemoriesEverywhere) -> list[str]:
    if result.total == 0:
        return ["I know nothing about you in any space."]
    where = f"page {result.page} of {result.pages}"
    lines = [
        f"What I know in every space, newest first ({where}, {count(result.total, 'memory')}):"
    ]
    for space, memories in result.spaces:
        lines += [f"In {line(space)}:", *map(memory_line, memories)]
    if result.page < result.pages:
        lines.append(f"/memories everywhere {result.page + 1} shows the next page.")
    return [*lines, _OWN_SPACE]


def _page(result: MemoryPage) -> list[str]:
    form, what, none = "/memories", "What I know", "I know nothing about you yet."
    if result.shared:
        form, what = "/memories shared", "What was shared with everybody here"
        none = "Nothing was shared with everybody here."
    if result.total == 0:
        return [none]
    where = f"page {result.page} of {result.pages}"
    if not result.memories:
        return [f"There is no page {result.page}; {form} {result.pages} shows the last one."]
    lines = [f"{what}, newest first ({where}, {count(result.total, 'memory')}):"]
    lines += map(memory_line, result.memories)
    if result.page < result.pages:
        lines.append(f"{form} {result.page + 1} shows the next page.")
    return lines


def _preview(result: ForgetPreview) -> list[str]:
    query = line(result.query)
    if not result.memories:
        return [f"I know nothing about “{query}”. Nothing was forgotten."]
    lines = [f"Nothing is forgotten yet. About “{query}” I know:"]
    lines += map(memory_line, result.memories)
    also = listed(
        count(number, noun)
        for number, noun in ((result.messages, "message"), (result.summaries, "summary"))
        if number
    )
    if also:
        lines.append(f"With all of them would also go {also}.")
    if result.more:
        lines.append(f"{count(result.more, 'other text')} match too: ask again afterwards.")
    ids = " ".join(memory_name(memory.number) for memory in result.memories)
    which = "it" if len(result.memories) == 1 else "them, or name fewer"
    lines.append(f"To forget {which}: /forget {ids}")
    return lines


def _why(result: Why) -> list[str]:
    if result.answered_at is None:
        return ["I have not answered you here yet."]
    reply = f"My last reply to you here ({date(result.answered_at)}, turn {result.turn})"
    used = [
        f"{memory_line(memory)}\n      {because(result.memory_parts.get(memory.number))}"
        for memory in result.memories
    ]
    used += [
        f"{item_line(message)}\n      {because(result.message_parts.get(message.id))}"
        for message in result.messages
    ]
    if result.summary is not None:
        used.append(f"  the summary of what came earlier here  ({date(result.summary.made_at)})")
    if result.history:
        used.append(f"  the last {count(result.history, 'turn')} of this conversation")
    if not used:
        return [f"{reply} used no memories and no earlier messages."]
    return [f"{reply} used:", *used]
