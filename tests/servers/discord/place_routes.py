"""REST of the application, people, guilds, channels and threads."""

from tests.servers.discord import errors
from tests.servers.discord import permissions as may
from tests.servers.discord.errors import invalid
from tests.servers.discord.ground import Json
from tests.servers.discord.places import PRIVATE_THREAD, Channel
from tests.servers.discord.rest import Call, Route
from tests.servers.discord.world import World

THREAD = frozenset(
    ["name", "auto_archive_duration", "type", "invitable", "rate_limit_per_user", "location"]
)


class PlaceRoutes:
    """Its `table` is what the server's route table holds of it."""

    def __init__(self, world: World) -> None:
        self._world = world

    def table(self) -> dict[str, Route]:
        guild, channel = "/guilds/{guild}", "/channels/{channel}"
        return {
            "GET /users/@me": lambda call: self._world.bot.json(),
            "GET /oauth2/applications/@me": self.application,
            "GET /applications/@me": self.application,
            "GET /gateway": lambda call: {"url": self._world.gateway},
            "GET /gateway/bot": self.gateway,
            "POST /users/@me/channels": self.open_dm,
            "DELETE /users/@me/guilds/{guild}": self.leave,
            "GET /users/{user}": self.user,
            f"GET {guild}": lambda call: self._world.guild(call.id("guild")).json(),
            f"GET {guild}/channels": self.channels,
            f"GET {guild}/roles": self.roles,
            f"GET {guild}/members/{{user}}": self.member,
            f"GET {guild}/threads/active": self.active_threads,
            f"GET {channel}": lambda call: self._world.channel(call.id("channel")).json(),
            f"POST {channel}/threads": self.start_thread,
            f"POST {channel}/messages/{{message}}/threads": self.start_thread,
            f"PUT {channel}/thread-members/@me": self.join_thread,
            f"GET {channel}/thread-members": self.thread_members,
            f"GET {channel}/thread-members/{{user}}": self.thread_member,
        }

    def application(self, call: Call) -> Json:
        owner = self._world.developer.json()
        return {
            "id": str(self._world.application_id), "name": self._world.bot.name, "icon": None,
            "description": "", "bot_public": True, "bot_require_code_grant": False,
            "verify_key": "0" * 64, "owner": owner, "team": None, "summary": "",
            "flags": self._world.application_flags,
            "bot": self._world.bot.json(), "redirect_uris": [], "tags": [], "hook": True,
            "interactions_endpoint_url": None, "role_connections_verification_url": None,
            "approximate_guild_count": sum(g.joined for g in self._world.guilds.values()),
        }  # fmt: skip

    def gateway(self, call: Call) -> Json:
        limit = {
            "total": 1000, "remaining": 1000 - self._world.identifies, "reset_after": 86400000,
            "max_concurrency": self._world.max_concurrency,
        }  # fmt: skip
        shards = self._world.recommended_shards
        return {"url": self._world.gateway, "shards": shards, "session_start_limit": limit}

    def user(self, call: Call) -> Json:
        found = self._world.users.get(call.id("user"))
        if found is None:
            raise errors.unknown_user()
        return found.json()

    def member(self, call: Call) -> Json:
        found = self._world.guild(call.id("guild")).members.get(call.id("user"))
        if found is None:
            raise errors.unknown_member()
        return found.whole()

    def channels(self, call: Call) -> list[Json]:
        held = self._world.guild(call.id("guild")).channels.values()
        return [channel.json() for channel in held if not channel.is_thread]

    def roles(self, call: Call) -> list[Json]:
        return [role.json() for role in self._world.guild(call.id("guild")).roles.values()]

    def active_threads(self, call: Call) -> Json:
        held = self._world.guild(call.id("guild")).channels.values()
        seen = [c for c in held if c.is_thread and c.seen_by(self._world.bot)]
        mine = [c for c in seen if self._world.bot in c.members]
        return {
            "threads": [thread.json() for thread in seen],
            "members": [thread.membership(self._world.bot) for thread in mine],
        }

    def open_dm(self, call: Call) -> Json:
        wanted = call.body(frozenset(["recipient_id"])).get("recipient_id", 0)
        user = self._world.users.get(int(wanted))
        if user is None:
            raise errors.unknown_user()
        if user.bot:
            raise errors.cannot_dm()
        return self._world.dm(user).json()

    def leave(self, call: Call) -> None:
        self._world.bot_leaves(self._world.guild(call.id("guild")))

    def start_thread(self, call: Call) -> Json:
        """From a message (the thread has its id) or beside all."""
        channel, body = self._world.channel(call.id("channel")), call.body(THREAD)
        self._world.require(channel, may.CREATE_PUBLIC_THREADS)
        if not 1 <= len(body.get("name") or "") <= 100:
            raise invalid("name", "Must be between 1 and 100 in length.")
        id_ = None
        if "message" in call.ids:
            id_ = self._world.message(channel, call.id("message")).id
            if channel.guild is not None and id_ in channel.guild.channels:
                why = "A thread has already been created for this message"
                raise errors.ApiError(400, 160004, why)
        private = body.get("type") == PRIVATE_THREAD
        bot = self._world.bot
        return channel.add_thread(body["name"], private, [bot], id=id_).json()

    def _thread(self, call: Call) -> Channel:
        thread = self._world.channel(call.id("channel"))
        if not thread.is_thread:
            raise errors.ApiError(400, 50024, "Cannot execute action on this channel type")
        return thread

    def join_thread(self, call: Call) -> None:
        thread = self._thread(call)
        if self._world.bot not in thread.members:
            thread.members.append(self._world.bot)

    def thread_members(self, call: Call) -> list[Json]:
        thread = self._thread(call)
        return [thread.membership(user) for user in thread.members]

    def thread_member(self, call: Call) -> Json:
        thread = self._thread(call)
        found = [user for user in thread.members if user.id == call.id("user")]
        if not found:
            raise errors.unknown_member()
        return thread.membership(found[0])
