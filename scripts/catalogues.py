"""Compile the translations of the commands: every adapters/**/*.po into the .mo beside it."""

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

for source in sorted(Path(__file__).parents[1].glob("adapters/**/*.po")):
    with source.open("rb") as written, source.with_suffix(".mo").open("wb") as compiled:
        write_mo(compiled, read_po(written))
    print(source.with_suffix(".mo").relative_to(Path(__file__).parents[1]))
