"""How a person edits a memory."""

import pytest

from bot.store.sqlite.erasure import SqliteStore
from bot.types import Audience, Channel, MemoryNumber, Private, Slot, Space, Usage
from tests.store.world import (
    ALICE,
    BOARD,
    BOB,
    HALL,
    LYON,
    OSLO,
    START,
    due,
    edit,
    fill,
    found_by_words,
    learn,
    message,
    note,
    shown,
    talk,
    texts,
    years,
)


async def test_an_edit_is_found_by_its_new_words_and_embedded_again(store: SqliteStore) -> None:
    await store.use_vectors_of("model", 2)
    number = await learn(store, "Alice grows quinces", said="hello")
    await store.add_vectors([(item.id, [1, 0]) for item in await store.unindexed(9)])
    await edit(store, number, "Alice grows medlars")
    assert await found_by_words(store, "medlars") == {"Alice grows medlars"}
    assert await found_by_words(store, "quinces") == set()
    (again,) = await store.unindexed(9)
    assert again.text.endswith("Alice grows medlars")
    survey = await store.survey(ALICE, Private(), [], [], None)
    assert again.id not in await store.nearest(survey, ALICE, Private(), [1, 0])


async def test_a_vector_of_the_old_text_that_comes_after_an_edit_is_not_kept(
    store: SqliteStore,
) -> None:
    await store.use_vectors_of("model", 2)
    number = await learn(store, "Alice grows quinces", said="hello")
    stale = [(item.id, [1.0, 0.0]) for item in await store.unindexed(9)]
    await edit(store, number, "Alice grows medlars")
    await store.add_vectors(stale)
    fresh = await store.unindexed(9)
    assert "medlars" in " ".join(item.text for item in fresh)
    await store.add_vectors([(item.id, [0.0, 1.0]) for item in fresh])
    assert await store.unindexed(9) == []


async def test_an_edit_of_the_value_alone_keeps_slot_and_links(store: SqliteStore) -> None:
    works = Slot("Sarah", "works at", "Gogle", exclusive=True)
    number = await learn(
        store, "Sarah works at Gogle.", slot=works, aliases=("Sally",), valid_from=years(2020)
    )
    await edit(store, number, "Sarah works at Google.")
    memory = (await shown(store, number)).memory
    assert memory.slot == Slot("Sarah", "works at", "Google", exclusive=True)
    assert memory.valid_from == years(2020)
    assert await due(store) == []
    assert (await store.survey(ALICE, Private(), [], ["sally"], None)).named


async def test_an_edit_that_says_another_thing_drops_the_slot_and_is_consolidated(
    store: SqliteStore,
) -> None:
    works = Slot("Sarah", "works at", "Google", exclusive=True)
    await learn(store, "Sarah likes tea", slot=Slot("Sarah", "likes", "tea", exclusive=False))
    number = await learn(
        store, "Sarah works at Google", slot=works, aliases=("Sally",), said="hello"
    )
    await edit(store, number, "Sarah has left Google")
    assert (await shown(store, number)).memory.slot is None
    assert not (await store.survey(ALICE, Private(), [], ["sally"], None)).named
    status = Slot("Sarah", "status", "left", exclusive=True)
    await fill(store, number, "Sarah has left Google", status)
    assert (await shown(store, number)).memory.slot == status
    assert await texts(store) == {"Sarah likes tea", "Sarah has left Google"}


@pytest.mark.parametrize(
    ("before", "after", "value"),
    [
        ("Alice lives in Lyon", "alice lives in Oslo.", "Oslo"),
        ("Alice lives in Lyon.", "Alice lives in Oslo.", "Oslo"),
        ("Lyon is home", "Saint-Denis is home", "Saint-Denis"),
    ],
)
async def test_a_slot_goes_along_where_only_its_value_changed(
    store: SqliteStore, before: str, after: str, value: str
) -> None:
    number = await learn(store, before, slot=LYON)
    await edit(store, number, after)
    slot = (await shown(store, number)).memory.slot
    assert slot is not None
    assert (slot.value, slot.attribute) == (value, "lives in")


@pytest.mark.parametrize(
    "after",
    [
        "Lyon",
        "lives in",
        "Alice lives in .",
        "I live in Oslo",
        "Alice lives in",
        "x Alice lives in",
    ],
)
async def test_a_value_that_is_not_where_it_was_takes_no_slot_along(
    store: SqliteStore, after: str
) -> None:
    number = await learn(store, "Alice lives in Lyon", slot=LYON)
    await edit(store, number, after)
    assert (await shown(store, number)).memory.slot is None


async def test_what_is_history_stays_history_when_it_is_edited(store: SqliteStore) -> None:
    old = await learn(store, "Alice lives in Lyon", slot=LYON, valid_from=years(2020))
    await learn(store, "Alice lives in Oslo", slot=OSLO, valid_from=years(2025))
    await edit(store, old, "Alice was a student in Lyon")
    assert (await shown(store, old)).memory.valid_to == years(2025)
    assert await due(store) == []


@pytest.mark.parametrize(
    ("kept_in", "edited_in", "audience"),
    [
        (Private(), Space(), Private()),
        (Space(), Private(), Private()),
        (Space(), BOARD, BOARD),
        (BOARD, Space(), BOARD),
        (BOARD, BOARD, BOARD),
        (BOARD, Channel("staff"), Private()),
        (Space(), Space(), Space()),
    ],
)
async def test_an_edit_is_read_by_those_who_could_read_both(
    store: SqliteStore, kept_in: Audience, edited_in: Audience, audience: Audience
) -> None:
    number = await learn(store, "Alice grows quinces", audience=kept_in, conversation=HALL)
    await edit(store, number, "Alice grows medlars", audience=edited_in, conversation=HALL)
    assert (await shown(store, number)).memory.audience == audience
    for reader in (Space(), BOARD, Channel("staff")):
        seen = await found_by_words(store, "medlars", reader=reader)
        assert bool(seen) == (audience in (Space(), reader))


async def test_what_another_memory_says_already_is_not_said_twice(store: SqliteStore) -> None:
    one = await note(store, "I grow quinces")
    two = await note(store, "I grow medlars")
    assert await edit(store, two, "i grow QUINCES") == one
    assert await texts(store) == {"I grow quinces", "I grow medlars"}
    assert await edit(store, two, "I grow Medlars") == two
    assert (await shown(store, two)).memory.text == "I grow Medlars"
    assert await edit(store, MemoryNumber(9), "nothing") is None
    assert await store.edit(one, message("Bob's", scope=BOB), 1) is None


async def test_what_was_edited_is_not_learnt_again_from_its_old_sources(
    store: SqliteStore,
) -> None:
    turn = await talk(store, "I live in Lyon")
    kept = await store.keep_verbatim(ALICE, turn.message.id)
    assert kept is not None
    await edit(store, kept, "I live near Lyon")
    for batch in await due(store):
        assert [e.said.text for e in batch.exchanges] == ["I live near Lyon"]
        await store.apply(batch, [], [], "notebook", Usage(), START)
    assert await store.reconsider("notebook") == 1  # the edit itself
    await edit(store, kept, "I live far from Lyon")
    assert [e.said.text for batch in await due(store) for e in batch.exchanges] == [
        "I live far from Lyon"
    ]


async def test_a_batch_that_was_read_before_an_edit_is_not_applied(store: SqliteStore) -> None:
    number = await learn(store, "Alice lives in Lyon", slot=LYON)
    turn = await talk(store, "in Lyon, as I said")
    (batch,) = await due(store)
    await edit(store, number, "Alice lives in Leon")
    again = [(number, (turn.message.id,))]
    assert await store.apply(batch, [], again, "test", Usage(), START) == []
    assert len((await shown(store, number)).sources) == 2
    assert len(await due(store)) == 1
