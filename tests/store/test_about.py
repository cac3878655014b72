"""What is known of an entity, by any of its names."""

from bot.store.sqlite.erasure import SqliteStore
from bot.types import Private, Slot, Space
from tests.store.world import ALICE, BOARD, BOB, HALL, learn, years


async def test_an_entitys_memories_come_current_first_under_every_name(store: SqliteStore) -> None:
    google = Slot("Sarah", "works at", "Google", exclusive=True)
    meta = Slot("Sarah", "works at", "Meta", exclusive=True)
    tea = Slot("Sarah", "likes", "tea", exclusive=False)
    new = await learn(store, "A", slot=meta, valid_from=years(2025))
    likes = await learn(store, "B", slot=tea)
    old = await learn(store, "C", slot=google, valid_from=years(2020), aliases=("Sally",))
    await learn(store, "D", slot=Slot("Zed", "likes", "tea", exclusive=False))
    for name in ("Sarah", "sarah", "my SALLY"):
        page = await store.about(ALICE, Private(), name, 9)
        assert page is not None
        assert [m.number for m in page.memories] == [likes, new, old]
        assert (page.names, page.total) == (("Sarah", "Sally"), 3)
    short = await store.about(ALICE, Private(), "Sarah", 2)
    assert short is not None
    assert ([m.number for m in short.memories], short.total) == ([likes, new], 3)
    assert await store.about(ALICE, Private(), "Sa", 9) is None
    assert await store.about(BOB, Private(), "Sarah", 9) is None
    assert await store.entity_names(ALICE, Private(), 1) == ["Sarah"]
    assert await store.entity_names(ALICE, Private(), 9) == ["Sarah", "Zed"]
    assert await store.entity_names(BOB, Private(), 9) == []


async def test_a_page_about_an_entity_obeys_the_law(store: SqliteStore) -> None:
    tea = Slot("Sarah", "likes", "tea", exclusive=False)
    ill = Slot("Sarah", "is", "ill", exclusive=False)
    await learn(store, "open", slot=tea, audience=Space(), conversation=HALL)
    await learn(store, "private", slot=ill, aliases=("Sally",))
    page = await store.about(ALICE, Space(), "Sarah", 9)
    assert page is not None
    assert ([m.text for m in page.memories], page.names) == (["open"], ("Sarah",))
    assert await store.about(ALICE, Space(), "Sally", 9) is None
    assert await store.entity_names(ALICE, BOARD, 9) == ["Sarah"]


async def test_what_was_closed_in_private_is_current_on_the_page_of_others(
    store: SqliteStore,
) -> None:
    google = Slot("Sarah", "works at", "Google", exclusive=True)
    meta = Slot("Sarah", "works at", "Meta", exclusive=True)
    tea = Slot("Sarah", "likes", "tea", exclusive=False)
    await learn(store, "private", slot=meta, valid_from=years(2025))
    await learn(store, "tea", slot=tea, audience=Space(), conversation=HALL)
    await learn(
        store, "older", slot=google, valid_from=years(2020), audience=Space(), conversation=HALL
    )
    for reader, order in ((Space(), ["older", "tea"]), (Private(), ["tea", "private", "older"])):
        page = await store.about(ALICE, reader, "Sarah", 9)
        assert page is not None
        assert [m.text for m in page.memories] == order
