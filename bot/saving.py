"""The two files of an export."""

import os
from dataclasses import replace
from itertools import count
from pathlib import Path

from bot.errors import FileError
from bot.receipts import Exported


def save(exported: Exported, folder: Path) -> Exported:
    """Write STEM.json and STEM.md, for their owner alone (0600); returns it with the stem taken.

    A number is added to the stem where either is there already: nothing is overwritten. Raises
    FileError, and then leaves no file behind.
    """
    for number in count(1):
        stem = exported.stem if number == 1 else f"{exported.stem}-{number}"
        texts = {f"{stem}.json": exported.json_text, f"{stem}.md": exported.markdown}
        written: list[Path] = []
        try:
            for name, text in texts.items():
                file = folder / name
                with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
                    written.append(file)
                    out.write(text.encode())
        except OSError as error:
            for file in written:
                file.unlink()
            if not isinstance(error, FileExistsError):
                where = "this folder" if folder == Path() else folder
                raise FileError(
                    f"The export cannot be written to {where} ({error.strerror})."
                ) from error
        else:
            return replace(exported, stem=stem)
    raise AssertionError("the numbers do not end")
