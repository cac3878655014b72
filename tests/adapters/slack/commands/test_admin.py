"""What those who manage a workspace set for it, and that nobody else does."""

from pathlib import Path

import pytest

from adapters.slack.admin import MANAGERS_ONLY, NOT_SURE
from adapters.slack.settings_form import PLAIN_NUMBER
from bot.space_settings import SpaceSettings
from tests.adapters.slack.commands.commanding import CAROL, Desk, labels, said_in
from tests.adapters.slack.stage import ALICE, BOB, GENERAL, TEAM, connected


async def held(desk: Desk) -> SpaceSettings:
    return await desk.stage.stage.core.space_settings("slack", TEAM)


async def open_form(desk: Desk, label: str = "Settings …") -> None:
    await desk.open_home(CAROL)
    await desk.press_home(label, CAROL)


async def test_settings_are_changed_in_one_form_and_shown(desk: Desk) -> None:
    await open_form(desk)
    act = await desk.submit(
        CAROL, persona="You are *a pirate* <@U1>", free=[GENERAL], threads=[GENERAL],
        message_days="30", memory_days="0", daily_tokens_per_user="5000", daily_tokens="90000",
        model="large",
    )  # fmt: skip
    assert act.errors == {}
    assert await held(desk) == SpaceSettings(
        persona="You are *a pirate* <@U1>", free=frozenset({GENERAL}), threads=frozenset({GENERAL}),
        message_days=30, memory_days=0, daily_tokens_per_user=5000, daily_tokens=90_000,
        model="large",
    )  # fmt: skip
    shown = said_in(desk.modal(CAROL))
    assert "Free channels, where I answer every message: #C1" in shown
    assert "Persona: You are *a pirate* <\N{WORD JOINER}@U1>" in shown
    assert "Messages are kept: 30 days" in shown
    assert "Memories are kept: for good" in shown
    assert "for a person: 5,000" in shown


async def test_the_form_shows_what_is_set_and_emptied_fields_are_as_ellie_is_set_up(
    desk: Desk,
) -> None:
    await open_form(desk)
    await desk.submit(
        CAROL, persona="A pirate", blocked_channels=[GENERAL], message_days="30", model="small"
    )
    await open_form(desk)
    form = desk.modal(CAROL)
    assert form.action("persona")["initial_value"] == "A pirate"
    assert form.action("blocked_channels")["initial_conversations"] == [GENERAL]
    assert form.action("message_days")["initial_value"] == "30"
    assert form.action("model")["initial_option"]["value"] == "is:small"
    await desk.submit(CAROL)
    assert (await held(desk)).blocked_channels == {GENERAL}
    await open_form(desk)
    await desk.submit(CAROL, persona="", blocked_channels=[], message_days="", model="as-usual")
    assert await held(desk) == SpaceSettings()


async def test_a_channel_has_a_persona_of_its_own(desk: Desk) -> None:
    await open_form(desk)
    await desk.slack.press(CAROL, "modal", "do:persona:0", GENERAL)
    await desk.stage.idle()
    await desk.submit(CAROL, **{f"persona-of:{GENERAL}": "A poet", "persona": "A pirate"})
    settings = await held(desk)
    assert (settings.persona, settings.personas) == ("A pirate", {GENERAL: "A poet"})
    await open_form(desk)
    await desk.slack.press(CAROL, "modal", "do:persona:0", GENERAL)
    await desk.stage.idle()
    assert desk.modal(CAROL).action(f"persona-of:{GENERAL}")["initial_value"] == "A poet"
    await desk.submit(CAROL, **{f"persona-of:{GENERAL}": ""})
    assert (await held(desk)).personas == {}


@pytest.mark.parametrize(
    ("field", "value", "line"),
    [
        ("message_days", "100000", "The days that messages are kept are 1 to"),
        ("memory_days", "99999", "The days that memories are kept are 0 to 36500."),
        ("daily_tokens", "0", "The tokens that all here may use in a day are at least 1."),
        ("daily_tokens_per_user", "0", "The tokens a person may use in a day are at least 1."),
        ("message_days", "1.5", PLAIN_NUMBER),
        ("message_days", "-1", PLAIN_NUMBER),
    ],
)
async def test_what_cannot_be_set_is_said_at_its_field(
    desk: Desk, field: str, value: str, line: str
) -> None:
    await open_form(desk)
    act = await desk.submit(CAROL, **{field: value, "persona": "A pirate"})
    assert list(act.errors) == [field]
    assert act.errors[field].startswith(line)
    assert await held(desk) == SpaceSettings()
    await desk.submit(CAROL, **{field: "1", "persona": "A pirate"})
    assert (await held(desk)).persona == "A pirate"


async def test_a_persona_that_is_too_long_for_the_form_stays_unless_it_is_replaced(
    desk: Desk,
) -> None:
    await desk.stage.change(SpaceSettings(persona="x" * 3500))
    await open_form(desk)
    await desk.submit(CAROL, message_days="30")
    assert (await held(desk)).persona == "x" * 3500
    await open_form(desk)
    await desk.submit(CAROL, persona="A pirate")
    assert (await held(desk)).persona == "A pirate"


async def test_who_does_not_manage_the_workspace_is_offered_nothing_and_can_press_nothing(
    desk: Desk,
) -> None:
    home = await desk.open_home()
    assert "Settings …" not in labels(home)
    for value in ("settings", "purge"):
        home.action(home.labelled("Pause"))["value"] = value
        home = await desk.press_home("Pause")
        assert said_in(home).startswith(MANAGERS_ONLY)
        assert desk.slack.modal(ALICE) is None


async def test_who_no_longer_manages_the_workspace_cannot_send_the_form(desk: Desk) -> None:
    await open_form(desk)
    await demote(desk)
    act = await desk.submit(CAROL, persona="A pirate")
    assert act.errors == {"persona": MANAGERS_ONLY}
    assert await held(desk) == SpaceSettings()


async def demote(desk: Desk) -> None:
    """Carol manages the workspace no more, and Slack tells of it."""
    await desk.slack.become(CAROL, admin=False)
    await desk.slack.heard()
    await desk.stage.idle()


async def test_a_workspace_is_erased_after_a_word_was_written(desk: Desk) -> None:
    await desk.remember("I like tea")
    await desk.remember("I like oats", user=CAROL)
    await open_form(desk, "Erase this workspace …")
    act = await desk.submit(CAROL, sure="yes")
    assert act.errors == {"sure": NOT_SURE}
    assert await desk.known() == ["I like tea"]
    await desk.submit(CAROL, sure="ERASE")
    assert "Forgotten and erased: 2 memories" in said_in(desk.modal(CAROL))
    assert await desk.known() == await desk.known(CAROL) == []
    assert "oats" not in said_in(desk.home(CAROL))


async def test_who_no_longer_manages_it_cannot_erase_it(desk: Desk) -> None:
    await desk.remember("I like tea")
    await open_form(desk, "Erase this workspace …")
    await demote(desk)
    act = await desk.submit(CAROL, sure="ERASE")
    assert act.errors == {"sure": MANAGERS_ONLY}
    assert await desk.known() == ["I like tea"]


async def test_who_runs_ellie_can_name_others_who_manage(tmp_path: Path) -> None:
    async with connected(
        tmp_path / "ellie.db", notebook=True, slack_settings={"admins": frozenset({BOB})}
    ) as stage:
        desk = Desk(stage)
        assert "Settings …" in labels(await desk.open_home(BOB))
        await desk.press_home("Settings …", BOB)
        await desk.submit(BOB, persona="A pirate")
        assert (await held(desk)).persona == "A pirate"
        assert "model" not in desk.modal(BOB).actions
