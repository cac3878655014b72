"""What people do with a list of their memories."""

from tests.adapters.discord.commands.commanding import Desk
from tests.servers.discord import Channel, Message, User
from tests.servers.discord.messages import walk


def menu(message: Message) -> tuple[str, dict[str, str]]:
    """The message's menu: its custom id, and value → label."""
    (found,) = [c for c in walk(message.components) if c["type"] == 3]
    return found["custom_id"], {o["value"]: o["label"] for o in found["options"]}


async def pick(desk: Desk, user: User, message: Message, value: str) -> Message:
    """Choose a memory of the page, and wait until the message shows it."""
    before = len(message.history)
    await desk.server.choose(user, message, menu(message)[0], [value])
    await desk.server.until(lambda: len(message.history) > before)
    return message


async def facts(desk: Desk, user: User, channel: Channel, count: int) -> None:
    await desk.remember(user, channel, *(f"fact {number}" for number in range(1, count + 1)))
