"""What is sent with a form is done, and the Home tab shows it."""

from collections.abc import Mapping
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck

from adapters.slack import editing
from adapters.slack.admin import Administration
from adapters.slack.carrying import carry_out
from adapters.slack.forms import Submissions, metadata_of, page, value_of
from adapters.slack.home import Home
from adapters.slack.home_view import HomeState, state_of
from adapters.slack.office import Asked, Office
from adapters.slack.presses import picked
from adapters.slack.render import Block
from adapters.slack.settings_form import Field


class Sending:
    """Answers the forms that change something."""

    def __init__(
        self, office: Office, submissions: Submissions, home: Home, administration: Administration
    ) -> None:
        self._office = office
        self._submissions = submissions
        self._home = home
        self._administration = administration

    async def corrected(self, ack: AsyncAck, body: Mapping[str, Any]) -> None:
        """Let a memory say what was written."""
        view = body["view"]
        told = metadata_of(view)

        async def work(asked: Asked) -> Block:
            name, _ = picked(str(told.get("memory")))
            text = value_of(view, editing.FIELD)
            done = await carry_out(self._office.core, asked, f"/memories edit {name} {text}")
            if told.get("home") is not None:
                self._show_home(asked, state_of(told["home"]))
            return page(f"Edit {name}", "\n".join(done.parts))

        await self._submissions.answer(ack, body, editing.FIELD, work)

    async def set(self, ack: AsyncAck, body: Mapping[str, Any]) -> None:
        """Set for a workspace what was chosen."""

        async def work(asked: Asked) -> Block:
            return await self._administration.change(asked, body["view"])

        await self._submissions.answer(ack, body, Field.PERSONA, work)

    async def purged(self, ack: AsyncAck, body: Mapping[str, Any]) -> None:
        """Erase a workspace."""

        async def work(asked: Asked) -> Block:
            shown = await self._administration.purge(asked, body["view"])
            self._show_home(asked, HomeState())
            return shown

        await self._submissions.answer(ack, body, "sure", work)

    def _show_home(self, asked: Asked, state: HomeState) -> None:
        self._office.do(lambda: self._home.publish(asked, state))
