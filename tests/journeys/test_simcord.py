"""Three journeys on SimCord, an independent second opinion on what Discord does."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import simcord

from adapters.discord.adapter import DiscordAdapter, DiscordSettings
from tests.conftest import TurnedClock
from tests.core.stage import opened
from tests.servers.openai_faults import Trickle
from tests.servers.openai_server import OpenAIServer


@dataclass(frozen=True, slots=True)
class Simulated:
    """A simulated Discord with one server, Alice in it, and Ellie."""

    env: simcord.Env
    channel: simcord.ChannelHandle
    alice: simcord.MemberActor
    model: OpenAIServer
    ellie: str


@asynccontextmanager
async def simulated(file: Path) -> AsyncIterator[Simulated]:
    settings = DiscordSettings("token", pace=0)  # its clock stands still
    async with (
        OpenAIServer() as model,
        DiscordAdapter(settings, lambda line: None) as adapter,
        opened(file, TurnedClock(), model, screen=adapter) as stage,
        asyncio.TaskGroup() as tasks,
    ):
        hearing = adapter.open_ears(stage.core, tasks)
        client = adapter.make_client(hearing)
        async with simcord.run(client, settle_timeout=30) as env:
            guild = env.create_guild()
            channel = guild.create_text_channel("general")
            alice = guild.add_member(env.create_user("alice"))
            assert client.user is not None
            yield Simulated(env, channel, alice, model, client.user.mention)
        hearing.end()


async def test_a_conversation_streams(tmp_path: Path) -> None:
    async with simulated(tmp_path / "ellie.db") as sim:
        story = "Once upon a time there was a gardener. " * 60
        sim.model.on_chat = lambda body: story
        sim.model.fail("chat", Trickle(0.001))
        await sim.alice.send(sim.channel, f"{sim.ellie} Tell me a story")
        await sim.env.settle()
        posts = [m for m in sim.channel.history() if m.author.bot]
        shown = "".join("".join(m.content for m in posts).split())
        assert shown.startswith("".join(story.split()))
        assert len(posts) == 2
        assert not any(m.components for m in posts)
        assert any(r.method == "PATCH" for r in sim.env.http_requests)
        await sim.alice.send(sim.channel, f"{sim.ellie} And then?")
        await sim.env.settle()
        assert "Tell me a story" in str(sim.model.asked("chat")[-1].body)


@pytest.mark.rule("D1")
async def test_a_command_is_answered_in_private_with_follow_ups(tmp_path: Path) -> None:
    async with simulated(tmp_path / "ellie.db") as sim:
        kept = await sim.alice.slash(sim.channel, "remember", text="I like green tea")
        assert kept.response is not None
        assert kept.response.ephemeral
        assert "m1" in kept.response.content
        for number in range(12):
            text = f"Garden plan {number}: " + "beans and peas and roses " * 14
            await sim.alice.slash(sim.channel, "remember", text=text)
        found = await sim.alice.slash(sim.channel, "recall", text="garden plan")
        assert found.response is not None
        shown = [found.response, *found.followups]
        assert len(shown) > 1
        assert all(message.ephemeral for message in shown)
        choices = await sim.alice.autocomplete(sim.channel, "forget", "text", "tea")
        assert any(choice["value"] == "m1" for choice in choices)
        assert [m for m in sim.channel.history() if m.author.bot] == []


@pytest.mark.rule("D22")
async def test_memories_are_corrected_and_forgotten_by_buttons(tmp_path: Path) -> None:
    async with simulated(tmp_path / "ellie.db") as sim:
        await sim.alice.slash(sim.channel, "remember", text="I live in Lyon")
        page = await sim.alice.slash(sim.channel, "memories")
        assert page.response is not None
        await sim.alice.select(page.response, ["m1"])
        asked = await sim.alice.click(page.response, label="Edit")
        assert asked.modal is not None
        (field,) = [
            part["component"]["custom_id"] if "component" in part else
            part["components"][0]["custom_id"] for part in asked.modal["components"]
        ]  # fmt: skip
        await sim.alice.submit_modal(asked, {field: "I live in Oslo"})
        page = await sim.alice.slash(sim.channel, "memories")
        assert page.response is not None
        assert "I live in Oslo" in page.response.content
        await sim.alice.select(page.response, ["m1"])
        await sim.alice.click(page.response, label="Forget")
        await sim.alice.click(page.response, label="Forget")
        after = await sim.alice.slash(sim.channel, "memories")
        assert after.response is not None
        assert "I know nothing about you yet" in after.response.content
