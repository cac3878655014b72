"""What lets Ellie into a space: tokens, kept sealed, and secrets of one round trip."""

from pathlib import Path

import pytest

from bot.errors import ConfigError
from tests.conftest import TurnedClock
from tests.core.stage import Stage, opened
from tests.servers.openai_server import OpenAIServer
from tests.store.world import bytes_on_disk

TOKEN = "xoxb-2834-quinces-and-medlars"
SECRET = "a long random text"


async def test_a_token_is_kept_sealed_and_given_back_after_a_restart(
    file: Path, clock: TurnedClock, server: OpenAIServer
) -> None:
    async with opened(file, clock, server, ellie_secret_key=SECRET) as stage:
        assert await stage.core.token("test", "home") is None
        await stage.core.keep_token("test", "home", "an older one")
        await stage.core.keep_token("test", "home", TOKEN)
        await stage.core.keep_token("test", "E1", "the organisation's")
    for text in (TOKEN, SECRET, "an older"):
        assert text.encode() not in bytes_on_disk(file)
    async with opened(file, clock, server, ellie_secret_key=SECRET) as stage:
        assert await stage.core.token("test", "home") == TOKEN
        await stage.core.drop_token("test", "home")
        await stage.core.drop_token("test", "home")
        assert await stage.core.token("test", "home") is None
        assert await stage.core.token("test", "E1") == "the organisation's"


async def test_a_token_goes_when_the_space_is_left(
    file: Path, clock: TurnedClock, server: OpenAIServer
) -> None:
    async with opened(file, clock, server, ellie_secret_key=SECRET) as stage:
        await stage.core.keep_token("test", "home", TOKEN)
        await stage.core.left("test", "home")
        assert await stage.core.token("test", "home") is None
        await stage.core.joined("test", "home")
        assert await stage.core.token("test", "home") is None


async def test_without_a_key_or_with_another_one_a_clear_line_says_so(
    file: Path, clock: TurnedClock, server: OpenAIServer
) -> None:
    async with opened(file, clock, server, ellie_secret_key=SECRET) as stage:
        await stage.core.keep_token("test", "home", TOKEN)
    async with opened(file, clock, server) as stage:
        with pytest.raises(ConfigError, match="ELLIE_SECRET_KEY set"):
            await stage.core.keep_token("test", "work", TOKEN)
        with pytest.raises(ConfigError, match="ELLIE_SECRET_KEY set"):
            await stage.core.token("test", "home")
        assert await stage.core.token("test", "work") is None
    async with opened(file, clock, server, ellie_secret_key="another") as stage:
        with pytest.raises(ConfigError, match="sealed with another ELLIE_SECRET_KEY"):
            await stage.core.token("test", "home")


async def test_a_state_is_consumed_once_within_ten_minutes(
    stage: Stage, clock: TurnedClock, file: Path
) -> None:
    states = [await stage.core.issue_state("test") for _ in range(3)]
    assert len({*states}) == 3
    assert min(map(len, states)) >= 32
    clock.turn(seconds=600)
    assert not await stage.core.consume_state("other", states[0])
    assert await stage.core.consume_state("test", states[0])
    assert not await stage.core.consume_state("test", states[0])
    clock.turn(seconds=1)
    assert not await stage.core.consume_state("test", states[1])
    assert states[2].encode() not in bytes_on_disk(file)


async def test_a_state_is_consumed_after_a_restart(
    file: Path, clock: TurnedClock, server: OpenAIServer
) -> None:
    async with opened(file, clock, server) as stage:
        state = await stage.core.issue_state("test")
    async with opened(file, clock, server) as stage:
        assert await stage.core.consume_state("test", state)
