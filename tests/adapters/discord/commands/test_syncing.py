"""Discord is told the commands when they are others, and only then."""

import json
import logging
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.discord.syncing import Payload, current, payload_of, plan, tree_hash
from tests.adapters.discord.commands.commanding import CommandsClient, built
from tests.conftest import TurnedClock
from tests.core.stage import Stage, opened
from tests.servers.discord import DiscordServer
from tests.servers.plain_client import connected


def writes(server: DiscordServer) -> list[str]:
    """How the commands were written."""
    return [r.method for r in server.requests if r.path.endswith("/commands") and r.method != "GET"]


@pytest.fixture
async def payload() -> Payload:
    return await payload_of(built())


@pytest.mark.rule("D13")
async def test_the_same_commands_are_told_once_and_other_ones_again(
    server: DiscordServer, tmp_path: Path, clock: TurnedClock
) -> None:
    told = []
    for user_install in (False, False, True, True, False):
        server.user_install_enabled = True
        async with opened(tmp_path / "ellie.db", clock) as stage:
            client = CommandsClient(stage.core, user_install=user_install)
            async with connected(server, client):
                told += client.synced
    assert told == [True, False, True, False, True]
    assert writes(server) == ["PUT"] * 3


@pytest.mark.rule("D13")
async def test_another_application_is_told_too(
    server: DiscordServer, tmp_path: Path, clock: TurnedClock
) -> None:
    async with opened(tmp_path / "ellie.db", clock) as stage:
        async with connected(server, CommandsClient(stage.core)):
            pass
        async with DiscordServer() as other:
            other.application_id += 1
            client = CommandsClient(stage.core)
            async with connected(other, client):
                assert client.synced == [True]


@pytest.mark.rule("D13")
async def test_a_reconnect_tells_nothing(server: DiscordServer, stage: Stage) -> None:
    client = CommandsClient(stage.core)
    async with connected(server, client):
        server.forget_sessions()
        server.drop()
        await server.until(lambda: client.events.count("READY") == 2)
        await server.until(client.is_ready)
    assert writes(server) == ["PUT"]


@pytest.mark.rule("D13")
@pytest.mark.parametrize(("status", "code"), [(400, 30032), (429, 30034), (403, 50001)])
async def test_where_discord_wants_no_more_ellie_starts_all_the_same(
    server: DiscordServer,
    stage: Stage,
    caplog: pytest.LogCaptureFixture,
    status: int,
    code: int,
) -> None:
    caplog.set_level(logging.WARNING, "adapters")
    server.fail("PUT", "/applications/*/commands", status=status, code=code, retry_after=3600)
    client = CommandsClient(stage.core)
    async with connected(server, client):
        assert client.is_ready()
    assert client.synced == [False]
    assert len([r for r in caplog.records if r.name.startswith("adapters")]) == 1
    again = CommandsClient(stage.core)
    async with connected(server, again):
        assert again.synced == [status != 429]


@pytest.mark.rule("D13")
async def test_when_discord_will_have_more_is_noted_for_the_next_start(
    server: DiscordServer, stage: Stage
) -> None:
    server.fail("PUT", "/applications/*/commands", status=429, code=30034, retry_after=3600)
    async with connected(server, CommandsClient(stage.core)):
        pass
    until = await stage.core.noted("discord", "", "commands-wait")
    assert until is not None
    left = datetime.fromisoformat(until) - datetime.now(UTC)
    assert timedelta(minutes=59) < left <= timedelta(hours=1)
    assert writes(server) == ["PUT"]
    async with connected(server, CommandsClient(stage.core)):
        pass
    assert writes(server) == ["PUT"]
    await stage.core.note("discord", "", "commands-wait", "2026-01-01T00:00:00+00:00")
    client = CommandsClient(stage.core)
    async with connected(server, client):
        assert client.synced == [True]


@pytest.mark.rule("D10")
async def test_a_short_rate_limit_is_waited_out(server: DiscordServer, stage: Stage) -> None:
    server.fail("PUT", "/applications/*/commands", status=429, retry_after=0.05)
    client = CommandsClient(stage.core)
    async with connected(server, client):
        assert client.synced == [True]
    assert client.http.max_ratelimit_timeout is None


async def test_the_hash_is_of_all_that_is_told_and_of_no_order(payload: Payload) -> None:
    assert tree_hash(payload) == tree_hash(list(reversed(payload)))
    assert tree_hash(payload) == tree_hash(json.loads(json.dumps(payload)))
    changes: list[Callable[[dict[str, Any]], object]] = [
        lambda command: command["name_localizations"].update(de="anders"),
        lambda command: command["description_localizations"].update(fr="autre"),
        lambda command: command["options"].pop(),
        lambda command: command["contexts"].append(2),
    ]
    for change in changes:
        other = deepcopy(payload)
        change(other[0])
        assert tree_hash(other) != tree_hash(payload)


async def test_a_dry_run_names_what_would_be_created_changed_and_deleted(
    server: DiscordServer, stage: Stage, payload: Payload
) -> None:
    client = CommandsClient(stage.core)
    async with connected(server, client):
        before = await current(client.tree)
    assert plan(before, payload) == []
    assert plan([], payload)[:2] == ["create /ellie", "create /ellie-admin"]
    assert plan([], payload)[-1] == "create Why did Ellie say this?"
    assert plan(before, []) == [line.replace("create", "delete") for line in plan([], payload)]
    other = deepcopy(payload)
    changed = {command["name"]: command for command in other}
    changed["forget"]["options"][0]["description_localizations"]["de"] = "anders"
    changed["why"]["contexts"] = [0]
    changed["ellie-admin"]["default_member_permissions"] = 8
    changed["new"]["name"] = "fresh"
    assert plan(before, other) == [
        "delete /new", "create /fresh", "update /ellie-admin", "update /forget", "update /why",
    ]  # fmt: skip
