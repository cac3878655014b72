"""The settings, read once, at start."""

from pathlib import Path

import platformdirs
from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.addresses import public_address, split_address
from bot.errors import ConfigError

DEFAULT_PERSONA = (
    "You are Ellie, a warm and attentive companion. You answer briefly and concretely, "
    "in the language of the person you talk to."
)


class Settings(BaseSettings):
    """Every setting. The order here is the order of `.env.example` and of the README's table."""

    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8", env_ignore_empty=True, extra="ignore"
    )

    openai_api_key: SecretStr | None = Field(
        None, description="Key of OpenAI or of a compatible server. Setting it gives Ellie a model."
    )
    openai_base_url: str | None = Field(
        None,
        description="Address of a compatible server (Ollama, llama.cpp, vLLM), ending in /v1. "
        "Setting it gives Ellie a model, with or without a key.",
    )
    ellie_chat_model: str = Field("gpt-4.1-mini", description="The model that answers.")
    ellie_allowed_models: str = Field(
        "",
        description="Models of the same server, separated by commas, among which who manages a "
        "space may choose the one that answers there; empty: there is no choice.",
    )
    ellie_model_sees: bool = Field(
        False, description="Whether the model that answers reads images; if so, it gets them."
    )
    ellie_memory_model: str | None = Field(
        None, description="The model that consolidates and summarises; unset: the chat model."
    )
    ellie_embedding_model: str | None = Field(
        None,
        description="The embedding model of the same server; unset: the built-in one, offline.",
    )
    ellie_embedding_dimensions: int = Field(
        512, ge=32, le=4096, description="Length of the vectors asked of the embedding model."
    )
    ellie_model_tools: bool = Field(
        False,
        description="Whether the model may search and keep memories itself while it answers. It "
        "takes up to three more requests a reply, and a server that knows tool calls.",
    )
    ellie_persona: str = Field(
        DEFAULT_PERSONA, description="Who Ellie is: the free part of her instructions."
    )
    ellie_db: Path | None = Field(
        None, description="The database file; unset: `ellie.db` in the user-data folder."
    )
    ellie_context_budget_tokens: int = Field(
        6000,
        ge=600,
        description="What one prompt may hold. A conversation is summarised when a quarter of it "
        "is filled with messages that no summary covers.",
    )
    ellie_recall_budget_tokens: int = Field(
        2000,
        ge=0,
        description="What of a prompt memories and what was said around them may fill, at most a "
        "third of it: 700 is frugal, 7000 (with a context of 21000) thorough.",
    )
    ellie_consolidate_after_turns: int = Field(
        4, ge=1, description="So many turns of one person are consolidated together."
    )
    ellie_consolidate_idle_seconds: float = Field(
        300,
        gt=0,
        le=2_592_000,
        description="Fewer turns are consolidated after so long without a new one.",
    )
    ellie_message_retention_days: int = Field(
        90,
        ge=1,
        le=36_500,
        description="Raw messages are erased after so many days; memories stay.",
    )
    ellie_memory_retention_days: int = Field(
        0,
        ge=0,
        le=36_500,
        description="Memories and summaries are erased so many days after they were last said; "
        "0: never.",
    )
    ellie_pause_keep_minutes: int = Field(
        30,
        ge=1,
        le=10_080,
        description="What is said while memory is paused is erased after so many minutes.",
    )
    ellie_purge_after_days: int = Field(
        7,
        ge=0,
        le=365,
        description="A space that Ellie was removed from is erased after so many days; 0: at once.",
    )
    ellie_privacy_url: str | None = Field(
        None, description="Address of your privacy policy; /privacy names it."
    )
    ellie_secret_key: SecretStr | None = Field(
        None,
        description="Encrypts the platforms' tokens that Ellie keeps. Any long random text.",
    )
    ellie_max_memories_per_person: int = Field(
        10_000,
        ge=1,
        le=10_000_000,
        description="Past it, superseded and least useful memories go first.",
    )
    ellie_daily_tokens_per_user: int = Field(
        0, ge=0, description="Model tokens (in and out) a person may use in a UTC day; 0: no limit."
    )
    ellie_model_timeout_seconds: float = Field(
        60, gt=0, le=3600, description="How long one request to the model may stay silent."
    )
    ellie_model_retries: int = Field(
        2,
        ge=0,
        le=10,
        description="How often a failed request is repeated (Retry-After is obeyed).",
    )
    ellie_turn_timeout_seconds: float = Field(
        180, gt=0, description="How long one answer may take in all."
    )
    ellie_max_concurrent_turns: int = Field(
        8, ge=1, description="How many conversations are answered at the same time."
    )
    ellie_attachment_bytes: int = Field(
        100_000, ge=0, description="How much of an attached text file is read; 0: none."
    )
    ellie_image_bytes: int = Field(
        5_000_000, ge=0, description="How large an image may be that the model gets; 0: none."
    )
    discord_token: SecretStr | None = Field(
        None, description="Token of the Discord bot. Setting it has `ellie run` connect Discord."
    )
    discord_message_content: bool = Field(
        False,
        description="Whether the Discord bot has the message content intent, without which free "
        "channels and threads answer mentions only.",
    )
    discord_user_install: bool = Field(
        False, description="Whether people may install the Discord bot for themselves."
    )
    slack_bot_token: SecretStr | None = Field(
        None,
        description="Token of the Slack bot (xoxb-...) in one workspace. For several workspaces "
        "set SLACK_CLIENT_ID instead.",
    )
    slack_app_token: SecretStr | None = Field(
        None,
        description="Token of the Slack app (xapp-...). Setting it has `ellie run` connect Slack "
        "by Socket Mode, which needs no public address.",
    )
    slack_signing_secret: SecretStr | None = Field(
        None,
        description="Signing secret of the Slack app. Setting it has `ellie run` hear Slack by "
        "HTTP.",
    )
    slack_client_id: str | None = Field(
        None, description="Client id of the Slack app: it can be installed in several workspaces."
    )
    slack_client_secret: SecretStr | None = Field(
        None, description="Client secret of the Slack app; it goes with the client id."
    )
    slack_public_url: str | None = Field(
        None,
        description="Where Slack and people reach Ellie by https; /slack/install stands under it.",
    )
    slack_api_url: str = Field(
        "https://slack.com/api/",
        description="Where Slack's Web API is, ending in /api/; for GovSlack "
        "https://slack-gov.com/api/.",
    )
    ellie_http_host: str = Field(
        "127.0.0.1", description="Address that the HTTP server for Slack binds."
    )
    ellie_http_port: int = Field(
        3000, ge=0, le=65_535, description="Its port; 0: any that is free."
    )
    ellie_admins: str = Field(
        "",
        description="Slack user ids, separated by commas, of who may manage Ellie beside the "
        "workspace's own admins.",
    )
    ellie_log_level: str = Field(
        "WARNING", description="DEBUG, INFO, WARNING or ERROR; to stderr, never any message text."
    )

    @field_validator("openai_base_url")
    @classmethod
    def _is_address(cls, value: str | None) -> str | None:
        if value is not None and split_address(value) is None:
            raise ValueError("must be an address such as http://127.0.0.1:11434/v1")
        return value

    @field_validator("slack_public_url")
    @classmethod
    def _is_public(cls, value: str | None) -> str | None:
        return None if value is None else public_address(value)

    @field_validator("slack_api_url")
    @classmethod
    def _is_api(cls, value: str) -> str:
        if split_address(value) is None:
            raise ValueError("must be an address such as https://slack.com/api/")
        return value.rstrip("/") + "/"

    @field_validator("slack_bot_token", "slack_app_token")
    @classmethod
    def _is_token(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        begins = {"slack_bot_token": "xoxb-", "slack_app_token": "xapp-"}[str(info.field_name)]
        if value is not None and not value.get_secret_value().startswith(begins):
            raise ValueError(f"begins with {begins}; this is another token")
        return value

    @field_validator("ellie_admins")
    @classmethod
    def _are_user_ids(cls, value: str) -> str:
        if not all(name[:1] in {"U", "W"} and name.isalnum() for name in listed(value)):
            raise ValueError("must be user ids such as U012AB3CD, separated by commas")
        return value

    @field_validator("ellie_log_level")
    @classmethod
    def _known_level(cls, value: str) -> str:
        if value.upper() not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
            raise ValueError("must be DEBUG, INFO, WARNING or ERROR")
        return value.upper()

    @property
    def has_model(self) -> bool:
        """Whether a language model is configured."""
        return self.openai_api_key is not None or self.openai_base_url is not None

    @property
    def allowed_models(self) -> tuple[str, ...]:
        """The models among which who manages a space may choose."""
        return listed(self.ellie_allowed_models)

    @property
    def admins(self) -> frozenset[str]:
        """The Slack users who may manage beside the workspaces' own admins."""
        return frozenset(listed(self.ellie_admins))

    @property
    def memory_model(self) -> str:
        """The model that consolidates and summarises."""
        return self.ellie_memory_model or self.ellie_chat_model

    @property
    def db_path(self) -> Path:
        """Where the database is."""
        if self.ellie_db is not None:
            return self.ellie_db.expanduser()
        return platformdirs.user_data_path("ellie", appauthor=False) / "ellie.db"


def listed(text: str) -> tuple[str, ...]:
    """What is named in a text, separated by commas; each once."""
    named = (name.strip() for name in text.split(","))
    return tuple(dict.fromkeys(name for name in named if name))


def load_settings() -> Settings:
    """The settings of the environment, then of `.env`. Raises ConfigError, never with a value."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = "_".join(str(part) for part in first["loc"]).upper()
        raise ConfigError(f"{name}: {first['msg'].removeprefix('Value error, ')}.") from None
    except (OSError, UnicodeError) as error:
        raise ConfigError(
            f"The settings file .env cannot be read ({type(error).__name__})."
        ) from None
