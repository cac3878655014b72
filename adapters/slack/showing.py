"""An answer reaches the person who asked, and nobody else, also where Slack is in the way."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.webhook.async_client import AsyncWebhookClient

from adapters.slack.answers import Answer
from adapters.slack.normalise import moment
from adapters.slack.office import Asked
from adapters.slack.places import Places
from adapters.slack.refusals import UNREACHABLE, why
from adapters.slack.render import Block, inert

SENT = "I sent both to you in our direct messages."
URL_USES = 5
URL_MINUTES = 29.0
"""A `response_url` is good for 30."""
RATE_LIMIT_TRIES = 2
NO_FILES = "I could not send you the files: Slack did not take them. Please ask again."
log = logging.getLogger(__name__)
_quiet = logging.getLogger(f"{__name__}.url")
_quiet.setLevel(logging.INFO)  # at DEBUG the SDK would log what is sent


class Showing:
    """Shows answers: by the `response_url`, else for their eyes in the channel, else in a DM."""

    def __init__(self, places: Places) -> None:
        self._places = places

    async def show(self, asked: Asked, answer: Answer, *, replace: bool = False) -> None:
        """Show all of it, below what is there or in place of what was pressed. Raises nothing."""
        if answer.files:
            answer = await self.handed_out(asked, answer)
        messages = answer.messages()
        if asked.response_url is not None:
            sent = await _by_url(asked, asked.response_url, messages, replace)
        elif not asked.in_private:
            sent = await _beside(asked, messages)
        else:
            sent = 0
        if sent < len(messages):
            await self._in_private(asked, messages[sent:], rest=sent > 0)

    async def handed_out(self, asked: Asked, answer: Answer) -> Answer:
        """Send the files in private; what is to be said then."""
        if not await self._sent(asked, answer.files):
            return Answer((NO_FILES,))
        if asked.place is not None and asked.place.channel == await self._dm_or_none(asked):
            return replace(answer, files=())
        return replace(answer, files=(), parts=(*answer.parts[:-1], f"{answer.parts[-1]} {SENT}"))

    async def tell(self, asked: Asked, line: str) -> None:
        """Show one line; what was pressed stays as it is."""
        await self.show(asked, Answer((line,)))

    async def _in_private(self, asked: Asked, messages: list[Block], *, rest: bool) -> None:
        """Write it to the person. The ids in it count there too: it is the same workspace."""
        client, thread = asked.workspace.client, None
        try:
            if asked.place is not None and asked.place.im:
                channel, thread = asked.place.channel, asked.thread
                if asked.response_url is not None:  # pressed, perhaps in a DM that is not Ellie's
                    channel, thread = await self._dm(asked), None
            else:
                channel = await self._dm(asked)
            if asked.place is not None and not asked.place.im:
                head = "The rest of what" if rest else "What"
                line = f"{head} you asked in {inert(asked.place.words)}:"
                messages = [*Answer((line,)).messages(), *messages]
            for message in messages:
                await client.chat_postMessage(
                    channel=channel,
                    thread_ts=thread,
                    unfurl_links=False,
                    unfurl_media=False,
                    **message,
                )
        except UNREACHABLE as error:
            log.warning("an answer could not be shown (%s)", why(error))

    async def _sent(self, asked: Asked, files: Sequence[tuple[str, bytes]]) -> bool:
        """Whether the files have reached the person in private."""
        try:
            await asked.workspace.client.files_upload_v2(
                channel=await self._dm(asked),
                file_uploads=[
                    {"file": content, "filename": name, "title": name} for name, content in files
                ],
            )
        except UNREACHABLE as error:
            log.warning("files could not be sent (%s)", why(error))
            return False
        return True

    async def _dm_or_none(self, asked: Asked) -> str | None:
        try:
            return await self._dm(asked)
        except UNREACHABLE:
            return None

    async def _dm(self, asked: Asked) -> str:
        return await self._places.dm(asked.workspace, asked.person.user)


async def _by_url(asked: Asked, url: str, messages: list[Block], replace: bool) -> int:
    """Post them to the `response_url`, and give how many it took."""
    client = AsyncWebhookClient(
        url, logger=_quiet, retry_handlers=[AsyncRateLimitErrorRetryHandler(RATE_LIMIT_TRIES)]
    )
    end = asked.asked_at + timedelta(minutes=URL_MINUTES)
    for sent, message in enumerate(messages):
        if sent == URL_USES or datetime.now(UTC) >= end:
            return sent
        anew = not replace or sent > 0
        how: dict[str, Any] = {"replace_original": not anew}
        if anew:
            how["response_type"] = "ephemeral"
            if asked.thread is not None:
                how["thread_ts"] = asked.thread
        try:
            answered = await client.send_dict({**message, **how})
        except UNREACHABLE as error:
            log.warning("an answer found its way barred (%s)", why(error))
            return sent
        if answered.status_code != 200:
            log.info("an answer found its way closed (%s)", answered.status_code)
            return sent
    return len(messages)


async def _beside(asked: Asked, messages: list[Block]) -> int:
    """Post them where it was typed, for the person's eyes alone, and give how many were taken."""
    assert asked.place is not None
    thread = asked.thread
    if thread is not None and moment(thread) == asked.asked_at:
        thread = None  # it is the first of its thread: Slack would show nothing in one not begun
    for sent, message in enumerate(messages):
        try:
            await asked.workspace.client.chat_postEphemeral(
                channel=asked.place.channel,
                user=asked.person.user,
                thread_ts=thread,
                **message,
            )
        except UNREACHABLE as error:
            log.info("an answer could not be shown in its channel (%s)", why(error))
            return sent
    return len(messages)
