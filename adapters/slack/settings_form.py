"""The form in which a workspace's settings are changed, and the one that erases it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Any

from adapters.slack.answers import plain_text
from adapters.slack.forms import FieldError
from adapters.slack.render import Block, rich
from adapters.wording.lengths import units
from bot.space_settings import SpaceSettings

SETTINGS, PURGE = "form:settings", "form:purge"
LONGEST_PERSONA = 3000
MOST_NUMBER = 2_000_000_000
MOST_MODELS = 100
AS_USUAL = "as I am set up"
CONFIRM = "ERASE"
WARNING = (
    "This erases everything that I keep of this workspace: what everybody here said, what I learnt "
    "of it, and these settings. Nobody can bring it back."
)
NO_MODEL = "as-usual"
PLAIN_NUMBER = "Write a whole number, or nothing."


class Field(StrEnum):
    """The fields of the form, by the names of what they set."""

    PERSONA = "persona"
    PERSONAS = "personas"
    FREE = "free"
    THREADS = "threads"
    BLOCKED = "blocked_channels"
    MESSAGE_DAYS = "message_days"
    MEMORY_DAYS = "memory_days"
    PERSON_TOKENS = "daily_tokens_per_user"
    TOKENS = "daily_tokens"
    MODEL = "model"


CHANNELS = {
    Field.FREE: "Channels where I answer every message",
    Field.THREADS: "Channels in whose threads I need no mention, once I am in",
    Field.BLOCKED: "Channels where I never answer",
}
NUMBERS = {
    Field.MESSAGE_DAYS: "Days that messages are kept",
    Field.MEMORY_DAYS: "Days that memories are kept (0: for good)",
    Field.PERSON_TOKENS: "Tokens that a person may use in a day",
    Field.TOKENS: "Tokens that everybody together may use in a day",
}
OF_CHANNEL = "persona-of"
"""The block of a channel's persona is this and the channel's id: another channel, another block."""


def form_of(
    settings: SpaceSettings,
    models: Sequence[str],
    metadata: str,
    channel: str | None = None,
) -> Block:
    """The form with what is set. `channel`: whose persona is shown too.

    Fields that stay keep what was typed into them: Slack does that for blocks of the same names.
    """
    blocks = [_persona(Field.PERSONA, "Who I am here", settings.persona)]
    blocks.append(_channel_picker(channel))
    if channel is not None:
        own = settings.personas.get(channel)
        blocks.append(_persona(f"{OF_CHANNEL}:{channel}", "Who I am in that channel", own))
    blocks += [_channels(field, getattr(settings, field)) for field in CHANNELS]
    blocks += [_number(field, getattr(settings, field)) for field in NUMBERS]
    if models:
        blocks.append(_model(settings.model, models))
    return {
        "type": "modal",
        "callback_id": SETTINGS,
        "private_metadata": metadata,
        "title": plain_text("Settings", 24),
        "submit": plain_text("Save", 24),
        "close": plain_text("Cancel", 24),
        "blocks": blocks,
    }


def purging(metadata: str) -> Block:
    """The form that erases a workspace after a word was written."""
    return {
        "type": "modal",
        "callback_id": PURGE,
        "private_metadata": metadata,
        "title": plain_text("Erase this workspace", 24),
        "submit": plain_text("Erase", 24),
        "close": plain_text("Cancel", 24),
        "blocks": [
            *rich(WARNING),
            _input(
                "sure", f"Write {CONFIRM} to go on", {"type": "plain_text_input", "max_length": 50},
                optional=False,
            ),
        ],
    }  # fmt: skip


def _input(block: str, label: str, element: Block, *, optional: bool = True) -> Block:
    return {
        "type": "input",
        "block_id": block,
        "label": plain_text(label, 2000),
        "optional": optional,
        "element": {**element, "action_id": element.get("action_id", block)},
    }


def _persona(block: str, label: str, text: str | None) -> Block:
    element: Block = {
        "type": "plain_text_input",
        "multiline": True,
        "max_length": LONGEST_PERSONA,
        "placeholder": plain_text(f"Nothing: {AS_USUAL}", 150),
    }
    if text is not None and units(text) > LONGEST_PERSONA:
        label = f"{label} (longer than a form may be: what you write here replaces it)"
    elif text:
        element["initial_value"] = text
    return _input(block, label, element)


def _channel_picker(channel: str | None) -> Block:
    element: Block = {
        "type": "conversations_select",
        "action_id": "do:persona:0",
        "filter": {"include": ["public", "private"], "exclude_bot_users": True},
        "placeholder": plain_text("A channel, to see and change who I am there", 150),
    }
    if channel is not None:
        element["initial_conversation"] = channel
    made = _input(Field.PERSONAS, "Who I am in one channel", element)
    return {**made, "dispatch_action": True}


def _channels(field: Field, channels: Collection[str]) -> Block:
    element: Block = {
        "type": "multi_conversations_select",
        "filter": {"include": ["public", "private"], "exclude_bot_users": True},
        "placeholder": plain_text("None", 150),
    }
    if channels:
        element["initial_conversations"] = sorted(channels)
    return _input(field, CHANNELS[field], element)


def _number(field: Field, value: int | None) -> Block:
    element: Block = {
        "type": "number_input",
        "is_decimal_allowed": False,
        "min_value": "0",
        "max_value": str(MOST_NUMBER),
        "placeholder": plain_text(f"Nothing: {AS_USUAL}", 150),
    }
    if value is not None:
        element["initial_value"] = str(value)
    return _input(field, NUMBERS[field], element)


def _model(chosen: str | None, models: Sequence[str]) -> Block:
    offered = [model for model in models if units(model) <= 75][: MOST_MODELS - 1]
    usual = {"text": plain_text(AS_USUAL.capitalize(), 75), "value": NO_MODEL}
    options = [usual, *({"text": plain_text(m, 75), "value": f"is:{m}"} for m in offered)]
    first = next((one for one in options if one["value"] == f"is:{chosen}"), usual)
    element = {"type": "static_select", "options": options, "initial_option": first}
    return _input(Field.MODEL, "The model that answers", element)


def read(view: Mapping[str, Any], before: SpaceSettings) -> SpaceSettings:
    """What was set until now with what was sent in the form. Raises FieldError."""
    values = {
        block: next(iter(held.values())) for block, held in view["state"]["values"].items() if held
    }
    changes: dict[str, Any] = {}
    if Field.PERSONA in values:
        changes["persona"] = _written(values[Field.PERSONA], before.persona)
    personas = dict(before.personas)
    for block, value in values.items():
        kind, _, channel = block.partition(":")
        if kind == OF_CHANNEL:
            text = _written(value, personas.pop(channel, None))
            personas |= {} if text is None else {channel: text}
    for field in CHANNELS:
        if field in values:
            changes[field] = frozenset(values[field].get("selected_conversations") or ())
    for field in NUMBERS:
        if field in values:
            changes[field] = _counted(field, values[field].get("value"))
    if Field.MODEL in values:
        chosen = (values[Field.MODEL].get("selected_option") or {}).get("value", NO_MODEL)
        changes["model"] = None if chosen == NO_MODEL else chosen.removeprefix("is:")
    return replace(before, personas=personas, **changes)


def _written(value: Mapping[str, Any], before: str | None) -> str | None:
    """A persona; None: as Ellie is set up. One that did not fit into the form stays."""
    text = str(value.get("value") or "").strip()
    if not text and before is not None and units(before) > LONGEST_PERSONA:
        return before
    return text or None


def _counted(field: Field, text: str | None) -> int | None:
    if not text:
        return None
    if not text.isdecimal() or len(text) > len(str(MOST_NUMBER)):
        raise FieldError(field, PLAIN_NUMBER)
    return int(text)
