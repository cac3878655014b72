"""An answer reaches its person where Discord is in the way, and nobody else, and only once."""

import logging
from datetime import timedelta

import pytest

from adapters.discord.showing import TOO_LATE
from tests.adapters.discord.commands.commanding import Desk, answered, at_desk, attached
from tests.core.stage import Stage
from tests.servers.discord import Channel, DiscordServer, Interaction, Message, User

QUARTER = timedelta(minutes=15)


async def private(server: DiscordServer, user: User, count: int) -> list[Message]:
    """What Ellie wrote to somebody in private, once it is so many messages."""
    home = server.dm(user)
    await server.until(lambda: len(server.messages(home)) == count)
    return server.messages(home)


async def held_up(
    server: DiscordServer, user: User, channel: Channel, text: str = "tea"
) -> Interaction:
    """A /recall whose answer comes when its token is dead."""
    held = server.hold("PATCH", "/webhooks")
    asked = await server.command(user, channel, "recall", {"text": text})
    await server.until(lambda: held.held)
    server.clock.turn(QUARTER)
    held.release()
    return asked


@pytest.mark.rule("D2")
async def test_after_fifteen_minutes_the_answer_is_written_in_private(
    desk: Desk, server: DiscordServer, channel: Channel, alice: User
) -> None:
    await desk.remember(alice, channel, "I like tea")
    asked = await held_up(server, alice, channel)
    _, message = await private(server, alice, 2)
    assert "I like tea" in message.text
    assert message.nonce == f"{asked.id}-0"
    assert message.pings == []
    assert server.messages(channel) == []


@pytest.mark.rule("D2")
async def test_by_its_own_clock_too_an_interaction_is_not_answered_after_its_end(
    server: DiscordServer, stage: Stage, channel: Channel, alice: User
) -> None:
    server.clock.turn(-QUARTER)
    async with at_desk(server, stage):
        await server.command(alice, channel, "recall", {"text": "tea"})
        _, message = await private(server, alice, 2)
    assert "know nothing" in message.text
    assert not [r for r in server.requests if r.method == "PATCH"]


async def late(desk: Desk, user: User, channel: Channel, name: str, text: str = "") -> None:
    """Give a command whose answer finds its interaction gone."""
    desk.server.fail("PATCH", "/webhooks/*", status=404, code=10015)
    await desk.server.command(user, channel, name, {"text": text} if text else {})


@pytest.mark.rule("D2")
async def test_what_was_asked_in_a_server_has_no_button_in_private_where_an_id_is_another(
    desk: Desk, server: DiscordServer, channel: Channel, alice: User
) -> None:
    home = server.dm(alice)
    await desk.remember(alice, channel, "I like tea")
    await desk.remember(alice, home, "My other memory")
    await late(desk, alice, channel, "forget", "tea")
    head, preview = await private(server, alice, 2)
    assert "#general in Garden" in head.text
    assert "I like tea" in preview.text
    assert preview.components == []


@pytest.mark.rule("D2")
async def test_what_was_asked_in_private_keeps_its_buttons(
    desk: Desk, server: DiscordServer, alice: User
) -> None:
    home = server.dm(alice)
    await desk.remember(alice, home, *(f"fact {n}" for n in range(12)))
    await late(desk, alice, home, "memories")
    (page,) = await server.until(lambda: server.messages(home))
    assert list(page.buttons) == ["Older ▶"]
    await desk.press(alice, page, "Older ▶")
    assert "fact 1" in page.text


@pytest.mark.rule("D2")
async def test_who_takes_no_direct_messages_is_told_so_without_a_word_of_the_answer(
    desk: Desk,
    server: DiscordServer,
    channel: Channel,
    alice: User,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    await desk.remember(alice, channel, "I like tea")
    alice.accepts_dms = False
    await held_up(server, alice, channel)
    (message,) = await server.until(lambda: server.messages(channel))
    assert message.text == TOO_LATE
    assert message.pings == []
    assert server.messages(server.dm(alice)) == []
    assert "tea" not in caplog.text


async def test_where_nothing_can_be_written_one_line_in_the_log_is_all(
    desk: Desk,
    server: DiscordServer,
    channel: Channel,
    alice: User,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    alice.accepts_dms = False
    server.fail("POST", "/channels/*/messages", status=403, times=None, code=50013)
    await held_up(server, alice, channel, "my secret")
    await server.until(lambda: "could not be shown (Forbidden)" in caplog.text)
    assert server.messages(channel) == []
    assert "secret" not in caplog.text


@pytest.mark.rule("D1")
async def test_what_was_acknowledged_too_late_is_done_and_told_in_private(
    desk: Desk, server: DiscordServer, channel: Channel, alice: User
) -> None:
    held = server.hold("POST", "/interactions")
    await server.command(alice, channel, "remember", {"text": "I like tea"})
    await server.until(lambda: held.held)
    server.clock.turn(timedelta(seconds=4))
    held.release()
    _, message = await private(server, alice, 2)
    assert "m1" in message.text
    assert await desk.known(alice, channel) == ["I like tea"]


async def test_what_another_process_has_acknowledged_is_left_to_it(
    desk: Desk, server: DiscordServer, channel: Channel, alice: User
) -> None:
    server.fail("POST", "/interactions/*", status=400, code=40060)
    await server.command(alice, channel, "remember", {"text": "I like tea"})
    await server.until(lambda: [r for r in server.requests if r.path.endswith("/callback")])
    for _ in range(3):  # what would come of the other comes before the last of these
        assert "know nothing" in (await desk.ask(alice, channel, "recall")).text
    assert server.messages(server.dm(alice)) == []


async def test_an_answer_that_its_reader_has_closed_is_sent_nowhere_else(
    desk: Desk,
    server: DiscordServer,
    channel: Channel,
    alice: User,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """That is no trouble of anybody's, so the log says nothing either."""
    server.fail("PATCH", "/webhooks/*", status=404, code=10008)
    await server.command(alice, channel, "recall", {"text": "tea"})
    await server.until(lambda: [r for r in server.requests if r.method == "PATCH"])
    await desk.ask(alice, channel, "recall")
    assert server.messages(server.dm(alice)) == []
    assert [r for r in caplog.records if r.name.startswith("adapters")] == []


@pytest.mark.rule("D8")
async def test_a_follow_up_that_may_have_arrived_is_not_sent_again(
    desk: Desk, server: DiscordServer, channel: Channel, alice: User
) -> None:
    await desk.remember(alice, channel, *(f"number {n} " + "and so on " * 40 for n in range(10)))
    server.fail("POST", "/webhooks/*", status=500, after_commit=True)
    asked = await server.command(alice, channel, "recall", {})
    first = await asked.filled()
    await server.until(lambda: first.attachments)
    posted = [r for r in server.requests if r.method == "POST" and r.path.startswith("/webhooks")]
    assert len(posted) == 1
    assert len(asked.followups) == 1
    ((name, content),) = attached(server, first)
    assert name == "rest.md"
    whole = first.text + content.decode()
    assert all(f"number {n} " in whole for n in range(10))


async def test_more_than_anybody_reads_is_a_file(
    desk: Desk, server: DiscordServer, channel: Channel, alice: User
) -> None:
    await desk.remember(alice, channel, *(f"number {n} " + "and so on " * 150 for n in range(10)))
    asked = await server.command(alice, channel, "recall", {})
    first = await asked.filled()
    await server.until(lambda: first.attachments)
    assert len(asked.followups) == 5
    ((_, content),) = attached(server, first)
    whole = "".join(await answered(asked)) + content.decode()
    assert all(f"number {n} " in whole for n in range(10))
    assert len(whole) > 15_000


@pytest.mark.rule("D2")
async def test_what_is_left_when_the_token_dies_goes_on_in_private(
    desk: Desk, server: DiscordServer, channel: Channel, alice: User
) -> None:
    await desk.remember(alice, channel, *(f"number {n} " + "and so on " * 40 for n in range(10)))
    held = server.hold("POST", "/webhooks")
    asked = await server.command(alice, channel, "recall", {})
    await server.until(lambda: held.held)
    server.clock.turn(QUARTER)
    held.release()
    rest = "".join(message.text for message in await private(server, alice, 3))
    whole = (await asked.filled()).text + rest
    assert all(whole.count(f"number {n} ") == 1 for n in range(10))
