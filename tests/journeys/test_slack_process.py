"""`ellie run` as a real process on a loopback Slack: acknowledged is answered, also over a kill."""

import asyncio
import json
import signal
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import pytest

from adapters.slack.socket import BAD_APP_TOKEN
from adapters.slack.workspaces import BAD_BOT_TOKEN
from tests.journeys.process import LIMIT_SECONDS, Ran, environment
from tests.servers.slack import Message, SlackServer


async def start(
    slack: SlackServer, file: Path, *arguments: str, http: bool = False, **settings: str
) -> asyncio.subprocess.Process:
    door = {"SLACK_APP_TOKEN": slack.app_token}
    if http:
        door = {"SLACK_SIGNING_SECRET": slack.signing_secret, "ELLIE_HTTP_PORT": "0"}
    named = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_API_URL": slack.api, **door, **settings}
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", *(arguments or ("run",)),
        cwd=file.parent, env=environment(file, **named), stdout=PIPE, stderr=PIPE,
    )  # fmt: skip


async def ended(process: asyncio.subprocess.Process) -> Ran:
    async with asyncio.timeout(LIMIT_SECONDS):
        out, err = await process.communicate()
    return Ran(process.returncode or 0, out.decode(), err.decode())


def garden(slack: SlackServer) -> str:
    """A workspace with Alice; her DM with Ellie."""
    slack.team("T1", "Garden")
    slack.person("T1", "U1", "Alice")
    slack.install("T1", bot_token="xoxb-1")
    return slack.dm("T1", "U1")


async def listening(slack: SlackServer, process: asyncio.subprocess.Process, *, http: bool) -> None:
    """Wait until the process hears Slack; by HTTP, post to where it says that it listens."""
    if not http:
        await slack.until(lambda: slack.sockets.open, LIMIT_SECONDS)
        return
    assert process.stderr is not None
    async with asyncio.timeout(LIMIT_SECONDS):
        while b"listening on" not in (line := await process.stderr.readline()):
            assert line, "it ended before it listened"
    port = int(line.split()[-1].rstrip(b"."))
    slack.http_target(f"http://127.0.0.1:{port}/slack/events")


@pytest.mark.rule("S1")
@pytest.mark.parametrize("http", [False, True])
async def test_what_was_acknowledged_is_answered_over_a_kill(tmp_path: Path, http: bool) -> None:
    file = tmp_path / "ellie.db"
    async with SlackServer() as slack:
        dm = garden(slack)

        def hers() -> list[Message]:
            return [m for m in slack.messages(dm) if m.user == slack.bot("T1")]

        first = await start(slack, file, http=http)
        await listening(slack, first, http=http)
        await slack.say("U1", dm, "My name is Alice.")
        await slack.until(lambda: len(hers()) == 1, LIMIT_SECONDS)
        held = slack.hold("chat.postMessage")
        await slack.say("U1", dm, "I live in Lyon.")
        await slack.heard()
        await slack.until(lambda: len(slack.calls("chat.postMessage")) == 2, LIMIT_SECONDS)
        first.send_signal(signal.SIGKILL)
        await first.communicate()
        held.release()

        second = await start(slack, file, http=http)
        await slack.until(lambda: len(hers()) == 2, LIMIT_SECONDS)
        assert "Lyon" in hers()[1].said
        second.send_signal(signal.SIGTERM)
        ran = await ended(second)
        assert (ran.status, ran.out) == (0, "")
        assert "Slack: connected as ellie in Garden." in ran.err
        assert "Lyon" not in ran.err
        assert "xoxb-1" not in ran.err


async def test_a_token_that_is_wrong_is_one_line(tmp_path: Path) -> None:
    file = tmp_path / "ellie.db"
    async with SlackServer() as slack:
        garden(slack)
        wrong = await ended(await start(slack, file, SLACK_BOT_TOKEN="xoxb-2"))
        assert (wrong.status, wrong.err) == (1, f"ellie: {BAD_BOT_TOKEN}\n")
        wrong = await ended(await start(slack, file, SLACK_APP_TOKEN="xapp-2"))
        assert (wrong.status, wrong.err) == (1, f"ellie: {BAD_APP_TOKEN}\n")


async def test_the_manifest_is_json_and_needs_no_token(tmp_path: Path) -> None:
    async with SlackServer() as slack:
        ran = await ended(await start(slack, tmp_path / "ellie.db", "slack", "manifest"))
    assert ran.status == 0
    assert json.loads(ran.out)["settings"]["socket_mode_enabled"] is True
