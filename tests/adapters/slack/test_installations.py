"""Installations: kept sealed, found by workspace or organisation, and renewed."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from slack_bolt.error import BoltError

from bot.errors import ConfigError
from tests.adapters.slack.house import House, house, installed
from tests.adapters.slack.registrar import LASTS, Registrar


@pytest.fixture
async def slack() -> AsyncIterator[Registrar]:
    async with Registrar() as server:
        yield server


@pytest.fixture
async def home(tmp_path: Path, slack: Registrar) -> AsyncIterator[House]:
    async with house(tmp_path / "ellie.db", slack) as made:
        yield made


async def give(home: House, at: str, *, ends_in: float | None = None) -> str:
    """Install in a place as the registrar gives it; the token ends after some seconds."""
    home.slack.rotating = ends_in is not None
    client = home.workspaces.client()
    told = await client.oauth_v2_access(
        code=home.slack.allowed(at), client_id="1111.2222", client_secret="0123456789abcdef"
    )
    await home.installations.async_save(
        installed(
            at, told["access_token"], bot_refresh_token=told.get("refresh_token"),
            bot_token_expires_at=None if ends_in is None else int(time.time() + ends_in),
        )
    )  # fmt: skip
    return str(told["access_token"])


@pytest.mark.rule("S19")
async def test_each_workspace_has_its_own_token(home: House) -> None:
    await home.installations.async_save(installed("T1", "xoxb-1"))
    await home.installations.async_save(installed("T2", "xoxb-2"))
    assert await home.token("T1") == "xoxb-1"
    assert await home.token("T2") == "xoxb-2"
    assert await home.token("T3") is None
    assert await home.token("T3", "E1") is None


async def test_what_is_kept_is_sealed_and_holds_nothing_of_who_installed_it(home: House) -> None:
    await home.installations.async_save(installed("T1", "xoxb-zebra"))
    held = b"".join(part.read_bytes() for part in home.file.parent.glob("ellie.db*"))
    assert b"xoxb" not in held
    assert b"xoxp" not in held
    kept = await home.core.token("slack", "T1")
    assert kept is not None
    assert "xoxb-zebra" in kept
    assert "UINSTALLER" not in kept
    assert "xoxp-person" not in kept


async def test_bolt_finds_the_same_bot(home: House) -> None:
    await home.installations.async_save(
        installed("T1", "xoxb-1", bot_refresh_token="xoxe-1", bot_token_expires_at=2**33)
    )
    bot = await home.installations.async_find_bot(enterprise_id=None, team_id="T1")
    found = await home.installations.async_find_installation(
        enterprise_id=None, team_id="T1", user_id="U1"
    )
    assert bot is not None
    assert found is not None
    assert (bot.bot_token, bot.bot_id, bot.bot_user_id) == ("xoxb-1", "B1", "U0")
    assert bot.bot_scopes == ["chat:write", "commands"]
    assert found.bot_token == "xoxb-1"
    assert found.user_token is None
    assert bot.bot_refresh_token is None  # or Bolt would renew it too
    assert await home.installations.async_find_bot(enterprise_id="E9", team_id="T9") is None


@pytest.mark.rule("S19")
async def test_an_organisation_s_installation_serves_its_workspaces(home: House) -> None:
    await home.installations.async_save(installed("E1", "xoxb-org"))
    assert await home.token("T1", "E1") == "xoxb-org"
    assert await home.token("T2", "E1") == "xoxb-org"
    assert await home.token("T1", "E2") is None
    assert await home.token("T1") == "xoxb-org"  # whose workspace it is was told before
    assert await home.token("T3") is None
    assert await home.installations.teams("E1") == {"T1": True, "T2": True}
    bot = await home.installations.async_find_bot(
        enterprise_id="E1", team_id=None, is_enterprise_install=True
    )
    assert bot is not None
    assert bot.is_enterprise_install
    own = await home.installations.async_find_bot(
        enterprise_id="E1", team_id="T1", is_enterprise_install=True
    )
    assert own is not None
    assert own.bot_token == "xoxb-org"


@pytest.mark.rule("S19")
async def test_a_workspace_s_own_installation_comes_before_the_organisation_s(home: House) -> None:
    await home.installations.async_save(installed("E1", "xoxb-org"))
    await home.installations.async_save(installed("T1", "xoxb-own", enterprise_id="E1"))
    assert await home.token("T1", "E1") == "xoxb-own"
    assert await home.token("T2", "E1") == "xoxb-org"


async def test_installed_anew_the_newer_token_counts_at_once(home: House) -> None:
    first = await give(home, "T1")
    assert (await home.workspaces.of("T1")) is not None
    second = await give(home, "T1")
    workspace = await home.workspaces.of("T1")
    assert workspace is not None
    assert first != second == workspace.client.token


async def test_without_a_bot_s_token_nothing_is_kept(home: House) -> None:
    with pytest.raises(BoltError):
        await home.installations.async_save(installed("T1", ""))
    with pytest.raises(BoltError):
        await home.installations.async_save(installed("T1", "xoxb-1", team_id=None))
    assert await home.token("T1") is None


async def test_without_a_secret_key_nothing_is_kept(tmp_path: Path, slack: Registrar) -> None:
    async with house(tmp_path / "ellie.db", slack, ellie_secret_key=None) as home:
        with pytest.raises(ConfigError, match="ELLIE_SECRET_KEY"):
            await home.installations.async_save(installed("T1", "xoxb-1"))


async def test_with_another_secret_key_it_is_said_what_to_do(
    tmp_path: Path, slack: Registrar
) -> None:
    async with house(tmp_path / "ellie.db", slack) as home:
        await home.installations.async_save(installed("T1", "xoxb-1"))
    async with house(tmp_path / "ellie.db", slack, ellie_secret_key="another") as home:
        with pytest.raises(ConfigError, match="another ELLIE_SECRET_KEY"):
            await home.token("T1")


async def test_bolt_s_deletions_erase_the_token(home: House) -> None:
    store = home.installations
    for at in ("T1", "T2", "E1"):
        await store.async_save(installed(at, f"xoxb-{at}"))
    await store.async_delete_installation(enterprise_id=None, team_id="T1", user_id="U1")
    assert await home.token("T1") == "xoxb-T1"  # of one person nothing is kept
    await store.async_delete_bot(enterprise_id=None, team_id="T1")
    await store.async_delete_all(enterprise_id="E9", team_id="T2")
    await store.async_delete_all(enterprise_id="E1", team_id=None)
    await store.async_delete_all(enterprise_id="E1", team_id=None)
    assert [await home.token(at, "E1") for at in ("T1", "T2", "T3")] == [None] * 3


# --- tokens that end


@pytest.mark.rule("S23")
async def test_a_token_is_renewed_before_it_ends(home: House) -> None:
    old = await give(home, "T1", ends_in=3600)
    found = await home.installations.token("T1", None)
    assert found is not None
    assert found.text != old
    assert home.slack.tokens[found.text] == "T1"
    assert found.good_until is not None
    assert LASTS - 7300 < found.good_until - time.time() < LASTS
    assert await home.token("T1") == found.text  # and only once
    assert home.slack.calls.count("oauth.v2.access") == 2


@pytest.mark.rule("S23")
async def test_one_that_is_good_for_long_is_left_alone(home: House) -> None:
    old = await give(home, "T1", ends_in=LASTS)
    assert await home.token("T1") == old
    assert home.slack.calls.count("oauth.v2.access") == 1


@pytest.mark.rule("S23")
async def test_an_organisation_s_token_is_renewed_too(home: House) -> None:
    old = await give(home, "E1", ends_in=10)
    assert await home.token("T1", "E1") not in {old, None}


@pytest.mark.rule("S23")
async def test_while_slack_is_down_the_old_token_serves_and_it_is_tried_again_soon(
    home: House, caplog: pytest.LogCaptureFixture
) -> None:
    old = await give(home, "T1", ends_in=3600)
    home.slack.down = True
    found = await home.installations.token("T1", None)
    assert found is not None
    assert found.text == old
    assert found.good_until is not None
    assert found.good_until - time.time() < 60
    assert "T1" in caplog.text
    assert "xox" not in caplog.text


@pytest.mark.rule("S23")
@pytest.mark.parametrize("ends_in", [3600, -5])
async def test_two_processes_renew_it_once_and_both_have_the_new_one(
    tmp_path: Path, slack: Registrar, ends_in: float
) -> None:
    file = tmp_path / "ellie.db"
    async with house(file, slack) as one, house(file, slack) as other:
        await give(one, "T1", ends_in=ends_in)
        async with asyncio.TaskGroup() as tasks:
            asked = [tasks.create_task(each.token("T1")) for each in (one, other, one, other)]
        if ends_in < 0:  # else the old one is good still: who is second need not wait
            assert len({task.result() for task in asked}) == 1
        assert slack.calls.count("oauth.v2.access") == 2
        token = await one.token("T1")
        assert token == await other.token("T1")
        assert token is not None
        assert slack.tokens[token] == "T1"


@pytest.mark.rule("S23")
async def test_a_token_that_slack_does_not_renew_is_one_line(
    home: House, caplog: pytest.LogCaptureFixture
) -> None:
    old = await give(home, "T1", ends_in=3600)
    home.slack._refreshes.clear()
    assert await home.token("T1") == old
    assert "the token of T1 was not renewed: invalid_refresh_token" in caplog.text


@pytest.mark.rule("S23")
async def test_what_was_installed_anew_meanwhile_is_not_written_over(home: House) -> None:
    await give(home, "T1", ends_in=3600)
    held = await home.installations._read("T1")
    assert held is not None
    bot = await home.installations._rotation.renew("T1", held)
    assert bot is not None
    await home.installations.async_save(installed("T1", "xoxb-newest"))
    now = await home.installations._renewed("T1", held, bot)
    assert now is not None
    assert now.bot_token == "xoxb-newest" == await home.token("T1")


@pytest.mark.rule("S23")
async def test_a_token_that_was_dropped_meanwhile_does_not_come_back(home: House) -> None:
    await give(home, "T1", ends_in=3600)
    held = await home.installations._read("T1")
    assert held is not None
    bot = await home.installations._rotation.renew("T1", held)
    assert bot is not None
    await home.installations.drop("T1")
    assert await home.installations._renewed("T1", held, bot) is None
    assert await home.token("T1") is None
