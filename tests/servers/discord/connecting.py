"""Point the unmodified discord.py at a loopback Discord."""

from collections.abc import Iterator
from contextlib import contextmanager

import discord.gateway
import discord.http
from yarl import URL

from tests.servers.discord.server import DiscordServer


@contextmanager
def pointed_at(server: DiscordServer) -> Iterator[None]:
    """Inside, discord.py's REST and gateway are the server's."""
    route, socket = discord.http.Route, discord.gateway.DiscordWebSocket
    base, gateway = route.BASE, socket.DEFAULT_GATEWAY
    route.BASE, socket.DEFAULT_GATEWAY = server.base, URL(server.gateway)
    try:
        yield
    finally:
        route.BASE, socket.DEFAULT_GATEWAY = base, gateway
