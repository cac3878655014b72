"""A loopback Slack with one workspace, a channel, and two people in it."""

from collections.abc import AsyncIterator, Awaitable

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.servers.plain_app import QUIET
from tests.servers.slack import SlackServer

TEAM, ALICE, BOB, GENERAL = "T1", "U1", "U2", "C1"


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    """What the app sent is always known to Slack, unless a test says otherwise."""
    async with SlackServer() as opened:
        opened.team(TEAM, "Garden")
        opened.person(TEAM, ALICE, "Alice", admin=True)
        opened.person(TEAM, BOB, "Bob")
        opened.channel(TEAM, GENERAL, "general", members=[ALICE, BOB])
        opened.install(TEAM)
        yield opened
        assert opened.problems == []


@pytest.fixture
def client(slack: SlackServer) -> AsyncWebClient:
    """The unmodified Web API client with the workspace's bot token."""
    return AsyncWebClient("xoxb-1", base_url=slack.api, logger=QUIET)


async def refused(call: Awaitable[object]) -> str:
    """The error of a call that Slack refuses."""
    with pytest.raises(SlackApiError) as refusal:
        await call
    return str(refusal.value.response["error"])


async def reasons(call: Awaitable[object]) -> str:
    """Error and messages of a call that Slack refuses."""
    with pytest.raises(SlackApiError) as refusal:
        await call
    told = refusal.value.response
    return "\n".join([told["error"], *told.get("response_metadata", {}).get("messages", [])])
