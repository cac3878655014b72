"""The commands that people find under a slash: the console's words, with its grammar."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import discord
from discord import app_commands
from discord.app_commands import locale_str

from adapters.discord.admin import admin_group
from adapters.discord.answers import Answer
from adapters.discord.desk import Desk
from adapters.discord.drawing import say
from adapters.discord.interactions import Interaction
from adapters.discord.menus import menus
from adapters.discord.presses import Presses, pressed_item
from adapters.discord.showing import defer, show
from adapters.discord.suggesting import suggestions
from adapters.wording.apologies import WRONG
from bot import __version__
from bot.errors import report
from bot.ports import Core

log = logging.getLogger(__name__)
ABOUT = (
    f"I am Ellie {__version__}. I answer, and I remember what you tell me, for you alone.\n"
    "/memories shows what I know about you, /forget erases it, /privacy tells you your rights."
)


@dataclass(frozen=True, slots=True)
class _Command:
    """A command with one option, which carries what follows its name on the console.

    `takes` describes the option; None: there is none.
    """

    name: str
    says: str
    takes: str | None = None


COMMANDS = (
    _Command(
        "recall",
        "What I know about something, or the newest",
        "What to look for; nothing: the newest",
    ),
    _Command(
        "forget",
        "Erase memories, and everything that holds them",
        "Ids (m3 m5), words, last, since DATE, before DATE, about NAME, or everything",
    ),
    _Command(
        "memories",
        "What I know about you, to be read, corrected and forgotten",
        "A page, an id, about NAME, edit ID TEXT, promote ID, shared, everywhere, or undo",
    ),
    _Command(
        "privacy",
        "What is kept about you, for how long, who can see it, and your rights",
        "pause, resume, export, opt-out, opt-in, or everywhere",
    ),
    _Command("why", "What my last reply was made from"),
    _Command("new", "Start a fresh conversation; memories are kept"),
)


def register(
    client: discord.Client,
    tree: app_commands.CommandTree[discord.Client],
    core: Core,
    *,
    user_install: bool,
    models: Sequence[str],
) -> None:
    """Add all commands, menus and buttons. `models`: those that a server may choose from.

    They are offered in servers and in private with Ellie; with `user_install` a person can also
    bring her along to wherever they are.
    """
    desk = Desk(core)
    contexts = app_commands.AppCommandContext(
        guild=True, dm_channel=True, private_channel=user_install
    )
    installs = app_commands.AppInstallationType(guild=True, user=user_install)
    offered: list[Command | app_commands.Group | app_commands.ContextMenu] = [
        _remember(desk),
        *(_typed(desk, command) for command in COMMANDS),
        _ellie(desk),
        *menus(desk),
    ]
    for command in offered:
        command.allowed_contexts, command.allowed_installs = contexts, installs
        tree.add_command(command)
    tree.add_command(admin_group(desk, models))
    tree.error(_failed)
    client.add_dynamic_items(pressed_item(Presses(desk)))


Command = app_commands.Command[Any, ..., None]


def _remember(desk: Desk) -> Command:
    @app_commands.describe(
        text=locale_str("What to keep, for example: I am allergic to nuts"),
        private=locale_str("Use it only in private with you"),
    )
    async def remember(
        interaction: Interaction, text: str | None = None, private: bool = False
    ) -> None:
        option = "--private " if private else ""
        await desk.command(interaction, f"/remember {option}{text or ''}")

    return app_commands.Command(
        name="remember", description="Keep this, for you", callback=remember
    )


def _typed(desk: Desk, command: _Command) -> Command:
    """A command that hands on what is typed after its name."""
    if command.takes is None:

        async def bare(interaction: Interaction) -> None:
            await desk.command(interaction, f"/{command.name}")

        return app_commands.Command(name=command.name, description=command.says, callback=bare)

    @app_commands.describe(text=locale_str(command.takes))
    async def typed(interaction: Interaction, text: str | None = None) -> None:
        await desk.command(interaction, f"/{command.name} {text or ''}")

    async def suggest(interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        return await suggestions(desk.core, interaction, f"/{command.name} {current}")

    made: Command = app_commands.Command(
        name=command.name, description=command.says, callback=typed
    )
    made.autocomplete("text")(suggest)
    return made


def _ellie(desk: Desk) -> app_commands.Group:
    """What Ellie is and can do: the only answers that others may see, if the person wants it."""
    group = app_commands.Group(name="ellie", description="What I am, and what you can ask of me")

    @group.command(name="help", description="What you can ask of me")
    @app_commands.describe(public=locale_str("Let everybody here see the answer"))
    async def helps(interaction: Interaction, public: bool = False) -> None:
        await desk.command(interaction, "/help", public=public)

    @group.command(name="about", description="Who I am, and what I keep")
    @app_commands.describe(public=locale_str("Let everybody here see the answer"))
    async def about(interaction: Interaction, public: bool = False) -> None:
        async def work() -> Answer:
            return say(ABOUT)

        await desk.answer(interaction, work, public=public)

    return group


async def _failed(interaction: Interaction, error: app_commands.AppCommandError) -> None:
    """Tell of a mistake of ours, such as a command that Discord knows and Ellie no longer does."""
    report(log, "a command", error)
    if interaction.type is discord.InteractionType.autocomplete:
        return
    if interaction.response.is_done() or await defer(interaction):
        await show(interaction, Answer((WRONG,)))
