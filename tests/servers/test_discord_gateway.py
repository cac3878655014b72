"""The loopback Discord, held against the unmodified discord.py: the gateway and its bad days."""

import asyncio

import aiohttp
import discord
import pytest

from tests.servers.discord import Channel, DiscordServer, Guild, User, pointed_at
from tests.servers.plain_client import PlainClient, connected


@pytest.fixture
def bot(server: DiscordServer) -> str:
    return server.bot.mention


async def test_a_cut_socket_is_resumed_and_what_was_missed_is_replayed(
    server: DiscordServer, channel: Channel, alice: User, bot: str
) -> None:
    async with connected(server, PlainClient()) as client:
        await server.say(alice, channel, f"{bot} before")
        await server.until(lambda: client.heard)
        server.drop()
        await server.say(alice, channel, f"{bot} meanwhile")
        await server.until(lambda: len(client.heard) == 2)
        await server.until(lambda: "RESUMED" in client.events)
        assert (server.identifies, server.resumes) == (1, 1)
        assert client.said == [f"{bot} before", f"{bot} meanwhile"]
        assert server.resumed_at == ["/gw/resume"]


async def test_op_7_makes_the_client_resume(
    server: DiscordServer, channel: Channel, alice: User, bot: str
) -> None:
    async with connected(server, PlainClient()) as client:
        await server.reconnect()
        await server.until(lambda: "RESUMED" in client.events)
        await server.say(alice, channel, f"{bot} after")
        await server.until(lambda: client.heard)
    assert (server.identifies, server.resumes) == (1, 1)


async def test_op_9_makes_the_client_identify_anew_and_nothing_is_replayed(
    server: DiscordServer, channel: Channel, alice: User, bot: str
) -> None:
    async with connected(server, PlainClient()) as client:
        with server.undelivered():
            await server.say(alice, channel, f"{bot} lost")
        await server.invalidate()
        await server.until(lambda: client.events.count("READY") == 2)
        await server.until(lambda: client.events.count("GUILD_CREATE") == 2)
        await server.say(alice, channel, f"{bot} after")
        await server.until(lambda: client.heard)
        assert client.said == [f"{bot} after"]
        assert len(server.messages(channel)) == 2
        assert (server.identifies, server.resumes) == (2, 0)
        await server.invalidate(resumable=True)
        await server.until(lambda: server.resumes == 1)


async def test_a_session_forgotten_in_an_outage_cannot_be_resumed(server: DiscordServer) -> None:
    async with connected(server, PlainClient()) as client:
        server.forget_sessions()
        server.drop()
        await server.until(lambda: client.events.count("READY") == 2)
    assert server.identifies == 2
    assert server.sessions == []


async def test_close_code_4000_is_resumed(server: DiscordServer) -> None:
    async with connected(server, PlainClient()) as client:
        await server.close(4000)
        await server.until(lambda: "RESUMED" in client.events)
        assert len(server.sessions) == 1


async def test_a_wrong_token_is_refused_by_rest_and_by_close_code_4004(
    server: DiscordServer,
) -> None:
    with pointed_at(server):
        async with PlainClient() as client:
            with pytest.raises(discord.LoginFailure):
                await client.start("wrong")
        async with PlainClient() as client, asyncio.timeout(5):
            await client.login(server.token)
            client.http.token = "reset since"
            with pytest.raises(discord.ConnectionClosed) as closed:
                await client.connect()
    assert closed.value.code == 4004


async def test_an_intent_that_was_not_granted_is_refused_by_close_code_4014(
    server: DiscordServer,
) -> None:
    intents = discord.Intents.default()
    intents.message_content = True
    server.allowed_intents &= ~discord.Intents(message_content=True).value
    with pointed_at(server):
        async with PlainClient(intents) as client, asyncio.timeout(5):
            with pytest.raises(discord.PrivilegedIntentsRequired):
                await client.start(server.token)
    assert not client.application_flags.gateway_message_content_limited


async def test_a_malformed_dispatch_ends_the_plain_client(server: DiscordServer) -> None:
    with pointed_at(server):
        async with PlainClient() as client, asyncio.TaskGroup() as tasks:
            tasks.create_task(_break(server, client))
            with pytest.raises(KeyError):
                await client.start(server.token)


async def _break(server: DiscordServer, client: PlainClient) -> None:
    await server.until(client.is_ready)
    await server.dispatch_raw("MESSAGE_CREATE", {"id": "1", "channel_id": "2"})


async def test_a_withheld_acknowledgement_makes_the_client_come_back(
    server: DiscordServer,
) -> None:
    server.heartbeat_seconds = 0.1
    async with connected(server, PlainClient(heartbeat=0.3)) as client:
        server.withhold_acks = True
        await server.until(lambda: server.resumes)
        server.withhold_acks = False
        await server.until(lambda: "RESUMED" in client.events)


async def test_a_429_is_waited_out_and_a_500_tried_again(
    server: DiscordServer, channel: Channel
) -> None:
    path = f"/channels/{channel.id}/messages"
    async with connected(server, PlainClient()) as client:
        place = client.get_partial_messageable(channel.id)
        server.fail("POST", path, status=429, retry_after=0.05, global_=True)
        await place.send("after the wait")
        assert len(server.asked("POST", path)) == 2
        server.fail("POST", path, status=403)
        with pytest.raises(discord.Forbidden) as refused:
            await place.send("refused")
        server.fail("POST", path, status=500, after_commit=True)
        await place.send("done, though the reply was lost", nonce="once")
        server.fail("POST", path, status=0, after_commit=True)
        with pytest.raises(aiohttp.ClientError):
            await place.send("done, though the line was cut")
    assert server.invalid_requests == 2
    assert refused.value.code == 50013
    assert [message.content for message in server.messages(channel)] == [
        "after the wait", "done, though the reply was lost", "done, though the line was cut",
    ]  # fmt: skip


async def test_an_exhausted_bucket_is_waited_for_by_the_client(
    server: DiscordServer, channel: Channel
) -> None:
    path = f"/channels/{channel.id}/messages"
    server.limit("POST", path, 2, 0.2)
    async with connected(server, PlainClient()) as client:
        for number in range(3):
            await client.get_partial_messageable(channel.id).send(str(number))
    first, _, third = server.asked("POST", path)
    assert third.at - first.at >= 0.2
    headers = {"Authorization": f"Bot {server.token}"}
    async with aiohttp.ClientSession(server.base + "/", headers=headers) as http:
        for expected in (200, 429):  # one that does not look at the headers
            async with http.post(path[1:], json={"content": "x"}) as answer:
                assert answer.status == expected
                found = await answer.json()
    assert 0 < found["retry_after"] <= 0.2


async def test_a_held_request_is_done_when_it_is_released(
    server: DiscordServer, channel: Channel
) -> None:
    async with connected(server, PlainClient()) as client, asyncio.TaskGroup() as tasks:
        held = server.hold("POST", f"/channels/{channel.id}/")
        tasks.create_task(client.get_partial_messageable(channel.id).send("Hello"))
        await server.until(lambda: held.held)
        assert server.messages(channel) == []
        held.release()
        await server.until(lambda: server.messages(channel))


async def test_a_guild_is_entered_left_and_unavailable(server: DiscordServer, guild: Guild) -> None:
    async with connected(server, PlainClient()) as client:
        other = server.add_guild("Orchard")
        await server.enter(other)
        await server.heard()
        assert client.joined == [other.id]
        assert len(client.guilds) == 2
        await server.outage(guild)
        await server.until(lambda: guild.id in {g.id for g in client.guilds if g.unavailable})
        await server.recover(guild)
        await server.until(lambda: not any(g.unavailable for g in client.guilds))
        await server.leave(other)
        await server.until(lambda: [g.id for g in client.guilds] == [guild.id])
        assert client.joined == [other.id]  # what was there before, or came back, was not joined
        with pytest.raises(discord.Forbidden):
            await client.fetch_guild(other.id)


async def test_shards_each_get_their_own_guilds(server: DiscordServer) -> None:
    server.recommended_shards = 2
    guilds = [server.add_guild(f"Garden {number}") for number in range(4)]
    user = server.add_user("Bob")
    with pointed_at(server):
        async with ShardedClient() as client, asyncio.TaskGroup() as tasks:
            run = tasks.create_task(client.start(server.token))
            await server.until(client.is_ready)
            assert {g.id: g.shard_id for g in client.guilds} == {
                guild.id: (guild.id >> 22) % 2 for guild in guilds
            }
            await server.say(user, server.dm(user), "Hello")
            await server.until(lambda: client.heard == ["Hello"])
            await client.close()
            await run
    assert server.identifies == 2


class ShardedClient(discord.AutoShardedClient):
    def __init__(self) -> None:
        super().__init__(intents=discord.Intents.default(), guild_ready_timeout=0.05)
        self.heard: list[str] = []

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """discord.py waits 5 s here."""

    async def on_message(self, message: discord.Message) -> None:
        self.heard.append(message.content)


@pytest.mark.parametrize(
    ("code", "op", "more", "times"),
    [
        (4001, 99, {}, 1),
        (4002, 1, {"too long": "x" * 4096}, 1),
        (4003, 3, {}, 1),
        (4005, 2, {}, 2),
        (4007, 6, {"seq": 9}, 1),
        (4008, 1, {}, 121),
        (4010, 2, {"shard": [2, 2]}, 1),
        (4013, 2, {"intents": 1 << 40}, 1),
    ],
)
async def test_what_a_client_does_wrong_closes_with_its_code(
    server: DiscordServer, code: int, op: int, more: dict[str, object], times: int
) -> None:
    url = f"{server.gateway}?v=10&encoding=json"  # not compressed: text frames
    identity = {"token": server.token, "intents": 0}
    async with aiohttp.ClientSession() as http, http.ws_connect(url) as first:
        assert (await first.receive_json())["d"] == {"heartbeat_interval": 41250}
        await first.send_json({"op": 2, "d": identity})
        session = (await first.receive_json())["d"]["session_id"]
        known = {2: identity, 6: {"token": server.token, "session_id": session}}
        async with http.ws_connect(url) as socket:
            for _ in range(times):
                await socket.send_json({"op": op, "d": known.get(op, {}) | more})
            while (heard := await socket.receive()).type is aiohttp.WSMsgType.TEXT:
                continue
    assert heard.data == code
