"""What is answered, where, and once."""

from pathlib import Path

import pytest

from bot.space_settings import SpaceSettings
from tests.adapters.slack.stage import (
    ALICE,
    BOB,
    GENERAL,
    TEAM,
    SlackStage,
    connected,
    furnish,
    said,
)
from tests.servers.openai_faults import Stall
from tests.servers.openai_server import OpenAIServer
from tests.servers.slack import SlackServer


def everything_in(folder: Path) -> bytes:
    """All bytes of the database's files."""
    return b"".join(file.read_bytes() for file in folder.iterdir())


async def test_a_direct_message_is_answered_flat(garden: SlackStage) -> None:
    assert "Hello" in await garden.ask(ALICE, garden.dm, "Hello")
    [answer] = garden.hers(garden.dm)
    assert answer.thread_ts is None


@pytest.mark.rule("S27")
async def test_a_thread_in_a_direct_message_is_a_conversation_of_its_own(
    socket_garden: SlackStage,
) -> None:
    garden = socket_garden
    await garden.ask(ALICE, garden.dm, "The quinces are ripe")
    root = garden.hers(garden.dm)[0].ts
    await garden.ask(ALICE, garden.dm, "And the medlars?", thread=root)
    answer = garden.hers(garden.dm, root)[-1]
    assert answer.thread_ts == root
    assert "quinces are ripe" not in garden.prompt()
    await garden.ask(ALICE, garden.dm, "Which was it?", thread=root)
    assert "medlars" in garden.prompt()


@pytest.mark.rule("S3")
async def test_a_mention_comes_twice_and_is_answered_once_in_its_thread(
    garden: SlackStage,
) -> None:
    ts = await garden.slack.say(ALICE, GENERAL, garden.called("What grows here?"))
    answer = await garden.reply(GENERAL, ts)
    await garden.settled()
    assert answer.thread_ts == ts
    assert len(garden.hers(GENERAL)) == 1
    assert len(garden.model.asked("chat")) == 1
    assert {"message", "app_mention"} <= {p.event.get("type") for p in garden.slack.delivered}


@pytest.mark.rule("S27")
async def test_in_a_thread_that_she_takes_part_in_nobody_has_to_call_her(
    socket_garden: SlackStage,
) -> None:
    garden = socket_garden
    ts = await garden.slack.say(ALICE, GENERAL, garden.called("What grows here?"))
    await garden.reply(GENERAL, ts)
    await garden.slack.say(BOB, GENERAL, "And in winter?", ts)
    await garden.reply(GENERAL, ts, after=1)
    assert "What grows here?" in garden.prompt()
    assert "And in winter?" in garden.prompt()


async def test_she_takes_part_from_the_call_on_and_not_from_her_answer(
    socket_garden: SlackStage,
) -> None:
    garden = socket_garden
    garden.model.fail("chat", Stall())
    ts = await garden.slack.say(ALICE, GENERAL, garden.called("What grows here?"))
    await garden.slack.until(lambda: garden.model.asked("chat"))
    await garden.slack.say(ALICE, GENERAL, "In spring, I mean", ts)
    await garden.slack.heard()
    garden.model.release.set()
    await garden.reply(GENERAL, ts, after=1)
    assert "In spring, I mean" in garden.prompt()


async def test_what_is_not_said_to_her_is_not_answered(socket_garden: SlackStage) -> None:
    garden = socket_garden
    ts = await garden.slack.say(ALICE, GENERAL, "Good morning all")
    await garden.slack.say(BOB, GENERAL, "Good morning", ts)
    called = await garden.slack.say(ALICE, GENERAL, garden.called("Hi"))
    await garden.reply(GENERAL, called)
    await garden.slack.say(ALICE, GENERAL, f"<@{BOB}> what do you think?", called)
    await garden.settled()
    assert len(garden.model.asked("chat")) == 1
    assert "Good morning" not in garden.prompt()


async def test_bots_notices_and_previews_of_links_are_not_heard(
    socket_garden: SlackStage,
) -> None:
    garden = socket_garden
    slack = garden.slack
    await garden.change(SpaceSettings(free=frozenset({GENERAL})))
    await slack.bot_says(GENERAL, garden.called("Rain at noon"))
    slack.person(TEAM, "U9", "Zoe")
    await slack.join("U9", GENERAL)
    ts = await slack.say(ALICE, GENERAL, garden.called("https://example.com/"))
    await garden.reply(GENERAL, ts)
    await slack.unfurl(GENERAL, ts)
    await garden.settled()
    assert len(garden.model.asked("chat")) == 1


async def test_a_free_channel_needs_no_call_and_a_blocked_one_hears_none(
    socket_garden: SlackStage,
) -> None:
    garden = socket_garden
    garden.slack.channel(TEAM, "C2", "quiet", members=[ALICE])
    await garden.change(
        SpaceSettings(free=frozenset({GENERAL}), blocked_channels=frozenset({"C2"}))
    )
    ts = await garden.slack.say(ALICE, GENERAL, "What grows here?")
    assert (await garden.reply(GENERAL, ts)).thread_ts == ts
    await garden.slack.say(ALICE, "C2", garden.called("And here?"))
    await garden.settled()
    assert garden.hers("C2") == []


async def test_what_bystanders_say_is_history_where_that_is_set(
    socket_garden: SlackStage,
) -> None:
    garden = socket_garden
    await garden.change(SpaceSettings(ambient=frozenset({GENERAL})))
    ts = await garden.slack.say(BOB, GENERAL, "The medlars froze last night")
    await garden.settled()
    assert garden.model.asked("chat") == []
    await garden.ask(ALICE, GENERAL, "What froze?", thread=ts)
    assert "The medlars froze last night" in garden.prompt()


async def test_names_stand_for_ids_and_signs_for_entities(socket_garden: SlackStage) -> None:
    garden = socket_garden
    text = (
        f"Ask <@{BOB}> in <#C1|general> about <https://example.com/a|the list> "
        "&amp; 1 &lt; 2, <!here>"
    )
    await garden.ask(ALICE, GENERAL, text)
    expected = "Ask @Bob in #general about the list (https://example.com/a) & 1 < 2, @here"
    assert expected in garden.prompt()
    assert garden.me not in garden.prompt()


@pytest.mark.rule("S2")
async def test_an_event_that_comes_again_is_answered_once_also_after_a_restart(
    tmp_path: Path,
) -> None:
    file = tmp_path / "ellie.db"
    async with SlackServer() as slack, OpenAIServer() as model:
        furnish(slack)
        async with connected(file, slack=slack, model=model) as garden:
            await garden.ask(ALICE, garden.dm, "Hello")
            told = next(p for p in slack.delivered if p.event.get("text") == "Hello")
            await slack.duplicate(told)
            await garden.settled()
        async with connected(file, slack=slack, model=model) as garden:
            await slack.duplicate(told)
            await garden.settled()
            assert told.attempts == 3
            assert len(model.asked("chat")) == 1
            assert len(garden.hers(garden.dm)) == 1


@pytest.mark.rule("S2")
async def test_what_was_forgotten_is_not_answered_when_it_comes_again(
    socket_garden: SlackStage,
) -> None:
    garden = socket_garden
    await garden.ask(ALICE, garden.dm, "Hello")
    told = next(p for p in garden.slack.delivered if p.event.get("text") == "Hello")
    await garden.stage.core.command(garden.command("/forget everything yes"))
    await garden.slack.duplicate(told)
    await garden.settled()
    assert len(garden.model.asked("chat")) == 1


async def test_who_opted_out_is_not_heard_and_nothing_is_written(
    socket_garden: SlackStage, tmp_path: Path
) -> None:
    garden = socket_garden
    await garden.stage.core.command(garden.command("/privacy opt-out"))
    await garden.slack.say(ALICE, garden.dm, "The ferns are thirsty")
    await garden.slack.say(ALICE, GENERAL, garden.called("The ferns are thirsty"))
    await garden.settled()
    assert garden.hers(garden.dm) == garden.hers(GENERAL) == []
    assert b"ferns" not in everything_in(tmp_path)


async def test_a_secret_is_not_written_down_on_its_way(
    socket_garden: SlackStage, tmp_path: Path
) -> None:
    garden = socket_garden
    await garden.slack.say(ALICE, garden.dm, "My password is tr0mbone-Quince")
    await garden.reply(garden.dm)
    assert b"tr0mbone-Quince" not in everything_in(tmp_path)


async def test_an_answer_says_what_the_model_says(socket_garden: SlackStage) -> None:
    garden = socket_garden
    garden.model.on_chat = lambda body: "**Quinces**, medlars & *pears*"
    await garden.slack.say(ALICE, garden.dm, "What is ripe?")
    assert said(await garden.reply(garden.dm)).startswith("**Quinces**, medlars & *pears*")


@pytest.mark.rule("S8")
async def test_what_was_said_before_comes_from_her_own_file_and_not_from_slack(
    socket_garden: SlackStage,
) -> None:
    garden = socket_garden
    for method in ("conversations.history", "conversations.replies"):
        garden.slack.fail(method, times=None, error="ratelimited")
    for channel in (garden.dm, GENERAL):
        await garden.ask(ALICE, channel, "The quinces are ripe")
    thread = garden.slack.messages(GENERAL)[0].ts
    await garden.ask(ALICE, GENERAL, "What is ripe?", thread=thread)
    assert "The quinces are ripe" in garden.prompt()
    assert garden.slack.calls("conversations.history") == []
    assert garden.slack.calls("conversations.replies") == []


@pytest.mark.rule("S26")
async def test_what_somebody_looks_at_is_neither_read_nor_kept(
    socket_garden: SlackStage, tmp_path: Path
) -> None:
    garden = socket_garden
    garden.slack.channel(TEAM, "C0LOOKEDAT", "looked-at", members=[ALICE])
    before = len(garden.slack.calls())
    await garden.slack.look_at(ALICE, "C0LOOKEDAT")
    await garden.settled()
    assert any(p.event.get("type") == "app_context_changed" for p in garden.slack.delivered)
    assert {call.method for call in garden.slack.calls()[before:]} <= {"auth.test"}
    assert b"C0LOOKEDAT" not in everything_in(tmp_path)
