"""What can go wrong, sorted by what the caller does about it.

    BotError                    never a traceback to a person: `str(error)` is one clear line
    ├── ConfigError             a setting or argument is wrong: stop, say which and what would work
    ├── StoreError              the database cannot be opened or written: stop, nothing is lost
    ├── CommandError            a command cannot be understood: tell the person what would work
    │   └── SettingError        one of a space's settings cannot be so: say it beside that setting
    ├── FileError               an export cannot be read, understood or written: say why
    ├── PlatformError
    │   ├── PlatformUnavailable try again later
    │   └── PlatformRefused     do not try again
    │       └── PlaceGone       nothing can be written there any more: the turn is over
    └── ModelError
        ├── ModelUnavailable    unreachable, overloaded, too slow: try again later
        └── ModelRefused        bad key, no such model, bad request: trying again is useless
            ├── ContextTooLong  the prompt does not fit: shrink it and try once more
            ├── ContentFiltered the provider will not answer this
            └── MalformedOutput the answer does not fit the schema: keep the batch, count, retry

A message says what happened and what to do; never a token, a key or a message's text.
"""

import logging


class BotError(Exception):
    """Base of everything Ellie raises on purpose. The docstring is the default message."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message or (type(self).__doc__ or "").strip())


class ConfigError(BotError):
    """A setting is wrong."""


class StoreError(BotError):
    """The database cannot be used."""


class CommandError(BotError):
    """The command cannot be understood."""


class SettingError(CommandError):
    """A setting of a space cannot be so; `setting` is its name in `SpaceSettings`."""

    def __init__(self, setting: str, message: str) -> None:
        super().__init__(message)
        self.setting = setting


class FileError(BotError):
    """The file cannot be used."""


class PlatformError(BotError):
    """The platform did not take a message."""


class PlatformUnavailable(PlatformError):
    """The platform cannot be reached right now."""


class PlatformRefused(PlatformError):
    """The platform refused."""


class PlaceGone(PlatformRefused):
    """Nothing can be written there any more."""


class ModelError(BotError):
    """The language model did not answer."""


class ModelUnavailable(ModelError):
    """The language model cannot be reached right now."""


class ModelRefused(ModelError):
    """The language model's server refused the request."""


class ContextTooLong(ModelRefused):
    """The prompt is longer than the model's context."""


class ContentFiltered(ModelRefused):
    """The model's provider declined to answer this message."""


class MalformedOutput(ModelRefused):
    """The model's answer does not fit the schema."""


def report(log: logging.Logger, what: str, error: Exception) -> None:
    """Log a mistake of ours: its kind in one line; where it happened only at DEBUG.

    Its message is left out: it may hold what somebody said.
    """
    log.error("%s failed inside (%s)", what, type(error).__name__)
    log.debug("%s", what, exc_info=error)


def sentence(log: logging.Logger, what: str, error: Exception) -> str:
    """One honest line for the person, and one for the log."""
    if isinstance(error, TimeoutError):
        return "That took me too long. Please ask again."
    if isinstance(error, BotError):
        quiet = isinstance(error, PlatformRefused)  # nobody listens any more, say `| head -1`
        log.log(logging.INFO if quiet else logging.WARNING, "%s: %s", what, error)
        return str(error)
    report(log, what, error)
    return "Something went wrong on my side. I kept your message."
