"""The commands are told to Discord when they are others than before, and only then."""

import asyncio
import hashlib
import json
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import discord
from discord import app_commands
from discord.http import Route

from adapters.discord.normalise import PLATFORM
from adapters.discord.translating import Catalogues
from bot.errors import ConfigError
from bot.ports import Core

NOTED, WAITS = "commands", "commands-wait"
"""What is noted between starts: what Discord was told, and until when it wants no more of it."""
SECONDS = 60.0
PATIENCE = 30.0
"""discord.py waits for as long as a rate limit says, which may be a day; a start does not."""
DAY = timedelta(days=1)
TOO_MANY, DAILY = 30032, 30034
log = logging.getLogger(__name__)

Tree = app_commands.CommandTree[discord.Client]
Payload = list[dict[str, Any]]


async def payload_of(tree: Tree) -> Payload:
    """All commands with all translations, as Discord is told them."""
    catalogues = Catalogues()
    return [
        await command.get_translated_payload(tree, catalogues) for command in tree.get_commands()
    ]


def tree_hash(payload: Payload) -> str:
    """What the commands are, in short; the order in which they were added is no difference."""
    ordered = sorted(payload, key=lambda command: (command["type"], command["name"]))
    text = json.dumps(ordered, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


async def sync(tree: Tree, core: Core, *, anew: bool = False) -> bool:
    """Tell Discord the commands, if they are not what it was told last. True: it was told.

    It overwrites all at once, so what is gone goes before what is new comes. Where Discord will
    not have it now, that is one line in the log and comes again at the next start that is late
    enough. Call it once a process, after the login. `anew`: whatever it was told last.
    """
    application = _application(tree)
    payload = await payload_of(tree)
    wanted = f"{application} {tree_hash(payload)}"
    if await core.noted(PLATFORM, "", NOTED) == wanted and not anew:
        return False
    if await _waits(core):
        return False
    try:
        await _overwrite(tree, application, payload)
    except (discord.HTTPException, discord.RateLimited, aiohttp.ClientError, OSError) as error:
        await _put_off(core, error)
        return False
    await core.note(PLATFORM, "", NOTED, wanted)
    return True


async def _overwrite(tree: Tree, application: int, payload: Payload) -> None:
    """Raises RateLimited where a rate limit is for longer than `PATIENCE`."""
    http = tree.client.http
    usual, http.max_ratelimit_timeout = http.max_ratelimit_timeout, PATIENCE
    try:
        async with asyncio.timeout(SECONDS):
            await http.bulk_upsert_global_commands(application, payload)
    finally:
        http.max_ratelimit_timeout = usual


async def current(tree: Tree) -> Payload:
    """The commands that Discord has now, with their translations."""
    route = Route(
        "GET", "/applications/{application_id}/commands", application_id=_application(tree)
    )
    found: Payload = await tree.client.http.request(route, params={"with_localizations": "true"})
    return found


def plan(current: Payload, wanted: Payload) -> list[str]:
    """What a sync would do, a line each: "create /recall", "update …", "delete …"."""
    there = {_key(command): command for command in current}
    after = {_key(command): command for command in wanted}
    lines = [f"delete {_shown(there[key])}" for key in sorted(there.keys() - after.keys())]
    lines += [f"create {_shown(after[key])}" for key in sorted(after.keys() - there.keys())]
    lines += [
        f"update {_shown(after[key])}"
        for key in sorted(after.keys() & there.keys())
        if not _is_said(after[key], there[key])
    ]
    return lines


def _key(command: Mapping[str, Any]) -> tuple[int, str]:
    return int(command.get("type", 1)), str(command["name"])


def _shown(command: Mapping[str, Any]) -> str:
    slash = "/" if command.get("type", 1) == 1 else ""
    return f"{slash}{command['name']}"


def _is_said(wanted: object, there: object) -> bool:
    """Whether what is there says all that is wanted; what Discord fills in itself is more."""
    if isinstance(wanted, Mapping) and isinstance(there, Mapping):
        return all(_is_said(value, there.get(key)) for key, value in wanted.items())
    if isinstance(wanted, Sequence) and isinstance(there, Sequence) and not isinstance(wanted, str):
        pairs = zip(wanted, there, strict=False)
        return len(wanted) == len(there) and all(_is_said(one, other) for one, other in pairs)
    if not wanted and not there:
        return True  # absent, null, false and empty are one
    return wanted == there or str(wanted) == str(there)  # permissions are numbers in a string


def _application(tree: Tree) -> int:
    if tree.client.application_id is None:
        raise ConfigError("The commands can be told to Discord only after the login.")
    return tree.client.application_id


async def _waits(core: Core) -> bool:
    until = await core.noted(PLATFORM, "", WAITS)
    if not until or discord.utils.utcnow() >= datetime.fromisoformat(until):
        return False
    log.warning("the commands are told to Discord after %s: it wants no more of them now", until)
    return True


async def _put_off(core: Core, error: Exception) -> None:
    """Say why it was not done, and note when it can be tried again."""
    wait = _wait(error)
    if wait is not None:
        until = discord.utils.utcnow() + wait
        await core.note(PLATFORM, "", WAITS, until.isoformat(timespec="seconds"))
    code = error.code if isinstance(error, discord.HTTPException) else type(error).__name__
    log.warning(
        "Discord was not told the commands (%s); those it knows stay, and a later start tells it",
        code,
    )


def _wait(error: Exception) -> timedelta | None:
    """For how long it is no use to try again; None: until the next start."""
    if isinstance(error, discord.RateLimited):
        return timedelta(seconds=error.retry_after)
    if not isinstance(error, discord.HTTPException):
        return None
    seconds = error.response.headers.get("Retry-After", "")
    if seconds.replace(".", "", 1).isdigit():
        return timedelta(seconds=float(seconds))
    return DAY if error.code == DAILY else None
