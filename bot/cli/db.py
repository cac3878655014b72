"""The commands `ellie db …`: a backup of the database, and putting one back."""

import asyncio
from pathlib import Path

import click

from bot.cli.options import database_option


@click.group()
def db() -> None:
    """Back the database up, and restore it."""


@db.command()
@click.argument("file")
@database_option
def backup(file: str, db: str | None) -> None:
    """Write a copy of the database to FILE, also while Ellie is running.

    FILE must not be there yet. It is one file, complete as of one moment, read once more when it is
    written, and readable by its owner alone. It holds what people said: keep it as you keep the
    database, and no longer than you promised. What they forget later is still in it, until it is
    restored.
    """
    from bot.cli.wiring import settings_of
    from bot.store.sqlite.backup import back_up

    source = settings_of(db).db_path
    held = asyncio.run(back_up(source, Path(file)))
    click.echo(
        f"{file} is a backup of {source} (schema {held.schema}): "
        f"{_amounts(person=held.people, message=held.messages, memory=held.memories)}."
    )


@db.command()
@click.argument("file")
@database_option
def restore(file: str, db: str | None) -> None:
    """Put the backup FILE in the place of the database. Ellie must not be running.

    What was said and learnt since the backup is lost. What was forgotten since stays forgotten:
    before anything is replaced, the present database's ledger of deletions is read, and what it
    names is erased from the copy. Wishes to be ignored or not to be remembered are kept as well.
    """
    from bot.cli.wiring import settings_of
    from bot.store.sqlite import restore as restoring

    path = settings_of(db).db_path
    done = asyncio.run(restoring.restore(Path(file), path))
    now, taken = done.content, done.taken
    click.echo(
        f"{path} is restored from {file} (schema {done.backup.schema}): "
        f"{_amounts(person=now.people, message=now.messages, memory=now.memories)}."
    )
    if done.entries is None:
        click.echo("There was no database to replace, so no ledger of deletions to read.")
        return
    gone = _amounts(memory=taken.memories, message=taken.messages, summary=taken.summaries)
    whole = _amounts(person=taken.people)
    click.echo(
        f"The ledger of the replaced database ({_amounts(entry=done.entries)}) took out of the "
        f"copy: {gone}, and everything of {whole}."
    )


def _amounts(**counts: int) -> str:
    """1 person, 3 messages and 2 memories."""
    from adapters.wording.words import count, listed

    return listed(count(number, noun) for noun, number in counts.items())
