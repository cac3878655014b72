"""What an erasure may start from: found by time, by name, by conversation, and by person."""

from datetime import timedelta

from bot.store.sqlite.erasure import SqliteStore
from bot.types import Conversation, MessageId, Private, Scope, Space, shared_scope
from tests.store.world import (
    ALICE,
    BOB,
    DM,
    HALL,
    START,
    TEA,
    edit,
    learn,
    note,
    said,
    say,
    talk,
)

LATER = START + timedelta(seconds=1)


async def words(store: SqliteStore, ids: tuple[MessageId, ...], scope: Scope = ALICE) -> list[str]:
    return said(await store.messages(scope, Private(), ids))


async def test_a_period_holds_its_first_second_and_not_its_end(store: SqliteStore) -> None:
    await talk(store, "first", at=START)
    await talk(store, "second", at=LATER)
    await talk(store, "of Bob", scope=BOB, at=START)
    for start, end, expected in (
        (START, LATER, ["first"]),
        (LATER, None, ["second"]),
        (None, LATER, ["first"]),
        (None, None, ["first", "second"]),
        (LATER, START, []),
    ):
        found = await store.said_between(ALICE, start, end)
        assert await words(store, found.messages) == expected
        assert found.numbers == ()


async def test_a_memory_counts_for_its_time_once_all_its_sources_are_gone(
    store: SqliteStore,
) -> None:
    await note(store, "I like tea")
    assert (await store.said_between(ALICE, START, None)).numbers == ()
    await store.expire(LATER, timedelta(), None)
    assert (await store.said_between(ALICE, START, None)).numbers == ()  # not consolidated yet
    await learn(store, "Alice likes cake", conversation=HALL, audience=Space())
    await store.expire(LATER, timedelta(), None)
    assert (await store.said_between(ALICE, START, LATER)).numbers == (1, 2)
    assert (await store.said_between(ALICE, LATER, None)).numbers == ()
    assert (await store.said_between(BOB, None, None)).numbers == ()


async def test_the_last_message_is_of_the_person_and_the_conversation_and_still_kept(
    store: SqliteStore,
) -> None:
    assert await store.last_message(DM, ALICE) is None
    first = await say(store, "first")
    second = await talk(store, "second")
    await note(store, "a note")
    await talk(store, "elsewhere", conversation=HALL, audience=Space())
    await talk(store, "of Bob", scope=BOB, conversation=HALL, audience=Space())
    assert await store.last_message(DM, ALICE) == second.message.id
    assert await store.last_message(DM, BOB) is None
    assert await store.last_message(Conversation("console", "work", DM.key), ALICE) is None
    await store.erase(ALICE, (), [second.message.id])
    assert await store.last_message(DM, ALICE) == first.message.id


async def test_a_name_is_sought_in_the_persons_own_scope_by_all_its_names(
    store: SqliteStore,
) -> None:
    number = await learn(store, "She likes tea", slot=TEA, aliases=("Sally", "my boss"), said="tea")
    await talk(store, "Sally came")
    await talk(store, "my boss came")
    await talk(store, "Sally came", scope=BOB)
    for name in ("Sarah", "sally", "My Boss"):
        names, found = await store.naming(ALICE, name)
        assert sorted(names) == ["Sally", "Sarah"]
        assert found.numbers == (number,)
        expected = ["Sally came", "my boss came"] if name == "My Boss" else ["Sally came"]
        assert await words(store, found.messages) == expected
    assert await store.naming(BOB, "Sarah") == (("Sarah",), type(found)((), ()))


async def test_what_a_memory_was_about_before_an_edit_still_concerns_that_name(
    store: SqliteStore,
) -> None:
    number = await learn(store, "She likes tea", slot=TEA, said="tea")
    await edit(store, number, "Somebody came by")
    _, found = await store.naming(ALICE, "Sarah")
    assert found.numbers == (number,)


async def test_everywhere_is_this_scope_first_and_only_the_same_user_of_the_platform(
    store: SqliteStore,
) -> None:
    others = [Scope("console", space, "alice") for space in ("work", "club")]
    for scope in (ALICE, BOB, shared_scope(ALICE), *others, Scope("discord", "home", "alice")):
        await talk(store, "hello", scope=scope, conversation=Conversation("c", scope.space, "x"))
    club = others[1]
    assert await store.everywhere(ALICE) == [ALICE, club, others[0]]
    assert await store.everywhere(club) == [club, ALICE, others[0]]
    assert await store.everywhere(Scope("console", "work", "")) == []
    nowhere = Scope("console", "elsewhere", "alice")
    assert await store.everywhere(nowhere) == [club, ALICE, others[0]]


async def test_what_is_held_is_counted_over_all_scopes_from_the_oldest(store: SqliteStore) -> None:
    assert (await store.held([ALICE])).since is None
    work = Scope("console", "work", "alice")
    await talk(store, "hello", at=LATER)
    await talk(store, "hello", scope=work, at=START)
    await talk(store, "hello", scope=BOB, at=START - timedelta(days=1))
    here = await store.held([ALICE])
    assert (here.memories, here.messages, here.summaries, here.since) == (0, 2, 0, LATER)
    both = await store.held([ALICE, work])
    assert (both.messages, both.since) == (4, START)
