"""An export holds nothing of what others said or shared, however it came to the person."""

from bot.types import Scope
from tests.core.stage import Stage, memories, sent
from tests.servers.openai_server import OpenAIServer

ALICE = Scope("test", "home", "alice")


async def test_a_note_on_anothers_message_and_what_was_shared_stay_here(
    stage: Stage, server: OpenAIServer
) -> None:
    """On another Ellie they could not be reached by who said them."""
    server.on_extract = memories()
    server.on_chat = lambda body: "It is in May, at the old gate." if "May" in sent(body) else "Ok."
    message = stage.message("The launch is in May", "bob", "open:hall")
    await stage.type("/remember", where="open:hall", quoting=message)
    await stage.type("/remember --shared We meet at the old gate", "mia", manages=True)
    await stage.type("/remember I keep bees")
    await stage.say("Do I keep bees?")
    await stage.say("When is the launch, and at which gate?")
    exported = await stage.store.portable(ALICE)
    assert exported is not None
    assert [memory.text for memory in exported.memories] == ["I keep bees"]
    replies = [one for one in exported.messages if one.reply_to is not None]
    assert [(one.text, one.held and one.held.others) for one in replies] == [
        ("Ok.", False),
        (None, True),
    ]
    assert "May" not in str(exported)
    assert "gate?" in str(exported)
    assert "the old gate" not in str(exported)


async def test_what_was_promoted_is_the_persons_own(stage: Stage) -> None:
    await stage.type("/remember I keep bees")
    await stage.type("/memories promote m1")
    exported = await stage.store.portable(ALICE)
    assert exported is not None
    (bees,) = exported.memories
    assert (str(bees.audience), [str(v.audience) for v in bees.versions]) == ("space", ["private"])
