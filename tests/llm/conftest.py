"""A loopback server, and models that talk to it."""

from collections.abc import AsyncIterator

import pytest

from bot.llm.openai_chat import OpenAIChat
from tests.llm.asked import KEY, Connect, Noting
from tests.servers.openai_server import OpenAIServer


@pytest.fixture
async def server() -> AsyncIterator[OpenAIServer]:
    async with OpenAIServer() as server:
        yield server


@pytest.fixture
async def connect(server: OpenAIServer) -> AsyncIterator[Connect]:
    """Makes models that are closed at the end."""
    made: list[OpenAIChat] = []

    def connect(
        *, retries: int = 0, base_url: str | None = None, timeout_seconds: float = 10
    ) -> OpenAIChat:
        model = OpenAIChat(
            chat_model="talker",
            memory_model="rememberer",
            api_key=KEY,
            base_url=base_url or server.base_url,
            timeout_seconds=timeout_seconds,
            retries=retries,
        )
        made.append(model)
        return model

    yield connect
    for model in made:
        await model.close()


@pytest.fixture
def lookup() -> Noting:
    return Noting()
