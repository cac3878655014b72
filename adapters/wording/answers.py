"""What the core answers to a command, in plain words."""

from adapters.wording.forgetting import (
    everything_preview,
    name_preview,
    period_preview,
    receipt,
)
from adapters.wording.memories import edited, entity_page, promoted, undone, versions
from adapters.wording.parts import columns, item, named, typed, under, written
from adapters.wording.rights import rights
from adapters.wording.words import (
    because,
    count,
    date,
    item_line,
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
from bot.secret_marks import tell
from bot.types import memory_name

_OWN_SPACE = f"An id counts in its own space: {typed('/forget ID')} works there."


def answer(result: CommandResult) -> list[str]:
    """The answer to a command: lines of parts, for a `Style` to draw."""
    match result:
        case Help():
            return _help(result)
        case Remembered():
            return [_remembered(result), *_taken_out(result.redacted)]
        case RecallResult():
            return _recalled(result)
        case RecalledEverywhere():
            return _recalled_everywhere(result)
        case MemoryPage():
            return _page(result)
        case MemoriesEverywhere():
            return _page_everywhere(result)
        case MemoryVersions():
            return versions(result)
        case EntityPage():
            return entity_page(result)
        case Edited():
            return [edited(result), *_taken_out(result.redacted)]
        case Promoted():
            return [promoted(result)]
        case Undone():
            return undone(result)
        case ForgetPreview():
            return _preview(result)
        case PeriodPreview():
            return period_preview(result)
        case NamePreview():
            return name_preview(result)
        case EverythingPreview():
            return everything_preview(result)
        case Receipt():
            return [receipt(result)]
        case Why():
            return _why(result)
        case Exported(stem=stem):
            whole, readable = written(f"{stem}.json"), written(f"{stem}.md")
            return [f"All that I keep about you is in {whole}; {readable} is the same to read."]
        case PrivacyCard() | Paused() | Resumed() | OptedOut() | OptedIn():
            return rights(result)
        case FreshHistory():
            return ["We start afresh here. What I remember stays."]


def _taken_out(kinds: tuple[str, ...]) -> list[str]:
    return [tell(kinds)] if kinds else []


def _help(result: Help) -> list[str]:
    return ["What you can type:", *columns(result.forms)]


def _remembered(result: Remembered) -> str:
    memory = result.memory
    where = where_used(memory.audience)
    name = named(memory.number)
    if result.known:
        kept = f"I knew that already: {name} from {date(memory.said_at)}, “{written(memory.text)}”."
    else:
        kept = f"I will remember that as {name}."
    if memory.number < 0:
        back = typed(f"/forget {memory_name(memory.number)}")
        return f"{kept} I use it {where}, for everybody. {back} takes it back."
    return " ".join([kept, f"I use it {where}.", *([may_promote(memory)] if result.narrow else [])])


def _recalled(result: RecallResult) -> list[str]:
    if not result.found:
        about = "about you yet" if result.query is None else f"about “{written(result.query)}”"
        return [f"I know nothing {about}."]
    head = "The newest I know:"
    if result.query is not None:
        head = f"What I know about “{written(result.query)}”:"
    return [head, *(item_line(recalled.item) for recalled in result.found)]


def _recalled_everywhere(result: RecalledEverywhere) -> list[str]:
    about = "about you" if result.query is None else f"about “{written(result.query)}”"
    if not result.spaces:
        return [f"I know nothing {about} in any space."]
    lines = [f"What I know {about} in every space:"]
    for space, found in result.spaces:
        lines += [f"In {written(space)}:", *(item_line(recalled.item) for recalled in found)]
    return [*lines, _OWN_SPACE]


def _page_everywhere(result: MemoriesEverywhere) -> list[str]:
    if result.total == 0:
        return ["I know nothing about you in any space."]
    where = f"page {result.page} of {result.pages}"
    lines = [
        f"What I know in every space, newest first ({where}, {count(result.total, 'memory')}):"
    ]
    for space, memories in result.spaces:
        lines += [f"In {written(space)}:", *map(memory_line, memories)]
    if result.page < result.pages:
        lines.append(f"{typed(f'/memories everywhere {result.page + 1}')} shows the next page.")
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
        last = typed(f"{form} {result.pages}")
        return [f"There is no page {result.page}; {last} shows the last one."]
    lines = [f"{what}, newest first ({where}, {count(result.total, 'memory')}):"]
    lines += map(memory_line, result.memories)
    if result.page < result.pages:
        lines.append(f"{typed(f'{form} {result.page + 1}')} shows the next page.")
    return lines


def _preview(result: ForgetPreview) -> list[str]:
    query = written(result.query)
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
    lines.append(f"To forget {which}: {typed(f'/forget {ids}')}")
    return lines


def _why(result: Why) -> list[str]:
    if result.answered_at is None:
        return ["I have not answered you here yet."]
    reply = f"My last reply to you here ({date(result.answered_at)}, turn {result.turn})"
    used: list[str] = []
    for memory in result.memories:
        why = because(result.memory_parts.get(memory.number))
        used += [memory_line(memory), under(why)]
    for message in result.messages:
        why = because(result.message_parts.get(message.id))
        used += [item_line(message), under(why)]
    if result.summary is not None:
        made = f"({date(result.summary.made_at)})"
        used.append(item("the summary of what came earlier here", made))
    if result.history:
        used.append(item(f"the last {count(result.history, 'turn')} of this conversation"))
    if not used:
        return [f"{reply} used no memories and no earlier messages."]
    return [f"{reply} used:", *used]
