"""Replies: the unmodified openai client against a loopback server."""

import asyncio
from contextlib import aclosing
from dataclasses import replace

import pytest

from bot.errors import ModelRefused
from bot.llm.openai_chat import OpenAIChat
from bot.tokens import count_tokens
from bot.types import ReplyEnd, Usage
from tests.llm.asked import KEY, SECRET, Connect, asking, heard
from tests.servers.openai_faults import (
    Cut,
    ErrorEvent,
    Fault,
    Finish,
    Stall,
    model_not_found,
)
from tests.servers.openai_server import OpenAIServer


async def test_a_reply_comes_in_pieces_and_ends_with_the_servers_own_usage(
    server: OpenAIServer, connect: Connect
) -> None:
    server.on_chat = lambda body: "Good morning, Alice."
    parts = [part async for part in connect().reply(asking())]
    assert parts == ["Good ", "morning, ", "Alice.", ReplyEnd(Usage(6, 3))]
    assert server.requests[0].body["model"] == "talker"
    assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"


async def test_usage_is_counted_where_the_server_does_not_say(
    server: OpenAIServer, connect: Connect
) -> None:
    server.sends_usage = False
    text, end = await heard(connect())
    assert end == ReplyEnd(Usage(17, count_tokens(text)))


async def test_a_server_that_refuses_stream_options_is_asked_without_them_from_then_on(
    server: OpenAIServer, connect: Connect
) -> None:
    server.accepts_stream_options = False
    model = connect()
    for _ in range(2):
        assert (await heard(model))[0] == f"You said: {SECRET}"
    sent = ["stream_options" in request.body for request in server.requests]
    assert sent == [True, False, False]


async def test_the_model_that_a_prompt_names_is_asked_that_once(
    server: OpenAIServer, connect: Connect
) -> None:
    model = connect()
    await heard(model, replace(asking(), model="large"))
    await heard(model)
    assert [request.body["model"] for request in server.requests] == ["large", "talker"]
    server.fail("chat", model_not_found())
    with pytest.raises(ModelRefused, match=r"no model 'large': check ELLIE_ALLOWED_MODELS"):
        await heard(model, replace(asking(), model="large"))


async def test_images_go_with_the_last_message(server: OpenAIServer, connect: Connect) -> None:
    server.on_chat = lambda body: "A quince."
    await heard(connect(), replace(asking(), images=("data:,one", "data:,two")))
    first, last = server.requests[0].body["messages"]
    assert first["content"] == "Be kind."
    assert last["content"] == [
        {"type": "text", "text": SECRET},
        {"type": "image_url", "image_url": {"url": "data:,one"}},
        {"type": "image_url", "image_url": {"url": "data:,two"}},
    ]


async def test_a_key_is_not_needed_by_a_local_server(server: OpenAIServer) -> None:
    model = OpenAIChat(
        chat_model="a", memory_model="a", api_key=None, base_url=server.base_url,
        timeout_seconds=5, retries=0,
    )  # fmt: skip
    await heard(model)
    await model.close()
    assert server.requests[0].headers["authorization"] == "Bearer none"


@pytest.mark.parametrize(
    "fault",
    [Cut(2), Cut(2, clean=True), ErrorEvent(2), Finish("length"), Finish("content_filter")],
    ids=str,
)
async def test_a_stream_that_breaks_after_its_first_piece_is_cut(
    server: OpenAIServer, connect: Connect, fault: Fault
) -> None:
    server.fail("chat", fault)
    text, end = await heard(connect())
    assert f"You said: {SECRET}".startswith(text.strip())
    assert text
    assert end.cut


async def test_a_server_that_knows_no_finish_reason_ends_where_its_stream_ends(
    server: OpenAIServer, connect: Connect
) -> None:
    server.sends_finish_reason = False
    text, end = await heard(connect())
    assert text == f"You said: {SECRET}"
    assert not end.cut
    server.fail("chat", Cut(2))
    _, end = await heard(connect())
    assert end.cut


async def test_white_space_alone_is_no_answer(server: OpenAIServer, connect: Connect) -> None:
    server.on_chat = lambda body: "  \n "
    with pytest.raises(ModelRefused, match="without a word"):
        await heard(connect())


async def test_a_server_that_falls_silent_in_mid_stream_cuts_the_reply(
    server: OpenAIServer, connect: Connect
) -> None:
    server.fail("chat", Stall(after=2))
    text, end = await heard(connect(timeout_seconds=0.1))
    assert text == "You said: "
    assert end.cut


async def test_closing_the_reply_ends_the_request(server: OpenAIServer, connect: Connect) -> None:
    server.fail("chat", Stall(after=1))
    async with aclosing(connect().reply(asking())) as reply:
        assert await anext(reply) == "You "
    async with asyncio.timeout(5):
        await server.gone.wait()


async def test_a_lone_surrogate_does_not_come_through(
    server: OpenAIServer, connect: Connect
) -> None:
    server.on_chat = lambda body: "broken \ud83d emoji"
    text, _ = await heard(connect())
    assert text.encode() == b"broken ? emoji"
