"""Posts to Discord by REST, and says in our own errors what Discord refused."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any, TypeVar

import aiohttp
import discord

from adapters.discord.normalise import DM_SPACE, channel_id_of
from bot.errors import PlaceGone, PlatformError, PlatformRefused, PlatformUnavailable
from bot.types import Conversation

log = logging.getLogger(__name__)

TRIES = 3
REOPEN_SECONDS = 60
"""How long a post waits for a new connection where the old one was given up."""
CLOSED_SECONDS = 600
"""How long a channel that refused a message is left alone."""
NO_PINGS = discord.AllowedMentions(everyone=False, roles=False, users=False, replied_user=False)
PING_WHO_ASKED = discord.AllowedMentions(
    everyone=False, roles=False, users=False, replied_user=True
)
PAY_SECONDS = 30
_UNKNOWN_MESSAGE = 10008
_NO_PAST = 160002
"""A reply to a message that Ellie may not read back."""
_PLACE_GONE = {10003, 50001, 50013, 50007, 50083, 160005}
"""Unknown channel, missing access, missing permission, no DMs to this user, archived or locked."""

NO_VIEW: Any = None
"""What discord.py takes for no buttons; its types do not say so."""

Answer = TypeVar("Answer")


class MessageGone(Exception):
    """The message that was to be edited was deleted."""


class Postbox:
    """The one place that sends, edits and deletes messages in channels."""

    def __init__(self, pace: float = 1.0) -> None:
        """`pace` 1: what failed is tried again after one second, then three."""
        self._pace = pace
        self._owed: list[tuple[Conversation, int]] = []
        self._client: discord.Client | None = None
        self._opened = asyncio.Event()
        self._closed_places: dict[int, float] = {}

    def open(self, client: discord.Client) -> None:
        """Post through this client from now on: it is logged in."""
        self._client = client
        self._opened.set()

    def close(self) -> None:
        """Its client is given up; what is to be posted waits for the next one."""
        self._client = None
        self._opened.clear()

    def refuses(self, channel_id: int) -> bool:
        """Whether a channel refused a message lately, so that none is tried there."""
        since = self._closed_places.get(channel_id)
        return since is not None and time.monotonic() - since < CLOSED_SECONDS

    async def post(
        self,
        where: Conversation,
        content: str,
        *,
        nonce: str,
        reply_to: int | None = None,
        view: discord.ui.View | None = None,
    ) -> tuple[int, str]:
        """Post a message once, however often it is tried: (its id, what it says).

        It says something else where an earlier try of the same nonce was carried out. Raises
        PlaceGone, PlatformRefused and PlatformUnavailable.
        """

        async def send(client: discord.Client) -> tuple[int, str]:
            reference: Any = None
            if reply_to is not None:
                reference = discord.MessageReference(
                    message_id=reply_to, channel_id=channel_id_of(where), fail_if_not_exists=False
                )
            channel = self._channel(client, where)
            pings = NO_PINGS if reference is None else PING_WHO_ASKED
            shown = NO_VIEW if view is None else view
            try:
                message = await channel.send(
                    content, nonce=nonce, allowed_mentions=pings, reference=reference, view=shown
                )
            except discord.HTTPException as error:
                if error.code != _NO_PAST or reference is None:
                    raise
                message = await channel.send(
                    content, nonce=nonce, allowed_mentions=NO_PINGS, view=shown
                )
            return message.id, message.content

        if self.refuses(channel_id_of(where)):
            raise PlaceGone

        return await self._try(where, send)

    async def edit(
        self, where: Conversation, message_id: int, content: str, view: discord.ui.View | None
    ) -> None:
        """Let a message say this, with these buttons (None: none). Raises MessageGone as well."""

        async def change(client: discord.Client) -> None:
            message = self._channel(client, where).get_partial_message(message_id)
            await message.edit(content=content, view=view, allowed_mentions=NO_PINGS)

        await self._try(where, change)

    async def take_back(self, where: Conversation, message_id: int) -> None:
        """Delete a message of Ellie's; nothing if it is gone."""

        async def delete(client: discord.Client) -> None:
            await self._channel(client, where).get_partial_message(message_id).delete()

        with suppress(MessageGone):
            await self._try(where, delete)

    def owe(self, where: Conversation, message_ids: Sequence[int]) -> None:
        """Messages are to be taken back: what they say was forgotten."""
        self._owed += [(where, message_id) for message_id in message_ids]

    async def pay(self) -> None:
        """Take back what is owed; what cannot be now stays owed."""
        for debt in list(self._owed):
            try:
                await self.take_back(*debt)
            except PlaceGone:
                pass  # with all that stood there, or nothing can be done
            except PlatformError as error:
                log.warning("a message that was forgotten could not be taken back yet: %s", error)
                continue
            if debt in self._owed:
                self._owed.remove(debt)

    async def keep_paying(self) -> None:
        """Try again what is owed, until cancelled."""
        while True:
            await asyncio.sleep(PAY_SECONDS * self._pace)
            await self.pay()

    async def show_typing(self, where: Conversation) -> None:
        """Show for ten seconds that Ellie is at work; never raises a platform's error."""

        async def type_once(client: discord.Client) -> None:
            await client.http.send_typing(channel_id_of(where))

        try:
            await self._try(where, type_once)
        except Exception as error:  # it is only shown, and nothing depends on it
            log.debug("typing: %s", type(error).__name__)

    @staticmethod
    def _channel(client: discord.Client, where: Conversation) -> discord.PartialMessageable:
        guild_id = None if where.space == DM_SPACE else int(where.space)
        return client.get_partial_messageable(channel_id_of(where), guild_id=guild_id)

    async def _try(
        self, where: Conversation, act: Callable[[discord.Client], Awaitable[Answer]]
    ) -> Answer:
        """Do it with the client there is; discord.py has waited out rate limits and retried 5xx."""
        for left in reversed(range(TRIES)):
            try:
                async with asyncio.timeout(REOPEN_SECONDS):
                    await self._opened.wait()
            except TimeoutError:
                raise PlatformUnavailable("Discord is not connected.") from None
            client = self._client
            if client is None:
                continue
            try:
                return await act(client)
            except discord.HTTPException as error:
                raise self._refused(where, error) from error
            except (aiohttp.ClientError, OSError, ValueError, RuntimeError) as error:
                # RuntimeError: the client is closed; ValueError: what came is no JSON
                if not left or (isinstance(error, RuntimeError) and not client.is_closed()):
                    raise PlatformUnavailable("Discord cannot be reached.") from error
                await asyncio.sleep(3 ** (TRIES - 1 - left) * self._pace)
        raise PlatformUnavailable("Discord is not connected.")

    def _refused(self, where: Conversation, error: discord.HTTPException) -> Exception:
        """What a refusal means for whoever posts."""
        if error.code == _UNKNOWN_MESSAGE:
            return MessageGone()
        if error.code in _PLACE_GONE or error.status in {403, 404}:
            channel_id = channel_id_of(where)
            self._closed_places[channel_id] = time.monotonic()
            log.warning("channel %d takes no messages (HTTP %d)", channel_id, error.status)
            return PlaceGone()
        if error.status >= 500 or error.status == 429:
            return PlatformUnavailable(f"Discord is not well (HTTP {error.status}).")
        return PlatformRefused(f"Discord refused a message (HTTP {error.status}, {error.code}).")
