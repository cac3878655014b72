"""What is attached to a message on Slack; the bot's token goes to Slack's own hosts alone."""

import logging
from collections.abc import Sequence
from functools import partial

import aiohttp

from adapters.slack.events import File, file_of
from adapters.slack.refusals import UNREACHABLE, why
from adapters.slack.workspaces import Workspace
from adapters.wording.attachments import Attachment

log = logging.getLogger(__name__)

SLACK_HOSTS = frozenset({"files.slack.com", "files.slack-gov.com"})
"""Where Slack keeps files. The token goes there, to the Web API's own host, and nowhere else."""


def attachments(
    files: Sequence[File], session: aiohttp.ClientSession, token: str, most: int
) -> list[Attachment]:
    """The files of a message. `most`: bytes beyond which none is read on."""
    return [
        Attachment(
            file.name, file.kind, file.size, file.url, partial(_fetch, file, session, token, most)
        )
        for file in files
    ]


async def whole(workspace: Workspace, files: Sequence[File]) -> list[File]:
    """The files with what Slack left out of those that another organisation shares."""
    return [file if file.url or not file.id else await _asked(workspace, file) for file in files]


async def _asked(workspace: Workspace, file: File) -> File:
    try:
        told = await workspace.client.files_info(file=file.id)
    except UNREACHABLE as error:
        log.warning("files.info: %s", why(error))
        return file
    return file_of(told["file"])


async def _fetch(file: File, session: aiohttp.ClientSession, token: str, most: int) -> bytes | None:
    """Slack answers with a page that asks to log in where the token may not read the file."""
    headers = {"Authorization": f"Bearer {token}"}
    try:
        async with session.get(file.url, headers=headers, allow_redirects=False) as answer:
            if answer.status != 200 or _is_login_page(file, answer):
                return None
            content = await answer.content.read(most + 1)
            while len(content) <= most and (more := await answer.content.read(most + 1)):
                content += more
    except (aiohttp.ClientError, OSError):
        return None
    return content


def _is_login_page(file: File, answer: aiohttp.ClientResponse) -> bool:
    return answer.content_type == "text/html" and "html" not in file.kind
