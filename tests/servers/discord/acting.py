"""Acting as people who use the bot's commands, buttons, menus and modals."""

from tests.servers.discord import permissions as may
from tests.servers.discord.choosing import command_action, modal_action, select_action
from tests.servers.discord.ground import Event, Json
from tests.servers.discord.interactions import Interaction, Kind
from tests.servers.discord.members import User
from tests.servers.discord.messages import Message, walk
from tests.servers.discord.people import People
from tests.servers.discord.places import Channel

BUTTON, SELECTS = 2, (3, 5, 6, 7, 8)
Values = dict[str, object]


class Acting(People):
    """Each returns once INTERACTION_CREATE was sent; what Discord would not offer is an error."""

    def __init__(self) -> None:
        super().__init__()
        self.interactions: dict[int, Interaction] = {}
        self.installed_by: set[int] = set()
        """The ids of people who installed the bot for themselves."""

    def commands(self, guild_id: int | None = None) -> list[Json]:
        """What is registered: globally, or in this guild."""
        return list(self.registered.get(guild_id, {}).values())

    async def command(
        self,
        user: User,
        channel: Channel,
        name: str,
        options: Values | None = None,
        *,
        locale: str = "en-US",
        target: Message | User | None = None,
        overridden: bool = False,
    ) -> Interaction:
        """A slash command, subcommands as `admin free`; with a target, from its context menu.

        `overridden`: an admin lets people use it who lack its default permissions.
        """
        command = self._offered(user, channel, name, target, overridden)
        action = command_action(self, channel, command, name, options or {}, target)
        return await self._begin(Interaction(self, Kind.COMMAND, user, channel, action), locale)

    async def autocomplete(
        self,
        user: User,
        channel: Channel,
        name: str,
        options: Values,
        *,
        focused: str,
        locale: str = "en-US",
    ) -> list[Json]:
        """The choices that the bot offers for what is typed so far."""
        command = self._offered(user, channel, name, None, False)
        action = command_action(self, channel, command, name, options, None, focused=focused)
        interaction = Interaction(self, Kind.AUTOCOMPLETE, user, channel, action)
        await (await self._begin(interaction, locale)).wait()
        return interaction.choices or []

    async def press(
        self, user: User, message: Message, custom_id: str, *, locale: str = "en-US"
    ) -> Interaction:
        button = self._component(user, message, custom_id)
        assert button["type"] == BUTTON, f"{custom_id} is no button"
        action = {"component_type": BUTTON, "custom_id": custom_id, "id": button["id"]}
        return await self._click(user, message, action, locale)

    async def choose(
        self,
        user: User,
        message: Message,
        custom_id: str,
        values: list[str],
        *,
        locale: str = "en-US",
    ) -> Interaction:
        """Options of a select menu, by their values; people, roles, channels by their ids."""
        select = self._component(user, message, custom_id)
        assert select["type"] in SELECTS, f"{custom_id} is no menu"
        offered = {option["value"] for option in select.get("options", [])}
        assert select["type"] != 3 or set(values) <= offered, f"{values} of {offered}"
        least, most = select.get("min_values", 1), select.get("max_values", 1)
        assert least <= len(values) <= most, f"{len(values)} of {least} to {most}"
        action = select_action(message.channel, select, values)
        return await self._click(user, message, action, locale)

    async def submit(
        self, user: User, opened: Interaction, values: Values, *, locale: str = "en-US"
    ) -> Interaction:
        """The modal that `opened` was answered with; fields not named keep their value."""
        assert opened.modal is not None, "no modal was opened"
        assert opened.user is user, "another person's modal"
        action = modal_action(opened.modal, values)
        interaction = Interaction(self, Kind.MODAL, user, opened.channel, action, opened.source)
        return await self._begin(interaction, locale)

    async def _click(self, user: User, message: Message, action: Json, locale: str) -> Interaction:
        interaction = Interaction(self, Kind.COMPONENT, user, message.channel, action, message)
        return await self._begin(interaction, locale)

    async def _begin(self, interaction: Interaction, locale: str) -> Interaction:
        interaction.owners = self._owners(interaction.user, interaction.channel)
        self.interactions[interaction.id] = interaction
        payload = interaction.json() | {"locale": locale}
        self.emit(Event("INTERACTION_CREATE", payload, interaction.channel.guild_id))
        await self.flush()
        return interaction

    def _owners(self, user: User, channel: Channel) -> dict[str, str]:
        """By whose installation the bot is there: "0" the guild ("0": the bot's DM), "1" theirs."""
        owners = {}
        if channel.guild is None or channel.guild.joined:
            owners["0"] = str(channel.guild_id or 0)
        if user.id in self.installed_by:
            owners["1"] = str(user.id)
        assert owners, f"{user.name} has no bot in {channel.name}"
        return owners

    def _offered(
        self,
        user: User,
        channel: Channel,
        name: str,
        target: Message | User | None,
        overridden: bool,
    ) -> Json:
        """The command that Discord shows there under this name."""
        assert channel.seen_by(user), f"{user.name} cannot see {channel.name}"
        kind = 3 if isinstance(target, Message) else 2 if isinstance(target, User) else 1
        root = name if kind != 1 else name.split()[0]
        held = [*self.commands(channel.guild_id), *self.commands()]
        fits = [c for c in held if c["type"] == kind and c["name"] == root]
        assert fits, f"{root} is not among {[c['name'] for c in held if c['type'] == kind]}"
        command, granted = fits[0], channel.permissions(user)
        contexts = command["contexts"] or ((0, 1) if command["dm_permission"] else (0,))
        assert (1 if channel.guild is None else 0) in contexts, f"{root} is not offered there"
        if channel.guild is not None and granted != may.ALL:
            assert granted & may.USE_APPLICATION_COMMANDS, f"{user.name} may use no commands"
            needed = command["default_member_permissions"]
            barred = needed == "0" or int(needed or 0) & ~granted
            assert overridden or not barred, f"Discord does not show {root} to {user.name}"
        installs = {str(kind) for kind in command["integration_types"]}
        owners = self._owners(user, channel)
        assert installs & owners.keys(), f"{root} is not installed there"
        return command

    def _component(self, user: User, message: Message, custom_id: str) -> Json:
        assert not message.deleted, "the message is gone"
        assert message.only_for in (None, user), f"{user.name} does not see the message"
        assert message.channel.seen_by(user), f"{user.name} cannot see {message.channel.name}"
        there = {c["custom_id"]: c for c in walk(message.components) if "custom_id" in c}
        assert custom_id in there, f"{custom_id} is not among {list(there)}"
        assert not there[custom_id].get("disabled"), f"{custom_id} is disabled"
        return there[custom_id]
