"""Journeys of several people through a loopback Discord."""

import asyncio
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.adapters.discord.stage import connected
from tests.core.stage import memories, memory
from tests.servers.discord import Channel, User
from tests.servers.openai_faults import Stall

BLOCKED_SECONDS = 0.1
"""How long the event loop may be kept from its next turn, in seconds of this thread's own time."""
TICK_SECONDS = 0.005


@pytest.mark.rule("M2")
async def test_two_people_two_servers_a_private_talk_and_a_closed_channel(tmp_path: Path) -> None:
    async with connected(tmp_path / "ellie.db") as garden:
        discord, alice, bob = garden.discord, garden.alice, garden.join("Bob")
        garden.model.on_chat = lambda body: "I see."
        staff = garden.guild.add_channel("staff", readers=[alice, bob])
        office = discord.add_guild("Office", joined=False)
        office.join(alice)
        desk = office.add_channel("desk")
        await discord.enter(office)
        dm = discord.dm(alice)

        async def tell(channel: Channel, text: str, fact: str) -> None:
            garden.model.on_extract = memories(memory(fact))
            before = len(garden.hers(channel))
            await discord.say(alice, channel, garden.called(text))
            await garden.reply(channel, before)

        await tell(dm, "My favourite plant is the mandrake", "Alice loves mandrake plants")
        await tell(staff, "My plant budget is ninety", "Alice has a plant budget of ninety")
        await tell(garden.general, "I plant quinces", "Alice plants quinces")
        await tell(desk, "My desk plant is a cactus", "Alice has a cactus plant on her desk")

        async def prompted(user: User, channel: Channel) -> set[str]:
            before = len(garden.hers(channel))
            garden.model.on_extract = memories()
            question = garden.called("What do you know about plants?")
            await discord.say(user, channel, question)
            await garden.reply(channel, before)
            words = ("mandrake", "ninety", "quinces", "cactus")
            return {word for word in words if word in garden.prompt()}

        assert await prompted(alice, garden.general) == {"quinces"}
        assert await prompted(alice, staff) == {"quinces", "ninety"}
        assert await prompted(alice, dm) == {"mandrake"}
        assert await prompted(alice, desk) == {"cactus"}
        await discord.command(alice, garden.general, "new", {})
        await discord.command(alice, staff, "new", {})
        await garden.settled()
        assert await prompted(bob, garden.general) == set()
        assert await prompted(bob, staff) == set()


@pytest.mark.rule("D11")
async def test_a_storm_is_answered_in_order_once_and_without_a_standstill(tmp_path: Path) -> None:
    async with connected(tmp_path / "ellie.db") as garden:
        garden.model.on_chat = lambda body: str(body["messages"][-1]["content"]).split()[-1]
        people = [garden.join(f"Person{n}") for n in range(10)]
        channels = [garden.guild.add_channel(f"room-{n}") for n in range(50)]
        await garden.discord.heard()
        longest, never = 0.0, asyncio.Event()

        async def watch() -> None:
            nonlocal longest
            while True:
                before = time.thread_time()
                with suppress(TimeoutError):
                    async with asyncio.timeout(TICK_SECONDS):
                        await never.wait()
                longest = max(longest, time.thread_time() - before)

        def answered() -> int:
            return sum(len(garden.hers(channel)) for channel in channels)

        async with asyncio.TaskGroup() as tasks:
            watching = tasks.create_task(watch())
            for round_ in range(4):
                for number, channel in enumerate(channels):
                    person = people[(round_ + number) % len(people)]
                    text = garden.called(f"Answer with r{round_}c{number}")
                    await garden.discord.say(person, channel, text)
            await garden.discord.until(lambda: answered() >= 200, seconds=60)
            await garden.settled()
            watching.cancel()
        for number, channel in enumerate(channels):
            first_lines = [message.content.split()[0] for message in garden.hers(channel)]
            assert first_lines == [f"r{round_}c{number}" for round_ in range(4)]
        assert longest < BLOCKED_SECONDS


@pytest.mark.rule("M6")
async def test_what_is_forgotten_while_it_is_told_is_taken_back(tmp_path: Path) -> None:
    async with connected(tmp_path / "ellie.db") as garden:
        discord, alice = garden.discord, garden.alice
        garden.model.on_chat = lambda body: "Your code is mandrake, as you said."
        garden.model.fail("chat", Stall(5))
        dm = discord.dm(alice)
        told = await discord.command(alice, dm, "remember", {"text": "My code is mandrake"})
        await told.filled()
        await discord.say(alice, dm, "What is my code?")
        await discord.until(lambda: any("mandrake" in m.content for m in garden.hers(dm)))
        forgotten = await discord.command(alice, dm, "forget", {"text": "m1"})
        await forgotten.filled()
        await discord.until(lambda: not any("mandrake" in m.content for m in garden.hers(dm)))
        garden.model.on_chat = lambda body: "I do not know it."
        await discord.say(alice, dm, "And now?")
        assert (await garden.reply(dm)).content.startswith("I do not know it.")
        assert "mandrake" not in garden.prompt()
        garden.model.release.set()
