"""The commands `ellie memory import` and `ellie memory export`: between one Ellie and another."""

import asyncio
from pathlib import Path

import click

from bot.cli.options import database_option, parse_scope, scope_option
from bot.errors import FileError


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@database_option
def import_memories(file: Path, db: str | None) -> None:
    """Take in what /privacy export wrote to FILE (the .json), for the same people.

    What is there already stays as it is, so doing it twice changes nothing. What was forgotten here
    does not come back.
    """
    from bot.cli import operating, wiring

    for line in asyncio.run(operating.bring_in(wiring.settings_of(db), _read(file))):
        click.echo(line)


@click.command("export")
@scope_option
@click.option(
    "--out",
    default=".",
    type=click.Path(path_type=Path),
    help="The folder for the two files.  [default: this one]",
)
@database_option
def export_memories(scope: str, out: Path, db: str | None) -> None:
    """Write what is kept about a person in a space to a JSON and a Markdown file.

    It is what /privacy export gives to themselves.
    """
    from bot.cli import operating, wiring
    from bot.saving import save

    named = parse_scope(scope)
    exported = save(asyncio.run(operating.hand_out(wiring.settings_of(db), named)), out)
    click.echo(f"{out / exported.stem}.json")
    click.echo(f"{out / exported.stem}.md")


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise FileError(f"{file} cannot be read ({error.strerror}).") from error
