"""A loopback Slack, a loopback model, and Ellie connected to both."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from adapters.slack.adapter import SlackAdapter
from adapters.slack.settings import SlackSettings
from bot.results import MemoryPage
from bot.space_settings import SpaceSettings
from bot.tokens import count_tokens
from bot.types import Conversation, IncomingCommand, Private, Scope
from tests.conftest import TurnedClock
from tests.core.stage import Stage, opened
from tests.servers.openai_server import OpenAIServer
from tests.servers.slack import Message, SlackServer

QUICK = 0.02
"""The pace of tests: changes of a reply 24 ms apart."""
ALICE, BOB, TEAM, GENERAL = "U1", "U2", "T1", "C1"


class SlackStage:
    """One workspace with a public channel, Alice and Bob in it, and Ellie."""

    def __init__(
        self,
        slack: SlackServer,
        model: OpenAIServer,
        adapter: SlackAdapter,
        core: Stage,
        told: list[str],
    ) -> None:
        self.slack = slack
        self.model = model
        self.adapter = adapter
        self.stage = core
        self.told = told

    @property
    def me(self) -> str:
        """Ellie's user id in the first workspace."""
        return self.slack.bot(TEAM)

    @property
    def dm(self) -> str:
        """Alice's DM with Ellie."""
        return self.slack.dm(TEAM, ALICE)

    def called(self, text: str) -> str:
        """A text that mentions Ellie."""
        return f"<@{self.me}> {text}"

    def hers(self, channel: str, thread: str | None = None) -> list[Message]:
        """Ellie's messages there, oldest first."""
        return [m for m in self.slack.messages(channel, thread) if m.user == self.me]

    async def reply(self, channel: str, thread: str | None = None, after: int = 0) -> Message:
        """Ellie's newest message there, once it is finished and more than `after` are there."""

        def done() -> bool:
            hers = self.hers(channel, thread)
            return len(hers) > after and is_finished(hers[-1])

        await self.slack.until(done)
        await self.idle()
        return self.hers(channel, thread)[-1]

    async def ask(self, user: str, channel: str, text: str, thread: str | None = None) -> str:
        """Say something to Ellie (a mention, in a channel) and give what she answered."""
        im = channel.startswith("D")
        words = text if im else self.called(text)
        before = len(self.hers(channel, thread)) if im or thread else 0
        ts = await self.slack.say(user, channel, words, thread)
        where = thread or (None if im else ts)
        return said(await self.reply(channel, where, before))

    async def settled(self) -> None:
        """Wait until all that Slack told so far has been dealt with."""
        await self.slack.heard()
        await self.idle()

    async def idle(self) -> None:
        """Wait until nothing is being dealt with and no turn is under way."""
        await self.adapter.heard()
        await self.stage.core.settle()
        await self.adapter.heard()

    def command(self, line: str, user: str = ALICE, *, manages: bool = False) -> IncomingCommand:
        """A command of somebody's that nobody else can read."""
        where = Conversation("slack", TEAM, f"home:{user}")
        return IncomingCommand(
            Scope("slack", TEAM, user), where, Private(), "Alice", line, self.slack.clock.now(),
            "a private conversation", manages=manages,
        )  # fmt: skip

    async def change(self, settings: SpaceSettings) -> None:
        """Settings of the workspace, as who manages it makes them."""
        await self.stage.core.change_space(self.command("/help", manages=True), settings)

    async def known(self, user: str = ALICE) -> list[str]:
        """All that is known about somebody, newest first."""
        page = await self.stage.core.command(self.command("/memories", user))
        assert isinstance(page, MemoryPage)
        return [memory.text for memory in page.memories]

    def prompt(self) -> str:
        """All text of the newest request for a reply."""
        body = self.model.asked("chat")[-1].body
        return "\n".join(str(message["content"]) for message in body["messages"])


def said(message: Message) -> str:
    """What a message says to who reads it: its Markdown, or its text."""
    held = [block["text"] for block in message.blocks if block["type"] == "markdown"]
    return "\n".join(held) or message.text


def is_finished(message: Message) -> bool:
    """Whether nothing is under way any more: no button stops it, and it streams no longer."""
    return not message.streaming and not any(
        block["type"] == "actions" and block.get("block_id") == "ellie-stop"
        for block in message.blocks
    )


def furnish(slack: SlackServer, *, paid: bool = True) -> None:
    """The workspace, its channel and its people, and Ellie in it."""
    slack.team(TEAM, "Garden", paid=paid)
    slack.person(TEAM, ALICE, "Alice")
    slack.person(TEAM, BOB, "Bob")
    slack.channel(TEAM, GENERAL, "general", members=[ALICE, BOB])
    slack.install(TEAM)


def settings_for(slack: SlackServer, *, http: bool) -> SlackSettings:
    """The first installation's token, and one door."""
    return SlackSettings(
        bot_token=slack.installations[0].token if slack.installations else None,
        app_token=None if http else slack.app_token,
        signing_secret=slack.signing_secret if http else None,
        api=slack.api,
        pace=QUICK,
        port=0,
    )


@asynccontextmanager
async def connected(
    file: Path,
    *,
    slack: SlackServer | None = None,
    model: OpenAIServer | None = None,
    http: bool = False,
    paid: bool = True,
    run: bool = True,
    notebook: bool = False,
    slack_settings: dict[str, Any] | None = None,
    **settings: Any,  # noqa: ANN401 - they are Settings'
) -> AsyncIterator[SlackStage]:
    """Ellie on `file`, connected unless `run` is False; servers of its own unless given.

    `http`: Slack posts its events, instead of sending them over a socket.
    """
    async with AsyncExitStack() as stack:
        if slack is None:
            slack = await stack.enter_async_context(SlackServer())
            furnish(slack, paid=paid)
        if model is None:
            model = await stack.enter_async_context(OpenAIServer())
        await asyncio.to_thread(count_tokens, "")  # as `ellie run` does
        told: list[str] = []
        chosen = replace(settings_for(slack, http=http), **(slack_settings or {}))
        adapter = SlackAdapter(chosen, told.append, slack.clock.time)
        await stack.enter_async_context(adapter)
        core = await stack.enter_async_context(
            opened(
                file,
                cast("TurnedClock", slack.clock),
                None if notebook else model,
                screen=adapter,
                **settings,
            )
        )
        seen = SlackStage(slack, model, adapter, core, told)
        if not run:
            yield seen
            return
        async with asyncio.TaskGroup() as tasks:
            listening = tasks.create_task(adapter.run(core.core))
            try:
                await _listening(adapter, listening)
                if http:
                    slack.http_target(f"http://127.0.0.1:{adapter.door.port}/slack/events")
                yield seen
            finally:
                listening.cancel()
    assert slack.problems == []


async def _listening(adapter: SlackAdapter, running: asyncio.Task[None]) -> None:
    """Wait until Slack is heard, or the adapter has ended instead."""
    async with asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(adapter.until_listening())
        await asyncio.wait({waiting, running}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
