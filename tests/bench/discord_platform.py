"""Ellie on Discord: how soon she is there, how soon she stirs, and what a thousand servers take."""

import asyncio
import sys
import time
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from statistics import median

from tests.bench import talk
from tests.bench.measure import Measure, percentile
from tests.bench.process import resident
from tests.bench.turn_time import model_server
from tests.journeys.process import environment
from tests.servers.discord import Channel, DiscordServer, User

SERVERS, MANY_SERVERS, CHANNELS, ROLES = 100, 1_000, 10, 5
STARTS = 3
CONVERSATIONS, TURNS, PAUSE_SECONDS = 20, 10, 4.0
PATIENCE_SECONDS = 60
MB = 10**6


@dataclass(frozen=True, slots=True)
class Seat:
    """Where one person talks with Ellie, in a server of their own."""

    person: User
    channel: Channel


@dataclass(frozen=True, slots=True)
class Call:
    """A mention: where it was made, and when on the monotonic clock."""

    channel: Channel
    at: float


@dataclass(frozen=True, slots=True)
class Connected:
    """Ellie in a process of her own. The three times are seconds since she was started.

    `asked`: her first request reached Discord. `known`: she had read READY and every server.
    `greeted`: she had said that she is connected.
    """

    discord: DiscordServer
    pid: int
    asked: float
    known: float
    greeted: float

    async def call(self, seat: Seat, text: str) -> Call:
        """Mention her. The time is taken before the event is even written as JSON."""
        call = Call(seat.channel, time.monotonic())
        await self.discord.say(seat.person, seat.channel, f"<@{self.discord.bot.id}> {text}")
        return call

    async def answered(self, seats: Sequence[Seat], count: int) -> None:
        """Wait until `count` replies of hers stand finished in each channel."""

        def done() -> bool:
            return all(len(theirs := self._hers(seat)) == count and theirs[-1] for seat in seats)

        await self.discord.until(done, PATIENCE_SECONDS)

    def _hers(self, seat: Seat) -> list[bool]:
        """Her messages there: whether each is finished."""
        said = self.discord.messages(seat.channel)
        return [not message.components for message in said if message.author is self.discord.bot]


def furnish(discord: DiscordServer, servers: int) -> list[Seat]:
    """Servers with channels and roles; the owner of each has a seat in its first channel."""
    seats = []
    for number in range(servers):
        guild = discord.add_guild(f"Server {number}")
        for role in range(ROLES - len(guild.roles)):
            guild.add_role(f"role-{role}")
        channels = [guild.add_channel(f"channel-{channel}") for channel in range(CHANNELS)]
        seats.append(Seat(guild.owner, channels[0]))
    return seats


@asynccontextmanager
async def connected(discord: DiscordServer, file: Path, base_url: str) -> AsyncIterator[Connected]:
    """`ellie run` with default settings and a model, once she has said that she is connected."""
    addresses = {"LOOPBACK_REST": discord.base, "LOOPBACK_GATEWAY": discord.gateway}
    own = {"DISCORD_TOKEN": discord.token, "OPENAI_BASE_URL": base_url}
    start = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.journeys.on_loopback", "run",
        cwd=file.parent, env=environment(file, **addresses, **own), stderr=PIPE,
    )  # fmt: skip
    try:
        if process.stderr is None:
            raise AssertionError("it was asked for")
        async with asyncio.timeout(PATIENCE_SECONDS):
            await discord.until(lambda: discord.sessions, PATIENCE_SECONDS)
            await discord.heard()
            known = time.monotonic()
            said = (await process.stderr.readline()).decode()
            greeted = time.monotonic()
        if not said.startswith("Discord: connected"):
            raise AssertionError(said)
        asked = discord.requests[0].at
        yield Connected(discord, process.pid, asked - start, known - start, greeted - start)
        if discord.problems:
            raise AssertionError(discord.problems)
    finally:
        process.terminate()
        await process.communicate()


async def measure(folder: Path) -> list[Measure]:
    """Ellie, Discord and the model are three processes: what the other two do is not her memory.

    Their work, the sockets and the machine's other work are in the times.
    """
    async with model_server() as (base_url, _):
        starts = []
        for number in range(STARTS):
            async with DiscordServer() as discord:
                seats = furnish(discord, SERVERS)[:CONVERSATIONS]
                file = folder / f"discord-{number}.db"
                async with connected(discord, file, base_url) as ellie:
                    starts.append(ellie)
                    if number == STARTS - 1:
                        waits = await _first_calls(ellie, seats)
        return [*_connecting(starts), *waits, *await _memory(folder, base_url)]


def _connecting(starts: list[Connected]) -> list[Measure]:
    """From the first request: from the start on, the time would be Python's."""
    known = median(start.known - start.asked for start in starts)
    greeted = median(start.greeted - start.asked for start in starts)
    whole = median(start.greeted for start in starts)
    return [
        Measure(f"Discord: connecting to READY, {SERVERS} servers known", known, "s"),
        Measure("… to her greeting (2 s of it are for one more server)", greeted, "s"),
        Measure("… from the start of `ellie run`", whole, "s"),
    ]


async def _first_calls(ellie: Connected, seats: list[Seat]) -> list[Measure]:
    """Twenty conversations: each at its own times, and then all in the same moment, always."""
    random = Random(7)

    def text() -> str:
        return talk.message(random, least_tokens=10)

    for seat in seats:  # the first turns make connections and load the embedder
        await ellie.call(seat, text())
    await ellie.answered(seats, 1)
    own_times = []
    due = time.monotonic()
    for _ in range(TURNS):
        for seat in random.sample(seats, len(seats)):
            due += random.expovariate(len(seats) / PAUSE_SECONDS)
            await asyncio.sleep(due - time.monotonic())
            own_times.append(await ellie.call(seat, text()))
    await ellie.answered(seats, 1 + TURNS)
    at_once = []
    for number in range(TURNS):
        at_once += [await ellie.call(seat, text()) for seat in seats]
        await ellie.answered(seats, 2 + TURNS + number)
    typing, posted = (_waits(ellie, own_times, what) for what in ("typing", "messages"))
    crowd, served = (_waits(ellie, at_once, what) for what in ("typing", "messages"))
    name = f"mention to first REST call, {CONVERSATIONS} conversations"
    return [
        Measure(f"{name}, p50", percentile(typing, 50), "ms"),
        Measure(f"{name}, p95", percentile(typing, 95), "ms", 15),
        Measure("… to the reply's post, p50", percentile(posted, 50), "ms"),
        Measure("… to the reply's post, p95", percentile(posted, 95), "ms"),
        Measure("… all 20 in one moment: first REST call, p50", percentile(crowd, 50), "ms"),
        Measure("… all 20 in one moment: first REST call, p95", percentile(crowd, 95), "ms"),
        Measure("… all 20 in one moment: the reply's post, p95", percentile(served, 95), "ms"),
    ]


def _waits(ellie: Connected, calls: list[Call], what: str) -> list[float]:
    """Milliseconds from each call to the next POST of hers there whose path ends so."""
    posts: dict[str, list[float]] = {}
    for request in ellie.discord.requests:
        if request.method == "POST":
            posts.setdefault(request.path, []).append(request.at)
    return [
        1e3 * (min(at for at in posts[f"/channels/{c.channel.id}/{what}"] if at >= c.at) - c.at)
        for c in calls
    ]


async def _memory(folder: Path, base_url: str) -> list[Measure]:
    async with DiscordServer() as discord:
        seats = furnish(discord, MANY_SERVERS)
        async with connected(discord, folder / "discord-many.db", base_url) as ellie:
            before = await asyncio.to_thread(resident, ellie.pid)
            await ellie.call(seats[0], "Remember that my friend Sarah works at Google.")
            await ellie.answered(seats[:1], 1)
            after = await asyncio.to_thread(resident, ellie.pid)
    return [
        Measure(f"resident with {MANY_SERVERS} servers, connected", before / MB, "MB"),
        Measure("… after the first turn, with a model", after / MB, "MB", 300),
    ]
