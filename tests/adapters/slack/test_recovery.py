"""A process that dies, and Slack that answers late or twice: nothing is lost, nothing doubled."""

from pathlib import Path

import pytest

from bot.types import Conversation
from tests.adapters.slack.stage import ALICE, GENERAL, SlackStage, connected, furnish, said
from tests.adapters.slack.test_audience import learnt
from tests.servers.openai_faults import Stall
from tests.servers.openai_server import OpenAIServer
from tests.servers.slack import SlackServer


async def cut_off(garden: SlackStage) -> None:
    """Let the process die with a reply under way: nothing is drained, nothing is tidied."""
    for task in list(garden.stage.core._running):
        task.cancel()


@pytest.mark.rule("S1")
async def test_what_was_acknowledged_is_answered_by_the_next_process(tmp_path: Path) -> None:
    file = tmp_path / "ellie.db"
    async with SlackServer() as slack, OpenAIServer() as model:
        furnish(slack)
        async with connected(file, slack=slack, model=model) as garden:
            model.fail("chat", Stall())
            await slack.say(ALICE, garden.dm, "Are you there?")
            await slack.until(lambda: model.asked("chat"))
            await slack.heard()
            await cut_off(garden)
        assert garden.hers(garden.dm) == []
        async with connected(file, slack=slack, model=model) as garden:
            assert "Are you there?" in said(await garden.reply(garden.dm))
            assert len(garden.hers(garden.dm)) == 1


@pytest.mark.rule("S1")
async def test_what_was_taken_in_and_not_dealt_with_is_dealt_with_by_the_next_process(
    tmp_path: Path,
) -> None:
    file = tmp_path / "ellie.db"
    async with SlackServer() as slack, OpenAIServer() as model:
        furnish(slack)
        async with connected(file, slack=slack, model=model) as garden:
            held = slack.hold("users.info")
            ts = await slack.say(ALICE, GENERAL, garden.called("Are you there?"))
            await slack.heard()
            await slack.until(lambda: slack.calls("users.info"))
        held.release()
        assert model.asked("chat") == []
        async with connected(file, slack=slack, model=model) as garden:
            assert "Are you there?" in said(await garden.reply(GENERAL, ts))
            assert len(garden.hers(GENERAL)) == 1


@pytest.mark.parametrize("where", ["dm", GENERAL])
async def test_a_reply_that_was_posted_before_a_crash_is_found_and_finished(
    tmp_path: Path, where: str
) -> None:
    file = tmp_path / "ellie.db"
    async with SlackServer() as slack, OpenAIServer() as model:
        furnish(slack)
        channel = slack.dm("T1", ALICE) if where == "dm" else where
        async with connected(file, slack=slack, model=model) as garden:
            model.fail("chat", Stall(after=4))
            words = garden.called("one two three four five six")
            ts = await slack.say(ALICE, channel, words)
            await slack.until(lambda: garden.hers(channel))
            forget_what_was_shown(garden)
            await cut_off(garden)
        async with connected(file, slack=slack, model=model) as garden:
            await garden.reply(channel, None if where == "dm" else ts)
            [answer] = garden.hers(channel)
            assert said(answer).count("one two three four five six") == 1


def forget_what_was_shown(garden: SlackStage) -> None:
    """As if the process had died between Slack's answer and the note of it."""
    store = garden.stage.store
    db = store.driver.module.connect(store.path)
    db.execute("DELETE FROM delivery")
    db.commit()
    db.close()


@pytest.mark.parametrize("after_commit", [True, False])
@pytest.mark.parametrize("status", [0, 500])
async def test_a_post_whose_answer_is_lost_is_made_once(
    socket_garden: SlackStage, after_commit: bool, status: int
) -> None:
    garden = socket_garden
    garden.slack.fail("chat.postMessage", status=status, after_commit=after_commit)
    answer = await garden.ask(ALICE, garden.dm, "Only once")
    assert "Only once" in answer
    assert len(garden.hers(garden.dm)) == 1


async def test_a_change_that_fails_is_tried_again(socket_garden: SlackStage) -> None:
    garden = socket_garden
    garden.slack.fail("chat.update", times=2, status=500)
    assert "Hello" in await garden.ask(ALICE, garden.dm, "Hello")
    assert len(garden.hers(garden.dm)) == 1


@pytest.mark.rule("S7")
async def test_a_rate_limit_is_waited_out(socket_garden: SlackStage) -> None:
    garden = socket_garden
    garden.slack.fail("chat.postMessage", error="ratelimited", retry_after=0)
    assert "Hello" in await garden.ask(ALICE, garden.dm, "Hello")
    assert len(garden.hers(garden.dm)) == 1


async def test_where_nothing_can_be_written_the_turn_is_over(
    socket_garden: SlackStage, caplog: pytest.LogCaptureFixture
) -> None:
    garden = socket_garden
    garden.slack.fail("chat.postMessage", times=None, error="is_archived")
    await garden.slack.say(ALICE, garden.dm, "The ferns are thirsty")
    await garden.slack.until(lambda: garden.slack.calls("chat.postMessage"))
    await garden.settled()
    assert await garden.stage.core.unanswered("slack") == []
    assert "is_archived" in caplog.text
    assert "ferns" not in caplog.text


@pytest.mark.parametrize("where", ["dm", GENERAL])
async def test_what_is_forgotten_while_it_is_said_is_taken_back(
    socket_garden: SlackStage, where: str
) -> None:
    garden = socket_garden
    channel = garden.dm if where == "dm" else where
    garden.model.fail("chat", Stall(after=3))
    await garden.slack.say(ALICE, channel, garden.called("one two three four five"))
    await garden.slack.until(lambda: garden.hers(channel))
    await garden.stage.core.command(garden.command("/forget everything yes"))
    await garden.slack.until(lambda: not garden.hers(channel))
    garden.model.release.set()
    await garden.settled()
    assert garden.hers(channel) == []


async def test_her_own_deletion_is_nobodys(socket_garden: SlackStage) -> None:
    """What Ellie deletes herself is not taken for a person's wish to have it forgotten."""
    garden = socket_garden
    await garden.ask(ALICE, garden.dm, "Hello")
    where = Conversation("slack", "T1", garden.dm)
    ts = garden.hers(garden.dm)[0].ts
    await garden.adapter._postbox.take_back(where, ts)
    await garden.settled()
    assert not garden.stage.store.erasures


@pytest.mark.rule("S20")
async def test_who_came_to_read_while_she_was_down_counts_for_what_is_answered_then(
    tmp_path: Path,
) -> None:
    file = tmp_path / "ellie.db"
    async with SlackServer() as slack, OpenAIServer() as model:
        furnish(slack)
        slack.team("T7", "Elsewhere")
        slack.channel("T1", "C2", "random", members=[ALICE])
        async with connected(file, slack=slack, model=model) as garden:
            await learnt(garden, GENERAL)
            model.fail("chat", Stall())
            ts = await slack.say(ALICE, "C2", garden.called("Where do I keep my bees?"))
            await slack.until(lambda: len(model.asked("chat")) == 2)
            assert "bees behind the shed" in garden.prompt()
            await cut_off(garden)
        slack.channels["C2"].shared_with.append("T7")
        async with connected(file, slack=slack, model=model) as garden:
            await garden.reply("C2", ts)
            assert "bees behind the shed" not in garden.prompt()


async def test_a_command_in_words_is_carried_out_once_also_over_a_restart(
    tmp_path: Path,
) -> None:
    file = tmp_path / "ellie.db"
    async with SlackServer() as slack, OpenAIServer() as model:
        furnish(slack)
        async with connected(file, slack=slack, model=model) as garden:
            for text in ("One", "Two", "Three"):
                await garden.ask(ALICE, garden.dm, text)
            held = slack.hold("chat.postMessage")
            await slack.say(ALICE, garden.dm, "forget last")
            await slack.until(lambda: len(slack.calls("chat.postMessage")) == 4)
        held.release()
        async with connected(file, slack=slack, model=model) as garden:
            await garden.settled()
            await garden.ask(ALICE, garden.dm, "What did I say?")
            assert "Two" in garden.prompt()
            assert "Three" not in garden.prompt()
