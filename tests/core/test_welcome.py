"""The first answer to a new person says that they are remembered."""

from pathlib import Path

from bot.notices import WELCOME
from bot.types import Scope
from tests.conftest import TurnedClock
from tests.core.stage import Screen, opened
from tests.servers.openai_server import OpenAIServer


async def test_the_first_answer_to_a_new_person_carries_the_line_once(
    file: Path, clock: TurnedClock, server: OpenAIServer
) -> None:
    assert WELCOME == "I remember what you tell me here; /privacy."
    server.on_chat = lambda body: "Well."
    async with opened(file, clock, server, screen=Screen(welcomes=True)) as stage:
        assert await stage.say("Hello") == f"Well.\n{WELCOME}"
        assert await stage.say("Hello") == "Well."
        assert await stage.say("Hello", "bob") == f"Well.\n{WELCOME}"
        assert await stage.say("Hello", space="work") == f"Well.\n{WELCOME}"
        assert await stage.kept() == [("Hello", "Well."), ("Hello", "Well.")]  # no part of it
    async with opened(file, clock, server, screen=Screen(welcomes=True)) as stage:
        assert await stage.say("Hello") == "Well."


async def test_after_forgetting_everything_they_are_new_again(
    file: Path, clock: TurnedClock, server: OpenAIServer
) -> None:
    async with opened(file, clock, server, screen=Screen(welcomes=True)) as stage:
        assert WELCOME in await stage.say("Hello")
        await stage.store.erase_people([Scope("test", "home", "alice")])
        assert WELCOME in await stage.say("Hello")


async def test_in_a_pause_it_waits_for_the_end_of_it(
    file: Path, clock: TurnedClock, server: OpenAIServer
) -> None:
    async with opened(file, clock, server, screen=Screen(welcomes=True)) as stage:
        await stage.type("/privacy pause")
        assert WELCOME not in await stage.say("Hello")
        await stage.type("/privacy resume")
        assert WELCOME in await stage.say("Hello")
