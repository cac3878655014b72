import re
from datetime import UTC, datetime

from bot import export_schema
from bot.export_schema import Part
from bot.importing import parse_export
from bot.store.sqlite.erasure import SqliteStore
from tests.docs.session import ROOT
from tests.store.travel import exported, unnumbered

TEXT = (ROOT / "docs/export.md").read_text("utf-8")
HEADINGS = {
    "ExportPart": "## The file",
    "ScopePart": "### A scope",
    "ConversationPart": "### A conversation",
    "MessagePart": "### A message",
    "HeldPart": "### What a prompt held",
    "MemoryPart": "### A memory",
    "SlotPart": "### A slot",
    "VersionPart": "### A version",
    "EntityPart": "### An entity",
    "SummaryPart": "### A summary",
}


def example() -> bytes:
    found = re.search(r"^```json\n(.*?)```", TEXT, re.DOTALL | re.MULTILINE)
    assert found
    return found[1].encode()


def test_every_field_of_every_part_is_described() -> None:
    parts = {part.__name__: part for part in Part.__subclasses__()}
    assert parts.keys() == HEADINGS.keys()
    for name, part in parts.items():
        section = re.split(r"^##", TEXT.split(f"{HEADINGS[name]}\n")[1], flags=re.MULTILINE)[0]
        described = re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)
        assert described == list(part.model_fields), name


def test_the_version_that_is_described_is_the_one_that_is_written() -> None:
    assert f"| `version` | `{export_schema.VERSION}` |" in TEXT
    assert f"up to {export_schema.MOST}" in TEXT or f"from 1 to {export_schema.MOST}" in TEXT


async def test_the_example_is_taken_in_and_exported_as_it_is(store: SqliteStore) -> None:
    (portable,) = parse_export(example())
    done = await store.bring_in(portable)
    assert (done.messages, done.memories, done.summaries) == (2, 1, 1)
    again = await exported(store, portable.scope)
    assert unnumbered(again) == unnumbered(portable)
    written = export_schema.write([again], datetime(2026, 3, 2, 9, 5, tzinfo=UTC), "0.1.0")
    assert parse_export(written.encode()) == (again,)
