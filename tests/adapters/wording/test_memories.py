"""One memory with its past, an entity's memories, an edit and an undo, in plain words."""

from dataclasses import replace
from datetime import UTC, datetime

from adapters.console.render import render
from bot.results import (
    CommandResult,
    Edited,
    EntityPage,
    MemoryVersions,
    Source,
    SourceKind,
    Undone,
    Version,
)
from bot.types import Memory, MemoryNumber, Private, Slot

MARCH = datetime(2026, 3, 1, 23, 59, tzinfo=UTC)
MAY = datetime(2026, 5, 2, tzinfo=UTC)
WORKS = Slot("Sarah", "works at", "Google", exclusive=True)


def a_memory(number: int, text: str, until: datetime | None = None) -> Memory:
    return Memory(
        number=MemoryNumber(number),
        text=text,
        audience=Private(),
        place="a private conversation",
        said_at=MARCH,
        valid_from=MARCH,
        valid_to=until,
        slot=None,
        sources=(),
    )


GOOGLE = replace(a_memory(7, "Sarah works at Google"), slot=WORKS)


def test_a_memory_is_shown_with_its_past_its_sources_and_what_it_replaced() -> None:
    result = MemoryVersions(
        GOOGLE,
        versions=(
            Version("Sarah works at Gogle", None, MARCH, "gpt"),
            Version("Sarah works at Gogle", replace(WORKS, value="Gogle"), MAY, None),
        ),
        sources=(
            Source(SourceKind.SAID, MARCH, "the open channel gen"),
            Source(SourceKind.NOTED, MARCH, ""),
            Source(SourceKind.EDITED, MAY, "a private conversation"),
        ),
        supersedes=(a_memory(3, "Sarah works at Meta"),),
        superseded_by=(a_memory(9, "Sarah is retired"),),
    )
    assert render(result).splitlines() == [
        "m7  Sarah works at Google  (2026-03-01, in a private conversation)",
        "  about Sarah, works at: Google, since 2026-03-01",
        "  until 2026-03-01: “Sarah works at Gogle”  (changed by me, gpt)",
        "  until 2026-05-02: “Sarah works at Gogle”, about Sarah, works at: Gogle  (edited by you)",
        "  from what you said on 2026-03-01, in the open channel gen",
        "  from your /remember on 2026-03-01, place not kept",
        "  edited by you on 2026-05-02, in a private conversation",
        "  it replaced m3 “Sarah works at Meta”",
        "  it was replaced by m9 “Sarah is retired”",
    ]


def test_a_memory_without_a_past_is_its_line_alone() -> None:
    own = replace(a_memory(1, "Alice lives in Lyon"), slot=Slot(None, "lives in", "Lyon", True))
    assert render(MemoryVersions(a_memory(1, "tea"), (), (), (), ())) == (
        "m1  tea  (2026-03-01, in a private conversation)"
    )
    assert "about you, lives in: Lyon" in render(MemoryVersions(own, (), (), (), ()))


def test_an_entity_is_shown_with_all_its_names_and_how_much_is_left_out() -> None:
    page = EntityPage(("Sarah", "Sally", "Sal"), (GOOGLE, a_memory(3, "old", until=MAY)), 2)
    assert render(page).splitlines() == [
        "What I know about Sarah (also Sally and Sal):",
        "  m7  Sarah works at Google  (2026-03-01, in a private conversation)",
        "  m3  old  (2026-03-01, in a private conversation, until 2026-05-02)",
    ]
    more = render(EntityPage(("Sarah",), (GOOGLE,), 31)).splitlines()
    assert more[0] == "What I know about Sarah:"
    assert more[-1] == "There are 30 more; /recall Sarah or /memories finds them."


def test_an_edit_says_both_texts_where_it_is_used_and_whether_it_holds() -> None:
    assert render(Edited(GOOGLE, "Sarah works at Gogle")) == (
        "m7 said “Sarah works at Gogle”; now it says “Sarah works at Google”. "
        "I use it only in private with you."
    )
    assert render(Edited(replace(GOOGLE, valid_to=MAY), "x")).endswith(" It held until 2026-05-02.")


def test_an_undo_says_what_is_gone_what_holds_again_and_what_was_left() -> None:
    undone = Undone(
        MAY,
        removed=((MemoryNumber(7), "lives in Oslo"), (MemoryNumber(8), "likes tea")),
        reopened=(a_memory(3, "lives in Lyon"),),
        restored=(a_memory(4, "a note"), GOOGLE),
        unsaid=(a_memory(5, "likes cake"),),
        kept=(MemoryNumber(9), MemoryNumber(10)),
        missing=(MemoryNumber(11),),
    )
    assert render(undone).splitlines() == [
        "Undone, what I noted on 2026-05-02: m7 “lives in Oslo” is gone; m8 “likes tea” is gone; "
        "m3 “lives in Lyon” holds again; m4 “a note” is as it was before, about nothing "
        "special; m7 “Sarah works at Google” is as it was before, about Sarah, works at: Google; "
        "m5 “likes cake” has a source less.",
        "Left as it is, because you changed or confirmed it: m9 and m10.",
        "Gone since: m11.",
        "What you said stays; /forget QUERY erases that too.",
    ]


def test_an_undo_that_could_undo_nothing_says_so_and_what_comes_next() -> None:
    assert render(Undone(MAY, missing=(MemoryNumber(7),))).splitlines() == [
        "Of what I noted on 2026-05-02 nothing was undone.",
        "Gone since: m7.",
        "/memories undo takes back the change before it.",
    ]


def test_nothing_in_a_memory_controls_the_terminal() -> None:
    evil = "a\x1b[2Jb\nc"
    slot = Slot(evil, evil, evil, exclusive=False)
    memory = replace(a_memory(1, evil), slot=slot, place=evil)
    shown: list[CommandResult] = [
        MemoryVersions(
            memory, (Version(evil, slot, MAY, evil),), (Source(SourceKind.SAID, MAY, evil),),
            (memory,), (memory,),
        ),
        EntityPage((evil, evil), (memory,), 3),
        Edited(memory, evil),
        Undone(MAY, ((MemoryNumber(1), evil),), (memory,), (memory,), (memory,)),
    ]  # fmt: skip
    for result in shown:
        text = render(result)
        assert "\x1b" not in text
        assert "b\nc" not in text
