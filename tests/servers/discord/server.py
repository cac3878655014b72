"""The loopback Discord itself: opened, closed, and its gateway's bad days."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from aiohttp import web

from tests.servers.discord.acting import Acting
from tests.servers.discord.command_routes import CommandRoutes
from tests.servers.discord.faults import Bucket, Fault, Hold
from tests.servers.discord.gateway import HEARTBEAT, INVALID, RECONNECT, Close, Gateway, Session
from tests.servers.discord.ground import Event, Json
from tests.servers.discord.intents import GUILD_MEMBERS, GUILD_PRESENCES, MESSAGE_CONTENT
from tests.servers.discord.interaction_routes import InteractionRoutes
from tests.servers.discord.message_routes import MessageRoutes
from tests.servers.discord.place_routes import PlaceRoutes
from tests.servers.discord.rest import PREFIX, Rest, Route, answer_fault


class DiscordServer(Acting):
    """127.0.0.1, a free port; `base`, `gateway` and `cdn` are there once it is entered."""

    def __init__(self) -> None:
        super().__init__()
        self.base = ""
        self.withhold_acks = False
        self.heartbeat_seconds = 41.25
        self.resumed_at: list[str] = []
        self._gate = Gateway(self, self.bot.id)
        self.emit = self._gate.emit
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=64 * 2**20)
        rest = Rest(self)
        app.router.add_get("/gw", self._gate.serve)
        app.router.add_get("/gw/resume", self._gate.serve)
        app.router.add_get("/cdn/{path:.*}", self._file)
        app.router.add_route("*", PREFIX + "/{path:.*}", rest.serve)
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self.base = f"http://{host}:{port}{PREFIX}"
        self.cdn = f"http://{host}:{port}/cdn"
        self.gateway = f"ws://{host}:{port}/gw"
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.faults.release()
        for link in [*self._gate.links]:
            link.abort()
        if self._runner is not None:
            await self._runner.cleanup()

    def route_table(self) -> dict[str, Route]:
        answers = InteractionRoutes(self, self.interactions)
        routes = PlaceRoutes(self).table() | MessageRoutes(self).table()
        return routes | CommandRoutes(self).table() | answers.table()

    async def _file(self, request: web.Request) -> web.StreamResponse:
        """A file that was attached; its path names it by its id."""
        path = request.match_info["path"]
        self.downloads.append(path)
        self.changed()
        await self.faults.pause("GET", f"/cdn/{path}")
        if (fault := self.faults.take("GET", f"/cdn/{path}")) is not None:
            return answer_fault(request, fault)
        parts = path.split("/")
        found = self.files.get(int(parts[2])) if len(parts) == 4 else None
        if found is None or self.clock.now() >= found.expires:
            return web.Response(status=404)
        return web.Response(body=found.content, headers={"Content-Type": found.kind})

    def ready(self, session: Session) -> Json:
        """READY's payload."""
        self.reads_content = bool(session.intents & MESSAGE_CONTENT)
        held = [g for g in self.guilds.values() if g.joined and session.holds(g.id)]
        flags = self.application_flags
        return {
            "v": 10, "user": self.bot.json(), "session_id": session.id, "session_type": "normal",
            "guilds": [{"id": str(guild.id), "unavailable": True} for guild in held],
            "resume_gateway_url": f"{self.gateway}/resume", "shard": list(session.shard),
            "application": {"id": str(self.application_id), "flags": flags},
        }  # fmt: skip

    def greet(self, session: Session) -> None:
        """GUILD_CREATE of every guild that is available."""
        everyone = bool(session.intents & GUILD_MEMBERS and session.intents & GUILD_PRESENCES)
        for guild in self.guilds.values():
            if guild.joined and guild.available and session.holds(guild.id) and session.intents & 1:
                session.add("GUILD_CREATE", guild.json(all_members=everyone))

    def chunk(self, session: Session, asked: Json) -> None:
        """GUILD_MEMBERS_CHUNK, as op 8 asks: by ids, or by the start of a name."""
        guild = self.guilds[int(asked["guild_id"])]
        ids = asked.get("user_ids")
        if ids is not None:
            wanted = {int(id_) for id_ in (ids if isinstance(ids, list) else [ids])}
            found = [member for id_, member in guild.members.items() if id_ in wanted]
        else:
            start = asked.get("query", "").lower()
            if not start and not session.intents & GUILD_MEMBERS:
                self.problems.append("op 8: all members need the GUILD_MEMBERS intent")
            named = [m for m in guild.members.values() if m.user.name.lower().startswith(start)]
            found = named[: asked.get("limit") or None]
        payload: Json = {
            "guild_id": str(guild.id), "members": [member.whole() for member in found],
            "chunk_index": 0, "chunk_count": 1, "not_found": [],
        }  # fmt: skip
        if asked.get("nonce") is not None:
            payload["nonce"] = asked["nonce"]
        session.add("GUILD_MEMBERS_CHUNK", payload)

    @property
    def sessions(self) -> list[Session]:
        """The sessions that have an open socket."""
        return [session for session in self._gate.sessions.values() if session.link is not None]

    async def flush(self) -> None:
        await self._gate.flush()

    async def heard(self) -> None:
        """Wait until every connected client has read all events so far: op 1 asks it how far."""
        await self.flush()
        wanted = [(session, len(session.log)) for session in self.sessions]
        self._gate.each(lambda link: link.send(HEARTBEAT))
        await self.until(lambda: all(session.heard >= seen for session, seen in wanted))

    def drop(self) -> None:
        """Cut every socket, as a cable: the sessions can be resumed."""
        for link in [*self._gate.links]:
            link.abort()

    async def reconnect(self) -> None:
        """Op 7: the client should come back and RESUME."""
        self._gate.each(lambda link: link.send(RECONNECT))
        await self.flush()

    async def invalidate(self, resumable: bool = False) -> None:
        """Op 9. Not resumable: the sessions end."""
        if not resumable:
            self._gate.sessions.clear()
        self._gate.each(lambda link: link.send(INVALID, resumable))
        await self.flush()

    async def close(self, code: int) -> None:
        """Close every socket with this code. The sessions stay."""
        self._gate.each(lambda link: link.put(Close(code)))
        await self.flush()

    def forget_sessions(self) -> None:
        """Every RESUME from now on is answered by op 9: the outage was too long."""
        self._gate.sessions.clear()

    async def dispatch_raw(self, name: str, payload: Json) -> None:
        """A dispatch with exactly this payload, whatever the intents."""
        for session in self._gate.sessions.values():
            session.add(name, payload)
        await self.flush()

    @contextmanager
    def undelivered(self) -> Iterator[None]:
        """What happens inside is never told: lost in an outage, and not replayed."""
        self._gate.losing = True
        try:
            yield
        finally:
            self._gate.losing = False

    def fail(
        self,
        method: str,
        path: str,
        *,
        status: int,
        times: int | None = 1,
        retry_after: float = 0.2,
        after_commit: bool = False,
        global_: bool = False,
        code: int | None = None,
    ) -> None:
        """Answer the next `times` requests of the route so; None: all that follow.

        `path` as in `requests`, or a pattern with *; a file's begins with /cdn/. `after_commit`:
        what was asked is done, and the reply lost. Status 0 cuts the connection.
        """
        fault = Fault(method, path, status, times, retry_after, after_commit, global_, code)
        self.faults.waiting.append(fault)

    def heal(self) -> None:
        """Forget all faults."""
        self.faults.waiting.clear()

    def hold(self, method: str, path: str) -> Hold:
        """Requests whose path begins so wait, undone, until `release()`."""
        hold = Hold(method, path)
        self.faults.holds.append(hold)
        return hold

    def limit(self, method: str, path: str, requests: int, seconds: float) -> None:
        """A real bucket: so many requests in so many seconds for each channel, then 429."""
        self.faults.buckets.append(Bucket(method, path, requests, seconds))

    def happen(self, name: str, payload: Json, guild_id: int | None = None) -> None:
        """An event of one's own making, seen by intents and shards as any."""
        self.emit(Event(name, payload, guild_id))
