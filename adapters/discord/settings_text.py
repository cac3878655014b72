"""What is set for a server, in words."""

from collections.abc import Collection

from adapters.discord.answers import Answer
from adapters.discord.drawing import say
from adapters.discord.interactions import Interaction
from adapters.discord.render import inert
from bot.space_settings import SpaceSettings

LONGEST_PERSONA = 300
AS_USUAL = "as I am set up"
DEAF = (
    "Discord does not tell me what is said in those channels: who runs me has to turn on the "
    "message-content intent (the README says where). Until then mention me there."
)


def shown(interaction: Interaction, settings: SpaceSettings) -> Answer:
    """What is set, and whether Ellie can hear what it asks of her."""
    return say(settings_text(settings, hears_all=interaction.client.intents.message_content))


def settings_text(settings: SpaceSettings, *, hears_all: bool) -> str:
    """One line for each thing that can be set; channels and roles as Discord shows them.

    `hears_all`: Ellie has the message-content intent.
    """
    lines = [
        "What is set for this server:",
        f"- Free channels, where I answer every message: {_channels(settings.free)}",
        f"- In threads of these channels I need no mention: {_channels(settings.threads)}",
        f"- Ambient channels, where I follow what is said: {_channels(settings.ambient)}",
        f"- Allowed: {_both(settings.allowed_channels, settings.allowed_roles, 'everywhere')}",
        f"- Blocked: {_both(settings.blocked_channels, settings.blocked_roles, 'nowhere')}",
        f"- Persona: {_text(settings.persona)}",
        *(
            f"- Persona in <#{channel}>: {_text(persona)}"
            for channel, persona in sorted(settings.personas.items())
        ),
        f"- Model: {AS_USUAL if settings.model is None else inert(settings.model)}",
        f"- Messages are kept for {_days(settings.message_days)}",
        f"- Memories are kept for {_days(settings.memory_days)}",
        f"- Tokens a day for a person: {_number(settings.daily_tokens_per_user)}",
        f"- Tokens a day for the server: {_number(settings.daily_tokens)}",
    ]
    if not hears_all and (settings.free or settings.threads or settings.ambient):
        lines.append(DEAF)
    return "\n".join(lines)


def _channels(ids: Collection[str], none: str = "none") -> str:
    return ", ".join(f"<#{channel}>" for channel in sorted(ids)) or none


def _both(channels: Collection[str], roles: Collection[str], none: str) -> str:
    named = [f"<@&{role}>" for role in sorted(roles)]
    return ", ".join(filter(None, [_channels(channels, ""), *named])) or none


def _text(text: str | None) -> str:
    if text is None:
        return AS_USUAL
    line = " ".join(text.split())
    return inert(line if len(line) <= LONGEST_PERSONA else f"{line[:LONGEST_PERSONA]}…")


def _days(days: int | None) -> str:
    if days is None:
        return AS_USUAL
    return "good" if days == 0 else f"{days} days"


def _number(number: int | None) -> str:
    return AS_USUAL if number is None else f"{number:,}"
