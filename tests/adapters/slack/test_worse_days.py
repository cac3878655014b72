"""What an independent reading of the adapter found: answers lost, doubled, or never ended."""

import asyncio
from collections.abc import Coroutine
from pathlib import Path

import pytest

from adapters.slack.socket import BAD_APP_TOKEN
from bot.errors import PlatformRefused
from tests.adapters.slack.stage import (
    ALICE,
    GENERAL,
    TEAM,
    SlackStage,
    connected,
    furnish,
    is_finished,
    said,
)
from tests.servers.openai_faults import Stall, Trickle
from tests.servers.openai_server import OpenAIServer
from tests.servers.slack import SlackServer

QUESTION = "one two three four five six seven eight nine ten"


async def asked(garden: SlackStage) -> str:
    garden.model.fail("chat", Trickle(0.01))
    return await garden.slack.say(ALICE, GENERAL, garden.called(QUESTION))


REFUSED = [
    {"error": error}
    for error in ("msg_too_long", "stream_mode_mismatch", "invalid_arguments", "fatal_error")
]
LOST: list[dict[str, object]] = [
    {"status": 500, "after_commit": True},
    {"status": 500},
    {"error": "internal_error", "after_commit": True},
]


@pytest.mark.rule("S9")
@pytest.mark.parametrize("fault", [*REFUSED, *LOST])
@pytest.mark.parametrize("method", ["chat.startStream", "chat.appendStream", "chat.stopStream"])
async def test_a_refusal_in_the_middle_of_a_stream_loses_and_doubles_nothing(
    socket_garden: SlackStage, method: str, fault: dict[str, object]
) -> None:
    garden = socket_garden
    garden.slack.fail(method, **fault)  # type: ignore[arg-type]
    ts = await asked(garden)
    await garden.slack.until(
        lambda: any(QUESTION in said(m) and is_finished(m) for m in garden.hers(GENERAL, ts))
    )
    await garden.settled()
    [answer] = garden.hers(GENERAL, ts)
    assert is_finished(answer)
    assert said(answer).count(QUESTION) == 1


async def test_a_stream_whose_end_fails_too_is_ended_before_it_is_changed(
    socket_garden: SlackStage,
) -> None:
    garden = socket_garden
    garden.slack.fail("chat.appendStream", status=0)
    garden.slack.fail("chat.stopStream", status=500)
    ts = await asked(garden)
    answer = await garden.reply(GENERAL, ts)
    assert said(answer).count(QUESTION) == 1
    assert len(garden.hers(GENERAL, ts)) == 1


@pytest.mark.parametrize("error", ["token_expired", "invalid_auth"])
async def test_a_token_that_has_just_ended_is_asked_for_anew(
    socket_garden: SlackStage, error: str
) -> None:
    garden = socket_garden
    garden.slack.fail("chat.postMessage", error=error)
    assert "Hello" in await garden.ask(ALICE, garden.dm, "Hello")


@pytest.mark.parametrize("error", ["rate_limited", "message_limit_exceeded"])
async def test_what_slack_takes_later_is_posted_later(
    socket_garden: SlackStage, error: str
) -> None:
    garden = socket_garden
    garden.slack.fail("chat.postMessage", error=error)
    assert "Hello" in await garden.ask(ALICE, garden.dm, "Hello")
    assert len(garden.hers(garden.dm)) == 1


async def test_a_missing_scope_is_one_line_that_names_it(
    socket_garden: SlackStage, caplog: pytest.LogCaptureFixture
) -> None:
    garden = socket_garden
    garden.slack.fail("chat.postMessage", times=None, error="missing_scope", needed="chat:write")
    await garden.slack.say(ALICE, garden.dm, "The ferns are thirsty")
    await garden.slack.until(lambda: "missing_scope: chat:write" in caplog.text)
    await garden.settled()
    assert "ferns" not in caplog.text


async def test_the_first_refusal_of_a_stream_is_no_law(socket_garden: SlackStage) -> None:
    garden = socket_garden
    garden.slack.fail("chat.startStream", error="message_not_found")
    await garden.ask(ALICE, GENERAL, "Hello")
    await garden.ask(ALICE, GENERAL, "Hello again")
    assert len(garden.slack.calls("chat.startStream")) == 2


async def test_a_stream_to_an_outsider_names_their_team(socket_garden: SlackStage) -> None:
    garden = socket_garden
    slack = garden.slack
    slack.team("T7", "Elsewhere")
    slack.person("T7", "U7", "Olga")
    slack.channel(TEAM, "C7", "with-elsewhere", members=[ALICE, "U7"], ext_shared=["T7"])
    ts = await slack.say("U7", "C7", garden.called("Hello"))
    await garden.reply("C7", ts)
    [start] = slack.calls("chat.startStream")
    assert (start.args["recipient_user_id"], start.args["recipient_team_id"]) == ("U7", "T7")
    assert start.error is None


# --- status


def statuses(garden: SlackStage, thread: str) -> list[str]:
    calls = garden.slack.calls("agents.sessions.setStatus")
    return [str(c.args["status"]) for c in calls if c.args["thread_ts"] == thread]


@pytest.mark.rule("S10")
async def test_a_turn_that_is_taken_back_while_it_waits_leaves_nothing_processing(
    socket_garden: SlackStage,
) -> None:
    garden = socket_garden
    garden.model.fail("chat", Stall())
    await garden.slack.say(ALICE, garden.dm, "The first")
    await garden.slack.until(lambda: garden.model.asked("chat"))
    second = await garden.slack.say(ALICE, garden.dm, "The second")
    await garden.slack.until(lambda: statuses(garden, second) == ["processing"])
    await garden.slack.delete(garden.dm, second)
    await garden.slack.heard()
    garden.model.release.set()
    await garden.slack.until(lambda: statuses(garden, second) == ["processing", "active"])
    await garden.settled()


@pytest.mark.rule("S10")
async def test_one_odd_refusal_of_a_status_is_no_law(socket_garden: SlackStage) -> None:
    garden = socket_garden
    garden.slack.fail("agents.sessions.setStatus", error="is_archived")
    await garden.ask(ALICE, GENERAL, "Hello")
    ts = await garden.slack.say(ALICE, GENERAL, garden.called("Hello again"))
    await garden.reply(GENERAL, ts)
    await garden.settled()
    assert statuses(garden, ts) == ["processing", "active"]
    assert garden.slack.calls("assistant.threads.setStatus") == []


# --- what comes


@pytest.mark.rule("S1")
async def test_an_event_is_acknowledged_though_slack_answers_nothing(
    garden: SlackStage,
) -> None:
    held = garden.slack.hold("*")
    await garden.slack.say(ALICE, garden.dm, "Are you there?")
    await garden.slack.heard()
    assert [waiting.user for waiting in await garden.stage.core.taken_in("slack")] == [ALICE]
    held.release()
    await garden.reply(garden.dm)


async def test_what_nobody_waits_for_is_acknowledged_once(garden: SlackStage) -> None:
    await garden.slack.happen(TEAM, {"type": "emoji_changed", "subtype": "add", "name": "quince"})
    await garden.slack.heard()
    assert [(p.acked, p.attempts) for p in garden.slack.delivered] == [(True, 1)]


@pytest.mark.parametrize("event", [
    {"type": "message", "channel": "C1", "user": ALICE, "text": "no ts"},
    {"type": "message", "ts": "1.0", "user": ALICE, "text": "no channel"},
    {"type": "message", "subtype": "message_changed", "channel": "C1", "message": None},
    {"type": "message", "channel": "C1", "user": ALICE, "ts": "1.0", "files": ["x"]},
])  # fmt: skip
async def test_an_event_that_cannot_be_read_is_a_line_in_the_log(
    socket_garden: SlackStage, caplog: pytest.LogCaptureFixture, event: dict[str, object]
) -> None:
    await socket_garden.slack.happen(TEAM, event)
    await socket_garden.slack.heard()
    assert "an event of Slack cannot be read" in caplog.text
    assert [(p.acked, p.attempts) for p in socket_garden.slack.delivered] == [(True, 1)]


async def test_a_message_of_blocks_alone_is_read(socket_garden: SlackStage) -> None:
    garden = socket_garden
    rich = {
        "type": "rich_text",
        "elements": [
            {
                "type": "rich_text_section",
                "elements": [
                    {"type": "text", "text": "Quinces & medlars, says "},
                    {"type": "user", "user_id": ALICE},
                    {"type": "link", "url": "https://example.com/", "text": "here"},
                ],
            },
            {"type": "rich_text_quote", "elements": [{"type": "text", "text": "a quote"}]},
        ],
    }
    await garden.slack.happen(TEAM, {
        "type": "message", "channel": garden.dm, "channel_type": "im", "user": ALICE, "text": "",
        "ts": "1795600000.000100", "blocks": [rich, {"type": "divider"}],
    })  # fmt: skip
    await garden.slack.until(lambda: garden.model.asked("chat"))
    await garden.idle()
    assert "Quinces & medlars, says @Alice" in garden.prompt()
    assert "here (https://example.com/)" in garden.prompt()
    assert "> a quote" in garden.prompt()


async def test_half_a_sign_does_not_keep_a_message_from_being_heard(
    socket_garden: SlackStage,
) -> None:
    garden = socket_garden
    await garden.slack.happen(TEAM, {
        "type": "message", "channel": garden.dm, "channel_type": "im", "user": ALICE,
        "text": "Half \ud83d a bee", "ts": "1795600000.000100",
    })  # fmt: skip
    await garden.slack.until(lambda: garden.model.asked("chat"))
    await garden.idle()
    assert "a bee" in garden.prompt()


async def test_slackbot_is_no_person(socket_garden: SlackStage) -> None:
    garden = socket_garden
    await garden.slack.happen(TEAM, {
        "type": "message", "channel": garden.dm, "channel_type": "im", "user": "USLACKBOT",
        "text": "Reminder: quinces", "ts": "1795600000.000100",
    })  # fmt: skip
    await garden.settled()
    assert garden.model.asked("chat") == []


# --- tokens that die while she runs


async def test_an_app_token_that_is_revoked_ends_with_one_line(tmp_path: Path) -> None:
    async with connected(tmp_path / "ellie.db", run=False) as garden:
        slack = garden.slack
        opened = len(slack.calls("apps.connections.open"))

        async def revoke() -> None:
            await slack.until(lambda: len(slack.calls("apps.connections.open")) > opened)
            await garden.adapter.until_listening()
            slack.fail("apps.connections.open", times=None, error="invalid_auth")
            slack.drop()

        with pytest.raises(PlatformRefused, match="SLACK_APP_TOKEN") as ended:
            await _both(garden.adapter.run(garden.stage.core), revoke())
        assert str(ended.value) == BAD_APP_TOKEN


async def _both(*works: Coroutine[None, None, None]) -> None:
    """Run them together; the first fault is that of both."""
    try:
        async with asyncio.TaskGroup() as tasks:
            for work in works:
                tasks.create_task(work)
    except ExceptionGroup as errors:
        raise errors.exceptions[0] from None


async def test_what_comes_while_the_bot_token_is_dead_is_answered_with_a_new_one(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "ellie.db"
    async with SlackServer() as slack, OpenAIServer() as model:
        furnish(slack)
        async with connected(file, slack=slack, model=model) as garden:
            slack.fail("*", times=None, error="invalid_auth")
            for text in ("One", "Two"):
                await slack.say(ALICE, garden.dm, text)
            await garden.settled()
            assert caplog.text.count("Slack does not accept SLACK_BOT_TOKEN") == 1
        slack.heal()
        async with connected(file, slack=slack, model=model) as garden:
            await garden.reply(garden.dm, after=1)
            assert len(garden.hers(garden.dm)) == 2
