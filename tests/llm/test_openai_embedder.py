"""Vectors: the unmodified openai client against a loopback server."""

import math
from collections.abc import AsyncIterator

import pytest

from bot.errors import ContextTooLong, MalformedOutput, ModelError, ModelRefused, ModelUnavailable
from bot.llm.openai_embedder import BATCH_TEXTS, OpenAIEmbedder
from tests.servers.hashed_words import embed
from tests.servers.openai_faults import (
    Cut,
    Fault,
    Raw,
    Status,
    Vectors,
    bad_key,
    context_too_long,
    insufficient_quota,
    model_not_found,
    rate_limited,
    server_error,
)
from tests.servers.openai_server import OpenAIServer


@pytest.fixture
async def embedder(server: OpenAIServer) -> AsyncIterator[OpenAIEmbedder]:
    embedder = OpenAIEmbedder(
        model="text-embedding-3-small",
        dimension=64,
        api_key="sk-secret",
        base_url=server.base_url,
        timeout_seconds=5,
        retries=1,
    )
    yield embedder
    await embedder.close()


def cosine(a: list[float], b: list[float]) -> float:
    return sum(x * y for x, y in zip(a, b, strict=True))


async def test_the_dimension_is_asked_for_and_the_vectors_have_length_one(
    server: OpenAIServer, embedder: OpenAIEmbedder
) -> None:
    tea, more_tea = await embedder.embed(["green tea", "green tea please"])
    assert tea == pytest.approx(embed("green tea", 64))
    assert cosine(tea, tea) == pytest.approx(1)
    assert 0.5 < cosine(tea, more_tea) < 1
    sent = server.requests[0].body
    assert (sent["dimensions"], sent["encoding_format"]) == (64, "float")
    assert (embedder.name, embedder.dimension) == ("openai:text-embedding-3-small", 64)


async def test_empty_texts_are_zero_vectors_and_are_not_sent(
    server: OpenAIServer, embedder: OpenAIEmbedder
) -> None:
    nothing, tea, blank = await embedder.embed(["", "tea", " \n"])
    assert nothing == blank == [0.0] * 64
    assert tea == pytest.approx(embed("tea", 64))
    assert server.requests[0].body["input"] == ["tea"]
    assert await embedder.embed([]) == []
    assert await embedder.embed([""]) == [[0.0] * 64]
    assert len(server.requests) == 1


async def test_many_texts_go_in_batches_and_come_back_in_order(
    server: OpenAIServer, embedder: OpenAIEmbedder
) -> None:
    texts = [f"word{number}" for number in range(2 * BATCH_TEXTS + 1)]
    vectors = await embedder.embed(texts)
    assert [len(request.body["input"]) for request in server.requests] == [128, 128, 1]
    assert vectors == [pytest.approx(embed(text, 64)) for text in texts]


async def test_longer_vectors_are_cut_and_made_length_one_again(
    server: OpenAIServer, embedder: OpenAIEmbedder
) -> None:
    server.ignores_dimensions, server.embedding_dimension = True, 100
    text = " ".join(f"word{number}" for number in range(40))
    (vector,) = await embedder.embed([text])
    assert len(vector) == 64
    assert math.hypot(*vector) == pytest.approx(1)
    assert vector[0] / vector[1] == pytest.approx(embed(text, 100)[0] / embed(text, 100)[1])


async def test_a_server_that_refuses_dimensions_is_asked_without_them_from_then_on(
    server: OpenAIServer, embedder: OpenAIEmbedder
) -> None:
    server.accepts_dimensions = False
    for _ in range(2):
        ((*vector,),) = await embedder.embed(["tea for two"])
        assert len(vector) == 64
    assert ["dimensions" in request.body for request in server.requests] == [True, False, False]


async def test_shorter_vectors_are_refused_with_the_setting_that_would_work(
    server: OpenAIServer, embedder: OpenAIEmbedder
) -> None:
    server.ignores_dimensions, server.embedding_dimension = True, 48
    with pytest.raises(ModelRefused, match="ELLIE_EMBEDDING_DIMENSIONS=48"):
        await embedder.embed(["tea"])


ONE = (1.0,) * 64


@pytest.mark.parametrize(
    "fault",
    [
        Vectors((ONE,)),
        Vectors((ONE, ONE, ONE)),
        Vectors((ONE, (None, *ONE[1:]))),
        Vectors(((), ())),
        Raw('{"data": []}'),
        Raw('{"data": [{"index": 0, "embedding": "AAAA"}, {"index": 1, "embedding": "AAAA"}]}'),
        Raw('{"data": [{"index": 1, "embedding": [1]}, {"index": 1, "embedding": [1]}]}'),
        Raw("{}"),
        Raw("{bad"),
        Raw("<html>", "text/html"),
    ],
    ids=lambda fault: str(fault)[:40],
)
async def test_an_answer_other_than_one_vector_a_text_is_a_failure(
    server: OpenAIServer, embedder: OpenAIEmbedder, fault: Fault
) -> None:
    server.fail("embeddings", fault)
    with pytest.raises(MalformedOutput):
        await embedder.embed(["tea", "cake"])


async def test_vectors_are_put_in_order_by_their_index(
    server: OpenAIServer, embedder: OpenAIEmbedder
) -> None:
    first, second = [1.0] + [0.0] * 63, [0.0] * 63 + [1.0]
    entries = f'{{"index": 1, "embedding": {second}}}, {{"index": 0, "embedding": {first}}}'
    server.fail("embeddings", Raw(f'{{"data": [{entries}]}}'))
    assert await embedder.embed(["tea", "cake"]) == [first, second]


@pytest.mark.parametrize(
    ("fault", "kind", "says"),
    [
        (rate_limited(), ModelUnavailable, "overloaded"),
        (server_error(), ModelUnavailable, "HTTP 500"),
        (Cut(0), ModelUnavailable, "cannot be reached"),
        (insufficient_quota(), ModelRefused, "no credit"),
        (bad_key(), ModelRefused, "OPENAI_API_KEY"),
        (model_not_found(), ModelRefused, "ELLIE_EMBEDDING_MODEL"),
        (context_too_long(), ContextTooLong, "longer"),
        (Status(500, "input is too large to process."), ContextTooLong, "longer"),
    ],
    ids=str,
)
async def test_faults_become_the_same_errors_as_those_of_the_chat(
    server: OpenAIServer,
    embedder: OpenAIEmbedder,
    fault: Fault,
    kind: type[ModelError],
    says: str,
) -> None:
    server.fail("embeddings", fault, times=None)
    with pytest.raises(kind, match=says):
        await embedder.embed(["tea"])


async def test_a_passing_fault_is_retried(server: OpenAIServer, embedder: OpenAIEmbedder) -> None:
    server.fail("embeddings", rate_limited())
    assert len(await embedder.embed(["tea"])) == 1
    assert len(server.requests) == 2
