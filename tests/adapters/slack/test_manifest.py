"""The manifest of the Slack app, and `ellie slack manifest`."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from slack_bolt.async_app import AsyncApp

from adapters.slack.manifest import manifest
from adapters.slack.registry import COMMANDS, EVENTS, SCOPES, SHORTCUTS, event_types
from bot.cli.main import ellie
from bot.errors import ConfigError
from tests.adapters.slack.registered import Registered, registered
from tests.adapters.slack.stage import connected

URL = "https://ellie.example.com"


def made_of(told: dict[str, Any]) -> Registered:
    """What a manifest promises that the app listens to."""
    features = told["features"]
    return Registered(
        events={
            event.partition(".")[0]
            for event in told["settings"]["event_subscriptions"]["bot_events"]
        },
        commands={command["command"] for command in features["slash_commands"]},
        shortcuts={(one["type"], one["callback_id"]) for one in features["shortcuts"]},
    )


async def nothing() -> None:
    pass


def listening() -> AsyncApp:
    """An app whose listeners come from the registry."""
    app = AsyncApp(token="xoxb-1", signing_secret="s")
    for kind in event_types():
        app.event(kind)(nothing)
    for command in COMMANDS:
        app.command(f"/{command.name}")(nothing)
    for one in SHORTCUTS:
        register = app.global_shortcut if one.type == "global" else app.message_shortcut
        register(one.callback_id)(nothing)
    app.action("stop")(nothing)
    app.view("form:edit")(nothing)
    return app


@pytest.mark.rule("S12")
@pytest.mark.parametrize("url", [None, URL])
def test_the_manifest_names_just_what_is_listened_to(url: str | None) -> None:
    assert registered(listening()) == made_of(manifest(url))


@pytest.mark.rule("S12")
async def test_ellie_listens_to_just_what_the_manifest_names(tmp_path: Path) -> None:
    async with connected(tmp_path / "ellie.db", http=True) as stage:
        assert registered(stage.adapter.door._app) == made_of(manifest(URL))


def test_a_listener_that_no_manifest_names_is_seen() -> None:
    app = listening()
    app.event({"type": "reaction_added"})(nothing)
    app.command("/more")(nothing)
    seen, told = registered(app), made_of(manifest())
    assert seen.events - told.events == {"reaction_added"}
    assert seen.commands - told.commands == {"/more"}


@pytest.mark.rule("S12")
def test_the_app_is_an_agent_with_a_messages_tab_that_is_written_in() -> None:
    features = manifest()["features"]
    assert features["app_home"] == {
        "home_tab_enabled": True,
        "messages_tab_enabled": True,
        "messages_tab_read_only_enabled": False,
    }
    assert "assistant_view" not in features
    assert 0 < len(features["agent_view"]["agent_description"]) <= 300
    prompts = features["agent_view"]["suggested_prompts"]
    assert 1 <= len(prompts) <= 4
    assert all(prompt["title"] and prompt["message"] for prompt in prompts)


@pytest.mark.rule("S12")
def test_all_that_the_rules_name_is_asked_to_be_told() -> None:
    assert {
        "app_home_opened", "app_context_changed", "agent_session_stopped", "app_mention",
        "message.im", "message.channels", "message.groups", "message.mpim",
        "tokens_revoked", "app_uninstalled",
    } <= set(EVENTS)  # fmt: skip
    assert not [event for event in EVENTS if event.startswith("assistant_")]


def test_nothing_is_longer_than_slack_allows() -> None:
    """The numbers are those of Slack's manifest schema."""
    told = manifest(URL)
    shown = told["display_information"]
    assert len(shown["name"]) <= 35
    assert len(shown["description"]) <= 140
    assert 175 <= len(shown["long_description"]) <= 4000
    features = told["features"]
    assert len(features["bot_user"]["display_name"]) <= 80
    assert 1 <= len(features["slash_commands"]) <= 50
    for command in features["slash_commands"]:
        assert 2 <= len(command["command"]) <= 32
        assert 1 <= len(command["description"]) <= 2000
        assert 1 <= len(command.get("usage_hint", "-")) <= 1000
    assert 1 <= len(features["shortcuts"]) <= 10
    for one in features["shortcuts"]:
        assert 1 <= len(one["name"]) <= 24
        assert 1 <= len(one["callback_id"]) <= 255
        assert 1 <= len(one["description"]) <= 150
    for listed in (EVENTS, SCOPES):
        assert len(set(listed)) == len(listed) <= 100
        assert max(map(len, listed)) <= 50


@pytest.mark.rule("S25")
def test_the_app_says_that_a_model_answers_and_that_nothing_is_trained_on() -> None:
    says = manifest()["display_information"]["long_description"]
    assert "language model" in says
    assert "may be wrong" in says
    assert "erased after a time" in says
    assert "nothing is used to train" in says


NEEDS = {
    "app_mention": "app_mentions:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
    "message.mpim": "mpim:history",
    "app_context_changed": "assistant:write",
    "agent_session_stopped": "assistant:write",
    "channel_shared": "channels:read",
    "channel_unshared": "channels:read",
    "channel_deleted": "channels:read",
    "member_joined_channel": "channels:read",
    "group_deleted": "groups:read",
    "team_join": "users:read",
    "user_change": "users:read",
}
"""The scope without which Slack does not tell of an event, by its reference of events."""


def test_each_event_has_its_scope() -> None:
    free = {
        "app_home_opened", "app_uninstalled", "tokens_revoked", "team_access_granted",
        "team_access_revoked",
    }  # fmt: skip
    assert set(NEEDS) | free == set(EVENTS)
    assert set(NEEDS.values()) <= set(SCOPES)


def test_it_asks_for_no_more_scopes_than_what_it_does_takes() -> None:
    called = {
        "chat.postMessage": {"chat:write"},
        "conversations.info": {"channels:read", "groups:read", "im:read", "mpim:read"},
        "conversations.open": {"im:write"},
        "files.completeUploadExternal": {"files:write"},
        "slash commands and shortcuts": {"commands"},
        "url_private": {"files:read"},
        "users.info": {"users:read"},
    }
    assert set(SCOPES) == set(NEEDS.values()).union(*called.values())


def test_by_socket_mode_no_address_is_named() -> None:
    told = manifest()
    assert told["settings"]["socket_mode_enabled"] is True
    assert told["settings"]["org_deploy_enabled"] is True
    assert "https" not in json.dumps(told)


@pytest.mark.parametrize("url", [URL, f"{URL}/", "https://example.com:8443/ellie/"])
def test_by_http_slack_is_told_where_it_reaches_ellie(url: str) -> None:
    told = manifest(url)
    events = f"{url.rstrip('/')}/slack/events"
    settings = told["settings"]
    assert settings["socket_mode_enabled"] is False
    assert settings["event_subscriptions"]["request_url"] == events
    assert settings["interactivity"] == {"is_enabled": True, "request_url": events}
    assert {command["url"] for command in told["features"]["slash_commands"]} == {events}
    assert told["oauth_config"]["redirect_urls"] == [f"{url.rstrip('/')}/slack/oauth_redirect"]


@pytest.mark.rule("S23")
def test_tokens_rotate_only_where_that_is_asked_for() -> None:
    assert manifest()["settings"]["token_rotation_enabled"] is False
    assert manifest(URL)["settings"]["token_rotation_enabled"] is False
    rotating = manifest(URL, rotate_tokens=True)["settings"]
    assert rotating["token_rotation_enabled"] is True
    with pytest.raises(ConfigError, match="--http"):
        manifest(rotate_tokens=True)


@pytest.mark.parametrize(
    "url",
    [
        "", "ellie", "http://ellie.example.com", "https://", "https://localhost", "https://box",
        "https://127.0.0.1", "https://10.1.2.3", "https://[::1]", "https://ellie.local",
        "https://a.example.com/?x=1", "https://a.example.com/#x", "https://me:pw@a.example.com",
        "https://a b.example.com", "https://a.example.com:99999", "https://[",
    ],
)  # fmt: skip
def test_an_address_that_slack_cannot_reach_is_one_line(url: str) -> None:
    done = CliRunner().invoke(ellie, ["slack", "manifest", "--http", url])
    assert isinstance(done.exception, ConfigError)
    assert str(done.exception).startswith("--http must be a public address such as https://")
    assert done.output == ""


def test_the_command_prints_it_as_json() -> None:
    done = CliRunner().invoke(ellie, ["slack", "manifest"], catch_exceptions=False)
    assert json.loads(done.output) == manifest()
    done = CliRunner().invoke(
        ellie, ["slack", "manifest", "--http", URL, "--rotate-tokens"], catch_exceptions=False
    )
    assert json.loads(done.output) == manifest(URL, rotate_tokens=True)
