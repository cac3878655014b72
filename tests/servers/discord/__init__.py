"""A loopback Discord that the unmodified discord.py talks to over real sockets."""

from tests.servers.discord.connecting import pointed_at
from tests.servers.discord.ground import Clock
from tests.servers.discord.interactions import Interaction
from tests.servers.discord.members import Role, User
from tests.servers.discord.messages import Message
from tests.servers.discord.places import Channel, Guild
from tests.servers.discord.rest import Request
from tests.servers.discord.server import DiscordServer

__all__ = [
    "Channel", "Clock", "DiscordServer", "Guild", "Interaction", "Message", "Request", "Role",
    "User", "pointed_at",
]  # fmt: skip
