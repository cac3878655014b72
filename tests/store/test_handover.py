"""What a restored file takes over from the one it replaces, beside what was forgotten."""

from pathlib import Path

import pytest

from bot.store.sqlite.backup import back_up
from bot.store.sqlite.restore import restore
from bot.types import Scope
from tests.store.restoring import holds, rows
from tests.store.world import ALICE, BOB, START, note, opened, talk

CAROL = Scope("console", "work", "carol")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "ellie.db"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return tmp_path / "monday.db"


async def test_the_audit_log_is_handed_over_once(file: Path, copy: Path) -> None:
    async with opened(file) as store:
        await note(store, "Alice grows quinces")
        await store.note_act(ALICE, "root", "list", {"memories": 1}, START)
        await back_up(file, copy)
        await store.note_act(ALICE, "root", "search", {"memories": 0}, START)
        acts = await store.acts(None)
    await restore(copy, file)
    await restore(copy, file)
    async with opened(file) as store:
        assert await store.acts(None) == acts
        assert await store.acts(ALICE) == acts
        assert await store.acts(BOB) == []


async def test_the_replaced_file_decides_about_the_spaces_it_knows(file: Path, copy: Path) -> None:
    async with opened(file) as store:
        await note(store, "Alice grows quinces")
    for space in ("home", "elsewhere"):
        rows(file, "INSERT INTO departure VALUES ('console', ?, 7)", space)
        rows(file, "INSERT INTO retention VALUES ('console', ?, 7, NULL)", space)
        rows(file, "INSERT INTO platform_token VALUES ('console', ?, x'00')", space)
        rows(file, "INSERT INTO space_setting VALUES ('console', ?, 'note:a', 'old')", space)
    await back_up(file, copy)
    for table in ("departure", "retention", "platform_token", "space_setting"):
        rows(file, f"DELETE FROM {table}")  # noqa: S608 (four names of tables)
    rows(file, "INSERT INTO space_setting VALUES ('console', 'work', 'note:b', 'new')")
    rows(file, "INSERT INTO departure VALUES ('console', 'work', 8)")
    rows(file, "INSERT INTO retention VALUES ('console', 'work', 9, 9)")
    await restore(copy, file)
    left = "SELECT space, purge_at FROM departure ORDER BY space"
    assert rows(file, left) == [("elsewhere", 7), ("work", 8)]
    kept = "SELECT space, message_days FROM retention ORDER BY space"
    assert rows(file, kept) == [("elsewhere", 7), ("work", 9)]
    assert rows(file, "SELECT space FROM platform_token") == [("elsewhere",)]
    noted = "SELECT space, value FROM space_setting ORDER BY space"
    assert rows(file, noted) == [("elsewhere", "old"), ("work", "new")]


async def test_who_paused_after_the_backup_has_paused_and_who_resumed_has_not(
    file: Path, copy: Path
) -> None:
    async with opened(file) as store:
        await note(store, "Alice grows quinces")
        await note(store, "Bob has a boat", scope=BOB)
    rows(file, "UPDATE scope SET paused_at = 5 WHERE user = 'bob'")
    await back_up(file, copy)
    async with opened(file) as store:
        await talk(store, "I am new", scope=CAROL)
    rows(file, "UPDATE scope SET paused_at = iif(user = 'bob', NULL, 6)")
    await restore(copy, file)
    assert rows(file, "SELECT user, paused_at FROM scope ORDER BY user") == [
        ("alice", 6), ("bob", None), ("carol", 6),
    ]  # fmt: skip
    assert holds(file, b"I am new") == []


async def test_numbers_given_after_the_backup_are_not_given_again(file: Path, copy: Path) -> None:
    async with opened(file) as store:
        await note(store, "Alice grows quinces")
        await back_up(file, copy)
        last = await note(store, "Alice has a heron")
    await restore(copy, file)
    async with opened(file) as store:
        assert await note(store, "Alice rows") == last + 1


async def test_acts_from_before_are_found_by_the_scope_though_the_key_is_another(
    file: Path, copy: Path
) -> None:
    for path, act in ((copy, "search"), (file, "list")):
        async with opened(path) as store:
            await note(store, "Alice grows quinces")
            await store.note_act(ALICE, "root", act, {"memories": 1}, START)
    await restore(copy, file)
    async with opened(file) as store:
        assert {act.act for act in await store.acts(ALICE)} == {"search", "list"}
        assert len({act.person for act in await store.acts(None)}) == 2
