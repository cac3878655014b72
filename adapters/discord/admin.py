"""What those who manage a server set for it."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace

import discord
from discord import app_commands
from discord.app_commands import locale_str

from adapters.discord.answers import Answer, Button
from adapters.discord.desk import Desk
from adapters.discord.drawing import DANGER, KEEP, say
from adapters.discord.ids import press_id
from adapters.discord.interactions import Interaction, may_manage, normalise_command
from adapters.discord.settings_text import shown
from adapters.wording.lengths import units
from adapters.wording.pressing import Verb
from bot.errors import CommandError
from bot.space_settings import SpaceSettings
from bot.types import IncomingCommand

MANAGERS_ONLY = "Only those who manage this server can do that."
PURGE = (
    "This erases everything that I keep of this server: what everybody here said, what I learnt "
    "of it, and these settings. Nobody can bring it back."
)
SHOWN = 100
Channel = app_commands.AppCommandChannel
Count = app_commands.Range[int, 0, 2_000_000_000]
Change = Callable[[SpaceSettings], SpaceSettings]


class Administration:
    """Changes what is set for a server, one change at a time."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._changing = asyncio.Lock()

    async def change(self, interaction: Interaction, name: str, change: Change) -> None:
        """Set something, and show what is set."""

        async def work() -> Answer:
            incoming = _managed(interaction, name)
            scope = incoming.scope
            async with self._changing:
                before = await self._desk.core.space_settings(scope.platform, scope.space)
                after = change(before)
                await self._desk.core.change_space(incoming, after)
            return shown(interaction, after)

        await self._desk.answer(interaction, work)

    async def settings(self, interaction: Interaction) -> None:
        """Show what is set."""

        async def work() -> Answer:
            scope = _managed(interaction, "settings").scope
            return shown(
                interaction, await self._desk.core.space_settings(scope.platform, scope.space)
            )

        await self._desk.answer(interaction, work)

    async def memories(self, interaction: Interaction) -> None:
        """Show what was shared with everybody here."""

        async def work() -> Answer:
            _managed(interaction, "memories")
            return await self._desk.carry_out(interaction, "/memories shared")

        await self._desk.answer(interaction, work)

    async def purge(self, interaction: Interaction) -> None:
        """Ask whether the whole server shall be erased."""

        async def work() -> Answer:
            _managed(interaction, "purge")
            return say(PURGE, Button("Erase everything", press_id(Verb.PURGE), DANGER), KEEP)

        await self._desk.answer(interaction, work)


def admin_group(desk: Desk, models: Sequence[str]) -> app_commands.Group:
    """`/ellie-admin`: Discord offers it to those who manage the server, and it is checked again."""
    group = app_commands.Group(
        name="ellie-admin",
        description="What I do in this server",
        default_permissions=discord.Permissions(manage_guild=True),
        allowed_contexts=app_commands.AppCommandContext(
            guild=True, dm_channel=False, private_channel=False
        ),
        allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
    )
    administration = Administration(desk)
    _add_channels(group, administration)
    _add_admission(group, administration)
    _add_voice(group, administration, models)
    _add_limits(group, administration)
    _add_whole(group, administration)
    return group


def _add_channels(group: app_commands.Group, administration: Administration) -> None:
    """What I do in one channel: each is off until it is set."""
    channel_text, on_text = locale_str("The channel"), locale_str("On or off")

    @group.command(name="free", description="Answer every message in a channel")
    @app_commands.describe(channel=channel_text, on=on_text)
    async def free(interaction: Interaction, channel: Channel, on: bool = True) -> None:
        await administration.change(
            interaction, "free", lambda s: replace(s, free=_with(s.free, _id(channel), on))
        )

    @group.command(name="ambient", description="Follow what is said in a channel, as history only")
    @app_commands.describe(channel=channel_text, on=on_text)
    async def ambient(interaction: Interaction, channel: Channel, on: bool = True) -> None:
        await administration.change(
            interaction, "ambient", lambda s: replace(s, ambient=_with(s.ambient, _id(channel), on))
        )

    @group.command(
        name="threads", description="Answer in a channel's threads without a mention, once I am in"
    )
    @app_commands.describe(channel=channel_text, on=on_text)
    async def threads(interaction: Interaction, channel: Channel, on: bool = True) -> None:
        await administration.change(
            interaction, "threads", lambda s: replace(s, threads=_with(s.threads, _id(channel), on))
        )


def _add_admission(group: app_commands.Group, administration: Administration) -> None:
    """Where and whom I answer at all."""
    texts = {
        "channel": locale_str("The channel"),
        "role": locale_str("The role"),
        "on": locale_str("On or off"),
    }

    @group.command(name="allow", description="Answer only in these channels, or only these roles")
    @app_commands.describe(**texts)
    async def allow(
        interaction: Interaction,
        channel: Channel | None = None,
        role: discord.Role | None = None,
        on: bool = True,
    ) -> None:
        def change(settings: SpaceSettings) -> SpaceSettings:
            return replace(
                settings,
                allowed_channels=_with(settings.allowed_channels, _id(channel), on),
                allowed_roles=_with(settings.allowed_roles, _role_id(role), on),
            )

        await administration.change(interaction, "allow", _either(change, channel, role))

    @group.command(name="block", description="Answer never in a channel, or never a role")
    @app_commands.describe(**texts)
    async def block(
        interaction: Interaction,
        channel: Channel | None = None,
        role: discord.Role | None = None,
        on: bool = True,
    ) -> None:
        def change(settings: SpaceSettings) -> SpaceSettings:
            return replace(
                settings,
                blocked_channels=_with(settings.blocked_channels, _id(channel), on),
                blocked_roles=_with(settings.blocked_roles, _role_id(role), on),
            )

        await administration.change(interaction, "block", _either(change, channel, role))


def _add_voice(
    group: app_commands.Group, administration: Administration, models: Sequence[str]
) -> None:
    """How I answer."""

    @group.command(name="persona", description="Who I am here; without a text: as I am set up")
    @app_commands.describe(
        text=locale_str("Who I am, for example: You are a pirate"),
        channel=locale_str("Only in this channel"),
    )
    async def persona(
        interaction: Interaction, text: str | None = None, channel: Channel | None = None
    ) -> None:
        def change(settings: SpaceSettings) -> SpaceSettings:
            if channel is None:
                return replace(settings, persona=text)
            others = {c: p for c, p in settings.personas.items() if c != _id(channel)}
            own = {} if text is None else {str(_id(channel)): text}
            return replace(settings, personas=others | own)

        await administration.change(interaction, "persona", change)

    @group.command(name="model", description="Which model answers; without a name: as I am set up")
    @app_commands.describe(name=locale_str("One of those that I may use"))
    async def model(interaction: Interaction, name: str | None = None) -> None:
        await administration.change(interaction, "model", lambda s: replace(s, model=name))

    @model.autocomplete("name")
    async def offer(interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        found = [name for name in models if current.casefold() in name.casefold()]
        return [app_commands.Choice(name=n, value=n) for n in found if units(n) <= SHOWN][:25]


def _add_limits(group: app_commands.Group, administration: Administration) -> None:
    """How long and how much."""

    @group.command(name="retention", description="For how many days I keep messages and memories")
    @app_commands.describe(
        message_days=locale_str("Days that messages are kept"),
        memory_days=locale_str("Days that memories are kept"),
    )
    async def retention(
        interaction: Interaction,
        message_days: Count | None = None,
        memory_days: Count | None = None,
    ) -> None:
        def change(settings: SpaceSettings) -> SpaceSettings:
            if message_days is None and memory_days is None:
                return replace(settings, message_days=None, memory_days=None)
            return replace(
                settings,
                message_days=settings.message_days if message_days is None else message_days,
                memory_days=settings.memory_days if memory_days is None else memory_days,
            )

        await administration.change(interaction, "retention", change)

    @group.command(name="budget", description="How many tokens I may use in a day")
    @app_commands.describe(
        person=locale_str("Tokens a day for each person"),
        server=locale_str("Tokens a day for the whole server"),
    )
    async def budget(
        interaction: Interaction, person: Count | None = None, server: Count | None = None
    ) -> None:
        def change(settings: SpaceSettings) -> SpaceSettings:
            if person is None and server is None:
                return replace(settings, daily_tokens=None, daily_tokens_per_user=None)
            return replace(
                settings,
                daily_tokens_per_user=settings.daily_tokens_per_user if person is None else person,
                daily_tokens=settings.daily_tokens if server is None else server,
            )

        await administration.change(interaction, "budget", change)


def _add_whole(group: app_commands.Group, administration: Administration) -> None:
    """All of it."""

    @group.command(name="settings", description="Show what is set for this server")
    async def settings(interaction: Interaction) -> None:
        await administration.settings(interaction)

    @group.command(name="memories", description="What was shared with everybody here")
    async def memories(interaction: Interaction) -> None:
        await administration.memories(interaction)

    @group.command(name="purge", description="Erase everything that I keep of this server")
    async def purge(interaction: Interaction) -> None:
        await administration.purge(interaction)


def _managed(interaction: Interaction, name: str) -> IncomingCommand:
    """The command of one who manages this server. Raises CommandError for others."""
    if not may_manage(interaction):
        raise CommandError(MANAGERS_ONLY)
    return normalise_command(interaction, f"/ellie-admin {name}")


def _either(change: Change, channel: Channel | None, role: discord.Role | None) -> Change:
    def checked(settings: SpaceSettings) -> SpaceSettings:
        if channel is None and role is None:
            raise CommandError("Name a channel or a role.")
        return change(settings)

    return checked


def _id(channel: Channel | None) -> str | None:
    """A channel's id. Raises CommandError for a category, which is none."""
    if channel is None:
        return None
    if channel.type is discord.ChannelType.category:
        raise CommandError("That is a category: name one channel at a time.")
    return str(channel.id)


def _role_id(role: discord.Role | None) -> str | None:
    return None if role is None else str(role.id)


def _with(ids: frozenset[str], one: str | None, on: bool) -> frozenset[str]:
    changed = frozenset(() if one is None else (one,))
    return ids | changed if on else ids - changed
