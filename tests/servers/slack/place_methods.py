"""conversations.*, users.*, team.info, auth.test: what there is, page by page."""

import base64
from collections.abc import Sequence
from typing import TypeVar

from tests.servers.slack.errors import SlackError
from tests.servers.slack.ground import Json
from tests.servers.slack.installs import Installation
from tests.servers.slack.messages import Message
from tests.servers.slack.people import Person
from tests.servers.slack.places import SCOPE, Channel, Kind
from tests.servers.slack.telling import Telling
from tests.servers.slack.webapi import Asking, Method

Item = TypeVar("Item")
TYPES = {
    "public_channel": Kind.CHANNEL, "private_channel": Kind.GROUP, "im": Kind.IM,
    "mpim": Kind.MPIM,
}  # fmt: skip


class PlaceMethods:
    """Methods that read, and those that bring the bot somewhere."""

    def __init__(self, world: Telling) -> None:
        self._world = world

    def table(self) -> dict[str, Method]:
        return {
            "auth.test": self.auth_test, "team.info": self.team_info,
            "users.info": self.user, "users.list": self.users,
            "users.conversations": self.users_conversations, "conversations.list": self.listed,
            "conversations.info": self.info, "conversations.members": self.members,
            "conversations.open": self.open, "conversations.join": self.join,
            "conversations.history": self.history, "conversations.replies": self.replies,
        }  # fmt: skip

    def auth_test(self, asking: Asking) -> Json:
        by = asking.installation
        team = self._world.teams[by.teams[0]]
        org = {"enterprise_id": team.enterprise} if team.enterprise else {}
        return {
            "url": f"https://{team.domain}.slack.com/", "user": "ellie", "user_id": by.bot_user,
            "team": f"Org {by.at}" if by.org else team.name, "team_id": by.at,
            "bot_id": by.bot_id, "is_enterprise_install": by.org,
        } | org  # fmt: skip

    def team_info(self, asking: Asking) -> Json:
        team = asking.text("team") or self._team(asking)
        if team not in self._world.teams or not self._visible_team(asking.installation, team):
            raise SlackError("team_not_found")
        return {"team": self._world.teams[team].json()}

    def _visible_team(self, by: Installation, team: str) -> bool:
        shared = [c for c in self._world.channels.values() if by.bot_user in c.members]
        return team in by.teams or any(team in c.teams for c in shared)

    def _team(self, asking: Asking) -> str:
        """The workspace; a token of an organisation has to name it."""
        by, team = asking.installation, asking.text("team_id")
        if by.org and not team:
            raise SlackError("missing_argument", arg="team_id")
        if by.org and team not in by.teams:
            raise SlackError("team_access_not_granted")
        return team if by.org else by.at

    def user(self, asking: Asking) -> Json:
        person = self._world.people.get(asking.text("user"))
        if person is None:
            raise SlackError("user_not_found")
        locale = {"locale": "en-US"} if asking.args.get("include_locale") else {}
        return {"user": self._shown(asking.installation, person) | locale}

    def _shown(self, by: Installation, person: Person) -> Json:
        """`is_stranger`: of another workspace, and in no channel that the bot is in."""
        home = self._world.teams[person.team]
        shared = any(
            {by.bot_user, person.id} <= {*c.members} for c in self._world.channels.values()
        )
        return person.json(home, not person.teams & {*by.teams} and not shared)

    def users(self, asking: Asking) -> Json:
        team = self._team(asking)
        people = [p for p in self._world.people.values() if team in p.teams]
        page, more = paged(people, asking, 1000)
        shown = [self._shown(asking.installation, person) for person in page]
        return {"members": shown, "cache_ts": int(self._world.clock.time())} | more

    def listed(self, asking: Asking) -> Json:
        team = self._team(asking)
        held = [c for c in self._world.channels.values() if team in c.teams and not c.deleted]
        return self._channels(asking, held)

    def users_conversations(self, asking: Asking) -> Json:
        self._team(asking)
        user = asking.text("user") or asking.installation.bot_user
        held = [c for c in self._world.channels.values() if user in c.members and not c.deleted]
        return self._channels(asking, held)

    def _channels(self, asking: Asking, held: Sequence[Channel]) -> Json:
        by, kinds = asking.installation, []
        for name in (asking.text("types") or "public_channel").split(","):
            if (kind := TYPES.get(name.strip())) is None:
                raise SlackError("invalid_types")
            asking.need(f"{SCOPE[kind]}:read")
            kinds.append(kind)
        shown = [
            c
            for c in held
            if c.kind in kinds
            and (c.kind is Kind.CHANNEL or by.bot_user in c.members)
            and not (c.archived and asking.args.get("exclude_archived"))
        ]
        page, more = paged(shown, asking, 100)
        return {"channels": [self._channel(by, c) for c in page]} | more

    def _channel(self, by: Installation, channel: Channel, *, count: bool = False) -> Json:
        context = self._world.context_team(by, channel, channel.team)
        return channel.json(by.bot_user, count=count, context=context)

    def info(self, asking: Asking) -> Json:
        channel = self._found(asking, "read")
        count = bool(asking.args.get("include_num_members"))
        return {"channel": self._channel(asking.installation, channel, count=count)}

    def _found(self, asking: Asking, right: str) -> Channel:
        """The channel, if the scopes allow this to its kind."""
        channel = self._world.see(asking.installation, asking.text("channel"))
        asking.need(f"{SCOPE[channel.kind]}:{right}")
        return channel

    def members(self, asking: Asking) -> Json:
        channel = self._found(asking, "read")
        page, more = paged(channel.members, asking, 100)
        return {"members": page} | more

    def open(self, asking: Asking) -> Json:
        world, by = self._world, asking.installation
        if id_ := asking.text("channel"):
            return {"channel": {"id": world.see(by, id_).id}}
        users = [user for user in asking.text("users").split(",") if user]
        if not users:
            raise SlackError("users_list_not_supplied")
        for user in users:
            person = world.people.get(user)
            if person is None or not world.visible(by, person):
                raise SlackError("user_not_found")
            if person.deleted:
                raise SlackError("user_disabled")
        asking.need("im:write" if len(users) == 1 else "mpim:write")
        if len(users) > 8:
            raise SlackError("too_many_users")
        known = {*world.channels}
        channel = world.dm_of(by, users[0]) if len(users) == 1 else world.group_of(by, users)
        again = {"no_op": True, "already_open": True} if channel.id in known else {}
        full = asking.args.get("return_im")
        return {"channel": self._channel(by, channel) if full else {"id": channel.id}} | again

    def join(self, asking: Asking) -> Json:
        by = asking.installation
        channel = self._world.see(by, asking.text("channel"))
        if channel.kind is not Kind.CHANNEL:
            raise SlackError("method_not_supported_for_channel_type")
        if channel.archived:
            raise SlackError("is_archived")
        if by.bot_user in channel.members:
            asking.warnings.append("already_in_channel")
        else:
            channel.members.append(by.bot_user)
            self._world.tell_joined(channel, by.bot_user)
        return {"channel": self._channel(by, channel)}

    def history(self, asking: Asking) -> Json:
        channel = self._found(asking, "history")
        if asking.installation.bot_user not in channel.members:
            raise SlackError("not_in_channel")
        held = [m for m in self._world.messages(channel.id) if _top(m)]
        page, more = paged([*reversed(_span(held, asking))], asking, 100, 999)
        return {"messages": self._messages(page, asking), "pin_count": 0} | more

    def replies(self, asking: Asking) -> Json:
        """The root and its replies, oldest first. The root is on every page."""
        channel = self._found(asking, "history")
        if asking.installation.bot_user not in channel.members:
            raise SlackError("not_in_channel")
        held = self._world.said(channel.id)
        named = held.get(asking.text("ts"))
        if named is None:
            raise SlackError("thread_not_found")
        root = held.get(named.thread_ts, named) if named.thread_ts else named
        replies = [m for m in held.values() if m.thread_ts == root.ts and m is not root]
        page, more = paged(_span(replies, asking), asking, 1000)
        return {"messages": self._messages([root, *page], asking)} | more

    def _messages(self, page: Sequence[Message], asking: Asking) -> list[Json]:
        whole = bool(asking.args.get("include_all_metadata"))
        return [self._with_replies(m, m.json(metadata=whole)) for m in page]

    def _with_replies(self, message: Message, shown: Json) -> Json:
        replies = self._world.messages(message.channel, message.ts)
        if not replies:
            return shown
        who = list(dict.fromkeys(m.user for m in replies if m.user))
        return shown | {
            "reply_count": len(replies), "reply_users": who, "reply_users_count": len(who),
            "latest_reply": replies[-1].ts, "is_locked": False, "subscribed": False,
        }  # fmt: skip


def _top(message: Message) -> bool:
    """Does it stand in the channel itself?"""
    return message.thread_ts in (None, message.ts) or message.broadcast


def _span(held: Sequence[Message], asking: Asking) -> list[Message]:
    """Between `oldest` and `latest`; with them only where `inclusive`."""
    try:
        oldest, latest = (float(asking.text(n) or d) for n, d in (("oldest", 0), ("latest", 1e12)))
    except ValueError:
        raise SlackError("invalid_ts_oldest") from None
    ends = (oldest, latest) if asking.args.get("inclusive") else ()
    return [m for m in held if oldest < float(m.ts) < latest or float(m.ts) in ends]


def paged(
    held: Sequence[Item], asking: Asking, default: int, most: int = 1000
) -> tuple[list[Item], Json]:
    """One page by `cursor` and `limit`, and what points to the next one."""
    limit = asking.args.get("limit") or default
    if not 0 < limit <= most:
        raise SlackError("invalid_limit")
    start = 0
    if cursor := asking.text("cursor"):
        try:
            start = int(base64.b64decode(cursor, validate=True).decode().removeprefix("next:"))
        except ValueError:
            raise SlackError("invalid_cursor") from None
    end = start + limit
    more = len(held) > end
    following = base64.b64encode(f"next:{end}".encode()).decode() if more else ""
    told: Json = {"response_metadata": {"next_cursor": following}}
    if asking.method in ("conversations.history", "conversations.replies"):
        told["has_more"] = more
    return [*held[start:end]], told
