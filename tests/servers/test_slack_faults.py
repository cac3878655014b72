"""The loopback Slack's bad days, as the unmodified SDK meets them."""

import asyncio

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncConnectionErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from tests.servers.slack import SlackServer
from tests.servers.slack_garden import GENERAL, refused


async def test_a_rate_limit_is_a_429_with_retry_after(
    slack: SlackServer, client: AsyncWebClient
) -> None:
    slack.fail("chat.postMessage", error="ratelimited", retry_after=7)
    with pytest.raises(SlackApiError) as refusal:
        await client.chat_postMessage(channel=GENERAL, text="x")
    told = refusal.value.response
    assert (told.status_code, told["error"]) == (429, "ratelimited")
    assert told.headers["Retry-After"] == "7"
    assert (await client.chat_postMessage(channel=GENERAL, text="x"))["ok"]


async def test_a_fault_strikes_its_method_so_many_times(
    slack: SlackServer, client: AsyncWebClient
) -> None:
    slack.fail("chat.*", times=2, error="fatal_error")
    assert (await client.auth_test())["ok"]
    for _ in range(2):
        posting = client.chat_postMessage(channel=GENERAL, text="x")
        assert await refused(posting) == "fatal_error"
    assert (await client.chat_postMessage(channel=GENERAL, text="x"))["ok"]
    assert [c.error for c in slack.calls("chat.postMessage")] == ["fatal_error"] * 2 + [None]


async def test_a_fault_may_last_until_it_is_healed(
    slack: SlackServer, client: AsyncWebClient
) -> None:
    slack.fail("auth.test", times=None, status=500)
    with pytest.raises(SlackApiError):
        await client.auth_test()
    slack.heal()
    assert (await client.auth_test())["ok"]


async def test_a_lost_reply_leaves_what_was_done(
    slack: SlackServer, client: AsyncWebClient
) -> None:
    client.retry_handlers = []
    slack.fail("chat.postMessage", status=0, after_commit=True)
    with pytest.raises(aiohttp.ClientError):
        await client.chat_postMessage(channel=GENERAL, text="x")
    assert [m.text for m in slack.messages(GENERAL)] == ["x"]


async def test_a_cut_connection_does_nothing(slack: SlackServer, client: AsyncWebClient) -> None:
    client.retry_handlers = []
    slack.fail("chat.postMessage", status=0)
    with pytest.raises(aiohttp.ClientError):
        await client.chat_postMessage(channel=GENERAL, text="x")
    assert slack.messages(GENERAL) == []
    assert isinstance(AsyncWebClient().retry_handlers[0], AsyncConnectionErrorRetryHandler)


async def test_a_slow_method_waits_until_it_is_released(
    slack: SlackServer, client: AsyncWebClient
) -> None:
    held = slack.hold("chat.postMessage")
    async with asyncio.TaskGroup() as tasks:
        posting = tasks.create_task(client.chat_postMessage(channel=GENERAL, text="x"))
        await slack.until(lambda: held.waiting)
        assert slack.messages(GENERAL) == []
        held.release()
        assert (await posting)["ok"]


async def test_one_message_a_second_and_channel(slack: SlackServer, client: AsyncWebClient) -> None:
    slack.channel("T1", "C2")
    slack.limit("chat.postMessage", 1, 60)
    await client.chat_postMessage(channel=GENERAL, text="x")
    await client.chat_postMessage(channel="C2", text="x")
    posting = client.chat_postMessage(channel=GENERAL, text="x")
    assert await refused(posting) == "ratelimited"


async def test_a_wait_that_fails_shows_what_was_seen(
    slack: SlackServer, client: AsyncWebClient
) -> None:
    await client.chat_postMessage(channel=GENERAL, text="only this")
    with pytest.raises(AssertionError, match="only this"):
        await slack.until(lambda: False, seconds=0.01)
