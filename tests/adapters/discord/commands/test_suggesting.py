"""While a command is typed, only what is the person's own is offered."""

import asyncio

import pytest

from bot.results import Suggestion
from bot.types import IncomingCommand
from tests.adapters.discord.commands.commanding import Desk
from tests.core.stage import Stage
from tests.servers.discord import Channel, DiscordServer, User


async def offered(
    server: DiscordServer, user: User, channel: Channel, name: str, typed: str = ""
) -> dict[str, str]:
    """Value → name of the choices."""
    found = await server.autocomplete(user, channel, name, {"text": typed}, focused="text")
    return {choice["value"]: choice["name"] for choice in found}


@pytest.mark.rule("D14")
async def test_ids_are_offered_of_the_persons_own_and_of_nobody_else(
    desk: Desk, server: DiscordServer, channel: Channel, alice: User, bob: User
) -> None:
    await desk.remember(alice, channel, "I like tea", "I live in Oslo")
    await desk.remember(bob, channel, "I like tea from Bergen")
    assert list(await offered(server, alice, channel, "forget", "tea")) == ["m1"]
    for name in ("forget", "memories", "recall"):
        found = await offered(server, alice, channel, name)
        assert "Bergen" not in " ".join(found.values())
        assert await offered(server, bob, channel, name, "Oslo") == {}
    assert "Oslo" in (await offered(server, alice, channel, "forget"))["m2"]


async def test_what_is_chosen_is_what_works(
    desk: Desk, server: DiscordServer, channel: Channel, alice: User
) -> None:
    await desk.remember(alice, channel, "I like tea")
    (value,) = await offered(server, alice, channel, "memories", "edit m1")
    answer = await desk.ask(alice, channel, "memories", f"{value} and oats")
    assert "I like tea and oats" in answer.text
    assert "pause" in await offered(server, alice, channel, "privacy", "p")


@pytest.mark.rule("D14")
async def test_no_more_and_nothing_longer_is_offered_than_discord_takes(
    desk: Desk, server: DiscordServer, channel: Channel, alice: User
) -> None:
    await desk.remember(alice, channel, *(f"{n} tea 😀 " + "and so on " * 20 for n in range(40)))
    found = await offered(server, alice, channel, "forget", "tea")
    assert len(found) == 25
    for value, name in found.items():
        assert 1 <= len(value) <= 100
        assert len(name.encode("utf-16-le")) <= 200


async def test_a_failure_and_a_wait_offer_nothing(
    desk: Desk,
    stage: Stage,
    server: DiscordServer,
    channel: Channel,
    alice: User,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def break_down(incoming: IncomingCommand, limit: int) -> list[Suggestion]:
        raise RuntimeError(incoming.text)

    async def never(incoming: IncomingCommand, limit: int) -> list[Suggestion]:
        await asyncio.Event().wait()
        return []

    monkeypatch.setattr(stage.core, "suggest", break_down)
    assert await offered(server, alice, channel, "forget", "secret") == {}
    monkeypatch.setattr(stage.core, "suggest", never)
    monkeypatch.setattr("adapters.discord.suggesting.SECONDS", 0.05)
    assert await offered(server, alice, channel, "forget", "secret") == {}
    assert "secret" not in caplog.text


async def test_models_are_offered_from_those_allowed(
    desk: Desk, server: DiscordServer, channel: Channel
) -> None:
    assert channel.guild is not None
    found = await server.autocomplete(
        channel.guild.owner, channel, "ellie-admin model", {"name": "LAR"}, focused="name"
    )
    assert [choice["value"] for choice in found] == ["large"]
