"""chat.*: posting, updating, deleting, whispering."""

from tests.servers.slack.content import UPDATE_TEXT, content
from tests.servers.slack.errors import SlackError, invalid
from tests.servers.slack.ground import Json
from tests.servers.slack.messages import Message
from tests.servers.slack.places import Channel, Kind
from tests.servers.slack.telling import Telling
from tests.servers.slack.webapi import Asking, Method


class ChatMethods:
    """Methods of an installation's bot."""

    def __init__(self, world: Telling) -> None:
        self._world = world

    def table(self) -> dict[str, Method]:
        return {
            "chat.postMessage": self.post, "chat.update": self.update, "chat.delete": self.delete,
            "chat.postEphemeral": self.whisper, "chat.getPermalink": self.permalink,
        }  # fmt: skip

    def post(self, asking: Asking) -> Json:
        channel = self.place(asking)
        given = content(asking, self._world.ids)
        message = self._world.by_bot(asking.installation, channel, given.text, given.blocks)
        message.attachments, message.metadata = given.attachments, given.metadata or None
        if asking.args.get("username") or asking.args.get("icon_emoji"):
            asking.need("chat:write.customize")
            message.username, message.subtype = asking.text("username") or None, "bot_message"
        if thread := asking.text("thread_ts"):
            cast = bool(asking.args.get("reply_broadcast"))
            self.reply(channel, message, thread, broadcast=cast)
        self._world.place(message)
        return {"channel": channel.id, "ts": message.ts, "message": message.json(metadata=True)}

    def place(self, asking: Asking, name: str = "channel") -> Channel:
        """Where the bot may write. A person's id means the DM with them."""
        world, by, id_ = self._world, asking.installation, asking.text(name)
        if id_[:1] in ("U", "W"):
            if id_ not in world.people or not world.people[id_].teams & {*by.teams}:
                raise SlackError("channel_not_found")
            return world.dm_of(by, id_)
        channel = world.see(by, id_)
        if channel.archived:
            raise SlackError("is_archived")
        if by.bot_user not in channel.members:
            raise SlackError("not_in_channel")
        if channel.kind is Kind.IM and not world.messages_tab:
            raise SlackError("messages_tab_disabled")
        return channel

    def reply(self, channel: Channel, message: Message, thread: str, *, broadcast: bool) -> None:
        """Into the thread. Slack takes a reply's own ts, and a root that is gone, as they are."""
        world = self._world
        try:
            world.join_thread(channel, message, thread, broadcast)
        except ValueError:
            raise invalid("thread_ts is no timestamp", error="invalid_thread_ts") from None

    def update(self, asking: Asking) -> Json:
        world = self._world
        channel, message = self._own(asking, "cant_update_message")
        if message.streaming:
            raise SlackError("streaming_state_conflict")
        if channel.archived:
            raise SlackError("is_inactive")
        given = content(asking, world.ids, most=UPDATE_TEXT, cut=False)
        before = message.json()
        if asking.args.keys() & {"text", "markdown_text"}:
            message.text = given.text
            if "blocks" not in asking.args:
                message.blocks = []
                message.edited = {"user": asking.installation.bot_user, "ts": world.ids.ts()}
        if "blocks" in asking.args:
            message.blocks = given.blocks
        if "attachments" in asking.args:
            message.attachments = given.attachments
        if given.metadata is not None:
            message.metadata = given.metadata or None
        world.tell_changed(message, before)
        return {
            "channel": channel.id, "ts": message.ts, "text": message.text,
            "message": message.json(metadata=True),
        }  # fmt: skip

    def delete(self, asking: Asking) -> Json:
        channel, message = self._own(asking, "cant_delete_message")
        self._world.remove(message)
        return {"channel": channel.id, "ts": message.ts}

    def _own(self, asking: Asking, refusal: str) -> tuple[Channel, Message]:
        """The bot's own message; another's is refused. An ephemeral one cannot be found."""
        channel = self._world.see(asking.installation, asking.text("channel"))
        message = self._world.message(channel.id, asking.text("ts"))
        if message.bot_id != asking.installation.bot_id:
            raise SlackError(refusal)
        return channel, message

    def whisper(self, asking: Asking) -> Json:
        world, user = self._world, asking.text("user")
        channel = self.place(asking)
        if user not in world.people:
            raise SlackError("user_not_found")
        if user not in channel.members:
            raise SlackError("user_not_in_channel")
        given = content(asking, world.ids)
        message = world.by_bot(asking.installation, channel, given.text, given.blocks)
        message.only_for, message.thread_ts = user, asking.text("thread_ts") or None
        message.attachments = given.attachments
        world.whisper(message)
        return {"message_ts": message.ts}

    def permalink(self, asking: Asking) -> Json:
        channel = self._world.see(asking.installation, asking.text("channel"))
        message = self._world.message(channel.id, asking.text("message_ts"))
        return {"channel": channel.id, "permalink": self._world.permalink(message)}
