"""The loopback Slack's signed HTTP, held against Bolt's own aiohttp application."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs

import pytest
from aiohttp import web

from tests.servers.plain_app import PlainApp
from tests.servers.slack import SlackServer
from tests.servers.slack.ground import Wire
from tests.servers.slack_garden import ALICE, GENERAL

Json = dict[str, Any]
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def listening(slack: SlackServer, app: web.Application) -> AsyncIterator[None]:
    """An application at a free port; everything is posted there."""
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    slack.http_target(f"http://{host}:{port}/slack/events")
    try:
        yield
    finally:
        await runner.cleanup()


@asynccontextmanager
async def bolt(slack: SlackServer) -> AsyncIterator[PlainApp]:
    plain = PlainApp(slack)
    server = plain.app.server(port=0, path="/slack/events", host="127.0.0.1")
    async with listening(slack, server.web_app):
        yield plain


def answering(answer: Answer) -> web.Application:
    app = web.Application()
    app.router.add_post("/slack/events", answer)
    return app


async def test_bolt_answers_the_challenge_and_hears_events(slack: SlackServer) -> None:
    async with bolt(slack) as app:
        assert await slack.challenge()
        await slack.say(ALICE, GENERAL, "hello")
        await slack.heard()
        assert app.said == ["hello"]
    headers = slack.posted[-1].headers
    assert headers["Content-Type"] == "application/json"
    assert "X-Slack-Retry-Num" not in headers


async def test_bolt_hears_commands_and_interactions_as_forms(slack: SlackServer) -> None:
    async with bolt(slack) as app:

        async def recall(ack: Wire, command: Json) -> None:
            await ack(f"about {command['text']}")

        async def shortcut(ack: Wire) -> None:
            await ack()

        app.app.command("/recall")(recall)
        app.app.shortcut("any")(shortcut)
        await slack.slash(ALICE, GENERAL, "/recall", "tea & milk")
        act = await slack.shortcut(ALICE, "any")
        assert act.acked
    assert [m.text for m in slack.ephemerals(ALICE)] == ["about tea & milk"]
    command, interaction = slack.posted
    assert command.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert "text=tea+%26+milk" in command.body
    assert json.loads(parse_qs(interaction.body)["payload"][0])["type"] == "shortcut"


async def test_bolt_refuses_a_wrong_signature_and_an_old_one(slack: SlackServer) -> None:
    async with bolt(slack):
        body = json.dumps({"type": "event_callback", "event": {"type": "message"}})
        wrong = await slack.posts.post(body, secret="another")
        assert wrong.status == 401
        slack.posts.skew = -360
        old = await slack.posts.post(body)
        assert old.status == 401


async def test_what_is_not_taken_comes_again_at_once_then_after_one_and_five_minutes(
    slack: SlackServer,
) -> None:
    async def refuse(request: web.Request) -> web.Response:
        return web.Response(status=503)

    async with listening(slack, answering(refuse)):
        await slack.say(ALICE, GENERAL, "hello")
        await slack.until(lambda: len(slack.posted) == 2)
        slack.clock.advance(59)
        assert len(slack.posted) == 2
        slack.clock.advance(1)
        await slack.until(lambda: len(slack.posted) == 3)
        slack.clock.advance(300)
        await slack.until(lambda: slack.delivered[0].lost)
    retries = [p.headers.get("X-Slack-Retry-Num") for p in slack.posted]
    assert retries == [None, "1", "2", "3"]
    assert slack.posted[1].headers["X-Slack-Retry-Reason"] == "http_error"
    assert len({json.loads(p.body)["event_id"] for p in slack.posted}) == 1


async def test_an_answer_after_three_seconds_is_none(slack: SlackServer) -> None:
    asked: list[str] = []
    cut: list[str] = []

    async def slow(request: web.Request) -> web.Response:
        asked.append(request.headers.get("X-Slack-Retry-Reason", ""))
        if len(asked) == 1:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                cut.append("the first")
                raise
        return web.Response()

    async with listening(slack, answering(slow)):
        await slack.say(ALICE, GENERAL, "hello")
        await slack.until(lambda: asked)
        slack.clock.advance(3)
        await slack.heard()
        await slack.until(lambda: cut)
    assert asked == ["", "http_timeout"]
    assert slack.delivered[0].acked


async def test_an_app_may_ask_not_to_be_told_again(slack: SlackServer) -> None:
    async def refuse(request: web.Request) -> web.Response:
        return web.Response(status=500, headers={"X-Slack-No-Retry": "1"})

    async with listening(slack, answering(refuse)):
        await slack.say(ALICE, GENERAL, "hello")
        await slack.heard()
    assert (len(slack.posted), slack.delivered[0].lost) == (1, True)


async def test_an_event_waits_while_nobody_listens_and_is_told_again(slack: SlackServer) -> None:
    slack.http_target("http://127.0.0.1:9/slack/events")
    await slack.say(ALICE, GENERAL, "hello")
    await slack.until(lambda: len(slack.posted) == 2)
    async with bolt(slack) as app:
        slack.clock.advance(60)
        await slack.heard()
        assert app.said == ["hello"]
    reasons = [p.headers.get("X-Slack-Retry-Reason") for p in slack.posted]
    assert reasons == [None, "connection_failed", "connection_failed"]


async def test_a_command_is_posted_once(slack: SlackServer) -> None:
    async def refuse(request: web.Request) -> web.Response:
        return web.Response(status=500)

    async with listening(slack, answering(refuse)):
        act = await slack.slash(ALICE, GENERAL, "/recall")
    assert (act.lost, len(slack.posted)) == (True, 1)


@pytest.mark.parametrize("body", ["", "{}", "not json"])
async def test_an_empty_answer_to_a_submission_is_an_acknowledgement(
    slack: SlackServer, body: str
) -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(text=body)

    async with listening(slack, answering(answer)):
        act = await slack.shortcut(ALICE, "any")
    assert act.acked
    assert act.answer == (body if body == "not json" else None)
