"""The form in which a memory is corrected."""

from collections.abc import Awaitable, Callable
from typing import Any

import discord

from adapters.discord.interactions import Interaction
from adapters.wording.lengths import units

LONGEST_INPUT = 4000
FORM_SECONDS = 15 * 60.0
"""So long a form can be sent; one that was closed is not kept for longer either."""


def too_long_to_edit(text: str) -> bool:
    """Whether a text does not fit into the form."""
    return units(text) > LONGEST_INPUT


class Correction(discord.ui.Modal):
    """Shows what a memory says, and hands on what it should say."""

    def __init__(
        self, name: str, text: str, submitted: Callable[[Interaction, str], Awaitable[None]]
    ) -> None:
        super().__init__(title=f"Edit {name}", timeout=FORM_SECONDS)
        self._submitted = submitted
        self._text: discord.ui.TextInput[Any] = discord.ui.TextInput(
            style=discord.TextStyle.paragraph, default=text, max_length=LONGEST_INPUT
        )
        self.add_item(discord.ui.Label(text="What it should say", component=self._text))

    async def on_submit(self, interaction: Interaction, /) -> None:
        """Hand on the new text."""
        await self._submitted(interaction, self._text.value)
