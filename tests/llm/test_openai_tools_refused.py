"""Servers that take no tools, or no results of their calls."""

import asyncio

import pytest

from bot.errors import ContextTooLong, ModelRefused
from bot.llm.openai_tools import ROUNDS
from tests.llm.asked import SECRET, Connect, Noting, parts, text_of, tools_sent
from tests.servers.openai_calls import Calling, calling, results, search
from tests.servers.openai_faults import Status
from tests.servers.openai_server import Body, OpenAIServer

REFUSALS = [
    Status(400, "registry.ollama.ai/library/gemma:2b does not support tools"),
    Status(404, "No endpoints found that support tool use."),
    Status(422, "Extra inputs are not permitted: functions"),
    Status(500, "tools param requires --jinja flag"),
    Status(400, '"auto" tool choice requires --enable-auto-tool-choice'),
]


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal.message)
async def test_a_server_that_takes_no_tools_is_asked_without_them_from_then_on(
    server: OpenAIServer, connect: Connect, lookup: Noting, refusal: Status
) -> None:
    server.refuses_tools = refusal
    model = connect()
    for _ in range(2):
        assert text_of(await parts(model, lookup)) == f"You said: {SECRET}"
    assert tools_sent(server) == [True, False, False]


async def test_a_server_that_refuses_tools_and_stream_options_is_asked_without_both(
    server: OpenAIServer, connect: Connect, lookup: Noting
) -> None:
    server.refuses_tools, server.accepts_stream_options = REFUSALS[0], False
    assert text_of(await parts(connect(), lookup)) == f"You said: {SECRET}"
    assert len(server.requests) == 3


async def test_a_server_that_refuses_the_results_of_calls_is_asked_the_prompt_alone(
    server: OpenAIServer, connect: Connect, lookup: Noting
) -> None:
    def once(body: Body) -> str | Calling:
        if "tools" not in body:
            return "Plainly."
        server.refuses_tools = Status(400, "Conversation roles must alternate; got role tool.")
        return calling(search("tea"))

    server.on_chat = once
    model = connect()
    for _ in range(2):
        assert text_of(await parts(model, lookup)) == "Plainly."
    assert [len(r.body["messages"]) for r in server.requests] == [2, 4, 2, 2]
    assert tools_sent(server) == [True, True, False, False]


async def test_what_fails_without_tools_too_says_nothing_about_tools(
    server: OpenAIServer, connect: Connect, lookup: Noting
) -> None:
    gone = Status(404, "The model `functions` does not exist.", "model_not_found")
    server.fail("chat", gone, times=2)
    model = connect()
    with pytest.raises(ModelRefused, match="talker"):
        await parts(model, lookup)
    await parts(model, lookup)
    assert tools_sent(server) == [True, False, True]


async def test_a_prompt_too_long_with_its_functions_is_too_long(
    server: OpenAIServer, connect: Connect, lookup: Noting
) -> None:
    message = (
        "This model's maximum context length is 8192 tokens. However, you requested 9000 tokens "
        "(8800 in the messages, 200 in the functions)."
    )
    server.fail("chat", Status(400, message, "context_length_exceeded"))
    with pytest.raises(ContextTooLong):
        await parts(connect(), lookup)
    assert tools_sent(server) == [True]


async def test_a_server_that_takes_no_results_without_tools_is_asked_the_prompt_alone(
    server: OpenAIServer, connect: Connect, lookup: Noting
) -> None:
    def thrice(body: Body) -> str | Calling:
        if len(server.requests) == ROUNDS:
            server.fail("chat", Status(400, "tool_calls need the `tools=` param."))
        return calling(search("tea")) if "tools" in body else "Plainly."

    server.on_chat = thrice
    assert text_of(await parts(connect(), lookup)) == "Plainly."
    assert tools_sent(server) == [True, True, True, False, False]
    assert results(server.requests[-1].body) == []


async def test_a_server_that_goes_on_about_tools_without_any_has_refused(
    server: OpenAIServer, connect: Connect, lookup: Noting
) -> None:
    def once(body: Body) -> Calling:
        server.fail("chat", Status(400, "No tools here."), times=None)
        return calling(search("tea"))

    server.on_chat = once
    async with asyncio.timeout(5):
        with pytest.raises(ModelRefused, match="HTTP 400"):
            await parts(connect(), lookup)
    assert tools_sent(server) == [True, True, False]
