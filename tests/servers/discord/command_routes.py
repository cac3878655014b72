"""REST of application commands: registered globally or in one guild."""

from datetime import timedelta

from tests.servers.discord.command_limits import (
    CHAT_INPUT,
    CREATES_A_DAY,
    check_command,
    check_commands,
)
from tests.servers.discord.errors import ApiError, missing_access, unknown_command
from tests.servers.discord.fields import unknown_in_command
from tests.servers.discord.ground import Json
from tests.servers.discord.rest import Call, Route
from tests.servers.discord.world import World

Scope = int | None
"""The guild whose commands they are; None: global."""


class CommandRoutes:
    """Its `table` is what the server's route table holds of it."""

    def __init__(self, world: World) -> None:
        self._world = world

    def table(self) -> dict[str, Route]:
        routes: dict[str, Route] = {}
        for place in ("commands", "guilds/{guild}/commands"):
            base = f"/applications/{{application}}/{place}"
            routes |= {
                f"GET {base}": self.read_all,
                f"PUT {base}": self.replace_all,
                f"POST {base}": self.upsert,
                f"GET {base}/{{command}}": self.read,
                f"PATCH {base}/{{command}}": self.edit,
                f"DELETE {base}/{{command}}": self.delete,
            }
        return routes

    def _scope(self, call: Call) -> Scope:
        if call.id("application") != self._world.application_id:
            raise missing_access()
        return self._world.guild(call.id("guild")).id if "guild" in call.ids else None

    def _held(self, call: Call) -> dict[int, Json]:
        return self._world.registered.setdefault(self._scope(call), {})

    def read_all(self, call: Call) -> list[Json]:
        return list(self._held(call).values())

    def read(self, call: Call) -> Json:
        found = self._held(call).get(call.id("command"))
        if found is None:
            raise unknown_command()
        return found

    def replace_all(self, call: Call) -> list[Json]:
        """All at once. Those that stay by name and type keep their ids."""
        held, given = self._held(call), call.request.json
        commands = given if isinstance(given, list) else []
        for command in commands:
            call.report(unknown_in_command(command))
        check_commands(commands, self._world.user_install_enabled)
        fresh = [self._registered(call, command) for command in commands]
        held.clear()
        held |= {int(command["id"]): command for command in fresh}
        self._world.command_writes += 1
        return fresh

    def upsert(self, call: Call) -> Json:
        held, body = self._held(call), call.body()
        call.report(unknown_in_command(body))
        others = [c for c in held.values() if _key(c) != _key(body)]
        check_commands([*others, body], self._world.user_install_enabled)
        command = self._registered(call, body)
        held[int(command["id"])] = command
        self._world.command_writes += 1
        return command

    def edit(self, call: Call) -> Json:
        before, body = self.read(call), call.body()
        call.report(unknown_in_command(body))
        check_command(before | body, self._world.user_install_enabled)
        after = before | body | {"id": before["id"], "version": str(self._world.ids.fresh())}
        self._held(call)[call.id("command")] = after
        self._world.command_writes += 1
        return after

    def delete(self, call: Call) -> None:
        self.read(call)
        del self._held(call)[call.id("command")]
        self._world.command_writes += 1

    def _registered(self, call: Call, command: Json) -> Json:
        """As Discord keeps it: an id, a version, and what was left out."""
        scope, held = self._scope(call), self._held(call)
        same = [c for c in held.values() if _key(c) == _key(command)]
        if not same:
            self._count_create(scope)
        more = {"guild_id": str(scope)} if scope is not None else {}
        permissions = command.get("default_member_permissions")
        return {
            "description": "", "options": [], "nsfw": False, "dm_permission": True,
            "name_localizations": None, "description_localizations": None,
        } | command | more | {
            "id": same[0]["id"] if same else str(self._world.ids.fresh()),
            "type": command.get("type", CHAT_INPUT),
            "application_id": str(self._world.application_id),
            "version": str(self._world.ids.fresh()),
            "default_member_permissions": None if permissions is None else str(permissions),
            "contexts": command.get("contexts"),
            "integration_types": command.get("integration_types") or [0],
        }  # fmt: skip

    def _count_create(self, scope: Scope) -> None:
        now, created = self._world.clock.now(), self._world.created_commands
        created.append((scope, now))
        today = [at for s, at in created if s == scope and now - at < timedelta(days=1)]
        if len(today) > CREATES_A_DAY:
            why = f"Max number of daily application command creates reached ({CREATES_A_DAY})"
            raise ApiError(400, 30034, why)


def _key(command: Json) -> tuple[int, str]:
    return command.get("type", CHAT_INPUT), command["name"]
