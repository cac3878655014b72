"""`/forget last` and `/forget since|before|between DATE`: who is touched, and who is not."""

from datetime import timedelta

import pytest

from bot.errors import CommandError
from bot.receipts import PeriodPreview
from tests.core.forgotten import counts, left, period, receipt
from tests.core.stage import Stage, memories, memory
from tests.core.told import hear, lives_in
from tests.servers.openai_server import Body, OpenAIServer

# The clock begins on Monday, 2 March 2026, 09:00 UTC.


async def test_last_takes_the_last_exchange_here_and_nothing_else(
    stage: Stage, server: OpenAIServer
) -> None:
    server.on_chat = lambda body: "Fine."
    await stage.say("I like quinces")
    await stage.say("I like medlars", where="open:hall")
    await stage.say("I like sloes", "bob", "open:hall")
    await stage.say("I like rowans")
    await stage.type("/remember I like hips")
    done = await receipt(stage, "/forget last", where="open:hall")
    assert (done.messages, done.memories) == (3, ())  # hers, its reply, and Bob's that saw both
    assert await stage.kept("bob", "open:hall") == [("I like sloes", "")]
    assert await left(stage) == ["I like quinces", "I like rowans", "I like hips"]
    await receipt(stage, "/forget last")
    assert await left(stage) == ["I like quinces", "I like hips"]  # a note is no exchange


async def test_last_takes_what_was_learnt_from_that_exchange_alone(
    stage: Stage, server: OpenAIServer
) -> None:
    await hear(stage, server, "I live in Lyon", lives_in("Lyon"))
    await hear(stage, server, "I have a cat", memory("Alice has a cat"))
    done = await receipt(stage, "/forget last")
    assert (len(done.memories), done.messages) == (1, 2)
    assert await stage.texts() == ["Alice lives in Lyon"]


async def test_last_says_that_there_is_nothing(stage: Stage) -> None:
    await stage.type("/remember I like hips")
    await stage.say("I like quinces", "bob", "open:hall")
    for where in ("dm", "open:hall"):
        with pytest.raises(CommandError, match="nothing that you said here"):
            await stage.type("/forget last", where=where)
    assert await left(stage) == ["I like hips"]
    assert await left(stage, "bob") == ["I like quinces"]


async def told_for_days(stage: Stage) -> None:
    """One thing each day from Monday on, in turn in two places, the same by Bob and elsewhere."""
    for number, thing in enumerate(["quinces", "medlars", "sloes", "rowans"]):
        where = ("dm", "open:hall")[number % 2]
        await stage.say(f"I like {thing}", where=where)
        await stage.say(f"Bob likes {thing}", "bob", where)
        await stage.say(f"I like {thing} at work", where=where, space="work")
        stage.clock.turn(days=1)
    # now it is Friday


@pytest.mark.parametrize(
    ("line", "remain"),
    [
        ("since yesterday", ["quinces", "medlars", "sloes"]),
        ("since vorgestern", ["quinces", "medlars"]),
        ("since 2026-03-03", ["quinces"]),
        ("since 36 hours ago", ["quinces", "medlars", "sloes"]),
        ("since 48 hours ago", ["quinces", "medlars"]),
        ("since Tuesday 10:00", ["quinces", "medlars"]),
        ("since February", []),
        ("before March", ["quinces", "medlars", "sloes", "rowans"]),
        ("before Wednesday", ["sloes", "rowans"]),
        ("before Mittwoch", ["sloes", "rowans"]),
        ("before 2027", []),
        ("between Tuesday and Wednesday", ["quinces", "rowans"]),
        ("between 4. März and 3. März", ["quinces", "rowans"]),
        ("between 2026-03-03 and 2026-03-03", ["quinces", "sloes", "rowans"]),
        ("between 2025 and February", ["quinces", "medlars", "sloes", "rowans"]),
        ("between yesterday and tomorrow", ["quinces", "medlars", "sloes"]),
    ],
)
async def test_a_period_goes_in_every_conversation_of_the_space_and_of_nobody_else(
    quiet: Stage, line: str, remain: list[str]
) -> None:
    await told_for_days(quiet)
    shown = await period(quiet, f"/forget {line}")
    assert len(await left(quiet)) == 4  # a preview erases nothing
    assert shown.confirm == f"/forget {line} yes"
    done = await receipt(quiet, shown.confirm)
    assert counts(done) == counts(shown)
    assert await left(quiet) == [f"I like {thing}" for thing in remain]
    assert len(await left(quiet, "bob")) == 4
    assert len(await left(quiet, space="work")) == 4
    assert counts(await period(quiet, f"/forget {line}")) == (0, 0, 0)
    assert counts(await receipt(quiet, shown.confirm)) == (0, 0, 0)


async def test_notes_and_what_was_learnt_go_with_the_period_that_they_are_of(
    stage: Stage, server: OpenAIServer
) -> None:
    await hear(stage, server, "I live in Lyon", lives_in("Lyon"))
    await stage.type("/remember I am allergic to nuts")
    await hear(stage, server, "I have a cat", memory("Alice has a cat"))
    shown = await period(stage, "/forget since yesterday")
    assert {m.text for m in shown.losses.memories} == {
        "I am allergic to nuts", "Alice has a cat"
    }  # fmt: skip
    assert shown.losses.total == 2
    await receipt(stage, shown.confirm)
    assert await stage.texts() == ["Alice lives in Lyon"]


async def test_what_was_said_on_another_day_too_only_loses_a_source(
    stage: Stage, server: OpenAIServer
) -> None:
    await hear(stage, server, "I live in Lyon", lives_in("Lyon"))
    await hear(stage, server, "I do live in Lyon", lives_in("Lyon", duplicates=[1]))
    shown = await period(stage, "/forget since yesterday")
    assert (shown.losses.memories, shown.losses.messages) == ((), 2)
    assert (await receipt(stage, shown.confirm)).memories == ()
    (known,) = await stage.known()
    assert known.text == "Alice lives in Lyon"
    assert len(known.sources) == 1


async def test_what_outlived_its_messages_is_of_the_time_it_was_said(
    stage: Stage, server: OpenAIServer
) -> None:
    await hear(stage, server, "I live in Lyon", lives_in("Lyon"))
    await stage.store.expire(stage.clock(), timedelta(), None)
    assert counts(await period(stage, "/forget since today")) == (0, 0, 0)
    shown = await period(stage, "/forget since yesterday")
    assert counts(shown) == (1, 0, 0)
    await receipt(stage, shown.confirm)
    assert await stage.texts() == []


async def test_days_are_those_of_the_persons_time_zone(stage: Stage, server: OpenAIServer) -> None:
    tokyo = memory("Alice is in Tokyo", attribute="time zone", value="Asia/Tokyo")
    await hear(stage, server, "My time zone is Asia/Tokyo", tokyo)  # Monday, 18:00 in Tokyo
    stage.clock.turn(hours=5)
    await stage.say("I like quinces")  # Tuesday, 23:00
    stage.clock.turn(hours=2)
    await stage.say("I like medlars")  # Wednesday, 01:00
    shown = await period(stage, "/forget since today")
    assert str(shown.period.zone) == "Asia/Tokyo"
    assert (shown.period.start, shown.period.end) == (
        stage.clock.now.replace(hour=15, minute=0), None
    )  # fmt: skip
    await receipt(stage, shown.confirm)
    assert await left(stage) == ["My time zone is Asia/Tokyo", "I like quinces"]
    stage.clock.turn(days=1)
    await receipt(stage, "/forget before yesterday yes", "bob")  # of whom nothing is known
    assert len(await left(stage)) == 2


async def test_a_preview_shows_ten_memories_and_counts_all(quiet: Stage) -> None:
    for number in range(13):
        await quiet.type(f"/remember Tomcat did trick {number}")
    losses = (await period(quiet, "/forget since today")).losses
    assert (len(losses.memories), losses.total, losses.messages) == (10, 13, 13)
    assert losses.memories[0].text == "Tomcat did trick 12"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("since the trip", "which time “the trip” is. For example: /forget since 2026-03-01"),
        ("before 01/02/2026", "which time “01/02/2026” is. For example: /forget before"),
        ("between March and the flood", "“the flood” is. .* between 2026-03-01 and yesterday"),
        ("between 2026-03-01", "Between which days"),
        ("since tomorrow", "still to come"),
        ("between tomorrow and 2027", "still to come"),
    ],
)
async def test_what_is_no_time_or_lies_ahead_is_said_and_nothing_goes(
    quiet: Stage, line: str, says: str
) -> None:
    await quiet.say("I like quinces")
    for end in ("", " yes"):
        with pytest.raises(CommandError, match=says) as told:
            await quiet.type(f"/forget {line}{end}")
        assert "\n" not in str(told.value)
    assert await left(quiet) == ["I like quinces"]


async def test_a_confirmed_period_needs_no_preview(quiet: Stage) -> None:
    await quiet.say("I like quinces")
    assert not isinstance(await quiet.type("/forget since today YES"), PeriodPreview)
    assert await left(quiet) == []


async def test_a_reply_whose_prompt_held_it_goes_too(stage: Stage, server: OpenAIServer) -> None:
    def reply(body: Body) -> str:
        return "Quinces!" if "quinces" in str(body) else "Fine."

    server.on_chat = reply
    server.on_extract = memories()
    await stage.say("I like quinces")
    stage.clock.turn(days=1)
    await stage.say("What do I like?")
    shown = await period(stage, "/forget before today")
    assert counts(shown) == (0, 3, 0)
    await receipt(stage, shown.confirm)
    assert await stage.kept() == [("What do I like?", "")]
