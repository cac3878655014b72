"""Short ways to say things where guests or outsiders read along."""

from dataclasses import replace

from bot.types import IncomingCommand, IncomingMessage, Reach
from tests.core.stage import Stage, last_prompt, memories
from tests.servers.openai_server import Body, OpenAIServer

HALL, LOUNGE = "open:hall", "open:lounge"


def message(
    stage: Stage, text: str, where: str = HALL, reach: Reach = Reach.HERE, user: str = "alice",
    event: str | None = None,
) -> IncomingMessage:  # fmt: skip
    return replace(stage.message(text, user, where, event=event), reach=reach)


async def say(
    stage: Stage, text: str, where: str = HALL, reach: Reach = Reach.HERE, user: str = "alice"
) -> str:
    """Say something and wait for the reply."""
    turn = await stage.core.receive(message(stage, text, where, reach, user))
    assert turn is not None
    await stage.core.answered(turn)
    return stage.screen.replies[-1]


async def learn(stage: Stage, server: OpenAIServer, text: str, where: str, *what: Body) -> None:
    server.on_extract = memories(*what)
    await say(stage, text, where, Reach.ALL)
    await stage.core.settle()
    server.on_extract = memories()


def typed(stage: Stage, line: str, reach: Reach, where: str = "dm") -> IncomingCommand:
    return replace(stage.typed(line, where=where), reach=reach)


def evidence(server: OpenAIServer) -> str:
    text = last_prompt(server)
    return text[text.rindex("<memories>") : text.rindex("</memories>")]
