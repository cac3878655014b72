"""The commands in other languages: all of them, and nothing that Discord would refuse."""

import io
import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path

import discord
import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po
from discord import app_commands
from discord.app_commands import TranslationContextTypes, locale_str

from adapters.discord.syncing import Payload, payload_of
from adapters.discord.translating import FOLDER, LANGUAGES, NAMES
from tests.adapters.discord.commands.commanding import built

SOURCES = sorted(FOLDER.glob("*/LC_MESSAGES/*.po"))
LOCALES = sorted(locale.value for locale in LANGUAGES)


class Listener(app_commands.Translator):
    """Writes down what could be translated."""

    def __init__(self) -> None:
        self.heard: set[tuple[str | None, str]] = set()

    async def translate(
        self, string: locale_str, locale: discord.Locale, context: TranslationContextTypes
    ) -> None:
        self.heard.add((NAMES.get(context.location), string.message))


def catalogue(source: Path) -> Catalog:
    with source.open("rb") as written:
        return read_po(written)


def entries(catalogue: Catalog) -> dict[tuple[str | None, str], str]:
    """What it translates into what."""
    done = [message for message in catalogue if message.id and message.string]
    return {(m.context, str(m.id)): str(m.string) for m in done if not m.fuzzy}


async def localisable() -> set[tuple[str | None, str]]:
    listener, tree = Listener(), built()
    for command in tree.get_commands():
        await command.get_translated_payload(tree, listener)
    return listener.heard


def test_there_is_a_catalogue_for_each_language() -> None:
    assert {source.parts[-3] for source in SOURCES} == set(LANGUAGES.values())


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.parts[-3])
async def test_a_catalogue_translates_every_name_and_description_and_nothing_else(
    source: Path,
) -> None:
    assert entries(catalogue(source)).keys() == await localisable()


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.parts[-3])
def test_a_compiled_catalogue_is_that_of_its_source(source: Path) -> None:
    anew = io.BytesIO()
    write_mo(anew, catalogue(source))
    anew.seek(0)
    with source.with_suffix(".mo").open("rb") as committed:
        assert entries(read_mo(committed)) == entries(read_mo(anew)), (
            "run python scripts/catalogues.py"
        )


def lettered(name: str) -> bool:
    """As Discord's `^[-_'\\p{L}\\p{N}]{1,32}$` with no letter that has a lower case."""
    fits = all(c in "-_'" or unicodedata.category(c)[0] in "LN" for c in name)
    return fits and 1 <= len(name) <= 32 and name == name.lower()


def texts(items: Sequence[object], locale: str, path: str = "") -> list[tuple[str, str, str]]:
    """(where, "name" or "description", the text that is shown) of each, and what is in it."""
    found = []
    for item in items:
        assert isinstance(item, dict)
        here = f"{path}/{item['name']}"
        for field in ("name", "description"):
            if field in item:
                said = item[f"{field}_localizations"].get(locale, item[field])
                found.append((here, field, said))
        found += texts(item.get("options", ()), locale, here)
    return found


@pytest.fixture
async def payload() -> Payload:
    return await payload_of(built())


@pytest.mark.parametrize("locale", ["en-US", *LOCALES])
def test_names_and_descriptions_are_what_discord_takes(payload: Payload, locale: str) -> None:
    menus = {f"/{command['name']}" for command in payload if command["type"] != 1}
    for where, field, text in texts(payload, locale):
        if field == "description":
            assert 1 <= len(text) <= 100, (where, text)
        elif where in menus:
            assert 1 <= len(text) <= 32, (where, text)
        else:
            assert lettered(text), (where, text)


@pytest.mark.parametrize("locale", LOCALES)
def test_no_two_neighbours_have_the_same_name(payload: Payload, locale: str) -> None:
    names = [(re.sub("/[^/]*$", "", w), t) for w, f, t in texts(payload, locale) if f == "name"]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("locale", LOCALES)
def test_the_words_of_the_grammar_stay_as_they_are_typed(payload: Payload, locale: str) -> None:
    by_place = {(where, field): text for where, field, text in texts(payload, locale)}
    said = by_place["/forget/text", "description"]
    assert all(word in said for word in ("last", "since", "before", "about", "everything"))


@pytest.mark.rule("D13")
async def test_the_commands_are_within_all_of_discords_limits(payload: Payload) -> None:
    def characters(item: object) -> int:
        assert isinstance(item, dict)
        own = len(item["name"]) + len(item.get("description", ""))
        for field in ("name", "description"):
            own += sum(map(len, item.get(f"{field}_localizations", {}).values()))
        return own + sum(map(characters, item.get("options", ())))

    kinds = [command["type"] for command in payload]
    assert kinds.count(1) <= 100
    assert kinds.count(3) <= 15
    assert all(len(command.get("options", ())) <= 25 for command in payload)
    # localisations count too: only the longest of a field does at Discord, so this is stricter
    assert {c["name"]: characters(c) for c in payload if characters(c) > 8000} == {}


@pytest.mark.rule("D15")
async def test_every_command_says_where_and_to_whom_it_is_offered(payload: Payload) -> None:
    for command in payload:
        admin = command["name"] == "ellie-admin"
        assert command["contexts"] == ([0] if admin else [0, 1]), command["name"]
        assert command["integration_types"] == [0], command["name"]
        assert command["nsfw"] is False
    brought = await payload_of(built(user_install=True))
    for command in brought:
        admin = command["name"] == "ellie-admin"
        assert command["contexts"] == ([0] if admin else [0, 1, 2]), command["name"]
        assert command["integration_types"] == ([0] if admin else [0, 1]), command["name"]


async def test_the_administration_is_offered_to_those_who_manage_the_server(
    payload: Payload,
) -> None:
    wanted = {command["name"]: command.get("default_member_permissions") for command in payload}
    assert wanted.pop("ellie-admin") == discord.Permissions(manage_guild=True).value
    assert set(wanted.values()) == {None}
