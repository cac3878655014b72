"""`/memories` as a list to be turned, read, corrected, forgotten: by its person, and no other."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.discord.drawing import Seat, draw
from adapters.wording.pressing import KEPT, STALE
from bot.receipts import ForgetPreview
from bot.types import Memory, MemoryNumber, Private
from tests.adapters.discord.commands.commanding import Desk, at_desk
from tests.adapters.discord.commands.listing import facts, menu, pick
from tests.conftest import TurnedClock
from tests.core.stage import Stage, opened
from tests.servers.discord import Channel, DiscordServer, Guild, Message, User


def shown(message: Message) -> list[str]:
    return re.findall(r"\*\*m\d+\*\* (fact \d+)", message.text)


async def test_a_page_is_turned_back_and_forth(desk: Desk, channel: Channel, alice: User) -> None:
    await facts(desk, alice, channel, 23)
    page = await desk.ask(alice, channel, "memories")
    assert shown(page) == [f"fact {n}" for n in range(23, 13, -1)]
    assert list(page.buttons) == ["Older ▶"]
    await desk.press(alice, page, "Older ▶")
    assert shown(page) == [f"fact {n}" for n in range(13, 3, -1)]
    assert list(page.buttons) == ["◀ Newer", "Older ▶"]
    await desk.press(alice, page, "Older ▶")
    assert shown(page) == ["fact 3", "fact 2", "fact 1"]
    assert list(page.buttons) == ["◀ Newer"]
    await desk.press(alice, page, "◀ Newer")
    assert shown(page)[0] == "fact 13"
    assert page.ephemeral


async def test_a_memory_is_picked_and_looked_at_and_left(
    desk: Desk, channel: Channel, alice: User
) -> None:
    await facts(desk, alice, channel, 12)
    page = await desk.ask(alice, channel, "memories")
    await desk.press(alice, page, "Older ▶")
    assert menu(page)[1] == {"m2": "m2 · fact 2", "m1": "m1 · fact 1"}
    await pick(desk, alice, page, "m2")
    assert "fact 2" in page.text
    assert list(page.buttons) == [
        "Edit", "Forget", "Use it anywhere in this server", "Why", "Back to the list",
    ]  # fmt: skip
    await desk.press(alice, page, "Why")
    assert "from your" in page.text
    await desk.press(alice, page, "Back to the list")
    assert shown(page) == ["fact 2", "fact 1"]


async def test_a_memory_is_forgotten_only_after_it_was_said_what_goes_with_it(
    desk: Desk, channel: Channel, alice: User
) -> None:
    await facts(desk, alice, channel, 2)
    page = await pick(desk, alice, await desk.ask(alice, channel, "memories"), "m1")
    await desk.press(alice, page, "Forget")
    assert "Nothing is forgotten yet" in page.text
    assert "fact 1" in page.text
    assert "every reply and summary" in page.text
    assert await desk.known(alice, channel) == ["fact 2", "fact 1"]
    await desk.press(alice, page, "Keep")
    assert "fact 1" in page.text
    await desk.press(alice, page, "Forget")
    await desk.press(alice, page, "Forget")
    assert "Forgotten and erased" in page.text
    assert page.buttons == {}
    assert await desk.known(alice, channel) == ["fact 2"]


async def test_a_memory_is_let_out_of_private(desk: Desk, channel: Channel, alice: User) -> None:
    await facts(desk, alice, channel, 1)
    page = await pick(desk, alice, await desk.ask(alice, channel, "memories"), "m1")
    await desk.press(alice, page, "Use it anywhere in this server")
    assert "From now on I use" in page.text
    await desk.press(alice, page, "Back to the list")
    await pick(desk, alice, page, "m1")
    assert "Use it anywhere in this server" not in page.buttons


async def test_in_private_there_is_no_server_to_use_a_memory_in(
    desk: Desk, server: DiscordServer, alice: User
) -> None:
    await desk.ask(alice, server.dm(alice), "remember", "I like tea")
    page = await desk.ask(alice, server.dm(alice), "memories")
    await pick(desk, alice, page, "m1")
    assert list(page.buttons) == ["Edit", "Forget", "Why", "Back to the list"]


@pytest.mark.rule("D4")
@pytest.mark.rule("D22")
async def test_a_page_of_long_memories_is_one_message_with_whole_menu_entries(
    desk: Desk, channel: Channel, alice: User
) -> None:
    await desk.remember(alice, channel, *(f"{n} " + "*😀*[x](y) " * 130 for n in range(10)))
    page = await desk.ask(alice, channel, "memories")
    assert len(page.text) <= 2000
    assert len(re.findall(r"\*\*m\d+\*\*", page.text)) == 10
    entries = menu(page)[1]
    assert len(entries) == 10
    assert all(len(label.encode("utf-16-le")) <= 200 for label in entries.values())


@pytest.mark.rule("D22")
async def test_buttons_work_after_a_restart_and_keep_nothing_meanwhile(
    server: DiscordServer, channel: Channel, alice: User, tmp_path: Path, clock: TurnedClock
) -> None:
    async with opened(tmp_path / "again.db", clock) as stage, at_desk(server, stage) as desk:
        await facts(desk, alice, channel, 12)
        page = await desk.ask(alice, channel, "memories")
        await desk.ask(alice, channel, "memories")  # what is kept of the first is kept by now
        assert desk.client.persistent_views == []
    async with opened(tmp_path / "again.db", clock) as stage, at_desk(server, stage) as desk:
        await desk.press(alice, page, "Older ▶")
        assert shown(page) == ["fact 2", "fact 1"]
        await pick(desk, alice, page, "m2")
        await desk.press(alice, page, "Forget")
        await desk.press(alice, page, "Forget")
        assert "m2" in page.text
        assert "fact 2" not in await desk.known(alice, channel)


async def test_a_list_that_became_shorter_is_shown_from_its_start(
    desk: Desk, channel: Channel, alice: User
) -> None:
    await facts(desk, alice, channel, 11)
    page = await desk.ask(alice, channel, "memories")
    await desk.ask(alice, channel, "forget", "m1 m2 m3")
    await desk.press(alice, page, "Older ▶")
    assert shown(page) == [f"fact {n}" for n in range(11, 3, -1)]
    assert page.buttons == {}


@pytest.mark.rule("M4")
async def test_a_press_reaches_only_what_is_of_the_one_who_presses(
    desk: Desk, server: DiscordServer, channel: Channel, alice: User, bob: User
) -> None:
    await facts(desk, alice, channel, 3)
    await desk.remember(bob, channel, "bob's own")
    ids = [
        "do:page:mine:1", "do:show:m1:mine:1", "do:why:m1:mine:1", "do:ask:m2:mine:1",
        "do:promote:m2:mine:1", "do:forget:m3", "do:forget:m2,m3", "do:edit:m2:mine:1",
        "do:right:export:here", "do:line:/forget everything yes",
    ]  # fmt: skip
    for press in ids:
        message = await desk.post(channel, "here", press)
        shown = await desk.press(bob, message, "0")
        assert "fact" not in shown.text, press
    assert await desk.known(alice, channel) == ["fact 3", "fact 2", "fact 1"]
    assert await desk.known(bob, channel) == []


async def test_a_button_that_means_nothing_any_more_says_so(
    desk: Desk, channel: Channel, alice: User
) -> None:
    ids = [
        "do:dance", "do:page:mine:0", "do:page:theirs:1", "do:show:everything yes:mine:1",
        "do:line:/privacy opt-out", "do:right:fly:here", "do:forget:", "do:edit:x:mine:1",
        "do:named",
    ]  # fmt: skip
    for press in ids:
        message = await desk.post(channel, "here", press)
        assert (await desk.press(alice, message, "0")).text == STALE, press


async def test_only_who_manages_a_server_can_change_what_it_shares(
    desk: Desk, server: DiscordServer, guild: Guild, channel: Channel, alice: User
) -> None:
    await desk.ask(guild.owner, channel, "remember", "--shared The gate opens at nine")
    page = await desk.ask(alice, channel, "memories", "shared")
    await pick(desk, alice, page, "s1")
    assert list(page.buttons) == ["Why", "Back to the list"]
    page = await desk.ask(guild.owner, channel, "memories", "shared")
    await pick(desk, guild.owner, page, "s1")
    assert list(page.buttons) == ["Edit", "Forget", "Why", "Back to the list"]
    await desk.press(guild.owner, page, "Forget")
    await desk.press(guild.owner, page, "Forget")
    assert "gate" not in (await desk.ask(alice, channel, "memories", "shared")).text


async def test_a_list_of_every_space_is_turned_too(
    desk: Desk, server: DiscordServer, channel: Channel, alice: User
) -> None:
    await facts(desk, alice, channel, 9)
    home = server.dm(alice)
    await desk.remember(alice, home, "home one", "home two")
    page = await desk.ask(alice, home, "memories", "everywhere")
    assert "home two" in page.text
    assert list(page.buttons) == ["Older ▶"]
    await desk.press(alice, page, "Older ▶")
    assert shown(page) == ["fact 1"]


async def test_what_is_kept_after_all_is_said(desk: Desk, channel: Channel, alice: User) -> None:
    await facts(desk, alice, channel, 1)
    preview = await desk.ask(alice, channel, "forget", "fact")
    await desk.press(alice, preview, "Keep")
    assert preview.text == KEPT
    assert preview.buttons == {}
    assert await desk.known(alice, channel) == ["fact 1"]


async def test_a_failure_behind_a_press_leaves_the_message_and_says_one_line(
    desk: Desk, stage: Stage, channel: Channel, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    await facts(desk, alice, channel, 12)
    page = await desk.ask(alice, channel, "memories")
    before = page.text

    async def break_down(incoming: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(stage.core, "command", break_down)
    line = await desk.press(alice, page, "Older ▶")
    assert line.text == "Something went wrong on my side. Please try again."
    assert line.ephemeral
    assert page.text == before


def test_more_ids_than_a_button_can_carry_go_into_several() -> None:
    said = datetime(2026, 3, 1, tzinfo=UTC)
    memories = tuple(
        Memory(MemoryNumber(10**15 + n), "tea", Private(), "", said, said, None, None, ())
        for n in range(10)
    )
    answer = draw(ForgetPreview("tea", memories, 0, 0), Seat(False, True, 0))
    assert [b.label for b in answer.buttons] == [
        "Forget m1000000000000000 …", "Forget m1000000000000005 …", "Keep",
    ]  # fmt: skip
    assert all(len(button.press) <= 100 for button in answer.buttons)
