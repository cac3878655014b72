"""Ellie in one workspace of a loopback Slack."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.adapters.slack.stage import SlackStage, connected


@pytest.fixture(params=["socket", "http"])
async def garden(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[SlackStage]:
    """The workspace, listened to in both ways."""
    async with connected(tmp_path / "ellie.db", http=request.param == "http") as stage:
        yield stage


@pytest.fixture
async def socket_garden(tmp_path: Path) -> AsyncIterator[SlackStage]:
    """The workspace, listened to over a socket."""
    async with connected(tmp_path / "ellie.db") as stage:
        yield stage
