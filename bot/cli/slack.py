"""The commands `ellie slack …`: what is needed to set Ellie up on Slack."""

import json

import click


@click.group()
def slack() -> None:
    """Set Ellie up on Slack."""


@slack.command()
@click.option(
    "--http", "url", metavar="URL", help="Where Slack reaches Ellie.  [default: Socket Mode]"
)
@click.option(
    "--rotate-tokens",
    is_flag=True,
    help="Let tokens end after 12 hours and be renewed. Slack never takes this back.",
)
def manifest(url: str | None, rotate_tokens: bool) -> None:
    """Print the manifest to make a Slack app from, as JSON.

    In Slack: Create New App > From a manifest > JSON.
    """
    from adapters.slack.manifest import manifest as made

    click.echo(json.dumps(made(url, rotate_tokens=rotate_tokens), indent=2))
