"""What was shared, promoted, or kept for oneself where others read along, in plain words."""

from datetime import UTC, datetime

import pytest

from adapters.console.render import render
from bot.receipts import Receipt
from bot.results import (
    Edited,
    MemoryPage,
    MemoryVersions,
    Promoted,
    Remembered,
    Source,
    SourceKind,
    Version,
)
from bot.types import Channel, Memory, MemoryNumber, Private, Space

MARCH = datetime(2026, 3, 1, tzinfo=UTC)
BOARD = Channel("board")


def a_memory(number: int, text: str = "I like tea", audience: object = None) -> Memory:
    place = "" if number < 0 else "the open channel hall"
    return Memory(
        MemoryNumber(number), text, audience or Private(), place, MARCH, MARCH, None, None, ()  # type: ignore[arg-type]  # an audience
    )  # fmt: skip


def test_what_is_shared_has_pages_of_its_own() -> None:
    common = a_memory(-3, "Lunch is at noon", Space())
    assert render(MemoryPage((common,), 1, 2, 11, shared=True)).splitlines() == [
        "What was shared with everybody here, newest first (page 1 of 2, 11 memories):",
        "  s3  Lunch is at noon  (2026-03-01, shared with everybody here)",
        "/memories shared 2 shows the next page.",
    ]
    assert render(MemoryPage((), 1, 1, 0, shared=True)) == "Nothing was shared with everybody here."


def test_sharing_says_for_whom_it_is_and_how_to_take_it_back() -> None:
    common = a_memory(-3, "Lunch is at noon", Space())
    assert render(Remembered(common, known=False)) == (
        "I will remember that as s3. I use it anywhere in this space, for everybody. "
        "/forget s3 takes it back."
    )
    assert render(Remembered(common, known=True)).startswith("I knew that already: s3 from 2026")


def test_a_receipt_names_what_was_shared() -> None:
    assert "(m2, s3)" in render(Receipt((MemoryNumber(2), MemoryNumber(-3)), 1, 0, 0))


@pytest.mark.parametrize("narrow", [True, False])
def test_what_is_private_where_others_read_says_how_it_may_be_used_there(narrow: bool) -> None:
    hint = "/memories promote m2 lets me use it anywhere in this space."
    for result in (
        Remembered(a_memory(2), known=False, narrow=narrow),
        Remembered(a_memory(2), known=True, narrow=narrow),
        Edited(a_memory(2), "I like mate", narrow=narrow),
    ):
        assert "I use it only in private with you." in render(result)
        assert (hint in render(result)) == narrow


def test_promoting_says_where_it_is_used_now_and_what_stays_private() -> None:
    assert render(Promoted(a_memory(2, audience=Space()), BOARD)) == (
        "From now on I use m2 “I like tea” anywhere in this space, when I answer you; until now "
        "in the closed channel board and in private with you. What you said when I learnt it "
        "stays as private as it was."
    )


def test_a_version_says_for_whom_it_was_where_that_changed() -> None:
    result = MemoryVersions(
        a_memory(2, audience=Space()),
        versions=(
            Version("I like mate", None, MARCH, None, BOARD),
            Version("I like te", None, MARCH, None, Space()),
        ),
        sources=(Source(SourceKind.QUOTED, MARCH, "the open channel hall"),),
        supersedes=(),
        superseded_by=(),
    )
    assert render(result).splitlines()[1:] == [
        "  until 2026-03-01: “I like mate”, used in the closed channel board and in private with "
        "you  (edited by you)",
        "  until 2026-03-01: “I like te”  (edited by you)",
        "  from what somebody else said on 2026-03-01, in the open channel hall",
    ]
