"""What the bot posts and edits: checked, stored, told."""

from tests.servers.discord import errors
from tests.servers.discord import permissions as may
from tests.servers.discord.errors import ApiError, invalid
from tests.servers.discord.ground import Json
from tests.servers.discord.limits import check_files, check_message
from tests.servers.discord.messages import DEFAULT, REPLY, Message, Policy, mention, walk
from tests.servers.discord.places import Channel
from tests.servers.discord.rest import Upload
from tests.servers.discord.world import World

SETTABLE = may.SUPPRESS_EMBEDS | may.SUPPRESS_NOTIFICATIONS | may.COMPONENTS_V2
SAYING = ("content", "embeds", "components", "poll", "sticker_ids")
REPLIABLE = (0, 19, 20, 23)


def post(
    world: World,
    channel: Channel,
    body: Json,
    uploads: tuple[Upload, ...],
    *,
    type: int = DEFAULT,
    flags: int = 0,
    interaction: Json | None = None,
    silent: bool = False,
) -> Message:
    """A new message of the bot. `flags` come beside those of the body; `silent`: not yet placed."""
    given = int(body.get("flags") or 0)
    allowed = SETTABLE | (may.EPHEMERAL if interaction is not None else 0)
    if given & ~allowed:
        raise invalid("flags", f"These flags cannot be set: {given & ~allowed}.")
    flags |= given
    check_message(body, flags)
    check_files([len(u.content) for u in uploads], len(uploads))
    says = any(body.get(name) for name in SAYING)
    if not (says or uploads or flags & may.LOADING):
        raise errors.empty_message()
    message = Message(
        world.ids.fresh(), channel, world.bot, body.get("content") or "", world.clock.now(),
        type=type, flags=flags, embeds=_embeds(body), nonce=body.get("nonce"),
        components=numbered(body.get("components") or []), interaction=interaction,
        webhook_id=world.application_id if interaction is not None else None,
    )  # fmt: skip
    _refer(world, message, body.get("message_reference"))
    message.attachments = _uploaded(world, channel, body, uploads)
    mention(message, world.users, Policy.of(body.get("allowed_mentions")))
    if not silent:
        world.place(message)
    return message


def edit(world: World, message: Message, body: Json, uploads: tuple[Upload, ...]) -> Message:
    """A PATCH of the bot's own message. What the body does not name stays."""
    given = int(body.get("flags") or 0)
    if message.flags & may.COMPONENTS_V2 and "flags" in body and not given & may.COMPONENTS_V2:
        raise invalid("flags", "IS_COMPONENTS_V2 cannot be removed.")
    flags = message.flags & ~may.LOADING | given & SETTABLE
    kept = _kept(message, body)
    after: Json = {
        "content": message.content, "embeds": message.embeds, "components": message.components,
    }  # fmt: skip
    after |= {key: value for key, value in body.items() if key in after}
    check_message(after | {"allowed_mentions": body.get("allowed_mentions")}, flags)
    check_files([len(u.content) for u in uploads], len(kept) + len(uploads))
    if not any(after.values()) and not kept and not uploads:
        raise errors.empty_message()
    message.flags = flags
    message.embeds, message.attachments = _embeds(after), kept
    message.attachments += _uploaded(world, message.channel, body, uploads)
    message.components = numbered(after["components"] or [])
    message.edits += 1
    message.edited_at = world.clock.now()
    message.write(after["content"] or "")
    if {"content", "components"} & body.keys():
        mention(message, world.users, Policy.of(body.get("allowed_mentions")))
    world.replaced(message)
    return message


def _embeds(body: Json) -> list[Json]:
    return [{"type": "rich"} | embed for embed in body.get("embeds") or []]


def _kept(message: Message, body: Json) -> list[Json]:
    """The attachments that stay: all, unless the body lists them."""
    if body.get("attachments") is None:
        return [] if "attachments" in body else list(message.attachments)
    listed = {str(each["id"]) for each in body["attachments"]}
    return [each for each in message.attachments if each["id"] in listed]


def _uploaded(
    world: World, channel: Channel, body: Json, uploads: tuple[Upload, ...]
) -> list[Json]:
    told = {str(each.get("id")): each for each in body.get("attachments") or []}
    found = []
    for upload in uploads:
        more = told.get(str(upload.index), {})
        stored = world.attach(channel, more.get("filename") or upload.filename, upload.content)
        if more.get("description"):
            stored["description"] = more["description"]
        found.append(stored)
    return found


def _refer(world: World, message: Message, given: Json | None) -> None:
    """Make it a reply. 50035 where the target is unknown, unless that may be."""
    if given is None:
        return
    channel = message.channel
    if not channel.permissions(world.bot) & may.READ_MESSAGE_HISTORY:
        raise errors.no_history()
    try:
        target = world.message(channel, int(given["message_id"]))
    except ApiError:
        if given.get("fail_if_not_exists", True):
            why = "Unknown message"
            raise invalid("message_reference", why, "REPLIES_UNKNOWN_MESSAGE") from None
        return
    if target.type not in REPLIABLE:
        why = "Cannot reply to a system message"
        raise invalid("message_reference", why, "REPLIES_CANNOT_REPLY_TO_SYSTEM_MESSAGE")
    message.type, message.replied_to = REPLY, target
    guild = {"guild_id": str(channel.guild.id)} if channel.guild else {}
    message.reference = {
        "type": 0, "channel_id": str(channel.id), "message_id": str(target.id),
    } | guild  # fmt: skip


def numbered(components: list[Json]) -> list[Json]:
    """The components with the ids that Discord gives to those that have none."""
    for number, component in enumerate(walk(components), 1):
        component.setdefault("id", number)
    return components
