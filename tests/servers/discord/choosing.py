"""What an interaction's `data` holds: the options of a command, the fields of a modal."""

from tests.servers.discord.ground import Json
from tests.servers.discord.members import User
from tests.servers.discord.messages import Message, walk
from tests.servers.discord.places import Channel
from tests.servers.discord.world import World

SUBCOMMAND, GROUP, STRING_SELECT = 1, 2, 3
TYPES: dict[int, type | tuple[type, ...]] = {3: str, 4: int, 5: bool, 10: (int, float)}
Values = dict[str, object]


def command_action(
    world: World,
    channel: Channel,
    command: Json,
    name: str,
    values: Values,
    target: Message | User | None,
    *,
    focused: str | None = None,
) -> Json:
    """`data` of a command; of an autocomplete where an option is focused."""
    action: Json = {"id": command["id"], "name": command["name"], "type": command["type"]}
    if "guild_id" in command:
        action["guild_id"] = command["guild_id"]
    if target is not None:
        return action | _targeted(channel, target)
    options, resolved = _options(channel, command["options"], name.split()[1:], values, focused)
    if options:
        action["options"] = options
    return action | ({"resolved": resolved} if resolved else {})


def _targeted(channel: Channel, target: Message | User) -> Json:
    """Of a message the whole is there, also without the content intent."""
    key = str(target.id)
    if isinstance(target, Message):
        return {"target_id": key, "resolved": {"messages": {key: target.json()}}}
    return {"target_id": key, "resolved": _people(channel, target)}


def _people(channel: Channel, user: User) -> Json:
    resolved: Json = {"users": {str(user.id): user.json()}}
    if channel.guild is not None and user.id in channel.guild.members:
        member = channel.guild.members[user.id].json()
        member["permissions"] = str(channel.permissions(user))
        resolved["members"] = {str(user.id): member}
    return resolved


def _options(
    channel: Channel, known: list[Json], path: list[str], values: Values, focused: str | None
) -> tuple[list[Json], Json]:
    if path:
        fits = [o for o in known if o["name"] == path[0] and o["type"] in (SUBCOMMAND, GROUP)]
        assert fits, f"{path[0]} is not among {[o['name'] for o in known]}"
        deeper = fits[0].get("options") or []
        inner, resolved = _options(channel, deeper, path[1:], values, focused)
        return [{"name": path[0], "type": fits[0]["type"], "options": inner}], resolved
    assert not any(o["type"] in (SUBCOMMAND, GROUP) for o in known), "a group cannot be run bare"
    specs = {option["name"]: option for option in known}
    assert values.keys() <= specs.keys(), f"{list(values)} of {list(specs)}"
    missing = {name for name, spec in specs.items() if spec.get("required")} - values.keys()
    assert focused is not None or not missing, f"{missing} must be given"
    found: list[Json] = []
    resolved = {}
    for name, value in values.items():
        option, seen = _option(channel, specs[name], value, checked=focused is None)
        found.append(option | ({"focused": True} if name == focused else {}))
        for kind, held in seen.items():
            resolved.setdefault(kind, {}).update(held)
    assert focused is None or focused in values, f"{focused} has no value"
    return found, resolved


def _option(channel: Channel, spec: Json, value: object, *, checked: bool) -> tuple[Json, Json]:
    option: Json = {"name": spec["name"], "type": spec["type"], "value": value}
    if isinstance(value, User):
        return option | {"value": str(value.id)}, _people(channel, value)
    if isinstance(value, Channel):
        shown = value.json() | {"permissions": "0"}
        return option | {"value": str(value.id)}, {"channels": {str(value.id): shown}}
    if spec["type"] == 8 and channel.guild is not None:
        role = channel.guild.roles[getattr(value, "id", 0)]
        return option | {"value": str(role.id)}, {"roles": {str(role.id): role.json()}}
    if checked:
        wanted = TYPES[spec["type"]]
        assert isinstance(value, wanted), f"{spec['name']} is of type {wanted}"
        choices = [choice["value"] for choice in spec.get("choices") or ()]
        assert not choices or value in choices, f"{value} is not among {choices}"
        if isinstance(value, str):
            least, most = spec.get("min_length") or 0, spec.get("max_length") or 6000
            assert least <= len(value) <= most, f"{spec['name']}: {least} to {most} characters"
    return option, {}


def select_action(channel: Channel, select: Json, values: list[str]) -> Json:
    """`data` of a choice in a menu: of people, roles and channels with who and what they are."""
    action: Json = {
        "component_type": select["type"], "custom_id": select["custom_id"],
        "id": select["id"], "values": values,
    }  # fmt: skip
    if select["type"] == STRING_SELECT:
        return action
    guild, resolved = channel.guild, Json()
    assert guild is not None, "that menu is for guilds"
    for value in values:
        id_ = int(value)
        if (member := guild.members.get(id_)) is not None:
            found = _people(channel, member.user)
        elif (role := guild.roles.get(id_)) is not None:
            found = {"roles": {value: role.json()}}
        else:
            found = {"channels": {value: guild.channels[id_].json() | {"permissions": "0"}}}
        for kind, held in found.items():
            resolved.setdefault(kind, {}).update(held)
    return action | {"resolved": resolved}


def modal_action(modal: Json, values: Values) -> Json:
    """`data` of a modal's submission: each field with what was typed, else what stood there."""
    fields = {c["custom_id"] for c in walk(modal["components"]) if "custom_id" in c}
    assert values.keys() <= fields, f"{list(values)} of {list(fields)}"
    submitted = []
    for number, component in enumerate(modal["components"], 1):
        shown: Json = {"type": component["type"], "id": component.get("id", number)}
        if component["type"] == 1:
            shown["components"] = [_field(each, values) for each in component["components"]]
        elif component["type"] == 18:
            shown["component"] = _field(component["component"], values)
        submitted.append(shown)
    return {"custom_id": modal["custom_id"], "components": submitted}


def _field(field: Json, values: Values) -> Json:
    name, kind = field["custom_id"], field["type"]
    shown: Json = {"type": kind, "custom_id": name, "id": field.get("id", 0)}
    options = field.get("options") or []
    standing = [option["value"] for option in options if option.get("default")]
    if kind == 4:
        text = str(values.get(name, field.get("value") or ""))
        least, most = field.get("min_length") or 0, field.get("max_length") or 4000
        empty = not text and not field.get("required", True)
        assert empty or max(least, 1) <= len(text) <= most, f"{name}: {least} to {most} characters"
        return shown | {"value": text}
    if kind == 21:
        return shown | {"value": values.get(name, next(iter(standing), None))}
    if kind == 23:
        return shown | {"value": values.get(name, field.get("default", False))}
    chosen = values.get(name, standing)
    assert isinstance(chosen, list), f"{name} takes a list"
    offered = [option["value"] for option in options]
    assert not offered or set(chosen) <= set(offered), f"{chosen} of {offered}"
    return shown | {"values": chosen}
