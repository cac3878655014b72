"""What can be done to a message: keep it. And from anywhere: look for what is known."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck

from adapters.slack.answers import Answer, plain_text
from adapters.slack.carrying import attempt, carry_out
from adapters.slack.forms import Submissions, metadata, opened, value_of
from adapters.slack.mrkdwn import without_call
from adapters.slack.normalise import conversation_of, moment, reach_of, scope_of
from adapters.slack.office import Asked, Office
from adapters.slack.render import Block, render, rich
from adapters.slack.showing import Showing
from adapters.wording.lengths import shortened
from bot.errors import CommandError
from bot.results import CommandResult, RecallResult
from bot.types import IncomingMessage

BY_A_BOT = "I keep what people say, and not what bots say."
MINE = "That is what I said. What you say yourself is what I can keep."
FORWARDED = "That was forwarded: it is not what its sender said, so I do not keep it."
OUTSIDE = "Who said that is not of this workspace, so I do not keep it."
ELSEWHERE = "I am not in that conversation, so I cannot keep what others say there."
RECALL = "form:recall"
FIELD = "query"
LONGEST_QUERY = 500
FOUND_UNITS = 600
MOST_BLOCKS = 90


class Shortcuts:
    """Answers the entries of a message's menu and of the composer's."""

    def __init__(self, office: Office, showing: Showing, submissions: Submissions) -> None:
        self._office = office
        self._showing = showing
        self._submissions = submissions

    # --- remember this

    async def remember(self, body: Mapping[str, Any]) -> None:
        """Keep a message for the one who chose it, and say so to them."""
        asked = await self._office.asked(body)
        if asked is not None:
            answer = await attempt(lambda: self._remember(asked, body["message"]))
            await self._showing.show(asked, answer)

    async def _remember(self, asked: Asked, message: Mapping[str, Any]) -> Answer:
        quoting = await self._quoted(asked, message)
        return await carry_out(self._office.core, asked, "/remember", quoting=quoting)

    async def _quoted(self, asked: Asked, message: Mapping[str, Any]) -> IncomingMessage:
        """A message's own words, as its author's. Raises CommandError for what has none."""
        workspace, place = asked.workspace, asked.place
        assert place is not None
        user, text = message.get("user"), message.get("text") or ""
        if user == workspace.me or message.get("bot_id") == workspace.bot_id != "":
            raise CommandError(MINE)
        if message.get("bot_id") or message.get("app_id") or not user:
            raise CommandError(BY_A_BOT)
        if not text and message.get("attachments"):
            raise CommandError(FORWARDED)
        author = await self._office.places.person(
            workspace, user, home=message.get("team"), may_be_outside=place.outsiders
        )
        if author.bot:
            raise CommandError(BY_A_BOT)
        if author.outsider:
            raise CommandError(OUTSIDE)
        if user != asked.person.user and (place.im or not place.heard):
            raise CommandError(ELSEWHERE)  # nobody would tell her that its author deleted it
        ts = str(message["ts"])
        thread = message.get("thread_ts") or (None if place.im else ts)
        return IncomingMessage(
            scope=scope_of(workspace.space, user),
            conversation=conversation_of(workspace.space, place.channel, thread),
            audience=place.audience,
            event_id=ts,
            speaker=author.name,
            text=await self._office.words(workspace, without_call(text, workspace.me)),
            sent_at=moment(ts),
            place=place.words,
            reach=reach_of(author, place),
        )

    # --- recall

    async def recall(self, body: Mapping[str, Any]) -> None:
        """Open the form in which one looks for something."""
        asked = await self._office.asked(body)
        if asked is None:
            return

        async def view() -> Block:
            return recalling([], metadata(asked))

        if line := await opened(asked, view):
            await self._showing.tell(asked, line)

    async def looked_for(self, ack: AsyncAck, body: Mapping[str, Any]) -> None:
        """Show what was found, in the form itself."""
        query = value_of(body["view"], FIELD).strip()

        async def work(asked: Asked) -> Block:
            found = await self._office.core.command(asked.command(f"/recall {query}"))
            return recalling(rich(render(_cut(found)))[:MOST_BLOCKS], metadata(asked))

        await self._submissions.answer(ack, body, FIELD, work)


def _cut(result: CommandResult) -> CommandResult:
    """The result with texts of which many fit into a form."""
    if not isinstance(result, RecallResult):
        return result
    return replace(
        result,
        found=tuple(
            replace(one, item=replace(one.item, text=shortened(one.item.text, FOUND_UNITS)))
            for one in result.found
        ),
    )


def recalling(found: list[Block], metadata: str) -> Block:
    """The form in which one looks for something, with what was found."""
    return {
        "type": "modal",
        "callback_id": RECALL,
        "private_metadata": metadata,
        "title": plain_text("Recall", 24),
        "submit": plain_text("Look", 24),
        "close": plain_text("Close", 24),
        "blocks": [
            {
                "type": "input",
                "block_id": FIELD,
                "optional": True,
                "label": plain_text("What to look for; nothing: the newest", 2000),
                "element": {
                    "type": "plain_text_input",
                    "action_id": FIELD,
                    "max_length": LONGEST_QUERY,
                },
            },
            *found,
        ],
    }
