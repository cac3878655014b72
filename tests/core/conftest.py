"""A loopback model server, and a core to talk with."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.conftest import TurnedClock
from tests.core.stage import Stage, opened
from tests.servers.openai_server import OpenAIServer


@pytest.fixture
async def server() -> AsyncIterator[OpenAIServer]:
    async with OpenAIServer() as server:
        yield server


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "ellie.db"


@pytest.fixture
async def stage(file: Path, clock: TurnedClock, server: OpenAIServer) -> AsyncIterator[Stage]:
    """A core with a model, whose consolidation comes only when asked for."""
    async with opened(file, clock, server) as stage:
        yield stage


@pytest.fixture
async def quiet(file: Path, clock: TurnedClock) -> AsyncIterator[Stage]:
    """A core in notebook mode without an embedder."""
    async with opened(file, clock) as stage:
        yield stage
