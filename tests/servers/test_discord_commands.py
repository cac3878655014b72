"""The loopback Discord, held against the unmodified discord.py: what is registered, and where."""

import discord
import pytest
from discord import app_commands

from tests.servers.discord import DiscordServer, Guild
from tests.servers.plain_client import PlainClient, connected

Asked = discord.Interaction[PlainClient]


async def test_a_user_install_answers_outside_the_bots_guilds_within_five_follow_ups(
    server: DiscordServer,
) -> None:
    elsewhere, bob = server.add_guild("Elsewhere", joined=False), server.add_user("Bob")
    channel = elsewhere.add_channel("general")
    elsewhere.join(bob)
    server.user_install_enabled = True
    async with connected(server, PlainClient()) as client:

        async def many(interaction: Asked) -> None:
            await interaction.response.send_message("Here", ephemeral=True)
            for number in range(5):
                await interaction.followup.send(str(number), ephemeral=True)
            with pytest.raises(discord.HTTPException, match="Maximum number of follow up"):
                await interaction.followup.send("The sixth", ephemeral=True)

        client.tree.add_command(
            app_commands.Command(
                name="many", description="Many.", callback=many,
                allowed_installs=app_commands.AppInstallationType(user=True),
                allowed_contexts=app_commands.AppCommandContext(guild=True),
            )
        )  # fmt: skip
        client.tree.add_command(
            app_commands.Command(name="few", description="In guilds.", callback=many)
        )
        await client.tree.sync()
        with pytest.raises(AssertionError, match="has no bot in general"):
            await server.command(bob, channel, "many")
        server.installed_by.add(bob.id)
        with pytest.raises(AssertionError, match="few is not installed there"):
            await server.command(bob, channel, "few")
        asked = await server.command(bob, channel, "many")
        await server.until(lambda: len(server.asked("POST", "/webhooks/*")) == 6)
    assert asked.owners == {"1": str(bob.id)}
    assert len(asked.followups) == 5
    assert list(client.guilds) == []


async def test_commands_are_registered_once_and_refused_by_discords_rules(
    server: DiscordServer, guild: Guild
) -> None:
    async with connected(server, PlainClient()) as client:
        http, app = client.http, client.application_id
        assert app is not None
        good = {"name": "recall", "description": "Recalls.", "type": 1}
        first = await http.bulk_upsert_global_commands(app, [good])
        again = await http.bulk_upsert_global_commands(app, [good])
        assert first[0]["id"] == again[0]["id"]
        for wrong in (
            {"name": "Recall"},
            {"description": "x" * 101},
            {"options": [{"type": 3, "name": "a", "description": "A"}] * 26},
            {"integration_types": [0, 1]},
            {"name_localizations": {"xx": "recall"}},
        ):
            with pytest.raises(discord.HTTPException) as refused:
                await http.bulk_upsert_global_commands(app, [good | wrong])
            assert refused.value.code == 50035
        many = [good | {"name": f"c{number}"} for number in range(101)]
        with pytest.raises(discord.HTTPException) as refused:
            await http.bulk_upsert_guild_commands(app, guild.id, many)
        assert refused.value.code == 30032
    assert server.command_writes == 2
    assert [command["name"] for command in server.commands()] == ["recall"]
    assert server.commands(guild.id) == []


async def test_options_and_menus_of_people_roles_and_channels_are_resolved(
    server: DiscordServer, guild: Guild
) -> None:
    bob, role = server.add_user("Bob"), guild.add_role("Staff")
    guild.join(bob, [role])
    channel = guild.add_channel("general")
    heard: list[object] = []

    async def allow(
        interaction: Asked, who: discord.Member, role: discord.Role, where: discord.TextChannel
    ) -> None:
        heard.extend([who.id, role.id, where.id])
        view: discord.ui.View = discord.ui.View(timeout=None)
        menu: discord.ui.ChannelSelect[discord.ui.View] = discord.ui.ChannelSelect(custom_id="c")
        menu.callback = chosen  # type: ignore[method-assign, assignment]
        await interaction.response.send_message("Where?", view=view.add_item(menu))

    async def chosen(interaction: Asked) -> None:
        assert interaction.data is not None
        heard.append(interaction.data.get("values"))
        await interaction.response.defer()

    async with connected(server, PlainClient()) as client:
        client.tree.add_command(
            app_commands.Command(name="allow", description="Allows.", callback=allow)
        )
        await client.tree.sync()
        values = {"who": bob, "role": role, "where": channel}
        asked = await server.command(bob, channel, "allow", values)
        shown = await asked.filled()
        await (await server.choose(bob, shown, "c", [str(channel.id)])).wait()
        with pytest.raises(AssertionError, match="must be given"):
            await server.command(bob, channel, "allow", {"who": bob})
    assert heard == [bob.id, role.id, channel.id, [str(channel.id)]]
