"""The commands `ellie memory import` and `ellie memory export`: between one Ellie and another."""

import asyncio
from pathlib import Path

import click

from bot.errors import ConfigError, FileError
from bot.types import Scope


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--db", type=click.Path(path_type=Path), help="The database.  [default: ELLIE_DB]")
def import_memories(file: Path, db: Path | None) -> None:
    """Take in what /privacy export wrote to FILE (the .json), for the same people.

    What is there already stays as it is, so doing it twice changes nothing. What was forgotten here
    does not come back.
    """
    from bot.cli import wiring

    for line in asyncio.run(wiring.take_in(_read(file), db)):
        click.echo(line)


@click.command("export")
@click.option("--scope", required=True, metavar="PLATFORM/SPACE/USER", help="Whose memories.")
@click.option(
    "--out",
    default=".",
    type=click.Path(path_type=Path),
    help="The folder for the two files.  [default: this one]",
)
@click.option("--db", type=click.Path(path_type=Path), help="The database.  [default: ELLIE_DB]")
def export_memories(scope: str, out: Path, db: Path | None) -> None:
    """Write what is kept about a person in a space to a JSON and a Markdown file.

    It is what /privacy export gives to themselves.
    """
    from bot.cli import wiring
    from bot.saving import save

    exported = save(asyncio.run(wiring.hand_out(_parse_scope(scope), db)), out)
    click.echo(f"{out / exported.stem}.json")
    click.echo(f"{out / exported.stem}.md")


def _parse_scope(value: str) -> Scope:
    parts = value.split("/")
    if len(parts) != 3 or not all(parts):
        raise ConfigError("--scope needs PLATFORM/SPACE/USER, for example console/home/alice.")
    return Scope(*parts)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise FileError(f"{file} cannot be read ({error.strerror}).") from error
