"""What is heard beside plain messages: images, and what bystanders say."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import TurnedClock
from tests.core.poster import Poster, posting
from tests.core.stage import Stage, last_prompt, memories, memory, place
from tests.servers.openai_faults import Stall
from tests.servers.openai_server import OpenAIServer
from tests.store.world import bytes_on_disk

HALL = "open:hall"
Posting = tuple[Stage, Poster]


@pytest.fixture
async def posted(file: Path, clock: TurnedClock, server: OpenAIServer) -> AsyncIterator[Posting]:
    async with posting(file, clock, server) as both:
        yield both


async def test_images_reach_a_model_that_sees_and_are_kept_nowhere(
    file: Path, clock: TurnedClock, server: OpenAIServer
) -> None:
    image = "data:image/png;base64,UXVpbmNl"
    server.on_chat = lambda body: "A quince."
    for sees in (False, True):
        async with posting(file, clock, server, ellie_model_sees=sees) as (stage, poster):
            said = replace(stage.message("what is this?", where=HALL), images=(image,))
            turn = await stage.core.receive(said)
            assert turn is not None
            await stage.core.answered(turn)
            content = server.asked("chat")[-1].body["messages"][-1]["content"]
            assert isinstance(content, list) is sees
            assert poster.given[-1].images == ((image,) if sees else ())
            assert "UXVpbmNl" not in repr(said) + repr(poster.given)
    assert content[1] == {"type": "image_url", "image_url": {"url": image}}
    assert content[0]["text"].endswith("Alice: what is this?")
    assert b"UXVpbmNl" not in bytes_on_disk(file)


async def test_an_edited_message_is_answered_with_the_images_it_has_now(
    file: Path, clock: TurnedClock, server: OpenAIServer
) -> None:
    async with posting(file, clock, server, ellie_model_sees=True) as (stage, _):
        server.fail("chat", Stall(after=1))
        said = stage.message("what is this?", where=HALL, event="e")
        turn = await stage.core.receive(replace(said, images=("data:,old",)))
        assert turn is not None
        await stage.screen.begun.wait()
        await stage.core.edited(replace(said, text="and this?", images=("data:,new",)))
        await stage.core.answered(turn)
        content = server.asked("chat")[-1].body["messages"][-1]["content"]
        assert [part["image_url"]["url"] for part in content[1:]] == ["data:,new"]
        server.release.set()


async def test_what_is_overheard_is_in_the_next_prompt_and_answers_nobody(
    posted: Posting, server: OpenAIServer
) -> None:
    stage, poster = posted
    await stage.core.overhear(stage.message("the launch is in May", "bob", HALL))
    await stage.core.overhear(stage.message("my password is hunter2222", "bob", HALL))
    assert poster.given == []
    await stage.say("when is it?", where=HALL)
    assert "Bob: the launch is in May" in last_prompt(server)
    assert "hunter2222" not in last_prompt(server)
    server.on_extract = memories(memory("Bob launches in May"))
    await stage.core.settle()
    assert await stage.known("bob") == []
    assert not await stage.core.takes_part(place("open:den", "bob")[0])


async def test_of_who_opted_out_nothing_is_overheard(posted: Posting, server: OpenAIServer) -> None:
    stage, _ = posted
    await stage.type("/privacy opt-out", "bob")
    await stage.core.overhear(stage.message("the launch is in May", "bob", HALL))
    assert await stage.kept(where=HALL) == []


async def test_what_was_overheard_and_then_addressed_is_answered(
    posted: Posting, server: OpenAIServer
) -> None:
    stage, _ = posted
    said = stage.message("when is the launch?", "bob", HALL, event="e")
    await stage.core.overhear(said)
    turn = await stage.core.receive(said)
    assert turn is not None
    await stage.core.answered(turn)
    assert stage.screen.replies[-1].endswith("when is the launch?")
    assert await stage.core.receive(said) is None
    assert len(await stage.kept(where=HALL)) == 1
