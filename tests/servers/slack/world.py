"""Everything there is on the loopback Slack, and who is told of what happens."""

import hashlib
from collections.abc import Iterable

from tests.servers.slack.deliveries import Deliveries
from tests.servers.slack.errors import SlackError
from tests.servers.slack.faults import Faults
from tests.servers.slack.ground import Clock, Ground, Json
from tests.servers.slack.installs import EVENTS, SCOPES, Installation
from tests.servers.slack.messages import File, Message
from tests.servers.slack.parcels import Kind as Way
from tests.servers.slack.parcels import Parcel
from tests.servers.slack.people import Guest, Person, Team
from tests.servers.slack.places import SCOPE, Channel, Kind

Said = dict[str, Message]


class World(Ground):
    """Workspaces, people, channels, messages, installations. Everything is named by its id.

    Ids are the test's own: teams T…, organisations E…, people U… or W…, channels C… or G….
    """

    def __init__(self, clock: Clock | None = None) -> None:
        super().__init__(clock)
        self.app_id = "A0LOOPBACK"
        self.app_token = "xapp-1-A0LOOPBACK-1-abcdef"
        self.signing_secret = "8f742231b10e8888abcd99yyyzzz85a5"
        self.client_id = "1111.2222"
        self.client_secret = "0123456789abcdef0123456789abcdef"
        self.verification_token = "loopback-verification"
        self.agent = True
        """The app is declared as an agent (`agent_view`)."""
        self.base = ""
        self.faults = Faults()
        self.deliveries = Deliveries(self)
        self.teams: dict[str, Team] = {}
        self.people: dict[str, Person] = {}
        self.channels: dict[str, Channel] = {}
        self.installations: list[Installation] = []
        self.kept: dict[str, File] = {}
        self.downloads: list[str] = []
        """Paths of the files that were asked for, whether they were given or not."""
        self._said: dict[str, Said] = {}
        self._ephemeral: list[Message] = []

    def team(
        self, id: str, name: str = "", enterprise: str | None = None, paid: bool = True
    ) -> str:
        """A workspace. `paid` False: the agent features are off, as on a free plan."""
        self.teams[id] = Team(id, name or f"Team {id}", enterprise, paid)
        return id

    def person(
        self, team: str, id: str, name: str = "", guest: str | bool = False, admin: bool = False
    ) -> str:
        """A member. `guest`: "single" or "multi" (channels). On a Grid the same id may be a
        member of several workspaces: the first is its home."""
        known = self.people.get(id)
        if known is None:
            kind = Guest(guest) if isinstance(guest, str) else None
            known = self.people[id] = Person(id, team, name or id, kind, admin)
        known.teams.add(team)
        return id

    def channel(
        self,
        team: str,
        id: str,
        name: str = "",
        *,
        private: bool = False,
        mpim: bool = False,
        members: Iterable[str] = (),
        ext_shared: Iterable[str] = (),
        org_shared: bool = False,
        bot: bool = True,
    ) -> str:
        """A channel, with the app's bots in it unless `bot` is False. No event tells of it.

        `ext_shared`: workspaces of other organisations that share it (Slack Connect).
        `org_shared`: all workspaces of the team's organisation see it.
        """
        kind = Kind.MPIM if mpim else Kind.GROUP if private else Kind.CHANNEL
        org = self.teams[team].enterprise
        teams = [t.id for t in self.teams.values() if t.enterprise == org and t.id != team]
        channel = Channel(id, team, name or id.lower(), kind, [*members], [*ext_shared])
        channel.invited = bot
        channel.org_teams = teams if org_shared and org else []
        self.channels[id] = channel
        for installation in self.installations:
            self._bring_in(installation, channel)
        return id

    def install(
        self,
        at: str,
        bot_token: str = "xoxb-1",
        scopes: Iterable[str] = SCOPES,
        events: Iterable[str] = EVENTS,
        *,
        bot_user: str | None = None,
    ) -> Installation:
        """The app in a workspace (T…) or in a whole organisation (E…), with its bot user.

        `events` are subscriptions as the manifest names them (`message.im`). It takes the place
        of an earlier installation there, whose token is known no more.
        """
        org = at.startswith("E")
        teams = [t.id for t in self.teams.values() if t.enterprise == at] if org else [at]
        assert teams, f"{at} has no workspaces"
        bot, bot_id = bot_user or f"U0BOT{at}", f"B0BOT{at}"
        self.people[bot] = Person(bot, teams[0], "Ellie", bot_id=bot_id, teams=set(teams))
        wrong = {*events} - EVENTS.keys() | {*scopes} - SCOPES
        assert not wrong, f"the loopback Slack does not know {wrong}"
        granted, subscribed = frozenset(scopes), frozenset(events)
        installation = Installation(at, org, bot_token, bot, bot_id, granted, subscribed, teams)
        self.installations = [
            i for i in self.installations if i.token != bot_token and (i.at != at or i.revoked)
        ]
        self.installations.append(installation)
        for channel in self.channels.values():
            self._bring_in(installation, channel)
        return installation

    def _bring_in(self, installation: Installation, channel: Channel) -> None:
        there = {*channel.teams} & {*installation.teams}
        fits = channel.kind is not Kind.IM and channel.invited and there
        if fits and installation.bot_user not in channel.members:
            channel.members.append(installation.bot_user)

    def dm(self, team: str, user: str) -> str:
        """The id of the DM between a person and the app's bot user of this workspace."""
        installation = self.installed(team)
        assert installation is not None, f"the app is not installed in {team}"
        return self.dm_of(installation, user).id

    def dm_of(self, installation: Installation, user: str) -> Channel:
        both = {installation.bot_user, user}
        for channel in self.channels.values():
            if channel.kind is Kind.IM and {*channel.members} == both:
                return channel
        team = self.people[user].team
        home = team if team in installation.teams else installation.teams[0]
        channel = Channel(self.ids.fresh("D"), home, "directmessage", Kind.IM, [*both])
        self.channels[channel.id] = channel
        return channel

    def visible(self, by: Installation, person: Person) -> bool:
        """Of the installation's workspaces, or in a channel with the bot."""
        shared = [c for c in self.channels.values() if {by.bot_user, person.id} <= {*c.members}]
        return bool(person.teams & {*by.teams} or shared)

    def group_of(self, by: Installation, users: list[str]) -> Channel:
        """The group DM of the bot with these people."""
        everyone = {by.bot_user, *users}
        for channel in self.channels.values():
            if channel.kind is Kind.MPIM and {*channel.members} == everyone:
                return channel
        id_, name = self.ids.fresh("G"), "mpdm-" + "--".join(sorted(everyone)).lower() + "-1"
        channel = Channel(id_, by.teams[0], name, Kind.MPIM, [by.bot_user, *users], invited=False)
        self.channels[id_] = channel
        return channel

    def installed(self, team: str) -> Installation | None:
        """The good installation that covers this workspace, the workspace's own first."""
        good = [i for i in self.installations if team in i.teams and i.revoked is None]
        return min(good, key=lambda i: i.org, default=None)

    def bot(self, team: str) -> str:
        """The app's bot user in this workspace: `<@{slack.bot("T1")}> hello` mentions it."""
        installation = self.installed(team)
        assert installation is not None, f"the app is not installed in {team}"
        return installation.bot_user

    def said(self, channel: str) -> Said:
        return self._said.setdefault(channel, {})

    def messages(self, channel: str, thread: str | None = None) -> list[Message]:
        """What stands in the channel now, oldest first, replies in threads included.

        `thread`: only the replies to this message, without it. Ephemeral ones are in `ephemerals`.
        """
        held = [*self.said(channel).values()]
        if thread is None:
            return held
        return [m for m in held if m.thread_ts == thread and m.ts != thread]

    def files(self, channel: str) -> list[File]:
        """The files that were shared there, oldest first."""
        return [f for f in self.kept.values() if channel in f.shared_in and not f.deleted]

    def message(self, channel: str, ts: str) -> Message:
        """By its timestamp; Slack's `message_not_found` where there is none."""
        if (found := self.said(channel).get(ts)) is None:
            raise SlackError("message_not_found")
        return found

    def ephemerals(self, user: str, channel: str | None = None) -> list[Message]:
        """What only this person sees, oldest first: chat.postEphemeral and response_url."""
        return [
            m
            for m in self._ephemeral
            if m.only_for == user and not m.deleted and channel in (None, m.channel)
        ]

    def whisper(self, message: Message) -> None:
        self._ephemeral.append(message)
        self.changed()

    def see(self, installation: Installation, id: str) -> Channel:
        """A channel as this bot knows it; `channel_not_found` where it sees none."""
        channel = self.channels.get(id)
        if channel is None or channel.deleted or not {*channel.teams} & {*installation.teams}:
            raise SlackError("channel_not_found")
        inside = installation.bot_user in channel.members
        if channel.kind is not Kind.CHANNEL and not inside:
            raise SlackError("channel_not_found")
        return channel

    def context_team(self, installation: Installation, channel: Channel | None, team: str) -> str:
        """The workspace through which the app sees what happened in `team`."""
        if team in installation.teams:
            return team
        shown = [t for t in (channel.teams if channel else []) if t in installation.teams]
        return shown[0] if shown else installation.teams[0]

    def tell(self, name: str, event: Json, *, channel: Channel | None, team: str) -> list[Parcel]:
        """The event to the app, once: by the first installation that may hear it.

        `team` is where it happened. With a channel only those that are in it hear of it.
        """
        able = [i for i in self.installations if i.hears(name)]
        if channel is not None:
            able = [i for i in able if i.bot_user in channel.members]
        else:
            able = [i for i in able if team in i.teams]
        able.sort(key=lambda i: team not in i.teams)
        return [self.notify(able[0], event, channel=channel, team=team)] if able else []

    def notify(
        self, installation: Installation, event: Json, *, channel: Channel | None, team: str
    ) -> Parcel:
        """The event to the app as this installation's, whatever it has subscribed."""
        event_id = self.ids.fresh("Ev")
        context = self.context_team(installation, channel, team)
        seen_by = {
            "enterprise_id": self.teams[context].enterprise,
            "team_id": None if installation.org else context, "user_id": installation.bot_user,
            "is_bot": True, "is_enterprise_install": installation.org,
        }  # fmt: skip
        payload: Json = {
            "token": self.verification_token, "team_id": team, "context_team_id": context,
            "context_enterprise_id": self.teams[context].enterprise, "api_app_id": self.app_id,
            "event": event, "type": "event_callback", "event_id": event_id,
            "event_time": int(self.clock.time()), "authorizations": [seen_by],
            "is_ext_shared_channel": bool(channel and channel.ext_shared),
            "event_context": f"4-{hashlib.sha256(event_id.encode()).hexdigest()[:32]}",
        }  # fmt: skip
        if self.teams[team].enterprise:
            payload["enterprise_id"] = self.teams[team].enterprise
        parcel = Parcel(event_id, Way.EVENT, payload)
        self.deliveries.send(parcel)
        return parcel

    def tell_message(self, channel: Channel, event: Json, *, team: str) -> None:
        """A `message` event, by the subscription of the channel's kind."""
        subscription = f"message.{SCOPE[channel.kind]}"
        where = {"channel": channel.id, "channel_type": str(channel.kind)}
        self.tell(subscription, event | where, channel=channel, team=team)

    def seen(self) -> str:
        """Problems, and the last messages of every channel."""
        lines = [
            f"{channel}: {m.user}: {m.said[:200]}"
            for channel, held in self._said.items()
            for m in [*held.values()][-6:]
        ]
        return "\n".join([*self.problems, *lines])
