"""An answer reaches its person where Slack is in the way, and nobody else, with all its parts."""

import logging

import pytest

from adapters.slack.showing import NO_FILES, SENT
from tests.adapters.slack.commands.commanding import Desk, facts_in, labels, said_in
from tests.adapters.slack.stage import ALICE, BOB, GENERAL

MINUTES_30 = 1800


async def long_memories(desk: Desk, count: int = 10) -> None:
    await desk.remember(*(f"number {n} " + "and so on " * 380 for n in range(count)))


@pytest.mark.rule("S15")
async def test_a_long_answer_comes_in_messages_that_fit(desk: Desk) -> None:
    await desk.remember(*(f"number {n} " + "and so on " * 60 for n in range(10)))
    act = await desk.given("recall")
    assert 1 < len(act.responses) <= 5
    whole = "".join(map(said_in, act.responses))
    assert all(f"number {n} " in whole for n in range(10))
    assert all(message.only_for == ALICE for message in act.responses)
    assert desk.in_private() == []


@pytest.mark.rule("S17")
async def test_after_five_messages_the_rest_is_written_in_private(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    await long_memories(desk)
    act = await desk.given("recall")
    assert len(act.responses) == 5
    assert "closed" not in caplog.text  # a sixth was not even tried
    head, *rest = desk.in_private()
    assert said_in(head) == "The rest of what you asked in #general:"
    whole = "".join(map(said_in, [*act.responses, *rest]))
    assert all(whole.count(f"number {n} ") == 1 for n in range(10))
    assert desk.slack.messages(GENERAL) == []


@pytest.mark.rule("S17")
async def test_after_thirty_minutes_the_answer_is_written_in_private_with_its_buttons(
    desk: Desk,
) -> None:
    await desk.facts(3)
    held = desk.slack.hold("response_url")
    act = await desk.slack.slash(ALICE, GENERAL, "/memories")
    await desk.slack.until(lambda: held.waiting)
    desk.slack.clock.advance(MINUTES_30)
    held.release()
    await desk.stage.idle()
    assert act.responses == []
    head, page = desk.in_private()
    assert said_in(head) == "What you asked in #general:"
    assert facts_in(page) == ["fact 3", "fact 2", "fact 1"]
    await desk.pick(page, "m2")
    assert "fact 2" in said_in(page)
    assert "Forget" in labels(page)
    assert desk.slack.messages(GENERAL) == []


@pytest.mark.rule("S17")
async def test_by_its_own_clock_too_a_url_is_not_used_after_its_end(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.slack.showing.URL_MINUTES", 0.0)
    act = await desk.given("recall", "tea")
    assert act.responses == []
    assert act.response is not None
    assert act.response.uses == 0
    assert "know nothing" in said_in(desk.in_private()[-1])


@pytest.mark.rule("S17")
@pytest.mark.parametrize("status", [404, 500, 0])
async def test_a_url_that_does_not_work_is_left_for_a_direct_message(
    desk: Desk, status: int
) -> None:
    desk.slack.fail("response_url", status=status, error="expired_url")
    act = await desk.given("recall", "tea")
    assert act.responses == []
    assert "know nothing" in said_in(desk.in_private()[-1])


async def test_what_was_asked_in_the_dm_needs_no_head_there(desk: Desk) -> None:
    desk.slack.fail("response_url", error="expired_url")
    await desk.given("recall", "tea", channel=desk.stage.dm)
    (answer,) = desk.in_private()
    assert "know nothing" in said_in(answer)


async def test_where_nothing_can_be_written_one_line_in_the_log_is_all(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    desk.slack.fail("response_url", error="expired_url")
    desk.slack.fail("chat.postMessage", times=None, error="cannot_dm_bot")
    await desk.given("recall", "my secret")
    assert "an answer could not be shown (cannot_dm_bot)" in caplog.text
    ours = [r.getMessage() for r in caplog.records if r.name.startswith("adapters")]
    assert not any("secret" in line for line in ours)
    assert desk.slack.messages(GENERAL) == []


@pytest.mark.rule("S7")
async def test_a_limit_of_slack_is_waited_for(desk: Desk) -> None:
    desk.slack.fail("response_url", error="ratelimited", retry_after=0)
    assert "know nothing" in said_in(await desk.ask("recall", "tea"))


@pytest.mark.parametrize("pressed", [False, True])
async def test_an_export_is_two_files_in_the_persons_dm(desk: Desk, pressed: bool) -> None:
    await desk.remember("I like tea")
    if pressed:
        card = await desk.ask("privacy")
        act = await desk.press(card, "Export")
        assert "What I keep" in said_in(card)  # it stays
        (answer,) = act.responses
    else:
        answer = await desk.ask("privacy", "export")
    assert said_in(answer).endswith(SENT)
    files = [file for message in desk.in_private() for file in message.files]
    assert [file.name.rpartition(".")[2] for file in files] == ["json", "md"]
    assert all(b"I like tea" in file.content for file in files)
    assert desk.slack.messages(GENERAL) == []


async def test_an_export_that_is_asked_for_in_the_dm_is_there(desk: Desk) -> None:
    await desk.remember("I like tea")
    answer = await desk.ask("privacy", "export", channel=desk.stage.dm)
    assert SENT not in said_in(answer)
    (files,) = desk.in_private()
    assert len(files.files) == 2


async def test_files_that_slack_does_not_take_are_said_to_be_missing(desk: Desk) -> None:
    await desk.remember("I like tea")
    desk.slack.fail("files.getUploadURLExternal", error="missing_scope", needed="files:write")
    assert said_in(await desk.ask("privacy", "export")) == NO_FILES
    assert desk.in_private() == []


# --- typed as a message


@pytest.mark.rule("S17")
@pytest.mark.rule("M5")
async def test_a_command_in_a_thread_is_answered_there_for_its_persons_eyes(desk: Desk) -> None:
    root = await desk.slack.say(BOB, GENERAL, "Hello everybody")
    await desk.slack.say(ALICE, GENERAL, desk.stage.called("Remember I like tea"), root)
    await desk.stage.settled()
    (answer,) = desk.slack.ephemerals(ALICE)
    assert "m1" in said_in(answer)
    assert answer.thread_ts == root
    assert desk.stage.hers(GENERAL) == []
    assert desk.stage.model.asked("chat") == []
    assert await desk.known() == ["I like tea"]


@pytest.mark.rule("S17")
async def test_at_the_top_of_a_channel_it_is_answered_in_the_channel(desk: Desk) -> None:
    """In a thread that has not begun Slack would show it to nobody."""
    await desk.slack.say(ALICE, GENERAL, desk.stage.called("recall tea"))
    await desk.stage.settled()
    (answer,) = desk.slack.ephemerals(ALICE)
    assert answer.thread_ts is None


@pytest.mark.rule("S17")
async def test_in_a_dm_the_answer_is_a_message_and_in_its_threads_too(desk: Desk) -> None:
    await desk.facts(12)
    ts = await desk.slack.say(ALICE, desk.stage.dm, "memories")
    await desk.stage.settled()
    (page,) = desk.in_private()
    assert page.thread_ts is None
    assert len(facts_in(page)) == 10
    await desk.press(page, "Older ▶")
    assert facts_in(page) == ["fact 2", "fact 1"]
    await desk.slack.say(ALICE, desk.stage.dm, "recall fact", ts)
    await desk.stage.settled()
    assert desk.in_private()[-1].thread_ts == ts


async def test_a_command_that_everybody_could_read_is_kept_for_everybody(desk: Desk) -> None:
    await desk.slack.say(ALICE, GENERAL, desk.stage.called("remember I like tea"))
    await desk.stage.settled()
    (memory,) = await desk.memories()
    assert str(memory.audience) == "space"


async def test_what_cannot_be_shown_in_a_channel_is_written_in_private(desk: Desk) -> None:
    desk.slack.fail("chat.postEphemeral", error="user_not_in_channel")
    await desk.slack.say(ALICE, GENERAL, desk.stage.called("recall tea"))
    await desk.stage.settled()
    assert desk.slack.ephemerals(ALICE) == []
    head, answer = desk.in_private()
    assert said_in(head) == "What you asked in #general:"
    assert "know nothing" in said_in(answer)
