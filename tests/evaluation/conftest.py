"""A loopback server that embeds."""

from collections.abc import AsyncIterator

import pytest

from tests.servers.openai_server import OpenAIServer


@pytest.fixture
async def server() -> AsyncIterator[OpenAIServer]:
    async with OpenAIServer() as server:
        yield server
