"""That Ellie is at work is shown, and can be stopped."""

from pathlib import Path

import pytest

from tests.adapters.slack.stage import ALICE, BOB, GENERAL, SlackStage, connected, said
from tests.servers.openai_faults import Stall


def statuses(garden: SlackStage) -> list[str]:
    return [str(c.args["status"]) for c in garden.slack.calls("agents.sessions.setStatus")]


@pytest.mark.rule("S10")
async def test_a_session_is_processing_and_then_active(socket_garden: SlackStage) -> None:
    garden = socket_garden
    await garden.ask(ALICE, GENERAL, "Hello")
    await garden.settled()
    assert statuses(garden)[0] == "processing"
    assert statuses(garden)[-1] == "active"
    assert set(statuses(garden)) == {"processing", "active"}


@pytest.mark.rule("S10")
async def test_a_reply_that_fails_leaves_no_session_processing(socket_garden: SlackStage) -> None:
    garden = socket_garden
    garden.slack.fail("chat.startStream", times=None, error="is_archived")
    garden.slack.fail("chat.postMessage", times=None, error="is_archived")
    await garden.slack.say(ALICE, GENERAL, garden.called("Hello"))
    await garden.slack.until(lambda: "active" in statuses(garden))
    await garden.settled()
    assert statuses(garden)[-1] == "active"


@pytest.mark.rule("S10")
async def test_where_there_are_no_sessions_threads_are_told_and_that_is_remembered(
    socket_garden: SlackStage,
) -> None:
    garden = socket_garden
    garden.slack.fail("agents.sessions.setStatus", times=None, error="unknown_method")
    await garden.ask(ALICE, GENERAL, "Hello")
    await garden.ask(ALICE, GENERAL, "Hello again")
    await garden.settled()
    assert len(garden.slack.calls("agents.sessions.setStatus")) == 1
    told = [c.args["status"] for c in garden.slack.calls("assistant.threads.setStatus")]
    assert told[0] != ""
    assert told[-1] == ""


@pytest.mark.rule("S13")
async def test_without_any_status_everything_works(tmp_path: Path) -> None:
    async with connected(tmp_path / "ellie.db", paid=False) as garden:
        garden.slack.fail("agents.sessions.setStatus", times=None, error="missing_scope")
        garden.slack.fail("assistant.threads.setStatus", times=None, error="missing_scope")
        for _ in range(2):
            assert "Hello" in await garden.ask(ALICE, GENERAL, "Hello")
        await garden.settled()
        assert len(garden.slack.calls("assistant.threads.setStatus")) == 1


@pytest.mark.rule("S11")
@pytest.mark.parametrize("where", ["dm", GENERAL])
async def test_the_stop_of_a_session_stops_the_reply(socket_garden: SlackStage, where: str) -> None:
    garden = socket_garden
    channel, thread = (garden.dm, None) if where == "dm" else (GENERAL, "")
    garden.model.fail("chat", Stall(after=3))
    ts = await garden.slack.say(ALICE, channel, garden.called("one two three four five"))
    thread = thread if thread is None else ts
    await garden.slack.until(lambda: garden.hers(channel, thread))
    await garden.slack.stop_session(ALICE, channel, ts)
    answer = await garden.reply(channel, thread)
    assert "stopped" in said(answer)
    assert "five" not in said(answer)
    await garden.settled()
    assert statuses(garden)[-1] == "active"


@pytest.mark.rule("S11")
async def test_the_button_under_a_reply_stops_it_for_whom_it_is_meant(
    tmp_path: Path,
) -> None:
    async with connected(tmp_path / "ellie.db", paid=False) as garden:
        garden.model.fail("chat", Stall(after=3))
        ts = await garden.slack.say(ALICE, GENERAL, garden.called("one two three four five"))
        await garden.slack.until(lambda: garden.hers(GENERAL, ts))
        message = garden.hers(GENERAL, ts)[0]
        await garden.slack.press(BOB, message, "stop")
        await garden.slack.until(lambda: garden.slack.ephemerals(BOB))
        assert "stopped" not in said(garden.hers(GENERAL, ts)[0])
        await garden.slack.press(ALICE, message, "stop")
        answer = await garden.reply(GENERAL, ts)
        assert "stopped" in said(answer)


@pytest.mark.rule("S11")
@pytest.mark.parametrize("where", ["dm", GENERAL])
async def test_a_reply_is_stopped_before_its_first_word_too(
    socket_garden: SlackStage, where: str
) -> None:
    garden = socket_garden
    channel = garden.dm if where == "dm" else GENERAL
    garden.model.fail("chat", Stall())
    ts = await garden.slack.say(ALICE, channel, garden.called("one two three four five"))
    await garden.slack.until(lambda: garden.model.asked("chat") and statuses(garden))
    await garden.slack.stop_session(ALICE, channel, ts)
    await garden.settled()
    assert garden.hers(channel) == []
    assert statuses(garden)[-1] == "active"


@pytest.mark.rule("S11")
async def test_what_was_stopped_before_it_was_dealt_with_is_history_and_not_answered(
    socket_garden: SlackStage,
) -> None:
    garden = socket_garden
    held = garden.slack.hold("files.download")
    file = ("notes.txt", b"Quinces", "text/plain")
    await garden.slack.say(ALICE, garden.dm, "Read this", files=[file])
    await garden.slack.until(lambda: statuses(garden) == ["processing"])
    await garden.slack.until(lambda: garden.slack.downloads)
    await garden.slack.stop_session(ALICE, garden.dm, garden.slack.messages(garden.dm)[0].ts)
    await garden.slack.heard()
    held.release()
    await garden.settled()
    assert garden.model.asked("chat") == []
    assert statuses(garden)[-1] == "active"
    await garden.ask(ALICE, garden.dm, "What did I want?")
    assert "Read this" in garden.prompt()
