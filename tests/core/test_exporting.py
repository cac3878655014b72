"""An export as the person gets it, and what a second Ellie makes of it."""

import json
import re
from pathlib import Path

import pytest

from bot.errors import CommandError
from bot.export_markdown import escape, markdown
from bot.importing import parse_export
from bot.llm.openai_embedder import OpenAIEmbedder
from bot.receipts import Exported
from bot.store.sqlite.erasure import SqliteStore
from bot.types import Private, Space
from tests.conftest import TurnedClock
from tests.core.stage import Stage, opened
from tests.servers.openai_server import OpenAIServer
from tests.store.travel import converse, exported, live
from tests.store.world import ALICE, BOB, HALL, learn, talk
from tests.store.world import opened as opened_store


async def export(stage: Stage, line: str = "/privacy export", where: str = "dm") -> Exported:
    result = await stage.type(line, where=where)
    assert isinstance(result, Exported)
    return result


async def test_an_export_is_of_this_space_alone(quiet: Stage) -> None:
    await quiet.say("I live in Oslo")
    await quiet.say("I live in Rome", space="work")
    found = await export(quiet)
    assert "Oslo" in found.json_text
    assert "Oslo" in found.markdown
    assert "Rome" not in found.json_text + found.markdown
    assert found.stem == "ellie-export-alice-2026-03-02"
    assert json.loads(found.json_text)["exported_at"] == "2026-03-02T09:00:00Z"


async def test_everywhere_is_told_in_private_only(quiet: Stage) -> None:
    await quiet.say("I live in Oslo")
    await quiet.say("I live in Rome", space="work")
    await quiet.say("I am Bob", user="bob", space="work")
    found = await export(quiet, "/privacy export everywhere")
    scopes = [portable.scope.space for portable in parse_export(found.json_text.encode())]
    assert scopes == ["home", "work"]
    assert "Rome" in found.markdown
    assert "Bob" not in found.json_text + found.markdown
    for where in ("open:general", "closed:board"):
        with pytest.raises(CommandError, match="for a private conversation"):
            await export(quiet, "/privacy export everywhere", where)


async def test_who_is_not_known_has_nothing_to_export(quiet: Stage) -> None:
    await quiet.say("hello", user="bob")
    with pytest.raises(CommandError, match="nothing to export"):
        await export(quiet)


async def test_a_second_ellie_finds_a_fact_by_words_and_by_meaning(
    tmp_path: Path, clock: TurnedClock, server: OpenAIServer
) -> None:
    async with opened(tmp_path / "first.db", clock) as first:
        await first.say("My name is Alice")
        await first.say("I live in Oslo")
        await first.core.settle()
        (kept,) = parse_export((await export(first)).json_text.encode())
    embedder = OpenAIEmbedder(
        model="hashed", dimension=64, api_key="k", base_url=server.base_url,
        timeout_seconds=5, retries=0,
    )  # fmt: skip
    async with opened(tmp_path / "second.db", clock, server, embedder) as second:
        await second.store.bring_in(kept)
        server.heal()
        found = await second.recall.find(kept.scope, Private(), "Oslo")
        assert found
        assert all("meaning" not in item.parts for item in found)
        assert await second.core.settle() == (0, 0)  # nothing is consolidated
        assert server.asked("extract") == []
        health = await second.store.health()
        assert health.indexed == health.passages > 2
        found = await second.recall.find(kept.scope, Private(), "Oslo")
        assert any("meaning" in item.parts for item in found)
        assert "Oslo" in " ".join(await second.texts())
    await embedder.close()


# --- to be read


async def test_the_markdown_tells_now_from_before_and_where_it_is_from(store: SqliteStore) -> None:
    await live(store)
    text = markdown([await exported(store)], TurnedClock()(), "0.1.0")
    headings = re.findall(r"^#+ .*", text, re.MULTILINE)
    assert headings == [
        "# What Ellie keeps about Alice",
        "## In home on console, as alice",
        "### What I know now",
        "### What held before",
        "### People, places and things",
        "### What was said",
        "#### 1. In here",
        "#### 2. In here",
        "### Summaries of what was said",
    ]
    now, before = text.split("### What held before")
    assert "“Alice lives in Oslo”" in now
    assert "Leon" not in now
    assert "about “Sarah”, “likes”: “tea”" in now
    assert "- m1: “Alice lives in Leon” (said on 2026-03-02, in here; holds since" in before
    assert "until 2026-03-02 20:00: “Alice lives in Lyon”" in before
    assert "“Sarah” (person; also “my sister”): in 1 memory" in before
    assert "- 2026-03-02 10:00, you: “My sister Sarah likes tea”" in before
    assert "of 4 messages in this file: “They spoke of" in before


async def test_what_is_left_out_or_gone_says_so(store: SqliteStore) -> None:
    await converse(store, "hello all", scope=BOB, conversation=HALL)
    await converse(store, "what did he say", conversation=HALL)
    number = await learn(store, "Alice likes tea", audience=Space(), conversation=HALL)
    await store.erase(ALICE, [number])
    text = markdown([await exported(store)], TurnedClock()(), "0.1.0")
    assert "Ellie: (left out: it may repeat what other people said)" in text
    assert "you: (no longer kept)" in text


HOSTILE = "a\n\n# b\r\n- c\u2028<script>&lt; [a](b) ![c](d) `x` **y** _z_ ~z~ | \\ \x00\u202e$m$"


async def test_a_hostile_text_stays_on_its_line(tmp_path: Path) -> None:
    texts = []
    for number, text in enumerate(("plain", HOSTILE)):
        async with opened_store(tmp_path / f"{number}.db") as store:
            await talk(store, text, text)
            await learn(store, text, said=text)
            texts.append(markdown([await exported(store)], TurnedClock()(), "0.1.0"))
    plain, hostile = texts
    assert hostile.count("\n") == plain.count("\n")
    shown = escape(HOSTILE)
    assert plain.replace("plain", shown) == hostile
    assert not set(re.sub(r"\\[!-/:-@\[-`{-~]", "", shown)) & set("<>[]`*~|\\&$#_")
    assert shown.isprintable()


def test_escaping_keeps_what_belongs_together() -> None:
    family = "👩\N{ZERO WIDTH JOINER}👧"
    assert escape(f"  I'm {family}, 3 * 4! ") == f"I'm {family}, 3 \\* 4!"
