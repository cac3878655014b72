"""What spaces set, and what adapters note."""

from datetime import timedelta

from bot.ports import Retention, Used
from bot.space_settings import SpaceSettings
from bot.store.sqlite.erasure import SqliteStore
from bot.types import Scope, Usage
from tests.store.world import ALICE, BOB, START, answer, bytes_on_disk, note, say

LATER = START + timedelta(days=1)
WHOLE = SpaceSettings(
    persona="You are Quince.",
    personas={"hall": "You are a parrot."},
    model="large",
    free=frozenset({"hall", "den"}),
    threads=frozenset({"hall"}),
    ambient=frozenset({"den"}),
    allowed_channels=frozenset({"hall", "den"}),
    blocked_channels=frozenset({"attic"}),
    allowed_roles=frozenset({"1"}),
    blocked_roles=frozenset({"2"}),
    daily_tokens=1000,
    daily_tokens_per_user=100,
    message_days=7,
    memory_days=30,
)


async def test_what_a_space_sets_is_kept_whole(store: SqliteStore) -> None:
    assert await store.space_settings("console", "home") == SpaceSettings()
    await store.set_space_settings("console", "home", WHOLE)
    assert await store.space_settings("console", "home") == WHOLE
    assert await store.space_settings("console", "work") == SpaceSettings()
    assert await store.space_settings("other", "home") == SpaceSettings()
    assert await store.retention("console", "home") == Retention(7, 30)
    await store.set_space_settings("console", "home", SpaceSettings())
    assert await store.space_settings("console", "home") == SpaceSettings()
    assert await store.retention("console", "home") == Retention()


async def test_retention_that_the_operator_set_is_shown_too(store: SqliteStore) -> None:
    await store.set_retention("console", "home", 5, None)
    assert await store.space_settings("console", "home") == SpaceSettings(message_days=5)


async def test_what_a_later_ellie_knows_is_left_out(store: SqliteStore) -> None:
    await store.set_space_settings("console", "home", SpaceSettings(persona="Quince"))
    async with store._write() as db:
        await db.execute(
            "UPDATE space_setting SET value = json_set(value, '$.moods', json_array('dry'))"
        )
    assert await store.space_settings("console", "home") == SpaceSettings(persona="Quince")


async def test_a_note_says_whether_it_is_news(store: SqliteStore) -> None:
    assert await store.noted("console", "", "tree") is None
    assert await store.note("console", "", "tree", "a1")
    assert not await store.note("console", "", "tree", "a1")
    assert await store.note("console", "", "tree", "b2")
    assert await store.note("console", "home", "tree", "b2")
    assert await store.noted("console", "", "tree") == "b2"
    assert await store.noted("console", "", "told") is None


async def test_what_a_space_set_goes_with_it_and_the_platforms_notes_stay(
    store: SqliteStore,
) -> None:
    await note(store, "Alice grows quinces")
    for space in ("home", "work"):
        await store.set_space_settings("console", space, WHOLE)
        await store.note("console", space, "told", "yes")
    await store.note("console", "", "tree", "a1")
    await store.erase_space("console", "work")
    assert await store.space_settings("console", "home") == WHOLE
    await store.erase_space("console", "home")
    assert await store.space_settings("console", "home") == SpaceSettings()
    assert await store.noted("console", "home", "told") is None
    assert await store.noted("console", "", "tree") == "a1"
    assert b"parrot" not in bytes_on_disk(store.path)


async def test_what_a_space_set_is_there_when_ellie_comes_back_in_time(store: SqliteStore) -> None:
    await store.set_space_settings("console", "home", WHOLE)
    await store.depart("console", "home", START + timedelta(days=7))
    await store.stay("console", "home")
    assert await store.space_settings("console", "home") == WHOLE


async def test_the_tokens_of_a_space_are_everybodys_of_that_day(store: SqliteStore) -> None:
    assert await store.space_tokens_today("console", "home", START) == 0
    for scope in (ALICE, BOB, Scope("console", "work", "alice")):
        await answer(store, await say(store, "hello", scope=scope), "Hello.")
    turn = await say(store, "hello")
    await store.finish(turn, "", 0, Used(), Usage(1, 1), LATER)
    assert await store.space_tokens_today("console", "home", START) == 20
    assert await store.space_tokens_today("console", "home", LATER) == 2
    assert await store.space_tokens_today("other", "home", START) == 0
