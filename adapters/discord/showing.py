"""An answer reaches the person who asked, and nobody else, also where Discord is in the way."""

import logging
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta

import aiohttp
import discord

from adapters.discord.answers import NO_PINGS, Answer, files_of, view_of
from adapters.discord.interactions import Interaction, is_private
from adapters.discord.normalise import place_of
from adapters.discord.render import inert

LATEST = timedelta(seconds=10)
"""So long before its token dies an interaction is not answered by it any more."""
GONE = {10015, 10062, 50027}
"""Unknown webhook, unknown interaction, invalid token: the interaction is over."""
FOLLOWUPS = 5
"""Where Ellie is not installed Discord allows no more; more nobody reads anywhere."""
DISMISSED = 10008
TAKEN = 40060
TOO_LATE = (
    "I could not give an answer that was asked for here in time, nor write it in private. "
    "Please ask again."
)
UNREACHABLE = (discord.HTTPException, aiohttp.ClientError, OSError)
log = logging.getLogger(__name__)


class _Doubtful(Exception):
    """A server's error: what was sent may have arrived."""


async def defer(interaction: Interaction, *, public: bool = False, anew: bool = False) -> bool:
    """Acknowledge, before anything else is done. False: somebody else has done so already.

    A press changes its message, unless the answer is to come `anew`. One that cannot be
    acknowledged is carried out all the same, and `show` finds another way.
    """
    try:
        await interaction.response.defer(ephemeral=not public, thinking=anew)
    except discord.HTTPException as error:
        if error.code == TAKEN:
            return False
        log.warning("an interaction could not be acknowledged (%s)", error.code)
    except UNREACHABLE as error:
        log.warning("an interaction could not be acknowledged (%s)", type(error).__name__)
    return True


async def show(interaction: Interaction, answer: Answer, *, public: bool = False) -> None:
    """Show it in place of what was acknowledged, what does not fit below it.

    If the interaction is over, it is written to the person in private. Nothing is raised.
    """
    try:
        if discord.utils.utcnow() >= interaction.expires_at - LATEST:
            await _elsewhere(interaction, answer)
            return
        await interaction.edit_original_response(
            content=answer.parts[0],
            view=view_of(answer),
            attachments=files_of(answer),
            allowed_mentions=NO_PINGS,
        )
        await _follow(interaction, answer, public)
    except discord.HTTPException as error:
        if _is_over(error):
            await _elsewhere(interaction, answer)
        elif error.code != DISMISSED:
            _unshown(error)
    except UNREACHABLE as error:
        _unshown(error)


async def tell(interaction: Interaction, line: str) -> None:
    """Show one line beside the message that was pressed, to the presser alone."""
    try:
        await _follow(interaction, Answer(("", line)), public=False)
    except UNREACHABLE as error:
        _unshown(error)


async def _follow(interaction: Interaction, answer: Answer, public: bool) -> None:
    """Send all but the first part as follow-ups.

    A follow-up has no nonce, so none is sent a second time, neither here nor by discord.py: what
    may have arrived and may not, and what is too much, is put as a file into the first message.
    """
    if len(answer.parts) == 1:
        return
    followup = interaction.followup
    async with AsyncExitStack() as stack:
        session = aiohttp.ClientSession(raise_for_status=_refuse_doubt)
        followup.session = await stack.enter_async_context(session)
        for sent, part in enumerate(answer.parts[1:], start=1):
            if sent > FOLLOWUPS:
                await _put_rest(interaction, answer, sent)
                return
            try:
                await followup.send(
                    part, ephemeral=not public, allowed_mentions=NO_PINGS, wait=True
                )
            except discord.HTTPException as error:
                if not _is_over(error):
                    raise
                await _elsewhere(interaction, Answer(answer.parts[sent:]), first=sent)
                return
            except (_Doubtful, aiohttp.ClientError, OSError):
                await _put_rest(interaction, answer, sent)
                return


async def _refuse_doubt(response: aiohttp.ClientResponse) -> None:
    if response.status >= 500:
        raise _Doubtful


async def _put_rest(interaction: Interaction, answer: Answer, sent: int) -> None:
    """Put all parts from the one numbered `sent` into the first message, as a file."""
    rest = "\n".join(answer.parts[sent:]).encode()
    first, *_ = answer.parts
    if not first:  # it belongs to the message that was pressed
        log.warning("a line beside a message could not be shown")
        return
    whole = replace(answer, files=(*answer.files, ("rest.md", rest)))
    await interaction.edit_original_response(
        content=first,
        view=view_of(whole),
        attachments=files_of(whole),
        allowed_mentions=NO_PINGS,
    )


async def _elsewhere(interaction: Interaction, answer: Answer, first: int = 0) -> None:
    """Write it to the person in private; where that is forbidden, say in the channel that it is.

    What was asked in a server comes without its buttons, and says where it was asked: in private
    the same id names another memory.
    """
    try:
        channel = await interaction.user.create_dm()
        if not is_private(interaction):
            where = "a server" if interaction.channel is None else place_of(interaction.channel)
            head = f"What you asked in {inert(where)}, where its ids count:"
            await channel.send(head, allowed_mentions=NO_PINGS, nonce=f"{interaction.id}-where")
            answer = replace(answer, menu=None, buttons=())
        for number, part in enumerate(answer.parts):
            alone = answer if number == 0 else Answer((part,))
            view = view_of(alone)
            await channel.send(
                part,
                files=files_of(alone),
                view=discord.utils.MISSING if view is None else view,
                allowed_mentions=NO_PINGS,
                nonce=f"{interaction.id}-{first + number}",
            )
    except discord.Forbidden:
        await _say_so(interaction)
    except UNREACHABLE as error:
        _unshown(error)


async def _say_so(interaction: Interaction) -> None:
    channel = interaction.channel
    if not isinstance(channel, discord.abc.Messageable):
        log.warning("an answer could not be shown: its person takes no direct messages")
        return
    try:
        await channel.send(TOO_LATE, allowed_mentions=NO_PINGS, nonce=f"{interaction.id}-late")
    except UNREACHABLE as error:
        _unshown(error)


def _is_over(error: discord.HTTPException) -> bool:
    return error.code in GONE or error.status == 401


def _unshown(error: Exception) -> None:
    log.warning("an answer could not be shown (%s)", type(error).__name__)
