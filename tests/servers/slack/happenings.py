"""What befalls workspaces and channels: archived, renamed, shared, deleted; people change."""

from tests.servers.slack.ground import Json
from tests.servers.slack.oauth_methods import Allowing
from tests.servers.slack.parcels import Kind as Way
from tests.servers.slack.parcels import Parcel
from tests.servers.slack.people import Guest
from tests.servers.slack.places import Channel, Kind
from tests.servers.slack.sessions import End


class Happening(Allowing):
    """Each returns once the events are on their way."""

    async def archive(self, channel: str) -> None:
        place = self.channels[channel]
        self._tell_place("archive", place, {"user": self._someone(place)})
        place.archived = True
        await self.flush()

    async def unarchive(self, channel: str) -> None:
        place = self.channels[channel]
        place.archived = False
        self._tell_place("unarchive", place, {"user": self._someone(place)})
        await self.flush()

    async def rename(self, channel: str, name: str) -> None:
        place = self.channels[channel]
        place.name = name
        whole = {"id": channel, "name": name, "created": place.created}
        self._tell_place("rename", place, {"channel": whole})
        await self.flush()

    async def delete_channel(self, channel: str) -> None:
        place = self.channels[channel]
        self._tell_place("deleted", place, {})
        place.deleted = True
        self.said(channel).clear()
        await self.flush()

    async def remove_bot(self, channel: str) -> None:
        """Somebody takes the app out of the channel: `channel_left` or `group_left`."""
        place = self.channels[channel]
        self._tell_place("left", place, {"actor_id": self._someone(place)})
        bots = {i.bot_user for i in self.installations}
        place.members = [m for m in place.members if m not in bots]
        place.invited = False
        await self.flush()

    async def invite_bot(self, channel: str, team: str | None = None) -> None:
        """Somebody brings the app into the channel: `member_joined_channel` of the bot."""
        place = self.channels[channel]
        bot = self.bot(team or place.team)
        place.members.append(bot)
        place.invited = True
        self.tell_joined(place, bot)
        await self.flush()

    async def share(self, channel: str, team: str) -> None:
        """Slack Connect: another workspace shares the channel from now on."""
        place = self.channels[channel]
        place.shared_with.append(team)
        event = {"type": "channel_shared", "connected_team_id": team, "channel": channel}
        stamped = event | {"event_ts": self.ids.ts()}
        self.tell("channel_shared", stamped, channel=place, team=place.team)
        await self.flush()

    async def unshare(self, channel: str, team: str) -> None:
        place = self.channels[channel]
        place.shared_with.remove(team)
        place.members = [m for m in place.members if team not in self.people[m].teams]
        event: Json = {
            "type": "channel_unshared", "previously_connected_team_id": team, "channel": channel,
            "is_ext_shared": place.ext_shared, "event_ts": self.ids.ts(),
        }  # fmt: skip
        self.tell("channel_unshared", event, channel=place, team=place.team)
        await self.flush()

    def _someone(self, place: Channel) -> str:
        return next((m for m in place.members if not self.people[m].bot_id), "USLACKBOT")

    def _tell_place(self, what: str, place: Channel, more: Json) -> None:
        """`channel_*` of public channels to all, `group_*` of private ones to who is inside."""
        if place.kind is Kind.IM:
            return
        name = f"{'channel' if place.kind is Kind.CHANNEL else 'group'}_{what}"
        event = {"type": name, "channel": place.id, "event_ts": self.ids.ts()} | more
        inside = place if place.kind is not Kind.CHANNEL or what == "left" else None
        self.tell(name, event, channel=inside, team=place.team)

    async def become(
        self,
        user: str,
        *,
        guest: str | bool | None = None,
        admin: bool | None = None,
        name: str | None = None,
        deleted: bool | None = None,
    ) -> None:
        """A person changes: `user_change`."""
        person = self.people[user]
        if guest is not None:
            person.guest = Guest(guest) if isinstance(guest, str) else None
        person.admin = person.admin if admin is None else admin
        person.name = name or person.name
        person.deleted = person.deleted if deleted is None else deleted
        self._tell_person("user_change", user)
        await self.flush()

    async def arrive(self, team: str, id: str, name: str = "", guest: str | bool = False) -> str:
        """A new member: `team_join`."""
        self.person(team, id, name, guest)
        self._tell_person("team_join", id)
        await self.flush()
        return id

    def _tell_person(self, name: str, user: str) -> None:
        person = self.people[user]
        shown = person.json(self.teams[person.team], stranger=False)
        event = {"type": name, "user": shown, "event_ts": self.ids.ts()}
        self.tell(name, event, channel=None, team=person.team)

    async def stop_session(self, user: str, channel: str, thread: str) -> None:
        """The stop button beside "processing": `agent_session_stopped`; its streams are closed.

        The session's status stays: it is the app's to change.
        """
        place = self.channels[channel]
        session = self.agent_sessions.get((channel, thread))
        assert session is not None, "there is no session"
        assert session.status == "processing", "there is no stop button unless it is processing"
        stopped = self.open_streams(channel, thread)
        for stream in stopped:
            self.end_stream(stream, End.BY_USER)
        event: Json = {
            "type": "agent_session_stopped", "channel": channel, "thread_ts": thread,
            "user": user, "streaming_message_ts": [s.message.ts for s in stopped],
            "event_ts": self.ids.ts(),
        }  # fmt: skip
        told = self.tell("agent_session_stopped", event, channel=place, team=place.team)
        assert told, "the app has not subscribed to it: there is no stop button"
        await self.flush()

    async def rate_limited(self, team: str) -> None:
        """More than 30,000 events in an hour: `app_rate_limited`, without an inner event."""
        minute = int(self.clock.time()) // 60 * 60
        payload: Json = {
            "token": self.verification_token, "type": "app_rate_limited", "team_id": team,
            "minute_rate_limited": minute, "api_app_id": self.app_id,
        }  # fmt: skip
        self.deliveries.send(Parcel(self.ids.fresh("R"), Way.EVENT, payload))
        await self.flush()

    async def happen(self, team: str, event: Json, channel: str | None = None) -> Parcel:
        """An event of one's own making, to the installation of this workspace."""
        by = self.installed(team)
        assert by is not None, f"the app is not installed in {team}"
        place = self.channels[channel] if channel else None
        parcel = self.notify(by, event, channel=place, team=team)
        await self.flush()
        return parcel
