"""The commands `ellie space …`: what the operator of an Ellie sets for one space."""

import asyncio

import click


@click.group()
def space() -> None:
    """Set what holds for one space."""


@space.command()
@click.argument("platform")
@click.argument("name", metavar="SPACE")
@click.option(
    "--messages",
    "message_days",
    type=click.IntRange(1, 36_500),
    metavar="DAYS",
    help="Erase the text of messages after so many days.",
)
@click.option(
    "--memories",
    "memory_days",
    type=click.IntRange(0, 36_500),
    metavar="DAYS",
    help="Erase memories and summaries after so many days; 0: never.",
)
@click.option("--as-set", is_flag=True, help="Keep both as the settings say, unless named here.")
def retention(
    platform: str, name: str, message_days: int | None, memory_days: int | None, as_set: bool
) -> None:
    """Show, or set, for how long one SPACE of a PLATFORM is kept.

    What is not named stays as it is. It holds from the next sweep on, within an hour.
    """
    from bot.cli import wiring
    from bot.config import load_settings

    for line in asyncio.run(
        wiring.retention(load_settings(), platform, name, message_days, memory_days, as_set)
    ):
        click.echo(line)
