"""A client with Ellie's commands and nothing else."""

from typing import Any, cast

import discord
from discord import app_commands

from adapters.discord.slash import register
from bot.ports import Core

Tree = app_commands.CommandTree[discord.Client]
MODELS = ("small", "large")


def built(core: Core | None = None, *, user_install: bool = False) -> Tree:
    """The tree of a client that is not connected; without a core nothing in it may be called."""
    tree = app_commands.CommandTree(discord.Client(intents=discord.Intents.none()))
    register(
        tree.client, tree, cast(Any, core), user_install=user_install, models=MODELS
    )
    return tree
