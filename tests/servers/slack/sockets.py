"""Socket Mode: tickets, hello, pings, envelopes, acknowledgements, disconnects."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field

from aiohttp import WSMsgType, web

from tests.servers.slack.ground import Ground, Json
from tests.servers.slack.outbox import Outbox
from tests.servers.slack.parcels import Parcel, State

MOST = 10
"""Sockets an app may have open."""


@dataclass(slots=True, eq=False)
class Socket:
    """One open connection. `unacked` are envelopes it carried, by envelope_id."""

    request: web.Request
    outbox: Outbox
    number: int
    unacked: dict[str, Parcel] = field(default_factory=dict)
    pings: list[bytes] = field(default_factory=list)
    closing: bool = False

    def abort(self) -> None:
        """As a cut cable: no close frame."""
        self.closing = True
        if self.request.transport is not None:
            self.request.transport.abort()


class Sockets:
    """The carrier of Socket Mode. Of several open sockets each event goes to one, in turn."""

    late = "timeout"

    def __init__(self, ground: Ground, acked: Callable[[Parcel, object], None]) -> None:
        self._ground = ground
        self._acked = acked
        self._tickets: set[str] = set()
        self._next = 0
        self._count = 0
        self.open: list[Socket] = []
        self.opened: Callable[[], None] = lambda: None
        self.failed: Callable[[Parcel, str], None] = lambda parcel, reason: None
        self.withhold_pongs = False
        self.drop_next = 0
        self.app_id = ""
        self._sent: dict[str, Parcel] = {}

    def ticket(self) -> str:
        """Good for one connection."""
        ticket = self._ground.ids.fresh("ticket-")
        self._tickets.add(ticket)
        return ticket

    def carry(self, parcel: Parcel) -> bool:
        usable = [s for s in self.open if not s.closing]
        if not usable:
            return False
        self._next = (self._next + 1) % len(usable)
        self.send_by(usable[self._next], parcel)
        return True

    def send_by(self, socket: Socket, parcel: Parcel) -> None:
        """Put the envelope on this socket. A fault may cut it before it can be acknowledged."""
        envelope_id = self._ground.ids.fresh("envelope-")
        envelope: Json = {
            "envelope_id": envelope_id, "type": str(parcel.kind), "payload": parcel.payload,
            "accepts_response_payload": parcel.accepts_answer,
        }  # fmt: skip
        if parcel.kind == "events_api":
            retried = parcel.attempts - 1
            envelope |= {"retry_attempt": retried, "retry_reason": parcel.reason}
        parcel.socket = socket
        parcel.ack_sockets.append(socket)
        socket.unacked[envelope_id] = parcel
        self._sent[envelope_id] = parcel
        socket.outbox.put(json.dumps(envelope))
        if self.drop_next:
            self.drop_next -= 1
            socket.outbox.then(socket.abort)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """`GET /link?ticket=…`."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.Response(status=401)
        self._tickets.remove(ticket)
        ws = web.WebSocketResponse(autoping=False)
        await ws.prepare(request)
        if len(self.open) >= MOST:
            await ws.send_json({"type": "disconnect", "reason": "too_many_websockets"})
            await ws.close()
            return ws
        self._count += 1
        async with Outbox(ws) as outbox:
            socket = Socket(request, outbox, self._count)
            self.open.append(socket)
            outbox.put(json.dumps(self._hello()))
            self.opened()
            self._ground.changed()
            try:
                await self._listen(ws, socket)
            finally:
                self.open.remove(socket)
                self._left_behind(socket)
        return ws

    def _hello(self) -> Json:
        return {
            "type": "hello", "num_connections": len(self.open),
            "debug_info": {
                "host": "applink-loopback", "build_number": 1,
                "approximate_connection_time": 18060,
            },
            "connection_info": {"app_id": self.app_id},
        }  # fmt: skip

    async def _listen(self, ws: web.WebSocketResponse, socket: Socket) -> None:
        async for message in ws:
            if message.type is WSMsgType.PING:
                socket.pings.append(message.data)
                self._ground.changed()
                if not self.withhold_pongs:
                    await ws.pong(message.data)
            elif message.type is WSMsgType.TEXT:
                self._answer(message.data)

    def _answer(self, text: str) -> None:
        """An acknowledgement; it may come over another socket than its envelope went."""
        try:
            given = json.loads(text)
            envelope_id = given["envelope_id"]
        except (ValueError, TypeError, KeyError):
            self._ground.problems.append("socket: this is no acknowledgement")
            return
        parcel = self._sent.get(envelope_id)
        if parcel is None:
            self._ground.problems.append("socket: an envelope_id that was never sent")
            return
        for socket in self.open:
            socket.unacked.pop(envelope_id, None)
        unknown = given.keys() - {"envelope_id", "payload"}
        if unknown:
            self._ground.problems.append(f"socket: unknown in an acknowledgement: {unknown}")
        self._acked(parcel, given.get("payload"))

    def _left_behind(self, socket: Socket) -> None:
        """What the socket carried and nobody acknowledged goes to the next one."""
        for parcel in [*socket.unacked.values()]:
            if parcel.state is State.SENT and parcel.socket is socket:
                self.failed(parcel, "timeout")
        self._ground.changed()

    async def disconnect(self, reason: str, socket: Socket | None = None) -> None:
        """Tell the app that this socket (the oldest by default) ends; it stays open on `warning`.

        `refresh_requested` and `link_disabled`: nothing more is sent on it, and it is the app's
        to close.
        """
        socket = socket or self.open[0]
        debug = {"host": "applink-loopback"}
        message = {"type": "disconnect", "reason": reason, "debug_info": debug}
        socket.outbox.put(json.dumps(message))
        socket.closing = reason != "warning"
        await socket.outbox.flush()
