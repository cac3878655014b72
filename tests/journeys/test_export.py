"""From one Ellie to another, with the real processes."""

import asyncio
import json
import sys
from asyncio.subprocess import DEVNULL, PIPE
from pathlib import Path

from tests.journeys.process import LIMIT_SECONDS, Ran, chat, environment


async def ellie(file: Path, *arguments: str) -> Ran:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", *arguments,
        cwd=file.parent, env=environment(file), stdout=PIPE, stderr=PIPE,
    )  # fmt: skip
    async with asyncio.timeout(LIMIT_SECONDS):
        out, err = await process.communicate()
    return Ran(process.returncode or 0, out.decode(), err.decode())


def exports(folder: Path) -> list[Path]:
    return sorted(folder.glob("ellie-export-*"))


async def test_a_life_goes_from_one_ellie_to_another_by_two_files(
    file: Path, tmp_path: Path
) -> None:
    await chat(file, "My friend Sarah works at Google.", "/remember --private the code is falcon")
    first = await chat(file, "/privacy export", "/privacy export")
    assert len(first.replies) == 2
    files = exports(tmp_path)
    assert [f.suffix for f in files] == [".json", ".md", ".json", ".md"]
    for export in files:
        assert export.stat().st_mode & 0o777 == 0o600
        assert any(export.name in reply for reply in first.replies)
        assert "falcon" in export.read_text("utf-8")
    json_file = str(files[-2])
    second = tmp_path / "second" / "ellie.db"
    second.parent.mkdir()
    done = await ellie(second, "memory", "import", json_file)
    assert (done.status, done.err) == (0, "")
    assert "alice in home on console: 3 messages, 3 memories and 0 summaries taken in" in done.out
    assert "vectors follow" in done.out
    again = await ellie(file, "memory", "import", json_file, "--db", str(second))
    assert "0 messages, 0 memories and 0 summaries taken in; there already: 6" in again.out
    assert "vectors" not in again.out
    told = await chat(second, "What do you know about Sarah?", "/memories")
    assert "Google" in told.replies[0]
    assert "falcon" in told.replies[1]


async def test_an_operator_exports_for_a_person_who_asks_by_mail(
    file: Path, tmp_path: Path
) -> None:
    await chat(file, "I live in Oslo")
    out = tmp_path / "out"
    out.mkdir()
    done = await ellie(file, "memory", "export", "--scope", "console/home/alice", "--out", str(out))
    assert (done.status, done.err) == (0, "")
    assert sorted(done.out.splitlines()) == sorted(map(str, out.iterdir()))
    assert [Path(line).suffix for line in done.out.splitlines()] == [".json", ".md"]


async def test_what_cannot_be_done_is_one_line_and_changes_nothing(
    file: Path, tmp_path: Path
) -> None:
    await chat(file, "I live in Oslo")
    await chat(file, "/privacy export")
    json_file, _ = exports(tmp_path)
    before = json.loads(json_file.read_text("utf-8"))
    cut = tmp_path / "cut.json"
    cut.write_bytes(json_file.read_bytes()[:-9])
    for arguments, line in (
        (("import", str(cut)), "This is no export of Ellie (Invalid JSON"),
        (("import", str(tmp_path / "gone.json")), "cannot be read (No such file"),
        (("import", str(tmp_path)), "cannot be read (Is a directory"),
        (("export", "--scope", "alice"), "--scope needs PLATFORM/SPACE/USER"),
        (("export", "--scope", "console/home/bob"), "Nobody is known as console/home/bob"),
        (("export", "--scope", "console/home/alice", "--out", "gone"), "cannot be written to gone"),
    ):
        done = await ellie(file, "memory", *arguments)
        assert (done.status, done.out) == (1, ""), arguments
        assert line in done.err
        assert done.err.startswith("ellie: ")
        assert done.err.count("\n") == 1
    await chat(file, "/privacy export")
    after = json.loads(exports(tmp_path)[0].read_text("utf-8"))
    assert after["scopes"] == before["scopes"]


async def test_an_export_that_cannot_be_written_is_one_line_and_ellie_goes_on(
    file: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "chat", "--as", "alice",
        cwd=folder, env=environment(file), stdin=PIPE, stdout=PIPE, stderr=DEVNULL,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(b"/remember tea\n")
    async with asyncio.timeout(LIMIT_SECONDS):
        await process.stdout.readline()
        folder.rmdir()
        out, _ = await process.communicate(b"/privacy export\n/memories\n")
    refused, *rest = out.decode().splitlines()
    assert refused == (
        "ellie: The export cannot be written to this folder (No such file or directory)."
    )
    assert any("tea" in line for line in rest)
