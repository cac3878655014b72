"""Slack's bad days: sockets that end, overlap or are never acknowledged, tokens, storms."""

import asyncio
import logging
from contextlib import closing
from pathlib import Path

import pytest

from adapters.slack.socket import BAD_APP_TOKEN
from adapters.slack.workspaces import BAD_BOT_TOKEN
from bot.errors import PlatformRefused
from tests.adapters.slack.stage import ALICE, BOB, GENERAL, TEAM, SlackStage, connected, furnish
from tests.servers.openai_server import OpenAIServer
from tests.servers.slack import SlackServer


async def test_it_says_where_it_is(socket_garden: SlackStage) -> None:
    assert socket_garden.told == ["Slack: connected as ellie in Garden."]


@pytest.mark.rule("S5")
@pytest.mark.parametrize("reason", ["refresh_requested", "warning", "link_disabled"])
async def test_a_socket_that_slack_renews_loses_nothing(
    socket_garden: SlackStage, reason: str
) -> None:
    garden = socket_garden
    await garden.ask(ALICE, garden.dm, "Before")
    await garden.slack.disconnect(reason)
    await garden.slack.say(ALICE, garden.dm, "After")
    await garden.reply(garden.dm, after=1)
    await garden.settled()
    assert len(garden.hers(garden.dm)) == 2
    assert len(garden.slack.calls("apps.connections.open")) >= 2


@pytest.mark.rule("S5")
async def test_a_socket_that_is_cut_before_the_acknowledgement_doubles_nothing(
    socket_garden: SlackStage,
) -> None:
    garden = socket_garden
    garden.slack.drop_before_ack()
    await garden.slack.say(ALICE, garden.dm, "Only once")
    await garden.reply(garden.dm)
    await garden.settled()
    assert len(garden.hers(garden.dm)) == 1
    assert len(garden.model.asked("chat")) == 1


@pytest.mark.rule("S2")
async def test_two_processes_on_one_file_answer_each_message_once(tmp_path: Path) -> None:
    file = tmp_path / "ellie.db"
    async with SlackServer() as slack, OpenAIServer() as model:
        furnish(slack)
        async with (
            connected(file, slack=slack, model=model) as first,
            connected(file, slack=slack, model=model) as second,
        ):
            for number in range(4):
                ts = await slack.say(ALICE, GENERAL, first.called(f"Question {number}"))
                for told in [p for p in slack.delivered if p.event.get("ts") == ts]:
                    await slack.duplicate(told)
            await slack.heard()
            await first.idle()
            await second.idle()
            await slack.until(lambda: len(first.hers(GENERAL)) == 4)
            assert len(model.asked("chat")) == 4


@pytest.mark.rule("S1")
async def test_an_event_that_cannot_be_written_down_is_not_acknowledged(
    garden: SlackStage, caplog: pytest.LogCaptureFixture
) -> None:
    slack, store = garden.slack, garden.stage.store
    full = "CREATE TRIGGER full BEFORE INSERT ON inbox BEGIN SELECT RAISE(ABORT, 'full'); END"

    def change(statement: str) -> None:
        with closing(store.driver.module.connect(store.path)) as file:
            file.executescript(f"BEGIN IMMEDIATE; {statement}; COMMIT")

    await asyncio.to_thread(change, full)
    await slack.say(ALICE, garden.dm, "Are you there?")
    told = slack.delivered[-1]
    await slack.until(lambda: "what Slack sent failed inside (StoreError)" in caplog.text)
    assert not told.acked
    await asyncio.to_thread(change, "DROP TRIGGER full")
    if slack.sockets.open:
        slack.clock.advance(4)  # nobody acknowledged it for three seconds: it is sent again
    else:
        await slack.until(lambda: told.state in {"waiting", "acked"})
        slack.clock.advance(61)
    await slack.until(lambda: told.acked)
    await garden.reply(garden.dm)
    assert len(garden.hers(garden.dm)) == 1


@pytest.mark.parametrize(("method", "line"), [
    ("auth.test", BAD_BOT_TOKEN), ("apps.connections.open", BAD_APP_TOKEN),
])  # fmt: skip
async def test_a_token_that_slack_does_not_accept_ends_with_one_line(
    tmp_path: Path, method: str, line: str
) -> None:
    async with connected(tmp_path / "ellie.db", run=False) as garden:
        garden.slack.fail(method, times=None, error="invalid_auth")
        with pytest.raises(PlatformRefused, match=line.split(":")[0]):
            await garden.adapter.run(garden.stage.core)


async def test_a_slack_that_cannot_be_reached_is_waited_for(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with SlackServer() as slack:
        furnish(slack)
        slack.fail("auth.test", times=2, status=0)
        slack.fail("apps.connections.open", times=1, status=500)
        async with connected(tmp_path / "ellie.db", slack=slack) as garden:
            assert "Hello" in await garden.ask(ALICE, garden.dm, "Hello")
        assert "cannot be reached yet" in caplog.text


@pytest.mark.rule("S7")
async def test_a_storm_is_answered_once_each_in_order(tmp_path: Path) -> None:
    async with connected(tmp_path / "ellie.db", ellie_max_concurrent_turns=16) as garden:
        slack = garden.slack
        channels = [
            slack.channel(TEAM, f"C{n}", f"room-{n}", members=[ALICE, BOB]) for n in range(20, 40)
        ]
        slack.fail("chat.startStream", times=8, error="ratelimited", retry_after=0)
        slack.fail("chat.appendStream", times=8, error="ratelimited", retry_after=0)
        slack.fail("chat.stopStream", times=8, error="ratelimited", retry_after=0)
        asked = [
            (channel, await slack.say(ALICE, channel, garden.called(f"Question {number}")))
            for number in range(3)
            for channel in channels
        ]
        await slack.until(
            lambda: all(slack.messages(channel, ts) for channel, ts in asked), seconds=30
        )
        await garden.settled()
        for number, (channel, ts) in enumerate(asked):
            [answer] = garden.hers(channel, ts)
            assert f"Question {number // len(channels)}" in answer.said


async def test_no_text_of_anybody_is_in_the_log(
    socket_garden: SlackStage, caplog: pytest.LogCaptureFixture
) -> None:
    garden = socket_garden
    caplog.set_level(logging.INFO)
    garden.slack.fail("chat.startStream", error="internal_error")
    garden.slack.fail("conversations.info", error="internal_error")
    garden.slack.fail("chat.postMessage", status=500)
    await garden.ask(ALICE, GENERAL, "The ferns are thirsty")
    garden.slack.drop()
    await garden.ask(ALICE, garden.dm, "The ferns are thirsty")
    assert "ferns" not in caplog.text
    assert "xoxb" not in caplog.text
    assert "xapp" not in caplog.text


async def test_it_stops_in_order_and_finishes_what_it_was_saying(tmp_path: Path) -> None:
    file = tmp_path / "ellie.db"
    async with SlackServer() as slack, OpenAIServer() as model:
        furnish(slack)
        async with connected(file, slack=slack, model=model) as garden:
            held = slack.hold("chat.postMessage")
            await slack.say(ALICE, garden.dm, "Last words?")
            await slack.until(lambda: slack.calls("chat.postMessage"))
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(_released(slack, held))
                garden.slack.changed()
        assert "Last words?" in garden.hers(garden.dm)[0].said


async def _released(slack: SlackServer, held: object) -> None:
    held.release()  # type: ignore[attr-defined]
