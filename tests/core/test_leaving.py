"""A space that Ellie was removed from is purged when its time comes."""

from pathlib import Path

from bot.types import Scope
from tests.conftest import TurnedClock
from tests.core.stage import Stage, opened
from tests.servers.openai_server import OpenAIServer
from tests.store.world import bytes_on_disk


async def test_a_space_that_was_left_is_purged_after_the_days(
    stage: Stage, clock: TurnedClock, file: Path
) -> None:
    await stage.type("/remember I grow quinces")
    await stage.say("I grow medlars", "bob", "open:hall")
    await stage.type("/remember I grow sloes", space="work")
    await stage.core.left("test", "home")
    clock.turn(days=6, hours=23)
    await stage.consolidation.step()
    assert await stage.texts() == ["I grow quinces"]
    clock.turn(hours=1)
    await stage.consolidation.step()
    for word in (b"uinces", b"medlars"):
        assert word not in bytes_on_disk(file)
    assert b"sloes" in bytes_on_disk(file)
    assert await stage.store.departed(clock()) == []


async def test_with_no_days_it_is_purged_at_once(
    file: Path, clock: TurnedClock, server: OpenAIServer
) -> None:
    async with opened(file, clock, server, ellie_purge_after_days=0) as stage:
        await stage.type("/remember I grow quinces")
        await stage.core.left("test", "home")
        assert b"uinces" not in bytes_on_disk(file)
        await stage.type("/remember I grow sloes")  # and it is not purged again
        await stage.consolidation.step()
        assert await stage.texts() == ["I grow sloes"]


async def test_coming_back_cancels_it_and_a_message_does_not(
    stage: Stage, clock: TurnedClock
) -> None:
    await stage.type("/remember I grow quinces")
    await stage.core.left("test", "home")
    await stage.core.joined("test", "home")
    clock.turn(days=8)
    await stage.consolidation.step()
    assert await stage.texts() == ["I grow quinces"]
    await stage.core.left("test", "home")
    await stage.say("Still here")
    clock.turn(days=8)
    await stage.consolidation.step()
    assert await stage.texts() == []


async def test_leaving_twice_does_not_put_it_off_and_joining_twice_is_once(
    stage: Stage, clock: TurnedClock
) -> None:
    await stage.core.joined("test", "home")
    await stage.core.joined("test", "home")
    await stage.type("/remember I grow quinces")
    await stage.core.left("test", "home")
    clock.turn(days=5)
    await stage.core.left("test", "home")
    clock.turn(days=2)
    await stage.consolidation.step()
    assert await stage.texts() == []


async def test_what_is_due_is_purged_at_start(
    file: Path, clock: TurnedClock, server: OpenAIServer
) -> None:
    async with opened(file, clock, server) as stage:
        await stage.type("/remember I grow quinces")
        await stage.core.left("test", "home")
    clock.turn(days=7)
    async with opened(file, clock, server) as stage:
        await stage.consolidation.step()
        assert b"uinces" not in bytes_on_disk(file)
        assert (await stage.store.counts(Scope("test", "home", "alice"))).memories == 0


async def test_the_token_of_a_space_goes_when_it_is_left(stage: Stage, file: Path) -> None:
    for space in ("home", "work"):
        await stage.store.keep_token("test", space, b"sealed-" + space.encode())
    await stage.core.left("test", "home")
    assert await stage.store.token("test", "home") is None
    assert b"sealed-home" not in bytes_on_disk(file)
    assert await stage.store.token("test", "work") == b"sealed-work"
