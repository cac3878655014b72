"""The commands `ellie memory …`: what the operator of an Ellie may look at."""

import asyncio
import json

import click


@click.group()
def memory() -> None:
    """Look at what Ellie remembers, and erase it, for people who cannot ask her themselves.

    What is done to a person is entered in a log, by numbers alone, which `audit` shows.
    """


@memory.command()
@click.argument("turn", type=click.IntRange(min=1))
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
def why(turn: int, as_json: bool) -> None:
    """Say why each item was in the prompt of TURN: the parts of its score.

    /why shows the same for the last reply, in words, to the person it was for. Here are ids and
    numbers only, and no text.
    """
    from bot.cli import wiring
    from bot.config import load_settings

    told = asyncio.run(wiring.why(load_settings(), turn))
    if as_json:
        click.echo(json.dumps(told, indent=2))
        return
    click.echo(f"turn {turn}, answered {told['answered_at']}")
    for item in told["items"]:
        parts = ", ".join(f"{name} {part:+.3f}" for name, part in item["parts"].items())
        click.echo(f"  {item['kind']} {item['id']}: {item['score']:.3f}  ({parts or 'beside'})")
    click.echo(f"  summary: {told['summary'] or 'none'}; history from: {told['history_from']}")
