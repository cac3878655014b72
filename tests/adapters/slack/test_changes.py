"""What is edited or deleted on Slack reaches the memory; what changes no words does not."""

import pytest

from tests.adapters.slack.stage import ALICE, BOB, GENERAL, TEAM, SlackStage


def learns(garden: SlackStage, text: str) -> None:
    garden.model.on_extract = lambda body: {"memories": [{"text": text, "sources": [1]}]}


@pytest.mark.rule("S21")
async def test_a_deleted_message_takes_what_was_learnt_from_it(garden: SlackStage) -> None:
    learns(garden, "Alice keeps bees.")
    ts = await garden.slack.say(ALICE, garden.dm, "I keep bees")
    await garden.reply(garden.dm)
    assert await garden.known() == ["Alice keeps bees."]
    await garden.slack.delete(garden.dm, ts)
    await garden.settled()
    assert await garden.known() == []


@pytest.mark.rule("S21")
async def test_a_deleted_root_of_a_thread_is_deleted_though_a_tombstone_stays(
    socket_garden: SlackStage,
) -> None:
    garden = socket_garden
    learns(garden, "Alice keeps bees.")
    ts = await garden.slack.say(ALICE, GENERAL, garden.called("I keep bees"))
    await garden.reply(GENERAL, ts)
    assert await garden.known() == ["Alice keeps bees."]
    await garden.slack.delete(GENERAL, ts)
    await garden.settled()
    assert garden.slack.messages(GENERAL)[0].subtype == "tombstone"
    assert await garden.known() == []


@pytest.mark.rule("S21")
async def test_an_edited_message_is_learnt_anew(socket_garden: SlackStage) -> None:
    garden = socket_garden
    learns(garden, "Alice keeps bees.")
    ts = await garden.slack.say(ALICE, garden.dm, "I keep bees")
    await garden.reply(garden.dm)
    await garden.settled()
    learns(garden, "Alice keeps wasps.")
    await garden.slack.edit(garden.dm, ts, "I keep wasps")
    await garden.settled()
    assert await garden.known() == ["Alice keeps wasps."]
    assert len(garden.hers(garden.dm)) == 1


@pytest.mark.rule("S21")
async def test_a_preview_of_a_link_is_no_edit(socket_garden: SlackStage) -> None:
    garden = socket_garden
    learns(garden, "Alice keeps bees.")
    ts = await garden.slack.say(ALICE, garden.dm, "I keep bees, see https://example.com/")
    await garden.reply(garden.dm)
    await garden.settled()
    asked = len(garden.model.asked("extract"))
    await garden.slack.unfurl(garden.dm, ts)
    await garden.settled()
    assert len(garden.model.asked("extract")) == asked
    assert await garden.known() == ["Alice keeps bees."]


async def test_a_message_of_ellies_that_somebody_deletes_leaves_the_history(
    socket_garden: SlackStage,
) -> None:
    garden = socket_garden
    garden.model.on_chat = lambda body: "Medlars want frost"
    await garden.ask(ALICE, garden.dm, "When are they ripe?")
    await garden.slack.delete(garden.dm, garden.hers(garden.dm)[0].ts)
    await garden.settled()
    await garden.ask(ALICE, garden.dm, "And quinces?")
    assert "Medlars want frost" not in garden.prompt()


async def test_a_deleted_thread_reply_is_found_in_its_thread(socket_garden: SlackStage) -> None:
    garden = socket_garden
    ts = await garden.slack.say(ALICE, GENERAL, garden.called("Hello"))
    await garden.reply(GENERAL, ts)
    learns(garden, "Bob keeps ducks.")
    reply = await garden.slack.say(BOB, GENERAL, "I keep ducks", ts)
    await garden.reply(GENERAL, ts, after=1)
    assert await garden.known(BOB) == ["Bob keeps ducks."]
    await garden.slack.delete(GENERAL, reply)
    await garden.settled()
    assert await garden.known(BOB) == []


async def test_a_deleted_channel_takes_all_that_was_said_in_it(socket_garden: SlackStage) -> None:
    garden = socket_garden
    garden.slack.channel(TEAM, "C2", "short-lived", members=[ALICE])
    learns(garden, "Alice keeps bees.")
    await garden.ask(ALICE, "C2", "I keep bees")
    assert await garden.known() == ["Alice keeps bees."]
    await garden.slack.delete_channel("C2")
    await garden.settled()
    assert await garden.known() == []


@pytest.mark.rule("S21")
@pytest.mark.parametrize("where", ["dm", GENERAL])
async def test_what_was_asked_to_be_kept_goes_with_the_message_that_asked(
    socket_garden: SlackStage, where: str
) -> None:
    garden = socket_garden
    channel = garden.dm if where == "dm" else where
    ts = await garden.slack.say(ALICE, channel, garden.called("remember I keep bees"))
    await garden.settled()
    assert [text for text in await garden.known() if "bees" in text] == ["I keep bees"]
    assert garden.model.asked("chat") == []
    await garden.slack.delete(channel, ts)
    await garden.settled()
    assert await garden.known() == []


async def test_what_was_asked_to_be_kept_is_not_kept_when_the_message_says_otherwise(
    socket_garden: SlackStage,
) -> None:
    garden = socket_garden
    ts = await garden.slack.say(ALICE, garden.dm, "remember I keep bees")
    await garden.settled()
    await garden.slack.edit(garden.dm, ts, "remember I keep wasps")
    await garden.settled()
    assert "I keep bees" not in await garden.known()


async def test_a_private_note_is_private_also_where_others_read_the_line(
    socket_garden: SlackStage,
) -> None:
    garden = socket_garden
    line = garden.called("remember --private I keep bees")
    await garden.slack.say(ALICE, GENERAL, line)
    await garden.settled()
    assert await garden.known() == ["I keep bees"]
    await garden.ask(ALICE, GENERAL, "What do I keep?")
    assert "I keep bees" not in garden.prompt()
    [answer] = garden.slack.ephemerals(ALICE, GENERAL)
    assert "only in private" in answer.said


@pytest.mark.rule("S21")
@pytest.mark.parametrize("what", ["deleted", "changed"])
async def test_a_change_in_a_thread_is_found_where_slack_tells_no_thread(
    socket_garden: SlackStage, what: str
) -> None:
    """Slack's reference shows neither `previous_message` nor `thread_ts`."""
    garden = socket_garden
    root = await garden.slack.say(ALICE, GENERAL, garden.called("Hello"))
    await garden.reply(GENERAL, root)
    learns(garden, "Bob keeps ducks.")
    ts = await garden.slack.say(BOB, GENERAL, "I keep ducks", root)
    await garden.reply(GENERAL, root, after=1)
    assert await garden.known(BOB) == ["Bob keeps ducks."]
    learns(garden, "Bob keeps geese.")
    event: dict[str, object] = {"subtype": "message_deleted", "deleted_ts": ts}
    if what == "changed":
        message = {
            "type": "message", "user": BOB, "text": "I keep geese", "ts": ts,
            "edited": {"user": BOB, "ts": "1895700000.000000"},
        }  # fmt: skip
        event = {"subtype": "message_changed", "message": message}
    await garden.slack.happen(TEAM, event | {
        "type": "message", "channel": GENERAL, "ts": "1895700000.000100", "hidden": True,
        "event_ts": "1895700000.000100", "channel_type": "channel",
    })  # fmt: skip
    await garden.settled()
    assert await garden.known(BOB) == ([] if what == "deleted" else ["Bob keeps geese."])
