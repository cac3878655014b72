"""The built-in vectors, beside those of the package they are read from."""

import logging
import math
import subprocess
import sys
from pathlib import Path

import pytest

from bot.errors import ModelRefused
from bot.llm.wordllama_embedder import (
    FIRST_RANKED,
    INLINE_TEXTS,
    TEXT_CHARS,
    WordLlamaEmbedder,
    _load,
    wordllama_available,
)

pytestmark = pytest.mark.skipif(not wordllama_available(), reason="wordllama has no wheel here")

WORDS = ["tea", "support", "dog", "house", "a"]


def cosine(a: list[float], b: list[float]) -> float:
    return sum(x * y for x, y in zip(a, b, strict=True))


async def test_a_words_vector_points_where_the_packages_does() -> None:
    """One token has one weight, which changes no direction; longer texts are weighted."""
    level, handlers = logging.root.level, list(logging.root.handlers)
    import wordllama

    package = wordllama.WordLlama.load(
        dim=256, cache_dir=Path(wordllama.__file__).parent, disable_download=True
    )
    logging.root.handlers[:] = handlers  # importing it turns on logging for the whole process
    logging.root.setLevel(level)
    expected = package.embed(WORDS, norm=True).tolist()
    for own, theirs in zip(await WordLlamaEmbedder().embed(WORDS), expected, strict=True):
        assert own == pytest.approx(theirs, abs=1e-5)


async def test_what_chat_is_full_of_does_not_drown_what_a_text_is_about() -> None:
    bare, chatty, other = await WordLlamaEmbedder().embed(
        [
            "pottery class",
            "Oh, that is really so nice to hear! I just signed up for a pottery class",
            "Oh, that is really so nice to hear! I just signed up for a swimming lesson",
        ]
    )
    assert cosine(bare, chatty) > 0.6 > 0.4 > cosine(bare, other)


def test_a_token_counts_the_logarithm_of_its_rank_and_a_single_ascii_letter_one() -> None:
    model = _load()
    ranks = {token: n - FIRST_RANKED + 1 for token, n in model.tokenizer.get_vocab().items()}
    rarity = {token: float(model.rarity[n]) for token, n in model.tokenizer.get_vocab().items()}
    for token in ("▁really", "▁house", "é"):
        assert rarity[token] == pytest.approx(math.log(ranks[token]))
    assert rarity["a"] == rarity["▁p"] == rarity["%"] == min(rarity.values()) == 1


async def test_related_texts_are_nearer_than_others() -> None:
    question, near, far = await WordLlamaEmbedder().embed(
        ["Where does she work?", "Her job is at a company in Oslo.", "The cat sleeps on a sofa."]
    )
    assert cosine(question, near) > cosine(question, far)


async def test_an_empty_text_is_the_zero_vector_and_others_have_length_one() -> None:
    embedder = WordLlamaEmbedder()
    nothing, blank, tea = await embedder.embed(["", " \n", "tea"])
    assert nothing == blank == [0.0] * 256
    assert len(tea) == embedder.dimension == 256
    assert math.hypot(*tea) == pytest.approx(1)
    assert embedder.name == "wordllama:l2_supercat_256:rarity"
    assert await embedder.embed([]) == []


async def test_a_text_in_a_script_that_the_model_does_not_know_has_no_meaning() -> None:
    foreign = [
        "Где мои ключи?",
        "我的钥匙在哪里?",
        "[2 March 2026] Alice: どこに住んでいますか? 京都です。",
    ]
    latin = [
        "How do you say 東京?",
        "¿Dónde están mis llaves?",
        "Tôi thích uống trà ở Huế",
        "42",
    ]
    vectors = await WordLlamaEmbedder().embed([*foreign, *latin])
    assert [any(vector) for vector in vectors] == [False] * 3 + [True] * 4


async def test_a_large_batch_gives_the_same_as_one_by_one() -> None:
    embedder = WordLlamaEmbedder()
    texts = [f"text number {number}" for number in range(INLINE_TEXTS + 1)]
    together = await embedder.embed(texts)
    assert together == [(await embedder.embed([text]))[0] for text in texts]


async def test_only_the_beginning_of_a_very_long_text_counts() -> None:
    head = ("tea " * TEXT_CHARS)[:TEXT_CHARS]
    cut, whole = await WordLlamaEmbedder().embed([head, head + " and coffee" * 1000])
    assert cut == whole


async def test_a_hidden_package_is_not_available_and_is_refused_in_one_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "wordllama", None)
    assert not wordllama_available()
    with pytest.raises(ModelRefused, match="install wordllama"):
        await WordLlamaEmbedder().embed(["tea"])


@pytest.mark.parametrize(
    ("statement", "absent"),
    [
        ("import bot.llm.openai_chat, bot.llm.openai_embedder", "openai"),
        ("from bot.llm.wordllama_embedder import *; assert wordllama_available()", "numpy"),
        (
            "import asyncio; from bot.llm.wordllama_embedder import *; "
            "asyncio.run(WordLlamaEmbedder().embed(['tea']))",
            "requests",
        ),
    ],
)
def test_nothing_heavy_is_imported_before_it_is_needed(statement: str, absent: str) -> None:
    check = f"{statement}; import sys; sys.exit({absent!r} in sys.modules)"
    subprocess.run([sys.executable, "-c", check], check=True, cwd=Path(__file__).parents[2])
