"""What Ellie's settings say about Slack."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SlackSettings:
    """What Ellie's settings say about Slack. `pace` 1: changes of a reply 1.2 seconds apart.

    With `app_token` Slack is listened to by Socket Mode, with `signing_secret` by HTTP.
    `bot_token` is of one workspace; with `client_id` and `client_secret` workspaces install
    Ellie themselves, at `public_url`. `admins`: user ids that may manage beside the workspace's.
    `api`: where the Web API is, ending in "/api/".
    """

    bot_token: str | None = None
    app_token: str | None = None
    signing_secret: str | None = None
    client_id: str | None = None
    client_secret: str | None = None
    public_url: str | None = None
    host: str = "127.0.0.1"
    port: int = 3000
    admins: frozenset[str] = frozenset()
    models: tuple[str, ...] = ()
    text_bytes: int = 100_000
    image_bytes: int = 0
    api: str = "https://slack.com/api/"
    pace: float = 1.0
