"""The commands with which an operator answers people who have left, or who write by mail."""

import asyncio
import json

import click

from bot.cli.options import SCOPE, database_option, parse_scope, scope_option


@click.command(name="list")
@scope_option
@click.option(
    "--page", type=click.IntRange(min=1), default=1, show_default=True, help="Of 50 memories each."
)
@database_option
def list_memories(scope: str, page: int, db: str | None) -> None:
    """List a person's memories, newest first, superseded ones too.

    Each has its id, its date, who may hear it, where it was said, and its text.
    """
    from bot.cli import operating, wiring

    named = parse_scope(scope)
    lines = asyncio.run(operating.list_memories(wiring.settings_of(db), named, page))
    click.echo("\n".join(lines))


@click.command()
@click.argument("words", nargs=-1, required=True)
@scope_option
@database_option
def search(words: tuple[str, ...], scope: str, db: str | None) -> None:
    """Find a person's memories and messages by WORDS, as /recall does, best first."""
    from bot.cli import operating, wiring

    named = parse_scope(scope)
    lines = asyncio.run(operating.search(wiring.settings_of(db), named, " ".join(words)))
    click.echo("\n".join(lines))


@click.command()
@click.argument("ids", nargs=-1)
@scope_option
@click.option("--everything", is_flag=True, help="All that is kept of the person in this space.")
@click.option("--yes", is_flag=True, help="Erase. Without it the command only says what would go.")
@database_option
def forget(ids: tuple[str, ...], scope: str, everything: bool, yes: bool, db: str | None) -> None:
    """Erase a person's memories (IDS: m3 m5), with everything that holds them.

    What is erased is gone from the file when the command ends, and cannot be brought back.
    """
    from bot.cli import operating, wiring

    named = parse_scope(scope)
    done = operating.forget(wiring.settings_of(db), named, ids, everything=everything, yes=yes)
    click.echo("\n".join(asyncio.run(done)))


@click.command()
@click.option("--scope", metavar="PLATFORM/SPACE/USER", help=SCOPE)
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
@database_option
def audit(scope: str | None, as_json: bool, db: str | None) -> None:
    """Show what operators did: when, who, what, to whom, and how much of it.

    Whom is a keyed hash, the same for all acts on one person; --scope shows those on one. No name
    and nothing that was said is in the log.
    """
    from bot.cli import operating, wiring

    named = None if scope is None else parse_scope(scope)
    acts = asyncio.run(operating.audit(wiring.settings_of(db), named))
    if as_json:
        told = [
            {"at": act.at.isoformat(), "actor": act.actor, "act": act.act, "person": act.person,
             "counts": act.counts}
            for act in acts
        ]  # fmt: skip
        click.echo(json.dumps(told, indent=2))
        return
    for act in acts:
        counts = ", ".join(f"{number} {name}" for name, number in act.counts.items())
        click.echo(f"{act.at:%Y-%m-%d %H:%M:%S}Z  {act.actor}  {act.act}  {act.person}  {counts}")
    if not acts:
        click.echo("No operator did anything.")


OPERATORS = (list_memories, search, forget, audit)
