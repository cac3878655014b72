"""Notes that a person makes on a message: their own, or somebody else's."""

from dataclasses import replace

import pytest

from adapters.console.render import render
from bot.errors import CommandError
from bot.receipts import Receipt
from bot.results import MemoryVersions, RecallResult, Remembered, SourceKind
from bot.types import Channel, IncomingMessage, Memory, Private, Scope, Space
from tests.core.stage import Stage, last_prompt, memories, memory, sent
from tests.servers.openai_server import OpenAIServer
from tests.store.world import bytes_on_disk

HALL, BOARD = "open:hall", "closed:board"


def written(stage: Stage, text: str = "The launch is in May", where: str = HALL,
            user: str = "bob", **more: str) -> IncomingMessage:  # fmt: skip
    """A message that somebody wrote there, to whomever."""
    return stage.message(text, user, where, **more)


async def noted(
    stage: Stage, message: IncomingMessage, line: str = "/remember", user: str = "alice"
) -> Memory:
    result = await stage.type(line, user, message.place, quoting=message)
    assert isinstance(result, Remembered)
    return result.memory


async def heard(stage: Stage, text: str, where: str = HALL) -> IncomingMessage:
    """A message of Bob's that Ellie heard and answered."""
    message = written(stage, text, where)
    turn = await stage.core.receive(message)
    assert turn is not None
    await stage.core.answered(turn)
    return message


async def test_another_persons_message_is_noted_as_theirs(
    stage: Stage, server: OpenAIServer
) -> None:
    kept = await noted(stage, written(stage, where=BOARD))
    assert (kept.text, kept.audience) == ("Bob said: The launch is in May", Channel("board"))
    assert kept.quoted
    await stage.say("When is the launch?", "alice", BOARD)
    assert "m1, 2026-03-02: Bob said: The launch is in May" in last_prompt(server)
    for user, where in (("alice", HALL), ("bob", "dm")):
        await stage.say("When is the launch?", user, where)
        assert "m1" not in last_prompt(server)


async def test_it_has_the_message_as_its_only_source(stage: Stage) -> None:
    message = await heard(stage, "The launch is in May")
    kept = await noted(stage, message)
    shown = await stage.type("/memories m1")
    assert isinstance(shown, MemoryVersions)
    assert [source.kind for source in shown.sources] == [SourceKind.QUOTED]
    assert "from what somebody else said on 2026-03-02" in render(shown)
    (own,) = await stage.store.messages(message.scope, Private(), kept.sources)
    assert own.text == "The launch is in May"
    assert await stage.store.messages(Scope("test", "home", "alice"), Private(), kept.sources) == []


async def test_a_message_that_was_not_said_to_ellie_is_found_by_its_author_alone(
    stage: Stage, server: OpenAIServer
) -> None:
    await noted(stage, written(stage))
    found = await stage.type("/recall launch", "bob")
    assert isinstance(found, RecallResult)
    assert [one.item.text for one in found.found] == ["The launch is in May"]
    assert await stage.kept("bob", HALL) == []
    server.on_extract = memories(memory("Bob launches in May"))
    assert await stage.core.settle() == (0, 0)
    assert await stage.texts("bob") == []
    await stage.say("When is the launch?", "carol", HALL)
    assert "May" not in last_prompt(server)


async def test_it_stands_beside_nothing_that_was_said_there(
    stage: Stage, server: OpenAIServer
) -> None:
    """A neighbour would lend its score to what others said at another time."""
    await stage.say("Mine is the blue one", "alice", HALL)
    await noted(stage, written(stage, "zebra zebra"), user="carol")
    await stage.type("/new", "alice", HALL)
    await stage.say("zebra?", "alice", HALL)
    assert "blue" not in last_prompt(server)


@pytest.mark.parametrize("to_ellie", [True, False])
async def test_its_authors_forgetting_reaches_the_note_and_the_replies_from_it(
    stage: Stage, server: OpenAIServer, to_ellie: bool
) -> None:
    server.on_chat = lambda body: "In May." if "May" in sent(body) else "I do not know."
    message = await heard(stage, "The launch is in May") if to_ellie else written(stage)
    await noted(stage, message)
    assert await stage.say("When is the launch?", "alice") == "In May."
    answer = render(await stage.type("/forget launch", "bob"))
    receipt = await stage.type(answer[answer.rindex("/forget") :], "bob")
    assert isinstance(receipt, Receipt)
    assert receipt.memories == (1,)  # Bob's own: nothing is told of Alice's note
    assert await stage.known() == []
    assert await stage.kept("alice") == [("When is the launch?", "")]
    with pytest.raises(CommandError, match="it was forgotten"):
        await noted(stage, message)
    assert b"launch is in" not in stage.store.path.read_bytes()


async def test_the_deletion_of_the_message_reaches_the_note(stage: Stage) -> None:
    message = written(stage)
    await noted(stage, message)
    await stage.core.deleted(message.conversation, [message.event_id])
    assert await stage.known() == []
    with pytest.raises(CommandError, match="it was forgotten"):
        await noted(stage, message)


async def test_its_authors_opt_out_reaches_the_note(stage: Stage) -> None:
    message = written(stage)
    await noted(stage, message)
    await stage.type("/privacy opt-out", "bob")
    assert await stage.known() == []
    with pytest.raises(CommandError, match="does not want to be remembered"):
        await noted(stage, message)


async def test_who_has_paused_is_not_quoted(stage: Stage) -> None:
    before = written(stage)
    await stage.type("/privacy pause", "bob")
    during = await heard(stage, "And it is secret")
    for message in (before, during):
        with pytest.raises(CommandError, match="does not want it to be kept"):
            await noted(stage, message)
    assert await stage.known() == []


@pytest.mark.parametrize("to_ellie", [True, False])
async def test_forgetting_the_note_leaves_its_author_what_they_said_to_ellie(
    stage: Stage, to_ellie: bool
) -> None:
    message = await heard(stage, "The launch is in May") if to_ellie else written(stage)
    await noted(stage, message)
    await stage.type("/forget m1")
    found = await stage.type("/recall launch", "bob")
    assert isinstance(found, RecallResult)
    assert [one.item.text for one in found.found] == ["The launch is in May"] * to_ellie


async def test_what_two_people_noted_stays_for_the_other(stage: Stage) -> None:
    message = written(stage)
    await noted(stage, message)
    await noted(stage, message, user="carol")
    await stage.type("/forget m1")
    assert (await stage.texts("alice"), await stage.texts("carol")) == (
        [], ["Bob said: The launch is in May"],
    )  # fmt: skip
    await stage.core.deleted(message.conversation, [message.event_id])
    assert await stage.texts("carol") == []


@pytest.mark.parametrize("to_ellie", [True, False])
async def test_ones_own_message_is_an_ordinary_memory(stage: Stage, to_ellie: bool) -> None:
    message = written(stage, "I like\n tea", BOARD, "alice")
    if to_ellie:
        await stage.core.receive(message)
    kept = await noted(stage, message)
    assert (kept.text, kept.audience, kept.quoted) == ("I like tea", Channel("board"), False)
    assert len(kept.sources) == 1
    assert (await noted(stage, message)).number == kept.number
    await stage.type("/memories promote m1")
    assert [m.audience for m in await stage.known()] == [Space()]


async def test_it_may_be_noted_for_oneself_alone(stage: Stage) -> None:
    assert (await noted(stage, written(stage), "/remember --private")).audience == Private()


async def test_a_channel_that_was_closed_when_ellie_heard_it_stays_closed(stage: Stage) -> None:
    message = await heard(stage, "The launch is in May", "closed:hall")
    opened = replace(message, audience=Space(), place=HALL)
    assert (await noted(stage, opened)).audience == Channel("hall")


async def test_a_note_on_anothers_message_is_neither_edited_nor_promoted(stage: Stage) -> None:
    await noted(stage, written(stage, where=BOARD))
    for line in ("edit m1 The launch is in June", "promote m1"):
        with pytest.raises(CommandError, match="m1 is what somebody else said"):
            await stage.type(f"/memories {line}")
    scope = Scope("test", "home", "alice")
    (kept,) = await stage.known()
    assert await stage.store.promote(scope, kept.number, stage.clock()) is None


async def test_no_model_learns_from_it(stage: Stage, server: OpenAIServer) -> None:
    """Else what Alice says would keep Bob's words when he takes them back."""
    await noted(stage, written(stage))
    await stage.say("So the launch is in May, says Bob", where=HALL)
    await stage.core.settle()
    prompt = sent(server.asked("extract")[-1].body)
    assert "Bob said" not in prompt[prompt.index("<known>") : prompt.index("</known>")]


async def test_secrets_are_taken_out_of_both(stage: Stage) -> None:
    message = written(stage, "My password is hunter2zz!")
    assert "hunter2" not in (await noted(stage, message)).text
    assert b"hunter2" not in bytes_on_disk(stage.store.path)


@pytest.mark.parametrize(
    ("line", "message", "says"),
    [
        ("/remember", {"space": "work"}, "only in the space where it was said"),
        ("/remember", {"where": "dm"}, "I do not keep that message"),
        ("/remember", {"text": " \n"}, "There is no text in that message"),
        ("/remember and more", {}, "A message is kept as it was said"),
        ("/remember --shared", {}, "A message is kept as it was said"),
    ],
)
async def test_what_cannot_be_noted_is_one_line(
    stage: Stage, line: str, message: dict[str, str], says: str
) -> None:
    with pytest.raises(CommandError, match=says):
        await stage.type(line, where=HALL, quoting=written(stage, **message))
    assert (await stage.known(), (await stage.store.health()).messages) == ([], 0)
