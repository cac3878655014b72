"""The loopback Discord, held against the unmodified discord.py: messages, files, strictness."""

import io
from datetime import timedelta

import discord
import pytest

from tests.servers.discord import Channel, DiscordServer, Guild, User
from tests.servers.discord.permissions import SEND_MESSAGES, VIEW_CHANNEL
from tests.servers.plain_client import PlainClient, connected, text_channel


async def test_a_client_logs_in_and_sees_the_guild_and_its_channel(
    server: DiscordServer, channel: Channel
) -> None:
    async with connected(server, PlainClient()) as client:
        assert client.user_id == server.bot.id
        assert client.application_id == server.application_id != server.bot.id
        assert [each.name for each in client.guilds] == ["Garden"]
        found = text_channel(client, channel)
        assert found.permissions_for(found.guild.me).send_messages
        assert not found.permissions_for(found.guild.me).manage_guild
    assert server.identifies == 1


async def test_a_message_goes_there_and_back(
    server: DiscordServer, channel: Channel, alice: User
) -> None:
    async with connected(server, PlainClient()) as client:
        await server.say(alice, channel, f"Hello {server.bot.mention}")
        heard = (await server.until(lambda: client.heard))[0]
        assert heard.content == f"Hello {server.bot.mention}"
        assert isinstance(heard.author, discord.Member)
        answer = await heard.reply("Hello Alice", mention_author=False)
        await answer.edit(content="Hello, Alice")
        said = server.messages(channel)[-1]
        assert said.author_id == server.bot.id
        assert (said.history, said.edits) == (["Hello Alice", "Hello, Alice"], 1)
        assert said.reference is not None
        await answer.delete()
        with pytest.raises(discord.NotFound) as gone:
            await answer.edit(content="?")
    assert gone.value.code == 10008
    assert [message.content for message in server.messages(channel)] == [heard.content]


async def test_a_direct_message_is_answered_in_the_same_channel(server: DiscordServer) -> None:
    bob = server.add_user("Bob")
    async with connected(server, PlainClient()) as client:
        await server.say(bob, server.dm(bob), "Hello")
        heard = (await server.until(lambda: client.heard))[0]
        assert heard.guild is None
        assert heard.content == "Hello"  # a DM has its content without the intent
        await heard.channel.send("Hello Bob")
        opened = await client.fetch_user(bob.id)
        await opened.send("And again")
        bob.accepts_dms = False
        with pytest.raises(discord.Forbidden) as refused:
            await opened.send("Once more")
    assert refused.value.code == 50007
    said = [message.content for message in server.messages(server.dm(bob))]
    assert said == ["Hello", "Hello Bob", "And again"]


async def test_content_is_hidden_without_the_intent_but_where_the_bot_is_spoken_to(
    server: DiscordServer, channel: Channel, alice: User
) -> None:
    bot = server.bot.mention
    async with connected(server, PlainClient()) as client:
        file = ("a.txt", "text/plain", b"a")
        said = await server.say(alice, channel, "aside", attachments=[file])
        await server.say(alice, channel, f"{bot} you", reply_to=said)
        await server.until(lambda: len(client.heard) == 2)
        aside, spoken = client.heard
        assert (aside.content, aside.attachments) == ("", [])
        assert spoken.content == f"{bot} you"
        assert spoken.reference is not None
        assert isinstance(spoken.reference.resolved, discord.Message)
        assert spoken.reference.resolved.content == ""
        own = await text_channel(client, channel).send("mine")
        mine = server.messages(channel)[-1]
        await server.say(alice, channel, "with a ping", reply_to=mine)
        await server.say(alice, channel, "without", reply_to=mine, ping=False)
        await server.until(lambda: len(client.said) == 4)
        assert client.said[2:] == ["with a ping", ""]
        fetched = await text_channel(client, channel).fetch_message(own.id)
        assert fetched.content == "mine"
        history = [m.content async for m in text_channel(client, channel).history(limit=9)]
    assert history == ["", "with a ping", "mine", f"{bot} you", ""]


async def test_content_is_there_with_the_intent(
    server: DiscordServer, channel: Channel, alice: User
) -> None:
    intents = discord.Intents.default()
    intents.message_content = True
    async with connected(server, PlainClient(intents)) as client:
        said = await server.say(alice, channel, "aside")
        await server.edit(said, "aside, corrected")
        await server.unfurl(said)
        await server.say(alice, channel, "", forwarded="somebody else's words")
        await server.until(lambda: len(client.heard) == 2)
        edited, unfurled = client.raw
        assert edited.data["content"] == "aside, corrected"
        assert edited.data["edited_timestamp"] == unfurled.data["edited_timestamp"] is not None
        forward = client.heard[1]
        assert forward.message_snapshots[0].content == "somebody else's words"
        assert forward.content == ""
        channel_ = text_channel(client, channel)
        after = discord.Object(said.id)
        assert [m.id async for m in channel_.history(after=after)] == [forward.id]


async def test_deletions_reach_the_bot_as_raw_events(
    server: DiscordServer, channel: Channel, alice: User
) -> None:
    said = [await server.say(alice, channel, text) for text in ("a", "b", "c")]
    async with connected(server, PlainClient()) as client:
        await server.delete(said[0])
        await server.bulk_delete(channel, said[1:])
        await server.until(lambda: len(client.raw) == 2)
        assert client.raw[0].message_id == said[0].id
        assert client.raw[1].message_ids == {said[1].id, said[2].id}
    assert server.messages(channel) == []


async def test_a_missing_allowed_mentions_pings_all_that_the_text_names(
    server: DiscordServer, guild: Guild, channel: Channel, alice: User
) -> None:
    role = guild.add_role("Gardeners", mentionable=True)
    text = f"@everyone {role.mention} {alice.mention}"
    quiet = discord.AllowedMentions.none()
    async with connected(server, PlainClient()) as client:
        place = text_channel(client, channel)
        await place.send(text)
        await place.send(text, allowed_mentions=quiet)
        heard = await server.say(alice, channel, f"Hello {server.bot.mention}")
        await server.until(lambda: client.said)
        replied = client.heard[-1]
        await replied.reply("Hello", allowed_mentions=quiet)
        await replied.reply("Hello", allowed_mentions=quiet, mention_author=True)
    pings = [m.pings for m in server.messages(channel) if m is not heard]
    assert pings == [[alice.id, role.id, "everyone"], [], [], [alice.id]]


async def test_what_is_missing_is_refused_with_discords_codes(
    server: DiscordServer, channel: Channel, alice: User
) -> None:
    async with connected(server, PlainClient()) as client:
        place = text_channel(client, channel)

        async def code(text: str, target: discord.abc.Messageable = place) -> int:
            with pytest.raises(discord.HTTPException) as refused:
                await target.send(text)
            return refused.value.code

        assert await code("x" * 2001) == 50035
        assert await code("") == 50006
        assert await code("x", client.get_partial_messageable(1)) == 10003
        with pytest.raises(discord.HTTPException) as unknown:
            await place.send("x", reference=discord.MessageReference(message_id=1, channel_id=2))
        assert unknown.value.code == 50035
        embeds = [discord.Embed(description="x" * 4000) for _ in range(2)]
        with pytest.raises(discord.HTTPException, match="Embed size exceeds maximum size"):
            await place.send(embeds=embeds)
        said = await server.say(alice, channel, "x")
        with pytest.raises(discord.Forbidden) as foreign:
            await place.get_partial_message(said.id).delete()
        assert foreign.value.code == 50013
        channel.deny(server.bot, SEND_MESSAGES)
        assert await code("x") == 50013
        channel.deny(server.bot, VIEW_CHANNEL)
        assert await code("x") == 50001
        await server.delete_channel(channel)
        assert await code("x") == 10003


async def test_a_nonce_is_posted_once(server: DiscordServer, channel: Channel) -> None:
    async with connected(server, PlainClient()) as client:
        place = text_channel(client, channel)
        first = await place.send("Hello", nonce="n1")
        again = await place.send("Hello", nonce="n1")
        assert first.id == again.id
        await place.send("Other", nonce="n2")
        server.clock.turn(timedelta(minutes=6))
        await place.send("Later", nonce="n1")
        await server.until(lambda: len(client.heard) == 3)
    assert [m.content for m in server.messages(channel)] == ["Hello", "Other", "Later"]


async def test_files_go_there_and_back(
    server: DiscordServer, channel: Channel, alice: User
) -> None:
    async with connected(server, PlainClient()) as client:
        text = f"{server.bot.mention} read"
        file = ("notes.txt", "text/plain; charset=utf-8", "für dich".encode())
        await server.say(alice, channel, text, attachments=[file])
        heard = (await server.until(lambda: client.heard))[0]
        attached = heard.attachments[0]
        assert attached.url.startswith(server.cdn)
        assert (attached.filename, attached.content_type, attached.size) == (
            "notes.txt", "text/plain; charset=utf-8", 9,
        )  # fmt: skip
        assert (await attached.read()).decode() == "für dich"
        sent = await heard.channel.send(
            "Here", file=discord.File(io.BytesIO(b"{}"), "export.json", description="All")
        )
        assert await sent.attachments[0].read() == b"{}"
        big = discord.File(io.BytesIO(bytes(10 * 2**20 + 1)), "big.bin")
        with pytest.raises(discord.HTTPException) as refused:
            await heard.channel.send(file=big)
        server.clock.turn(timedelta(hours=24))
        with pytest.raises(discord.NotFound):
            await attached.read()
    assert refused.value.code == 40005
    kept = server.messages(channel)[-1].attachments[0]
    assert (kept["filename"], kept["description"]) == ("export.json", "All")
    assert server.requests[-2].files == ("export.json",)
    assert len(server.downloads) == 3


async def test_a_field_or_route_that_discord_does_not_know_is_a_problem(
    server: DiscordServer, channel: Channel
) -> None:
    async with connected(server, PlainClient()) as client:
        path = f"/channels/{channel.id}/messages"
        body = {"content": "x", "colour": 1, "allowed_mentions": {"parsed": []}}
        await client.http.request(discord.http.Route("POST", path), json=body)
        with pytest.raises(discord.NotFound):
            await client.http.request(discord.http.Route("GET", "/channels/1/pins/new"))
    assert server.problems == [
        f"POST {path}: unknown field 'colour'",
        f"POST {path}: unknown field 'allowed_mentions.parsed'",
        "GET /channels/1/pins/new: the loopback Discord has no such route",
    ]
    server.problems.clear()
