"""What who manages a space sets: who Ellie is there, with which model, for how much."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.config import DEFAULT_PERSONA
from bot.errors import CommandError
from bot.ports import ERASED
from bot.space_settings import SpaceSettings
from bot.types import Conversation, Scope
from tests.conftest import TurnedClock
from tests.core.poster import posting
from tests.core.stage import Stage, opened, place
from tests.servers.openai_faults import Stall, model_not_found
from tests.servers.openai_server import OpenAIServer

HALL = "open:hall"


async def change(stage: Stage, *, manages: bool = True, **settings: object) -> None:
    before = await stage.core.space_settings("test", "home")
    typed = stage.typed("/ellie-admin", where=HALL, manages=manages)
    changed = replace(before, **settings)  # type: ignore[arg-type]  # passed on
    await stage.core.change_space(typed, changed)


def system(server: OpenAIServer) -> str:
    return str(server.asked("chat")[-1].body["messages"][0]["content"])


def test_who_is_answered_where() -> None:
    def admits(channel: str, *roles: str, **settings: frozenset[str]) -> bool:
        return replace(SpaceSettings(), **settings).admits(channel, roles)  # type: ignore[arg-type]  # sets

    hall, mods = frozenset({"hall"}), frozenset({"mods"})
    assert admits("hall")
    assert admits("hall", allowed_channels=hall)
    assert not admits("den", allowed_channels=hall)
    assert not admits("hall", allowed_channels=hall, blocked_channels=hall)
    assert admits("hall", "mods", "all", allowed_roles=mods)
    assert not admits("hall", "all", allowed_roles=mods)
    assert not admits("hall", "mods", allowed_roles=mods, blocked_roles=mods)
    assert not admits("hall", "mods", blocked_roles=mods)
    assert not admits("den", "mods", allowed_channels=hall, allowed_roles=mods)


def test_the_channel_of_a_thread_is_where_it_hangs() -> None:
    assert Conversation("test", "home", "C/T").channel == "C"
    assert Conversation("test", "home", "C").channel == "C"


async def test_ellie_is_who_the_space_and_the_channel_say(
    stage: Stage, server: OpenAIServer
) -> None:
    await stage.say("hello", where=HALL)
    assert DEFAULT_PERSONA in system(server)
    await change(stage, persona="You are Quince.", personas={"attic": "You are a parrot."})
    await stage.say("hello", where=HALL)
    assert "You are Quince." in system(server)
    assert DEFAULT_PERSONA not in system(server)
    for where in ("open:attic", "open:attic/thread"):
        await stage.say("hello", where=where)
        assert "You are a parrot." in system(server)
    await stage.say("hello", where=HALL, space="work")
    assert DEFAULT_PERSONA in system(server)


async def test_the_model_that_a_space_chose_answers_as_long_as_it_is_allowed(
    file: Path, clock: TurnedClock, server: OpenAIServer
) -> None:
    async with opened(file, clock, server, ellie_allowed_models="small, large") as stage:
        for wrong in ("huge", ""):
            with pytest.raises(CommandError, match="choose from are small, large"):
                await change(stage, model=wrong)
        await change(stage, model="large")
        await stage.say("hello", where=HALL)
        assert server.asked("chat")[-1].body["model"] == "large"
        await stage.say("hello", where=HALL, space="work")
        assert server.asked("chat")[-1].body["model"] == "talker"
        server.fail("chat", model_not_found())
        assert "ELLIE_ALLOWED_MODELS" in await stage.say("hello", where=HALL)
    async with opened(file, clock, server, ellie_allowed_models="small") as stage:
        await stage.say("hello", where=HALL)
        assert server.asked("chat")[-1].body["model"] == "talker"
        await change(stage, persona="You are Quince.")  # what is as it was is not looked at


async def test_where_no_model_is_named_there_is_no_choice(stage: Stage) -> None:
    with pytest.raises(CommandError, match="no choice of models"):
        await change(stage, model="large")


async def test_only_who_manages_a_space_changes_or_purges_it(stage: Stage) -> None:
    with pytest.raises(CommandError, match="who manages the space"):
        await change(stage, manages=False, persona="You are Quince.")
    with pytest.raises(CommandError, match="who manages the space"):
        await stage.core.purge(stage.typed("/ellie-admin purge", where=HALL))
    assert await stage.core.space_settings("test", "home") == SpaceSettings()
    assert await stage.store.acts(None) == []


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"persona": "x" * 4001}, "at most 4000 characters"),
        ({"personas": {"hall": "x" * 4001}}, "at most 4000 characters"),
        ({"daily_tokens": 0}, "at least 1"),
        ({"daily_tokens_per_user": 0}, "1 to 1000"),
        ({"daily_tokens_per_user": 1001}, "1 to 1000"),
        ({"message_days": 0}, "1 to 90"),
        ({"message_days": 91}, "1 to 90"),
        ({"memory_days": -1}, "0 to 36500"),
    ],
)
async def test_what_cannot_be_set_is_said(
    file: Path, clock: TurnedClock, wrong: dict[str, object], said: str
) -> None:
    async with opened(file, clock, ellie_daily_tokens_per_user=1000) as stage:
        with pytest.raises(CommandError, match=said):
            await change(stage, **wrong)  # type: ignore[arg-type]  # passed on
        assert await stage.core.space_settings("test", "home") == SpaceSettings()


async def test_memories_are_kept_no_longer_than_the_operator_keeps_them(
    file: Path, clock: TurnedClock
) -> None:
    async with opened(file, clock, ellie_memory_retention_days=30) as stage:
        for wrong in (0, 31):
            with pytest.raises(CommandError, match="1 to 30"):
                await change(stage, memory_days=wrong)
        await change(stage, memory_days=30, message_days=90)
        assert (await stage.store.retention("test", "home")).memory_days == 30


async def test_changes_are_in_the_audit_log_without_their_content(stage: Stage) -> None:
    await change(stage, persona="You are Quince.", free=frozenset({"hall"}))
    await change(stage, persona="You are Quince.")
    (act,) = await stage.store.acts(Scope("test", "home", ""))
    assert (act.act, act.counts) == ("change a space", {"free": 1, "persona": 1})
    assert act.actor not in {"alice", "Alice", ""}
    assert len(act.actor) == 32


# --- budgets


async def test_a_space_lowers_what_a_person_may_use(
    file: Path, clock: TurnedClock, server: OpenAIServer
) -> None:
    async with opened(file, clock, server, ellie_daily_tokens_per_user=1000) as stage:
        await change(stage, daily_tokens_per_user=5)
        await stage.say("hello", where=HALL)
        refused = await stage.say("hello", where=HALL)
        assert "my daily budget for you is spent" in refused
        assert "03 March" in refused
        assert "budget" not in await stage.say("hello", "bob", HALL)
        assert "budget" not in await stage.say("hello", where=HALL, space="work")
    async with opened(file, clock, server) as stage:
        await change(stage, daily_tokens_per_user=10**6)
        assert "budget" not in await stage.say("hello", "bob", HALL)
    async with opened(file, clock, server, ellie_daily_tokens_per_user=3) as stage:
        assert "for you is spent" in await stage.say("hello", "bob", HALL)


async def test_a_space_has_a_budget_of_its_own(stage: Stage, server: OpenAIServer) -> None:
    await stage.say("hello", where=HALL)
    used = await stage.store.space_tokens_today("test", "home", stage.clock())
    await change(stage, daily_tokens=used + 1)
    assert "budget" not in await stage.say("hello", "bob", HALL)
    refused = await stage.say("hello", "carol", HALL)
    assert "my daily budget for all of you here is spent" in refused
    assert "budget" not in await stage.say("hello", "carol", HALL, "work")
    stage.clock.turn(days=1)
    assert "budget" not in await stage.say("hello", "carol", HALL)


# --- purging


async def test_a_purge_erases_the_space_and_stops_what_is_said_there(
    file: Path, clock: TurnedClock, server: OpenAIServer
) -> None:
    async with posting(file, clock, server) as (stage, poster):
        await change(stage, persona="You are Quince.")
        await stage.type("/remember I grow quinces")
        await stage.type("/remember I sail boats", space="work")
        server.fail("chat", Stall(after=1))
        turn = await stage.start("what do I grow?", "bob", HALL)
        await poster.begun.wait()
        queued = await stage.start("and I?", "carol", HALL)
        typed = stage.typed("/ellie-admin purge", where=HALL, manages=True)
        receipt = await stage.core.purge(typed)
        for waiting in (turn, queued):
            await stage.core.answered(waiting)
        assert len(receipt.memories) == 1
        assert poster.ends == [(ERASED,)]
        assert len(poster.given) == 1
        assert await stage.texts() == []
        assert await stage.kept(where=HALL) == []
        assert await stage.core.space_settings("test", "home") == SpaceSettings()
        acts = await stage.store.acts(None)
        assert [act.act for act in acts] == ["change a space", "purge a space"]
        assert acts[1].counts == {"memories": 1, "messages": 3}
        assert "I sail boats" in str(await stage.type("/memories", space="work"))
        server.release.set()


async def test_small_notes_of_a_platform_are_there_at_its_next_start(
    file: Path, clock: TurnedClock
) -> None:
    async with opened(file, clock) as stage:
        assert await stage.core.note("test", "", "tree", "a1")
    async with opened(file, clock) as stage:
        assert await stage.core.noted("test", "", "tree") == "a1"
        assert not await stage.core.note("test", "", "tree", "a1")


async def test_where_somebody_spoke_lately_is_told(stage: Stage) -> None:
    since = stage.clock()
    await stage.core.receive(stage.message("hello", where=HALL, event="e"))
    assert await stage.core.active("test", since) == [(place(HALL, "alice")[0], "e")]
    await stage.core.settle()
    assert await stage.core.unanswered("test") == []
