"""The protocol of tool calls: the unmodified openai client against a loopback server."""

import asyncio
import json
from contextlib import aclosing

import pytest

from bot.errors import ModelRefused, ModelUnavailable
from bot.llm.openai_tools import CALLS, MALFORMED, ROUNDS
from bot.types import ReplyEnd, ToolRound, Usage
from tests.llm.asked import SECRET, Connect, Noting, asking, first, parts, text_of, tools_sent
from tests.servers.openai_calls import Calling, calling, note, results, search
from tests.servers.openai_faults import Cut, Fault, Stall, Status
from tests.servers.openai_server import Body, OpenAIServer


async def test_without_a_lookup_no_tools_are_offered(
    server: OpenAIServer, connect: Connect
) -> None:
    assert text_of(await parts(connect(), None)) == f"You said: {SECRET}"
    assert tools_sent(server) == [False]


async def test_calls_are_put_together_from_their_pieces_carried_out_in_order_and_answered(
    server: OpenAIServer, connect: Connect, lookup: Noting
) -> None:
    dates = {"since": "2026-05-01", "until": None}
    server.on_chat = first(calling(search("Sarah's trip", **dates), note("I like \U0001f375")))
    heard = await parts(connect(), lookup)
    assert text_of(heard) == "found Sarah's trip and kept I like \U0001f375"
    assert lookup.asked == [("Sarah's trip", "2026-05-01", None), ("I like \U0001f375",)]
    names = [tool["function"]["name"] for tool in server.asked("chat")[0].body["tools"]]
    assert names == ["search_memory", "remember"]
    *_, said, one, two = server.asked("chat")[1].body["messages"]
    assert said["role"] == "assistant"
    ids = [call["id"] for call in said["tool_calls"]]
    assert [one["tool_call_id"], two["tool_call_id"]] == ids
    assert json.loads(said["tool_calls"][0]["function"]["arguments"])["query"] == "Sarah's trip"


async def test_a_round_is_told_apart_from_the_reply_with_the_usage_of_its_own_request(
    server: OpenAIServer, connect: Connect, lookup: Noting
) -> None:
    server.on_chat = first(calling(search("tea"), search("bees")))
    heard = await parts(connect(), lookup)
    assert heard[0] == ToolRound(Usage(6, 0), 2)
    assert isinstance(heard[-1], ReplyEnd)
    assert heard[-1].usage.tokens_in > 6  # the results are in the next request


async def test_where_the_server_does_not_say_calls_and_results_are_counted(
    server: OpenAIServer, connect: Connect, lookup: Noting
) -> None:
    server.sends_usage = False
    server.on_chat = first(calling(search("tea and bees")))
    called, *_, end = await parts(connect(), lookup)
    assert isinstance(called, ToolRound)
    assert isinstance(end, ReplyEnd)
    assert called.usage.tokens_in == 17
    assert called.usage.tokens_out > 5
    assert end.usage.tokens_in > 17 + 5


async def test_after_three_rounds_the_model_is_asked_without_tools(
    server: OpenAIServer, connect: Connect, lookup: Noting
) -> None:
    server.on_chat = lambda body: calling(search("more")) if "tools" in body else "Enough."
    heard = await parts(connect(), lookup)
    assert text_of(heard) == "Enough."
    assert sum(isinstance(part, ToolRound) for part in heard) == ROUNDS == 3
    assert tools_sent(server) == [True, True, True, False]


async def test_a_model_that_calls_all_the_same_has_answered_without_a_word(
    server: OpenAIServer, connect: Connect, lookup: Noting
) -> None:
    server.on_chat = lambda body: calling(search("more"))
    with pytest.raises(ModelRefused, match="without a word"):
        await parts(connect(), lookup)
    assert len(lookup.asked) == ROUNDS


async def test_only_so_many_calls_of_one_round_are_carried_out(
    server: OpenAIServer, connect: Connect, lookup: Noting
) -> None:
    server.on_chat = first(calling(*[search(f"q{number}") for number in range(CALLS + 3)]))
    heard = await parts(connect(), lookup)
    assert isinstance(heard[0], ToolRound)
    assert heard[0].calls == len(lookup.asked) == CALLS


@pytest.mark.parametrize(
    "call",
    [
        ("search_memory", '{"query": "te'),
        ("search_memory", "[]"),
        ("search_memory", '{"query": 7}'),
        ("search_memory", '{"query": "tea", "since": 2026}'),
        ("search_memory", "{}"),
        ("search_memory", '{"query":' + "[" * 100_000),
        ("remember", '{"query": "tea"}'),
        ("forget everything", '{"query": "tea"}'),
        ("", ""),
    ],
    ids=lambda call: " ".join(call)[:40],
)
async def test_a_malformed_call_is_answered_with_one_line_and_echoed_as_json(
    server: OpenAIServer, connect: Connect, lookup: Noting, call: tuple[str, str]
) -> None:
    server.on_chat = lambda body: "Sorry." if results(body) else calling(call)
    assert text_of(await parts(connect(), lookup)) == "Sorry."
    assert lookup.asked == []
    assert results(server.requests[-1].body) == [MALFORMED]
    echoed = server.requests[-1].body["messages"][-2]["tool_calls"][0]["function"]
    assert echoed["name"].isidentifier()
    assert isinstance(json.loads(echoed["arguments"]), dict)


def piece(name: str | None, arguments: str, **more: object) -> Body:
    return {"function": {"name": name, "arguments": arguments}} | more


TWO = [("tea", None, None), ("bees", None, None)]
ODD = {
    "the same index for all, told apart by their ids": [
        piece("search_memory", '{"query": ', index=0, id="a"),
        piece(None, '"tea"}', index=0),
        piece("search_memory", '{"query": "bees"}', index=0, id="b"),
    ],
    "no index": [
        piece("search_memory", '{"query": "tea"}', id="a"),
        piece("search_memory", '{"query": ', id="b"),
        piece(None, '"bees"}'),
    ],
    "neither index nor id": [
        piece("search_memory", '{"query": "tea"}'),
        piece("search_memory", '{"query": "bees"}'),
    ],
    "pieces of two calls in turn": [
        piece("search_memory", '{"query"', index=0, id="a"),
        piece("search_memory", '{"query"', index=1, id="b"),
        piece(None, ': "tea"}', index=0),
        piece(None, ': "bees"}', index=1),
    ],
    "the name again with each piece": [
        piece("search_memory", '{"query": ', index=0, id="a"),
        piece("search_memory", '"tea"}', index=0, id="a"),
        piece("search_memory", '{"query": "bees"}', index=1, id="b"),
    ],
    "a new id for each piece": [
        piece("search_memory", '{"query": ', index=0, id="a"),
        piece(None, '"tea"}', index=0, id="b"),
        piece("search_memory", '{"query": "bees"}', index=1, id="c"),
    ],
    "the name in pieces": [
        piece("search_", "", index=0, id="a"),
        piece("memory", '{"query": "tea"}', index=0),
        piece("search_memory", '{"query": "bees"}', index=1, id="c"),
    ],
}


@pytest.mark.parametrize("deltas", ODD.values(), ids=ODD)
async def test_calls_are_put_together_as_odd_servers_send_them(
    server: OpenAIServer, connect: Connect, lookup: Noting, deltas: list[Body]
) -> None:
    server.on_chat = first(Calling(tuple(deltas)))
    assert text_of(await parts(connect(), lookup)) == "found tea and found bees"
    assert lookup.asked == TWO
    said = server.requests[-1].body["messages"][-3]["tool_calls"]
    assert len({call["id"] for call in said} - {""}) == 2


async def test_a_lone_surrogate_does_not_come_through_to_the_lookup(
    server: OpenAIServer, connect: Connect, lookup: Noting
) -> None:
    server.on_chat = first(calling(("remember", '{"text": "broken \\ud83d"}')))
    await parts(connect(), lookup)
    assert lookup.asked == [("broken ?",)]


async def test_text_beside_a_call_is_kept_and_stands_apart_from_what_follows(
    server: OpenAIServer, connect: Connect, lookup: Noting
) -> None:
    server.on_chat = first(calling(search("tea"), text="Let me look."))
    assert text_of(await parts(connect(), lookup)) == "Let me look.\n\nfound tea"
    assert server.requests[-1].body["messages"][-2]["content"] == "Let me look."


async def test_a_model_that_said_all_beside_its_call_needs_no_further_word(
    server: OpenAIServer, connect: Connect, lookup: Noting
) -> None:
    server.on_chat = lambda body: "" if results(body) else calling(note("tea"), text="Noted.")
    heard = await parts(connect(), lookup)
    assert text_of(heard) == "Noted."
    assert isinstance(heard[-1], ReplyEnd)
    assert not heard[-1].cut


@pytest.mark.parametrize("fault", [Status(500, "Boom."), Cut(0)], ids=str)
async def test_a_later_round_that_fails_cuts_the_reply_and_keeps_what_came(
    server: OpenAIServer, connect: Connect, lookup: Noting, fault: Fault
) -> None:
    def once(body: Body) -> Calling:
        server.fail("chat", fault)
        return calling(search("tea"), text="Let me look.")

    server.on_chat = once
    heard = await parts(connect(), lookup)
    assert text_of(heard) == "Let me look."
    assert isinstance(heard[-1], ReplyEnd)
    assert heard[-1].cut


async def test_a_later_round_that_fails_before_any_word_is_an_error(
    server: OpenAIServer, connect: Connect, lookup: Noting
) -> None:
    def once(body: Body) -> Calling:
        server.fail("chat", Status(500, "Boom."))
        return calling(search("tea"))

    server.on_chat = once
    with pytest.raises(ModelUnavailable):
        await parts(connect(), lookup)


@pytest.mark.parametrize("fault", [Cut(2), Cut(2, clean=True)], ids=str)
async def test_calls_that_break_off_are_not_carried_out(
    server: OpenAIServer, connect: Connect, lookup: Noting, fault: Fault
) -> None:
    server.on_chat = first(calling(search("tea")))
    server.fail("chat", fault)
    with pytest.raises(ModelUnavailable):
        await parts(connect(), lookup)
    assert lookup.asked == []


async def test_closing_the_reply_in_a_later_round_ends_its_request(
    server: OpenAIServer, connect: Connect, lookup: Noting
) -> None:
    def once(body: Body) -> str | Calling:
        server.fail("chat", Stall(after=1))
        return calling(search("tea")) if not results(body) else "Found it."

    server.on_chat = once
    async with aclosing(connect().reply(asking(), lookup)) as reply:
        assert isinstance(await anext(reply), ToolRound)
        assert await anext(reply) == "Found "
    async with asyncio.timeout(5):
        await server.gone.wait()


async def test_a_reply_can_be_cancelled_while_a_call_is_carried_out(
    server: OpenAIServer, connect: Connect, lookup: Noting
) -> None:
    server.on_chat = first(calling(search("tea")))
    lookup.waiting = asyncio.Event()
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        task = group.create_task(parts(connect(), lookup))
        await lookup.reached.wait()
        task.cancel()
    assert task.cancelled()
    assert lookup.asked == []
    assert len(server.requests) == 1
