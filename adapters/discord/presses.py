"""What a press does. It names what to do and to which number; whose is decided by who presses."""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Self

import discord

from adapters.discord.answers import PREFIX, Answer, Button
from adapters.discord.desk import Desk, attempt, told
from adapters.discord.drawing import (
    DANGER,
    KEEP,
    Seat,
    back,
    detail,
    draw,
    leave_taking,
    say,
    whole,
)
from adapters.discord.editing import Correction, too_long_to_edit
from adapters.discord.ids import press_id
from adapters.discord.interactions import Interaction, may_manage, normalise_command
from adapters.discord.previews import named_line
from adapters.discord.showing import UNREACHABLE, defer, show, tell
from adapters.wording.pressing import (
    KEPT,
    OPT_OUT,
    RIGHTS,
    STALE,
    Listed,
    Verb,
    confirmed_line,
    numbers_in,
    place_in_list,
)
from bot.errors import CommandError
from bot.results import CommandResult, MemoryVersions

log = logging.getLogger(__name__)
EDIT_SECONDS = 2.0
"""A form has to be shown within three seconds, and nothing can be acknowledged before it."""
Work = Callable[[], Awaitable[Answer]]
Drawn = Callable[[MemoryVersions, Seat, Listed, int], Answer]


class Presses:
    """Answers presses of buttons and menus, those of messages from before a restart too."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def pressed(self, interaction: Interaction, custom_id: str) -> None:
        """Do what the id says, for the one who pressed."""
        verb, _, rest = custom_id.removeprefix(PREFIX).partition(":")
        if verb == Verb.EDIT:
            await self._edit(interaction, rest)
            return
        anew = verb == Verb.RIGHT and rest.startswith("export")
        if not await defer(interaction, anew=anew):
            return
        work = self._work(interaction, verb, rest)
        if anew:
            await show(interaction, await attempt(work))
            return
        try:
            answer = await work()
        except Exception as error:  # the message that was pressed stays as it is
            await tell(interaction, told(error))
        else:
            await show(interaction, answer)

    def _work(self, interaction: Interaction, verb: str, rest: str) -> Work:
        async def work() -> Answer:
            match verb:
                case Verb.PAGE:
                    return await self._page(interaction, rest)
                case Verb.PICK | Verb.SHOW:
                    return await self._memory(interaction, rest, detail)
                case Verb.WHY:
                    return await self._memory(interaction, rest, whole)
                case Verb.ASK:
                    return await self._memory(interaction, rest, _leave_taking)
                case Verb.PROMOTE:
                    return await self._promote(interaction, rest)
                case Verb.FORGET | Verb.LINE | Verb.NAMED:
                    return await self._forget(interaction, verb, rest)
                case Verb.KEEP:
                    return say(KEPT)
                case Verb.RIGHT:
                    return await self._right(interaction, rest)
                case Verb.PURGE:
                    return await self._purge(interaction)
                case _:
                    raise CommandError(STALE)

        return work

    async def _page(self, interaction: Interaction, rest: str) -> Answer:
        listed, page = place_in_list(rest)
        try:
            return await self._desk.carry_out(interaction, listed.line(page))
        except CommandError:
            if page == 1:
                raise
            # there are fewer pages than there were
            return await self._desk.carry_out(interaction, listed.line(1))

    async def _memory(self, interaction: Interaction, rest: str, drawn: Drawn) -> Answer:
        name, place = _picked(interaction, rest)
        listed, page = place_in_list(place)

        def draw_it(result: CommandResult, seat: Seat) -> Answer:
            if isinstance(result, MemoryVersions):
                return drawn(result, seat, listed, page)
            return draw(result, seat)

        return await self._desk.carry_out(interaction, f"/memories {name}", drawn=draw_it)

    async def _promote(self, interaction: Interaction, rest: str) -> Answer:
        name, place = _picked(interaction, rest)
        done = await self._desk.carry_out(interaction, f"/memories promote {name}")
        return say("\n".join(done.parts), back(*place_in_list(place)))

    async def _forget(self, interaction: Interaction, verb: str, rest: str) -> Answer:
        line: str | None
        match verb:
            case Verb.FORGET:
                names = numbers_in(rest)
                line = f"/forget {' '.join(names)}" if names else None
            case Verb.LINE:
                line = confirmed_line(rest)
            case _:
                message = interaction.message
                line = named_line(message.content) if message is not None else None
        if line is None:
            raise CommandError(STALE)
        return await self._desk.carry_out(interaction, line)

    async def _right(self, interaction: Interaction, rest: str) -> Answer:
        name, _, reach = rest.partition(":")
        asked, sure = name.removesuffix("-yes"), name.endswith("-yes")
        line = RIGHTS.get(asked)
        if line is None:
            raise CommandError(STALE)
        if asked == "opt-out" and not sure:
            press = press_id(Verb.RIGHT, "opt-out-yes", reach)
            return say(OPT_OUT, Button("Opt out", press, DANGER), KEEP)
        everywhere = reach == "everywhere" and asked not in {"pause", "resume"}
        return await self._desk.carry_out(interaction, f"{line} everywhere" if everywhere else line)

    async def _purge(self, interaction: Interaction) -> Answer:
        if not may_manage(interaction):
            raise CommandError("Only those who manage this server can do that.")
        incoming = normalise_command(interaction, "/ellie-admin purge")
        return draw(await self._desk.core.purge(incoming), Seat(True, True, 0))

    # --- a correction is written in a form

    async def _edit(self, interaction: Interaction, rest: str) -> None:
        """Show the form at once: it cannot follow an acknowledgement."""
        try:
            async with asyncio.timeout(EDIT_SECONDS):
                form = await self._form(interaction, rest)
        except Exception as error:
            if await defer(interaction):
                await tell(interaction, told(error))
            return
        try:
            await interaction.response.send_modal(form)
        except UNREACHABLE as error:
            log.warning("a form could not be shown (%s)", type(error).__name__)

    async def _form(self, interaction: Interaction, rest: str) -> Correction:
        name, place = _picked(interaction, rest)
        listed, page = place_in_list(place)
        found = await self._desk.core.command(normalise_command(interaction, f"/memories {name}"))
        if not isinstance(found, MemoryVersions) or too_long_to_edit(found.memory.text):
            raise CommandError(
                f"That is too long for a form. /memories edit {name} TEXT corrects it."
            )
        return Correction(name, found.memory.text, self._corrected(name, listed, page))

    def _corrected(
        self, name: str, listed: Listed, page: int
    ) -> Callable[[Interaction, str], Awaitable[None]]:
        async def submitted(interaction: Interaction, text: str) -> None:
            async def work() -> Answer:
                done = await self._desk.carry_out(interaction, f"/memories edit {name} {text}")
                return say("\n".join(done.parts), back(listed, page))

            if await defer(interaction):
                try:
                    answer = await work()
                except Exception as error:
                    await tell(interaction, told(error))
                else:
                    await show(interaction, answer)

        return submitted


def _leave_taking(result: MemoryVersions, seat: Seat, listed: Listed, page: int) -> Answer:
    return leave_taking(result, listed, page)


def _picked(interaction: Interaction, rest: str) -> tuple[str, str]:
    """The memory that a press is about, and the place in a list that it came from."""
    pressed: Mapping[str, Any] = interaction.data or {}
    values = pressed.get("values")
    if isinstance(values, list) and values:  # a menu
        name, place = str(values[0]), rest
    else:
        name, _, place = rest.partition(":")
    if numbers_in(name) != [name]:
        raise CommandError(STALE)
    return name, place


def pressed_item(presses: Presses) -> type[discord.ui.DynamicItem[Any]]:
    """What discord.py calls for every press of ours, whichever process sent the message."""

    class Pressed(discord.ui.DynamicItem[Any], template=f"{PREFIX}.*"):
        """A button or a menu of ours."""

        @classmethod
        async def from_custom_id(
            cls,
            interaction: discord.Interaction[Any],
            item: discord.ui.Item[Any],
            match: re.Match[str],
            /,
        ) -> Self:
            """The item that was pressed."""
            return cls(item)

        async def callback(self, interaction: discord.Interaction[Any]) -> None:
            """Do what it says."""
            await presses.pressed(interaction, self.custom_id)

    return Pressed
