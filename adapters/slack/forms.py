"""Modals: how they are opened in time, and how what is sent with them is answered in time."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck

from adapters.slack.answers import plain_text
from adapters.slack.carrying import told
from adapters.slack.drawing import say
from adapters.slack.office import Asked, Office
from adapters.slack.refusals import UNREACHABLE, why
from adapters.slack.render import Block, bare, rich
from adapters.slack.showing import Showing

OPEN_SECONDS = 2.0
"""A trigger is good for three, and opening takes a moment itself."""
SUBMIT_SECONDS = 2.0
"""Slack waits three for the answer to a form."""
MOST_BLOCKS = 100
EXPIRED = "That took too long, so Slack opened nothing. Please press it again."
NOT_OPENED = "Slack did not open it. Please try again."
_LATE = {"expired_trigger_id", "trigger_expired", "exchanged_trigger_id", "trigger_exchanged"}
log = logging.getLogger(__name__)


async def opened(
    asked: Asked, view: Callable[[], Awaitable[Block]], *, push: bool = False
) -> str | None:
    """Open a modal as long as the trigger is good; None, or the line that is to be said instead."""
    try:
        async with asyncio.timeout(OPEN_SECONDS):
            made = await view()
    except Exception as error:
        return told(error)
    client = asked.workspace.client
    try:
        if push:
            await client.views_push(trigger_id=asked.trigger_id, view=made)
        else:
            await client.views_open(trigger_id=asked.trigger_id, view=made)
    except UNREACHABLE as error:
        log.warning("a form could not be opened (%s)", why(error))
        return EXPIRED if why(error) in _LATE else NOT_OPENED
    return None


def page(title: str, text: str) -> Block:
    """A modal that shows a (marked) text."""
    return {
        "type": "modal",
        "callback_id": "form:page",
        "title": plain_text(title, 24),
        "close": plain_text("Close", 24),
        "blocks": rich(text)[:MOST_BLOCKS],
    }


class FieldError(Exception):
    """What is wrong with a field of a form, by the field's block id."""

    def __init__(self, block: str, line: str) -> None:
        super().__init__(block)
        self.block = block
        self.line = line


@dataclass(slots=True)
class _Outcome:
    """What became of a form: a view to show, or an error at a field."""

    view: Block | None = None
    error: tuple[str, str] | None = None


class Submissions:
    """Answers forms: in the modal if it is done in time, else in private."""

    def __init__(self, office: Office, showing: Showing) -> None:
        self._office = office
        self._showing = showing

    async def answer(
        self,
        ack: AsyncAck,
        body: Mapping[str, Any],
        field: str,
        work: Callable[[Asked], Awaitable[Block]],
    ) -> None:
        """Do the work, and acknowledge with the view that it gives.

        What it raises is shown at the field that it names, else at `field`. Where it takes longer
        than Slack waits the modal closes, the work goes on, and its text comes in private.
        """
        outcome, finished, late = _Outcome(), asyncio.Event(), asyncio.Event()

        async def carry_on() -> None:
            asked = None
            try:
                asked = await self._office.asked(where_shown(body), anew=True)
                if asked is not None:
                    outcome.view = await work(asked)
            except FieldError as error:
                outcome.error = (error.block, error.line)
            except Exception as error:
                outcome.error = (field, told(error))
            finished.set()
            if late.is_set() and asked is not None:
                await self._showing.show(asked, say(_text_of(outcome)))

        self._office.do(carry_on)
        with suppress(TimeoutError):
            async with asyncio.timeout(SUBMIT_SECONDS):
                await finished.wait()
        if not finished.is_set():
            late.set()
            await ack()
            return
        if outcome.error is not None:
            block, line = outcome.error
            await ack(response_action="errors", errors={block: bare(line)})
        elif outcome.view is not None:
            await ack(response_action="update", view=outcome.view)
        else:
            await ack()


def _text_of(outcome: _Outcome) -> str:
    """What a form's view says, or its error, as a text."""
    if outcome.error is not None:
        return outcome.error[1]
    blocks = outcome.view["blocks"] if outcome.view is not None else []
    return "\n".join(_words(block) for block in blocks if block["type"] == "rich_text")


def _words(block: Block) -> str:
    return "".join(
        str(one.get("text", "")) for part in block["elements"] for one in part["elements"]
    )


def value_of(view: Mapping[str, Any], block: str) -> str:
    """What was typed into a field of a form, which has its block's name."""
    return str((view["state"]["values"].get(block) or {}).get(block, {}).get("value") or "")


def metadata(asked: Asked, **ids: object) -> str:
    """What a view carries: ids, and the workspace that it is about.

    Where Ellie is installed in a whole organisation, a press in a view does not say which.
    """
    return json.dumps({"space": asked.workspace.space, **ids})


def where_shown(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """The body of a press or a form, as one of the workspace that its view is about."""
    space = metadata_of(body.get("view") or {}).get("space")
    return body if space is None else {**body, "team_id": space}


def metadata_of(view: Mapping[str, Any]) -> dict[str, Any]:
    """The ids that a view carries; empty where there are none."""
    try:
        told = json.loads(view.get("private_metadata") or "{}")
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
