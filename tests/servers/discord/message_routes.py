"""REST of messages: create, read, edit, delete, react, type."""

from datetime import timedelta

from tests.servers.discord import errors, fields
from tests.servers.discord import permissions as may
from tests.servers.discord.errors import invalid
from tests.servers.discord.ground import Event, Json
from tests.servers.discord.messages import Message
from tests.servers.discord.places import Channel
from tests.servers.discord.posting import edit, post
from tests.servers.discord.rest import Call, Route
from tests.servers.discord.world import World

NONCE_KEPT = timedelta(minutes=5)


class MessageRoutes:
    """Its `table` is what the server's route table holds of it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._nonces: dict[tuple[int, str], Message] = {}

    def table(self) -> dict[str, Route]:
        messages = "/channels/{channel}/messages"
        mine = messages + "/{message}/reactions/{emoji}/@me"
        return {
            f"POST {messages}": self.create,
            f"GET {messages}": self.read_many,
            f"POST {messages}/bulk-delete": self.delete_many,
            f"GET {messages}/{{message}}": self.read,
            f"PATCH {messages}/{{message}}": self.edit,
            f"DELETE {messages}/{{message}}": self.delete,
            f"PUT {mine}": self.react,
            f"DELETE {mine}": self.unreact,
            "POST /channels/{channel}/typing": self.type,
        }

    def create(self, call: Call) -> Json:
        channel, body = self._world.channel(call.id("channel")), call.body(fields.MESSAGE)
        self._may_post(channel, body, bool(call.uploads))
        key = (channel.id, str(body.get("nonce")))
        before = self._nonces.get(key) if body.get("enforce_nonce") else None
        if before is not None and self._world.clock.now() - before.at < NONCE_KEPT:
            return self._world.shown(before)
        message = post(self._world, channel, body, call.uploads)
        if body.get("nonce") is not None:
            self._nonces[key] = message
        return self._world.shown(message)

    def _may_post(self, channel: Channel, body: Json, files: bool) -> None:
        if channel.guild is None and not channel.recipients[0].accepts_dms:
            raise errors.cannot_dm()
        speaks = may.SEND_MESSAGES_IN_THREADS if channel.is_thread else may.SEND_MESSAGES
        self._world.require(channel, speaks)
        if files:
            self._world.require(channel, may.ATTACH_FILES)
        if body.get("embeds"):
            self._world.require(channel, may.EMBED_LINKS)

    def _found(self, call: Call) -> Message:
        channel = self._world.channel(call.id("channel"))
        return self._world.message(channel, call.id("message"))

    def read(self, call: Call) -> Json:
        message = self._found(call)
        self._world.require(message.channel, may.READ_MESSAGE_HISTORY)
        return self._world.shown(message)

    def read_many(self, call: Call) -> list[Json]:
        """Newest first; with `after`, the oldest of those after it."""
        channel, query = self._world.channel(call.id("channel")), call.request.query
        limit = int(query.get("limit", 50))
        if not 1 <= limit <= 100:
            raise invalid("limit", "int value should be between 1 and 100.")
        if not channel.permissions(self._world.bot) & may.READ_MESSAGE_HISTORY:
            return []
        held = self._world.messages(channel)
        if "after" in query:
            held = [m for m in held if m.id > int(query["after"])][:limit]
        elif "before" in query:
            held = [m for m in held if m.id < int(query["before"])][-limit:]
        elif "around" in query:
            middle, half = int(query["around"]), limit // 2
            older = [m for m in held if m.id < middle][-half:] if half else []
            held = older + [m for m in held if m.id >= middle][: limit - len(older)]
        return [self._world.shown(message) for message in reversed(held[-limit:])]

    def edit(self, call: Call) -> Json:
        message, body = self._found(call), call.body(fields.EDIT)
        if message.author is not self._world.bot:
            raise errors.not_yours()
        return self._world.shown(edit(self._world, message, body, call.uploads))

    def delete(self, call: Call) -> None:
        message = self._found(call)
        if message.author is not self._world.bot:
            self._world.require(message.channel, may.MANAGE_MESSAGES)
        self._world.remove(message)

    def delete_many(self, call: Call) -> None:
        channel = self._world.channel(call.id("channel"))
        self._world.require(channel, may.MANAGE_MESSAGES)
        ids = call.body(frozenset(["messages"])).get("messages", [])
        if not 2 <= len(ids) <= 100:
            raise invalid("messages", "Must be between 2 and 100 in length.")
        wanted = {int(id_) for id_ in ids}
        found = [m for m in self._world.messages(channel) if m.id in wanted]
        self._world.remove_all(channel, found)

    def react(self, call: Call) -> None:
        message = self._found(call)
        self._world.require(message.channel, may.ADD_REACTIONS | may.READ_MESSAGE_HISTORY)
        people = message.reactions.setdefault(call.ids["emoji"], [])
        if self._world.bot not in people:
            people.append(self._world.bot)

    def unreact(self, call: Call) -> None:
        people = self._found(call).reactions.get(call.ids["emoji"], [])
        if self._world.bot in people:
            people.remove(self._world.bot)

    def type(self, call: Call) -> None:
        channel = self._world.channel(call.id("channel"))
        self._world.require(
            channel, may.SEND_MESSAGES_IN_THREADS if channel.is_thread else may.SEND_MESSAGES
        )
        typing: Json = {
            "channel_id": str(channel.id), "user_id": str(self._world.bot.id),
            "timestamp": int(self._world.clock.now().timestamp()),
        }  # fmt: skip
        if channel.guild is not None:
            typing |= {"guild_id": str(channel.guild.id)}
            typing["member"] = channel.guild.members[self._world.bot.id].whole()
        self._world.emit(Event("TYPING_START", typing, channel.guild_id))
