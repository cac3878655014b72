"""Commands under a slash: acknowledged first, answered to one person, whatever happens."""

import logging

import pytest

from bot.types import IncomingCommand
from tests.adapters.discord.commands.commanding import Desk, answered
from tests.core.stage import Stage
from tests.servers.discord import Channel, DiscordServer, Guild, Interaction, User
from tests.servers.discord.ground import Event, Json
from tests.servers.discord.interactions import Kind

ASKED = [
    ("remember", {"text": "I like tea"}),
    ("remember", {"text": "I like tea", "private": True}),
    ("remember", {}),
    ("recall", {"text": "tea"}),
    ("recall", {}),
    ("forget", {"text": "tea"}),
    ("forget", {"text": "m77"}),
    ("memories", {}),
    ("memories", {"text": "m77"}),
    ("privacy", {}),
    ("privacy", {"text": "export"}),
    ("privacy", {"text": "nonsense"}),
    ("why", {}),
    ("new", {}),
    ("ellie help", {}),
    ("ellie about", {}),
]


@pytest.mark.rule("D1")
async def test_a_command_is_acknowledged_before_the_core_is_asked(
    desk: Desk, server: DiscordServer, stage: Stage, channel: Channel, alice: User
) -> None:
    held = server.hold("POST", "/interactions")
    asked = await server.command(alice, channel, "remember", {"text": "I like tea"})
    await server.until(lambda: held.held)
    assert await desk.known(alice, channel) == []
    held.release()
    answer = await asked.filled()
    assert asked.type == 5
    assert "m1" in answer.text
    assert await desk.known(alice, channel) == ["I like tea"]


@pytest.mark.rule("D3")
@pytest.mark.rule("M5")
@pytest.mark.parametrize(("name", "options"), ASKED, ids=str)
async def test_an_answer_is_for_the_asker_alone(
    desk: Desk,
    server: DiscordServer,
    channel: Channel,
    alice: User,
    name: str,
    options: dict[str, object],
) -> None:
    asked = await server.command(alice, channel, name, options)
    answer = await asked.filled()
    assert asked.ephemeral
    assert answer.ephemeral
    assert answer.text
    assert server.messages(channel) == []


@pytest.mark.rule("D3")
@pytest.mark.parametrize("name", ["ellie help", "ellie about"])
async def test_help_is_for_all_if_that_is_asked_for(
    desk: Desk, server: DiscordServer, channel: Channel, alice: User, name: str
) -> None:
    asked = await server.command(alice, channel, name, {"public": True})
    await asked.filled()
    texts = await answered(asked)
    assert not asked.ephemeral
    assert [message.text for message in server.messages(channel)] == texts


async def test_what_is_typed_follows_the_grammar_of_the_console(
    desk: Desk, channel: Channel, alice: User
) -> None:
    assert "m1" in (await desk.ask(alice, channel, "remember", "I live in Oslo")).text
    assert "Oslo" in (await desk.ask(alice, channel, "recall", "Oslo")).text
    await desk.ask(alice, channel, "memories", "edit m1 I live in Bergen")
    assert await desk.known(alice, channel) == ["I live in Bergen"]
    assert "Bergen" in (await desk.ask(alice, channel, "memories", "m1")).text
    assert "m1" in (await desk.ask(alice, channel, "forget", "m1")).text
    assert await desk.known(alice, channel) == []


async def test_a_note_asked_for_in_private_stays_there_and_so_does_any_other(
    desk: Desk, server: DiscordServer, channel: Channel, alice: User
) -> None:
    """Nobody else can read a slash command, so nothing in it is for others."""
    await desk.ask(alice, channel, "remember", "I like tea", private=True)
    await desk.ask(alice, channel, "remember", "I like oats")
    page = (await desk.ask(alice, channel, "memories")).text
    assert page.count("only for you") == 2


async def test_what_cannot_be_understood_is_one_line(
    desk: Desk, channel: Channel, alice: User
) -> None:
    answer = await desk.ask(alice, channel, "privacy", "nonsense")
    assert answer.text.startswith("After /privacy comes nothing, pause")
    assert "\n" not in answer.text
    assert answer.buttons == {}


async def test_a_mistake_inside_is_one_honest_line_and_its_kind_in_the_log(
    desk: Desk,
    stage: Stage,
    channel: Channel,
    alice: User,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def break_down(incoming: IncomingCommand) -> None:
        raise RuntimeError(incoming.text)

    monkeypatch.setattr(stage.core, "command", break_down)
    caplog.set_level(logging.INFO)
    answer = await desk.ask(alice, channel, "recall", "the hidden garden")
    assert answer.text == "Something went wrong on my side. Please try again."
    assert "RuntimeError" in caplog.text
    assert "garden" not in caplog.text


@pytest.mark.rule("D4")
async def test_a_long_answer_comes_in_messages_that_fit_and_only_the_asker_sees_any(
    desk: Desk, server: DiscordServer, channel: Channel, alice: User
) -> None:
    for number in range(10):
        await desk.remember(alice, channel, f"number {number} " + "and so on " * 40)
    asked = await server.command(alice, channel, "recall", {})
    await server.until(lambda: len(asked.followups) == 2)
    texts = await answered(asked)
    assert all(len(text) <= 2000 for text in texts)
    assert all(f"number {number} " in "".join(texts) for number in range(10))
    assert all(message.ephemeral for message in asked.followups)
    assert server.messages(channel) == []


@pytest.mark.rule("D7")
async def test_nothing_that_is_kept_can_ping(
    desk: Desk, server: DiscordServer, guild: Guild, channel: Channel, alice: User, bob: User
) -> None:
    role = guild.add_role("gardeners", mentionable=True)
    text = f"@everyone @here <@{bob.id}> <@&{role.id}>"
    await desk.remember(alice, channel, text + " come here " * 250)
    await desk.remember(alice, channel, text)
    asked = await server.command(alice, channel, "recall", {})
    await server.until(lambda: asked.followups)
    shown = [await asked.filled(), *asked.followups]
    assert [message.pings for message in shown] == [[] for _ in shown]
    told = [r.json for r in server.requests if isinstance(r.json, dict) and "content" in r.json]
    assert told
    assert all(body["allowed_mentions"] == {"parse": []} for body in told)


@pytest.mark.rule("M3")
@pytest.mark.rule("M4")
async def test_a_person_in_another_server_and_another_person_find_nothing(
    desk: Desk, server: DiscordServer, channel: Channel, alice: User, bob: User
) -> None:
    await desk.remember(alice, channel, "I like tea")
    other = server.add_guild("Harbour", joined=False)
    elsewhere = other.add_channel("general")
    other.join(alice)
    await server.enter(other)
    await desk.sees(elsewhere)
    places = [(alice, elsewhere), (bob, channel), (alice, server.dm(alice))]
    for user, place in places:
        assert "know nothing" in (await desk.ask(user, place, "recall", "tea")).text
    assert "I like tea" in (await desk.ask(alice, channel, "recall", "tea")).text


async def test_nobody_shares_with_a_space_of_private_conversations(
    desk: Desk, server: DiscordServer, alice: User
) -> None:
    answer = await desk.ask(alice, server.dm(alice), "remember", "--shared I like tea")
    assert "only by those who manage" in answer.text


async def test_a_command_that_ellie_no_longer_has_is_answered_in_a_line(
    desk: Desk, server: DiscordServer, channel: Channel, alice: User
) -> None:
    known = next(c for c in server.commands() if c["name"] == "recall")
    old = known | {"id": "1", "name": "remind", "options": [known["options"][0]]}
    server.registered[None][1] = old
    answer = await desk.ask(alice, channel, "remind", "tea")
    assert answer.text == "Something went wrong on my side. Please try again."
    assert answer.ephemeral
    held = Interaction(server, Kind.AUTOCOMPLETE, alice, channel, _typing(old))
    server.interactions[held.id] = held
    held.owners = {"0": str(channel.guild_id)}
    server.emit(Event("INTERACTION_CREATE", held.json(), channel.guild_id))
    await desk.ask(alice, channel, "recall", "tea")
    assert server.messages(server.dm(alice)) == []


def _typing(command: Json) -> Json:
    option = {"name": "text", "type": 3, "value": "t", "focused": True}
    return {"id": command["id"], "name": command["name"], "type": 1, "options": [option]}
