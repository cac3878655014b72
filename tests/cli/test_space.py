"""`ellie space retention`."""

import asyncio
from pathlib import Path

from click.testing import CliRunner

from bot.cli.main import ellie
from bot.ports import Retention
from bot.store.sqlite.erasure import SqliteStore


def run(*arguments: str) -> list[str]:
    done = CliRunner().invoke(ellie, ["space", "retention", *arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output.splitlines()


async def set_in(file: Path) -> Retention:
    store = await SqliteStore.open(file)
    try:
        return await store.retention("console", "home")
    finally:
        await store.close()


async def test_it_is_shown_set_and_taken_back(tmp_path: Path) -> None:
    def at(*arguments: str) -> list[str]:
        return run("console", "home", *arguments)

    shown = await asyncio.to_thread(at)
    assert shown == [
        "messages: 90 days (as the settings say)",
        "memories and summaries: never erased (as the settings say)",
    ]
    assert await asyncio.to_thread(at, "--messages", "7") == [
        "messages: 7 days (set for this space)",
        "memories and summaries: never erased (as the settings say)",
    ]
    assert await asyncio.to_thread(at, "--memories", "30") == [
        "messages: 7 days (set for this space)",
        "memories and summaries: 30 days (set for this space)",
    ]
    assert await set_in(tmp_path / "ellie.db") == Retention(7, 30)
    assert await asyncio.to_thread(at, "--memories", "0", "--as-set") == [
        "messages: 90 days (as the settings say)",
        "memories and summaries: never erased (set for this space)",
    ]
    assert await asyncio.to_thread(at, "--as-set") == shown
    assert await set_in(tmp_path / "ellie.db") == Retention()


def test_no_days_of_messages_are_refused() -> None:
    done = CliRunner().invoke(ellie, ["space", "retention", "c", "h", "--messages", "0"])
    assert done.exit_code == 2
