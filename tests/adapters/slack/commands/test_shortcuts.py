"""What can be done to a message, and what can be looked for from anywhere."""

import pytest

from adapters.slack import shortcuts
from adapters.slack.forms import EXPIRED
from bot.types import Channel, Space
from tests.adapters.slack.commands.commanding import GUS, Desk, said_in
from tests.adapters.slack.stage import ALICE, BOB, GENERAL, TEAM

BOARD, SHARED = "C2", "C3"


async def keep(desk: Desk, channel: str, ts: str, user: str = ALICE) -> str:
    """What is answered to "Remember this"."""
    act = await desk.slack.shortcut(user, "remember_message", desk.slack.message(channel, ts))
    await desk.stage.idle()
    (answer,) = act.responses
    assert answer.only_for == user
    return said_in(answer)


async def test_ones_own_message_is_kept_in_its_own_words_for_those_who_read_it(desk: Desk) -> None:
    ts = await desk.slack.say(ALICE, GENERAL, f"I like tea &amp; <@{BOB}>")
    await desk.stage.settled()
    assert "m1" in await keep(desk, GENERAL, ts)
    (memory,) = await desk.memories()
    assert memory.text == "I like tea & @Bob"
    assert memory.audience == Space()
    assert not memory.quoted


@pytest.mark.rule("M2")
async def test_anothers_message_is_a_note_for_its_channel_that_says_whose_it_is(
    desk: Desk,
) -> None:
    desk.slack.channel(TEAM, BOARD, "board", private=True, members=[ALICE, BOB])
    ts = await desk.slack.say(BOB, BOARD, "The code is nine")
    assert "m1" in await keep(desk, BOARD, ts)
    (memory,) = await desk.memories()
    assert memory.text == "Bob said: The code is nine"
    assert memory.audience == Channel(BOARD)
    assert memory.quoted
    assert await desk.memories(BOB) == []
    await desk.slack.delete(BOARD, ts)
    await desk.stage.settled()
    assert await desk.memories() == []


@pytest.mark.rule("S20")
async def test_what_is_shared_with_outsiders_is_closed_and_their_words_are_not_kept(
    desk: Desk,
) -> None:
    desk.slack.team("T9", "Harbour")
    desk.slack.person("T9", "U9", "Nina")
    desk.slack.channel(TEAM, SHARED, "shared", members=[ALICE, "U9"], ext_shared=["T9"])
    theirs = await desk.slack.say("U9", SHARED, "We ship on Monday")
    await desk.stage.settled()
    assert await keep(desk, SHARED, theirs) == shortcuts.OUTSIDE
    mine = await desk.slack.say(ALICE, SHARED, "I like tea")
    await keep(desk, SHARED, mine)
    (memory,) = await desk.memories()
    assert memory.audience == Channel(SHARED)


async def test_of_who_opted_out_nothing_is_kept(desk: Desk) -> None:
    ts = await desk.slack.say(BOB, GENERAL, "I like oats")
    await desk.ask("privacy", "opt-out", BOB)
    assert "does not want to be remembered" in await keep(desk, GENERAL, ts)
    assert await desk.known() == []


async def test_what_bots_said_and_what_ellie_said_is_not_kept(desk: Desk) -> None:
    robot = await desk.slack.bot_says(GENERAL, "beep")
    assert await keep(desk, GENERAL, robot) == shortcuts.BY_A_BOT
    await desk.stage.ask(ALICE, GENERAL, "Hello")
    (own,) = desk.stage.hers(GENERAL)
    assert await keep(desk, GENERAL, own.ts) == shortcuts.MINE
    notice = await desk.slack.say(ALICE, GENERAL, "set the topic")
    desk.slack.message(GENERAL, notice).user = None
    assert await keep(desk, GENERAL, notice) == shortcuts.BY_A_BOT
    assert await desk.known() == []


async def test_what_was_forwarded_is_not_its_senders_word(desk: Desk) -> None:
    ts = await desk.slack.say(ALICE, GENERAL, "x")
    message = desk.slack.message(GENERAL, ts)
    message.text, message.blocks = "", []
    message.attachments = [{"is_share": True, "text": "I like tea"}]
    assert await keep(desk, GENERAL, ts) == shortcuts.FORWARDED
    assert await desk.known() == []


# --- recall


async def open_recall(desk: Desk, user: str = ALICE) -> None:
    await desk.slack.shortcut(user, "recall")
    await desk.stage.idle()


async def test_what_is_looked_for_from_anywhere_is_shown_where_it_was_asked(desk: Desk) -> None:
    await desk.remember("I like green tea", "I like oats", "word " * 700)
    await open_recall(desk)
    await desk.submit(query="tea & <!here>")
    shown = desk.modal()
    assert "What I know about “tea & <" in said_in(shown)
    assert "I like green tea" in said_in(shown)
    await desk.submit(query="")
    assert "I like oats" in said_in(desk.modal())
    await desk.submit(query="everywhere tea")
    assert "In T1:" in said_in(desk.modal())
    assert desk.in_private() == []


@pytest.mark.rule("M4")
async def test_who_knows_nothing_or_opted_out_is_told_so_in_the_form(desk: Desk) -> None:
    await desk.remember("I like tea")
    await open_recall(desk, BOB)
    await desk.submit(BOB, query="tea")
    assert said_in(desk.modal(BOB)) == "I know nothing about “tea”."
    await desk.ask("privacy", "opt-out", BOB)
    act = await desk.submit(BOB, query="tea")
    assert act.errors["query"].startswith("You opted out")


@pytest.mark.rule("S18")
async def test_a_form_that_slack_opens_no_more_is_one_line_in_private(desk: Desk) -> None:
    held = desk.slack.hold("views.open")
    await desk.slack.shortcut(ALICE, "recall")
    await desk.slack.until(lambda: held.waiting)
    desk.slack.clock.advance(4)
    held.release()
    await desk.stage.idle()
    assert [said_in(one) for one in desk.in_private()] == [EXPIRED]


async def test_a_guest_finds_nothing_that_was_shared(desk: Desk) -> None:
    await desk.ask("remember", "--shared The gate opens at nine", "U3")
    await open_recall(desk)
    await desk.submit(query="gate")
    assert "opens at nine" in said_in(desk.modal())
    await open_recall(desk, GUS)
    await desk.submit(GUS, query="gate")
    assert "opens at nine" not in said_in(desk.modal(GUS))


def test_the_form_has_room_for_all_that_is_found() -> None:
    assert 100 - len(shortcuts.recalling([], "")["blocks"]) >= shortcuts.MOST_BLOCKS
