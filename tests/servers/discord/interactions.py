"""One interaction of a person with the bot, from the click to the last follow-up."""

from datetime import datetime, timedelta
from enum import IntEnum

from tests.servers.discord.ground import Json
from tests.servers.discord.members import User
from tests.servers.discord.messages import Message
from tests.servers.discord.places import Channel
from tests.servers.discord.world import World

ANSWER_WITHIN = timedelta(seconds=3)
TOKEN_LIVES = timedelta(minutes=15)
USER_INSTALL_FOLLOWUPS = 5


class Kind(IntEnum):
    """What the person did."""

    COMMAND = 2
    COMPONENT = 3
    AUTOCOMPLETE = 4
    MODAL = 5


class Callback(IntEnum):
    """How the bot answered first."""

    MESSAGE = 4
    DEFER = 5
    DEFER_UPDATE = 6
    UPDATE = 7
    CHOICES = 8
    MODAL = 9


class Interaction:
    """`type` is the first answer's type, None until there is one. `source` is what was clicked."""

    def __init__(
        self,
        world: World,
        kind: Kind,
        user: User,
        channel: Channel,
        action: Json,
        source: Message | None = None,
    ) -> None:
        self.id = world.ids.fresh()
        self.token = f"interaction-token-{self.id}"
        self.kind = kind
        self.user = user
        self.channel = channel
        self.action = action
        self.source = source
        self.owners: dict[str, str] = {}
        self.type: Callback | None = None
        self.choices: list[Json] | None = None
        self.modal: Json | None = None
        self.ephemeral = False
        self.followups: list[Message] = []
        self._answer: Message | None = None
        self._began: datetime = world.clock.now()
        self._world = world

    @property
    def answered(self) -> bool:
        return self.type is not None

    @property
    def late(self) -> bool:
        """More than 3 s have passed."""
        return self._world.clock.now() - self._began > ANSWER_WITHIN

    @property
    def dead(self) -> bool:
        """The token is no longer good for anything."""
        return self._world.clock.now() - self._began >= TOKEN_LIVES

    def original(self) -> Message | None:
        """What `@original` is: the answer, the clicked message where that is updated, or None."""
        return None if self._answer is None or self._answer.deleted else self._answer

    def answer(self, callback: Callback, message: Message | None = None) -> None:
        """The first answer was accepted; `message` is what `@original` is from now on."""
        self.type, self._answer = callback, message
        self.ephemeral = message is not None and message.ephemeral

    async def wait(self) -> "Interaction":
        """Until it has been answered or deferred."""
        await self._world.until(lambda: self.answered)
        return self

    async def filled(self) -> Message:
        """Until the answer has content: at once for a message, later for one deferred."""

        def shown() -> Message | None:
            original = self.original()
            return None if original is None or original.loading else original

        message = await self._world.until(shown)
        assert message is not None
        return message

    def metadata(self) -> Json:
        """What a message says of the interaction it answers."""
        return {
            "id": str(self.id), "type": int(self.kind), "user": self.user.json(),
            "authorizing_integration_owners": self.owners,
        }  # fmt: skip

    def json(self) -> Json:
        """INTERACTION_CREATE's payload."""
        channel, guild, bot = self.channel, self.channel.guild, self._world.bot
        payload: Json = {
            "id": str(self.id), "application_id": str(self._world.application_id),
            "type": int(self.kind), "token": self.token, "version": 1, "data": self.action,
            "channel_id": str(channel.id), "locale": "en-US", "entitlements": [],
            "channel": channel.json() | {"permissions": str(channel.permissions(self.user))},
            "app_permissions": str(channel.permissions(bot)), "entitlement_sku_ids": [],
            "authorizing_integration_owners": self.owners, "attachment_size_limit": 10 * 2**20,
            "context": 1 if guild is None else 0,
        }  # fmt: skip
        if self.source is not None:
            payload["message"] = self.source.json()
        if guild is None:
            return payload | {"user": self.user.json()}
        member = guild.members[self.user.id].whole()
        return payload | {
            "guild_id": str(guild.id), "guild_locale": guild.locale,
            "guild": {"id": str(guild.id), "locale": guild.locale, "features": []},
            "member": member | {"permissions": str(channel.permissions(self.user))},
        }  # fmt: skip
