"""The loopback Slack, held against the unmodified slack_sdk and Bolt: what is said in places."""

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.servers.plain_app import PlainApp, connected
from tests.servers.slack import SlackServer
from tests.servers.slack_garden import ALICE, BOB, GENERAL, TEAM


async def refused(call: object) -> str:
    """The error of a call that Slack refuses."""
    with pytest.raises(SlackApiError) as refusal:
        await call  # type: ignore[misc]
    return str(refusal.value.response["error"])


async def test_a_bot_token_says_whose_it_is(slack: SlackServer, client: AsyncWebClient) -> None:
    told = await client.auth_test()
    assert told["team_id"] == TEAM
    assert told["user_id"] == slack.bot(TEAM)
    assert "chat:write" in told.headers["X-OAuth-Scopes"]


async def test_what_people_say_reaches_bolt_over_a_socket(slack: SlackServer) -> None:
    app = PlainApp(slack)
    async with connected(slack, app):
        ts = await slack.say(ALICE, GENERAL, "good morning")
        await slack.say(BOB, slack.dm(TEAM, BOB), "in private")
        await slack.heard()
    first, second = app.heard
    assert (first["text"], first["ts"], first["channel_type"]) == ("good morning", ts, "channel")
    assert first["blocks"][0]["type"] == "rich_text"
    assert (second["channel"], second["channel_type"]) == (slack.dm(TEAM, BOB), "im")
    assert app.bodies[0]["authorizations"][0]["user_id"] == slack.bot(TEAM)


async def test_a_mention_comes_twice_with_one_ts(slack: SlackServer) -> None:
    app = PlainApp(slack)
    async with connected(slack, app):
        await slack.say(ALICE, GENERAL, f"<@{slack.bot(TEAM)}> hello")
        await slack.heard()
    assert sorted(e["type"] for e in app.heard) == ["app_mention", "message"]
    assert len({e["ts"] for e in app.heard}) == 1
    assert len({body["event_id"] for body in app.bodies}) == 2


async def test_a_bot_posts_updates_and_deletes(slack: SlackServer, client: AsyncWebClient) -> None:
    ts = await slack.say(ALICE, GENERAL, "hello?")
    posted = await client.chat_postMessage(channel=GENERAL, text="here", thread_ts=ts)
    assert [m.text for m in slack.messages(GENERAL, ts)] == ["here"]
    await client.chat_update(channel=GENERAL, ts=posted["ts"], text="still here")
    assert [m.text for m in slack.messages(GENERAL, ts)] == ["still here"]
    await client.chat_delete(channel=GENERAL, ts=posted["ts"])
    assert slack.messages(GENERAL, ts) == []
    assert await refused(client.chat_update(channel=GENERAL, ts=ts, text="x")) == (
        "cant_update_message"
    )


async def test_an_ephemeral_message_is_seen_by_one_person(
    slack: SlackServer, client: AsyncWebClient
) -> None:
    await client.chat_postEphemeral(channel=GENERAL, user=ALICE, text="for you")
    assert [m.text for m in slack.ephemerals(ALICE)] == ["for you"]
    assert slack.ephemerals(BOB) == []
    assert slack.messages(GENERAL) == []
