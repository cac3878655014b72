"""A memory is corrected in a form."""

import asyncio

import pytest

from tests.adapters.discord.commands.commanding import Desk
from tests.adapters.discord.commands.listing import facts, pick
from tests.core.stage import Stage
from tests.servers.discord import Channel, DiscordServer, User
from tests.servers.discord.messages import walk


@pytest.mark.rule("D22")
async def test_a_memory_is_corrected_in_a_form_that_holds_what_it_says(
    desk: Desk, server: DiscordServer, channel: Channel, alice: User
) -> None:
    await desk.remember(alice, channel, "I live in *Oslo*")
    page = await pick(desk, alice, await desk.ask(alice, channel, "memories"), "m1")
    asked = await server.press(alice, page, page.buttons["Edit"])
    await asked.wait()
    assert asked.modal is not None
    (field,) = [c for c in walk(asked.modal["components"]) if c["type"] == 4]
    assert field["value"] == "I live in *Oslo*"
    assert field["max_length"] == 4000
    before = len(page.history)
    await server.submit(alice, asked, {field["custom_id"]: "I live in\nBergen now"})
    await server.until(lambda: len(page.history) > before)
    assert "Bergen now" in page.text
    assert await desk.known(alice, channel) == ["I live in Bergen now"]
    await desk.press(alice, page, "Back to the list")
    assert "Bergen now" in page.text


async def test_what_is_too_long_for_a_form_is_said_in_a_line(
    desk: Desk, server: DiscordServer, channel: Channel, alice: User
) -> None:
    await desk.remember(alice, channel, "word " * 900)
    page = await pick(desk, alice, await desk.ask(alice, channel, "memories"), "m1")
    assert len(page.text) <= 2000
    line = await desk.press(alice, page, "Edit")
    assert "/memories edit m1 TEXT" in line.text
    assert line.ephemeral
    assert line is not page


@pytest.mark.rule("D1")
async def test_a_form_that_would_come_too_late_is_a_line_instead(
    desk: Desk, stage: Stage, channel: Channel, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A form cannot follow an acknowledgement, so what it holds has to be there in time."""
    await facts(desk, alice, channel, 1)
    page = await pick(desk, alice, await desk.ask(alice, channel, "memories"), "m1")

    async def never(incoming: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr("adapters.discord.presses.EDIT_SECONDS", 0.05)
    monkeypatch.setattr(stage.core, "command", never)
    line = await desk.press(alice, page, "Edit")
    assert line.text == "That took me too long. Please ask again."
