"""The commands' names and descriptions in other languages, from gettext's catalogues."""

import gettext
from pathlib import Path

import discord
from discord import app_commands
from discord.app_commands import TranslationContextLocation as Location
from discord.app_commands import TranslationContextTypes, locale_str

FOLDER = Path(__file__).with_name("locale")
DOMAIN = "commands"
LANGUAGES = {discord.Locale.german: "de", discord.Locale.japanese: "ja"}
NAMES = {
    Location.command_name: "command",
    Location.group_name: "command",
    Location.parameter_name: "option",
}
"""What a name is the name of: the same word may need two translations. Descriptions say enough."""


class Catalogues(app_commands.Translator):
    """Reads `locale/LANGUAGE/LC_MESSAGES/commands.mo`, which is compiled from the .po beside it."""

    def __init__(self) -> None:
        self._catalogues = {
            locale: gettext.translation(DOMAIN, FOLDER, [language])
            for locale, language in LANGUAGES.items()
        }

    async def translate(
        self, string: locale_str, locale: discord.Locale, context: TranslationContextTypes
    ) -> str | None:
        """The translation; None: there is none, and Discord shows the original."""
        catalogue = self._catalogues.get(locale)
        if catalogue is None:
            return None
        kind = NAMES.get(context.location)
        if kind is None:
            found = catalogue.gettext(string.message)
        else:
            found = catalogue.pgettext(kind, string.message)
        return found if found != string.message else None
