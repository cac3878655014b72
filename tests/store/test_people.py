"""Everything of a person, or of a space, is erased: the rows too."""

from pathlib import Path

from bot.ports import Used
from bot.store.sqlite.erasure import SqliteStore
from bot.types import Conversation, MemoryNumber, Scope, Space
from tests.store.world import (
    ALICE,
    BOB,
    DM,
    HALL,
    answer,
    bytes_on_disk,
    edit,
    heard,
    learn,
    message,
    note,
    opened,
    say,
    talk,
    texts,
)

WORK = Scope("console", "work", "alice")


async def counts(store: SqliteStore) -> dict[str, int]:
    """How many rows each table of people holds."""
    held = {}
    for table in ("message", "turn", "memory", "entity", "entity_name", "memory_version", "change",
                  "usage", "notice", "scope", "conversation", "passage", "passage_vector",
                  "turn_memory", "turn_message", "memory_source", "summary"):  # fmt: skip
        rows = await store._read().execute_fetchall(f"SELECT count(*) AS n FROM {table}")  # noqa: S608
        held[table] = next(iter(rows))["n"]
    return held


async def a_life(store: SqliteStore) -> None:
    await store.use_vectors_of("model", 4)
    number = await learn(store, "Alice likes quinces", said="quinces I like")
    await edit(store, number, "Alice loves quinces")
    await note(store, "My PIN is in the zucchini")
    await store.notice_once(ALICE, "hello")
    asked = await say(store, "What do I like?")
    await answer(store, asked, "Quinces.", Used(memories=(number,), erasures=store.erasures))
    await say(store, "unanswered quinces")
    found = await store.unindexed(50)
    await store.add_vectors([(one.id, [1.0, 2.0, 3.0, 4.0]) for one in found])


async def test_nothing_is_left_of_a_person_who_was_alone(tmp_path: Path) -> None:
    path = tmp_path / "ellie.db"
    async with opened(path) as store:
        await a_life(store)
        receipt = await store.erase_people([ALICE])
        assert len(receipt.memories) == 2
        assert receipt.messages == 7  # three said, two replies, a note and an edit
        assert receipt.vectors > 3
        assert set((await counts(store)).values()) == {0}
        again = await store.erase_people([ALICE])
        assert (again.memories, again.messages, again.summaries, again.vectors) == ((), 0, 0, 0)
    for word in (b"quince", b"zucchini", b"alice", b"Alice"):
        assert word not in bytes_on_disk(path)


async def test_other_people_stay_without_what_they_heard_of_her(tmp_path: Path) -> None:
    async with opened(tmp_path / "ellie.db") as store:
        first = await talk(store, "quinces for all", audience=Space(), conversation=HALL)
        asked = await say(store, "What?", scope=BOB, audience=Space(), conversation=HALL)
        used = Used(history_from=first.id, erasures=store.erasures)
        await answer(store, asked, "Alice spoke of quinces.", used)
        await learn(store, "Bob likes tea", scope=BOB, audience=Space(), conversation=HALL)
        await store.erase_people([ALICE])
        assert await heard(store, HALL, scope=BOB) == [
            ("What?", None),
            ("said: Bob likes tea", "Good."),
        ]
        assert await texts(store, BOB, Space()) == {"Bob likes tea"}


async def test_a_person_is_erased_in_one_space_and_kept_in_the_other(tmp_path: Path) -> None:
    async with opened(tmp_path / "ellie.db") as store:
        await note(store, "at home")
        await note(store, "at work", scope=WORK, conversation=Conversation("console", "work", "d"))
        await store.erase_people([ALICE])
        assert await texts(store) == set()
        assert await texts(store, WORK) == {"at work"}


async def test_a_space_goes_with_everybody_in_it(tmp_path: Path) -> None:
    async with opened(tmp_path / "ellie.db") as store:
        await note(store, "at home")
        await note(store, "Bob is here", scope=BOB)
        await note(store, "at work", scope=WORK, conversation=Conversation("console", "work", "d"))
        receipt = await store.erase_space("console", "home")
        assert len(receipt.memories) == 2
        assert await texts(store) | await texts(store, BOB) == set()
        assert await texts(store, WORK) == {"at work"}
        assert (await counts(store))["scope"] == 1


async def test_what_was_erased_is_not_written_down_again(tmp_path: Path) -> None:
    async with opened(tmp_path / "ellie.db") as store:
        await talk(store, "quinces", event="once")
        await store.erase_people([ALICE])
        assert await store.record(message("quinces", event="once"), 1, urgent=False) is None
    async with opened(tmp_path / "ellie.db") as store:
        assert await store.record(message("quinces", event="once"), 1, urgent=False) is None
        assert await store.record(message("tea", event="twice"), 1, urgent=False) is not None


async def test_who_comes_back_is_new_also_for_another_process(tmp_path: Path) -> None:
    path = tmp_path / "ellie.db"
    async with opened(path) as here, opened(path) as there:
        await note(here, "before")
        assert await texts(there) == {"before"}
        await here.erase_people([ALICE])
        assert await note(there, "after") == MemoryNumber(1)
        assert await texts(there) == await texts(here) == {"after"}
        assert await there.notice_once(ALICE, "hello")


async def test_a_reply_under_way_is_not_kept_whichever_process_erased(tmp_path: Path) -> None:
    path = tmp_path / "ellie.db"
    async with opened(path) as here, opened(path) as there:
        number = await note(here, "quinces")
        turn = await say(here, "What?")
        used = Used(memories=(number,), erasures=here.erasures)
        await there.erase(ALICE, [number])
        await answer(here, turn, "Quinces!", used)
        assert await heard(here, DM, scope=ALICE) == []
        assert (await heard(here, DM, message("x").audience)) == [("What?", None)]
