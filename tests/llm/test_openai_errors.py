"""What goes wrong at a model's server, and the line that the person reads."""

import logging

import pytest

from bot.errors import (
    ContentFiltered,
    ContextTooLong,
    ModelError,
    ModelRefused,
    ModelUnavailable,
)
from bot.llm.openai_chat import OpenAIChat
from tests.llm.asked import KEY, SECRET, Connect, folding, heard
from tests.servers.openai_faults import (
    Cut,
    ErrorEvent,
    Fault,
    Finish,
    Raw,
    Stall,
    Status,
    bad_key,
    content_filtered,
    context_too_long,
    insufficient_quota,
    model_not_found,
    rate_limited,
    server_error,
)
from tests.servers.openai_server import OpenAIServer


@pytest.mark.parametrize(
    ("fault", "kind", "says"),
    [
        (rate_limited(), ModelUnavailable, "overloaded"),
        (server_error(), ModelUnavailable, "HTTP 500"),
        (server_error(529), ModelUnavailable, "HTTP 529"),
        (Cut(0), ModelUnavailable, "cannot be reached"),
        (ErrorEvent(0), ModelUnavailable, "broke off"),
        (Cut(0, clean=True), ModelUnavailable, "broke off"),
        (insufficient_quota(), ModelRefused, "no credit"),
        (ErrorEvent(0, "insufficient_quota"), ModelRefused, "no credit"),
        (bad_key(), ModelRefused, "OPENAI_API_KEY"),
        (Status(403), ModelRefused, "OPENAI_API_KEY"),
        (model_not_found(), ModelRefused, "ELLIE_CHAT_MODEL"),
        (Status(404, "404 page not found"), ModelRefused, "OPENAI_BASE_URL"),
        (Status(400, 'model "talker" not found, try pulling it'), ModelRefused, "ELLIE_CHAT_MODEL"),
        (Status(400, "Unsupported.", "unsupported_value"), ModelRefused, "unsupported_value"),
        (context_too_long(), ContextTooLong, "longer"),
        (content_filtered(), ContentFiltered, "declined"),
        (Finish("content_filter", ""), ContentFiltered, "declined"),
        (Finish("stop", ""), ModelRefused, "without a word"),
        (Finish("length", ""), ModelRefused, "length"),
        (Raw("<html>", "text/html"), ModelRefused, "/v1"),
        (Raw("data: {bad\n\n", "text/event-stream"), ModelRefused, "OpenAI-compatible"),
    ],
    ids=str,
)
async def test_a_fault_before_the_first_piece_becomes_one_clear_line(
    server: OpenAIServer, connect: Connect, fault: Fault, kind: type[ModelError], says: str
) -> None:
    server.fail("chat", fault)
    with pytest.raises(kind, match=says) as caught:
        await heard(connect())
    line = str(caught.value)
    assert "\n" not in line
    assert not any(secret in line for secret in (KEY, "marmalade", "quota, please", "Incorrect"))


@pytest.mark.parametrize(
    "fault",
    [
        Status(400, "the request exceeds the available context size, try increasing it"),
        Status(500, "the request exceeds the available context size. try increasing it"),
        Status(400, "You passed 9001 input tokens. This model's maximum context length is 8192."),
        Status(400, "the input length exceeds the context length"),
        Status(400, "request (9 tokens) too large", kind="exceed_context_size_error"),
        ErrorEvent(0, "context_length_exceeded"),
    ],
    ids=str,
)
async def test_every_servers_way_to_say_too_long_is_understood(
    server: OpenAIServer, connect: Connect, fault: Fault
) -> None:
    server.fail("chat", fault)
    with pytest.raises(ContextTooLong):
        await heard(connect())


async def test_a_server_that_cannot_be_reached_is_unavailable(connect: Connect) -> None:
    async with OpenAIServer() as gone:
        address = gone.base_url
    with pytest.raises(ModelUnavailable, match="OPENAI_BASE_URL"):
        await heard(connect(base_url=address))


async def test_a_silent_server_is_unavailable_in_time(
    server: OpenAIServer, connect: Connect
) -> None:
    server.fail("summary", Stall())
    with pytest.raises(ModelUnavailable, match="in time"):
        await connect(timeout_seconds=0.1).summarise(folding())


@pytest.mark.parametrize("address", ["http://[bad", "localhost:1/v1"])
async def test_an_address_that_is_none_is_named(connect: Connect, address: str) -> None:
    with pytest.raises(ModelError, match="OPENAI_BASE_URL"):
        await heard(connect(base_url=address))


async def test_a_key_with_typographic_characters_is_named(server: OpenAIServer) -> None:
    model = OpenAIChat(
        chat_model="a", memory_model="a", api_key="“sk-1”", base_url=server.base_url,
        timeout_seconds=5, retries=0,
    )  # fmt: skip
    with pytest.raises(ModelRefused, match="OPENAI_API_KEY"):
        await heard(model)
    await model.close()


async def test_a_passing_fault_is_retried_as_often_as_allowed(
    server: OpenAIServer, connect: Connect
) -> None:
    server.fail("chat", rate_limited(), times=2)
    assert (await heard(connect(retries=2)))[0]
    assert len(server.requests) == 3
    server.fail("chat", server_error(), times=None)
    with pytest.raises(ModelUnavailable):
        await heard(connect(retries=1))
    assert len(server.requests) == 5


async def test_neither_key_nor_text_is_logged_at_any_level(
    server: OpenAIServer, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.fail("chat", Status(400, f"{KEY} said {SECRET}"))
    with pytest.raises(ModelRefused) as caught:
        await heard(connect())
    await heard(connect())
    assert caplog.records
    assert not any(secret in caplog.text + str(caught.value) for secret in (KEY, "marmalade"))
