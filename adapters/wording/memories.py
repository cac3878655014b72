"""One memory with its past, an entity's memories, and what an edit or an undo did."""

from adapters.wording.parts import item, named, typed, without_item, written
from adapters.wording.words import (
    date,
    ids,
    listed,
    may_promote,
    memory_line,
    said_in,
    where_used,
)
from bot.results import (
    Edited,
    EntityPage,
    MemoryVersions,
    Promoted,
    Source,
    SourceKind,
    Undone,
    Version,
)
from bot.types import Memory, Slot

_FROM = {
    SourceKind.SAID: "from what you said",
    SourceKind.QUOTED: "from what somebody else said",
    SourceKind.NOTED: "from your /remember",
    SourceKind.EDITED: "edited by you",
}


def versions(result: MemoryVersions) -> list[str]:
    """The memory, what it is about, what it was before, its sources, and its place in time."""
    memory = result.memory
    lines = [without_item(memory_line(memory))]
    if memory.slot is not None:
        lines.append(item(f"about {_slot(memory.slot)}, since {date(memory.valid_from)}"))
    lines += [_version(version, memory) for version in result.versions]
    lines += map(_source, result.sources)
    lines += [item(f"it replaced {_quoted(older)}") for older in result.supersedes]
    lines += [item(f"it was replaced by {_quoted(newer)}") for newer in result.superseded_by]
    return lines


def entity_page(result: EntityPage) -> list[str]:
    """What is known of an entity, and how to see what is left out."""
    name, *others = map(written, result.names)
    also = f" (also {listed(others)})" if others else ""
    lines = [f"What I know about {name}{also}:", *map(memory_line, result.memories)]
    if result.total > len(result.memories):
        more = result.total - len(result.memories)
        form = typed(f"/recall {result.names[0]}")
        lines.append(f"There are {more} more; {form} or {typed('/memories')} finds them.")
    return lines


def edited(result: Edited) -> str:
    """What the memory said, what it says, and where it is used."""
    memory = result.memory
    held = "" if memory.valid_to is None else f" It held until {date(memory.valid_to)}."
    may = f" {may_promote(memory)}" if result.narrow else ""
    return (
        f"{named(memory.number)} said “{written(result.before)}”; now it says "
        f"“{written(memory.text)}”. I use it {where_used(memory.audience)}.{held}{may}"
    )


def promoted(result: Promoted) -> str:
    """Where the memory is used, and that nothing else became public."""
    return (
        f"From now on I use {_quoted(result.memory)} {where_used(result.memory.audience)}, when I "
        f"answer you; until now {where_used(result.before)}. What you said when I learnt it stays "
        "as private as it was."
    )


def undone(result: Undone) -> list[str]:
    """What is gone, what holds again, and what was left alone."""
    done = [f"{named(number)} “{written(text)}” is gone" for number, text in result.removed]
    done += [f"{_quoted(memory)} holds again" for memory in result.reopened]
    done += [
        f"{_quoted(memory)} is as it was before, about "
        f"{'nothing special' if memory.slot is None else _slot(memory.slot)}"
        for memory in result.restored
    ]
    done += [f"{_quoted(memory)} has a source less" for memory in result.unsaid]
    when = f"what I noted on {date(result.made_at)}"
    lines = [f"Undone, {when}: {'; '.join(done)}." if done else f"Of {when} nothing was undone."]
    if result.kept:
        lines.append(f"Left as it is, because you changed or confirmed it: {ids(result.kept)}.")
    if result.missing:
        lines.append(f"Gone since: {ids(result.missing)}.")
    if result.removed:
        lines.append(f"What you said stays; {typed('/forget QUERY')} erases that too.")
    if not done:
        lines.append(f"{typed('/memories undo')} takes back the change before it.")
    return lines


def _version(version: Version, memory: Memory) -> str:
    who = "edited by you" if version.extractor is None else f"changed by me, {version.extractor}"
    about = "" if version.slot is None else f", about {_slot(version.slot)}"
    used = "" if version.audience == memory.audience else f", used {where_used(version.audience)}"
    was = f"until {date(version.replaced_at)}: “{written(version.text)}”{about}{used}"
    return item(was, f"({written(who)})")


def _source(source: Source) -> str:
    where = written(said_in(source.place))
    return item(f"{_FROM[source.kind]} on {date(source.said_at)}, {where}")


def _slot(slot: Slot) -> str:
    whose = "you" if slot.entity is None else written(slot.entity)
    return f"{whose}, {written(slot.attribute)}: {written(slot.value)}"


def _quoted(memory: Memory) -> str:
    return f"{named(memory.number)} “{written(memory.text)}”"
