"""The commands that people find under a slash: the console's words, with its grammar."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from adapters.slack.answers import Answer
from adapters.slack.carrying import attempt, carry_out
from adapters.slack.drawing import draw, say
from adapters.slack.normalise import PLATFORM, thread_of
from adapters.slack.office import Asked, Office
from adapters.slack.showing import Showing
from bot.results import Why

ANEW = (
    "In a channel every thread is a conversation of its own: call me in a new message, and we "
    "start afresh. What I remember stays."
)
LATELY = timedelta(days=1)
MOST_THREADS = 50


class Slash:
    """Answers slash commands. Slack knows none inside threads, so these are of the channel."""

    def __init__(self, office: Office, showing: Showing) -> None:
        self._office = office
        self._showing = showing

    async def given(self, body: Mapping[str, Any]) -> None:
        """Carry out a command and answer it."""
        asked = await self._office.asked(body)
        if asked is None:
            return
        name = str(body["command"]).removeprefix("/")
        text = await self._office.words(asked.workspace, body.get("text") or "")
        line = f"/{name} {text}".rstrip()
        await self._showing.show(asked, await attempt(lambda: self._answer(asked, name, line)))

    async def _answer(self, asked: Asked, name: str, line: str) -> Answer:
        if not asked.in_private and line == f"/{name}":
            if name == "new":
                return say(ANEW)
            if name == "why":
                return await self._why(asked, line)
        return await carry_out(self._office.core, asked, line)

    async def _why(self, asked: Asked, line: str) -> Answer:
        """Of the newest reply to this person in one of the channel's threads."""
        assert asked.place is not None
        core, space = self._office.core, asked.workspace.space
        threads = [
            thread_of(where)
            for where, _ in await core.active(PLATFORM, asked.asked_at - LATELY)
            if where.space == space and where.channel == asked.place.channel
        ]
        answers = []
        for thread in threads[:MOST_THREADS]:
            told = await core.command(replace(asked, thread=thread).command(line))
            if isinstance(told, Why) and told.answered_at is not None:
                answers.append(told)
        newest = max(answers, key=lambda told: told.turn or 0, default=Why(None))
        return draw(newest, asked.manages)
