"""The JSON fields that Discord knows, by what they stand in: others are reported as problems."""

from collections.abc import Iterable

from tests.servers.discord.ground import Json


def _named(names: str) -> frozenset[str]:
    return frozenset(names.split())


MESSAGE = _named(
    "content nonce tts embeds allowed_mentions message_reference components "
    "sticker_ids attachments flags enforce_nonce poll"
)
EDIT = _named("content embeds flags allowed_mentions components attachments tts poll")
WEBHOOK = _named(
    "content username avatar_url tts embeds allowed_mentions components attachments "
    "flags thread_name applied_tags poll"
)
CALLBACK_MESSAGE = _named("tts content embeds allowed_mentions flags components attachments poll")
MODAL = _named("custom_id title components")
COMMAND = _named(
    "id type name name_localizations description description_localizations options "
    "default_member_permissions dm_permission default_permission contexts "
    "integration_types nsfw handler"
)
OPTION = _named(
    "type name name_localizations description description_localizations required "
    "choices options channel_types min_value max_value min_length max_length "
    "autocomplete"
)
CHOICE = _named("name name_localizations value")
QUERY = _named(
    "with_response wait thread_id limit before after around with_components "
    "with_localizations with_counts with_member ex is hm"
)

INSIDE: dict[str, frozenset[str]] = {
    "allowed_mentions": _named("parse users roles replied_user"),
    "message_reference": _named("type message_id channel_id guild_id fail_if_not_exists"),
    "attachments": _named(
        "id filename title description size url proxy_url content_type height width "
        "ephemeral duration_secs waveform flags is_spoiler spoiler"
    ),
    "embeds": _named(
        "title type description url timestamp color footer image thumbnail video "
        "provider author fields flags"
    ),
}

# type of component → its fields beside type and id
COMPONENTS: dict[int, frozenset[str]] = {
    1: _named("components"),
    2: _named(
        "style label emoji custom_id sku_id url disabled"
    ),
    3: _named(
        "custom_id options placeholder min_values max_values required disabled"
    ),
    4: _named(
        "custom_id style label min_length max_length required value placeholder"
    ),
    9: _named("components accessory"),
    10: _named("content"),
    11: _named("media description spoiler"),
    12: _named("items"),
    13: _named("file spoiler name size"),
    14: _named("divider spacing"),
    17: _named("components accent_color spoiler"),
    18: _named("label description component"),
    19: _named("custom_id min_values max_values required"),
    21: _named("custom_id options required"),
    22: _named("custom_id options min_values max_values required"),
    23: _named("custom_id default"),
} | {
    kind: _named(
        "custom_id placeholder min_values max_values required disabled default_values "
        "channel_types"
    )
    for kind in (5, 6, 7, 8)
}  # fmt: skip


def unknown(body: Json, known: Iterable[str], where: str = "") -> list[str]:
    """The paths of the fields that Discord does not know, also those inside the known ones."""
    found = [where + name for name in body if name not in set(known)]
    for name, value in body.items():
        if name == "components" and isinstance(value, list):
            found += _in_components(value, f"{where}{name}")
        elif name in INSIDE:
            for item in value if isinstance(value, list) else [value]:
                if isinstance(item, dict):
                    found += [f"{where}{name}.{key}" for key in item if key not in INSIDE[name]]
    return found


def _in_components(components: list[Json], where: str) -> list[str]:
    found: list[str] = []
    for number, component in enumerate(components):
        here = f"{where}.{number}"
        known = COMPONENTS.get(component.get("type", 0), frozenset()) | {"type", "id"}
        found += [f"{here}.{name}" for name in component if name not in known]
        inner = [*component.get("components", ())]
        inner += [component[key] for key in ("accessory", "component") if component.get(key)]
        found += _in_components(inner, here)
    return found


def unknown_in_command(command: Json, where: str = "") -> list[str]:
    """The same for a command: its options, theirs, and choices."""
    found = [where + name for name in command if name not in (OPTION if where else COMMAND)]
    for number, option in enumerate(command.get("options") or ()):
        here = f"{where}options.{number}."
        found += unknown_in_command(option, here)
        for choice in option.get("choices") or ():
            found += [f"{here}choices.{name}" for name in choice if name not in CHOICE]
    return found
