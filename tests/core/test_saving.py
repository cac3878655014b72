import errno
import os
import resource
from pathlib import Path

import pytest

from bot.errors import FileError
from bot.receipts import Exported
from bot.saving import save

EXPORTED = Exported("{}\n", "# Ellie 👩\n", "ellie-export")


def test_both_files_are_their_owners_alone_and_hold_the_texts(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        assert save(EXPORTED, tmp_path) == EXPORTED
    finally:
        os.umask(before)
    for ending, text in (("json", EXPORTED.json_text), ("md", EXPORTED.markdown)):
        file = tmp_path / f"ellie-export.{ending}"
        assert file.read_text("utf-8") == text
        assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("taken", ["ellie-export.json", "ellie-export.md"])
def test_nothing_is_overwritten_and_both_files_have_one_number(tmp_path: Path, taken: str) -> None:
    (tmp_path / taken).write_text("mine")
    (tmp_path / "ellie-export-2.md").symlink_to(tmp_path / "elsewhere")
    assert save(EXPORTED, tmp_path).stem == "ellie-export-3"
    assert (tmp_path / taken).read_text() == "mine"
    names = {file.name for file in tmp_path.iterdir()}
    assert names == {taken, "ellie-export-2.md", "ellie-export-3.json", "ellie-export-3.md"}


def test_a_folder_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    reason = os.strerror(errno.ENOENT)
    with pytest.raises(FileError, match=f"cannot be written to .*gone .{reason}"):
        save(EXPORTED, tmp_path / "gone")


def test_what_cannot_be_finished_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    largest = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, largest[1]))
    try:
        with pytest.raises(FileError, match="cannot be written to this folder"):
            save(Exported("{}", "#" * 100_000, "ellie-export"), Path())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, largest)
    assert list(tmp_path.iterdir()) == []
