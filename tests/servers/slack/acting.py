"""Acting as the people of the loopback Slack: they write, edit, delete, come and go."""

import mimetypes
from collections.abc import Iterable
from uuid import uuid4

from tests.servers.slack.messages import File, Message, rich_text
from tests.servers.slack.people import Person
from tests.servers.slack.places import Channel
from tests.servers.slack.responding import Responding

Attached = tuple[str, bytes] | tuple[str, bytes, str]


class Acting(Responding):
    """What people do. Each returns once the events are on their way to the app.

    Text is in Slack's own escapes: `<@U1>` mentions, `&amp;` is an ampersand.
    """

    async def flush(self) -> None:
        """Wait until what was sent has left for every open socket."""

    async def say(
        self,
        user: str,
        channel: str,
        text: str,
        thread: str | None = None,
        files: Iterable[Attached] = (),
        broadcast: bool = False,
        *,
        subtype: str | None = None,
        team: str | None = None,
    ) -> str:
        """A message of a person; its ts. `thread`: a reply to this ts.

        `files`: (name, bytes) or (name, bytes, content type). `team`: from which workspace a
        person writes who is in several.
        """
        place, person = self._in(user, channel), self.people[user]
        home = team or person.team
        message = Message(channel, self.ids.ts(), home, user, text, subtype=subtype)
        message.blocks = [rich_text(text, self.ids.fresh("b"))] if text else []
        message.client_msg_id = str(uuid4())
        message.files = [self.keep(person, place, *file) for file in files]
        if message.files:
            message.subtype = "file_share"
            message.more |= {"upload": False, "display_as_bot": False}
        if thread is not None:
            self.join_thread(place, message, thread, broadcast)
        self.place(message)
        await self.flush()
        return message.ts

    def _in(self, user: str, channel: str) -> Channel:
        place = self.channels[channel]
        assert user in place.members, f"{user} is not in {channel}"
        assert not place.archived, f"{channel} is archived"
        return place

    def keep(
        self, person: Person, place: Channel, name: str, content: bytes, kind: str = ""
    ) -> File:
        """A file of this person's, shared in the channel."""
        id_ = self.ids.fresh("F")
        url = f"{self.base}/files-pri/{person.team}-{id_}/{name}"
        kind = kind or mimetypes.guess_type(name)[0] or "application/octet-stream"
        now = int(self.clock.time())
        file = File(id_, name, name, kind, content, person.id, person.team, url, now, [place.id])
        self.kept[id_] = file
        return file

    async def edit(self, channel: str, ts: str, text: str) -> None:
        """The author writes it anew: `message_changed` with `edited`."""
        message = self.said(channel)[ts]
        assert message.user is not None
        before = message.json()
        message.text, message.blocks = text, [rich_text(text, self.ids.fresh("b"))]
        message.edited = {"user": message.user, "ts": self.ids.ts()}
        self.tell_changed(message, before)
        await self.flush()

    async def unfurl(self, channel: str, ts: str, title: str = "A page") -> None:
        """Slack adds a preview of a link: `message_changed`, and the text is the same."""
        message = self.said(channel)[ts]
        before = message.json()
        page = {"id": 1, "title": title, "fallback": title, "from_url": "https://example.com/"}
        message.attachments = [*message.attachments, page]
        self.tell_changed(message, before)
        await self.flush()

    async def delete(self, channel: str, ts: str) -> None:
        """`message_deleted`; a message with replies becomes a tombstone instead."""
        self.remove(self.said(channel)[ts])
        await self.flush()

    async def bot_says(self, channel: str, text: str, *, name: str = "Weather") -> str:
        """Another app's message, by an incoming webhook: subtype `bot_message`, without user."""
        place = self.channels[channel]
        message = Message(channel, self.ids.ts(), place.team, None, text, subtype="bot_message")
        message.bot_id, message.username = "B0OTHER", name
        self.place(message)
        await self.flush()
        return message.ts

    async def join(self, user: str, channel: str) -> None:
        """A person comes into a channel: `member_joined_channel`, and a message that says so."""
        place = self.channels[channel]
        place.members.append(user)
        self.tell_joined(place, user)
        await self.flush()

    async def leave(self, user: str, channel: str) -> None:
        place = self.channels[channel]
        event = self.membership("member_left_channel", place, user)
        self.tell("member_left_channel", event, channel=place, team=place.team)
        place.members.remove(user)
        await self.flush()
