import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import StoreError
from bot.ports import PassageId, Survey, passage_of
from bot.store.sqlite import search
from bot.store.sqlite.erasure import SqliteStore
from bot.store.sqlite.vectors import bits, int8
from bot.text import names_in, terms
from bot.types import Audience, Channel, Private, Space
from tests.fuzzing import examples
from tests.store.world import ALICE, BOB, HALL, found_by_words, note, opened, talk


async def nearest(store: SqliteStore, vector: list[float], limit: int = 10) -> dict[str, float]:
    survey = await store.survey(ALICE, Private(), [], [], None)
    cosines = await store.nearest(survey, ALICE, Private(), vector)
    items = await store.candidates(ALICE, Private(), list(cosines))
    best = sorted(cosines, key=lambda identity: -cosines[identity])[:limit]
    return {items[identity].text: cosines[identity] for identity in best}


async def embed(store: SqliteStore, vectors: dict[str, list[float]]) -> None:
    """Give each text whose last word is a key its vector."""
    await store.add_vectors(
        [(item.id, vectors[item.text.split()[-1]]) for item in await store.unindexed(9999)]
    )


async def test_words_find_memories_and_messages_by_their_stems(store: SqliteStore) -> None:
    await note(store, "I was planning a trip")
    await talk(store, "the plans are made")
    await talk(store, "nothing of the kind")
    assert await found_by_words(store, "plan") == {"I was planning a trip", "the plans are made"}
    assert await found_by_words(store, "plan", BOB) == set()
    assert await found_by_words(store, "plan", reader=Space()) == set()


async def test_a_term_that_is_asked_for_twice_counts_once(store: SqliteStore) -> None:
    await talk(store, "tea with milk at five o'clock")
    survey = await store.survey(
        ALICE, Private(), ["tea", "o'clock", "tea", "milk", "war"], [], None
    )
    assert [len(held) for held in survey.words] == [1, 1, 1, 0]
    await talk(store, "milk and war", scope=BOB, audience=Space(), conversation=HALL)
    survey = await store.survey(ALICE, Private(), ["tea", "tea", "milk", "war"], [], HALL)
    assert [len(held) for held in survey.words] == [1, 2, 1]


async def test_the_statistics_are_of_what_the_reader_may_see(store: SqliteStore) -> None:
    await note(store, "tea")
    await talk(store, "tea in the hall", audience=Space(), conversation=HALL)
    await note(store, "tea", scope=BOB)
    private = await store.survey(ALICE, Private(), ["tea"], [], None)
    public = await store.survey(ALICE, Space(), ["tea"], [], None)
    assert (len(private.ids), len(public.ids)) == (2, 1)
    assert [len(held) for held in private.words] == [2]
    assert not (await store.survey(BOB, Space(), ["tea"], [], None)).ids


@settings(max_examples=examples(60), deadline=None)
@given(texts=st.lists(st.text(st.characters(codec="utf-8"), min_size=1), min_size=1, max_size=4))
async def test_any_text_can_be_kept_looked_for_and_erased(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str]
) -> None:
    async with opened(tmp_path_factory.mktemp("any") / "ellie.db") as store:
        for text in texts:
            number = await note(store, text)
            await store.survey(ALICE, Private(), terms(text), names_in(text), None)
            (memory,) = await store.memories(ALICE, Private(), [number])
            assert memory.text.casefold() == text.casefold()
        assert len((await store.erase(ALICE, [number])).memories) == 1


async def test_the_nearest_come_with_their_cosines(store: SqliteStore) -> None:
    await store.use_vectors_of("model", 2)
    for text in ("east", "northeast", "north"):
        await note(store, text)
    await embed(store, {"east": [1, 0], "northeast": [1, 1], "north": [0, 1]})
    found = await nearest(store, [1, 0], limit=2)
    assert list(found) == ["east", "northeast"]
    assert found["east"] == pytest.approx(1, abs=0.01)
    assert found["northeast"] == pytest.approx(math.sqrt(0.5), abs=0.01)


@pytest.mark.rule("M11")
async def test_a_change_of_model_leaves_nothing_indexed_and_nothing_mixes(
    store: SqliteStore,
) -> None:
    assert await store.unindexed(9) == []  # no model was chosen
    await store.use_vectors_of("one", 2)
    await note(store, "tea")
    await embed(store, {"tea": [1, 0]})
    assert await store.unindexed(9) == []
    for name, dimension in (("two", 2), ("one", 3)):
        await store.use_vectors_of(name, dimension)
        assert [item.text[-3:] for item in await store.unindexed(9)] == ["tea"]
        assert await nearest(store, [1.0] * dimension) == {}
    await store.use_vectors_of("one", 2)
    assert await store.unindexed(9) == []
    assert list(await nearest(store, [1, 0])) == ["tea"]


async def test_the_zero_vector_marks_a_text_with_nothing_to_embed(store: SqliteStore) -> None:
    await store.use_vectors_of("model", 2)
    await note(store, "tea")
    await embed(store, {"tea": [0, 0]})
    assert await store.unindexed(9) == []
    assert await nearest(store, [1, 0]) == {}
    assert await nearest(store, [0, 0]) == {}


@pytest.mark.parametrize("bad", [[math.nan, 1.0], [math.inf, 1.0], [1.0, -math.inf]])
async def test_a_vector_that_is_not_finite_is_refused(store: SqliteStore, bad: list[float]) -> None:
    await store.use_vectors_of("model", 2)
    await note(store, "tea")
    await note(store, "milk")
    with pytest.raises(StoreError):
        await embed(store, {"tea": [1, 0], "milk": bad})
    assert len(await store.unindexed(9)) == 2


async def test_a_vector_of_another_length_is_refused(store: SqliteStore) -> None:
    await store.use_vectors_of("model", 2)
    await note(store, "tea")
    with pytest.raises(ValueError, match="2 dimensions"):
        await embed(store, {"tea": [1, 0, 0]})


async def test_the_prefilter_finds_the_same_as_a_full_scan(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(7)
    question = [chance.gauss(0, 1) for _ in range(128)]
    vectors = {}
    for number in range(300):
        noise = 0.3 + (300 - number) / 50
        vectors[f"n{number}"] = [value + chance.gauss(0, noise) for value in question]
        await note(store, f"n{number}")
    await store.use_vectors_of("model", 128)
    await embed(store, vectors)
    full = await nearest(store, question, limit=8)
    monkeypatch.setattr(search, "PREFILTER_ABOVE", 100)
    monkeypatch.setattr(search, "NEAREST", 8)
    assert await nearest(store, question, limit=8) == full
    assert len(full) == 8


async def test_the_prefilter_obeys_the_law_and_keeps_to_one_model_and_its_limit(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "PREFILTER_ABOVE", 0)
    await store.use_vectors_of("old", 2)
    await note(store, "an old one", audience=Space())
    await embed(store, {"one": [1, 0]})
    await store.use_vectors_of("model", 2)
    await note(store, "a private east")
    await note(store, "an open east", audience=Space())
    await note(store, "of Bob: east", scope=BOB, audience=Space())
    await note(store, "an open north", audience=Space())
    await note(store, "an open nothing", audience=Space())
    east, north, nothing = [1.0, 0.1], [0.1, 1.0], [0.0, 0.0]
    waiting = [item for item in await store.unindexed(9) if not item.text.endswith("one")]
    which = {"east": east, "north": north, "nothing": nothing}
    await store.add_vectors([(item.id, which[item.text.split()[-1]]) for item in waiting])
    for limit, found in ((9, {"an open east", "an open north"}), (1, {"an open east"})):
        monkeypatch.setattr(search, "NEAREST", limit)
        survey = await store.survey(ALICE, Space(), [], [], None)
        near = await store.nearest(survey, ALICE, Space(), [1, 0])
        items = await store.candidates(ALICE, Private(), list(near))
        assert {item.text for item in items.values()} == found
        assert len(near) == len(found)


async def test_of_others_only_what_the_reader_may_hear_is_near_and_by_one_model(
    store: SqliteStore,
) -> None:
    mods = Channel("mods")
    await store.use_vectors_of("model", 2)
    ids = [
        passage_of((await talk(store, "tea", scope=BOB, audience=audience)).message.id)
        for audience in (Private(), mods, Space())
    ]
    await embed(store, {"tea": [1, 0]})
    none = [0] * 3
    survey = Survey(ids, none, none, none, ["Bob"] * 3, [False] * 3, [], {}, frozenset())
    may_hear: list[tuple[Audience, list[PassageId]]] = [
        (Private(), ids[2:]), (mods, ids[1:]), (Space(), ids[2:]),
    ]  # fmt: skip
    for reader, heard in may_hear:
        assert sorted(await store.nearest(survey, ALICE, reader, [1, 0])) == heard
    await store.use_vectors_of("another", 2)
    assert await store.nearest(survey, ALICE, mods, [1, 0]) == {}


@given(st.lists(st.floats(-1, 1, width=32), min_size=1, max_size=70).filter(any))
def test_int8_and_signs_fit_the_vector(vector: list[float]) -> None:
    packed = memoryview(int8(vector)).cast("b").tolist()
    assert max(abs(value) for value in packed) == 127
    assert all(a * b >= 0 for a, b in zip(packed, vector, strict=True))
    signs = int.from_bytes(bits(vector), "little")
    assert [signs >> n & 1 == 1 for n in range(len(vector))] == [v > 0 for v in vector]
