"""The loopback Discord, held against the unmodified discord.py: commands, buttons, modals."""

from datetime import timedelta

import discord
import pytest
from discord import app_commands

from tests.servers.discord import Channel, DiscordServer, Guild, User
from tests.servers.plain_client import PlainClient, connected

Asked = discord.Interaction[PlainClient]
Plain = app_commands.Command[app_commands.Group, ..., None]


class Question(discord.ui.Modal, title="What is it?"):
    text: discord.ui.TextInput[discord.ui.View] = discord.ui.TextInput(
        label="Text", default="old", custom_id="text"
    )

    async def on_submit(self, interaction: discord.Interaction) -> None:
        await interaction.response.edit_message(content=f"You wrote {self.text.value}", view=None)


class Buttons(discord.ui.View):
    def __init__(self) -> None:
        super().__init__(timeout=None)

    @discord.ui.button(label="Count", custom_id="count")
    async def count(self, interaction: discord.Interaction, button: object) -> None:
        await interaction.response.edit_message(content="1")

    @discord.ui.button(label="Ask", custom_id="ask")
    async def ask(self, interaction: discord.Interaction, button: object) -> None:
        await interaction.response.send_modal(Question())

    @discord.ui.select(
        custom_id="pick", options=[discord.SelectOption(label=x) for x in ("mint", "moss")]
    )
    async def pick(self, interaction: discord.Interaction, select: object) -> None:
        assert interaction.data is not None
        await interaction.response.defer()
        await interaction.edit_original_response(content=str(interaction.data.get("values")))


class Client(PlainClient):
    """With a command for each way to answer. `refused` holds the codes of Discord's refusals."""

    def __init__(self) -> None:
        super().__init__()
        self.refused: list[int] = []
        self.held: Asked | None = None

    async def setup_hook(self) -> None:
        slow: Plain = app_commands.Command(name="slow", description="Defers.", callback=self.slow)
        slow.autocomplete("text")(self.complete)
        self.tree.add_command(slow)
        for callback in (self.twice, self.show, self.defer):
            command: Plain = app_commands.Command(
                name=callback.__name__, description="Answers.", callback=callback
            )
            self.tree.add_command(command)
        menu = app_commands.ContextMenu(name="Read this", callback=self.read)
        self.tree.add_command(menu)
        admin = app_commands.Group(name="admin", description="For few.")
        admin.default_permissions = discord.Permissions(manage_guild=True)
        admin.add_command(
            app_commands.Command(name="free", description="Frees.", callback=self.free)
        )
        self.tree.add_command(admin)
        await self.tree.sync()
        self.add_view(Buttons())

    async def slow(self, interaction: Asked, text: str) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        await interaction.followup.send(f"First {text}")
        await interaction.followup.send("Second", ephemeral=True)

    async def complete(self, asked: Asked, current: str) -> list[app_commands.Choice[str]]:
        names = ["mint", "moss", "rose"]
        return [app_commands.Choice(name=n, value=n) for n in names if n.startswith(current)]

    async def twice(self, interaction: Asked) -> None:
        await interaction.response.send_message("Here", ephemeral=True)
        path = f"/interactions/{interaction.id}/{interaction.token}/callback"
        try:
            await self.http.request(discord.http.Route("POST", path), json={"type": 5})
        except discord.HTTPException as error:
            self.refused.append(error.code)

    async def show(self, interaction: Asked) -> None:
        try:
            await interaction.response.send_message("0", view=Buttons())
        except discord.NotFound as error:
            self.refused.append(error.code)

    async def defer(self, interaction: Asked) -> None:
        self.held = interaction
        await interaction.response.defer()

    async def read(self, interaction: Asked, message: discord.Message) -> None:
        await interaction.response.send_message(f"It says {message.content}", ephemeral=True)

    async def free(self, interaction: Asked) -> None:
        await interaction.response.send_message(str(interaction.permissions.manage_guild))


async def test_a_deferred_command_is_filled_by_its_first_follow_up(
    server: DiscordServer, channel: Channel, alice: User
) -> None:
    async with connected(server, Client()):
        asked = await server.command(alice, channel, "slow", {"text": "mint"})
        await asked.wait()
        assert asked.type == 5
        assert asked.ephemeral
        filled = await asked.filled()
        await server.until(lambda: asked.followups)
    assert filled is asked.original()
    assert filled.content == "First mint"
    assert filled.ephemeral
    assert [message.content for message in asked.followups] == ["Second"]
    assert server.messages(channel) == []  # nobody else sees an ephemeral answer


async def test_autocomplete_waits_for_the_choices(
    server: DiscordServer, channel: Channel, alice: User
) -> None:
    async with connected(server, Client()):
        choices = await server.autocomplete(alice, channel, "slow", {"text": "m"}, focused="text")
    assert [choice["value"] for choice in choices] == ["mint", "moss"]


async def test_a_button_edits_its_message_and_a_modal_writes_into_it(
    server: DiscordServer, channel: Channel, alice: User
) -> None:
    async with connected(server, Client()):
        shown = await (await server.command(alice, channel, "show")).filled()
        assert shown.buttons == {"Count": "count", "Ask": "ask"}
        pressed = await (await server.press(alice, shown, "count")).wait()
        assert pressed.type == 7
        assert shown.content == "1"
        await server.choose(alice, shown, "pick", ["moss"])
        await server.until(lambda: shown.content == "['moss']")
        asked = await (await server.press(alice, shown, "ask")).wait()
        assert asked.modal is not None
        assert asked.modal["title"] == "What is it?"
        await (await server.submit(alice, asked, {"text": "new"})).wait()
    assert shown.content == "You wrote new"
    assert shown.components == []
    assert server.messages(channel) == [shown]
    with pytest.raises(AssertionError, match="not among"):
        await server.press(alice, shown, "count")


async def test_a_context_menu_gets_the_message_whole_without_the_content_intent(
    server: DiscordServer, channel: Channel, alice: User
) -> None:
    said = await server.say(alice, channel, "mint wants shade")
    async with connected(server, Client()):
        asked = await server.command(alice, channel, "Read this", target=said)
        assert (await asked.filled()).content == "It says mint wants shade"


async def test_a_command_for_few_is_offered_only_to_them(
    server: DiscordServer, guild: Guild, channel: Channel, alice: User
) -> None:
    bob = server.add_user("Bob")
    guild.join(bob, permissions=1 << 5)
    async with connected(server, Client()):
        with pytest.raises(AssertionError, match="does not show admin to Alice"):
            await server.command(alice, channel, "admin free")
        with pytest.raises(AssertionError, match="cannot be run bare"):
            await server.command(bob, channel, "admin")
        asked = await server.command(bob, channel, "admin free")
        assert (await asked.filled()).content == "True"
        asked = await server.command(alice, channel, "admin free", overridden=True)
        assert (await asked.filled()).content == "False"


async def test_a_second_acknowledgement_is_40060(
    server: DiscordServer, channel: Channel, alice: User
) -> None:
    client = Client()
    async with connected(server, client):
        asked = await server.command(alice, channel, "twice")
        await server.until(lambda: client.refused)
    assert client.refused == [40060]
    assert asked.type == 4


async def test_an_answer_after_three_seconds_is_10062(
    server: DiscordServer, channel: Channel, alice: User
) -> None:
    client = Client()
    async with connected(server, client):
        held = server.hold("POST", "/interactions/")
        asked = await server.command(alice, channel, "show")
        await server.until(lambda: held.held)
        server.clock.turn(timedelta(seconds=3.1))
        held.release()
        await server.until(lambda: client.refused)
    assert client.refused == [10062]
    assert not asked.answered


async def test_a_token_is_dead_after_fifteen_minutes(
    server: DiscordServer, channel: Channel, alice: User
) -> None:
    client = Client()
    async with connected(server, client):
        await (await server.command(alice, channel, "defer")).wait()
        held = await server.until(lambda: client.held)
        assert held is not None
        server.clock.turn(timedelta(minutes=14, seconds=59))
        await held.edit_original_response(content="In time")
        server.clock.turn(timedelta(seconds=1))
        with pytest.raises(discord.HTTPException) as late:
            await held.edit_original_response(content="Too late")
    assert (late.value.status, late.value.code) == (401, 50027)
    assert [message.content for message in server.messages(channel)] == ["In time"]


async def test_a_defer_carries_no_flag_but_ephemeral(
    server: DiscordServer, channel: Channel, alice: User
) -> None:
    async with connected(server, PlainClient()) as client:
        command: Plain = app_commands.Command(name="odd", description="Odd.", callback=_nothing)
        client.tree.add_command(command)
        await client.tree.sync()
        asked = await server.command(alice, channel, "odd")
        path = f"/interactions/{asked.id}/{asked.token}/callback"
        body = {"type": 5, "data": {"flags": 1 << 15}}
        with pytest.raises(discord.HTTPException, match="Only EPHEMERAL"):
            await client.http.request(discord.http.Route("POST", path), json=body)
        follow_up = discord.http.Route("POST", f"/webhooks/{client.application_id}/{asked.token}")
        with pytest.raises(discord.NotFound, match="Unknown Webhook"):  # not yet answered
            await client.http.request(follow_up, json={"content": "Early"})
        body = {"type": 5, "data": {"flags": 1 << 6}}
        await client.http.request(discord.http.Route("POST", path), json=body)
    assert asked.ephemeral


async def _nothing(interaction: Asked) -> None:
    """The test answers by hand."""
