import getpass
import json
import os
import pwd
import sqlite3
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.types import Channel, Scope, Space
from tests.store.world import (
    BOB,
    HALL,
    LYON,
    OSLO,
    bytes_on_disk,
    edit,
    learn,
    note,
    opened,
    talk,
    texts,
    years,
)
from tests.threaded import in_thread

SCOPE = ("--scope", "console/home/alice")


@pytest.fixture
async def file(tmp_path: Path) -> AsyncIterator[Path]:
    """The database of an Ellie that knows Alice and Bob, and that is running."""
    async with opened(tmp_path / "ellie.db") as store:
        await note(store, "Alice grows quinces")
        await note(store, "Alice has a heron", audience=Channel("board"))
        await note(store, "Alice rows", audience=Space(), conversation=HALL)
        await note(store, "Bob has a boat", scope=BOB)
        yield store.path


def run(file: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`ellie memory` with these arguments."""
    return in_thread("memory", *arguments, "--db", str(file))


def told(file: Path, *arguments: str) -> list[str]:
    """The lines that a command answers."""
    done = run(file, *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


def refused(file: Path, *arguments: str) -> str:
    """The one line of a refusal."""
    done = run(file, *arguments)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("ellie: ")
    assert done.stderr.count("\n") == 1
    return done.stderr


def acts(file: Path, *arguments: str) -> list[dict[str, object]]:
    found = json.loads("\n".join(told(file, "audit", "--json", *arguments)))
    assert isinstance(found, list)
    return found


async def test_all_memories_are_listed_with_id_date_audience_and_place(file: Path) -> None:
    lines = told(file, "list", *SCOPE)
    assert lines == [
        "m3  2026-03-02  space  (in here)  Alice rows",
        "m2  2026-03-02  channel:board  (in here)  Alice has a heron",
        "m1  2026-03-02  private  (in here)  Alice grows quinces",
        "3 memories, page 1 of 1.",
    ]


async def test_a_superseded_memory_is_listed_with_its_end(tmp_path: Path) -> None:
    async with opened(tmp_path / "ellie.db") as store:
        await learn(store, "Alice lives in Lyon", slot=LYON, valid_from=years(2020))
        await learn(store, "Alice lives in Oslo", slot=OSLO, valid_from=years(2024))
    lines = told(tmp_path / "ellie.db", "list", *SCOPE)
    assert "until 2024-01-01" in lines[1]
    assert "lives in Lyon" in lines[1]


async def test_many_memories_stand_on_pages(tmp_path: Path) -> None:
    async with opened(tmp_path / "ellie.db") as store:
        for number in range(51):
            await note(store, f"Alice owns boat number {number}")
    file = tmp_path / "ellie.db"
    assert len(told(file, "list", *SCOPE)) == 51
    assert [line[:2] for line in told(file, "list", *SCOPE, "--page", "2")] == ["m1", "51"]
    assert "the last one is 2" in refused(file, "list", *SCOPE, "--page", "3")


async def test_search_finds_what_recall_finds_and_nobody_elses(tmp_path: Path) -> None:
    async with opened(tmp_path / "ellie.db") as store:
        await note(store, "Alice grows quinces")
        await talk(store, "My quinces are ripe")
        await note(store, "Bob hates quinces", scope=BOB)
    lines = told(tmp_path / "ellie.db", "search", *SCOPE, "the", "quince")
    assert sorted(line.split("  ")[-1] for line in lines) == [
        "Alice grows quinces",
        "My quinces are ripe",
    ]
    assert told(tmp_path / "ellie.db", "search", *SCOPE, "zeppelin") == ["Nothing was found."]


async def test_forget_without_yes_says_what_would_go_and_erases_nothing(file: Path) -> None:
    lines = told(file, "forget", *SCOPE, "m1", "M3")
    assert lines[-1] == (
        "With what goes along: 2 memories, 2 messages and 0 summaries would go. "
        "Nothing is erased yet; --yes erases."
    )
    assert len(lines) == 3
    assert len(told(file, "list", *SCOPE)) == 4


async def test_forget_with_yes_erases_them_from_the_file_of_a_running_ellie(file: Path) -> None:
    lines = told(file, "forget", *SCOPE, "m1", "--yes")
    assert lines == ["Erased: 1 memory, 1 message, 0 summaries and 0 vectors."]
    assert b"quinc" not in bytes_on_disk(file)
    assert len(told(file, "list", *SCOPE)) == 3
    assert "no memory m1 here" in refused(file, "forget", *SCOPE, "m1", "--yes")


async def test_forget_everything_takes_the_person_and_leaves_the_others(file: Path) -> None:
    preview = told(file, "forget", *SCOPE, "--everything")
    assert preview[0].startswith("Everything of them here: 3 memories, 3 messages and")
    assert len(told(file, "list", *SCOPE)) == 4
    assert told(file, "forget", *SCOPE, "--everything", "--yes")[0].startswith("Erased: 3 memories")
    content = bytes_on_disk(file)
    assert [word for word in (b"quinc", b"heron", b"rows") if word in content] == []
    async with opened(file) as store:
        assert await texts(store, BOB) == {"Bob has a boat"}
    assert "Nobody is known" in refused(file, "list", *SCOPE)
    assert [act["act"] for act in acts(file, *SCOPE)] == [
        "preview", "list", "forget everything",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ((), "Name memories"),
        (("m1", "--everything"), "Name memories"),
        (("m1", "m99"), "no memory m99 here"),
        (("heron",), "no id"),
        (("s1",), "no id"),
        (("m0",), "no id"),
        (("m1\x1b[2J",), "no id"),
    ],
)
async def test_what_names_no_memory_erases_none(
    file: Path, arguments: tuple[str, ...], line: str
) -> None:
    told_line = refused(file, "forget", *SCOPE, "--yes", *arguments)
    assert line in told_line
    assert "\x1b" not in told_line
    assert len(told(file, "list", *SCOPE)) == 4


# --- the scope ---------------------------------------------------------------------------------


async def test_an_unknown_scope_is_one_line_and_is_not_made(file: Path) -> None:
    for command in (["list"], ["search", "tea"], ["forget", "m1", "--yes"]):
        line = refused(file, *command, "--scope", "console/home/carol%2Fx")
        assert "Nobody is known as console/home/carol%2Fx" in line
    connection = sqlite3.connect(file)
    assert connection.execute("SELECT count(*) FROM scope").fetchone() == (2,)
    assert connection.execute("SELECT count(*) FROM audit").fetchone() == (0,)
    connection.close()


@pytest.mark.parametrize("scope", ["alice", "home/alice", "console/home/a/b", "", "//", "a/%ff/b"])
async def test_what_is_no_scope_is_one_line(file: Path, scope: str) -> None:
    assert "--scope needs PLATFORM/SPACE/USER" in refused(file, "list", "--scope", scope)


async def test_names_may_hold_slashes_and_percent_signs(tmp_path: Path) -> None:
    async with opened(tmp_path / "ellie.db") as store:
        await note(store, "Odd", scope=Scope("console", "home/garden", "100% alice"))
    for scope in ("console/home%2Fgarden/100%25 alice", "console/home%2fgarden/100% alice"):
        assert told(tmp_path / "ellie.db", "list", "--scope", scope)[0].endswith("  Odd")


async def test_without_a_user_it_is_what_the_space_shares(tmp_path: Path) -> None:
    async with opened(tmp_path / "ellie.db") as store:
        await note(store, "The gate opens at nine", scope=Scope("console", "home", ""))
    file = tmp_path / "ellie.db"
    assert told(file, "list", "--scope", "console/home/")[0].startswith("s1  ")
    assert told(file, "forget", "--scope", "console/home/", "s1", "--yes")[0].startswith(
        "Erased: 1"
    )


async def test_a_database_that_is_missing_is_not_made(tmp_path: Path) -> None:
    for command in (["list", *SCOPE], ["audit"]):
        assert "There is no file" in refused(tmp_path / "none.db", *command)
    assert not (tmp_path / "none.db").exists()


# --- the audit log -----------------------------------------------------------------------------


async def test_every_act_is_entered_with_numbers_and_without_content(file: Path) -> None:
    told(file, "list", *SCOPE)
    told(file, "search", *SCOPE, "heron")
    told(file, "forget", *SCOPE, "m1")
    told(file, "forget", *SCOPE, "m1", "--yes")
    told(file, "list", "--scope", "console/home/bob")
    found = acts(file, *SCOPE)
    assert [(act["act"], act["counts"]) for act in found] == [
        ("list", {"memories": 3}),
        ("search", {"memories": 1, "messages": 0}),
        ("preview", {"memories": 1, "messages": 1, "summaries": 0}),
        ("forget", {"memories": 1, "messages": 1, "summaries": 0, "vectors": 0}),
    ]
    assert {act["actor"] for act in found} == {pwd.getpwuid(os.getuid()).pw_name}
    assert len({act["person"] for act in found}) == 1
    assert len(acts(file)) == 5
    connection = sqlite3.connect(file)
    log = str(connection.execute("SELECT actor, act, person, counts FROM audit").fetchall())
    connection.close()
    assert [word for word in ("alice", "bob", "heron", "quince") if word in log.lower()] == []


async def test_export_and_import_are_acts_too(file: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    written = told(file, "export", *SCOPE, "--out", str(tmp_path / "out"))
    told(tmp_path / "second.db", "import", written[0])
    counts = {"memories": 3, "messages": 3}
    assert [(act["act"], act["counts"]) for act in acts(file)] == [("export", counts)]
    assert [(act["act"], act["counts"]) for act in acts(tmp_path / "second.db", *SCOPE)] == [
        ("import", counts)
    ]


async def test_the_actor_is_not_what_the_environment_says(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "mallory")
    assert getpass.getuser() == "mallory"
    told(file, "list", *SCOPE)
    assert acts(file)[0]["actor"] == pwd.getpwuid(os.getuid()).pw_name


async def test_the_log_is_shown_in_lines_and_its_reading_is_no_act(file: Path) -> None:
    assert told(file, "audit") == ["No operator did anything."]
    told(file, "list", *SCOPE)
    (line,) = told(file, "audit", *SCOPE)
    assert line.endswith("  3 memories")
    assert "  list  " in line
    assert told(file, "audit", "--scope", "console/home/bob") == ["No operator did anything."]
    assert told(file, "audit") == [line]


async def test_a_text_cannot_control_the_operators_terminal(tmp_path: Path) -> None:
    async with opened(tmp_path / "ellie.db") as store:
        await edit(store, await note(store, "tame"), "wild\x1b[2J\nm9  forged")
    (line, _) = told(tmp_path / "ellie.db", "list", *SCOPE)
    assert "\x1b" not in line
