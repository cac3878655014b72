"""How a reply is shown while it comes."""

from pathlib import Path

import pytest

from tests.adapters.slack.stage import ALICE, GENERAL, SlackStage, connected, is_finished, said
from tests.servers.openai_faults import Stall, Trickle

LONG = "\n\n".join(f"{n}. " + "A sentence about medlars and quinces. " * 12 for n in range(60))


def text_of(garden: SlackStage, channel: str, thread: str | None) -> str:
    return "\n".join(said(message) for message in garden.hers(channel, thread))


@pytest.mark.rule("S9")
async def test_in_a_thread_a_reply_grows_as_a_stream(socket_garden: SlackStage) -> None:
    garden = socket_garden
    garden.model.fail("chat", Stall(after=2))
    ts = await garden.slack.say(ALICE, GENERAL, garden.called("One two three four five six"))
    await garden.slack.until(lambda: garden.hers(GENERAL, ts))
    assert garden.hers(GENERAL, ts)[0].streaming
    garden.model.release.set()
    answer = await garden.reply(GENERAL, ts)
    assert "One two three four five six" in said(answer)
    [start] = garden.slack.calls("chat.startStream")
    assert (start.args["thread_ts"], start.args["recipient_user_id"]) == (ts, ALICE)
    assert start.args["recipient_team_id"] == "T1"
    assert garden.slack.calls("chat.postMessage") == []
    assert len(garden.slack.calls("chat.stopStream")) == 1


async def test_in_a_flat_dm_one_message_is_posted_and_changed(socket_garden: SlackStage) -> None:
    garden = socket_garden
    garden.model.fail("chat", Trickle(0.03))
    await garden.slack.say(ALICE, garden.dm, "One two three four five six seven eight nine")
    answer = await garden.reply(garden.dm)
    assert "seven eight nine" in said(answer)
    assert garden.slack.calls("chat.startStream") == []
    assert len(garden.slack.calls("chat.postMessage")) == 1
    assert len(garden.slack.calls("chat.update")) > 1


@pytest.mark.rule("S13")
async def test_without_agent_features_all_of_it_works_and_is_refused_once(
    tmp_path: Path,
) -> None:
    async with connected(tmp_path / "ellie.db", paid=False) as garden:
        first = await garden.ask(ALICE, GENERAL, "Hello there")
        second = await garden.ask(ALICE, GENERAL, "Hello again")
        assert ("Hello there" in first, "Hello again" in second) == (True, True)
        assert len(garden.slack.calls("chat.startStream")) == 1


@pytest.mark.rule("S9")
async def test_a_stream_that_slack_ends_at_minute_five_goes_on_and_nothing_is_lost_or_doubled(
    garden: SlackStage,
) -> None:
    garden.model.fail("chat", Stall(after=4))
    question = "one two three four five six seven eight nine ten"
    ts = await garden.slack.say(ALICE, GENERAL, garden.called(question))
    await garden.slack.until(lambda: garden.hers(GENERAL, ts))
    garden.slack.clock.advance(301)
    garden.model.release.set()
    await garden.reply(GENERAL, ts)
    [answer] = garden.hers(GENERAL, ts)
    assert said(answer).count("seven eight nine ten") == 1
    assert said(answer).startswith("You said: ")
    assert said(answer).count("You said: ") == 1


@pytest.mark.rule("S9")
@pytest.mark.parametrize("after_commit", [True, False])
@pytest.mark.parametrize("method", ["chat.startStream", "chat.appendStream", "chat.stopStream"])
async def test_a_stream_whose_answer_is_lost_says_everything_once(
    socket_garden: SlackStage, method: str, after_commit: bool
) -> None:
    garden = socket_garden
    garden.slack.fail(method, status=0, after_commit=after_commit)
    garden.model.fail("chat", Trickle(0.01))
    question = "one two three four five six seven eight nine ten"
    ts = await garden.slack.say(ALICE, GENERAL, garden.called(question))
    await garden.reply(GENERAL, ts)
    [answer] = garden.hers(GENERAL, ts)
    assert is_finished(answer)
    assert said(answer).count(question) == 1
    assert said(answer).count("You said") == 1


@pytest.mark.rule("S15")
@pytest.mark.parametrize("paid", [True, False])
async def test_a_long_answer_is_split_under_the_limits_and_nothing_is_lost(
    tmp_path: Path, paid: bool
) -> None:
    async with connected(tmp_path / "ellie.db", paid=paid) as garden:
        garden.model.on_chat = lambda body: LONG
        ts = await garden.slack.say(ALICE, GENERAL, garden.called("All of it, please"))
        await garden.slack.until(lambda: "59." in text_of(garden, GENERAL, ts))
        await garden.idle()
        hers = garden.hers(GENERAL, ts)
        assert len(hers) >= 3
        assert all(len(said(message)) <= 12_000 for message in hers)
        joined = "".join("".join(said(message).split()) for message in hers)
        assert "".join(LONG.split()) in joined
        assert all(message.text for message in hers) or paid


@pytest.mark.parametrize("paid", [True, False])
async def test_code_that_is_cut_is_closed_and_opened_again(tmp_path: Path, paid: bool) -> None:
    code = "```python\n" + "\n".join(f"print({n})  # medlar" for n in range(900)) + "\n```\nDone."
    async with connected(tmp_path / "ellie.db", paid=paid) as garden:
        garden.model.on_chat = lambda body: code
        ts = await garden.slack.say(ALICE, GENERAL, garden.called("Code, please"))
        await garden.slack.until(lambda: "Done." in text_of(garden, GENERAL, ts))
        await garden.idle()
        hers = [said(message) for message in garden.hers(GENERAL, ts)]
        assert len(hers) >= 2
        assert all(text.count("```") % 2 == 0 for text in hers)
        assert hers[1].startswith("```python\n")
        for n in range(900):
            assert sum(f"print({n}) " in text for text in hers) == 1


@pytest.mark.rule("S16")
@pytest.mark.parametrize("paid", [True, False])
async def test_what_the_model_says_calls_nobody_and_shows_no_previews(
    tmp_path: Path, paid: bool
) -> None:
    async with connected(tmp_path / "ellie.db", paid=paid) as garden:
        calls = "<!channel> <!here> <!everyone> <@U1> <!subteam^S1> a < b > c & d"
        garden.model.on_chat = lambda body: calls
        for where in (GENERAL, garden.dm):
            ts = await garden.slack.say(ALICE, where, garden.called("Call them all"))
            message = await garden.reply(where, ts if where == GENERAL else None)
            for call in ("<!channel", "<!here", "<!everyone", "<@", "<!subteam"):
                assert call not in said(message)
                assert call not in message.text
            assert "a < b > c & d" in said(message)
        for posted in garden.slack.calls("chat.postMessage"):
            assert str(posted.args["unfurl_links"]) in {"False", "0", "false"}
            assert str(posted.args["unfurl_media"]) in {"False", "0", "false"}


@pytest.mark.parametrize("split_at", range(1, 12))
async def test_a_call_that_comes_in_two_pieces_is_neutral_too(
    socket_garden: SlackStage, split_at: int
) -> None:
    garden = socket_garden
    garden.model.fail("chat", Trickle(0.03))
    call = "<!channel>x"
    garden.model.on_chat = lambda body: f"{call[:split_at]} {call[split_at:]}".replace("! ", "!")
    ts = await garden.slack.say(ALICE, GENERAL, garden.called("Call"))
    await garden.reply(GENERAL, ts)
    for made in [*garden.slack.calls("chat.startStream"), *garden.slack.calls("chat.appendStream")]:
        assert "<!" not in made.args["markdown_text"]
    assert "<!" not in text_of(garden, GENERAL, ts)
