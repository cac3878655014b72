"""All in Slack that is not conversation: commands, buttons, forms, shortcuts, the Home tab."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck

from adapters.slack import editing, settings_form, shortcuts
from adapters.slack.admin import Administration
from adapters.slack.desk import Desk
from adapters.slack.events import space_of
from adapters.slack.forms import Submissions, where_shown
from adapters.slack.home import Home
from adapters.slack.ids import ACTION
from adapters.slack.office import Office
from adapters.slack.presses import Presses
from adapters.slack.registry import COMMANDS, SHORTCUTS
from adapters.slack.sending import Sending
from adapters.slack.shortcuts import Shortcuts
from adapters.slack.showing import Showing
from adapters.slack.slash import Slash

Body = Mapping[str, Any]
Work = Callable[[Body], Awaitable[object]]


def register(app: AsyncApp, office: Office) -> Desk:
    """Add all listeners, and give the desk for what is heard as a message.

    Each acknowledges first and works afterwards; a form is acknowledged with its answer.
    """
    showing = Showing(office.places)
    submissions = Submissions(office, showing)
    administration = Administration(office)
    home = Home(office, showing, administration)
    sending = Sending(office, submissions, home, administration)
    short = Shortcuts(office, showing, submissions)
    slash = Slash(office, showing)
    pressing = _Pressing(office, Presses(office, showing), home, administration)
    desk = Desk(office, showing, home)

    def later(work: Work) -> Callable[[AsyncAck, Body], Awaitable[None]]:
        async def listener(ack: AsyncAck, body: Body) -> None:
            await ack()
            office.do(lambda: work(body))

        return listener

    for command in COMMANDS:
        app.command(f"/{command.name}")(later(slash.given))

    async def opened(body: Body) -> None:
        office.do(lambda: _home_opened(office, desk, body))

    app.event("app_home_opened")(opened)
    app.action(ACTION)(later(pressing.pressed))
    for shortcut in SHORTCUTS:
        if shortcut.type == "message":
            app.message_shortcut(shortcut.callback_id)(later(short.remember))
        else:
            app.global_shortcut(shortcut.callback_id)(later(short.recall))
    app.view(editing.CALLBACK)(_form(sending.corrected))
    app.view(settings_form.SETTINGS)(_form(sending.set))
    app.view(settings_form.PURGE)(_form(sending.purged))
    app.view(shortcuts.RECALL)(_form(short.looked_for))
    return desk


class _Pressing:
    """Hands a press to where it was made: below a message, in the Home tab, or in a form."""

    def __init__(
        self, office: Office, presses: Presses, home: Home, administration: Administration
    ) -> None:
        self._office = office
        self._presses = presses
        self._home = home
        self._administration = administration

    async def pressed(self, body: Body) -> None:
        asked = await self._office.asked(where_shown(body))
        if asked is None:
            return
        action, view = body["actions"][0], body.get("view")
        if view is None:
            chosen = action.get("selected_option") or action
            await self._presses.pressed(asked, str(chosen.get("value")))
        elif view["type"] == "home":
            await self._home.pressed(asked, view, action)
        else:
            await self._administration.picked(asked, view, action)


async def _home_opened(office: Office, desk: Desk, body: Body) -> None:
    event, space = body["event"], space_of(body)
    workspace = await office.workspaces.of(space, body.get("enterprise_id") or None)
    if workspace is not None:
        await desk.home_opened(workspace, event["user"], event.get("tab") or "home")


def _form(
    answer: Callable[[AsyncAck, Body], Awaitable[None]],
) -> Callable[[AsyncAck, Body], Awaitable[None]]:
    async def listener(ack: AsyncAck, body: Body) -> None:
        await answer(ack, body)

    return listener
