"""Which events a session gets by its intents, and what they hide in them."""

from tests.servers.discord.ground import Event, Json
from tests.servers.discord.messages import without_content

GUILDS, GUILD_MEMBERS, GUILD_PRESENCES, MESSAGE_CONTENT = 1 << 0, 1 << 1, 1 << 8, 1 << 15
ALL = (1 << 22) - 1 | 1 << 24 | 1 << 25

# prefix of an event's name → its intent in guilds, in DMs
NEEDED: dict[str, tuple[int, int]] = {
    "GUILD_MEMBERS_CHUNK": (0, 0),
    "GUILD_MEMBER_": (GUILD_MEMBERS, 0),
    "GUILD_": (GUILDS, 0),
    "CHANNEL_": (GUILDS, 0),
    "THREAD_": (GUILDS, 0),
    "MESSAGE_REACTION_": (1 << 10, 1 << 13),
    "MESSAGE_": (1 << 9, 1 << 12),
    "TYPING_": (1 << 11, 1 << 14),
}


def delivered(event: Event, intents: int) -> bool:
    """Is this event among what the intents ask for? Interactions always are."""
    for prefix, (guild, dm) in NEEDED.items():
        if event.name.startswith(prefix):
            needed = guild if event.guild_id is not None else dm
            return needed == 0 or bool(intents & needed)
    return True


def stripped(event: Event, intents: int, bot_id: int) -> Json:
    """The event's payload, without content where MESSAGE_CONTENT was not identified."""
    hides = event.guild_id is not None and not intents & MESSAGE_CONTENT
    if hides and event.name in ("MESSAGE_CREATE", "MESSAGE_UPDATE"):
        return without_content(event.payload, bot_id)
    return event.payload
