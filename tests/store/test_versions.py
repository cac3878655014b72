"""What memories were before, how a person edits them, and what forgetting does with it."""

from pathlib import Path

import pytest

from bot.ports import Used
from bot.store.sqlite.changes import changing
from bot.store.sqlite.erasure import SqliteStore
from bot.text import terms
from bot.types import (
    Audience,
    Channel,
    MemoryNumber,
    MemoryVersions,
    Private,
    Slot,
    Source,
    SourceKind,
    Space,
    Usage,
    Version,
)
from tests.store.world import (
    ALICE,
    BOB,
    DM,
    HALL,
    START,
    bytes_on_disk,
    due,
    found_by_words,
    learn,
    message,
    note,
    opened,
    say,
    statement,
    talk,
    texts,
    years,
)

LYON = Slot(None, "lives in", "Lyon", exclusive=True)
OSLO = Slot(None, "lives in", "Oslo", exclusive=True)
BOARD = Channel("board")


async def edit(
    store: SqliteStore, number: MemoryNumber, text: str, **more: object
) -> MemoryNumber | None:
    return await store.edit(number, message(text, **more), 3)  # type: ignore[arg-type]  # passed on


async def shown(
    store: SqliteStore, number: MemoryNumber, reader: Audience | None = None
) -> MemoryVersions:
    found = await store.versions(ALICE, reader or Private(), number)
    assert found is not None
    return found


async def fill(store: SqliteStore, number: MemoryNumber, text: str, slot: Slot) -> None:
    """Consolidate the note behind a memory."""
    (batch,) = await due(store)
    filled = statement(text, [batch.exchanges[0].said.id], slot=slot, adopts=number)
    await store.apply(batch, [filled], [], "model", Usage(), years(2027))


async def test_a_memory_shows_its_versions_sources_and_what_it_closed(store: SqliteStore) -> None:
    old = await learn(store, "Alice lives in Lyon", slot=LYON, valid_from=years(2020))
    new = await learn(store, "Alice lives in Oslow", slot=OSLO, valid_from=years(2025))
    assert await edit(store, new, "Alice lives in Oslo", at=years(2027)) == new
    found = await shown(store, new)
    assert found.memory.text == "Alice lives in Oslo"
    assert found.versions == (Version("Alice lives in Oslow", OSLO, years(2027), None),)
    assert found.sources == (
        Source(SourceKind.SAID, START, "here"),
        Source(SourceKind.EDITED, years(2027), "here"),
    )
    assert ([m.number for m in found.supersedes], found.superseded_by) == ([old], ())
    assert [m.number for m in (await shown(store, old)).superseded_by] == [new]
    assert await store.versions(ALICE, Private(), MemoryNumber(9)) is None
    assert await store.versions(BOB, Private(), new) is None


async def test_a_slot_that_ellie_fills_is_a_change_by_her(store: SqliteStore) -> None:
    number = await note(store, "I live in Lyon")
    await fill(store, number, "I live in Lyon", LYON)
    found = await shown(store, number)
    assert found.memory.slot == LYON
    assert found.versions == (Version("I live in Lyon", None, years(2027), "model"),)
    assert [source.kind for source in found.sources] == [SourceKind.NOTED]


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


@pytest.mark.parametrize("after", ["Lyon", "lives in", "Alice lives in ", "I live in Oslo"])
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


async def test_an_earlier_version_is_read_only_by_its_own_audience(store: SqliteStore) -> None:
    number = await learn(store, "Alice grows quinces", audience=BOARD, conversation=HALL)
    await edit(store, number, "Alice grows medlars", audience=BOARD, conversation=HALL)
    assert await store.said_before(ALICE, BOARD, terms("quinces")) == [number]
    assert await store.said_before(ALICE, Space(), terms("quinces")) == []
    assert await store.said_before(BOB, Private(), terms("quinces")) == []
    assert len((await shown(store, number, BOARD)).versions) == 1
    assert await store.versions(ALICE, Space(), number) is None


async def test_what_was_narrower_before_is_read_by_no_more_than_then(store: SqliteStore) -> None:
    number = await learn(store, "Alice grows quinces")
    (source,) = (await shown(store, number)).memory.sources
    async with store._write() as db, changing(db, 1, "model", START):
        await db.execute("UPDATE memory SET text = 'Alice grows fruit', audience = 'space'")
    assert len((await shown(store, number)).versions) == 1
    for_all = await shown(store, number, Space())
    assert (for_all.versions, for_all.sources) == ((), ())  # its source was private as well
    assert (await store.messages(ALICE, Space(), [source])) == []


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


async def test_forgetting_an_edited_memory_leaves_no_byte_of_any_version(tmp_path: Path) -> None:
    path = tmp_path / "ellie.db"
    async with opened(path) as store:
        number = await learn(store, "Alice grows quinces", said="I grow quinces")
        await edit(store, number, "Alice grows medlars")
        await edit(store, number, "Alice grows apricots")
        receipt = await store.erase(ALICE, [number])
        assert receipt.messages == 4  # what was said, Ellie's answer to it, and two edits
    for word in (b"uinc", b"edlar", b"pricot"):
        assert word not in bytes_on_disk(path).lower()


async def test_versions_go_with_a_source_that_another_memory_takes_along(
    tmp_path: Path,
) -> None:
    path = tmp_path / "ellie.db"
    async with opened(path) as store:
        turn = await talk(store, "I grow quinces and keep bees")
        (batch,) = await due(store)
        sources = [turn.message.id]
        new = [statement("Alice grows quinces", sources), statement("Alice keeps bees", sources)]
        quinces, bees = await store.apply(batch, new, [], "test", Usage(), START)
        await edit(store, quinces, "Alice grows fruit")
        await store.erase(ALICE, [bees])
        assert await texts(store) == {"Alice grows fruit"}
        assert (await shown(store, quinces)).versions == ()
    assert b"quinc" not in bytes_on_disk(path)


async def test_a_reply_that_held_the_old_text_goes_with_the_memory(store: SqliteStore) -> None:
    number = await note(store, "I grow quinces")
    asked = await say(store, "what do I grow?")
    await store.finish(
        asked, "Quinces.", 2, Used(memories=(number,), erasures=store.erasures), Usage(), START
    )
    await edit(store, number, "I grow medlars")
    assert (await store.history(DM, Private(), ALICE, asked.id, None)) == []
    await store.erase(ALICE, [number])
    assert b"uinces" not in bytes_on_disk(store.path)
