"""A loopback Discord: the unmodified discord.py talks to it over real sockets.

    async with DiscordServer() as server:
        guild = server.add_guild("Garden")
        channel, alice = guild.add_channel("general"), server.add_user("Alice")
        guild.join(alice)
        with pointed_at(server):
            ...                                                  # the bot connects
            await server.say(alice, channel, f"{server.bot.mention} hello")
            await server.until(lambda: len(server.messages(channel)) == 2)
            asked = await server.command(alice, channel, "recall", {"text": "mint"})
            assert (await asked.filled()).ephemeral
        assert server.problems == []

Read `server.py` (open, close, faults), `people.py` and `acting.py` (what people do), `world.py`
(what there is). The clock stands still until `server.clock.turn`: deadlines are counted by it.
Ids are ints. An `AssertionError` of the server means that Discord would not have let the person
do that.

Where it is stricter than Discord: content is hidden from REST too unless the intent was
identified, an edit's mentions count as pings, a defer with a flag beside EPHEMERAL is refused.
What it has not: voice, polls, forums, stickers, webhooks that are not an interaction's.
"""

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
