from datetime import UTC, datetime

import pytest

from bot.evaluation.baselines import BM25, EMBED_TOGETHER, Cosine
from bot.llm.wordllama_embedder import WordLlamaEmbedder
from bot.types import Message, MessageId, Private, Role


def messages(*texts: str, speaker: str = "Mona") -> list[Message]:
    at = datetime(2023, 5, 8, tzinfo=UTC)
    return [
        Message(MessageId(number), Role.PERSON, speaker, text, at, 1, Private())
        for number, text in enumerate(texts, 1)
    ]


def texts(found: list[Message]) -> list[str]:
    return [message.text for message in found]


async def test_rare_words_weigh_more_than_frequent_ones() -> None:
    bm25 = BM25(messages("tea and toast", "tea and alpacas", "tea and milk"))
    assert texts(await bm25.find("alpacas and tea", 3))[0] == "tea and alpacas"


async def test_words_meet_by_their_stems() -> None:
    bm25 = BM25(messages("We were planning.", "Nothing else."))
    assert texts(await bm25.find("plans", 3)) == ["We were planning."]


async def test_stop_words_do_not_count() -> None:
    bm25 = BM25(messages("what was that", "alpacas"))
    assert texts(await bm25.find("What was it?", 3)) == []


async def test_a_word_said_twice_counts_more() -> None:
    bm25 = BM25(messages("tea or milk", "tea or tea", "milk"))
    assert texts(await bm25.find("tea", 3)) == ["tea or tea", "tea or milk"]


async def test_bm25_is_what_the_formula_says() -> None:
    short, long = "tea", "tea with so very much sugar in"
    bm25 = BM25(messages(long, short, "milk"))
    assert texts(await bm25.find("tea", 3)) == [short, long]
    assert bm25._idf("tea") == pytest.approx(0.4700, abs=1e-4)  # ln(1 + 1.5 / 2.5)


async def test_the_speaker_is_indexed_and_the_date_is_not() -> None:
    bm25 = BM25(messages("tea", speaker="Tariq"))
    assert texts(await bm25.find("Tariq", 3)) == ["tea"]
    assert await bm25.find("8 May 2023", 3) == []


async def test_cosine_ranks_by_meaning_and_stops_at_the_limit() -> None:
    said = messages("The cat sleeps.", "Shares fell on Wall Street.", "A kitten purrs.")
    cosine = await Cosine.index(said, WordLlamaEmbedder())
    assert set(texts(await cosine.find("cats and kittens", 2))) == {said[0].text, said[2].text}


async def test_cosine_embeds_every_message() -> None:
    said = messages(*[f"Day {number}" for number in range(EMBED_TOGETHER + 1)], "alpacas")
    cosine = await Cosine.index(said, WordLlamaEmbedder())
    assert texts(await cosine.find("alpacas", 1)) == ["alpacas"]
