"""The loopback model in its own process: prints its address, then when each request was read."""

import asyncio
import sys
import time
from random import Random

from tests.bench import talk
from tests.servers.openai_server import Body, OpenAIServer


async def serve() -> None:
    """Serve until stdin ends. A line a chat request: nanoseconds of the monotonic clock."""
    random = Random(3)

    def answer(body: Body) -> str:
        print(time.monotonic_ns(), flush=True)
        return talk.reply(random)

    async with OpenAIServer() as server:
        talk.reply(random)  # loads the tokens before anybody waits
        server.on_chat = answer
        print(server.base_url, flush=True)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve())
