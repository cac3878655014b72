"""Channels as the connected client knows them: who writes there, and whether Ellie may."""

from contextlib import suppress

import aiohttp
import discord

from adapters.discord.normalise import Talk
from adapters.discord.postbox import Postbox


class Places:
    """Looks at the client there is; `use` says which."""

    def __init__(self, postbox: Postbox) -> None:
        self._postbox = postbox
        self._client: discord.Client | None = None

    def use(self, client: discord.Client) -> None:
        """Look at this client from now on: it is logged in."""
        self._client = client

    @property
    def me(self) -> int:
        """Ellie's own id."""
        user = self._listened.user
        assert user is not None  # it is logged in before it hears anything
        return user.id

    @property
    def _listened(self) -> discord.Client:
        assert self._client is not None
        return self._client

    def known(self, guild_id: int, channel_id: int) -> Talk | None:
        """A channel or thread of a server that Discord told of; None: it did not."""
        guild = self._listened.get_guild(guild_id)
        found: object = None if guild is None else guild.get_channel_or_thread(channel_id)
        return found if isinstance(found, Talk) else None

    async def whole(self, channel: Talk) -> Talk:
        """The channel with what decides who can read it, also where Discord had not told of it."""
        if not isinstance(channel, discord.PartialMessageable) or channel.guild_id is None:
            return channel
        return await self.channel(channel.guild_id, channel.id)

    async def channel(self, guild_id: int | None, channel_id: int) -> Talk:
        """A channel by its id. Where it is gone, or closed to Ellie, the narrowest is assumed."""
        found: object = None if guild_id is None else self.known(guild_id, channel_id)
        if found is None:
            with suppress(discord.DiscordException, aiohttp.ClientError, OSError, ValueError):
                found = await self._listened.fetch_channel(channel_id)
        if isinstance(found, Talk):
            return found
        return self._listened.get_partial_messageable(channel_id, guild_id=guild_id)

    def can_write(self, channel: Talk) -> bool:
        """Whether a message would be taken there, as far as is known."""
        if self._postbox.refuses(channel.id):
            return False
        if isinstance(
            channel, discord.PartialMessageable | discord.DMChannel | discord.GroupChannel
        ):
            return True
        try:
            allowed = channel.permissions_for(channel.guild.me)
        except discord.ClientException:  # a thread whose channel Discord did not tell of
            return True
        if isinstance(channel, discord.Thread):
            return allowed.view_channel and allowed.send_messages_in_threads
        return allowed.view_channel and allowed.send_messages

    async def roles_of(self, message: discord.Message, channel: Talk) -> set[str] | None:
        """The roles of who wrote a message; None: they cannot be known.

        A message that is read later does not carry them: then Discord is asked.
        """
        author: object = message.author
        if not isinstance(author, discord.Member):
            guild = getattr(channel, "guild", None)
            with suppress(discord.DiscordException, aiohttp.ClientError, OSError, ValueError):
                author = await guild.fetch_member(message.author.id) if guild else None
        if not isinstance(author, discord.Member):
            return None
        return {str(role.id) for role in author.roles}
