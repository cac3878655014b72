"""The Home tab: read, searched, turned, corrected, forgotten; and nothing of it is kept here."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.slack.forms import EXPIRED
from adapters.slack.home_view import OPTED_OUT
from bot.types import Scope
from tests.adapters.slack.commands.commanding import CAROL, GUS, Desk, facts_in, labels, said_in
from tests.adapters.slack.stage import ALICE, BOB, GENERAL, TEAM, SlackStage, connected, furnish
from tests.servers.slack import SlackServer


@pytest.mark.rule("S14")
async def test_opening_the_home_tab_shows_what_is_known_and_what_is_kept(
    garden: SlackStage,
) -> None:
    desk = Desk(garden)
    await desk.remember("I like *tea* & <!channel>")
    home = await desk.open_home()
    assert "I like *tea* & <" in said_in(home)
    assert "<!channel>" not in json.dumps(home.blocks)
    assert "What I keep about you here" in said_in(home)
    assert labels(home) == [
        "Shared with everybody here", "Why", "Edit", "Forget", "Use it anywhere in this workspace",
        "Pause", "Export", "Opt out …", "Erase everything …",
    ]  # fmt: skip
    assert "know nothing" in said_in(await desk.open_home(BOB))


async def test_twenty_memories_are_a_page_and_pages_are_turned(desk: Desk) -> None:
    await desk.facts(45)
    home = await desk.open_home()
    assert facts_in(home) == [f"fact {n}" for n in range(45, 25, -1)]
    assert "45 memories, newest first (page 1 of 3)" in said_in(home)
    home = await desk.press_home("Older ▶")
    home = await desk.press_home("Older ▶")
    assert facts_in(home) == [f"fact {n}" for n in range(5, 0, -1)]
    assert "Older ▶" not in labels(home)
    await desk.ask("forget", " ".join(f"m{n}" for n in range(1, 40)))
    home = await desk.press_home("◀ Newer")  # that page is gone
    assert facts_in(home) == [f"fact {n}" for n in range(45, 39, -1)]


async def test_what_is_looked_for_is_found_and_left(desk: Desk) -> None:
    await desk.facts(25)
    await desk.remember("I like green tea & cake")
    await desk.open_home()
    home = await desk.look_for("tea & cake")
    assert "I like green tea" in said_in(home)
    assert "fact 1 " not in said_in(home)
    assert home.action("do:find:0")["initial_value"] == "tea & cake"
    assert "tea" not in home.private_metadata.replace("tea%20%26%20cake", "")
    home = await desk.press_home("Forget", near="green tea")
    assert "Forgotten and erased" in said_in(home)
    assert "I know nothing about “tea & cake”" in said_in(home)
    before = home.found("do:find:0")[0]["block_id"]
    home = await desk.press_home("Show all")
    assert len(facts_in(home)) == 20
    assert "initial_value" not in home.action("do:find:0")
    assert home.found("do:find:0")[0]["block_id"] != before  # Slack would keep what was typed
    await desk.remember("I find snow everywhere")
    assert "I find snow" in said_in(await desk.look_for("everywhere"))


async def test_a_memory_is_corrected_forgotten_explained_and_shared(desk: Desk) -> None:
    await desk.facts(3)
    await desk.open_home()
    await desk.press_home("Edit", near="fact 2")
    assert desk.modal().action("text")["initial_value"] == "fact 2"
    await desk.submit(text="fact two")
    assert "now it says “fact two”" in said_in(desk.modal())
    assert "fact two" in said_in(desk.home())
    home = await desk.press_home("Forget", near="fact 1")
    assert "Forgotten and erased: 1 memory (m1)" in said_in(home)
    assert facts_in(home) == ["fact 3"]
    await desk.press_home("Why", near="fact 3")
    assert "from your" in said_in(desk.modal())
    home = await desk.press_home("Use it anywhere in this workspace", near="fact 3")
    assert "From now on I use" in said_in(home)
    assert sorted(str(memory.audience) for memory in await desk.memories()) == ["private", "space"]


async def test_what_is_gone_meanwhile_is_one_line_above(desk: Desk) -> None:
    await desk.facts(2)
    await desk.open_home()
    await desk.ask("forget", "m1")
    for label in ("Forget", "Why", "Edit", "Use it anywhere in this workspace"):
        home = await desk.press_home(label, near="fact 1") if label == "Forget" else desk.home()
        assert said_in(home).startswith("You have no memory m1 here.")
    assert facts_in(desk.home()) == ["fact 2"]


@pytest.mark.rule("S18")
async def test_a_form_that_opens_too_late_is_one_line_above(desk: Desk) -> None:
    await desk.facts(1)
    await desk.open_home()
    held = desk.slack.hold("views.open")
    await desk.slack.press(ALICE, "home", desk.home().labelled("Edit"))
    await desk.slack.until(lambda: held.waiting)
    desk.slack.clock.advance(4)
    held.release()
    await desk.stage.idle()
    assert said_in(desk.home()).startswith(EXPIRED)
    assert desk.slack.modal(ALICE) is None


async def test_rights_are_a_press_away(desk: Desk) -> None:
    await desk.remember("I like tea")
    await desk.open_home()
    assert "Resume" in labels(await desk.press_home("Pause"))
    home = await desk.press_home("Resume")
    assert "I remember and recall again" in said_in(home)
    home = await desk.press_home("Export")
    assert "our direct messages" in said_in(home)
    (files,) = desk.in_private()
    assert [file.name.rpartition(".")[2] for file in files.files] == ["json", "md"]
    assert desk.home().action(desk.home().labelled("Erase everything …"))["confirm"]
    home = await desk.press_home("Erase everything …")
    assert "Forgotten and erased" in said_in(home)
    assert await desk.known() == []


async def test_who_opted_out_finds_only_the_way_back(desk: Desk) -> None:
    await desk.remember("I like tea")
    await desk.open_home()
    home = await desk.press_home("Opt out …")
    assert OPTED_OUT in said_in(home)
    assert "tea" not in said_in(home)
    assert labels(home) == ["Hear me again"]
    assert labels(await desk.open_home()) == ["Hear me again"]
    assert "I hear you again" in said_in(await desk.press_home("Hear me again"))
    assert await desk.known() == []


async def test_what_was_shared_is_for_members_and_changed_by_who_manages(desk: Desk) -> None:
    await desk.ask("remember", "--shared The gate opens at nine", CAROL)
    await desk.open_home()
    home = await desk.press_home("Shared with everybody here")
    assert "The gate opens at nine" in said_in(home)
    assert "Forget" not in labels(home)[: labels(home).index("Pause")]
    assert "know nothing about you" in said_in(await desk.press_home("About me"))
    guests = await desk.open_home(GUS)
    assert "Shared with everybody here" not in labels(guests)
    guests.action(guests.labelled("Pause"))["value"] = "page:shared:1"
    assert "opens at nine" not in said_in(await desk.press_home("Pause", GUS))
    await desk.open_home(CAROL)
    await desk.press_home("Shared with everybody here", CAROL)
    home = await desk.press_home("Forget", CAROL, near="The gate")
    assert "Nothing was shared" in said_in(home)


@pytest.mark.rule("M1")
@pytest.mark.rule("M4")
async def test_everybody_sees_their_own(desk: Desk) -> None:
    await desk.remember("I like tea")
    await desk.remember("I like oats", user=BOB)
    assert "oats" not in said_in(await desk.open_home())
    assert "tea" not in said_in(await desk.open_home(BOB))


async def test_the_tab_works_on_after_a_restart(tmp_path: Path) -> None:
    async with SlackServer() as slack:
        furnish(slack)
        async with connected(tmp_path / "again.db", slack=slack, notebook=True) as stage:
            desk = Desk(stage)
            await desk.facts(25)
            await desk.open_home()
            await desk.press_home("Older ▶")
        async with connected(tmp_path / "again.db", slack=slack, notebook=True) as stage:
            desk = Desk(stage)
            home = await desk.press_home("Forget", near="fact 5 ")
            assert facts_in(home) == [f"fact {n}" for n in (4, 3, 2, 1)]


@pytest.mark.rule("S7")
@pytest.mark.parametrize("error", ["hash_conflict", "ratelimited"])
async def test_a_conflict_or_a_limit_does_not_keep_the_tab_from_being_shown(
    desk: Desk, error: str
) -> None:
    desk.slack.fail("views.publish", error=error, retry_after=0)
    await desk.remember("I like tea")
    assert "I like tea" in said_in(await desk.open_home())


async def test_of_two_presses_at_once_the_last_state_stays(desk: Desk) -> None:
    """What was read before the second press must not be shown after what was read behind it."""
    await desk.facts(3)
    home = await desk.open_home()
    first, second, _ = (one for one in home.actions if one.startswith("do:forget"))
    slow = desk.slack.hold("views.publish")
    await desk.slack.press(ALICE, home, first)
    await desk.slack.until(lambda: slow.waiting)
    desk.slack.faults.holds.remove(slow)  # later calls are quick again
    await desk.slack.press(ALICE, home, second)
    async with asyncio.timeout(10):
        while await desk.known() != ["fact 1"]:
            continue
    for _ in range(3):  # it is shown before these are answered, unless it waits
        other = await desk.slack.slash(BOB, GENERAL, "/recall")
        await desk.slack.until(lambda act=other: act.responses)  # type: ignore[misc]
    slow.release()
    await desk.stage.idle()
    assert facts_in(desk.home()) == ["fact 1"]


@pytest.mark.rule("S19")
@pytest.mark.rule("M3")
async def test_in_an_organisation_the_tab_acts_on_the_workspace_that_it_shows(
    tmp_path: Path,
) -> None:
    """Slack tells with a press in a view whose home workspace a person has, and not which it is."""
    async with SlackServer() as slack:
        slack.team(TEAM, "Garden", enterprise="E1")
        slack.team("T2", "Harbour", enterprise="E1")
        slack.person(TEAM, ALICE, "Alice", admin=True)
        slack.person("T2", ALICE)
        slack.channel(TEAM, GENERAL, "general", members=[ALICE])
        slack.channel("T2", "C2", "harbour", members=[ALICE])
        slack.install("E1")
        async with connected(tmp_path / "ellie.db", slack=slack, notebook=True) as stage:
            desk = Desk(stage)
            await desk.facts(2)
            harbour = Scope("slack", "T2", ALICE)
            for text in ("boat 1", "boat 2"):
                line = replace(stage.command(f"/remember {text}"), scope=harbour)
                await stage.stage.core.command(line)
            await slack.open_home(ALICE, team="T2")
            await desk.slack.heard()
            await stage.idle()
            assert "boat 2" in said_in(desk.home())
            assert "fact" not in said_in(desk.home())
            home = await desk.press_home("Forget", near="boat 2")
            assert "boat 2" not in said_in(home)
            await desk.press_home("Edit", near="boat 1")
            await desk.submit(text="boat one")
            assert "boat one" in said_in(desk.home())
            await desk.press_home("Settings …")
            await desk.submit(persona="A sailor")
            assert (await stage.stage.core.space_settings("slack", "T2")).persona == "A sailor"
            assert (await stage.stage.core.space_settings("slack", TEAM)).persona is None
            assert await desk.known() == ["fact 2", "fact 1"]


async def test_forms_work_in_both_ways_of_listening(garden: SlackStage) -> None:
    desk = Desk(garden)
    await desk.facts(1)
    await desk.open_home()
    await desk.press_home("Edit")
    assert "exactly that already" in (await desk.submit(text="fact 1")).errors["text"]
    await desk.submit(text="fact one")
    assert "now it says “fact one”" in said_in(desk.modal())
    assert "fact one" in said_in(desk.home())


# --- the Messages tab


@pytest.mark.rule("S14")
async def test_the_messages_tab_offers_ways_to_begin_in_no_thread(desk: Desk) -> None:
    await desk.slack.open_home(ALICE, "messages")
    await desk.slack.heard()
    await desk.stage.idle()
    (call,) = desk.slack.calls("assistant.threads.setSuggestedPrompts")
    assert call.error is None
    assert call.args["channel_id"] == desk.stage.dm
    assert "thread_ts" not in call.args
    assert 1 <= len(call.args["prompts"]) <= 4
    assert desk.slack.home(ALICE, TEAM) is None


@pytest.mark.rule("S13")
async def test_where_there_are_no_agents_there_are_no_prompts_and_no_trouble(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with connected(tmp_path / "ellie.db", paid=False, notebook=True) as stage:
        desk = Desk(stage)
        await desk.slack.open_home(ALICE, "messages")
        await desk.slack.heard()
        await desk.stage.idle()
        assert desk.slack.calls("assistant.threads.setSuggestedPrompts")[-1].error is not None
        assert [r for r in caplog.records if r.name.startswith("adapters")] == []
        assert "know nothing" in said_in(await desk.open_home())


async def test_to_who_opted_out_nothing_is_offered(desk: Desk) -> None:
    await desk.ask("privacy", "opt-out")
    await desk.slack.open_home(ALICE, "messages")
    await desk.slack.heard()
    await desk.stage.idle()
    assert desk.slack.calls("assistant.threads.setSuggestedPrompts") == []
    assert desk.slack.messages(GENERAL) == []
