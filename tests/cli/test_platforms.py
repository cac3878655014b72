"""Which platforms the settings name, and what cannot be."""

import pytest

from bot.cli.platforms import (
    GO_TOGETHER,
    NO_DISCORD,
    NO_DOOR,
    NO_PLATFORM,
    ONE_OR_SEVERAL,
    discord_settings,
    slack_settings,
)
from bot.cli.running import connected
from bot.config import Settings, load_settings
from bot.errors import ConfigError

BOT = {"SLACK_BOT_TOKEN": "xoxb-zebra"}
APP = {"SLACK_APP_TOKEN": "xapp-zebra"}
SIGNED = {"SLACK_SIGNING_SECRET": "zebra"}
CLIENT = {"SLACK_CLIENT_ID": "1.2", "SLACK_CLIENT_SECRET": "zebra"}
URL = {"SLACK_PUBLIC_URL": "https://ellie.example.com"}
KEY = {"ELLIE_SECRET_KEY": "zebra"}


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> "Given":
    return Given(monkeypatch)


class Given:
    """Settings from the environment, as a person writes them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch

    def __call__(self, *parts: dict[str, str]) -> Settings:
        for part in parts:
            for name, value in part.items():
                self._monkeypatch.setenv(name, value)
        return load_settings()


def test_nothing_about_slack_is_no_slack(given: Given) -> None:
    assert slack_settings(given()) is None
    assert slack_settings(given({"ELLIE_ADMINS": "U1", "ELLIE_HTTP_PORT": "3001"}, URL)) is None


@pytest.mark.rule("S5")
def test_by_socket_mode_two_tokens_are_enough(given: Given) -> None:
    told = slack_settings(given(BOT, APP))
    assert told is not None
    assert (told.bot_token, told.app_token) == ("xoxb-zebra", "xapp-zebra")
    assert told.signing_secret is None
    assert (told.host, told.port) == ("127.0.0.1", 3000)


def test_by_http_the_signing_secret_takes_the_place_of_the_app_token(given: Given) -> None:
    told = slack_settings(given(BOT, SIGNED, {"ELLIE_HTTP_HOST": "::1", "ELLIE_HTTP_PORT": "0"}))
    assert told is not None
    assert (told.signing_secret, told.app_token) == ("zebra", None)
    assert (told.host, told.port) == ("::1", 0)


def test_both_doors_may_be_open(given: Given) -> None:
    told = slack_settings(given(BOT, APP, SIGNED))
    assert told is not None
    assert told.app_token is not None
    assert told.signing_secret is not None


@pytest.mark.rule("S24")
def test_for_several_workspaces_the_app_s_own_credentials_are_needed(given: Given) -> None:
    told = slack_settings(given(CLIENT, SIGNED, URL, KEY, {"ELLIE_ADMINS": "U1,W2"}))
    assert told is not None
    assert (told.client_id, told.client_secret) == ("1.2", "zebra")
    assert told.public_url == "https://ellie.example.com"
    assert told.bot_token is None
    assert told.admins == {"U1", "W2"}


def test_images_are_shown_only_to_a_model_that_sees(given: Given) -> None:
    blind = slack_settings(given(BOT, APP))
    seeing = slack_settings(given({"ELLIE_MODEL_SEES": "true", "ELLIE_ALLOWED_MODELS": "a, b"}))
    assert blind is not None
    assert seeing is not None
    assert (blind.image_bytes, seeing.image_bytes) == (0, 5_000_000)
    assert seeing.models == ("a", "b")


@pytest.mark.parametrize(
    ("parts", "line"),
    [
        ([BOT], NO_DOOR),
        ([APP], "SLACK_APP_TOKEN is set and SLACK_BOT_TOKEN is not"),
        ([SIGNED], "SLACK_SIGNING_SECRET is set and SLACK_BOT_TOKEN is not"),
        ([{"SLACK_CLIENT_ID": "1.2"}], GO_TOGETHER),
        ([{"SLACK_CLIENT_SECRET": "zebra"}], GO_TOGETHER),
        ([BOT, APP, {"SLACK_CLIENT_ID": "1.2"}], GO_TOGETHER),
        ([CLIENT, BOT, SIGNED, URL, KEY], ONE_OR_SEVERAL),
        ([CLIENT, URL, KEY], "SLACK_CLIENT_ID needs SLACK_SIGNING_SECRET"),
        ([CLIENT, APP, URL, KEY], "SLACK_CLIENT_ID needs SLACK_SIGNING_SECRET"),
        ([CLIENT, SIGNED, KEY], "SLACK_CLIENT_ID needs SLACK_PUBLIC_URL"),
        ([CLIENT, SIGNED, URL], "SLACK_CLIENT_ID needs ELLIE_SECRET_KEY"),
    ],
)
def test_what_does_not_go_together_is_one_line(
    given: Given, parts: list[dict[str, str]], line: str
) -> None:
    settings = given(*parts)
    with pytest.raises(ConfigError) as caught:
        connected(settings)
    assert str(caught.value).startswith(line)
    assert "zebra" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_without_any_platform_it_is_said_how_to_get_one(given: Given) -> None:
    with pytest.raises(ConfigError) as caught:
        connected(given())
    assert str(caught.value) == NO_PLATFORM
    assert "DISCORD_TOKEN" in NO_PLATFORM
    assert "SLACK_BOT_TOKEN" in NO_PLATFORM
    with pytest.raises(ConfigError, match=NO_DISCORD):
        discord_settings(given())


def test_each_platform_that_is_set_is_connected(given: Given) -> None:
    assert [one.name for one in connected(given(BOT, APP))] == ["slack"]
    assert [one.name for one in connected(given({"DISCORD_TOKEN": "t"}))] == ["discord", "slack"]
