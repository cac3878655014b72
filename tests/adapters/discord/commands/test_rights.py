"""What would be forgotten is shown before it goes; rights are a press away."""

import json

import pytest

from adapters.discord.drawing import Seat, draw
from bot.receipts import Exported
from tests.adapters.discord.commands.commanding import Desk, attached
from tests.servers.discord import Channel, DiscordServer, User


async def test_what_words_match_is_offered_and_goes_by_a_press(
    desk: Desk, channel: Channel, alice: User
) -> None:
    await desk.remember(alice, channel, "I like green tea", "I like oats", "tea at five")
    preview = await desk.ask(alice, channel, "forget", "tea")
    assert "Nothing is forgotten yet" in preview.text
    assert list(preview.buttons) == ["Forget", "Keep"]
    assert preview.buttons["Forget"] in {"do:forget:m1,m3", "do:forget:m3,m1"}
    await desk.press(alice, preview, "Forget")
    assert "Forgotten and erased" in preview.text
    assert preview.buttons == {}
    assert await desk.known(alice, channel) == ["I like oats"]


async def test_where_nothing_matches_there_is_nothing_to_press(
    desk: Desk, channel: Channel, alice: User
) -> None:
    preview = await desk.ask(alice, channel, "forget", "tea")
    assert preview.buttons == {}
    preview = await desk.ask(alice, channel, "forget", "everything")
    assert preview.buttons == {}
    preview = await desk.ask(alice, channel, "forget", "since yesterday")
    assert preview.buttons == {}


async def test_a_name_is_in_the_message_and_in_no_button(
    desk: Desk, channel: Channel, alice: User
) -> None:
    names = ["Sarah", "J*ane* `O'Neil`", "under_score", "back\\slash"]
    for name in names:
        await desk.remember(alice, channel, f"I met {name} in Oslo")
        preview = await desk.ask(alice, channel, "forget", f"about {name}")
        assert preview.buttons == {"Forget": "do:named", "Keep": "do:keep"}, name
        await desk.press(alice, preview, "Forget")
        assert "Forgotten and erased" in preview.text
        assert await desk.known(alice, channel) == []


async def test_a_period_goes_by_its_days_also_when_it_is_pressed_days_later(
    desk: Desk, server: DiscordServer, channel: Channel, alice: User
) -> None:
    await desk.remember(alice, channel, "I like tea")
    preview = await desk.ask(alice, channel, "forget", "since today")
    day = server.clock.now().date().isoformat()
    assert preview.buttons["Forget"] == f"do:line:/forget since {day} yes"
    await desk.press(alice, preview, "Forget")
    assert "Forgotten and erased" in preview.text
    assert await desk.known(alice, channel) == []


async def test_everything_goes_after_a_second_press(
    desk: Desk, channel: Channel, alice: User, bob: User
) -> None:
    await desk.remember(alice, channel, "I like tea")
    await desk.remember(bob, channel, "I like oats")
    card = await desk.ask(alice, channel, "privacy")
    assert list(card.buttons) == ["Pause", "Export", "Opt out …", "Erase everything …"]
    await desk.press(alice, card, "Erase everything …")
    assert await desk.known(alice, channel) == ["I like tea"]
    await desk.press(alice, card, "Forget")
    assert await desk.known(alice, channel) == []
    assert await desk.known(bob, channel) == ["I like oats"]


async def test_a_pause_begins_and_ends_by_a_press(
    desk: Desk, channel: Channel, alice: User
) -> None:
    card = await desk.ask(alice, channel, "privacy")
    await desk.press(alice, card, "Pause")
    refused = await desk.ask(alice, channel, "remember", "I like tea")
    assert "You have paused" in refused.text
    card = await desk.ask(alice, channel, "privacy")
    await desk.press(alice, card, "Resume")
    assert "m1" in (await desk.ask(alice, channel, "remember", "I like tea")).text


async def test_opting_out_is_asked_twice_and_can_be_ended(
    desk: Desk, channel: Channel, alice: User
) -> None:
    await desk.remember(alice, channel, "I like tea")
    card = await desk.ask(alice, channel, "privacy")
    await desk.press(alice, card, "Opt out …")
    assert await desk.known(alice, channel) == ["I like tea"]
    await desk.press(alice, card, "Opt out")
    assert await desk.known(alice, channel) == []
    assert "You opted out" in (await desk.ask(alice, channel, "recall", "tea")).text
    card = await desk.ask(alice, channel, "privacy")
    assert list(card.buttons) == ["Hear me again"]
    await desk.press(alice, card, "Hear me again")
    assert "know nothing" in (await desk.ask(alice, channel, "recall", "tea")).text


@pytest.mark.rule("D18")
@pytest.mark.parametrize("pressed", [False, True])
async def test_an_export_is_two_files_for_its_person_alone(
    desk: Desk, server: DiscordServer, channel: Channel, alice: User, pressed: bool
) -> None:
    await desk.remember(alice, channel, "I like tea")
    if pressed:
        card = await desk.ask(alice, channel, "privacy")
        answer = await desk.press(alice, card, "Export")
        assert card.buttons  # it stays
    else:
        answer = await desk.ask(alice, channel, "privacy", "export")
    (first, as_json), (second, as_markdown) = attached(server, answer)
    assert answer.ephemeral
    assert (first.rpartition(".")[2], second.rpartition(".")[2]) == ("json", "md")
    assert "I like tea" in json.dumps(json.loads(as_json))
    assert "I like tea" in as_markdown.decode()


@pytest.mark.rule("D18")
async def test_a_person_exports_and_forgets_in_private_too(
    desk: Desk, server: DiscordServer, alice: User
) -> None:
    home = server.dm(alice)
    await desk.ask(alice, home, "remember", "I like tea")
    assert len(attached(server, await desk.ask(alice, home, "privacy", "export"))) == 2
    preview = await desk.ask(alice, home, "forget", "everything")
    await desk.press(alice, preview, "Forget")
    assert await desk.known(alice, home) == []


@pytest.mark.rule("D5")
def test_an_export_that_is_too_large_is_left_to_the_operator() -> None:
    exported = Exported("{}", "é" * 50, "mine")
    assert draw(exported, Seat(manages=False, in_server=True, file_bytes=100)).files
    answer = draw(exported, Seat(manages=False, in_server=True, file_bytes=99))
    assert answer.files == ()
    assert "`ellie memory export`" in answer.parts[0]


async def test_a_late_export_still_has_its_files(
    desk: Desk, server: DiscordServer, channel: Channel, alice: User
) -> None:
    await desk.remember(alice, channel, "I like tea")
    server.fail("PATCH", "/webhooks/*", status=404, code=10015)
    await server.command(alice, channel, "privacy", {"text": "export"})
    await server.until(lambda: len(server.messages(server.dm(alice))) == 2)
    assert len(attached(server, server.messages(server.dm(alice))[1])) == 2


async def test_an_error_shows_no_markdown_of_what_was_typed(
    desk: Desk, channel: Channel, alice: User
) -> None:
    answer = await desk.ask(alice, channel, "forget", "about **[Sarah](https://evil.example)**")
    assert r"\*\*\[Sarah\]" in answer.text
