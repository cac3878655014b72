"""The loopback Discord refuses what Discord refuses, and names the field."""

import pytest

from tests.servers.discord.command_limits import check_command
from tests.servers.discord.errors import ApiError
from tests.servers.discord.fields import MESSAGE, unknown, unknown_in_command
from tests.servers.discord.ground import Json
from tests.servers.discord.limits import check_message, check_modal
from tests.servers.discord.permissions import COMPONENTS_V2

BUTTON: Json = {"type": 2, "style": 1, "label": "Go", "custom_id": "go"}


def row(*components: Json) -> Json:
    return {"type": 1, "components": list(components)}


def field(errors: Json | None) -> str:
    """`embeds.title` of {"embeds": {"title": {"_errors": ...}}}."""
    path = []
    while errors is not None and "_errors" not in errors:
        name = next(iter(errors))
        path.append(name)
        errors = errors[name]
    return ".".join(path)


BAD_MESSAGES: list[tuple[str, Json]] = [
    ("content", {"content": "x" * 2001}),
    ("nonce", {"content": "x", "nonce": "n" * 26}),
    ("nonce", {"content": "x", "enforce_nonce": True}),
    ("allowed_mentions", {"allowed_mentions": {"parse": ["users"], "users": ["1"]}}),
    ("embeds", {"embeds": [{}] * 11}),
    ("embeds.0.title", {"embeds": [{"title": "x" * 257}]}),
    ("embeds.0.description", {"embeds": [{"description": "x" * 4097}]}),
    ("embeds.0.fields", {"embeds": [{"fields": [{"name": "a", "value": "b"}] * 26}]}),
    ("embeds.0.fields.0.value", {"embeds": [{"fields": [{"name": "a", "value": ""}]}]}),
    ("embeds.0.footer.text", {"embeds": [{"footer": {"text": "x" * 2049}}]}),
    ("embeds", {"embeds": [{"description": "x" * 3001}] * 2}),
    ("components", {"components": [row(BUTTON)] * 6}),
    ("components", {"components": [row(BUTTON, BUTTON)]}),
    ("components.0.type", {"components": [BUTTON]}),
    ("components.0.type", {"components": [{"type": 10, "content": "text"}]}),
    ("components.components", {"components": [row()]}),
    ("components.custom_id", {"components": [row(BUTTON | {"custom_id": "x" * 101})]}),
    ("components.label", {"components": [row(BUTTON | {"label": "x" * 81})]}),
    ("components", {"components": [row(BUTTON | {"url": "https://example.org"})]}),
    ("components.options", {"components": [row({"type": 3, "custom_id": "a", "options": []})]}),
]  # fmt: skip


@pytest.mark.parametrize(("where", "body"), BAD_MESSAGES)
def test_a_message_too_long_or_wrong_is_refused_at_its_field(where: str, body: Json) -> None:
    with pytest.raises(ApiError) as refused:
        check_message(body, 0)
    assert (refused.value.code, field(refused.value.errors)) == (50035, where)


def test_what_is_just_short_enough_is_taken() -> None:
    buttons = [BUTTON | {"custom_id": str(n), "label": "x" * 80} for n in range(25)]
    rows = [row(*buttons[n : n + 5]) for n in range(0, 25, 5)]
    embeds = [{"description": "x" * 3000}] * 2
    check_message({"content": "x" * 2000, "components": rows, "embeds": embeds}, 0)
    texts = [{"type": 10, "content": "x" * 100}] * 40
    check_message({"components": texts}, COMPONENTS_V2)


@pytest.mark.parametrize(
    ("where", "body"),
    [
        ("content", {"content": "x", "components": [{"type": 10, "content": "x"}]}),
        ("components", {"components": [{"type": 10, "content": "x"}] * 41}),
        ("components", {"components": [{"type": 10, "content": "x" * 2001}] * 2}),
        ("components.content", {"components": [{"type": 10, "content": ""}]}),
    ],
)
def test_components_of_the_second_version_have_their_own_bounds(where: str, body: Json) -> None:
    with pytest.raises(ApiError) as refused:
        check_message(body, COMPONENTS_V2)
    assert field(refused.value.errors) == where


def text_input(**more: object) -> Json:
    return row({"type": 4, "custom_id": "a", "style": 1, "label": "A"} | more)


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": "x" * 46},
        {"custom_id": ""},
        {"components": [text_input()] * 6},
        {"components": [text_input(value="x" * 4001)]},
        {"components": [text_input(value="xxx", max_length=2)]},
        {"components": [{"type": 18, "label": "x" * 46, "component": BUTTON}]},
        {"components": [BUTTON]},
    ],
)
def test_a_modal_too_long_or_wrong_is_refused(wrong: Json) -> None:
    good: Json = {"custom_id": "m", "title": "M", "components": [text_input()]}
    check_modal(good)
    with pytest.raises(ApiError):
        check_modal(good | wrong)


def option(**more: object) -> Json:
    return {"type": 3, "name": "a", "description": "A"} | more


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "Recall"},
        {"name": "x" * 33},
        {"name": "two words"},
        {"description": ""},
        {"description_localizations": {"de": "x" * 101}},
        {"options": [option(), option(name="b", required=True)]},
        {"options": [option(), option()]},
        {"options": [option(choices=[{"name": "x" * 101, "value": "x"}])]},
        {"options": [option(choices=[{"name": "x", "value": "x"}], autocomplete=True)]},
        {"options": [option(), option(type=1, name="sub")]},
        {"options": [option(type=2, options=[option(type=2, options=[])])]},
        {"options": [option(description="x" * 100, name=f"o{n}", choices=[
            {"name": "x" * 100, "value": f"{m}" * 50} for m in range(9)
        ]) for n in range(9)]},
        {"contexts": [3]},
        {"integration_types": [1]},
        {"type": 3},
    ],
)  # fmt: skip
def test_a_command_too_long_or_wrong_is_refused(wrong: Json) -> None:
    good: Json = {"type": 1, "name": "recall", "description": "Recalls."}
    check_command(good, False)
    with pytest.raises(ApiError):
        check_command(good | wrong, False)


def test_names_of_other_tongues_and_context_menus_are_taken() -> None:
    check_command({"name": "思い出す", "description": "思い出します"}, False)
    check_command({"type": 3, "name": "Remember this", "integration_types": [0, 1]}, True)


def test_fields_that_discord_does_not_know_are_found_wherever_they_stand() -> None:
    body = {
        "content": "x",
        "colour": 1,
        "components": [row(BUTTON | {"size": 1})],
        "message_reference": {"id": 1},
    }
    assert unknown(body, MESSAGE) == ["colour", "components.0.0.size", "message_reference.id"]
    command = {"name": "a", "colour": 1, "options": [option(needed=True, choices=[{"key": 1}])]}
    found = ["colour", "options.0.needed", "options.0.choices.key"]
    assert unknown_in_command(command) == found
