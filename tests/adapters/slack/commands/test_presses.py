"""Buttons below answers: for the one who presses, by ids, also after a restart."""

from pathlib import Path

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.answers import Answer, Button
from adapters.slack.forms import EXPIRED
from adapters.wording.apologies import TOO_LONG
from adapters.wording.pressing import KEPT, STALE
from tests.adapters.slack.commands.commanding import Desk, facts_in, labels, said_in
from tests.adapters.slack.stage import ALICE, BOB, GENERAL, TEAM, connected, furnish
from tests.servers.slack import Message, SlackServer


async def post(desk: Desk, *presses: str) -> Message:
    """A message of Ellie's with such buttons, which everybody in the channel sees."""
    buttons = tuple(Button(str(n), press) for n, press in enumerate(presses))
    (message,) = Answer(("here",), buttons=buttons).messages()
    client = AsyncWebClient("xoxb-1", base_url=desk.slack.api)
    await client.chat_postMessage(channel=GENERAL, **message)
    return desk.slack.messages(GENERAL)[-1]


async def test_a_page_is_turned_back_and_forth_in_its_place(desk: Desk) -> None:
    await desk.facts(23)
    page = await desk.ask("memories")
    assert facts_in(page) == [f"fact {n}" for n in range(23, 13, -1)]
    assert labels(page) == ["Older ▶"]
    await desk.press(page, "Older ▶")
    await desk.press(page, "Older ▶")
    assert facts_in(page) == ["fact 3", "fact 2", "fact 1"]
    assert labels(page) == ["◀ Newer"]
    await desk.press(page, "◀ Newer")
    assert facts_in(page)[0] == "fact 13"
    assert desk.slack.ephemerals(ALICE) == [page]


async def test_a_memory_is_picked_and_looked_at_and_left(desk: Desk) -> None:
    await desk.facts(12)
    page = await desk.ask("memories")
    await desk.press(page, "Older ▶")
    await desk.pick(page, "m2")
    assert "fact 2" in said_in(page)
    assert labels(page) == [
        "Edit", "Forget", "Use it anywhere in this workspace", "Why", "Back to the list",
    ]  # fmt: skip
    await desk.press(page, "Why")
    assert "from your" in said_in(page)
    await desk.press(page, "Back to the list")
    assert facts_in(page) == ["fact 2", "fact 1"]


async def test_a_memory_is_forgotten_only_after_it_was_said_what_goes_with_it(desk: Desk) -> None:
    await desk.facts(2)
    page = await desk.ask("memories")
    await desk.pick(page, "m1")
    await desk.press(page, "Forget")
    assert "Nothing is forgotten yet" in said_in(page)
    assert "every reply and summary" in said_in(page)
    assert await desk.known() == ["fact 2", "fact 1"]
    await desk.press(page, "Keep")
    await desk.press(page, "Forget")
    await desk.press(page, "Forget")
    assert "Forgotten and erased" in said_in(page)
    assert labels(page) == []
    assert await desk.known() == ["fact 2"]


@pytest.mark.rule("M1")
async def test_a_memory_is_let_out_of_private(desk: Desk) -> None:
    await desk.facts(1)
    page = await desk.ask("memories")
    await desk.pick(page, "m1")
    await desk.press(page, "Use it anywhere in this workspace")
    assert "From now on I use" in said_in(page)
    (memory,) = await desk.memories()
    assert str(memory.audience) == "space"
    await desk.press(page, "Back to the list")
    await desk.pick(page, "m1")
    assert "Use it anywhere in this workspace" not in labels(page)


async def test_buttons_work_after_a_restart(tmp_path: Path) -> None:
    async with SlackServer() as slack:
        furnish(slack)
        async with connected(tmp_path / "again.db", slack=slack, notebook=True) as stage:
            desk = Desk(stage)
            await desk.facts(12)
            page = await desk.ask("memories")
        async with connected(tmp_path / "again.db", slack=slack, notebook=True) as stage:
            desk = Desk(stage)
            await desk.press(page, "Older ▶")
            assert facts_in(page) == ["fact 2", "fact 1"]
            await desk.pick(page, "m2")
            await desk.press(page, "Forget")
            await desk.press(page, "Forget")
            assert "fact 2" not in await desk.known()


async def test_a_list_that_became_shorter_is_shown_from_its_start(desk: Desk) -> None:
    await desk.facts(11)
    page = await desk.ask("memories")
    await desk.ask("forget", "m1 m2 m3")
    await desk.press(page, "Older ▶")
    assert facts_in(page) == [f"fact {n}" for n in range(11, 3, -1)]


async def test_what_is_gone_is_a_line_beside_what_was_pressed(desk: Desk) -> None:
    await desk.facts(1)
    page = await desk.ask("memories")
    await desk.ask("forget", "m1")
    act = await desk.press(page, "", selected="pick:m1:mine:1")
    (line,) = act.responses
    assert said_in(line).startswith("You have no memory m1 here.")
    assert facts_in(page) == ["fact 1"]


@pytest.mark.rule("M4")
async def test_a_press_reaches_only_what_is_of_the_one_who_presses(desk: Desk) -> None:
    await desk.facts(3)
    await desk.remember("bob's own", user=BOB)
    values = [
        "page:mine:1", "show:m1:mine:1", "why:m1:mine:1", "ask:m2:mine:1", "promote:m2:mine:1",
        "forget:m3", "forget:m2,m3", "edit:m2:mine:1", "right:export:here",
        "line:/forget everything yes",
    ]  # fmt: skip
    for value in values:
        message = await post(desk, value)
        act = await desk.press(message, "0", BOB)
        shown = [*act.responses, message, *desk.in_private(BOB)]
        assert not any("fact" in said_in(one) for one in shown), value
    assert await desk.known() == ["fact 3", "fact 2", "fact 1"]


@pytest.mark.parametrize(
    "value", ["", "nonsense", "page", "show:m1", "show:x:mine:1", "right:x:here"]
)
async def test_a_button_of_an_older_ellie_says_so(desk: Desk, value: str) -> None:
    act = await desk.press(await post(desk, value or " "), "0")
    assert said_in(act.responses[0]) == STALE


async def test_no_button_carries_what_a_memory_says(desk: Desk) -> None:
    await desk.remember("my hidden garden")
    for name, text in (("memories", ""), ("memories", "m1"), ("forget", "hidden"), ("privacy", "")):
        answer = await desk.ask(name, text)
        rows = [block for block in answer.blocks if block["type"] == "actions"]
        values = [one.get("value", "") for row in rows for one in row["elements"]]
        assert not any("garden" in value for value in values)


# --- previews and rights


async def test_what_words_match_is_offered_and_goes_by_a_press(desk: Desk) -> None:
    await desk.remember("I like green tea", "I like oats", "tea at five")
    preview = await desk.ask("forget", "tea")
    assert labels(preview) == ["Forget", "Keep"]
    await desk.press(preview, "Keep")
    assert said_in(preview) == KEPT
    preview = await desk.ask("forget", "tea")
    await desk.press(preview, "Forget")
    assert "Forgotten and erased" in said_in(preview)
    assert await desk.known() == ["I like oats"]


@pytest.mark.parametrize("about", ["Sarah", "J&amp;J", "O'Neil"])
async def test_what_names_somebody_goes_by_a_press(desk: Desk, about: str) -> None:
    await desk.remember(f"I met {about.replace('&amp;', '&')} in Oslo", "I like oats")
    preview = await desk.ask("forget", f"about {about}")
    assert labels(preview) == ["Forget", "Keep"]
    await desk.press(preview, "Forget")
    assert "Forgotten and erased" in said_in(preview)
    assert await desk.known() == ["I like oats"]


async def test_a_period_goes_by_its_days_and_all_after_a_second_press(desk: Desk) -> None:
    await desk.remember("I like tea")
    preview = await desk.ask("forget", "since today")
    await desk.press(preview, "Forget")
    assert await desk.known() == []
    await desk.remember("I like oats")
    await desk.remember("I like rye", user=BOB)
    card = await desk.ask("privacy")
    assert labels(card) == ["Pause", "Export", "Opt out …", "Erase everything …"]
    await desk.press(card, "Erase everything …")
    assert await desk.known() == ["I like oats"]
    await desk.press(card, "Forget")
    assert await desk.known() == []
    assert await desk.known(BOB) == ["I like rye"]


async def test_where_nothing_matches_there_is_nothing_to_press(desk: Desk) -> None:
    for text in ("tea", "everything", "since yesterday"):
        assert labels(await desk.ask("forget", text)) == []


async def test_a_pause_begins_and_ends_by_a_press(desk: Desk) -> None:
    await desk.press(await desk.ask("privacy"), "Pause")
    assert "You have paused" in said_in(await desk.ask("remember", "I like tea"))
    await desk.press(await desk.ask("privacy"), "Resume")
    assert "m1" in said_in(await desk.ask("remember", "I like tea"))


async def test_opting_out_is_asked_in_a_dialog_and_can_be_ended(desk: Desk) -> None:
    await desk.remember("I like tea")
    card = await desk.ask("privacy")
    button = card.action(card.labelled("Opt out …"))
    assert "erase all that I keep" in button["confirm"]["text"]["text"]
    await desk.press(card, "Opt out …")
    assert await desk.known() == []
    assert "You opted out" in said_in(await desk.ask("recall", "tea"))
    card = await desk.ask("privacy")
    assert labels(card) == ["Hear me again"]
    await desk.press(card, "Hear me again")
    assert "know nothing" in said_in(await desk.ask("recall", "tea"))


# --- a correction


async def edit_form(desk: Desk, text: str) -> Message:
    """The page from which the form for the one memory was opened."""
    await desk.remember(text)
    page = await desk.ask("memories")
    await desk.pick(page, "m1")
    await desk.press(page, "Edit")
    return page


@pytest.mark.rule("S18")
async def test_a_memory_is_corrected_in_a_form_that_holds_what_it_says(desk: Desk) -> None:
    page = await edit_form(desk, "I live in *Oslo* & <!here>")
    form = desk.modal()
    assert form.title == "Edit m1"
    assert form.action("text")["initial_value"] == "I live in *Oslo* & <!here>"
    assert "Oslo" not in form.private_metadata
    act = await desk.submit(text="I live in\nBergen now")
    assert act.errors == {}
    assert "now it says “I live in Bergen now”" in said_in(desk.modal())
    assert await desk.known() == ["I live in Bergen now"]
    await desk.press(page, "Back to the list")
    assert "Bergen now" in said_in(page)


async def test_what_cannot_be_is_said_at_the_field_and_the_form_stays(desk: Desk) -> None:
    await edit_form(desk, "I live in Oslo")
    act = await desk.submit(text="I live in Oslo")
    assert act.errors == {"text": "m1 says exactly that already."}
    await desk.ask("forget", "m1")
    act = await desk.submit(text="I live in Bergen")
    assert act.errors["text"].startswith("You have no memory m1 here.")


@pytest.mark.rule("S18")
async def test_a_form_that_would_come_too_late_is_one_line(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.facts(1)
    page = await desk.ask("memories")
    await desk.pick(page, "m1")
    held = desk.slack.hold("views.open")
    act = await desk.slack.press(ALICE, page, page.labelled("Edit"))
    await desk.slack.until(lambda: held.waiting)
    desk.slack.clock.advance(4)
    held.release()
    await desk.stage.idle()
    assert [said_in(one) for one in act.responses] == [EXPIRED]
    assert desk.slack.modal(ALICE) is None
    monkeypatch.setattr("adapters.slack.forms.OPEN_SECONDS", 0.0)
    act = await desk.press(page, "Edit")
    assert [said_in(one) for one in act.responses] == [TOO_LONG]
    assert "Edit" in labels(page)


async def test_what_is_too_long_for_a_form_is_said_in_a_line(desk: Desk) -> None:
    await desk.remember("word " * 700)
    page = await desk.ask("memories")
    await desk.pick(page, "m1")
    act = await desk.press(page, "Edit")
    assert "/memories edit m1 TEXT" in said_in(act.responses[0])


@pytest.mark.rule("S1")
async def test_a_correction_that_takes_long_is_done_and_told_in_private(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await edit_form(desk, "I live in Oslo")
    monkeypatch.setattr("adapters.slack.forms.SUBMIT_SECONDS", 0.0)
    act = await desk.submit(text="I live in Bergen")
    assert act.acked
    assert desk.slack.modal(ALICE) is None
    assert await desk.known() == ["I live in Bergen"]
    assert "now it says “I live in Bergen”" in said_in(desk.in_private()[-1])
    assert desk.slack.home(ALICE, TEAM) is None
