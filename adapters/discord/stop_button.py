"""The button under a reply that is being given: it stops it, also after a restart."""

import re
from contextlib import suppress
from typing import Any, Protocol, Self

import discord

from bot.types import PendingTurn, TurnId

NOT_YOURS = "Only whom I answer, or who manages messages here, can stop me."


class StopsReplies(Protocol):
    """The client that the button was pressed in."""

    async def stop_reply(self, turn: TurnId) -> None:
        """Stop the reply to a turn, if it is still being given."""


class StopButton(
    discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]],
    template=r"ellie:stop:(?P<turn>[0-9]{1,19}):(?P<user>[0-9]{1,20})",
):
    """Its custom id names the turn and whom it answers, and nothing else."""

    def __init__(self, turn: int, user: str) -> None:
        self._turn, self._user = turn, user
        super().__init__(
            discord.ui.Button(
                style=discord.ButtonStyle.secondary,
                label="Stop",
                custom_id=f"ellie:stop:{turn}:{user}",
            )
        )

    @classmethod
    async def from_custom_id(
        cls,
        interaction: discord.Interaction[Any],
        item: discord.ui.Item[Any],
        match: re.Match[str],
        /,
    ) -> Self:
        """The button that was pressed."""
        return cls(int(match["turn"]), match["user"])

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Stop the reply, for whom it is meant or who keeps order here."""
        if str(interaction.user.id) != self._user and not interaction.permissions.manage_messages:
            await interaction.response.send_message(NOT_YOURS, ephemeral=True)
            return
        client: StopsReplies = interaction.client
        await client.stop_reply(TurnId(self._turn))
        with suppress(discord.HTTPException):  # too late to be acknowledged, and done
            await interaction.response.defer()


def stop_view(turn: PendingTurn) -> discord.ui.View:
    """The button for a turn's message. It is found by its id, so nothing is kept of the view."""
    view = discord.ui.View(timeout=None)
    view.add_item(StopButton(turn.id, turn.scope.user))
    view.stop()
    return view
