"""What an independent reading found about who reads, who is named, and what comes out of order."""

import time
from pathlib import Path

import pytest

from adapters.slack.guests import Guests
from tests.adapters.slack.commands.commanding import CAROL, Desk
from tests.adapters.slack.stage import ALICE, BOB, GENERAL, TEAM, SlackStage, connected, said
from tests.adapters.slack.test_audience import learnt, recalled, written
from tests.servers.slack import SlackServer
from tests.servers.slack.places import Kind


@pytest.mark.rule("M2")
async def test_who_becomes_a_guest_counts_from_then_on(socket_garden: SlackStage) -> None:
    garden = socket_garden
    garden.slack.channel(TEAM, "C2", "random", members=[ALICE, BOB])
    await learnt(garden, GENERAL)
    assert await recalled(garden, "C2")
    await garden.slack.become(BOB, guest="multi")
    await garden.settled()
    assert not await recalled(garden, "C2")


@pytest.mark.rule("M2")
async def test_a_channel_that_became_private_is_closed_at_once(socket_garden: SlackStage) -> None:
    garden = socket_garden
    garden.slack.channel(TEAM, "C2", "random", members=[ALICE])
    assert await written(garden, "C2") == ("space", "all")
    garden.slack.channels["C2"].kind = Kind.GROUP  # and no event tells of it
    assert await written(garden, "C2") == ("channel:C2", "all")


@pytest.mark.rule("S20")
async def test_what_the_envelope_says_of_outsiders_counts_before_what_is_remembered(
    socket_garden: SlackStage,
) -> None:
    garden = socket_garden
    garden.slack.team("T7", "Elsewhere")
    garden.slack.channel(TEAM, "C2", "random", members=[ALICE])
    assert await written(garden, "C2") == ("space", "all")
    garden.slack.channels["C2"].shared_with.append("T7")  # and no event tells of it
    assert await written(garden, "C2") == ("channel:C2", "nothing")


@pytest.mark.rule("S19")
async def test_a_sibling_workspaces_member_gets_nothing_that_was_shared_here(
    tmp_path: Path,
) -> None:
    async with SlackServer() as slack:
        slack.team(TEAM, "Garden", enterprise="E1")
        slack.team("T2", "Orchard", enterprise="E1")
        slack.person(TEAM, ALICE, "Alice", admin=True)
        slack.person("T2", "U6", "Ona")
        slack.channel(TEAM, "C6", "everywhere", members=[ALICE, "U6"], org_shared=True)
        slack.install(TEAM)
        async with connected(tmp_path / "ellie.db", slack=slack) as garden:
            line = "/remember --shared The bees stand behind the shed"
            await garden.stage.core.command(garden.command(line, manages=True))
            await slack.say("U6", "C6", garden.called("recall bees"))
            await garden.settled()
            assert "shed" not in "".join(m.said for m in slack.ephemerals("U6"))
            await slack.say(ALICE, "C6", garden.called("recall bees"))
            await garden.settled()
            assert "shed" in "".join(m.said for m in slack.ephemerals(ALICE))


# --- who wants to be ignored


async def opted_out(garden: SlackStage, user: str) -> None:
    await garden.stage.core.command(garden.command("/privacy opt-out", user))


async def test_who_opted_out_is_named_nowhere_by_their_id(socket_garden: SlackStage) -> None:
    garden = socket_garden
    await opted_out(garden, BOB)
    await garden.slack.become(BOB, name="Zed")
    await garden.settled()
    await garden.ask(ALICE, GENERAL, f"Ask <@{BOB}> about barley")
    assert "Ask [someone] about barley" in garden.prompt()
    desk = Desk(garden)
    answer = await desk.ask("remember", f"<@{BOB}|bsmith> likes rye")
    assert "does not want to be remembered" in answer.said


async def test_a_forwarded_message_of_who_opted_out_is_not_kept(
    socket_garden: SlackStage,
) -> None:
    garden = socket_garden
    await opted_out(garden, BOB)
    shared = {"is_share": True, "author_id": BOB, "text": "Barley is best"}
    for number, (author, expected) in enumerate(((BOB, False), (ALICE, True))):
        await garden.slack.happen(TEAM, {
            "type": "message", "channel": garden.dm, "channel_type": "im", "user": ALICE,
            "text": f"Look at number {number}", "ts": f"1795600000.00000{number}",
            "attachments": [shared | {"author_id": author}],
        })  # fmt: skip
        await garden.reply(garden.dm, after=number)
        about = garden.prompt().rpartition(f"Look at number {number}")[2]
        assert ("Barley is best" in about) is expected


@pytest.mark.parametrize("where", ["dm", GENERAL])
async def test_who_opted_out_can_come_back_in_words(socket_garden: SlackStage, where: str) -> None:
    garden = socket_garden
    channel = garden.dm if where == "dm" else where
    await opted_out(garden, ALICE)
    await garden.slack.say(ALICE, channel, garden.called("recall tea"))
    await garden.settled()
    assert garden.hers(channel) == garden.slack.ephemerals(ALICE) == []
    await garden.slack.say(ALICE, channel, garden.called("privacy opt-in"))
    await garden.settled()
    assert garden.hers(channel) or garden.slack.ephemerals(ALICE)
    assert "Hello" in await garden.ask(ALICE, channel, "Hello")


# --- out of order


@pytest.mark.rule("S21")
async def test_an_edit_that_comes_before_its_message_is_the_message(
    socket_garden: SlackStage,
) -> None:
    garden = socket_garden
    garden.slack.hold_events()
    ts = await garden.slack.say(ALICE, garden.dm, "The ferns are thirsty")
    await garden.slack.edit(garden.dm, ts, "Never mind")
    await garden.slack.release_events(lambda parcels: parcels[::-1])
    await garden.settled()
    assert len(garden.model.asked("chat")) == 1
    assert "Never mind" in garden.prompt()
    assert "ferns" not in garden.prompt()


@pytest.mark.rule("S21")
async def test_an_old_message_that_was_never_heard_is_not_answered_when_it_is_edited(
    socket_garden: SlackStage,
) -> None:
    garden = socket_garden
    garden.slack.hold_events()
    ts = await garden.slack.say(ALICE, garden.dm, "The ferns are thirsty")
    await garden.slack.release_events(lambda parcels: [])
    garden.slack.clock.advance(3600)
    await garden.slack.edit(garden.dm, ts, "Never mind")
    await garden.slack.until(lambda: garden.slack.delivered[-1].acked)
    await garden.idle()
    assert garden.model.asked("chat") == []


@pytest.mark.rule("S21")
async def test_two_edits_within_a_second_both_count(socket_garden: SlackStage) -> None:
    garden = socket_garden
    ts = await garden.slack.say(ALICE, garden.dm, "One")
    await garden.reply(garden.dm)
    for number, text in enumerate(("Two", "Three")):
        message = {
            "type": "message", "user": ALICE, "text": text, "ts": ts,
            "edited": {"user": ALICE, "ts": "1795700000.000000"},
        }  # fmt: skip
        await garden.slack.happen(TEAM, {
            "type": "message", "subtype": "message_changed", "channel": garden.dm,
            "channel_type": "im", "message": message, "ts": f"1795700000.00010{number}",
            "event_ts": f"1795700000.00010{number}", "hidden": True,
        })  # fmt: skip
        await garden.settled()
    await garden.ask(ALICE, garden.dm, "What did I say?")
    assert "Three" in garden.prompt()
    assert "Two" not in garden.prompt()


# --- remember this, and rights


async def test_what_is_said_where_she_is_not_is_kept_for_its_author_alone(
    socket_garden: SlackStage,
) -> None:
    desk = Desk(socket_garden)
    desk.slack.channel(TEAM, "C3", "elsewhere", members=[ALICE, BOB], bot=False)
    theirs = await desk.slack.say(BOB, "C3", "The code is nine")
    own = await desk.slack.say(ALICE, "C3", "My code is ten")
    for ts in (theirs, own):
        await desk.slack.shortcut(ALICE, "remember_message", desk.slack.message("C3", ts))
        await desk.stage.idle()
    assert [memory.text for memory in await desk.memories()] == ["My code is ten"]


async def test_who_manages_no_longer_cannot_send_a_form_that_was_open(
    socket_garden: SlackStage,
) -> None:
    desk = Desk(socket_garden)
    desk.slack.person(TEAM, CAROL, "Carol", admin=True)
    await desk.open_home(CAROL)
    await desk.press_home("Settings …", CAROL)
    desk.slack.people[CAROL].admin = False  # and no event tells of it
    act = await desk.slack.submit(CAROL)
    await desk.stage.idle()
    assert act.errors


async def test_the_list_of_guests_serves_until_the_next_one_is_there(
    socket_garden: SlackStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    garden = socket_garden
    slack = garden.slack
    slack.channel(TEAM, "C2", "random", members=[ALICE])
    slack.channel(TEAM, "C3", "other", members=[ALICE])
    assert await written(garden, GENERAL) == ("space", "all")
    later = time.monotonic() + 4000
    monkeypatch.setattr("adapters.slack.guests.time.monotonic", lambda: later)
    slack.fail("users.list", error="internal_error")
    assert await written(garden, "C2") == ("space", "all")
    monkeypatch.setattr("adapters.slack.guests.time.monotonic", lambda: later + 61)
    assert await written(garden, "C3") == ("space", "all")
    await garden.settled()
    assert len(slack.calls("users.list")) == 3
    assert isinstance(garden.adapter._office.places._guests, Guests)
    assert said(garden.hers(GENERAL)[-1])
