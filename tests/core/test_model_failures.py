"""What a person hears when the model fails: one honest sentence, and nothing is lost."""

from pathlib import Path

import pytest

from bot.notices import CUT
from tests.conftest import TurnedClock
from tests.core.stage import Stage, last_prompt, opened
from tests.servers.openai_faults import (
    Cut,
    Fault,
    Finish,
    Stall,
    bad_key,
    content_filtered,
    context_too_long,
    model_not_found,
    rate_limited,
    server_error,
)
from tests.servers.openai_server import OpenAIServer


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (bad_key(), "OPENAI_API_KEY"),
        (model_not_found(), "ELLIE_CHAT_MODEL"),
        (Cut(0), "cannot be reached"),
        (rate_limited(), "overloaded"),
        (server_error(), "HTTP 500"),
        (content_filtered(), "declined"),
        (Finish("content_filter", ""), "declined"),
    ],
    ids=str,
)
async def test_a_failing_model_gives_one_honest_sentence_and_loses_nothing(
    stage: Stage, server: OpenAIServer, fault: Fault, says: str
) -> None:
    server.fail("chat", fault)
    assert says in await stage.say("I keep bees")
    assert "\n" not in stage.screen.replies[-1]
    assert await stage.kept() == [("I keep bees", "")]
    await stage.say("And now?")
    assert "I keep bees" in last_prompt(server)
    assert says not in last_prompt(server)


async def test_a_server_that_nobody_runs_is_said_to_be_unreachable(
    file: Path, clock: TurnedClock
) -> None:
    async with OpenAIServer() as gone:
        pass
    async with opened(file, clock, gone) as stage:
        assert "OPENAI_BASE_URL" in await stage.say("Hello?")
        assert await stage.kept() == [("Hello?", "")]


async def test_a_prompt_that_is_too_long_is_shrunk_once_and_answered(
    stage: Stage, server: OpenAIServer
) -> None:
    for number in range(12):
        await stage.say(f"Story {number}: " + "once upon a time " * 40)
    server.on_chat = lambda body: "A good story."
    server.fail("chat", context_too_long())
    assert await stage.say("Which story was best?") == "A good story."
    refused, answered = (len(str(r.body["messages"])) for r in server.asked("chat")[-2:])
    assert answered < refused * 0.7
    assert (await stage.kept())[-1] == ("Which story was best?", "A good story.")


async def test_a_prompt_that_is_still_too_long_is_said_so(
    stage: Stage, server: OpenAIServer
) -> None:
    server.fail("chat", context_too_long(), times=2)
    assert "long" in await stage.say("Hello")
    assert len(server.asked("chat")) == 2


async def test_a_cut_reply_is_kept_and_marked(stage: Stage, server: OpenAIServer) -> None:
    server.on_chat = lambda body: "One two three four."
    server.fail("chat", Cut(2))
    assert await stage.say("Count") == f"One two {CUT}"
    assert await stage.kept() == [("Count", f"One two{CUT}")]


async def test_a_silent_model_is_given_up_in_time(
    file: Path, clock: TurnedClock, server: OpenAIServer
) -> None:
    server.fail("chat", Stall())
    async with opened(file, clock, server, ellie_turn_timeout_seconds=0.2) as stage:
        assert "too long" in await stage.say("Hello")
        assert await stage.kept() == [("Hello", "")]


async def test_a_reply_that_takes_too_long_is_kept_and_marked(
    file: Path, clock: TurnedClock, server: OpenAIServer
) -> None:
    server.fail("chat", Stall(after=2))
    async with opened(file, clock, server, ellie_turn_timeout_seconds=0.5) as stage:
        await stage.say("Hello")
        ((_, reply),) = await stage.kept()
        assert reply == f"You said:{CUT}"


async def test_an_outage_of_a_model_does_not_switch_to_the_notebook(
    stage: Stage, server: OpenAIServer
) -> None:
    server.fail("chat", server_error(), times=None)
    answer = await stage.say("My name is Alex")
    assert "HTTP 500" in answer
    assert "notebook" not in answer
    assert "Nice to meet you" not in answer
