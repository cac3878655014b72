"""Removals and returns: tokens go at once, memories after the purge delay."""

import json
import time
from collections.abc import AsyncIterator
from itertools import permutations
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from slack_bolt.async_app import AsyncApp

from adapters.slack.http import HttpDoor
from bot.types import Conversation, IncomingMessage, Private, Scope
from tests.adapters.slack.gate import SECRET, signed
from tests.adapters.slack.house import House, house, installed
from tests.adapters.slack.registered import registered
from tests.adapters.slack.registrar import Registrar


@pytest.fixture
async def slack() -> AsyncIterator[Registrar]:
    async with Registrar() as server:
        yield server


@pytest.fixture
async def home(tmp_path: Path, slack: Registrar) -> AsyncIterator[House]:
    async with house(tmp_path / "ellie.db", slack) as made:
        yield made


def told(
    kind: str, space: str | None = "T1", enterprise: str | None = None, *,
    org: bool = False, ago: float = -60, **event: Any,  # noqa: ANN401 - any JSON
) -> dict[str, Any]:  # fmt: skip
    """An event as Slack wraps it; `ago` below 0: after whatever was installed just now."""
    return {
        "type": "event_callback", "team_id": space, "enterprise_id": enterprise,
        "api_app_id": "A1", "event_id": "Ev1", "event_time": int(time.time() - ago),
        "event": {"type": kind, **event},
        "authorizations": [
            {"team_id": space, "enterprise_id": enterprise, "is_enterprise_install": org}
        ],
    }  # fmt: skip


async def install(home: House, at: str) -> None:
    token = f"xoxb-{at}-{len(home.slack.tokens)}"
    home.slack.tokens[token] = at
    await home.installations.async_save(installed(at, token))


async def say(home: House, space: str, user: str = "U1") -> None:
    """Somebody says something there, so that the space is known."""
    now = home.stage.clock()
    message = IncomingMessage(
        Scope("slack", space, user), Conversation("slack", space, f"D{user}"), Private(),
        f"{now:%s}-{space}-{user}", "Alice", "I live in Lyon.", now, "a private conversation",
    )  # fmt: skip
    turn = await home.core.receive(message)
    assert turn is not None
    await home.core.answered(turn)


async def kept(home: House, space: str, user: str = "U1") -> int:
    """How many messages of a person are kept there."""
    scope = Scope("slack", space, user)
    held = await home.stage.store.portable(scope)
    return 0 if held is None else len(held.messages)


UNINSTALLED = told("app_uninstalled")
REVOKED = told("tokens_revoked", tokens={"oauth": ["U7"], "bot": ["U0"]})


@pytest.mark.rule("S22")
@pytest.mark.parametrize(
    "order", [*permutations(("uninstalled", "revoked")), ("revoked",), ("uninstalled",) * 3]
)
async def test_in_any_order_and_repeated_the_token_goes_and_the_purge_is_set(
    home: House, order: tuple[str, ...]
) -> None:
    await install(home, "T1")
    await say(home, "T1")
    home.slack.revoke("T1")
    for what in order * 2:
        if what == "uninstalled":
            await home.leaving.uninstalled(UNINSTALLED)
        else:
            await home.leaving.revoked(REVOKED)
        assert await home.token("T1") is None
        assert await home.leaves() == {"T1": True}
    assert await kept(home, "T1") > 0


@pytest.mark.rule("S22")
async def test_the_memories_go_after_the_delay_counted_from_the_first_word_of_it(
    home: House,
) -> None:
    await install(home, "T1")
    await say(home, "T1")
    home.slack.revoke("T1")
    await home.leaving.revoked(REVOKED)
    home.stage.clock.turn(days=5)
    await home.leaving.uninstalled(UNINSTALLED)
    home.stage.clock.turn(days=1, hours=23)
    await home.core.settle()
    assert await kept(home, "T1") > 0
    home.stage.clock.turn(hours=2)
    await home.core.settle()
    assert await home.leaves() == {}


@pytest.mark.rule("S22")
async def test_who_comes_back_in_time_finds_everything(home: House) -> None:
    await install(home, "T1")
    await say(home, "T1")
    home.slack.revoke("T1")
    await home.leaving.uninstalled(UNINSTALLED)
    home.stage.clock.turn(days=6)
    await install(home, "T1")
    assert await home.leaves() == {"T1": False}
    home.stage.clock.turn(days=6)
    await home.core.settle()
    assert await kept(home, "T1") > 0
    assert await home.token("T1") is not None


@pytest.mark.rule("S22")
async def test_late_news_of_a_removal_do_not_undo_the_return(home: House) -> None:
    await install(home, "T1")
    await say(home, "T1")
    home.slack.revoke("T1")
    await install(home, "T1")
    late = told("tokens_revoked", ago=200, tokens={"bot": ["U0"]})
    await home.leaving.revoked(late)
    await home.leaving.uninstalled(told("app_uninstalled", ago=200))
    assert await home.token("T1") is not None
    assert await home.leaves() == {"T1": False}


@pytest.mark.rule("S22")
async def test_a_clock_that_is_wrong_does_not_keep_a_dead_token(home: House) -> None:
    await install(home, "T1")
    await say(home, "T1")
    home.slack.revoke("T1")
    await home.leaving.uninstalled(told("app_uninstalled", ago=200))
    assert await home.token("T1") is None
    assert await home.leaves() == {"T1": True}


@pytest.mark.rule("S22")
async def test_where_it_cannot_be_told_yet_slack_is_to_tell_it_again(home: House) -> None:
    await install(home, "T1")
    home.slack.down = True
    with pytest.raises(aiohttp.ClientError):
        await home.leaving.uninstalled(told("app_uninstalled", ago=200))


@pytest.mark.rule("S22")
async def test_tokens_of_people_are_none_of_ellie_s(home: House) -> None:
    await install(home, "T1")
    await say(home, "T1")
    await home.leaving.revoked(told("tokens_revoked", tokens={"oauth": ["U7"]}))
    await home.leaving.revoked(told("tokens_revoked", tokens={"oauth": ["U7"], "bot": []}))
    await home.leaving.revoked(told("tokens_revoked"))
    assert await home.token("T1") is not None
    assert await home.leaves() == {"T1": False}


@pytest.mark.rule("S22")
async def test_another_workspace_keeps_everything(home: House) -> None:
    for space in ("T1", "T2"):
        await install(home, space)
        await say(home, space)
    home.slack.revoke("T1")
    await home.leaving.uninstalled(UNINSTALLED)
    assert await home.token("T2") is not None
    assert await home.leaves() == {"T1": True, "T2": False}
    assert home.changed[-1] == "T1"


# --- organisations


@pytest.mark.rule("S22")
@pytest.mark.parametrize(
    "body",
    [
        told("app_uninstalled", None, "E1", org=True),
        told("app_uninstalled", "T1", "E1", org=True),
        told("app_uninstalled", "E1", "E1"),
        {"type": "event_callback", "team_id": None, "enterprise_id": "E1",
         "event": {"type": "app_uninstalled"}},
    ],
)  # fmt: skip
async def test_an_organisation_that_removes_ellie_is_left_with_all_its_workspaces(
    home: House, body: dict[str, Any]
) -> None:
    await install(home, "E1")
    for space in ("T1", "T2"):
        await say(home, space)
        assert await home.token(space, "E1") is not None
    home.slack.revoke("E1")
    await home.leaving.uninstalled(body)
    await home.leaving.uninstalled(body)
    assert await home.token("T1", "E1") is None
    assert await home.leaves() == {"T1": True, "T2": True}
    assert None in home.changed  # every client is asked for anew
    await install(home, "E1")
    assert await home.leaves() == {"T1": False, "T2": False}
    assert await home.token("T2", "E1") is not None


@pytest.mark.rule("S19")
@pytest.mark.parametrize("nested", [False, True])
async def test_a_workspace_that_an_organisation_takes_away_is_left_alone(
    home: House, nested: bool
) -> None:
    await install(home, "E1")
    for space in ("T1", "T2"):
        await say(home, space)
        await home.token(space, "E1")

    def event(kind: str) -> dict[str, Any]:
        flat = told(kind, None, "E1", org=True, team_ids=["T1"])
        if nested:  # as Slack's reference shows it
            flat["event"] = {"team_id": None, "enterprise_id": "E1", "event": flat["event"]}
        return flat

    await home.leaving.shut_out(event("team_access_revoked"))
    assert await home.leaves() == {"T1": True, "T2": False}
    assert await home.token("T1", "E1") is None
    assert await home.token("T2", "E1") is not None
    await home.leaving.let_in(event("team_access_granted"))
    assert await home.leaves() == {"T1": False, "T2": False}
    assert await home.token("T1", "E1") is not None


@pytest.mark.rule("S22")
async def test_where_the_organisation_has_ellie_too_a_workspace_is_not_left(home: House) -> None:
    await install(home, "E1")
    await install(home, "T1")
    await say(home, "T1")
    await home.leaving.uninstalled(told("app_uninstalled", "T1", "E1"))
    await home.leaving.uninstalled(told("app_uninstalled", "T1", "E1"))
    assert await home.leaves() == {"T1": False}
    assert await home.token("T1", "E1") is not None


# --- one workspace, its token in the settings


@pytest.mark.rule("S22")
async def test_with_one_token_in_the_settings_its_workspace_is_left(
    tmp_path: Path, slack: Registrar
) -> None:
    async with house(tmp_path / "ellie.db", slack, one_token="xoxb-only") as home:
        slack.tokens["xoxb-only"] = "T1"
        assert await home.workspaces.of("T1") is not None
        await say(home, "T1")
        await home.leaving.uninstalled(UNINSTALLED)  # late news: the token works
        assert await home.leaves() == {"T1": False}
        slack.revoke("T1")
        await home.leaving.revoked(REVOKED)
        await home.leaving.uninstalled(UNINSTALLED)
        assert await home.workspaces.of("T1") is None
        assert await home.leaves() == {"T1": True}


async def test_it_listens_to_what_tells_of_it(home: House) -> None:
    app = AsyncApp(token="xoxb-1", signing_secret="s")
    home.leaving.register(app)
    assert registered(app).events == {
        "app_uninstalled", "tokens_revoked", "team_access_granted", "team_access_revoked",
    }  # fmt: skip


@pytest.mark.rule("S22")
async def test_bolt_hands_it_on_when_no_token_is_good_any_more(home: House) -> None:
    async def nobody(enterprise_id: str | None, team_id: str | None) -> Any:  # noqa: ANN401 - Bolt's types know no None
        return None

    async def ready() -> bool:
        return True

    app = AsyncApp(signing_secret=SECRET, authorize=nobody, process_before_response=True)
    home.leaving.register(app)
    await install(home, "T1")
    await say(home, "T1")
    home.slack.revoke("T1")
    body = json.dumps(UNINSTALLED)
    async with HttpDoor(app, None, ready, port=0) as door, aiohttp.ClientSession() as web:
        sent = {"Content-Type": "application/json", **signed(str(int(time.time())), body)}
        url = f"http://127.0.0.1:{door.port}/slack/events"
        async with web.post(url, data=body, headers=sent) as answer:
            assert answer.status == 200
    assert await home.leaves() == {"T1": True}
