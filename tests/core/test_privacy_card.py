"""`/privacy` says what is kept, for how long, who sees it and where it goes."""

from pathlib import Path
from typing import Any

import pytest

from bot.receipts import PrivacyCard
from bot.types import Private
from tests.conftest import TurnedClock
from tests.core.stage import Stage, opened


async def card(stage: Stage, line: str = "/privacy", where: str = "dm") -> PrivacyCard:
    found = await stage.type(line, where=where)
    assert isinstance(found, PrivacyCard)
    return found


async def test_it_counts_what_is_kept_here(quiet: Stage) -> None:
    await quiet.say("I grow quinces")
    await quiet.type("/remember I grow sloes")
    await quiet.type("/remember I grow medlars", space="work")
    await quiet.type("/remember I grow medlars", "bob")
    (here,) = (await card(quiet, where="open:hall")).spaces
    assert (here.space, here.paused, here.opted_out) == ("home", False, False)
    assert (here.kept.messages, here.kept.replies, here.kept.notes) == (1, 1, 1)
    assert here.kept.seen_by == ((Private(), 1),)
    assert here.kept.since == quiet.clock()


async def test_everywhere_it_tells_each_space_this_one_first(quiet: Stage) -> None:
    for space in ("work", "home", "club"):
        await quiet.type("/remember I grow sloes", space=space)
    found = await card(quiet, "/privacy everywhere")
    assert found.everywhere
    assert [space.space for space in found.spaces] == ["home", "club", "work"]
    assert all(space.kept.memories == 1 for space in found.spaces)


async def test_it_tells_how_long_this_space_is_kept(file: Path, clock: TurnedClock) -> None:
    async with opened(
        file, clock, ellie_message_retention_days=9, ellie_memory_retention_days=99
    ) as stage:
        (here,) = (await card(stage)).spaces
        assert (here.message_days, here.memory_days) == (9, 99)
        await stage.store.set_retention("test", "home", 3, 0)
        (here,) = (await card(stage)).spaces
        assert (here.message_days, here.memory_days) == (3, 0)
        assert (await card(stage)).pause_minutes == 30


@pytest.mark.parametrize(
    ("settings", "provider", "embedder"),
    [
        ({}, None, None),
        ({"ellie_embedding_model": "e"}, None, None),
        ({"openai_api_key": "k"}, "OpenAI", None),
        ({"openai_api_key": "k", "ellie_embedding_model": "e"}, "OpenAI", "OpenAI"),
        ({"openai_base_url": "http://127.0.0.1:11434/v1"}, "127.0.0.1", None),
        (
            {"openai_api_key": "k", "openai_base_url": "https://llm.example.org/v1",
             "ellie_embedding_model": "e"},
            "llm.example.org", "llm.example.org",
        ),
    ],
)  # fmt: skip
async def test_it_names_who_runs_the_models(
    file: Path,
    clock: TurnedClock,
    settings: dict[str, Any],
    provider: str | None,
    embedder: str | None,
) -> None:
    async with opened(file, clock, **settings) as stage:
        found = await card(stage)
        assert (found.provider, found.embedder) == (provider, embedder)


async def test_asking_keeps_nothing(quiet: Stage) -> None:
    await card(quiet)
    assert (await quiet.store.health()).scopes == 0
