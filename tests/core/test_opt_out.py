"""Who opted out is ignored, and nothing by or about them is kept."""

from pathlib import Path

import pytest

from bot.errors import CommandError
from bot.names import SOMEONE
from bot.receipts import OptedIn, OptedOut, PrivacyCard
from bot.results import Help
from bot.types import IncomingCommand, IncomingMessage, Scope, TurnId
from tests.conftest import TurnedClock
from tests.core.stage import Stage, memories, memory, opened, place, sent
from tests.servers.openai_calls import calling, note
from tests.servers.openai_server import OpenAIServer
from tests.store.world import bytes_on_disk


async def opt_out(stage: Stage, line: str = "/privacy opt-out", user: str = "alice") -> OptedOut:
    done = await stage.type(line, user)
    assert isinstance(done, OptedOut)
    return done


async def test_everything_of_theirs_is_erased_at_once_and_told(stage: Stage, file: Path) -> None:
    await stage.say("I grow quinces")
    await stage.type("/remember I grow medlars")
    done = await opt_out(stage)
    assert (len(done.erased.memories), done.everywhere, done.others) == (1, False, 0)
    assert done.erased.messages == 3  # said, answered, noted
    assert b"uinces" not in bytes_on_disk(file)
    assert b"medlars" not in bytes_on_disk(file)


async def test_ellie_ignores_them_and_writes_nothing(
    stage: Stage, server: OpenAIServer, file: Path
) -> None:
    await opt_out(stage)
    assert await stage.core.receive(stage.message("I grow quinces")) is None
    assert await stage.core.receive(stage.message("I grow quinces", where="open:hall")) is None
    assert (await stage.store.health()).scopes == 0
    assert b"uinces" not in bytes_on_disk(file)
    assert server.requests == []


@pytest.mark.parametrize(
    "line",
    ["/remember I grow quinces", "/recall", "/memories", "/forget x", "/privacy pause", "/new"],
)
async def test_their_other_commands_are_refused(stage: Stage, line: str) -> None:
    await opt_out(stage)
    with pytest.raises(CommandError, match=r"^You opted out: .* /privacy opt-in ends that\.$"):
        await stage.type(line)
    assert (await stage.store.health()).scopes == 0


async def test_privacy_and_help_still_answer_them(stage: Stage) -> None:
    await opt_out(stage)
    card = await stage.type("/privacy")
    assert isinstance(card, PrivacyCard)
    assert card.spaces[0].opted_out
    assert card.spaces[0].kept.messages == 0
    assert isinstance(await stage.type("/help"), Help)


@pytest.mark.parametrize(
    "text", ["Alice grows quinces", "alice grows quinces", "<@alice> grows quinces", "@ALICE: eh"]
)
async def test_others_messages_carry_a_mark_in_place_of_their_name(
    stage: Stage, server: OpenAIServer, text: str
) -> None:
    await opt_out(stage)
    await stage.say(text, "bob")
    ((said, _),) = await stage.kept("bob")
    assert SOMEONE in said
    assert "alice" not in (said + sent(server.asked("chat")[-1].body)).casefold()


async def test_their_own_name_that_ellie_learnt_is_hidden_too(
    stage: Stage, server: OpenAIServer
) -> None:
    server.on_extract = memories(memory("Alice is called Lys", attribute="name", value="Lys"))
    await stage.say("Call me Lys")
    await stage.core.settle()
    await opt_out(stage)
    await stage.say("Lys grows quinces", "bob")
    assert (await stage.kept("bob"))[0][0] == f"{SOMEONE} grows quinces"


async def test_a_note_or_an_edit_that_names_them_is_refused(stage: Stage, file: Path) -> None:
    await stage.type("/remember Quinces are good", "bob")
    await opt_out(stage)
    for line in ("/remember Alice grows medlars", "/memories edit m1 Alice grows medlars"):
        with pytest.raises(CommandError, match="does not want to be remembered"):
            await stage.type(line, "bob")
    assert await stage.texts("bob") == ["Quinces are good"]
    assert b"medlars" not in bytes_on_disk(file)


@pytest.mark.rule("M9")
async def test_a_command_about_what_they_said_is_refused(stage: Stage) -> None:
    await opt_out(stage)
    conversation, audience = place("open:hall", "bob")
    theirs = stage.message("I grow quinces", where="open:hall")
    with pytest.raises(CommandError, match="Who said that does not want to be remembered"):
        await stage.core.command(
            IncomingCommand(
                Scope("test", "home", "bob"), conversation, audience, "Bob", "/remember",
                stage.clock(), "open:hall", quoting=theirs,
            )
        )  # fmt: skip


async def test_no_memory_carries_the_mark(
    file: Path, clock: TurnedClock, server: OpenAIServer
) -> None:
    server.on_extract = memories(
        memory(f"{SOMEONE} grows quinces"),
        memory("A friend of Bob grows them", entity=SOMEONE, attribute="grows", value="quinces"),
        memory("Bob likes medlars"),
    )
    async with opened(file, clock, server, ellie_model_tools=True) as stage:
        await opt_out(stage)
        server.on_chat = lambda body: (
            "Well."
            if body["messages"][-1]["role"] == "tool"
            else calling(note(f"{SOMEONE} grows quinces"))
        )
        await stage.say("Alice grows quinces. I like medlars. A friend grows quinces.", "bob")
        await stage.core.settle()
        assert await stage.texts("bob") == ["Bob likes medlars"]


async def test_what_others_said_of_them_before_goes_with_what_was_made_of_it(
    file: Path, clock: TurnedClock, server: OpenAIServer
) -> None:
    server.on_chat = lambda body: "Well."
    server.on_summary = lambda body: "Alice grows marmalade."
    async with opened(file, clock, server, ellie_context_budget_tokens=600) as stage:
        await stage.type("/remember Alice grows medlars", "bob")
        await stage.type("/remember I grow sloes", "bob")
        await stage.say("What of the medlars?", "bob")
        await stage.say("Alice came with quinces", "bob", "open:hall")
        await stage.say("What did she bring?", "carol", "open:hall")
        for number in range(8):
            await stage.say(f"Number {number} " + "is good " * 20, "carol", "open:hall")
        await stage.core.settle()
        assert b"marmalade" in bytes_on_disk(file)
        await stage.say("What of Alice?", "bob", space="work")
        server.on_summary = lambda body: "They count."  # what is left is folded anew
        done = await opt_out(stage)
        assert done.others > 0
        for word in (b"medlars?", b"quinces", b"marmalade"):
            assert (word in bytes_on_disk(file)) == (word == b"medlars?")
        assert await stage.texts("bob") == ["I grow sloes"]
        asked = await stage.kept("carol", "open:hall")
        assert asked[0] == ("What did she bring?", "")  # its prompt held the quinces
        assert b"What of Alice?" in bytes_on_disk(file)  # another space


async def test_a_summary_that_names_them_goes_when_the_messages_are_gone_already(
    file: Path, clock: TurnedClock, server: OpenAIServer
) -> None:
    server.on_summary = lambda body: "Alice grows marmalade."
    async with opened(file, clock, server, ellie_context_budget_tokens=600) as stage:
        server.on_chat = lambda body: "Well."
        for number in range(8):
            await stage.say(f"Number {number} " + "is good " * 20, "carol")
        await stage.core.settle()
        clock.turn(days=91)
        await stage.core.settle()
        await stage.say("More", "carol")
        assert b"marmalade" in bytes_on_disk(file)
        server.on_summary = lambda body: "They count."
        await opt_out(stage)
        assert b"marmalade" not in bytes_on_disk(file)
        assert [said for said, _ in await stage.kept("carol")] == ["More"]


async def test_no_name_stands_in_the_file_only_hashes(stage: Stage, file: Path) -> None:
    await stage.say("I grow quinces")
    await opt_out(stage)
    await stage.say("Alice grows medlars", "bob")
    assert b"lice" not in bytes_on_disk(file)


async def test_it_survives_forget_everything_of_the_space_and_a_restart(
    file: Path, clock: TurnedClock, server: OpenAIServer
) -> None:
    async with opened(file, clock, server) as stage:
        await opt_out(stage)
        await stage.store.erase_people([Scope("test", "home", "alice")])
        await stage.store.erase_space("test", "home")
    async with opened(file, clock, server) as stage:
        assert await stage.core.receive(stage.message("Hello")) is None
        await stage.say("Alice grows quinces", "bob")
        assert (await stage.kept("bob"))[0][0] == f"{SOMEONE} grows quinces"


async def test_opt_in_ends_it_and_nothing_comes_back(stage: Stage) -> None:
    await stage.type("/remember I grow quinces")
    await opt_out(stage)
    assert await stage.type("/privacy opt-in") == OptedIn(everywhere=False)
    assert await stage.texts() == []
    assert await stage.say("Hello Alice") != ""
    assert (await stage.kept())[0][0] == "Hello Alice"
    with pytest.raises(CommandError, match="You have not opted out"):
        await stage.type("/privacy opt-in")


async def test_opting_out_again_finishes_one_that_was_cut_off(stage: Stage, file: Path) -> None:
    await stage.say("Alice grows quinces", "bob")
    scope = Scope("test", "home", "alice")
    await stage.store.opt_out([scope], "Alice", stage.clock(), everywhere=False)
    assert b"uinces" in bytes_on_disk(file)
    assert (await opt_out(stage)).others == 2  # the message and its reply
    assert b"uinces" not in bytes_on_disk(file)


async def test_a_turn_that_was_running_leaves_nothing_of_them(
    stage: Stage, server: OpenAIServer, file: Path
) -> None:
    turn = await stage.start("I grow quinces")
    await stage.screen.begun.wait()
    await opt_out(stage)
    await stage.core.answered(turn)
    await stage.core.settle()
    assert (await stage.store.health()).scopes == 0
    assert b"uinces" not in bytes_on_disk(file)


async def test_one_that_a_crash_cut_off_is_finished_at_start(
    file: Path, clock: TurnedClock, server: OpenAIServer
) -> None:
    async with opened(file, clock, server) as stage:
        await stage.say("Alice grows quinces", "bob")
        await stage.say("I grow medlars")
        scope = Scope("test", "home", "alice")
        await stage.store.opt_out([scope], "Alice", clock(), everywhere=False)
    async with opened(file, clock, server) as stage:
        await stage.consolidation.step()
        for word in (b"uinces", b"medlars", b"lice"):
            assert word not in bytes_on_disk(file)
        assert await stage.store.unfinished_opt_outs() == []


async def test_it_is_of_one_space(stage: Stage) -> None:
    await opt_out(stage)
    await stage.say("Alice speaks", space="work")
    await stage.say("Alice grows quinces", "bob", space="work")
    assert not await stage.store.opted_out(Scope("test", "work", "alice"))
    conversation, audience = place("dm", "bob", "work")
    history = await stage.store.history(
        conversation, audience, Scope("test", "work", "bob"), TurnId(2**40), None
    )  # fmt: skip
    assert history[0][1].said.text == "Alice grows quinces"


async def test_everywhere_is_every_space_and_those_to_come(stage: Stage, file: Path) -> None:
    await stage.say("I grow quinces", space="work")
    await stage.say("Alice grows medlars", "bob", space="work")
    done = await opt_out(stage, "/privacy opt-out everywhere")
    assert done.everywhere
    for word in (b"quinces", b"medlars"):
        assert word not in bytes_on_disk(file)
    for space in ("home", "work", "new"):
        assert await stage.core.receive(stage.message("Hello", space=space)) is None
        conversation, audience = place("open:hall", "bob", space)
        said = IncomingMessage(
            Scope("test", space, "bob"), conversation, audience, space, "Bob", "Alice came",
            stage.clock(), "hall",
        )  # fmt: skip
        assert (await stage.core.receive(said)) is not None
        ((_, heard),) = await stage.store.history(
            conversation, audience, said.scope, TurnId(2**40), None
        )
        assert heard.said.text == f"{SOMEONE} came"
    with pytest.raises(CommandError, match="opt-in everywhere"):
        await stage.type("/privacy opt-in", space="work")
    assert await stage.type("/privacy opt-in everywhere") == OptedIn(everywhere=True)
    assert await stage.core.receive(stage.message("Hello", space="work")) is not None


@pytest.mark.parametrize("line", ["/privacy opt-out everywhere", "/privacy everywhere"])
async def test_everywhere_is_for_a_private_place_only(stage: Stage, line: str) -> None:
    await stage.type("/remember I grow quinces")
    with pytest.raises(CommandError, match="private conversation"):
        await stage.type(line, where="open:hall")
    assert await stage.texts() == ["I grow quinces"]


async def test_a_reply_that_was_being_made_is_not_kept(
    stage: Stage, server: OpenAIServer, file: Path
) -> None:
    await stage.say("Alice grows quinces", "bob", "open:hall")
    turn = await stage.start("And what does she grow?", "bob", "open:hall")
    await stage.screen.begun.wait()
    await opt_out(stage)
    await stage.core.answered(turn)
    assert b"uinces" not in bytes_on_disk(file)
