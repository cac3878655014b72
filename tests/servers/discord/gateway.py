"""The loopback Discord's gateway: sessions that outlive sockets, each socket with one writer."""

import asyncio
import json
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol

from aiohttp import WSMsgType, web

from tests.servers.discord.ground import Event, Json
from tests.servers.discord.intents import delivered, stripped

HEARTBEAT, RECONNECT, INVALID, HELLO, ACK = 1, 7, 9, 10, 11
IDENTIFY = {
    "token", "properties", "compress", "large_threshold", "shard", "presence", "intents",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Close:
    code: int


class Link:
    """One open socket. What is put is sent in order; `flush` waits until it has been."""

    def __init__(self, socket: web.WebSocketResponse, request: web.Request, packed: bool) -> None:
        self.session: Session | None = None
        self.heard_at: list[float] = []
        self.path = request.path
        self.closing = False
        self._socket = socket
        self._request = request
        self._packer = zlib.compressobj() if packed else None
        self._frames: asyncio.Queue[str | Close] = asyncio.Queue()
        self._open = True

    def put(self, frame: str | Close) -> None:
        if self._open:
            self._frames.put_nowait(frame)

    def send(self, op: int, payload: object = None) -> None:
        self.put(json.dumps({"op": op, "d": payload, "s": None, "t": None}))

    async def flush(self) -> None:
        await self._frames.join()

    def abort(self) -> None:
        """As if the cable were cut."""
        self.shut()
        if self._request.transport is not None:
            self._request.transport.abort()

    def shut(self) -> None:
        """Send nothing more, and let go of who waits for it."""
        self._open = False
        with suppress(asyncio.QueueEmpty):
            while True:
                self._frames.get_nowait()
                self._frames.task_done()

    async def write(self) -> None:
        """Send frames until a `Close` was sent or the peer has gone."""
        while True:
            frame = await self._frames.get()
            try:
                if isinstance(frame, Close):
                    self.closing = True
                    await self._socket.close(code=frame.code)
                    return
                await self._send(frame)
            except (ConnectionError, RuntimeError):
                return
            finally:
                self._frames.task_done()

    async def _send(self, frame: str) -> None:
        if self._packer is None:
            await self._socket.send_str(frame)
            return
        packed = self._packer.compress(frame.encode())
        await self._socket.send_bytes(packed + self._packer.flush(zlib.Z_SYNC_FLUSH))


@dataclass(slots=True, eq=False)
class Session:
    """What IDENTIFY began: every event since, so that RESUME can replay them."""

    id: str
    intents: int
    shard: tuple[int, int]
    log: list[str] = field(default_factory=list)
    heard: int = 0
    link: Link | None = None

    def add(self, name: str, payload: Json) -> None:
        frame = json.dumps({"op": 0, "t": name, "s": len(self.log) + 1, "d": payload})
        self.log.append(frame)
        if self.link is not None:
            self.link.put(frame)

    def holds(self, guild_id: int | None) -> bool:
        number, count = self.shard
        return ((guild_id or 0) >> 22) % count == number


class Home(Protocol):
    """What the gateway asks of the server."""

    token: str
    allowed_intents: int
    withhold_acks: bool
    heartbeat_seconds: float
    identifies: int
    resumes: int
    resumed_at: list[str]
    problems: list[str]

    def ready(self, session: Session) -> Json: ...
    def greet(self, session: Session) -> None: ...
    def changed(self) -> None: ...
    def chunk(self, session: Session, asked: Json) -> None: ...


class Gateway:
    """All sessions and links. `losing` keeps events from every session's log."""

    def __init__(self, home: Home, bot_id: int) -> None:
        self.sessions: dict[str, Session] = {}
        self.links: list[Link] = []
        self.losing = False
        self._home = home
        self._bot_id = bot_id
        self._made = 0

    def emit(self, event: Event) -> None:
        """Put the event where it belongs by shard and intent, without what the intents hide."""
        for session in self.sessions.values():
            wanted = session.holds(event.guild_id) and delivered(event, session.intents)
            if wanted and not self.losing:
                session.add(event.name, stripped(event, session.intents, self._bot_id))
        self._home.changed()

    async def flush(self) -> None:
        for link in [*self.links]:
            await link.flush()

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One connection, from HELLO to its end."""
        socket = web.WebSocketResponse(max_msg_size=1 << 20, timeout=1)
        await socket.prepare(request)
        compression = request.query.get("compress")
        if compression not in (None, "zlib-stream"):
            self._home.problems.append(f"gateway: compress={compression} is not built")
        link = Link(socket, request, compression is not None)
        self.links.append(link)
        link.send(HELLO, {"heartbeat_interval": int(self._home.heartbeat_seconds * 1000)})
        try:
            async with asyncio.TaskGroup() as tasks:
                writer = tasks.create_task(link.write())
                await self._read(link, socket)
                if not link.closing:  # else it waits for the other's goodbye
                    writer.cancel()
        finally:
            link.shut()
            self.links.remove(link)
            self._leave(link, socket.close_code)
            self._home.changed()
        return socket

    def _leave(self, link: Link, code: int | None) -> None:
        session = link.session
        if session is None or session.link is not link:
            return
        session.link = None
        if code in (1000, 1001) and not link.closing:  # the client's goodbye: nothing to resume
            self.sessions.pop(session.id, None)

    async def _read(self, link: Link, socket: web.WebSocketResponse) -> None:
        async for frame in socket:
            if frame.type is not WSMsgType.TEXT:
                continue
            now = asyncio.get_running_loop().time()
            link.heard_at = [at for at in link.heard_at if now - at < 60] + [now]
            if len(frame.data.encode()) > 4096:
                link.put(Close(4002))
            elif len(link.heard_at) > 120:
                link.put(Close(4008))
            else:
                self._hear(link, json.loads(frame.data))
            self._home.changed()

    def _hear(self, link: Link, said: Json) -> None:
        payload, session = said.get("d"), link.session
        match said.get("op"):
            case 1:
                if session is not None:
                    session.heard = max(session.heard, payload or 0)
                if not self._home.withhold_acks:
                    link.send(ACK)
            case 2 if session is not None:
                link.put(Close(4005))
            case 2:
                self._identify(link, payload or {})
            case 6:
                self._resume(link, payload or {})
            case 3 | 4 if session is not None:
                pass
            case 8 if session is not None:
                self._home.chunk(session, payload or {})
            case 3 | 4 | 8:
                link.put(Close(4003))
            case _:
                link.put(Close(4001))

    def _identify(self, link: Link, asked: Json) -> None:
        known = {
            "token",
            "properties",
            "compress",
            "large_threshold",
            "shard",
            "presence",
            "intents",
        }
        self._home.problems += [
            f"IDENTIFY: unknown field {name!r}" for name in asked.keys() - known
        ]
        self._home.identifies += 1
        number, count = asked.get("shard", (0, 1))
        intents = asked.get("intents")
        if asked.get("token") != self._home.token:
            link.put(Close(4004))
        elif not 0 <= number < count:
            link.put(Close(4010))
        elif not isinstance(intents, int) or intents >= 1 << 26:
            link.put(Close(4013))
        elif intents & ~self._home.allowed_intents:
            link.put(Close(4014))
        else:
            self._made += 1
            session = Session(f"session-{self._made}", intents, (number, count), link=link)
            link.session = self.sessions[session.id] = session
            session.add("READY", self._home.ready(session))
            self._home.greet(session)

    def _resume(self, link: Link, asked: Json) -> None:
        session = self.sessions.get(asked.get("session_id", ""))
        number = asked.get("seq")
        if asked.get("token") != self._home.token:
            link.put(Close(4004))
        elif session is None:
            link.send(INVALID, False)
        elif not isinstance(number, int) or number > len(session.log):
            link.put(Close(4007))
        else:
            self._home.resumes += 1
            self._home.resumed_at.append(link.path)
            link.session, session.link = session, link
            for frame in session.log[number:]:
                link.put(frame)
            session.add("RESUMED", {})

    def each(self, act: Callable[[Link], None]) -> None:
        """Do it to every open link that has a session."""
        for link in [*self.links]:
            if link.session is not None:
                act(link)
