"""The loopback Discord, held against the unmodified discord.py: who sees which place."""

import discord
import pytest

from tests.servers.discord import Channel, DiscordServer, Guild, User
from tests.servers.plain_client import PlainClient, connected, text_channel


async def test_a_closed_channel_is_read_by_its_readers_only(
    server: DiscordServer, guild: Guild, alice: User
) -> None:
    bob, role = server.add_user("Bob"), guild.add_role("Staff")
    guild.join(bob, [role])
    closed = guild.add_channel("staff", readers_roles=[role])
    blind = guild.add_channel("blind", readers=[alice], bot_reads=False)
    thread = closed.add_thread("secret", private=True, members=[bob])
    assert closed.seen_by(bob)
    assert not closed.seen_by(alice)
    assert not thread.seen_by(server.bot)
    with pytest.raises(AssertionError, match="Alice cannot see staff"):
        await server.say(alice, closed, "?")
    async with connected(server, PlainClient()) as client:
        found = text_channel(client, closed)
        assert not found.permissions_for(found.guild.default_role).view_channel
        assert found.permissions_for(found.guild.me).view_channel
        await server.say(alice, blind, "unheard")
        await server.say(bob, thread, "unheard")
        await server.say(bob, closed, f"{server.bot.mention} heard")
        await server.until(lambda: client.heard)
        with pytest.raises(discord.Forbidden) as refused:
            await client.get_partial_messageable(blind.id).send("?")
    assert client.said == [f"{server.bot.mention} heard"]
    assert refused.value.code == 50001


async def test_threads_are_made_joined_and_deleted(
    server: DiscordServer, channel: Channel, alice: User
) -> None:
    async with connected(server, PlainClient()) as client:
        open_ = channel.add_thread("compost", members=[alice])
        await server.until(lambda: client.get_channel(open_.id))
        await server.say(alice, open_, f"{server.bot.mention} here")
        heard = (await server.until(lambda: client.heard))[0]
        assert isinstance(heard.channel, discord.Thread)
        await heard.channel.join()
        await heard.channel.send("Joined")
        made = await text_channel(client, channel).create_thread(name="own")
        assert made.owner_id == server.bot.id
        await server.delete_channel(open_)
        await server.until(lambda: client.get_channel(open_.id) is None)
    assert server.bot in open_.members


async def test_reactions_and_members_come_by_their_intents(
    server: DiscordServer, guild: Guild, channel: Channel, alice: User
) -> None:
    intents = discord.Intents.default()
    intents.members = True
    said = await server.say(alice, channel, "x")
    async with connected(server, PlainClient(intents)) as client:
        found = client.get_guild(guild.id)
        assert found is not None
        assert {m.name for m in await found.chunk()} == {"Alice", "Ellie", "Garden's owner"}
        assert [m.id for m in await found.query_members("ali")] == [alice.id]
        bob = server.add_user("Bob")
        guild.join(bob)
        await server.until(lambda: found.get_member(bob.id))
        guild.part(bob)
        await server.until(lambda: found.get_member(bob.id) is None)
        await server.react(alice, said, "🌱")
        await server.until(lambda: "MESSAGE_REACTION_ADD" in client.events)
        place = text_channel(client, channel)
        message = await place.fetch_message(said.id)
        assert [(r.emoji, r.count) for r in message.reactions] == [("🌱", 1)]
        await message.add_reaction("🌱")
        assert said.reactions == {"🌱": [alice, server.bot]}
        async with place.typing():
            await server.until(lambda: "TYPING_START" in client.events)


async def test_what_the_intents_do_not_name_is_not_told(
    server: DiscordServer, guild: Guild, channel: Channel, alice: User
) -> None:
    intents = discord.Intents(guilds=True, dm_messages=True)
    async with connected(server, PlainClient(intents)) as client:
        guild.join(server.add_user("Bob"))
        said = await server.say(alice, channel, f"{server.bot.mention} in the guild")
        await server.react(alice, said, "🌱")
        await server.say(alice, server.dm(alice), "in private")
        guild.add_role("Staff")
        await server.heard()
        told = ["READY", "GUILD_CREATE", "MESSAGE_CREATE", "GUILD_ROLE_CREATE"]
        assert client.events == told
        assert client.said == ["in private"]
