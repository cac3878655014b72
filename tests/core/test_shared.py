"""What was shared with a space: recalled for everybody in it, and nobody's own."""

import pytest

from adapters.console.render import render
from bot.errors import CommandError
from bot.receipts import Receipt
from bot.results import Edited, MemoryPage, MemoryVersions, RecallResult, Remembered, Why
from bot.types import Memory, Scope, Space
from tests.core.stage import Stage, last_prompt, memories, sent
from tests.core.stage import memory as written
from tests.servers.openai_server import OpenAIServer


async def share(stage: Stage, text: str, user: str = "mia", where: str = "dm") -> Memory:
    result = await stage.type(f"/remember --shared {text}", user, where, manages=True)
    assert isinstance(result, Remembered)
    return result.memory


async def shared(stage: Stage, user: str = "alice", space: str = "home") -> list[str]:
    page = await stage.type("/memories shared", user, space=space)
    assert isinstance(page, MemoryPage)
    assert page.shared
    return [f"s{-memory.number} {memory.text}" for memory in page.memories]


async def test_it_is_recalled_for_everybody_in_its_space_and_nowhere_else(
    stage: Stage, server: OpenAIServer
) -> None:
    await share(stage, "The gate code is quince")
    for user in ("mia", "alice"):
        for where in ("dm", "closed:board", "open:hall"):
            await stage.say("What is the gate code?", user, where)
            assert "- s1, 2026-03-02, shared with everybody here: The gate code is quince" in (
                last_prompt(server)
            )
    await stage.say("What is the gate code?", "alice", space="work")
    assert "quince" not in last_prompt(server)


async def test_only_who_manages_the_space_shares_edits_and_forgets(stage: Stage) -> None:
    await share(stage, "The gate code is quince")
    for line in ("/remember --shared tea", "/memories edit s1 tea", "/forget s1", "/forget m1 s1"):
        with pytest.raises(CommandError, match="only by those who manage the space"):
            await stage.type(line, "alice")
    assert await shared(stage) == ["s1 The gate code is quince"]


async def test_its_answers_show_it_as_s1_without_who_shared_it_and_where(
    stage: Stage, server: OpenAIServer
) -> None:
    await share(stage, "The gate code is quince", where="closed:board")
    await stage.say("gate code?", "alice", "open:hall")
    for line in ("/why", "/recall gate", "/memories shared", "/memories s1"):
        answer = render(await stage.type(line, "alice", "open:hall"))
        assert "s1  The gate code is quince  (2026-03-02, shared with everybody here)" in answer
        assert "board" not in answer
        assert "Mia" not in answer
    one = await stage.type("/memories s1", "mia")
    assert isinstance(one, MemoryVersions)
    assert (one.sources, one.versions, one.memory.sources) == ((), (), ())


async def test_it_is_among_nobodys_memories(stage: Stage) -> None:
    await share(stage, "My name is Zephyrine")
    scopes = [Scope("test", "home", user) for user in ("mia", "alice")]
    await stage.say("hello", "alice")
    for scope in scopes:
        assert await stage.known(scope.user) == []
        assert (await stage.store.held([scope])).memories == 0
        assert (await stage.store.counts(scope)).memories == 0
        assert await stage.store.profile(scope, Space(), ["name"]) == []
        assert await stage.store.about(scope, Space(), "Zephyrine", 9) is None
    exported = await stage.store.portable(scopes[1])
    assert "Zephyrine" not in str(exported)


async def test_it_is_the_same_once_it_was_shared(stage: Stage) -> None:
    await share(stage, "The gate code is quince")
    again = await stage.type("/remember --shared the gate code is QUINCE", "max", manages=True)
    assert isinstance(again, Remembered)
    assert again.known
    assert again.memory.number == -1
    own = await stage.type("/remember The gate code is quince", "alice")
    assert isinstance(own, Remembered)
    assert (own.known, own.memory.number) == (False, 1)


async def test_no_model_consolidates_it_or_is_shown_it_as_known(
    stage: Stage, server: OpenAIServer
) -> None:
    await share(stage, "The gate code is quince")
    server.on_extract = memories(written("Alice says the gate code is quince", attribute="code",
                                         value="quince", single_value=True))  # fmt: skip
    assert await stage.core.settle() == (0, 0)
    await stage.say("The gate code is quince", "alice", "open:hall")
    await stage.core.settle()
    prompt = sent(server.asked("extract")[-1].body)
    assert "quince" not in prompt[prompt.index("<known>") : prompt.index("</known>")]
    assert (await stage.texts("alice"), await shared(stage)) == (
        ["Alice says the gate code is quince"],
        ["s1 The gate code is quince"],
    )


async def test_secrets_are_taken_out_of_it(stage: Stage) -> None:
    kept = await share(stage, "The key is sk-abcdefghijklmnopqrstuvwxyz123456")
    assert "sk-" not in kept.text
    assert "redacted" in kept.text


async def test_forgetting_it_erases_every_reply_whose_prompt_held_it(
    stage: Stage, server: OpenAIServer
) -> None:
    await share(stage, "The gate code is quince")
    server.on_chat = lambda body: "It is quince."
    for user, where in (("alice", "dm"), ("bob", "open:hall")):
        await stage.say("What is the gate code?", user, where)
        assert await stage.kept(user, where) == [("What is the gate code?", "It is quince.")]
    why = await stage.type("/why", "bob", "open:hall")
    assert isinstance(why, Why)
    assert [(m.number, m.text) for m in why.memories] == [(-1, "The gate code is quince")]
    receipt = await stage.type("/forget s1", "max", manages=True)
    assert isinstance(receipt, Receipt)
    assert (receipt.memories, receipt.messages) == ((-1,), 3)  # two replies, and Mia's note
    for user, where in (("alice", "dm"), ("bob", "open:hall")):
        assert await stage.kept(user, where) == [("What is the gate code?", "")]
    assert await shared(stage) == []
    assert b"quince" not in stage.store.path.read_bytes()


async def test_its_author_takes_it_along_by_forgetting_everything(stage: Stage) -> None:
    await share(stage, "The gate code is quince")
    await share(stage, "Lunch is at noon", "max")
    await stage.type("/forget everything yes", "mia")
    assert await shared(stage) == ["s2 Lunch is at noon"]


async def test_what_it_said_before_an_edit_is_shown_to_nobody(
    stage: Stage, server: OpenAIServer
) -> None:
    await share(stage, "The gate code is quince")
    result = await stage.type("/memories edit s1 The gate code is medlar", "max", manages=True)
    assert isinstance(result, Edited)
    assert (result.memory.audience, result.before) == (Space(), "The gate code is quince")
    await stage.core.settle()
    assert "quince" not in render(await stage.type("/memories s1", "alice"))
    await stage.say("What is the gate code?", "alice")
    assert "The gate code is medlar" in last_prompt(server)
    assert "quince" not in last_prompt(server)
    await stage.type("/forget s1", "max", manages=True)
    held = stage.store.path.read_bytes()
    assert b"quince" not in held
    assert b"medlar" not in held


async def test_a_query_that_matches_it_offers_only_what_is_ones_own(stage: Stage) -> None:
    await share(stage, "The gate code is quince")
    await stage.type("/remember I forget the gate code", "alice")
    answer = render(await stage.type("/forget gate code", "alice"))
    assert "I forget the gate code" in answer
    assert "s1" not in answer


@pytest.mark.parametrize(
    "line", ["/memories s9", "/forget s9", "/memories edit s9 tea", "/memories promote s9"]
)
async def test_an_unknown_id_is_one_line(stage: Stage, line: str) -> None:
    await stage.type("/remember tea", "alice")
    with pytest.raises(CommandError, match="Nothing is shared here as s9"):
        await stage.type(line, "alice", manages=True)


async def test_the_notebook_does_not_say_that_the_person_told_it(quiet: Stage) -> None:
    await share(quiet, "The gate code is quince")
    answer = await quiet.say("What is the gate code?", "alice")
    assert answer.startswith('Shared here on 2026-03-02: "The gate code is quince"')


async def test_recall_finds_it_by_its_words(stage: Stage) -> None:
    await share(stage, "The gate code is quince")
    found = await stage.type("/recall quince", "alice")
    assert isinstance(found, RecallResult)
    assert [one.item.text for one in found.found] == ["The gate code is quince"]
