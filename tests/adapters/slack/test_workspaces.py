"""Several workspaces that install Ellie themselves, each on its own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest

from tests.adapters.slack.stage import ALICE, BOB, SlackStage, connected, furnish, said
from tests.servers.openai_server import OpenAIServer
from tests.servers.slack import SlackServer

PUBLIC = "https://ellie.example.com"
TWO_DAYS = 2 * 86_400


@asynccontextmanager
async def open_to_all(
    file: Path, slack: SlackServer, model: OpenAIServer
) -> AsyncIterator[SlackStage]:
    """Ellie by HTTP, with the pages by which workspaces install her."""
    own = {
        "bot_token": None,
        "client_id": slack.client_id,
        "client_secret": slack.client_secret,
        "public_url": PUBLIC,
    }
    async with connected(
        file, slack=slack, model=model, http=True, slack_settings=own,
        ellie_secret_key="long and random",
    ) as garden:  # fmt: skip
        yield garden


def everything_in(folder: Path) -> bytes:
    """All bytes of the database's files."""
    return b"".join(file.read_bytes() for file in folder.iterdir())


def two_workspaces(slack: SlackServer, *, enterprise: str | None = None) -> None:
    slack.team("T1", "Garden", enterprise=enterprise)
    slack.team("T2", "Orchard", enterprise=enterprise)
    slack.person("T1", ALICE, "Alice", admin=True)
    slack.person("T2", BOB, "Bob", admin=True)


async def install(garden: SlackStage, user: str, at: str | None = None) -> None:
    """A browser opens the page, the person allows it, and comes back."""
    door = f"http://127.0.0.1:{garden.adapter.door.port}"
    async with aiohttp.ClientSession() as browser:
        async with browser.get(f"{door}/slack/install") as page:
            text = await page.text()
            cookie = page.cookies["slack-app-oauth-state"].value
        url = text.partition('href="')[2].partition('"')[0].replace("&amp;", "&")
        back = urlsplit(garden.slack.authorize(url, user, at))
        headers = {"Cookie": f"slack-app-oauth-state={cookie}"}
        async with browser.get(f"{door}{back.path}?{back.query}", headers=headers) as page:
            assert page.status == 200, await page.text()


async def ask(garden: SlackStage, team: str, user: str, text: str) -> str:
    dm = garden.slack.dm(team, user)
    me = garden.slack.bot(team)
    before = len([m for m in garden.slack.messages(dm) if m.user == me])
    await garden.slack.say(user, dm, text, team=team)
    await garden.slack.until(
        lambda: len([m for m in garden.slack.messages(dm) if m.user == me]) > before
    )
    await garden.settled()
    return said(garden.slack.messages(dm)[-1])


@pytest.mark.rule("M3")
@pytest.mark.rule("S19")
async def test_two_workspaces_are_answered_and_know_nothing_of_each_other(
    tmp_path: Path,
) -> None:
    async with SlackServer() as slack, OpenAIServer() as model:
        two_workspaces(slack)
        slack.person("T2", ALICE)
        async with open_to_all(tmp_path / "ellie.db", slack, model) as garden:
            await install(garden, ALICE)
            await install(garden, BOB)
            model.on_extract = lambda body: {
                "memories": [{"text": "Alice keeps bees behind the shed.", "sources": [1]}]
            }
            await ask(garden, "T1", ALICE, "I keep bees behind the shed")
            model.on_extract = lambda body: {"memories": []}
            await ask(garden, "T2", ALICE, "Where do I keep my bees?")
            assert "behind the shed" not in garden.prompt()
            await ask(garden, "T1", ALICE, "Where do I keep my bees?")
            assert "behind the shed" in garden.prompt()
            assert await ask(garden, "T2", BOB, "Hello") != ""


async def test_what_was_installed_is_there_after_a_restart_and_sealed(tmp_path: Path) -> None:
    file = tmp_path / "ellie.db"
    async with SlackServer() as slack, OpenAIServer() as model:
        two_workspaces(slack)
        async with open_to_all(file, slack, model) as garden:
            await install(garden, ALICE)
            token = slack.installations[-1].token
        assert token.encode() not in everything_in(tmp_path)
        async with open_to_all(file, slack, model) as garden:
            assert "Hello" in await ask(garden, "T1", ALICE, "Hello")


@pytest.mark.rule("S22")
@pytest.mark.parametrize("order", [
    ("app_uninstalled", "tokens_revoked"),
    ("tokens_revoked", "app_uninstalled", "app_uninstalled"),
])  # fmt: skip
async def test_who_removes_ellie_and_returns_in_time_finds_their_memories(
    tmp_path: Path, order: tuple[str, ...]
) -> None:
    async with SlackServer() as slack, OpenAIServer() as model:
        two_workspaces(slack)
        async with open_to_all(tmp_path / "ellie.db", slack, model) as garden:
            await install(garden, ALICE)
            model.on_extract = lambda body: {
                "memories": [{"text": "Alice keeps bees.", "sources": [1]}]
            }
            await ask(garden, "T1", ALICE, "I keep bees")
            await slack.uninstall("T1", order)
            await garden.settled()
            assert await garden.stage.core.token("slack", "T1") is None
            slack.clock.advance(TWO_DAYS)
            await install(garden, ALICE)
            assert "Hello" in await ask(garden, "T1", ALICE, "Hello")
            slack.clock.advance(30 * 86_400)
            await garden.settled()
            assert "Alice keeps bees." in await garden.known()


@pytest.mark.rule("S22")
async def test_who_does_not_return_is_erased(tmp_path: Path) -> None:
    async with SlackServer() as slack, OpenAIServer() as model:
        two_workspaces(slack)
        async with open_to_all(tmp_path / "ellie.db", slack, model) as garden:
            await install(garden, ALICE)
            model.on_extract = lambda body: {
                "memories": [{"text": "Alice keeps bees.", "sources": [1]}]
            }
            await ask(garden, "T1", ALICE, "I keep bees")
            await slack.uninstall("T1")
            await garden.settled()
            slack.clock.advance(8 * 86_400)
            await garden.settled()
            assert await garden.known() == []


@pytest.mark.rule("S23")
async def test_tokens_that_end_are_renewed(tmp_path: Path) -> None:
    async with SlackServer() as slack, OpenAIServer() as model:
        two_workspaces(slack)
        slack.rotation = True
        async with open_to_all(tmp_path / "ellie.db", slack, model) as garden:
            await install(garden, ALICE)
            assert "One" in await ask(garden, "T1", ALICE, "One")
            for _ in range(3):
                slack.clock.advance(43_000)
                assert "Again" in await ask(garden, "T1", ALICE, "Again")


@pytest.mark.rule("S19")
async def test_an_organisation_installs_once_and_each_workspace_is_its_own(
    tmp_path: Path,
) -> None:
    async with SlackServer() as slack, OpenAIServer() as model:
        two_workspaces(slack, enterprise="E1")
        async with open_to_all(tmp_path / "ellie.db", slack, model) as garden:
            await install(garden, ALICE, "E1")
            assert "Hello" in await ask(garden, "T1", ALICE, "Hello")
            assert "Hello" in await ask(garden, "T2", BOB, "Hello")
            store = garden.stage.store
            db = store.driver.module.connect(store.path)
            spaces = {space for (space,) in db.execute("SELECT space FROM scope")}
            db.close()
            assert spaces == {"T1", "T2"}


@pytest.mark.rule("S22")
async def test_with_a_token_in_the_settings_a_return_keeps_the_memories_too(
    tmp_path: Path,
) -> None:
    file = tmp_path / "ellie.db"
    async with SlackServer() as slack, OpenAIServer() as model:
        furnish(slack)
        async with connected(file, slack=slack, model=model) as garden:
            model.on_extract = lambda body: {
                "memories": [{"text": "Alice keeps bees.", "sources": [1]}]
            }
            await garden.ask(ALICE, garden.dm, "I keep bees")
            await slack.uninstall("T1")
            await garden.settled()
        slack.install("T1", bot_token="xoxb-2")
        async with connected(
            file, slack=slack, model=model, slack_settings={"bot_token": "xoxb-2"}
        ) as garden:
            slack.clock.advance(30 * 86_400)
            await garden.settled()
            assert "Alice keeps bees." in await garden.known()
