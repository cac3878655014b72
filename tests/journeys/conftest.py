"""A loopback model server, and a place for the database."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.servers.openai_server import OpenAIServer


@pytest.fixture
async def server() -> AsyncIterator[OpenAIServer]:
    async with OpenAIServer() as server:
        yield server


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "ellie.db"
