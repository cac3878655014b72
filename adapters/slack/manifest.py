"""The manifest: what Slack is told about the app, made from the registry."""

from typing import Any

from adapters.slack.registry import COMMANDS, EVENTS, PROMPTS, SCOPES, SHORTCUTS
from bot.addresses import public_address
from bot.errors import ConfigError

EVENTS_PATH = "/slack/events"
INSTALL_PATH = "/slack/install"
REDIRECT_PATH = "/slack/oauth_redirect"

NAME = "Ellie"
SAYS = "A companion that remembers what you tell it, shows it to you, and forgets it on request."
SAYS_MORE = (
    "Ellie answers in direct messages, channels and threads, and remembers what you tell her: for "
    "you alone, and never in a wider circle than the one it was said in. Her Home tab shows all "
    "that she knows about you; there you correct it, erase it, take it with you, or opt out. "
    "Answers come from a large language model that the operator of this app has chosen, and may "
    "be wrong. Messages are erased after a time, and nothing is used to train a model: /privacy "
    "tells for how long, and who can see what."
)
AGENT = (
    "Ellie talks with you and remembers what you tell her, for you alone. Ask what she knows about "
    "you, have her remember or forget something, or just talk. Her answers come from a language "
    "model and may be wrong."
)


def manifest(url: str | None = None, *, rotate_tokens: bool = False) -> dict[str, Any]:
    """The manifest as JSON values: for Socket Mode, or for HTTP at this public address.

    `rotate_tokens`: tokens end after 12 hours and are renewed; it needs installing by OAuth, so
    HTTP, and Slack never takes it back. Raises ConfigError.
    """
    if url is None and rotate_tokens:
        raise ConfigError("Tokens rotate only where Ellie is installed by OAuth: add --http URL.")
    try:
        address = None if url is None else public_address(url)
    except ValueError as error:
        raise ConfigError(f"--http {error}.") from None
    scopes: dict[str, Any] = {"scopes": {"bot": list(SCOPES)}}
    if address is not None:
        scopes = {"redirect_urls": [f"{address}{REDIRECT_PATH}"], **scopes}
    return {
        "display_information": {"name": NAME, "description": SAYS, "long_description": SAYS_MORE},
        "features": _features(address),
        "oauth_config": scopes,
        "settings": _settings(address, rotate_tokens),
    }


def _features(address: str | None) -> dict[str, Any]:
    called = {} if address is None else {"url": f"{address}{EVENTS_PATH}"}
    return {
        "app_home": {
            "home_tab_enabled": True,
            "messages_tab_enabled": True,
            "messages_tab_read_only_enabled": False,
        },
        "bot_user": {"display_name": NAME, "always_online": True},
        "agent_view": {
            "agent_description": AGENT,
            "suggested_prompts": [
                {"title": prompt.title, "message": prompt.message} for prompt in PROMPTS
            ],
        },
        "shortcuts": [
            {
                "name": shortcut.name,
                "type": shortcut.type,
                "callback_id": shortcut.callback_id,
                "description": shortcut.says,
            }
            for shortcut in SHORTCUTS
        ],
        "slash_commands": [
            {
                "command": f"/{command.name}",
                **called,
                "description": command.says,
                **({"usage_hint": command.hint} if command.hint else {}),
                "should_escape": True,
            }
            for command in COMMANDS
        ],
    }


def _settings(address: str | None, rotate_tokens: bool) -> dict[str, Any]:
    called = {} if address is None else {"request_url": f"{address}{EVENTS_PATH}"}
    return {
        "event_subscriptions": {**called, "bot_events": sorted(EVENTS)},
        "interactivity": {"is_enabled": True, **called},
        "org_deploy_enabled": True,
        "socket_mode_enabled": address is None,
        "token_rotation_enabled": rotate_tokens,
    }
