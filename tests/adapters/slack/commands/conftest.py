"""A loopback Slack, a real core, and Ellie's commands between them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.adapters.slack.commands.commanding import CAROL, GUS, MODELS, Desk
from tests.adapters.slack.stage import GENERAL, TEAM, connected, furnish
from tests.servers.slack import SlackServer


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """Carol manages the workspace; Gus is a guest, in a channel of his own."""
    async with SlackServer() as slack:
        furnish(slack)
        slack.person(TEAM, CAROL, "Carol", admin=True)
        slack.person(TEAM, GUS, "Gus", guest="multi")
        slack.channels[GENERAL].members.append(CAROL)
        async with connected(
            tmp_path / "ellie.db", slack=slack, notebook=True,
            slack_settings={"models": MODELS}, ellie_allowed_models=",".join(MODELS),
        ) as stage:  # fmt: skip
            yield Desk(stage)
