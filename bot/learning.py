"""What becomes of a memory model's statements: new memories, known ones said again, or nothing."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.guards import accepts, own_sentence
from bot.likeness import NOT, denies, related, same_value, says_no_more
from bot.ports import Batch, NewMemory
from bot.slots import PROFILE, canonical, holds_one
from bot.text import fold_name, terms
from bot.types import (
    Extraction,
    ExtractionPrompt,
    Memory,
    MemoryNumber,
    Message,
    MessageId,
    Slot,
    Statement,
)
from bot.when.interval import zone_named
from bot.when.relative import is_ahead, past_day, resolve_dates

VAGUE = timedelta(days=31)
"""A "since" is often rounded down (to a month); so much older than what it replaces it may be."""

_ENDED = r"(?:no longer|not|never|stopped|quit|used to|formerly|previously|\w+n['’]t)"
_PAST = r"(?:(?<!ha[sd] )(?<!have )(?<!'ve )(?:lived|worked))"
_AHEAD = (
    r"(?:will|['’]ll|going to|plan(?:s|ning)? (?:to|on)|wants? to|would like to|hop(?:es?|ing) to"
    r"|about to|might|may|considering|thinking (?:of|about)|dreams? of)"
)


@dataclass(frozen=True, slots=True)
class Learnt:
    """`new`, and known memories with the messages that say them again; `refused` are neither."""

    new: list[NewMemory]
    again: list[tuple[MemoryNumber, tuple[MessageId, ...]]]
    refused: int


def learn(batch: Batch, prompt: ExtractionPrompt, extraction: Extraction) -> Learnt:
    """Judge every statement, and say what is to be kept of it."""
    accepted = [s for s in extraction.statements if accepts(s, prompt)]
    learnt = Learnt([], [], len(extraction.statements) - len(accepted))
    places = {e.said.id: place for e, place in zip(batch.exchanges, batch.places, strict=True)}
    verbatim = {(m.id, m.text) for m in prompt.said}
    notes = [m for m in prompt.known if not m.slot and verbatim & {(s, m.text) for s in m.sources}]
    for proposed in accepted:
        said = [prompt.said[number - 1] for number in proposed.sources]
        sources = tuple(message.id for message in said)
        statement = replace(proposed, valid_from=_stated_since(proposed, prompt, said))
        slot = _slot(statement, prompt, said)
        note = next((m for m in notes if {*sources} <= {*m.sources}), None)
        same = [
            m for m in _numbered(prompt, statement.duplicates) if _says_same(statement, slot, m)
        ]
        if note is not None and slot is not None:
            notes.remove(note)
        elif note is not None:
            continue  # it says what the note says already, verbatim
        elif same:
            # whatever its audience: forgetting the memory takes what said it again along
            learnt.again.extend((memory.number, sources) for memory in same)
            continue
        newest = max(said, key=lambda message: message.sent_at)
        learnt.new.append(
            NewMemory(
                text=resolve_dates(statement.text, _local(newest.sent_at, prompt)),
                audience=batch.audience,
                place=places[newest.id],
                said_at=newest.sent_at,
                valid_from=_valid_from(statement, slot, prompt, said),
                sources=sources,
                slot=slot,
                entity_kind=statement.entity_kind,
                aliases=statement.aliases,
                adopts=note.number if note else None,
            )
        )
    return learnt


def _numbered(prompt: ExtractionPrompt, numbers: Sequence[int]) -> list[Memory]:
    return [prompt.known[number - 1] for number in numbers]


def _says_same(statement: Statement, slot: Slot | None, known: Memory) -> bool:
    """Whether a known memory that a model calls a duplicate really says all of a statement."""
    if not says_no_more(statement.text, known.text):
        return False
    if slot is None:
        return related(statement.text, known.text)
    value = set(terms(slot.value))
    if known.slot and _same_slot(slot, known.slot):
        return same_value(slot.value, known.slot.value) or value <= set(terms(known.slot.value))
    return value <= set(terms(known.text)) and related(statement.text, known.text)


def _same_slot(one: Slot, other: Slot) -> bool:
    return one.attribute == other.attribute and (
        fold_name(one.entity or "") == fold_name(other.entity or "")
    )


# --- slots


def _slot(statement: Statement, prompt: ExtractionPrompt, said: Sequence[Message]) -> Slot | None:
    """The statement's slot: the person's own where the model names the person as an entity.

    How many values it holds is looked up; of unknown attributes the model says it, or lists a known
    memory in the very same slot as superseded. What is meant for later is a plan; what has ended or
    never was closes its own value only ("not Google").
    """
    slot = statement.slot
    if slot is None:
        return None
    entity = None if _is_person(slot.entity, prompt) else slot.entity
    slot = replace(slot, entity=entity, attribute=canonical(slot.attribute))
    closes = any(
        other.slot is not None and _same_slot(slot, other.slot)
        for other in _numbered(prompt, statement.superseded)
    )
    slot = replace(slot, exclusive=holds_one(slot.attribute, slot.exclusive or closes))
    if slot.exclusive and slot.attribute not in PROFILE and _is_plan(statement, slot, prompt, said):
        value = f"{slot.attribute} {slot.value}"
        return Slot(slot.entity, "plans", value, exclusive=False)
    if slot.attribute == "dislikes" or denies(slot.attribute):
        return slot
    over = _ENDED if statement.valid_from else rf"(?:{_ENDED}|{_PAST})"
    texts = [statement.text, *([own_sentence(statement.text, said)] if slot.exclusive else [])]
    if any(_before_value(over, text, slot.value) for text in texts):
        return replace(slot, value=f"{NOT}{slot.value}")
    return slot


def _is_person(entity: str | None, prompt: ExtractionPrompt) -> bool:
    names = {fold_name(prompt.person), "i", "me", "myself", "user", "speaker"}
    names.update(map(fold_name, _own_values(prompt, "name")))
    return entity is None or fold_name(entity) in names


def _own_values(prompt: ExtractionPrompt, attribute: str) -> list[str]:
    """What is known of the person's own attribute."""
    slots = [memory.slot for memory in prompt.known if memory.slot]
    return [slot.value for slot in slots if slot.attribute == attribute and slot.entity is None]


def _is_plan(
    statement: Statement, slot: Slot, prompt: ExtractionPrompt, said: Sequence[Message]
) -> bool:
    """Whether an exclusive slot is only to be filled: its date is to come, or somebody means to."""
    newest = max(message.sent_at for message in said)
    if statement.valid_from is not None:
        return statement.valid_from > newest
    sentence = own_sentence(statement.text, said)
    return any(
        is_ahead(text, _local(newest, prompt)) or _before_value(_AHEAD, text, slot.value)
        for text in (statement.text, sentence)
    )


def _before_value(what: str, text: str, value: str) -> bool:
    """Whether one of these words stands at most four words before the value, in one clause."""
    pattern = rf"(?i)\b{what}(?: [\w'’]+){{0,4}}? (?:the |an? )?{re.escape(value)}"
    return re.search(pattern, text) is not None


# --- time


def _local(moment: datetime, prompt: ExtractionPrompt) -> datetime:
    """`moment` in the person's time zone, where the model was shown it; else in UTC."""
    return moment.astimezone(zone_named(next(iter(_own_values(prompt, "time zone")), None)))


def _stated_since(
    statement: Statement, prompt: ExtractionPrompt, said: Sequence[Message]
) -> datetime | None:
    """The model's date, if it says more than when it was said.

    The day of the message does not; nor does the date of a memory it was shown, where no message
    has a figure: weak models copy it.
    """
    since, newest = statement.valid_from, max(message.sent_at for message in said)
    shown = {memory.valid_from.date() for memory in prompt.known}
    if since is None or since.date() == newest.date():
        return None
    if since.date() in shown and not any(re.search(r"\d", message.text) for message in said):
        return None
    return since


def _valid_from(
    statement: Statement, slot: Slot | None, prompt: ExtractionPrompt, said: Sequence[Message]
) -> datetime:
    """Since when it holds: never later than it was said.

    The stated date; else the one that the text or the person's own sentence names relatively; else
    when it was said. A date a little older than what the statement replaces is as old: whoever said
    so later knew better.
    """
    newest = max(message.sent_at for message in said)
    since = statement.valid_from
    for text in (statement.text, own_sentence(statement.text, said)):
        since = since or past_day(text, _local(newest, prompt))
    if since is None or since >= newest:
        return newest
    replaced = [
        memory.valid_from
        for memory in _numbered(prompt, statement.superseded)
        if slot
        and memory.slot
        and _same_slot(slot, memory.slot)
        and since <= memory.valid_from <= min(newest, since + VAGUE)
    ]
    return max([since, *replaced])
