"""What is answered, where, and once."""

import pytest

from tests.adapters.slack.stage import ALICE, BOB, GENERAL, TEAM, SlackStage, said


async def test_a_direct_message_is_answered_flat(socket_garden: SlackStage) -> None:
    garden = socket_garden
    assert await garden.ask(ALICE, garden.dm, "Hello") != ""
    [answer] = garden.hers(garden.dm)
    assert answer.thread_ts is None
    assert "Hello" in garden.prompt()


@pytest.mark.rule("S3")
async def test_a_mention_comes_twice_and_is_answered_once_in_its_thread(
    socket_garden: SlackStage,
) -> None:
    garden = socket_garden
    ts = await garden.slack.say(ALICE, GENERAL, garden.called("What grows here?"))
    answer = await garden.reply(GENERAL, ts)
    await garden.settled()
    assert answer.thread_ts == ts
    assert len(garden.hers(GENERAL)) == 1
    assert len(garden.model.asked("chat")) == 1
    kinds = {p.body["event"]["type"] for p in garden.slack.delivered}
    assert {"message", "app_mention"} <= kinds
