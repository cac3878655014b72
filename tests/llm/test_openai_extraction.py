"""Extraction and summary: the unmodified openai client against a loopback server."""

import json
from datetime import UTC, datetime

import pytest

from bot.errors import (
    ContentFiltered,
    ContextTooLong,
    MalformedOutput,
    ModelRefused,
    ModelUnavailable,
)
from bot.llm.openai_chat import OpenAIChat
from bot.types import Extraction, Slot, Usage
from tests.llm.asked import SECRET, Connect, folding, learning
from tests.servers.openai_faults import (
    Fault,
    Finish,
    Raw,
    context_too_long,
    model_not_found,
    rate_limited,
)
from tests.servers.openai_server import Body, OpenAIServer


async def learnt(server: OpenAIServer, model: OpenAIChat, answer: Body | str) -> Extraction:
    server.on_extract = lambda body: answer
    return await model.extract(learning())


def memory(**changes: object) -> Body:
    """One memory as a good model writes it."""
    return {
        "text": "Alice works at Globex.", "sources": [1], "entity": None, "attribute": "works at",
        "value": "Globex", "single_value": True, "since": None, "duplicates": [], "superseded": [],
    } | changes  # fmt: skip


async def test_an_extraction_asks_the_memory_model_for_a_strict_schema(
    server: OpenAIServer, connect: Connect
) -> None:
    model = connect()
    extraction = await learnt(server, model, {"memories": []})
    assert extraction == Extraction((), Usage(4, 1))
    sent = server.requests[0].body
    assert sent["model"] == model.name == "rememberer"
    assert sent["messages"] == [{"role": "user", "content": SECRET}]
    asked = sent["response_format"]["json_schema"]
    assert asked["strict"] is True
    for part in (asked["schema"], *asked["schema"]["$defs"].values()):
        assert part["required"] == list(part["properties"])
        assert part["additionalProperties"] is False
    assert "default" not in json.dumps(asked)


async def test_a_memory_becomes_a_statement_with_its_slot(
    server: OpenAIServer, connect: Connect
) -> None:
    entity = {"name": "Sarah", "kind": "person", "aliases": ["Sal", "sarah", ""]}
    answer = memory(
        text="Sarah works\nat Globex.", entity=entity, since="2024-05-01",
        sources=[2, 1, 2], duplicates=[1], superseded=[2],
    )  # fmt: skip
    (statement,) = (await learnt(server, connect(), {"memories": [answer]})).statements
    assert statement.text == "Sarah works at Globex."
    assert statement.slot == Slot("Sarah", "works at", "Globex", exclusive=True)
    assert (statement.entity_kind, statement.aliases) == ("person", ("Sal",))
    assert statement.valid_from == datetime(2024, 5, 1, tzinfo=UTC)
    assert (statement.sources, statement.duplicates, statement.superseded) == ((2, 1), (1,), (2,))


async def test_the_slips_of_weak_models_are_read_as_they_were_meant(
    server: OpenAIServer, connect: Connect
) -> None:
    answer = {
        "text": "Globex makes tea.", "sources": "1, 2", "entity": "Globex", "attribute": "makes",
        "value": "tea", "single_value": "yes", "since": "unknown",
    }  # fmt: skip
    extraction = await learnt(server, connect(), {"memories": [answer]})
    (statement,) = extraction.statements
    assert statement.slot == Slot("Globex", "makes", "tea", exclusive=True)
    assert (statement.entity_kind, statement.sources) == ("thing", (1, 2))
    assert extraction.dropped == 0


@pytest.mark.parametrize(
    ("shown", "entity"), [("the person", None), ("the entity", None), ("Sarah", "Sarah")]
)
async def test_a_slot_in_the_form_in_which_known_memories_are_shown_is_taken_out_of_the_text(
    server: OpenAIServer, connect: Connect, shown: str, entity: str | None
) -> None:
    text = f"Lives in Oslo ({shown} · lives in · Oslo)"
    answer = memory(text=text, attribute=None, value=None, single_value=False)
    (statement,) = (await learnt(server, connect(), {"memories": [answer]})).statements
    assert statement.text == "Lives in Oslo"
    assert statement.slot == Slot(entity, "lives in", "Oslo", exclusive=False)
    answer["text"] = f"({shown} · lives in · Oslo)"
    (statement,) = (await learnt(server, connect(), {"memories": [answer]})).statements
    assert statement.text == f"{entity or 'Alice'} lives in Oslo"


@pytest.mark.parametrize("entity", [None, "user", "alice", {"name": "", "kind": "person"}])
async def test_the_person_who_speaks_is_no_entity(
    server: OpenAIServer, connect: Connect, entity: object
) -> None:
    answer = {"memories": [memory(entity=entity)]}
    (statement,) = (await learnt(server, connect(), answer)).statements
    assert statement.slot == Slot(None, "works at", "Globex", exclusive=True)
    assert statement.entity_kind is None


async def test_a_memory_of_an_entity_without_attribute_stays_linked_to_it(
    server: OpenAIServer, connect: Connect
) -> None:
    answer = memory(entity="Rex", text="Rex barks at night.", attribute=None, value=None)
    (statement,) = (await learnt(server, connect(), {"memories": [answer]})).statements
    assert statement.slot == Slot("Rex", "about", "Rex barks at night.", exclusive=False)


async def test_what_does_not_fit_is_dropped_and_counted_and_the_rest_kept(
    server: OpenAIServer, connect: Connect
) -> None:
    bad: list[object] = ["prose", memory(text="\n"), memory(sources=[3]), memory(sources=[])]
    half = memory(sources=[1, 0, "x"], duplicates=[9], superseded=[-1], since="2024-13-45")
    extraction = await learnt(server, connect(), {"memories": [*bad, half]})
    (statement,) = extraction.statements
    assert extraction.dropped == len(bad) + 5
    assert (statement.sources, statement.duplicates, statement.superseded) == ((1,), (), ())
    assert statement.valid_from is None


async def test_texts_are_bounded(server: OpenAIServer, connect: Connect) -> None:
    answer = {"memories": [memory(text="x" * 10_000, entity="y" * 999)]}
    (statement,) = (await learnt(server, connect(), answer)).statements
    assert len(statement.text) == 600
    assert statement.slot is not None
    assert len(statement.slot.entity or "") == 80


GOOD = json.dumps({"memories": [memory()]})


@pytest.mark.parametrize(
    "answer",
    [
        GOOD,
        f"```json\n{GOOD}\n```",
        f"Sure [1]! Here {{it}} is: {GOOD} Anything else?",
        f"<think>{{}} hm</think>{json.dumps([memory()])}",
    ],
)
async def test_json_is_found_in_fences_and_prose(
    server: OpenAIServer, connect: Connect, answer: str
) -> None:
    assert len((await learnt(server, connect(), answer)).statements) == 1


@pytest.mark.parametrize(
    "answer",
    ["", "I learnt nothing.", "{}", '{"memories": null}', GOOD[:-3], "{" * 5000, "[" * 90_000,
     json.dumps({"memories": [memory(sources=[9]), "x"]})],
)  # fmt: skip
async def test_an_answer_that_does_not_fit_is_a_failure_and_never_empty(
    server: OpenAIServer, connect: Connect, answer: str
) -> None:
    with pytest.raises(MalformedOutput):
        await learnt(server, connect(), answer)


async def test_an_answer_cut_at_its_length_is_a_failure_even_if_it_parses(
    server: OpenAIServer, connect: Connect
) -> None:
    server.fail("extract", Finish("length"))
    with pytest.raises(MalformedOutput, match="cut off"):
        await learnt(server, connect(), GOOD)


@pytest.mark.parametrize("raw", ["<html>", "{bad", "{}", "[]", '{"choices": []}'])
async def test_an_http_body_that_is_no_completion_is_a_failure(
    server: OpenAIServer, connect: Connect, raw: str
) -> None:
    server.fail("extract", Raw(raw, "text/html" if raw == "<html>" else "application/json"))
    with pytest.raises(MalformedOutput, match="OPENAI_BASE_URL"):
        await learnt(server, connect(), GOOD)


async def test_formats_are_tried_downwards_and_the_one_that_works_is_remembered(
    server: OpenAIServer, connect: Connect
) -> None:
    server.accepts_json_schema = False
    model = connect()
    for _ in range(2):
        assert (await learnt(server, model, GOOD)).statements
    kinds = [request.body["response_format"]["type"] for request in server.requests]
    assert kinds == ["json_schema", "json_object", "json_object"]
    assert '"memories"' in server.requests[1].body["messages"][-1]["content"]


async def test_a_server_without_formats_is_asked_in_words(
    server: OpenAIServer, connect: Connect
) -> None:
    server.accepts_json_schema = server.accepts_json_object = False
    server.is_extraction = lambda body: "rememberer" in body["model"]
    model = connect()
    for _ in range(2):
        assert (await learnt(server, model, f"```\n{GOOD}```")).statements
    sent = ["response_format" in request.body for request in server.requests]
    assert sent == [True, True, False, False]


async def test_a_passing_fault_does_not_lower_the_format(
    server: OpenAIServer, connect: Connect
) -> None:
    model = connect()
    for fault, kind in ((rate_limited(), ModelUnavailable), (context_too_long(), ContextTooLong)):
        server.fail("extract", fault)
        with pytest.raises(kind):
            await learnt(server, model, GOOD)
    await learnt(server, model, GOOD)
    kinds = {request.body["response_format"]["type"] for request in server.requests}
    assert (kinds, len(server.requests)) == ({"json_schema"}, 3)


async def test_a_missing_memory_model_is_named_by_its_setting(
    server: OpenAIServer, connect: Connect
) -> None:
    server.fail("extract", model_not_found())
    with pytest.raises(ModelRefused, match=r"'rememberer'.*ELLIE_MEMORY_MODEL"):
        await learnt(server, connect(), GOOD)


async def test_a_summary_is_one_plain_completion_of_the_memory_model(
    server: OpenAIServer, connect: Connect
) -> None:
    server.on_summary = lambda body: " They like tea. "
    assert await connect().summarise(folding()) == ("They like tea.", Usage(4, 3))
    assert server.requests[0].body["model"] == "rememberer"
    assert "response_format" not in server.requests[0].body


@pytest.mark.parametrize("fault", [Finish("stop", " \n"), Finish("length")], ids=str)
async def test_an_empty_or_half_summary_is_a_failure(
    server: OpenAIServer, connect: Connect, fault: Fault
) -> None:
    server.fail("summary", fault)
    with pytest.raises(MalformedOutput):
        await connect().summarise(folding())


async def test_a_summary_the_provider_filters_is_told_apart(
    server: OpenAIServer, connect: Connect
) -> None:
    server.fail("summary", Finish("content_filter", ""))
    with pytest.raises(ContentFiltered):
        await connect().summarise(folding())
