"""Ellie on a loopback Discord, with and without the message-content intent."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.adapters.discord.stage import DiscordStage, connected


@pytest.fixture
async def garden(tmp_path: Path) -> AsyncIterator[DiscordStage]:
    """A server, Alice and Ellie, who sees only what is said to her."""
    async with connected(tmp_path / "ellie.db") as stage:
        yield stage


@pytest.fixture
async def open_garden(tmp_path: Path) -> AsyncIterator[DiscordStage]:
    """The same, with the message-content intent."""
    async with connected(tmp_path / "ellie.db", message_content=True) as stage:
        yield stage
