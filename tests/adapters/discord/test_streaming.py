"""How a reply is shown while it comes: at once, at a pace, whole at the end, stoppable."""

from itertools import pairwise
from pathlib import Path

import pytest

from tests.adapters.discord.stage import DiscordStage, connected
from tests.servers.openai_faults import Stall, Trickle

LONG = "\n\n".join(
    [f"Paragraph {n}: " + "words and words " * 20 for n in range(20)]
    + ["```python\n" + "\n".join(f"print({n})  # a line of code" for n in range(90)) + "\n```"]
)


@pytest.mark.rule("D4")
async def test_a_long_answer_with_code_is_split_and_nothing_is_lost(garden: DiscordStage) -> None:
    garden.model.on_chat = lambda body: LONG
    await garden.discord.say(garden.alice, garden.general, garden.called("Tell me all"))
    await garden.settled()
    posts = garden.hers(garden.general)
    assert len(LONG) > 9000
    assert len(posts) > 4
    assert all(len(post.content) <= 2000 for post in posts)
    assert all(post.content.count("```") % 2 == 0 for post in posts)
    shown = "".join("".join(post.content for post in posts).split())
    for line in LONG.replace("```python", "").replace("```", "").splitlines():
        assert "".join(line.split()) in shown
    assert [post.reference is not None for post in posts] == [True] + [False] * (len(posts) - 1)
    assert not any(post.components for post in posts)


@pytest.mark.rule("D9")
async def test_edits_are_a_pace_apart_and_the_last_one_is_always_sent(tmp_path: Path) -> None:
    async with connected(tmp_path / "ellie.db", pace=0.2) as garden:
        garden.model.on_chat = lambda body: "word " * 300
        garden.model.fail("chat", Trickle(0.002))
        await garden.discord.say(garden.alice, garden.general, garden.called("Tell me"))
        await garden.settled()
        (post,) = garden.hers(garden.general)
        assert post.content.startswith(("word " * 300).strip())
        path = f"/channels/{garden.general.id}/messages/{post.id}"
        edits = [r.at for r in garden.discord.requests if r.method == "PATCH" and path in r.path]
        assert edits
        apart = [after - before for before, after in pairwise(edits)]
        assert all(seconds >= 0.19 for seconds in apart)


@pytest.mark.rule("D7")
async def test_nothing_that_the_model_writes_pings_anybody(garden: DiscordStage) -> None:
    bob = garden.join("Bob")
    role = garden.guild.add_role("Gardeners", mentionable=True)
    garden.model.on_chat = lambda body: f"@everyone @here <@{bob.id}> <@&{role.id}> come!"
    await garden.discord.say(garden.alice, garden.general, garden.called("Call them all"))
    await garden.settled()
    (post,) = garden.hers(garden.general)
    assert post.pings == [garden.alice.id]


@pytest.mark.rule("D8")
async def test_a_post_whose_answer_was_lost_is_not_posted_twice(garden: DiscordStage) -> None:
    garden.discord.fail(
        "POST", f"/channels/{garden.general.id}/messages", status=500, after_commit=True
    )
    await garden.ask(garden.alice, garden.general, "Hello")
    assert len(garden.hers(garden.general)) == 1


@pytest.mark.rule("D10")
async def test_a_rate_limit_is_waited_out_as_its_headers_say(garden: DiscordStage) -> None:
    path = f"/channels/{garden.general.id}/messages"
    garden.discord.fail("POST", path, status=429, retry_after=0.3)
    await garden.ask(garden.alice, garden.general, "Hello")
    posts = [r.at for r in garden.discord.requests if r.method == "POST" and r.path == path]
    assert posts[1] - posts[0] >= 0.3
    assert len(garden.hers(garden.general)) == 1


async def test_the_stop_button_stops_the_reply_for_whom_it_is_meant(garden: DiscordStage) -> None:
    bob = garden.join("Bob")
    garden.model.on_chat = lambda body: "Once upon a time there was"
    garden.model.fail("chat", Stall(4))
    await garden.discord.say(garden.alice, garden.general, garden.called("Tell me a story"))
    await garden.discord.until(lambda: bool(garden.hers(garden.general)))
    (post,) = garden.hers(garden.general)
    (button,) = post.buttons.values()
    foreign = await garden.discord.press(bob, post, button)
    await foreign.wait()
    assert foreign.ephemeral
    assert "Only whom I answer" in (foreign.original() or post).content
    pressed = await garden.discord.press(garden.alice, post, button)
    await pressed.wait()
    await garden.settled()
    (post,) = garden.hers(garden.general)
    assert post.content == "Once upon a time\n-# stopped"
    assert not post.components
    assert garden.model.gone.is_set()


async def test_deleting_the_question_stops_the_reply_and_takes_it_back(
    garden: DiscordStage,
) -> None:
    garden.model.fail("chat", Stall(2))
    said = await garden.discord.say(garden.alice, garden.general, garden.called("My secret"))
    await garden.discord.until(lambda: bool(garden.hers(garden.general)))
    await garden.discord.delete(said)
    await garden.discord.until(lambda: not garden.hers(garden.general))
    await garden.settled()
    assert garden.hers(garden.general) == []


async def test_a_reply_that_somebody_deletes_is_not_posted_again(garden: DiscordStage) -> None:
    garden.model.fail("chat", Stall(2))
    await garden.discord.say(garden.alice, garden.general, garden.called("Tell me a story"))
    await garden.discord.until(lambda: bool(garden.hers(garden.general)))
    await garden.discord.delete(garden.hers(garden.general)[0])
    garden.model.release.set()
    await garden.settled()
    assert garden.hers(garden.general) == []


@pytest.mark.rule("D10")
@pytest.mark.parametrize(("status", "code"), [(403, 50013), (403, 50001), (404, 10003)])
async def test_a_channel_that_refuses_is_left_alone_and_the_turn_is_over(
    garden: DiscordStage, status: int, code: int
) -> None:
    path = f"/channels/{garden.general.id}/messages"
    garden.discord.fail("POST", path, status=status, code=code)
    await garden.discord.say(garden.alice, garden.general, garden.called("Hello"))
    await garden.discord.until(lambda: any(r.path == path for r in garden.discord.requests))
    await garden.settled()
    await garden.discord.say(garden.alice, garden.general, garden.called("Hello?"))
    dm = garden.discord.dm(garden.alice)
    await garden.discord.say(garden.alice, dm, "What is the matter?")
    await garden.reply(dm)
    assert garden.hers(garden.general) == []
    assert len(garden.model.asked("chat")) == 2
    assert await garden.stage.core.unanswered("discord") == []


async def test_typing_is_shown_before_the_files_of_a_message_are_read(
    garden: DiscordStage,
) -> None:
    hold = garden.discord.hold("GET", "/cdn/")
    await garden.discord.say(
        garden.alice, garden.general, garden.called("Read this"),
        attachments=[("note.txt", "text/plain", b"Quinces.")],
    )  # fmt: skip
    typing = f"/channels/{garden.general.id}/typing"
    await garden.discord.until(lambda: garden.discord.asked("POST", typing))
    hold.release()
    await garden.reply(garden.general)
    assert len(garden.discord.asked("POST", typing)) == 1


async def test_typing_is_shown_before_the_first_word(garden: DiscordStage) -> None:
    await garden.ask(garden.alice, garden.general, "Hello")
    paths = [r.path for r in garden.discord.requests if r.method == "POST"]
    typing = paths.index(f"/channels/{garden.general.id}/typing")
    assert typing < paths.index(f"/channels/{garden.general.id}/messages")
