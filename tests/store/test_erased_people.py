"""All of a person, and all of a space: rows are deleted, and nobody else loses anything."""

from datetime import timedelta
from pathlib import Path

from bot.ports import Used
from bot.store.sqlite.erasure import SqliteStore
from bot.types import Conversation, MemoryNumber, Scope, Slot, Space, Usage
from tests.store.world import (
    ALICE,
    BOB,
    DM,
    HALL,
    START,
    answer,
    bytes_on_disk,
    due,
    edit,
    heard,
    learn,
    message,
    note,
    opened,
    say,
    statement,
    talk,
    texts,
)

WORK = Scope("console", "work", "alice")
EVERYBODY = Scope("console", "home", "")
OWNED = ("scope", "message", "turn", "memory", "entity", "change", "usage", "notice", "summary")


async def rows(store: SqliteStore) -> dict[str, int]:
    """How many rows each table holds."""
    tables = await store._read().execute_fetchall(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' "
        "AND name NOT LIKE 'passage_fts_%'"  # their own trees may be cut otherwise
    )
    counts = {}
    for table in tables:
        name = table["name"]
        found = await store._read().execute_fetchall(f"SELECT count(*) AS rows FROM {name}")  # noqa: S608 (a table's own name)
        counts[name] = next(iter(found))["rows"]
    return counts


async def live(store: SqliteStore, scope: Scope, name: str) -> None:
    """A life in a space: talk, memories with versions, a change, a fold, vectors, a notice."""
    dm = Conversation(scope.platform, scope.space, f"dm:{scope.user}")
    works = Slot(f"Z{name}", "works at", f"G{name}", exclusive=True)
    number = await learn(
        store, f"Z{name} works at G{name}", slot=works, scope=scope, conversation=dm,
        aliases=(f"Y{name}",), said=f"said {name}",
    )  # fmt: skip
    await edit(store, number, f"edited {name}", scope=scope, conversation=dm)
    await note(store, f"noted {name}", scope=scope, conversation=dm)
    asked = await say(store, f"asked {name}", scope=scope, conversation=dm)
    await answer(store, asked, f"told {name}", Used(memories=(number,), erasures=store.erasures))
    folded = next(f for f in await store.foldable(0) if f.conversation == dm)
    await store.add_summary(folded, asked.id, f"folded {name}", Usage(5, 5), START)
    await store.notice_once(scope, "notice")
    payload = f"waiting {name}"
    await store.take_in(scope.platform, scope.space, scope.user, scope.user, payload, START)
    vectors = [(item.id, [1.0, 0, 0, 0]) for item in await store.unindexed(99)]
    await store.add_vectors(vectors)


async def test_nothing_is_left_of_a_person_and_all_of_another(store: SqliteStore) -> None:
    await store.use_vectors_of("model", 4)
    await live(store, BOB, "bobword")
    before = await rows(store)
    await live(store, ALICE, "quince")
    receipt = await store.erase_people([ALICE])
    after = await rows(store)
    assert after["tombstone"] > 0
    assert {**after, "tombstone": 0, "inbox": 1} == before  # but for a mark
    assert (len(receipt.memories), receipt.messages, receipt.summaries) == (2, 6, 1)
    assert receipt.vectors == 4
    assert await texts(store, BOB) == {"edited bobword", "noted bobword"}
    await store.close()
    assert b"uince" not in bytes_on_disk(store.path)
    assert b"bobword" in bytes_on_disk(store.path)


async def test_a_second_time_there_is_nothing(store: SqliteStore) -> None:
    await live(store, ALICE, "quince")
    await store.erase_people([ALICE])
    again = await store.erase_people([ALICE])
    assert (again.memories, again.messages, again.summaries, again.vectors) == ((), 0, 0, 0)


async def test_an_unanswered_question_goes_too_and_its_answer_is_not_kept(
    store: SqliteStore,
) -> None:
    turn = await say(store, "do quinces ripen?")
    await store.erase_people([ALICE])
    assert await store.pending(DM) == []
    await answer(store, turn, "Quinces do not.")
    assert (await rows(store))["message"] == 0


async def test_what_was_expired_or_erased_before_leaves_no_row_and_a_tombstone(
    store: SqliteStore,
) -> None:
    await learn(store, "Alice grows quinces")
    event = await store.last_said(DM, ALICE)
    assert event is not None
    await store.expire(START.replace(year=2030), timedelta(), None)
    await store.erase_people([ALICE])
    assert (await rows(store))["message"] == 0
    assert await store.record(message("quinces", event=event), 1, urgent=False) is None
    assert (await rows(store))["scope"] == 0
    assert await store.record(message("quinces"), 1, urgent=False) is not None


async def test_others_keep_their_words_and_lose_what_was_made_of_the_persons(
    store: SqliteStore,
) -> None:
    said = await talk(store, "I grow quinces", conversation=HALL, audience=Space())
    bobs = await say(store, "who grows what?", scope=BOB, conversation=HALL, audience=Space())
    await answer(store, bobs, "Quinces!", Used(messages=(said.message.id,), history_from=said.id))
    (folded,) = await store.foldable(0)
    await store.add_summary(folded, bobs.id, "Of quinces.", Usage(), START)
    await talk(store, "fine weather", "Yes.", scope=BOB, conversation=HALL, audience=Space())
    receipt = await store.erase_people([ALICE])
    assert (receipt.messages, receipt.summaries) == (3, 1)
    assert await heard(store, scope=BOB) == [("who grows what?", None), ("fine weather", "Yes.")]
    await store.close()
    assert b"uinces" not in bytes_on_disk(store.path)


async def test_a_space_goes_with_everybody_and_what_they_shared(store: SqliteStore) -> None:
    await live(store, WORK, "elsewhere")
    before = await rows(store)
    await live(store, ALICE, "quince")
    await live(store, BOB, "medlar")
    await note(store, "shared sorbs", scope=EVERYBODY, audience=Space())
    await store.start_fresh(Conversation("console", "home", "never spoken in"))
    receipt = await store.erase_space("console", "home")
    assert len(receipt.memories) == 5
    assert {**await rows(store), "tombstone": 0, "inbox": 1} == before  # but for two marks
    await store.close()
    content = bytes_on_disk(store.path)
    assert [w for w in (b"uince", b"edlar", b"sorbs") if w in content] == []
    assert b"elsewhere" in content


async def test_a_number_below_zero_names_a_memory_of_the_space(store: SqliteStore) -> None:
    number = await note(store, "shared sorbs", scope=EVERYBODY, audience=Space())
    await note(store, "my own")
    shared = MemoryNumber(-number)
    receipt = await store.erase(ALICE, [shared])
    assert (receipt.memories, receipt.missing) == ((shared,), ())
    assert await texts(store, EVERYBODY) == set()
    assert await texts(store) == {"my own"}


async def test_another_process_sees_whom_this_one_erased_begin_anew(tmp_path: Path) -> None:
    path = tmp_path / "ellie.db"
    async with opened(path) as one, opened(path) as other:
        for store in (one, other):
            await note(store, "I grow quinces")
            assert await texts(store) == {"I grow quinces"}
        await one.erase_people([ALICE])
        assert await texts(other) == set()
        await note(one, "I grow medlars")
        await talk(other, "hello")
        assert await texts(other) == {"I grow medlars"}
        await one.erase_people([ALICE])
        await note(one, "I grow sorbs")
        assert await note(other, "I grow sorbs") == 1
        assert await texts(other) == {"I grow sorbs"}


async def test_what_is_under_way_for_a_person_who_was_erased_ends_quietly(
    store: SqliteStore,
) -> None:
    turn = await talk(store, "I grow quinces")
    (batch,) = await due(store)
    (folded,) = await store.foldable(0)
    await store.erase_people([ALICE])
    new = [statement("Alice grows quinces", [turn.message.id])]
    assert await store.apply(batch, new, [], "test", Usage(5, 5), START) == []
    assert not await store.add_summary(folded, turn.id, "Of quinces.", Usage(5, 5), START)
    assert await store.note_down(turn, "quinces", "test", store.erasures) is None
    await store.postpone(batch, "why", START)
    assert {name: n for name, n in (await rows(store)).items() if name in OWNED and n} == {}


async def test_a_person_is_erased_in_one_space_and_kept_in_the_other(tmp_path: Path) -> None:
    async with opened(tmp_path / "ellie.db") as store:
        await note(store, "at home")
        await note(store, "at work", scope=WORK, conversation=Conversation("console", "work", "d"))
        await store.erase_people([ALICE])
        assert await texts(store) == set()
        assert await texts(store, WORK) == {"at work"}


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
