"""Messages come, change and go, and the app is told as Slack tells it."""

import re

from tests.servers.slack.ground import Json
from tests.servers.slack.installs import Installation
from tests.servers.slack.messages import Message
from tests.servers.slack.places import Channel, Kind
from tests.servers.slack.world import World

TIMESTAMP = re.compile(r"\d{1,12}\.\d{1,9}")


class Telling(World):
    """What is said, and its events. `messages_tab`: people and the app can write in the DM."""

    messages_tab = True

    def by_bot(
        self, installation: Installation, channel: Channel, text: str, blocks: list[Json]
    ) -> Message:
        """A message of the app's, not yet in the channel."""
        team = self.context_team(installation, channel, channel.team)
        message = Message(channel.id, self.ids.ts(), team, installation.bot_user, text, blocks)
        message.bot_id, message.app_id = installation.bot_id, self.app_id
        message.more["bot_profile"] = {
            "id": installation.bot_id, "app_id": self.app_id, "user_id": installation.bot_user,
            "name": "Ellie", "icons": {}, "deleted": False, "updated": 1700000000, "team_id": team,
        }  # fmt: skip
        return message

    def join_thread(self, channel: Channel, message: Message, thread: str, cast: bool) -> None:
        """A reply. Its root is the thread's own, also where a reply was named. ValueError where
        `thread` is no timestamp; a root that is gone is no obstacle."""
        if not TIMESTAMP.fullmatch(thread):
            raise ValueError(thread)
        named = self.said(channel.id).get(thread)
        root = self.said(channel.id).get(named.thread_ts) if named and named.thread_ts else named
        message.thread_ts = root.ts if root else thread
        message.parent_user = root.user if root else None
        if root is not None:
            root.thread_ts = root.ts
        if cast:
            message.broadcast, message.subtype = True, "thread_broadcast"
            message.more["root"] = root.json() if root else {}

    def place(self, message: Message, *, mention: bool = True) -> None:
        """Put it where it is said, and tell the app."""
        self.said(message.channel)[message.ts] = message
        channel = self.channels[message.channel]
        event = self._event(message)
        self.tell_message(channel, event | {"event_ts": message.ts}, team=message.team)
        if mention and message.bot_id is None:
            self._tell_mention(channel, message, event)
        self.changed()

    def _event(self, message: Message) -> Json:
        """The message as events show it; through Slack Connect with whose it is."""
        shown = message.json()
        channel = self.channels[message.channel]
        if channel.ext_shared:
            team = self.teams[message.team]
            whose = team.enterprise or team.id
            shown |= {"user_team": whose, "source_team": whose}
            if message.user in self.people:
                shown["user_profile"] = self.people[message.user].profile()
            if message.files:
                shown["files"] = [file.stub() for file in message.files]
        return shown

    def _tell_mention(self, channel: Channel, message: Message, event: Json) -> None:
        """`app_mention` beside the message: same ts, its own event_id, no channel_type."""
        bots = {i.bot_user for i in self.installations}
        if str(channel.kind) == "im" or not bots & {*message.mentions}:
            return
        mention = event | {"type": "app_mention", "channel": channel.id, "event_ts": message.ts}
        self.tell("app_mention", mention, channel=channel, team=message.team)

    def tell_changed(self, message: Message, before: Json) -> None:
        """`message_changed` with the message as it is now and as it was."""
        channel = self.channels[message.channel]
        ts = self.ids.ts()
        event = {
            "type": "message", "subtype": "message_changed", "hidden": True, "ts": ts,
            "event_ts": ts, "message": self._event(message), "previous_message": before,
        }  # fmt: skip
        self.tell_message(channel, event, team=message.team)
        self.changed()

    def remove(self, message: Message) -> None:
        """`message_deleted`; what has replies stays as a tombstone, which is a change."""
        held = self.said(message.channel)
        before = message.json()
        if any(m.thread_ts == message.ts and m is not message for m in held.values()):
            message.subtype, message.text = "tombstone", "This message was deleted."
            message.user, message.bot_id, message.blocks = "USLACKBOT", None, []
            message.files, message.attachments, message.metadata = [], [], None
            message.more = {"hidden": True}
            self.tell_changed(message, before)
            return
        message.deleted = True
        del held[message.ts]
        ts = self.ids.ts()
        event = {
            "type": "message", "subtype": "message_deleted", "hidden": True, "ts": ts,
            "event_ts": ts, "deleted_ts": message.ts, "previous_message": before,
        }  # fmt: skip
        self.tell_message(self.channels[message.channel], event, team=message.team)
        self.changed()

    def permalink(self, message: Message) -> str:
        team = self.teams[self.channels[message.channel].team]
        link = f"https://{team.domain}.slack.com/archives/{message.channel}"
        link += f"/p{message.ts.replace('.', '')}"
        in_thread = f"?thread_ts={message.thread_ts}&cid={message.channel}"
        return link + (in_thread if message.thread_ts else "")

    def tell_joined(self, channel: Channel, user: str) -> None:
        event = self.membership("member_joined_channel", channel, user)
        self.tell("member_joined_channel", event, channel=channel, team=channel.team)
        text, team = f"<@{user}> has joined the channel", self.people[user].team
        message = Message(channel.id, self.ids.ts(), team, user, text, subtype="channel_join")
        self.place(message, mention=False)

    def membership(self, name: str, channel: Channel, user: str) -> Json:
        return {
            "type": name, "user": user, "channel": channel.id, "team": self.people[user].team,
            "channel_type": "G" if channel.kind is Kind.GROUP else "C", "event_ts": self.ids.ts(),
        }  # fmt: skip
