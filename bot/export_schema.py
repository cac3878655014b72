"""The JSON of an export (`docs/export.md`): its shape, written and read."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    PlainValidator,
    ValidationError,
)

from bot.errors import FileError
from bot.portable import (
    Portable,
    PortableConversation,
    PortableEntity,
    PortableMemory,
    PortableMessage,
    PortableSummary,
    PortableVersion,
    PromptHeld,
)
from bot.text import one_line
from bot.types import Audience, Channel, Private, Scope, Slot, Space, parse_audience

VERSION = 1
MOST = (1 << 24) - 1
"""The highest number: a scope holds no more of anything."""
_SHOWN_CHARS = 120


def _moment(value: object) -> datetime:
    if isinstance(value, datetime):
        return value
    try:
        moment = datetime.strptime(str(value), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise ValueError("this is no UTC time like 2026-03-02T09:00:00Z") from None
    if not 1 < moment.year < 9999:  # so it is a date in every time zone
        raise ValueError("this time is out of range")
    return moment


def _write_moment(moment: datetime) -> str:
    return f"{moment.year:04}-{moment:%m-%dT%H:%M:%SZ}"


def _audience(value: object) -> Audience:
    if isinstance(value, Private | Channel | Space):
        return value
    try:
        return parse_audience(_plain(str(value)))
    except ValueError:
        raise ValueError("this is no audience") from None


def _plain(name: str) -> str:
    if any(character < " " or character == "\x7f" for character in name):
        raise ValueError("a control character cannot stand here")
    return name


Moment = Annotated[datetime, PlainValidator(_moment), PlainSerializer(_write_moment)]
Readers = Annotated[Audience, PlainValidator(_audience), PlainSerializer(str)]
Number = Annotated[int, Field(ge=1, le=MOST)]
Name = Annotated[str, Field(min_length=1), AfterValidator(_plain)]
Uid = Annotated[str, Field(pattern="^[0-9a-f]{32}$")]


class Part(BaseModel):
    """Every part has exactly its fields, each of exactly its type."""

    model_config = ConfigDict(strict=True, extra="forbid", from_attributes=True)


class ConversationPart(Part):
    """Where messages were said."""

    key: Name
    fresh_after: Number | None


class HeldPart(Part):
    """What the prompt of a reply held."""

    memories: tuple[Uid, ...]
    messages: tuple[Number, ...]
    summary: Number | None
    history_from: Number | None
    others: bool


class MessagePart(Part):
    """One message."""

    id: Number
    conversation: Name
    event_id: Name
    role: Literal["person", "ellie", "note"]
    speaker: str
    text: str | None
    audience: Readers
    place: str
    sent_at: Moment
    turn: Number | None
    reply_to: Number | None
    held: HeldPart | None


class SlotPart(Part):
    """Where an attribute of an entity is kept."""

    entity: str | None
    attribute: str
    value: str
    exclusive: bool


class VersionPart(Part):
    """What a memory was."""

    text: str
    audience: Readers
    place: str
    valid_from: Moment
    slot: SlotPart | None
    author: str
    replaced_at: Moment


class MemoryPart(Part):
    """One memory."""

    uid: Uid
    number: Number
    text: str
    audience: Readers
    place: str
    said_at: Moment
    valid_from: Moment
    valid_to: Moment | None
    slot: SlotPart | None
    entity: Number | None
    aliases: tuple[str, ...]
    extractor: str
    sources: tuple[Number, ...]
    versions: tuple[VersionPart, ...]
    closed_by: tuple[Uid, ...]


class EntityPart(Part):
    """Whom or what memories speak of."""

    id: Number
    kind: Name
    name: str
    aliases: tuple[str, ...]
    memories: tuple[Uid, ...]


class SummaryPart(Part):
    """A summary."""

    id: Number
    conversation: Name
    audience: Readers
    text: str | None
    covers: tuple[Number, ...]
    covers_others: bool
    through: Number | None
    previous: Number | None
    made_at: Moment


class ScopePart(Part):
    """One person in one space."""

    platform: Name
    space: Annotated[str, AfterValidator(_plain)]
    user: Name
    name: str
    conversations: tuple[ConversationPart, ...]
    messages: tuple[MessagePart, ...]
    memories: tuple[MemoryPart, ...]
    entities: tuple[EntityPart, ...]
    summaries: tuple[SummaryPart, ...]


class ExportPart(Part):
    """The whole file."""

    format: Literal["ellie-export"]
    version: Literal[1]
    exported_at: Moment
    ellie: str
    scopes: tuple[ScopePart, ...]


class _Head(BaseModel):
    """What tells whether the rest can be read."""

    model_config = ConfigDict(strict=True, extra="ignore")

    format: Literal["ellie-export"]
    version: Number


def write(portables: Sequence[Portable], exported_at: datetime, ellie: str) -> str:
    """The JSON of these scopes."""
    whole = ExportPart(
        format="ellie-export",
        version=1,
        exported_at=exported_at,
        ellie=ellie,
        scopes=tuple(map(_scope_part, portables)),
    )
    return whole.model_dump_json(indent=2) + "\n"


def read(text: str) -> tuple[Portable, ...]:
    """The scopes of a file, each part of the right shape; references are not looked at.

    Raises FileError with what is wrong first, and nothing that the file holds.
    """
    try:
        head = _Head.model_validate_json(text)
    except ValidationError as error:
        raise FileError(f"This is no export of Ellie ({_first(error)}).") from None
    if head.version != VERSION:
        raise FileError(
            f"This export is of version {head.version}; this Ellie reads version {VERSION}."
        )
    try:
        whole = ExportPart.model_validate_json(text)
    except ValidationError as error:
        raise FileError(f"This export is damaged ({_first(error)}).") from None
    return tuple(map(_portable, whole.scopes))


def _first(error: ValidationError) -> str:
    found = error.errors(include_url=False, include_input=False, include_context=False)[0]
    where = [str(part) for part in found["loc"]]
    said = found["msg"].removeprefix("Value error, ")
    if found["type"] == "extra_forbidden":
        where, said = where[:-1], "a field that is not known"
    line = one_line(f"{'.'.join(where)}: {said}" if where else said)
    return line if len(line) <= _SHOWN_CHARS else f"{line[:_SHOWN_CHARS]}…"


def _scope_part(portable: Portable) -> ScopePart:
    return ScopePart(
        platform=portable.scope.platform,
        space=portable.scope.space,
        user=portable.scope.user,
        name=portable.name,
        conversations=tuple(map(ConversationPart.model_validate, portable.conversations)),
        messages=tuple(map(MessagePart.model_validate, portable.messages)),
        memories=tuple(map(MemoryPart.model_validate, portable.memories)),
        entities=tuple(map(EntityPart.model_validate, portable.entities)),
        summaries=tuple(map(SummaryPart.model_validate, portable.summaries)),
    )


def _portable(part: ScopePart) -> Portable:
    return Portable(
        scope=Scope(part.platform, part.space, part.user),
        name=part.name,
        conversations=tuple(PortableConversation(**dict(one)) for one in part.conversations),
        messages=tuple(map(_message, part.messages)),
        memories=tuple(map(_memory, part.memories)),
        entities=tuple(PortableEntity(**dict(one)) for one in part.entities),
        summaries=tuple(PortableSummary(**dict(one)) for one in part.summaries),
    )


def _message(part: MessagePart) -> PortableMessage:
    held = None if part.held is None else PromptHeld(**dict(part.held))
    return PortableMessage(**dict(part) | {"held": held})


def _memory(part: MemoryPart) -> PortableMemory:
    versions = tuple(
        PortableVersion(**dict(one) | {"slot": _slot(one.slot)}) for one in part.versions
    )
    return PortableMemory(**dict(part) | {"slot": _slot(part.slot), "versions": versions})


def _slot(part: SlotPart | None) -> Slot | None:
    return None if part is None else Slot(**dict(part))
