import itertools
import sqlite3
from collections.abc import Sequence
from datetime import timedelta

import pytest

from bot.store.sqlite.erasure import SqliteStore
from bot.types import Audience, Channel, MemoryNumber, Private, Slot, Space, Usage
from tests.store.world import (
    ALICE,
    BOB,
    HALL,
    START,
    due,
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

CITIES = ("Lyon", "Oslo", "Rome")


def city(name: str) -> Slot:
    return Slot(None, "lives in", name, exclusive=True)


async def move(
    store: SqliteStore, name: str, year: int, audience: Audience | None = None
) -> MemoryNumber:
    return await learn(
        store,
        f"Alice lives in {name} ({year})",
        slot=city(name),
        valid_from=years(year),
        audience=audience,
    )


async def spans(
    store: SqliteStore, numbers: Sequence[MemoryNumber], reader: Audience | None = None
) -> list[tuple[int, int | None]]:
    """From and until when each holds, in years."""
    found = await store.memories(ALICE, reader or Private(), numbers)
    return [(m.valid_from.year, m.valid_to.year if m.valid_to else None) for m in found]


async def test_memories_come_in_the_order_asked_and_only_those_that_exist(
    store: SqliteStore,
) -> None:
    for text in ("one", "two", "three"):
        await note(store, text)
    numbers = [MemoryNumber(number) for number in (3, 99, 1, 0, -5, 2**40)]
    found = await store.memories(ALICE, Private(), numbers)
    assert [memory.text for memory in found] == ["three", "one"]


async def test_a_page_is_newest_first_with_the_total(store: SqliteStore) -> None:
    for number in range(7):
        await note(store, f"note {number}")
    found, total = await store.page(ALICE, Private(), 2, 3)
    assert ([memory.text for memory in found], total) == (["note 4", "note 3", "note 2"], 7)
    assert await store.page(ALICE, Private(), 50, 3) == ([], 7)
    assert await store.page(BOB, Private(), 0, 3) == ([], 0)


async def test_the_same_text_is_known_whatever_the_case(store: SqliteStore) -> None:
    number = await note(store, "I like tea")
    assert await store.remember(message("i LIKE tea"), 3) == (number, True)
    other, known = await store.remember(message("I like tea", audience=Space()), 3)
    assert (other, known) == (MemoryNumber(2), False)


async def test_what_is_said_again_gains_a_source_and_the_date_it_was_last_said(
    store: SqliteStore,
) -> None:
    number = await learn(store, "Alice likes tea")
    later = START + timedelta(days=30)
    again = await talk(store, "tea, as ever", at=later)
    (batch,) = await due(store, later)
    sources = (again.message.id,)
    await store.apply(batch, [], [(number, sources)], "test", Usage(), later)
    (memory,) = await store.memories(ALICE, Private(), [number])
    assert len(memory.sources) == 2
    assert memory.said_at == later


async def test_a_private_word_does_not_move_the_date_of_an_open_memory(
    store: SqliteStore,
) -> None:
    number = await learn(store, "Alice likes tea", audience=Space(), conversation=HALL)
    again = await talk(store, "tea, as ever", at=START + timedelta(days=30))
    (batch,) = await due(store, START + timedelta(days=31))
    await store.apply(batch, [], [(number, (again.message.id,))], "test", Usage(), START)
    (memory,) = await store.memories(ALICE, Space(), [number])
    assert memory.said_at == START


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
async def test_in_whatever_order_they_are_learnt_the_newest_holds(
    store: SqliteStore, order: tuple[int, ...]
) -> None:
    numbers = {place: await move(store, CITIES[place], 2020 + place) for place in order}
    chain = [numbers[place] for place in range(3)]
    assert await spans(store, chain) == [(2020, 2021), (2021, 2022), (2022, None)]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
@pytest.mark.parametrize("gone", range(3))
async def test_forgetting_one_of_a_chain_reopens_only_the_newest_left(
    store: SqliteStore, order: tuple[int, ...], gone: int
) -> None:
    numbers = {place: await move(store, CITIES[place], 2020 + place) for place in order}
    await store.erase(ALICE, [numbers.pop(gone)])
    older, newer = sorted(numbers)
    assert await spans(store, [numbers[older], numbers[newer]]) == [
        (2020 + older, 2020 + newer),
        (2020 + newer, None),
    ]


async def test_one_can_move_back(store: SqliteStore) -> None:
    chain = [await move(store, name, 2020 + n) for n, name in enumerate(("Lyon", "Oslo", "Lyon"))]
    assert await spans(store, chain) == [(2020, 2021), (2021, 2022), (2022, None)]
    await store.erase(ALICE, [chain[1]])
    assert await spans(store, [chain[0], chain[2]]) == [(2020, 2022), (2022, None)]


async def test_the_same_value_is_known_and_other_values_of_an_open_slot_add_up(
    store: SqliteStore,
) -> None:
    first = await move(store, "Lyon", 2020)
    assert await learn(store, "Home is Lyon", slot=city("lyon"), valid_from=years(2021)) == first
    for drink in ("tea", "milk"):
        await learn(store, f"Likes {drink}", slot=Slot(None, "likes", drink, exclusive=False))
    assert await texts(store) == {"Alice lives in Lyon (2020)", "Likes tea", "Likes milk"}


async def test_what_a_reader_may_not_see_closes_nothing_for_them(store: SqliteStore) -> None:
    old = await move(store, "Lyon", 2020, Space())
    new = await move(store, "Oslo", 2021)
    assert await spans(store, [old, new]) == [(2020, 2021), (2021, None)]
    assert await spans(store, [old, new], Space()) == [(2020, None)]
    assert await spans(store, [old, new], Channel("mods")) == [(2020, None)]


async def test_what_is_said_openly_closes_what_was_private(store: SqliteStore) -> None:
    old = await move(store, "Lyon", 2020)
    new = await move(store, "Oslo", 2021, Space())
    late = await move(store, "Rome", 2019, Space())
    assert await spans(store, [late, old, new]) == [(2019, 2020), (2020, 2021), (2021, None)]
    assert await spans(store, [late, old, new], Space()) == [(2019, 2021), (2021, None)]


async def test_the_profile_holds_the_persons_own_current_slots(store: SqliteStore) -> None:
    await move(store, "Lyon", 2020)
    await move(store, "Oslo", 2021)
    await learn(store, "Sarah lives in Rome", slot=Slot("Sarah", "lives in", "Rome", True))
    found = await store.profile(ALICE, Private(), ["lives in", "name"])
    assert [memory.text for memory in found] == ["Alice lives in Oslo (2021)"]
    assert await store.profile(ALICE, Space(), ["lives in"]) == []


async def named(store: SqliteStore, name: str, reader: Audience | None = None) -> set[str]:
    """The memories of the entities that a question with this name speaks of."""
    survey = await store.survey(ALICE, reader or Private(), [], [name], None)
    ids = [i for i, entity in survey.entities.items() if entity in survey.named]
    found = await store.candidates(ALICE, reader or Private(), ids)
    return {item.text for item in found.values()}


def works(entity: str, value: str) -> Slot:
    return Slot(entity, "works at", value, exclusive=True)


async def test_entities_and_aliases_resolve_without_regard_to_case(store: SqliteStore) -> None:
    old = await learn(store, "Sarah is at Google", slot=works("Sarah", "Google"), aliases=("Saz",))
    new = await learn(
        store, "SAZ is at Meta", slot=works("SAZ", "Meta"), valid_from=START + timedelta(days=1)
    )
    (first,) = await store.memories(ALICE, Private(), [old])
    assert first.valid_to == START + timedelta(days=1)
    for name in ("sarah", "saz"):
        assert len(await named(store, name)) == 2
    assert (await store.memories(ALICE, Private(), [new]))[0].slot == works("SAZ", "Meta")


async def test_a_private_alias_joins_no_names_in_the_open(store: SqliteStore) -> None:
    await learn(store, "Sarah at Google", slot=works("Sarah", "Google"), audience=Space())
    secret = Slot("Sarah", "is", "Agent Seven", exclusive=False)
    await learn(store, "Sarah is Agent Seven", slot=secret, aliases=("Agent Seven",))
    likes = Slot("Agent Seven", "likes", "tea", exclusive=False)
    await learn(store, "Agent Seven likes tea", slot=likes, audience=Space())
    assert await named(store, "sarah", Space()) == {"Sarah at Google"}


async def test_a_message_is_kept_verbatim_once_and_only_by_its_owner(store: SqliteStore) -> None:
    turn = await say(store, "the gate code is odd", audience=Space(), conversation=HALL)
    assert await store.keep_verbatim(BOB, turn.message.id) is None
    number = await store.keep_verbatim(ALICE, turn.message.id)
    assert number is not None
    assert await store.keep_verbatim(ALICE, turn.message.id) == number
    (memory,) = await store.memories(ALICE, Space(), [number])
    assert (memory.text, memory.sources) == ("the gate code is odd", (turn.message.id,))
    assert [m.number for m in await store.distilled_from(ALICE, Space(), memory.sources)] == [
        number
    ]
    await store.erase(ALICE, [number])
    assert await store.keep_verbatim(ALICE, turn.message.id) is None


async def test_a_note_adopts_its_slot_and_keeps_its_text(store: SqliteStore) -> None:
    old = await move(store, "Lyon", 2020)
    number = await note(store, "remember: I moved to Oslo")
    (batch,) = await due(store)
    new = statement("Alice lives in Oslo", [], slot=city("Oslo"), adopts=number)
    assert await store.apply(batch, [new], [], "test", Usage(), START) == [number]
    (memory,) = await store.memories(ALICE, Private(), [number])
    assert (memory.text, memory.slot) == ("remember: I moved to Oslo", city("Oslo"))
    assert await spans(store, [old]) == [(2020, START.year)]


async def test_numbers_are_never_used_again(store: SqliteStore) -> None:
    first = await note(store, "one")
    await store.erase(ALICE, [first])
    assert await note(store, "two") == first + 1


async def test_notes_that_differ_in_more_than_case_are_kept_word_for_word(
    store: SqliteStore,
) -> None:
    for text in ("a tea", "the tea!", "tea"):
        await note(store, text)
    assert await texts(store) == {"a tea", "the tea!", "tea"}


async def test_days_on_which_it_was_said_are_counted_over_what_the_reader_could_hear(
    store: SqliteStore,
) -> None:
    number = await learn(store, "Alice likes tea", audience=Space(), conversation=HALL)
    later = START + timedelta(days=30)
    again = await talk(store, "tea, as ever", at=later)
    (batch,) = await due(store, later)
    await store.apply(batch, [], [(number, (again.message.id,))], "test", Usage(), later)
    days = [(await store.memories(ALICE, r, [number]))[0].days for r in (Private(), Space())]
    assert days == [2, 1]


async def test_a_models_note_has_its_message_as_source_and_the_models_name(
    store: SqliteStore,
) -> None:
    turn = await say(store, "I keep bees", audience=Space())
    number = await store.note_down(turn, "Alice keeps bees", "some model", store.erasures)
    assert number is not None
    (kept,) = await store.memories(ALICE, Space(), [number])
    assert (kept.text, kept.sources) == ("Alice keeps bees", (turn.message.id,))
    assert (kept.audience, kept.said_at) == (Space(), turn.message.sent_at)
    connection = sqlite3.connect(store.path)
    assert connection.execute("SELECT extractor FROM memory").fetchall() == [("some model",)]
    connection.close()


async def test_nothing_is_noted_of_a_message_that_another_process_erased(
    store: SqliteStore,
) -> None:
    turn = await say(store, "I keep bees")
    async with opened(store.path) as other:
        number = await other.keep_verbatim(ALICE, turn.message.id)
        assert number is not None
        await other.erase(ALICE, [number])
    assert await store.note_down(turn, "Alice keeps bees", "test", store.erasures) is None
    assert await texts(store) == set()
