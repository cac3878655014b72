"""What those who manage a workspace set for it."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from adapters.slack.drawing import draw
from adapters.slack.forms import FieldError, metadata, page, value_of
from adapters.slack.normalise import PLATFORM
from adapters.slack.office import Asked, Office
from adapters.slack.refusals import UNREACHABLE, why
from adapters.slack.render import Block, bold, drawn, inert
from adapters.slack.settings_form import AS_USUAL, CONFIRM, form_of, purging, read
from adapters.wording.lengths import shortened
from adapters.wording.parts import item, placed, written
from bot.errors import CommandError, SettingError
from bot.space_settings import SpaceSettings
from bot.types import IncomingCommand

MANAGERS_ONLY = "Only those who manage this workspace can do that."
NOT_SURE = f"Write {CONFIRM}, in capitals, to say that you mean it."
SHOWN_UNITS = 300
log = logging.getLogger(__name__)


class Administration:
    """Changes what is set for a workspace, one change at a time."""

    def __init__(self, office: Office) -> None:
        self._core = office.core
        self._models = office.models
        self._changing = asyncio.Lock()

    async def form(self, asked: Asked) -> Block:
        """The form with what is set. Raises CommandError for who does not manage it."""
        _managed(asked)
        return form_of(await self._settings(asked), self._models, metadata(asked))

    def purge_form(self, asked: Asked) -> Block:
        """The form that erases the workspace. Raises as `form`."""
        _managed(asked)
        return purging(metadata(asked))

    async def picked(
        self, asked: Asked, view: Mapping[str, Any], action: Mapping[str, Any]
    ) -> None:
        """Show the persona of the channel that was picked in the form."""
        if not asked.manages:
            return
        shown = form_of(
            await self._settings(asked),
            self._models,
            metadata(asked),
            action.get("selected_conversation"),
        )
        try:
            await asked.workspace.client.views_update(
                view_id=view["id"], hash=view.get("hash"), view=shown
            )
        except UNREACHABLE as error:
            log.warning("a form could not be changed (%s)", why(error))

    async def change(self, asked: Asked, view: Mapping[str, Any]) -> Block:
        """Set what was sent, and show what is set. Raises CommandError and FieldError."""
        incoming = _managed(asked)
        async with self._changing:
            after = read(view, await self._settings(asked))
            try:
                await self._core.change_space(incoming, after)
            except SettingError as error:
                raise FieldError(error.setting, inert(str(error))) from error
        return page("Settings", settings_text(after))

    async def purge(self, asked: Asked, view: Mapping[str, Any]) -> Block:
        """Erase the workspace, if the word was written. Raises as `change`."""
        incoming = _managed(asked)
        if value_of(view, "sure").strip() != CONFIRM:
            raise FieldError("sure", NOT_SURE)
        gone = draw(await self._core.purge(incoming), manages=True)
        return page("Erased", "\n".join(gone.parts))

    async def _settings(self, asked: Asked) -> SpaceSettings:
        return await self._core.space_settings(PLATFORM, asked.workspace.space)


def _managed(asked: Asked) -> IncomingCommand:
    """The command of one who manages the workspace. Raises CommandError for others."""
    if not asked.manages:
        raise CommandError(MANAGERS_ONLY)
    return asked.command("/ellie-admin")


def settings_text(settings: SpaceSettings) -> str:
    """One line for each thing that can be set."""

    def channels(ids: frozenset[str]) -> str:
        return ", ".join(map(placed, sorted(ids))) or "none"

    def text(one: str | None) -> str:
        return AS_USUAL if one is None else written(shortened(one, SHOWN_UNITS))

    def number(one: int | None) -> str:
        return AS_USUAL if one is None else f"{one:,}"

    def days(one: int | None) -> str:
        return AS_USUAL if one is None else f"{one} days" if one else "for good"

    lines = [
        f"Free channels, where I answer every message: {channels(settings.free)}",
        f"In threads of these channels I need no mention: {channels(settings.threads)}",
        f"Blocked channels: {channels(settings.blocked_channels)}",
        f"Persona: {text(settings.persona)}",
        *(
            f"Persona in {placed(channel)}: {text(persona)}"
            for channel, persona in sorted(settings.personas.items())
        ),
        f"Model: {text(settings.model)}",
        f"Messages are kept: {days(settings.message_days)}",
        f"Memories are kept: {days(settings.memory_days)}",
        f"Tokens a day for a person: {number(settings.daily_tokens_per_user)}",
        f"Tokens a day for everybody together: {number(settings.daily_tokens)}",
    ]
    return f"{bold('What is set for this workspace')}\n{drawn(*map(item, lines))}"
