"""Ways to begin, offered in the Messages tab."""

import logging

from adapters.slack.normalise import scope_of
from adapters.slack.office import Asked, Office
from adapters.slack.refusals import UNREACHABLE, why
from adapters.slack.registry import PROMPTS

MOST_PROMPTS = 4
log = logging.getLogger(__name__)


async def suggest(office: Office, asked: Asked) -> None:
    """Set them, in no thread; to who wants to be ignored nothing is offered.

    Workspaces without agents have no prompts: there it is nothing.
    """
    workspace, user = asked.workspace, asked.person.user
    if await office.core.ignores(scope_of(workspace.space, user)):
        return
    try:
        await workspace.client.assistant_threads_setSuggestedPrompts(
            channel_id=await office.places.dm(workspace, user),
            prompts=[
                {"title": prompt.title, "message": prompt.message}
                for prompt in PROMPTS[:MOST_PROMPTS]
            ],
        )
    except UNREACHABLE as error:
        log.info("no prompts are suggested in %s (%s)", workspace.space, why(error))
