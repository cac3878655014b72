"""Those who use Ellie's commands on the loopback Slack, with a real core behind them."""

import re

from bot.types import Memory, Private, Scope
from tests.adapters.slack.stage import ALICE, GENERAL, TEAM, SlackStage
from tests.servers.slack import Message
from tests.servers.slack.acts import Act
from tests.servers.slack.views import View

MODELS = ("small", "large")
CAROL, GUS = "U3", "U4"
"""Carol manages the workspace, Gus is a guest in it."""


class Desk:
    """Acts for people, and waits until what they asked for is done."""

    def __init__(self, stage: SlackStage) -> None:
        self.stage = stage
        self.slack = stage.slack

    # --- commands and presses

    async def given(
        self, name: str, text: str = "", user: str = ALICE, channel: str = GENERAL
    ) -> Act:
        """Give a slash command, and wait until it is answered."""
        act = await self.slack.slash(user, channel, f"/{name}", text)
        await self.stage.idle()
        return act

    async def ask(
        self, name: str, text: str = "", user: str = ALICE, channel: str = GENERAL
    ) -> Message:
        """The one message that answers a slash command."""
        (answer,) = (await self.given(name, text, user, channel)).responses
        return answer

    async def press(
        self, message: Message, label: str, user: str = ALICE, selected: str | None = None
    ) -> Act:
        """Press a button below a message, or choose from its menu, and wait until that is done."""
        action = message.actions[0] if selected else message.labelled(label)
        act = await self.slack.press(user, message, action, selected)
        await self.stage.idle()
        return act

    async def pick(self, message: Message, name: str, user: str = ALICE) -> None:
        """Choose a memory from the menu of a page."""
        options = message.action(message.actions[0])["options"]
        (value,) = [one["value"] for one in options if f":{name}:" in one["value"]]
        await self.press(message, "", user, value)

    # --- the Home tab and modals

    async def open_home(self, user: str = ALICE) -> View:
        await self.slack.open_home(user)
        await self.slack.heard()
        await self.stage.idle()
        return self.home(user)

    def home(self, user: str = ALICE) -> View:
        """The tab as the person sees it now."""
        shown = self.slack.home(user)
        assert shown is not None
        assert len(shown.blocks) < 100
        return shown

    async def press_home(
        self, label: str, user: str = ALICE, *, near: str = "", selected: str | None = None
    ) -> View:
        """Press a button of the tab: the first with this label, behind the text `near`."""
        await self.slack.press(user, "home", near_action(self.home(user), label, near), selected)
        await self.stage.idle()
        return self.home(user)

    async def look_for(self, query: str, user: str = ALICE) -> View:
        """Type into the tab's search field, and press Enter."""
        await self.slack.press(user, "home", "do:find:0", query)
        await self.stage.idle()
        return self.home(user)

    async def submit(self, user: str = ALICE, **values: object) -> Act:
        act = await self.slack.submit(user, None, values)
        await self.stage.idle()
        return act

    def modal(self, user: str = ALICE) -> View:
        shown = self.slack.modal(user)
        assert shown is not None
        return shown

    # --- what is kept

    async def remember(self, *texts: str, user: str = ALICE) -> None:
        """Let the core keep these, in this order, without Slack."""
        for text in texts:
            await self.stage.stage.core.command(self.stage.command(f"/remember {text}", user))

    async def memories(self, user: str = ALICE) -> list[Memory]:
        """What the core keeps of somebody, newest first."""
        scope = Scope("slack", TEAM, user)
        memories, _ = await self.stage.stage.store.page(scope, Private(), 0, 1000)
        return list(memories)

    async def known(self, user: str = ALICE) -> list[str]:
        """The same, the texts alone."""
        return [memory.text for memory in await self.memories(user)]

    async def facts(self, count: int, user: str = ALICE) -> None:
        await self.remember(*(f"fact {number}" for number in range(1, count + 1)), user=user)

    def in_private(self, user: str = ALICE) -> list[Message]:
        """What Ellie wrote to somebody in their DM, oldest first."""
        return self.stage.hers(self.slack.dm(TEAM, user))


def said_in(shown: Message | View) -> str:
    """All words that a message or a view shows, its buttons aside."""
    lines: list[str] = []
    for block in shown.blocks:
        match block["type"]:
            case "rich_text":
                runs = [one for section in block["elements"] for one in section["elements"]]
                lines.append("".join(one.get("text") or f"#{one['channel_id']}" for one in runs))
            case "header" | "section":
                lines.append(block["text"]["text"])
    return "\n".join(lines)


def labels(shown: Message | View) -> list[str]:
    """The buttons, in order."""
    return [
        one["text"]["text"]
        for block in shown.blocks
        if block["type"] == "actions"
        for one in block["elements"]
        if one["type"] == "button"
    ]


def facts_in(shown: Message | View) -> list[str]:
    return re.findall(r"m\d+ (fact \d+)", said_in(shown))


def near_action(shown: View, label: str, near: str) -> str:
    """The action of the first button with this label behind a text."""
    reached = not near
    for block in shown.blocks:
        if block["type"] == "rich_text" and near:
            reached = reached or near in str(block)
        if block["type"] != "actions" or not reached:
            continue
        for one in block["elements"]:
            if one["text"]["text"] == label:
                return str(one["action_id"])
    raise AssertionError(f"no {label!r} behind {near!r} in {said_in(shown)}")
