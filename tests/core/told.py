"""Alice tells something, a scripted model writes something about it, and a day passes."""

from tests.core.stage import Stage, memories, memory
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
