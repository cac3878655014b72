"""The loopback Slack, held against the unmodified Socket Mode client and its bad days."""

import json
from typing import Any

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from tests.servers.plain_app import QUIET, PlainApp, connected
from tests.servers.slack import SlackServer
from tests.servers.slack_garden import ALICE, GENERAL, TEAM, refused


async def test_a_ticket_opens_one_socket(slack: SlackServer, client: AsyncWebClient) -> None:
    told = await client.apps_connections_open(app_token=slack.app_token)
    async with aiohttp.ClientSession() as session, session.ws_connect(told["url"]) as socket:
        hello = await socket.receive_json()
        assert (hello["type"], hello["num_connections"]) == ("hello", 1)
        assert hello["debug_info"]["approximate_connection_time"]
        async with session.get(told["url"].replace("ws:", "http:")) as again:
            assert again.status == 401


async def test_only_the_app_token_opens_sockets(slack: SlackServer, client: AsyncWebClient) -> None:
    assert await refused(client.apps_connections_open(app_token="xapp-2")) == "invalid_auth"
    assert await refused(client.apps_connections_open(app_token="xoxb-1")) == (
        "not_allowed_token_type"
    )


async def test_a_ping_is_answered_with_its_own_payload(
    slack: SlackServer, client: AsyncWebClient
) -> None:
    told = await client.apps_connections_open(app_token=slack.app_token)
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(told["url"], autoping=False) as socket,
    ):
        await socket.receive_json()
        await socket.ping(b"sdk-ping-pong:1700000000.5")
        pong = await socket.receive()
    assert (pong.type, pong.data) == (aiohttp.WSMsgType.PONG, b"sdk-ping-pong:1700000000.5")


async def test_the_sdks_pings_keep_its_socket_open(slack: SlackServer) -> None:
    app = PlainApp(slack)
    async with connected(slack, app, ping_interval=0.05):
        await slack.until(lambda: len(slack.sockets.open[0].pings) > 2)
    assert len(slack.calls("apps.connections.open")) == 1


async def test_an_envelope_nobody_acknowledges_is_sent_again(slack: SlackServer) -> None:
    client = AsyncWebClient(base_url=slack.api, logger=QUIET)
    told = await client.apps_connections_open(app_token=slack.app_token)
    async with aiohttp.ClientSession() as session, session.ws_connect(told["url"]) as socket:
        await socket.receive_json()
        await slack.say(ALICE, GENERAL, "hello")
        first = await socket.receive_json()
        slack.clock.advance(3)
        second = await socket.receive_json()
        assert (first["retry_attempt"], second["retry_attempt"]) == (0, 1)
        assert second["retry_reason"] == "timeout"
        assert first["payload"]["event_id"] == second["payload"]["event_id"]
        await socket.send_json({"envelope_id": second["envelope_id"]})
        await slack.heard()
        slack.clock.advance(1000)
        assert slack.delivered[0].attempts == 2


async def test_the_clock_can_be_moved_on_to_the_next_attempt(slack: SlackServer) -> None:
    client = AsyncWebClient(base_url=slack.api, logger=QUIET)
    told = await client.apps_connections_open(app_token=slack.app_token)
    began = slack.clock.time()
    async with aiohttp.ClientSession() as session, session.ws_connect(told["url"]) as socket:
        await socket.receive_json()
        await slack.say(ALICE, GENERAL, "hello")
        parcel = slack.delivered[0]
        for seconds in (3, 66, 369):
            await slack.next_attempt(parcel)
            assert slack.clock.time() - began == seconds
        envelopes = [await socket.receive_json() for _ in range(4)]
        await socket.send_json({"envelope_id": envelopes[3]["envelope_id"]})
        await slack.heard()
    assert [e["retry_attempt"] for e in envelopes] == [0, 1, 2, 3]
    assert parcel.acked


async def test_what_is_no_acknowledgement_is_a_problem(slack: SlackServer) -> None:
    client = AsyncWebClient(base_url=slack.api, logger=QUIET)
    told = await client.apps_connections_open(app_token=slack.app_token)
    async with aiohttp.ClientSession() as session, session.ws_connect(told["url"]) as socket:
        await socket.receive_json()
        await slack.say(ALICE, GENERAL, "hello")
        id_ = (await socket.receive_json())["envelope_id"]
        for given in ("what?", '{"envelope_id": "other"}'):
            await socket.send_str(given)
        await socket.send_json({"envelope_id": id_, "body": {}})
        await slack.heard()
        await slack.until(lambda: len(slack.problems) == 3)
    assert ["no acknowledgement" in p or "never sent" in p for p in slack.problems] == [
        True, True, False,
    ]  # fmt: skip
    slack.problems.clear()


async def test_pongs_can_be_withheld(slack: SlackServer, client: AsyncWebClient) -> None:
    slack.sockets.withhold_pongs = True
    told = await client.apps_connections_open(app_token=slack.app_token)
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(told["url"], autoping=False) as socket,
    ):
        await socket.receive_json()
        await socket.ping(b"sdk-ping-pong:1")
        await slack.until(lambda: slack.sockets.open[0].pings)
        await slack.say(ALICE, GENERAL, "hello")
        assert (await socket.receive()).type is aiohttp.WSMsgType.TEXT


async def test_an_event_is_lost_after_its_third_retry(slack: SlackServer) -> None:
    client = AsyncWebClient(base_url=slack.api, logger=QUIET)
    told = await client.apps_connections_open(app_token=slack.app_token)
    async with aiohttp.ClientSession() as session, session.ws_connect(told["url"]):
        await slack.say(ALICE, GENERAL, "hello")
        parcel = slack.delivered[0]
        for seconds, attempts in ((3, 2), (3, 2), (60, 3), (3, 3), (300, 4)):
            slack.clock.advance(seconds)
            assert parcel.attempts == attempts
        slack.clock.advance(3)
        assert parcel.lost


async def test_what_an_aborted_socket_left_behind_goes_to_the_next(slack: SlackServer) -> None:
    app = PlainApp(slack)
    async with connected(slack, app, ping_interval=0.05):
        slack.drop_before_ack()
        await slack.say(ALICE, GENERAL, "hello")
        await slack.until(lambda: slack.delivered[0].acked)
    assert slack.delivered[0].attempts == 2
    assert set(app.said) == {"hello"}


async def test_of_two_sockets_one_gets_each_event(slack: SlackServer) -> None:
    one, other = PlainApp(slack), PlainApp(slack)
    async with connected(slack, one), connected(slack, other):
        for number in range(4):
            await slack.say(ALICE, GENERAL, str(number))
        await slack.heard()
    assert sorted(one.said + other.said) == ["0", "1", "2", "3"]
    assert len(one.said) == len(other.said) == 2


async def test_a_duplicate_goes_over_the_other_socket_with_the_same_id(slack: SlackServer) -> None:
    one, other = PlainApp(slack), PlainApp(slack)
    async with connected(slack, one), connected(slack, other):
        await slack.say(ALICE, GENERAL, "hello")
        await slack.heard()
        await slack.duplicate(slack.delivered[0])
        await slack.until(lambda: one.bodies and other.bodies)
    assert one.bodies[0]["event_id"] == other.bodies[0]["event_id"]


async def test_a_socket_that_is_to_be_refreshed_is_replaced(slack: SlackServer) -> None:
    app = PlainApp(slack)
    async with connected(slack, app):
        old = slack.sockets.open[0]
        await slack.disconnect("refresh_requested")
        await slack.until(lambda: any(s is not old for s in slack.sockets.open))
        await slack.say(ALICE, GENERAL, "after")
        await slack.heard()
    assert app.said == ["after"]
    assert slack.delivered[0].socket is not old


async def test_a_warned_socket_still_carries_events(slack: SlackServer) -> None:
    client = AsyncWebClient(base_url=slack.api, logger=QUIET)
    told = await client.apps_connections_open(app_token=slack.app_token)
    async with aiohttp.ClientSession() as session, session.ws_connect(told["url"]) as socket:
        await socket.receive_json()
        await slack.disconnect("warning")
        warning = await socket.receive_json()
        assert (warning["type"], warning["reason"]) == ("disconnect", "warning")
        await slack.say(ALICE, GENERAL, "still")
        assert (await socket.receive_json())["payload"]["event"]["text"] == "still"


async def test_an_eleventh_socket_is_turned_away(
    slack: SlackServer, client: AsyncWebClient
) -> None:
    async with aiohttp.ClientSession() as session:
        sockets = []
        for _ in range(11):
            told = await client.apps_connections_open(app_token=slack.app_token)
            sockets.append(await session.ws_connect(told["url"]))
        first = [await socket.receive_json() for socket in sockets]
        assert [one["type"] for one in first] == ["hello"] * 10 + ["disconnect"]
        assert first[10]["reason"] == "too_many_websockets"


async def test_events_without_a_socket_wait_for_one(slack: SlackServer) -> None:
    await slack.say(ALICE, GENERAL, "early")
    app = PlainApp(slack)
    async with connected(slack, app):
        await slack.heard()
    assert app.said == ["early"]


async def test_events_can_come_out_of_order(slack: SlackServer) -> None:
    app = PlainApp(slack)
    async with connected(slack, app):
        slack.hold_events()
        await slack.say(ALICE, GENERAL, "first")
        await slack.say(ALICE, GENERAL, "second")
        assert app.said == []
        await slack.release_events(lambda parcels: parcels[::-1])
        await slack.heard()
    assert app.said == ["second", "first"]


async def test_a_listener_that_raises_acknowledges_nothing(slack: SlackServer) -> None:
    app = PlainApp(slack)
    failures = [RuntimeError("no")]

    async def fail_once() -> None:
        if failures:
            raise failures.pop()

    app.app.event("app_home_opened")(fail_once)
    async with connected(slack, app):
        await slack.open_home(ALICE)
        await slack.until(lambda: not failures)
        assert not slack.delivered[0].acked
        slack.clock.advance(3)
        await slack.heard()
    assert slack.delivered[0].attempts == 2


async def test_the_envelope_says_whose_event_it_is(slack: SlackServer) -> None:
    app = PlainApp(slack)
    async with connected(slack, app):
        await slack.say(ALICE, GENERAL, "hello")
        await slack.heard()
    body = app.bodies[0]
    assert body["type"] == "event_callback"
    assert (body["team_id"], body["context_team_id"]) == (TEAM, TEAM)
    assert body["api_app_id"] == slack.app_id
    assert body["authorizations"] == [
        {
            "enterprise_id": None, "team_id": TEAM, "user_id": slack.bot(TEAM), "is_bot": True,
            "is_enterprise_install": False,
        }
    ]  # fmt: skip
    assert body["is_ext_shared_channel"] is False
    assert body["event_time"] == int(slack.clock.time())


async def test_app_rate_limited_has_no_inner_event(slack: SlackServer) -> None:
    client = AsyncWebClient(base_url=slack.api, logger=QUIET)
    told = await client.apps_connections_open(app_token=slack.app_token)
    async with aiohttp.ClientSession() as session, session.ws_connect(told["url"]) as socket:
        await socket.receive_json()
        await slack.rate_limited(TEAM)
        payload: Any = json.loads((await socket.receive()).data)["payload"]
    assert (payload["type"], payload["team_id"]) == ("app_rate_limited", TEAM)
    assert "event" not in payload
