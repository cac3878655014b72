"""The commands of `ellie`, and how an error reaches the person.

Heavy modules are imported by the command that needs them: `ellie --version` answers at once.
"""

import asyncio
import getpass
import os
import sys
import traceback

import click

from bot import __version__
from bot.cli.db import db
from bot.cli.evaluate import evaluate
from bot.cli.memory import memory
from bot.cli.operators import OPERATORS
from bot.cli.options import database, database_option
from bot.cli.slack import slack
from bot.cli.space import space as space_commands
from bot.cli.transfer import export_memories, import_memories
from bot.errors import BotError

_INTERRUPTED = 130  # 128 + SIGINT, as shells count it


@click.group(invoke_without_command=True)
@click.version_option(__version__, message="ellie %(version)s")
@click.pass_context
def ellie(context: click.Context) -> None:
    """A bot that remembers the people it talks to, and forgets them when they ask."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


@ellie.command()
@click.option("--as", "user", metavar="USER", help="Who speaks.  [default: the login name]")
@click.option("--space", default="home", show_default=True, help="The community this happens in.")
@click.option(
    "--place",
    default="dm",
    show_default=True,
    metavar="dm|open:NAME|closed:NAME",
    help="Who hears it: Ellie alone, everybody in the space, or the members of a closed channel.",
)
@database_option
def chat(user: str | None, space: str, place: str, db: str | None) -> None:
    """Talk with Ellie.

    On a terminal this is a conversation: Ctrl-C stops a reply, Ctrl-D ends the session. Otherwise
    every line of the standard input is a message and is answered on the standard output. Lines
    that start with / are commands; /help lists them.
    """
    from adapters.console.normalise import open_session
    from bot.config import load_settings

    user = _login_name() if user is None else user
    open_session(user, space, place)  # a wrong option ends here, before a file is opened
    settings = load_settings()
    if db is not None:
        settings = settings.model_copy(update={"ellie_db": database(db)})

    async def talk() -> None:
        from bot.cli import ollama, wiring

        if not settings.has_model and (line := await ollama.suggest()):
            click.echo(f"ellie: {line}", err=True)
        await wiring.chat(settings, user=user, space=space, place=place)

    asyncio.run(talk())


@ellie.command()
def run() -> None:
    """Connect Ellie to the platforms that the settings name, until she is stopped."""
    from bot.cli import running
    from bot.config import load_settings

    asyncio.run(running.run(load_settings()))


@ellie.command()
def invite() -> None:
    """Print the link by which a Discord server is joined, with the least permissions."""
    from bot.cli import running
    from bot.config import load_settings

    click.echo(asyncio.run(running.invite(load_settings())))


@ellie.command()
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
def sync(dry_run: bool) -> None:
    """Tell Discord Ellie's commands, if they are not what it knows."""
    from bot.cli import running
    from bot.config import load_settings

    for line in asyncio.run(running.sync(load_settings(), dry_run=dry_run)):
        click.echo(line)


@ellie.command()
def doctor() -> None:
    """Say how Ellie is set up and what waits to be done."""
    from bot.cli import wiring
    from bot.config import load_settings

    for line in asyncio.run(wiring.doctor(load_settings())):
        click.echo(line)


for command in OPERATORS:
    memory.add_command(command)
memory.add_command(import_memories)
memory.add_command(export_memories)
ellie.add_command(memory)
ellie.add_command(db)
ellie.add_command(space_commands)
ellie.add_command(slack)
ellie.add_command(evaluate)


def main() -> None:
    """Run the command line; ends with SystemExit: 0, 1 after an error, 2 after a wrong usage."""
    try:
        status = ellie.main(prog_name="ellie", standalone_mode=False)
        if sys.stdout is not None:
            sys.stdout.flush()  # here, where a reader that left is still an error like any other
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(_INTERRUPTED)
    except Exception as error:
        sys.exit(_report(error))
    sys.exit(status if isinstance(status, int) else 0)


def _report(error: BaseException) -> int:
    """Tell the person in one line what ended the command; the exit status."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if isinstance(error, KeyboardInterrupt):
        return _INTERRUPTED
    if isinstance(error, BrokenPipeError):  # nobody reads any more: what is buffered goes nowhere
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    if _debugging():
        traceback.print_exception(error)
    if isinstance(error, BotError):
        click.echo(f"ellie: {error}", err=True)
    else:
        click.echo(
            f"ellie: something went wrong inside ({type(error).__name__}). "
            "ELLIE_LOG_LEVEL=DEBUG shows where.",
            err=True,
        )
    return 1


def _debugging() -> bool:
    from bot.config import load_settings

    try:
        return load_settings().ellie_log_level == "DEBUG"
    except BotError:
        return False


def _login_name() -> str:
    from adapters.console.normalise import is_name

    try:
        name = getpass.getuser()
    except (OSError, KeyError, ImportError):  # the last two: before Python 3.13
        return "you"
    return name if is_name(name) else "you"
