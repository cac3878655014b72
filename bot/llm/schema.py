"""The JSON that a memory model writes, and what of it becomes statements."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from bot.errors import MalformedOutput
from bot.text import fold_name, one_line
from bot.types import Extraction, ExtractionPrompt, Slot, Statement, Usage

TEXT_CHARS = 600
VALUE_CHARS = 300
NAME_CHARS = 80
MOST_ALIASES = 10
EARLIEST_YEAR = 1900  # nothing that a living person tells has held for longer
MOST_STARTS = 200  # places in a text where JSON is looked for: bounds the work on hostile output

Kind = Literal["person", "place", "organisation", "product", "thing"]

# What weak models write where they mean nothing, and where they mean the person who speaks.
_NOTHING = frozenset({"", "null", "none", "n/a", "unknown"})
_SPEAKER = frozenset(
    {"i", "me", "myself", "user", "the user", "speaker", "the speaker", "self", "the person",
     "person", "the entity"}
)  # fmt: skip
_SHOWN_SLOT = re.compile(r"\s*\(([^()·]+)·([^()·]+)·([^()·]+)\)\s*$")


def _text_or_none(value: object) -> object:
    if isinstance(value, int | float):
        return str(value).casefold()
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        value = ", ".join(value)
    return None if isinstance(value, str) and value.strip().casefold() in _NOTHING else value


def _flag(value: object) -> object:
    if isinstance(value, str):
        return value.strip().casefold() in {"true", "yes", "1"}
    return False if value is None else value


def _number(value: object) -> int:
    """The number, or 0, which is out of every range, for what is none."""
    if isinstance(value, bool):
        return 0
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() else 0
    digits = value.strip(" []#m") if isinstance(value, str) else ""
    return int(digits) if digits.isdecimal() and len(digits) < 10 else 0


def _numbers(value: object) -> object:
    if value is None:
        return []
    if isinstance(value, str):
        value = [part for part in value.strip(" []").split(",") if part.strip()]
    return [_number(item) for item in value] if isinstance(value, list) else [_number(value)]


def _kind(value: object) -> object:
    folded = str(value).strip().casefold().replace("organization", "organisation")
    return folded if folded in get_args(Kind) else "thing"


def _aliases(value: object) -> object:
    if isinstance(value, str):
        return [value]
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _entity(value: object) -> object:
    value = _text_or_none(value)
    if isinstance(value, str):
        return {"name": value}
    if isinstance(value, dict):
        name = _text_or_none(value.get("name"))
        return value | {"name": name} if isinstance(name, str) else None
    return value


Numbers = Annotated[list[int], BeforeValidator(_numbers)]
TextOrNone = Annotated[str | None, BeforeValidator(_text_or_none)]


class EntityJSON(BaseModel):
    """Whom or what a memory speaks of."""

    model_config = ConfigDict(extra="ignore")

    name: str
    kind: Annotated[Kind, BeforeValidator(_kind)] = "thing"
    aliases: Annotated[list[str], BeforeValidator(_aliases)] = []


class MemoryJSON(BaseModel):
    """One memory as the model writes it; `entity` None is the person who speaks."""

    model_config = ConfigDict(extra="ignore")

    text: str
    sources: Numbers = []
    entity: Annotated[EntityJSON | None, BeforeValidator(_entity)] = None
    attribute: TextOrNone = None
    value: TextOrNone = None
    single_value: Annotated[bool, BeforeValidator(_flag)] = False
    since: TextOrNone = None
    duplicates: Numbers = []
    superseded: Numbers = []


class MemoriesJSON(BaseModel):
    """The whole answer."""

    memories: list[MemoryJSON]


SHAPE = (
    '{"memories": [{"text": "...", "sources": [1], "entity": {"name": "...", "kind": "'
    + "|".join(get_args(Kind))
    + '", "aliases": []} or null for the person who speaks, "attribute": "..." or null, "value": '
    '"..." or null, "single_value": true or false, "since": "YYYY-MM-DD" or null, '
    '"duplicates": [], "superseded": []}]}'
)
"""The same for a model that takes no schema: to be put into the prompt."""


def strict_schema() -> dict[str, Any]:
    """The JSON schema of the answer as OpenAI's strict mode wants it.

    Every property is required, none besides is allowed, and there are no defaults
    (https://platform.openai.com/docs/guides/structured-outputs#supported-schemas).
    """
    schema = MemoriesJSON.model_json_schema()
    for part in (schema, *schema.get("$defs", {}).values()):
        properties = part["properties"]
        part["required"] = list(properties)
        part["additionalProperties"] = False
        for about in (part, *properties.values()):
            for key in ("default", "title", "description"):
                about.pop(key, None)
    return schema


@dataclass(slots=True)
class _Count:
    dropped: int = 0


def read_extraction(answer: str, prompt: ExtractionPrompt, usage: Usage) -> Extraction:
    """The statements in a model's answer: JSON, or JSON somewhere in prose.

    Single memories, numbers and dates that do not fit are dropped and counted (a dropped memory
    counts once). Raises MalformedOutput where there is no such JSON, or where no memory of it fits.
    """
    items = _find_memories(answer)
    if items is None:
        raise MalformedOutput("The memory model's answer is not the JSON that was asked for.")
    count = _Count()
    statements = []
    for item in items:
        within = _Count()
        statement = _read_statement(item, prompt, within)
        if statement is None:
            count.dropped += 1
        else:
            count.dropped += within.dropped
            statements.append(statement)
    if items and not statements:
        raise MalformedOutput("None of the memories in the memory model's answer fits.")
    return Extraction(tuple(statements), usage, count.dropped)


def _find_memories(answer: str) -> list[Any] | None:
    if answer.strip() == "[]":
        return []
    decoder = json.JSONDecoder()
    starts = [at for at, character in enumerate(answer) if character in "{["]
    for start in starts[:MOST_STARTS]:
        try:
            found, _ = decoder.raw_decode(answer, start)
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict) and isinstance(found.get("memories"), list):
            return list(found["memories"])
        if isinstance(found, list) and found and all(_is_memory(item) for item in found):
            return found
    return None


def _is_memory(item: object) -> bool:
    return isinstance(item, dict) and "text" in item and "sources" in item


def _read_statement(item: object, prompt: ExtractionPrompt, count: _Count) -> Statement | None:
    """The statement, or None where it has no text or no source."""
    try:
        memory = MemoryJSON.model_validate(item)
    except (ValidationError, RecursionError):
        return None
    _take_shown_slot(memory, prompt.person)
    text = _bounded(memory.text, TEXT_CHARS)
    sources = _within(memory.sources, len(prompt.said), count)
    if not text or not sources:
        return None
    entity = memory.entity
    if entity and fold_name(entity.name) in _SPEAKER | {fold_name(prompt.person)}:
        entity = None
    name = _bounded(entity.name, NAME_CHARS) if entity else ""
    return Statement(
        text=text,
        sources=sources,
        slot=_slot(memory, entity, name, text),
        entity_kind=entity.kind if entity else None,
        aliases=_other_names(entity, name) if entity else (),
        valid_from=_date(memory.since, count),
        duplicates=_within(memory.duplicates, len(prompt.known), count),
        superseded=_within(memory.superseded, len(prompt.known), count),
    )


def _take_shown_slot(memory: MemoryJSON, person: str) -> None:
    """Take "(entity · attribute · value)", as known memories are shown, out of the end of a text.

    Weak models copy that form and leave the fields empty, or the text before it.
    """
    found = _SHOWN_SLOT.search(memory.text)
    if found is None:
        return
    entity, attribute, value = (part.strip() for part in found.groups())
    named = entity.casefold() not in _SPEAKER
    if memory.attribute is None and memory.value is None:
        memory.attribute, memory.value = attribute, value
        if memory.entity is None and named:
            memory.entity = EntityJSON(name=entity)
    before = memory.text[: found.start()]
    memory.text = before or f"{entity if named else person} {attribute} {value}"


def _slot(memory: MemoryJSON, entity: EntityJSON | None, name: str, text: str) -> Slot | None:
    if entity and not fold_name(name):
        return None  # a name of signs only can never be recalled by; nor is it the speaker's slot
    attribute = _bounded((memory.attribute or "").replace("_", " ").casefold(), NAME_CHARS)
    value = _bounded(memory.value or "", VALUE_CHARS)
    if attribute and value:
        return Slot(name or None, attribute, value, memory.single_value)
    # Without a slot the memory would lose its link to the entity it speaks of.
    return Slot(name, "about", text, exclusive=False) if name else None


def _other_names(entity: EntityJSON, name: str) -> tuple[str, ...]:
    names = {fold_name(name): name}
    for alias in entity.aliases[:MOST_ALIASES]:
        other = _bounded(alias, NAME_CHARS)
        if fold_name(other):
            names.setdefault(fold_name(other), other)
    return tuple(names.values())[1:]


def _within(numbers: Sequence[int], last: int, count: _Count) -> tuple[int, ...]:
    valid = [number for number in numbers if 1 <= number <= last]
    count.dropped += len(numbers) - len(valid)
    return tuple(dict.fromkeys(valid))


def _date(text: str | None, count: _Count) -> datetime | None:
    if text is None:
        return None
    try:
        since = datetime.strptime(text.strip()[:10], "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        since = None
    if since is None or since.year < EARLIEST_YEAR:
        count.dropped += 1
        return None
    return since


def _bounded(text: str, limit_chars: int) -> str:
    line = one_line(text)
    return line if len(line) <= limit_chars else line[: limit_chars - 1].rstrip() + "…"
