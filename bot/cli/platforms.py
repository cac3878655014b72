"""Which platforms the settings name, and what they say about each."""

from adapters.discord.adapter import DiscordSettings
from adapters.slack.settings import SlackSettings
from bot.config import Settings
from bot.errors import ConfigError

NO_PLATFORM = (
    "There is no platform to connect to: set DISCORD_TOKEN, or SLACK_BOT_TOKEN and "
    "SLACK_APP_TOKEN (the README says how to get them). `ellie chat` needs none."
)
NO_DISCORD = "Discord needs DISCORD_TOKEN set: the README says how to get it."
ONE_OR_SEVERAL = (
    "SLACK_BOT_TOKEN is for one workspace and SLACK_CLIENT_ID for several: set one of them."
)
NO_BOT_TOKEN = (
    "{name} is set and SLACK_BOT_TOKEN is not: copy it from your app at Slack > "
    "OAuth & Permissions."
)
NO_DOOR = (
    "SLACK_BOT_TOKEN needs SLACK_APP_TOKEN beside it (Socket Mode) or SLACK_SIGNING_SECRET (HTTP)."
)
GO_TOGETHER = "SLACK_CLIENT_ID and SLACK_CLIENT_SECRET go together: set both, or none."
NEEDED = {
    "slack_signing_secret": "Slack calls Ellie by HTTP",
    "slack_public_url": "it is where people install Ellie",
    "ellie_secret_key": "it encrypts the workspaces' tokens; any long random text will do",
}
"""What installing in several workspaces needs, and why."""


def discord_settings(settings: Settings) -> DiscordSettings:
    """What the settings say about Discord. Raises ConfigError where there is no token."""
    if settings.discord_token is None:
        raise ConfigError(NO_DISCORD)
    return DiscordSettings(
        token=settings.discord_token.get_secret_value(),
        message_content=settings.discord_message_content,
        user_install=settings.discord_user_install,
        models=settings.allowed_models,
        text_bytes=settings.ellie_attachment_bytes,
        image_bytes=settings.ellie_image_bytes if settings.ellie_model_sees else 0,
    )


def slack_settings(settings: Settings) -> SlackSettings | None:
    """What the settings say about Slack; None: nothing. Raises ConfigError where it cannot work."""
    bot, app, signing, secret = (
        None if value is None else value.get_secret_value()
        for value in (
            settings.slack_bot_token,
            settings.slack_app_token,
            settings.slack_signing_secret,
            settings.slack_client_secret,
        )
    )
    if not any((bot, app, signing, secret, settings.slack_client_id)):
        return None
    _check(settings)
    return SlackSettings(
        bot_token=bot,
        app_token=app,
        signing_secret=signing,
        client_id=settings.slack_client_id,
        client_secret=secret,
        public_url=settings.slack_public_url,
        api=settings.slack_api_url,
        host=settings.ellie_http_host,
        port=settings.ellie_http_port,
        admins=settings.admins,
        models=settings.allowed_models,
        text_bytes=settings.ellie_attachment_bytes,
        image_bytes=settings.ellie_image_bytes if settings.ellie_model_sees else 0,
    )


def _check(settings: Settings) -> None:
    """Raise ConfigError where what is set about Slack does not go together."""
    if (settings.slack_client_id is None) != (settings.slack_client_secret is None):
        raise ConfigError(GO_TOGETHER)
    if settings.slack_client_id is None:
        door = settings.slack_app_token or settings.slack_signing_secret
        if settings.slack_bot_token is None:
            named = "SLACK_APP_TOKEN" if settings.slack_app_token else "SLACK_SIGNING_SECRET"
            raise ConfigError(NO_BOT_TOKEN.format(name=named))
        if door is None:
            raise ConfigError(NO_DOOR)
        return
    if settings.slack_bot_token is not None:
        raise ConfigError(ONE_OR_SEVERAL)
    for name, why in NEEDED.items():
        if getattr(settings, name) is None:
            raise ConfigError(f"SLACK_CLIENT_ID needs {name.upper()} set too: {why}.")
