"""What names somebody who opted out does not come back with a backup or an import."""

from pathlib import Path

from bot.cli.operating import bring_in
from bot.config import Settings
from bot.exporting import export
from bot.store.sqlite.backup import back_up
from bot.store.sqlite.restore import restore
from bot.types import Scope
from tests.store.world import ALICE, BOB, START, bytes_on_disk, note, opened, talk, texts

WORK = Scope("console", "work", "bob")


async def test_a_restored_backup_brings_nothing_back_that_names_them(tmp_path: Path) -> None:
    file, copy = tmp_path / "ellie.db", tmp_path / "copy.db"
    async with opened(file) as store:
        await note(store, "Alice grows quinces", scope=BOB)
        await talk(store, "Alice came with medlars", scope=BOB)
        await note(store, "Bob has a boat", scope=BOB)
        await note(store, "Alice keeps a heron", scope=WORK)
        await back_up(file, copy)
        await store.opt_out([ALICE], "Alice", START, everywhere=False)
        await store.erase_people([ALICE])
    done = await restore(copy, file)
    assert (done.taken.memories, done.taken.messages) == (1, 3)
    for word in (b"uinces", b"medlars"):
        assert word not in bytes_on_disk(file)
    async with opened(file) as store:
        assert await texts(store, BOB) == {"Bob has a boat"}
        assert await texts(store, WORK) == {"Alice keeps a heron"}  # another space


async def test_an_import_keeps_nothing_that_names_them(tmp_path: Path) -> None:
    file, second = tmp_path / "ellie.db", tmp_path / "second.db"
    async with opened(file) as store:
        await note(store, "Alice grows quinces", scope=BOB)
        await note(store, "Bob has a boat", scope=BOB)
        written = await export(store, [BOB], START)
    async with opened(second) as store:
        await store.opt_out([ALICE], "Alice", START, everywhere=False)
        await store.erase_people([ALICE])
    lines = await bring_in(Settings(ellie_db=second), written.json_text.encode())
    assert any("names somebody who opted out" in line for line in lines)
    async with opened(second) as store:
        assert await texts(store, BOB) == {"Bob has a boat"}
    assert b"uinces" not in bytes_on_disk(second)
