"""Alice tells something: a model writes something about it, or it is only noted and looked for."""

from bot.types import Recalled
from tests.core.stage import Stage, memories, memory, place
from tests.servers.openai_server import Body, OpenAIServer


async def hear(
    stage: Stage, server: OpenAIServer, said: str, *written: Body, where: str = "dm"
) -> None:
    """Alice says something, the model writes this about it, and a day passes."""
    server.on_extract = memories(*written)
    await stage.say(said, where=where)
    await stage.core.settle()
    stage.clock.turn(days=1)


def lives_in(city: str, text: str = "", **more: object) -> Body:
    return memory(text or f"Alice lives in {city}", attribute="lives in", value=city, **more)


async def current(stage: Stage) -> list[str]:
    """What holds, newest first."""
    return [memory.text for memory in await stage.known() if memory.valid_to is None]


async def find(
    stage: Stage, question: str, user: str = "alice", where: str = "dm", limit: int = 12
) -> list[Recalled]:
    scope = stage.message("", user).scope
    return await stage.recall.find(scope, place(where, user)[1], question, limit=limit, alone=True)


async def texts(
    stage: Stage, question: str, user: str = "alice", where: str = "dm", limit: int = 12
) -> list[str]:
    return [found.item.text for found in await find(stage, question, user, where, limit)]


async def note(stage: Stage, *lines: str, user: str = "alice", where: str = "dm") -> None:
    """Write messages down that nobody answers and nothing is made of yet."""
    for line in lines:
        message = stage.message(line, user, where)
        await stage.store.record(message, 1, urgent=False)
