"""The names, lengths and counts at which Discord refuses an application command."""

import re

from tests.servers.discord.errors import ApiError, invalid, too_long
from tests.servers.discord.ground import Json

CHAT_INPUT, USER, MESSAGE = 1, 2, 3
MOST = {CHAT_INPUT: 100, USER: 15, MESSAGE: 15}
CHARACTERS, OPTIONS, CHOICES, CREATES_A_DAY = 8000, 25, 25, 200
NAME = re.compile(r"[-_'\w]{1,32}")
SUBCOMMAND, GROUP, CHOOSABLE = 1, 2, (3, 4, 10)
SPOKEN = (
    "id da de en-GB en-US es-ES es-419 fr hr it lt hu nl no pl pt-BR ro fi sv-SE vi tr cs el bg "
    "ru uk hi th zh-CN ja zh-TW ko"
)
LOCALES = frozenset(re.findall(r"[\w-]+", SPOKEN))


def check_commands(commands: list[Json], user_install: bool) -> None:
    """Raise ApiError where Discord refuses these commands of one scope, taken together."""
    for kind, most in MOST.items():
        if sum(command.get("type", CHAT_INPUT) == kind for command in commands) > most:
            why = f"Maximum number of application commands reached ({most})."
            raise ApiError(400, 30032, why)
    names = [(command.get("type", CHAT_INPUT), command.get("name")) for command in commands]
    if len(names) != len(set(names)):
        why = "Application command names must be unique"
        raise invalid("name", why, "APPLICATION_COMMANDS_DUPLICATE_NAME")
    for command in commands:
        check_command(command, user_install)


def check_command(command: Json, user_install: bool) -> None:
    """Raise ApiError where Discord refuses this command."""
    kind = command.get("type", CHAT_INPUT)
    if kind not in MOST:
        raise invalid("type", "Value must be one of {1, 2, 3}.", "BASE_TYPE_CHOICES")
    if kind == CHAT_INPUT:
        _check_texts(command, "")
        _check_options(command.get("options") or [], "options", 0)
        if _characters(command) > CHARACTERS:
            why = f"Command exceeds maximum size ({CHARACTERS})"
            raise invalid("name", why, "APPLICATION_COMMAND_TOO_LARGE")
    else:
        for name in [command.get("name") or "", *_localised(command, "name")]:
            if not 1 <= len(name) <= 32:
                raise too_long("name", 32)
        if command.get("description") or command.get("options"):
            raise invalid("description", "Context menu commands have neither of these.")
    if not set(command.get("contexts") or ()) <= {0, 1, 2}:
        raise invalid("contexts", "Value must be one of {0, 1, 2}.", "BASE_TYPE_CHOICES")
    installs = set(command.get("integration_types") or [0])
    if not installs <= ({0, 1} if user_install else {0}):
        why = "The application is not installable so: the portal does not allow it."
        raise invalid("integration_types", why, "APPLICATION_COMMAND_INVALID_INTEGRATION_TYPE")


def _localised(holder: Json, name: str) -> list[str]:
    given = holder.get(f"{name}_localizations") or {}
    for locale in given:
        if locale not in LOCALES:
            raise invalid(f"{name}_localizations", f"Unknown locale {locale}.", "DICT_TYPE_KEY")
    return list(given.values())


def _check_texts(holder: Json, path: str) -> None:
    for name in [holder.get("name") or "", *_localised(holder, "name")]:
        if not NAME.fullmatch(name) or name != name.lower():
            why = f"String value did not match validation regex: {name!r}"
            raise invalid(f"{path}name", why, "STRING_TYPE_REGEX")
    for text in [holder.get("description") or "", *_localised(holder, "description")]:
        if not 1 <= len(text) <= 100:
            raise invalid(f"{path}description", "Must be between 1 and 100 in length.")


def _check_options(options: list[Json], path: str, depth: int) -> None:
    if len(options) > OPTIONS:
        raise too_long(path, OPTIONS)
    names = [option.get("name") for option in options]
    if len(names) != len(set(names)):
        raise invalid(path, "Option names must be unique", "APPLICATION_COMMAND_OPTIONS_NAME")
    nested = [option for option in options if option["type"] in (SUBCOMMAND, GROUP)]
    if nested and len(nested) != len(options):
        why = "Sub-command and sub-command group option types are mutually exclusive to others"
        raise invalid(path, why, "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID")
    needed = [bool(option.get("required")) for option in options]
    if needed != sorted(needed, reverse=True):
        why = "Required options must be placed before non-required options"
        raise invalid(path, why, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID")
    for number, option in enumerate(options):
        here = f"{path}.{number}."
        _check_texts(option, here)
        if (option["type"] == GROUP and depth > 0) or (option["type"] == SUBCOMMAND and depth > 1):
            raise invalid(f"{here}type", "Nested too deep.")
        if option["type"] in (SUBCOMMAND, GROUP):
            _check_options(option.get("options") or [], f"{here}options", depth + 1)
        else:
            _check_choices(option, here)


def _check_choices(option: Json, path: str) -> None:
    choices = option.get("choices") or []
    if choices and option["type"] not in CHOOSABLE:
        raise invalid(f"{path}choices", "This option type has no choices.")
    if choices and option.get("autocomplete"):
        raise invalid(f"{path}autocomplete", "Choices and autocomplete exclude each other.")
    check_choices(choices, path)


def check_choices(choices: list[Json], path: str = "data.") -> None:
    """Of an option, or as the answer of an autocomplete."""
    if len(choices) > CHOICES:
        raise too_long(f"{path}choices", CHOICES)
    for number, choice in enumerate(choices):
        here = f"{path}choices.{number}"
        for name in [choice.get("name") or "", *_localised(choice, "name")]:
            if not 1 <= len(name) <= 100:
                raise invalid(f"{here}.name", "Must be between 1 and 100 in length.")
        value = choice.get("value")
        if value is None or (isinstance(value, str) and not 1 <= len(value) <= 100):
            raise invalid(f"{here}.value", "Must be between 1 and 100 in length.")


def _characters(holder: Json) -> int:
    """Name, description and values; of what is localised the longest counts."""
    total = 0
    for name in ("name", "description"):
        texts = [holder.get(name) or "", *(holder.get(f"{name}_localizations") or {}).values()]
        total += max(map(len, texts))
    for choice in holder.get("choices") or ():
        total += len(choice["name"]) + len(str(choice["value"]))
    return total + sum(map(_characters, holder.get("options") or ()))
