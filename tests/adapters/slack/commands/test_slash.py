"""Commands under a slash: acknowledged first, answered to one person, whatever happens."""

import logging

import pytest

from adapters.slack.slash import ANEW
from adapters.wording.apologies import WRONG
from bot.types import IncomingCommand
from tests.adapters.slack.commands.commanding import Desk, labels, said_in
from tests.adapters.slack.stage import ALICE, BOB, GENERAL, TEAM, SlackStage

ASKED = [
    ("remember", "I like tea"), ("remember", "--private I like tea"), ("remember", ""),
    ("recall", "tea"), ("recall", ""), ("forget", "tea"), ("forget", "m77"), ("memories", ""),
    ("memories", "m77"), ("privacy", ""), ("privacy", "nonsense"), ("why", ""), ("new", ""),
]  # fmt: skip


@pytest.mark.rule("S1")
async def test_a_command_is_acknowledged_before_anything_is_done(desk: Desk) -> None:
    held = desk.slack.hold("users.info")
    act = await desk.slack.slash(ALICE, GENERAL, "/remember", "I like tea")
    assert act.acked
    assert act.answer is None
    await desk.slack.until(lambda: held.waiting)
    assert await desk.known() == []
    held.release()
    await desk.stage.idle()
    assert "m1" in said_in(act.responses[0])
    assert await desk.known() == ["I like tea"]


@pytest.mark.rule("M5")
@pytest.mark.rule("S17")
@pytest.mark.parametrize(("name", "text"), ASKED)
async def test_an_answer_is_for_the_asker_alone(desk: Desk, name: str, text: str) -> None:
    answer = await desk.ask(name, text)
    assert answer.only_for == ALICE
    assert answer.text
    assert said_in(answer)
    assert desk.slack.messages(GENERAL) == []
    assert desk.in_private() == []


async def test_both_ways_of_listening_answer(garden: SlackStage) -> None:
    desk = Desk(garden)
    assert "m1" in said_in(await desk.ask("remember", "I like tea"))
    assert await desk.known() == ["I like tea"]


async def test_what_is_typed_follows_the_grammar_of_the_console(desk: Desk) -> None:
    assert "m1" in said_in(await desk.ask("remember", "I live in Oslo"))
    assert "Oslo" in said_in(await desk.ask("recall", "Oslo"))
    await desk.ask("memories", "edit m1 I live in Bergen")
    assert await desk.known() == ["I live in Bergen"]
    assert "m1" in said_in(await desk.ask("forget", "m1"))
    assert await desk.known() == []


async def test_signs_that_slack_replaced_are_themselves_again(desk: Desk) -> None:
    await desk.ask("remember", "I like R&amp;B, 1 &lt; 2 and <@U2|bob>")
    assert await desk.known() == ["I like R&B, 1 < 2 and @Bob"]


@pytest.mark.rule("M1")
async def test_a_note_that_nobody_else_could_read_is_private(desk: Desk) -> None:
    assert "promote" in said_in(await desk.ask("remember", "I like tea"))
    assert "promote" not in said_in(await desk.ask("remember", "--private I like oats"))
    assert said_in(await desk.ask("memories")).count("only for you") == 2


async def test_what_cannot_be_understood_is_one_line_without_buttons(desk: Desk) -> None:
    answer = await desk.ask("privacy", "nonsense")
    assert said_in(answer).startswith("After /privacy comes nothing, pause")
    assert "\n" not in said_in(answer)
    assert labels(answer) == []


@pytest.mark.rule("S16")
async def test_an_error_calls_nobody(desk: Desk) -> None:
    answer = await desk.ask("forget", "about &lt;!channel&gt; *x*")
    assert "<!" not in str(answer.blocks)
    assert "<" not in answer.text
    assert "*x*" in said_in(answer)


async def test_a_mistake_inside_is_one_honest_line_and_its_kind_in_the_log(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def break_down(incoming: IncomingCommand) -> None:
        raise RuntimeError(incoming.text)

    monkeypatch.setattr(desk.stage.stage.core, "command", break_down)
    caplog.set_level(logging.INFO)
    assert said_in(await desk.ask("recall", "the hidden garden")) == WRONG
    assert "RuntimeError" in caplog.text
    assert "garden" not in caplog.text


@pytest.mark.rule("M4")
async def test_another_person_finds_nothing(desk: Desk) -> None:
    await desk.remember("I like tea")
    assert "know nothing" in said_in(await desk.ask("recall", "tea", BOB))
    assert "I like tea" in said_in(await desk.ask("recall", "tea"))


@pytest.mark.rule("M10")
async def test_why_in_a_channel_is_about_the_newest_reply_to_its_asker(
    garden: SlackStage,
) -> None:
    desk = Desk(garden)
    assert "not answered you here" in said_in(await desk.ask("why"))
    await garden.ask(ALICE, GENERAL, "The quinces are ripe")
    await garden.ask(ALICE, GENERAL, "What is ripe?")
    await garden.ask(BOB, GENERAL, "Hello")
    told = said_in(await desk.ask("why"))
    assert "quinces" in told
    assert "quinces" not in said_in(await desk.ask("why", user=BOB))


async def test_a_fresh_start_is_of_a_thread_in_channels_and_of_the_whole_dm_in_private(
    garden: SlackStage,
) -> None:
    desk = Desk(garden)
    assert said_in(await desk.ask("new")) == ANEW
    await garden.ask(ALICE, garden.dm, "The quinces are ripe")
    assert "afresh here" in said_in(await desk.ask("new", channel=garden.dm))
    await garden.ask(ALICE, garden.dm, "Hello again")
    prompt = garden.model.asked("chat")[-1].body["messages"]
    assert len([one for one in prompt if one["role"] == "user"]) == 1


@pytest.mark.rule("S20")
async def test_for_people_from_outside_nothing_is_kept_and_nothing_recalled(desk: Desk) -> None:
    desk.slack.team("T9", "Harbour")
    desk.slack.person("T9", "U9", "Nina")
    desk.slack.channel(TEAM, "C3", "shared", members=[ALICE, "U9"], ext_shared=["T9"])
    for text in ("remember I like tea", "recall tea", "memories"):
        await desk.slack.say("U9", "C3", desk.stage.called(text))
    await desk.stage.settled()
    lines = {said_in(one) for one in desk.slack.ephemerals("U9")}
    assert lines == {"You are not of this workspace: I keep nothing of what you say."}
    assert desk.stage.hers("C3") == []
