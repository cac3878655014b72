"""What Ellie remembers of words while she runs goes with what is forgotten."""

import sys
from functools import _lru_cache_wrapper
from pathlib import Path

from bot import tokens
from bot.types import Scope
from bot.when.interval import zone_named
from tests.conftest import TurnedClock
from tests.core.stage import opened


def caches() -> dict[str, int]:
    """The bounded caches of ours, by function, and how much each holds."""
    return {
        f"{cached.__module__}.{cached.__name__}": cached.cache_info().currsize
        for name, module in list(sys.modules.items())
        if name.startswith("bot.")
        for cached in vars(module).values()
        if isinstance(cached, _lru_cache_wrapper)
        and cached.__module__ == name
        and cached.cache_parameters()["maxsize"] is not None
    }


async def test_forgetting_empties_every_cache_of_words(tmp_path: Path, clock: TurnedClock) -> None:
    async with opened(tmp_path / "ellie.db", clock) as stage:
        await stage.say("Yesterday I met Zephyrine, on 3 March; my password is hunter2zz.")
        await stage.say("What did I do last Tuesday at 5 pm?")
        zone_named("Europe/Oslo")
        held = {name for name, size in caches().items() if size}
        assert {name.rsplit(".", 2)[1] for name in held} >= {"text", "dates", "interval"}
        pieces = getattr(tokens._encoding(), "_cache")  # noqa: B009 (it is not ours)
        assert pieces
        await stage.store.erase_people([Scope("test", "home", "alice")])
        assert not pieces
        left = {name for name, size in caches().items() if size}
        assert left <= {"bot.redaction._fold", "bot.redaction._iban_form"}  # letters and countries
