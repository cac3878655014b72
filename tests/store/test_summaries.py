from bot.ports import Foldable
from bot.store.sqlite.erasure import SqliteStore
from bot.types import Audience, Channel, Private, Scope, Space, Usage
from tests.store.world import ALICE, BOB, DM, HALL, START, heard, learn, talk

MODS = Channel("mods")


async def fold(store: SqliteStore, text: str, keep: int = 0) -> Foldable:
    (folded,) = await store.foldable(0)
    old = folded.exchanges[: len(folded.exchanges) - keep]
    assert await store.add_summary(folded, old[-1][0], text, Usage(2, 1), START)
    return folded


async def summary(
    store: SqliteStore, reader: Audience | None = None, scope: Scope = ALICE
) -> str | None:
    found = await store.newest_summary(HALL, reader or Space(), scope)
    return found.text if found else None


async def chat(
    store: SqliteStore, *said: str, audience: Audience | None = None, scope: Scope = ALICE
) -> None:
    for text in said:
        await talk(store, text, conversation=HALL, audience=audience or Space(), scope=scope)


async def test_a_conversation_is_foldable_past_the_threshold(store: SqliteStore) -> None:
    await chat(store, "one", "two")  # 10 tokens each, and 5 for each answer
    assert await store.foldable(30) == []
    (folded,) = await store.foldable(29)
    assert (folded.conversation, folded.scope, folded.reader) == (HALL, ALICE, Space())
    assert folded.previous is None
    assert [exchange.said.text for _, exchange in folded.exchanges] == ["one", "two"]


async def test_a_summary_is_folded_together_with_the_previous_one(store: SqliteStore) -> None:
    await chat(store, "one", "two", "three")
    await fold(store, "one and two", keep=1)
    await chat(store, "four")
    folded = await fold(store, "one to three", keep=1)
    assert folded.previous is not None
    assert folded.previous.text == "one and two"
    assert [exchange.said.text for _, exchange in folded.exchanges] == ["three", "four"]
    newest = await store.newest_summary(HALL, Space(), ALICE)
    assert newest is not None
    assert newest.text == "one to three"
    assert [text for text, _ in await heard(store, after=newest.through)] == ["four"]
    assert await store.foldable(15) == []
    assert len(await store.foldable(14)) == 1


async def test_a_summary_is_for_those_who_could_read_what_it_covers(store: SqliteStore) -> None:
    await chat(store, "closed", audience=MODS)
    await fold(store, "of the mods")
    assert await summary(store, MODS, BOB) == "of the mods"
    assert await summary(store, Space()) is None
    assert await summary(store, Channel("staff")) is None
    assert await summary(store, Private()) is None


async def test_a_private_summary_is_for_its_person_alone(store: SqliteStore) -> None:
    await chat(store, "private", audience=Private())
    await fold(store, "of Alice")
    assert await summary(store, Private()) == "of Alice"
    assert await summary(store, Private(), BOB) is None
    assert await summary(store, Space()) is None


async def test_a_summary_of_another_space_is_not_shown_by_its_id(store: SqliteStore) -> None:
    await chat(store, "one")
    await fold(store, "of the hall")
    found = await store.newest_summary(HALL, Space(), ALICE)
    assert found is not None
    assert await store.summary(BOB, Space(), found.id) == found
    assert await store.summary(Scope("console", "work", "alice"), Space(), found.id) is None


async def test_a_closed_summary_is_not_shown_to_a_stranger_in_private(store: SqliteStore) -> None:
    await chat(store, "closed", audience=MODS)
    await fold(store, "of the mods")
    found = await store.newest_summary(HALL, MODS, ALICE)
    assert found is not None
    assert await store.summary(ALICE, MODS, found.id) == found
    assert await store.summary(BOB, Private(), found.id) is None


async def test_nothing_is_summarised_of_what_was_erased_meanwhile(store: SqliteStore) -> None:
    number = await learn(store, "Alice likes tea")
    (folded,) = await store.foldable(0)
    through = folded.exchanges[-1][0]
    await store.erase(ALICE, [number])
    assert not await store.add_summary(folded, through, "tea", Usage(2, 1), START)
    assert await store.newest_summary(DM, Private(), ALICE) is None
    assert await store.foldable(0) == []
    assert await store.tokens_today(ALICE, START) == 10 + 3  # the call was made


async def test_nothing_is_summarised_on_top_of_a_summary_that_was_erased(
    store: SqliteStore,
) -> None:
    number = await learn(store, "Alice likes tea")
    await fold(store, "tea")
    await talk(store, "the weather")
    (folded,) = await store.foldable(0)
    await store.erase(ALICE, [number])
    through = folded.exchanges[-1][0]
    assert not await store.add_summary(folded, through, "tea and weather", Usage(), START)
    (again,) = await store.foldable(0)
    assert (again.previous, again.exchanges) == (None, folded.exchanges)


async def test_after_a_fresh_start_there_is_no_summary(store: SqliteStore) -> None:
    await chat(store, "one", "two")
    await fold(store, "one", keep=1)
    (folded,) = await store.foldable(0)
    await store.start_fresh(HALL)
    assert await summary(store) is None
    assert await store.foldable(0) == []
    through = folded.exchanges[-1][0]
    assert not await store.add_summary(folded, through, "two", Usage(), START)
