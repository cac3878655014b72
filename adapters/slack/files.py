"""What is attached to a message on Slack; the bot's token goes to Slack's own hosts alone."""

from collections.abc import Sequence
from functools import partial

import aiohttp

from adapters.slack.events import File
from adapters.wording.attachments import Attachment

SLACK_HOSTS = frozenset({"files.slack.com"})


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
