"""Who can read what is said, and what may be used where who reads."""

from contextlib import closing
from pathlib import Path

import pytest

from tests.adapters.slack.stage import ALICE, BOB, GENERAL, TEAM, SlackStage, connected, furnish
from tests.servers.openai_server import OpenAIServer
from tests.servers.slack import SlackServer

BEES = "I keep bees behind the shed"


async def written(garden: SlackStage, channel: str, user: str = ALICE) -> tuple[str, str]:
    """What is written down of who can read a message said there, and of what may be used."""
    im = channel.startswith("D")
    ts = await garden.slack.say(user, channel, "Hello" if im else garden.called("Hello"))
    await garden.settled()
    store = garden.stage.store
    with closing(store.driver.module.connect(store.path)) as file:
        audience, reach = file.execute(
            "SELECT message.audience, turn.reach FROM message "
            "JOIN turn ON turn.message_id = message.id WHERE event_id = ?",
            (ts,),
        ).fetchone()
    return str(audience), str(reach)


async def learnt(garden: SlackStage, channel: str, user: str = ALICE) -> None:
    """Let somebody say there that they keep bees, and Ellie learn it."""
    garden.model.on_extract = lambda body: {
        "memories": [{"text": "They keep bees behind the shed.", "sources": [1]}]
    }
    await garden.ask(user, channel, BEES)
    garden.model.on_extract = lambda body: {"memories": []}


async def recalled(garden: SlackStage, channel: str, user: str = ALICE) -> bool:
    """Whether a question there is answered with the bees in mind."""
    await garden.ask(user, channel, "Where do I keep my bees?")
    return "bees behind the shed" in garden.prompt()


@pytest.mark.rule("M1")
async def test_what_is_said_in_private_is_used_in_private_alone(socket_garden: SlackStage) -> None:
    garden = socket_garden
    assert await written(garden, garden.dm) == ("private", "all")
    await learnt(garden, garden.dm)
    assert not await recalled(garden, GENERAL)
    assert await recalled(garden, garden.dm)


@pytest.mark.rule("M2")
async def test_a_public_channel_is_the_spaces_and_a_closed_one_is_its_own(
    socket_garden: SlackStage,
) -> None:
    garden = socket_garden
    slack = garden.slack
    slack.channel(TEAM, "C2", "random", members=[ALICE])
    slack.channel(TEAM, "C3", "staff", private=True, members=[ALICE])
    slack.channel(TEAM, "G4", mpim=True, members=[ALICE, BOB])
    assert await written(garden, GENERAL) == ("space", "all")
    assert await written(garden, "C3") == ("channel:C3", "all")
    assert await written(garden, "G4") == ("channel:G4", "all")
    await learnt(garden, GENERAL)
    assert await recalled(garden, "C2")
    assert await recalled(garden, "C3")


@pytest.mark.rule("M2")
async def test_what_is_said_in_a_closed_channel_is_used_there_and_in_private(
    socket_garden: SlackStage,
) -> None:
    garden = socket_garden
    garden.slack.channel(TEAM, "C3", "staff", private=True, members=[ALICE])
    await learnt(garden, "C3")
    assert await recalled(garden, "C3")
    assert await recalled(garden, garden.dm)
    assert not await recalled(garden, GENERAL)


@pytest.mark.rule("M2")
async def test_before_guests_only_what_was_said_in_that_channel_is_used(
    socket_garden: SlackStage,
) -> None:
    garden = socket_garden
    slack = garden.slack
    slack.person(TEAM, "U8", "Gus", guest="multi")
    slack.channel(TEAM, "C5", "with-guests", members=[ALICE, "U8"])
    assert await written(garden, "C5") == ("space", "here")
    await learnt(garden, GENERAL)
    assert not await recalled(garden, "C5")
    await learnt(garden, "C5")
    assert await recalled(garden, "C5")


@pytest.mark.rule("M2")
async def test_a_guest_who_joins_later_counts_from_then_on(socket_garden: SlackStage) -> None:
    garden = socket_garden
    slack = garden.slack
    slack.person(TEAM, "U8", "Gus", guest="single")
    slack.channel(TEAM, "C2", "random", members=[ALICE])
    await learnt(garden, GENERAL)
    assert await recalled(garden, "C2")
    await slack.join("U8", "C2")
    await garden.settled()
    assert not await recalled(garden, "C2")


async def test_a_guest_alone_gets_nothing_that_was_shared_with_the_workspace(
    socket_garden: SlackStage,
) -> None:
    garden = socket_garden
    slack = garden.slack
    slack.person(TEAM, "U8", "Gus", guest="multi")
    line = "/remember --shared The bees stand behind the shed"
    await garden.stage.core.command(garden.command(line, manages=True))
    assert await recalled(garden, garden.dm) is False
    await garden.ask(ALICE, garden.dm, "Where do the bees stand?")
    assert "behind the shed" in garden.prompt()
    await garden.ask("U8", slack.dm(TEAM, "U8"), "Where do the bees stand?")
    assert "behind the shed" not in garden.prompt()
    assert await written(garden, slack.dm(TEAM, "U8"), "U8") == ("private", "own")


@pytest.mark.rule("S20")
async def test_where_outsiders_read_no_memory_is_used_and_members_are_learnt_from(
    garden: SlackStage,
) -> None:
    slack = garden.slack
    slack.team("T7", "Elsewhere")
    slack.person("T7", "U7", "Olga")
    slack.channel(TEAM, "C7", "with-elsewhere", members=[ALICE, "U7"], ext_shared=["T7"])
    assert await written(garden, "C7") == ("channel:C7", "nothing")
    await learnt(garden, GENERAL)
    assert not await recalled(garden, "C7")
    await learnt(garden, "C7")
    assert not await recalled(garden, "C7")
    assert await recalled(garden, garden.dm)


@pytest.mark.rule("S20")
async def test_an_outsider_is_answered_and_nothing_of_them_is_kept(
    garden: SlackStage,
) -> None:
    slack = garden.slack
    slack.team("T7", "Elsewhere")
    slack.person("T7", "U7", "Olga")
    slack.channel(TEAM, "C7", "with-elsewhere", members=[ALICE, "U7"], ext_shared=["T7"])
    await learnt(garden, "C7", "U7")
    assert garden.model.asked("extract") == []
    assert await garden.known("U7") == []
    assert "Hello" in await garden.ask("U7", "C7", "Hello")


@pytest.mark.rule("S19")
async def test_a_channel_that_an_organisation_shares_is_closed_and_shows_only_its_own(
    tmp_path: Path,
) -> None:
    async with SlackServer() as slack, OpenAIServer() as model:
        slack.team(TEAM, "Garden", enterprise="E1")
        slack.team("T2", "Orchard", enterprise="E1")
        slack.person(TEAM, ALICE, "Alice")
        slack.person("T2", "U6", "Ona")
        slack.channel(TEAM, GENERAL, "general", members=[ALICE])
        slack.channel(TEAM, "C6", "everywhere", members=[ALICE, "U6"], org_shared=True)
        slack.install(TEAM)
        async with connected(tmp_path / "ellie.db", slack=slack, model=model) as garden:
            assert await written(garden, "C6") == ("channel:C6", "here")
            await learnt(garden, GENERAL)
            assert not await recalled(garden, "C6")
            assert await written(garden, "C6", "U6") == ("channel:C6", "here")


@pytest.mark.parametrize("method", ["conversations.info", "conversations.members", "users.list"])
async def test_what_slack_does_not_tell_is_taken_for_the_narrower(
    tmp_path: Path, method: str
) -> None:
    async with SlackServer() as slack:
        furnish(slack)
        slack.person(TEAM, "U8", "Gus", guest="multi")
        slack.fail(method, times=None, error="internal_error")
        async with connected(tmp_path / "ellie.db", slack=slack) as garden:
            audience, reach = await written(garden, GENERAL)
            assert reach == "here"
            assert audience in {"space", "channel:C1"}
            assert (audience == "channel:C1") == (method == "conversations.info")
