"""Settings that cannot be: one line at the start, without the value."""

from pathlib import Path

import pytest

from bot.config import load_settings
from bot.errors import ConfigError


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ELLIE_CONSOLIDATE_IDLE_SECONDS", "inf"),
        ("ELLIE_MESSAGE_RETENTION_DAYS", "1000000"),
        ("ELLIE_MAX_MEMORIES_PER_PERSON", "99999999999999999999"),
        ("ELLIE_CONTEXT_BUDGET_TOKENS", "abc"),
        ("ELLIE_LOG_LEVEL", "LOUD"),
        ("OPENAI_BASE_URL", "foo-zebra"),
        ("OPENAI_BASE_URL", "http://[zebra"),
        ("OPENAI_BASE_URL", "http://zebra:123456/v1"),
        ("SLACK_BOT_TOKEN", "xapp-zebra"),
        ("SLACK_APP_TOKEN", "xoxb-zebra"),
        ("SLACK_PUBLIC_URL", "http://zebra.example.com"),
        ("SLACK_PUBLIC_URL", "https://localhost/zebra"),
        ("ELLIE_ADMINS", "zebra"),
        ("ELLIE_ADMINS", "U012AB3CD @zebra"),
        ("ELLIE_HTTP_PORT", "65536"),
    ],
)
def test_a_setting_that_cannot_be_is_one_line_naming_it(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError, match=f"^{name}: ") as caught:
        load_settings()
    assert "zebra" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_admins_are_user_ids_between_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ELLIE_ADMINS", " U012AB3CD,W9, ,U012AB3CD")
    assert load_settings().admins == {"U012AB3CD", "W9"}


def test_a_public_address_loses_its_last_slash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_PUBLIC_URL", "https://ellie.example.com/")
    assert load_settings().slack_public_url == "https://ellie.example.com"


def test_a_tilde_in_the_database_is_the_home_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ELLIE_DB", "~/ellie.db")
    assert load_settings().db_path == Path.home() / "ellie.db"
