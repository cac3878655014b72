"""What several commands take: the database, and whose memories are meant."""

import os
from pathlib import Path
from urllib.parse import unquote

import click

from bot.errors import ConfigError
from bot.types import Scope

database_option = click.option("--db", metavar="FILE", help="The database.  [default: ELLIE_DB]")
SCOPE = (
    "PLATFORM/SPACE/USER names the person, by the platform's ids (on the console, by names): "
    "console/home/alice. A slash inside a name is written %2F, and a percent sign %25. Without a "
    "USER (console/home/) it is what was shared with the whole space."
)
scope_option = click.option("--scope", required=True, metavar="PLATFORM/SPACE/USER", help=SCOPE)


def database(value: str) -> Path:
    """The file that `--db` names. Raises ConfigError."""
    if not value.strip():
        raise ConfigError("--db needs the name of a file.")
    if os.path.isdir(value):
        raise ConfigError(f"--db: {value} is a directory; it needs the name of a file.")
    return Path(value)


def parse_scope(value: str) -> Scope:
    """The scope that `--scope` names. Raises ConfigError."""
    parts = value.split("/")
    try:
        platform, space, user = (unquote(part, errors="strict") for part in parts)
    except ValueError:  # not three parts, or no text
        platform = space = user = ""
    if not (platform and space):
        raise ConfigError(
            "--scope needs PLATFORM/SPACE/USER, such as console/home/alice; a slash inside a name "
            "is written %2F."
        )
    return Scope(platform, space, user)


def write_scope(scope: Scope) -> str:
    """The scope as `--scope` names it."""
    parts = (scope.platform, scope.space, scope.user)
    return "/".join(part.replace("%", "%25").replace("/", "%2F") for part in parts)
