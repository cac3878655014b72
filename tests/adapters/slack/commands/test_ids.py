"""What a button carries: numbers, pages, days, and a name that was just typed."""

import pytest

from adapters.slack.ids import confirming, forgetting, named_line, on_memory
from adapters.slack.presses import forget_line, picked, right_line
from adapters.wording.pressing import Listed, Verb
from bot.errors import CommandError
from bot.types import MemoryNumber


def test_what_is_done_to_a_memory_names_it_and_the_place_in_its_list() -> None:
    assert on_memory(Verb.WHY, MemoryNumber(-3), Listed.SHARED, 2) == "why:s3:shared:2"
    assert picked("s3:shared:2") == ("s3", "shared:2")


def test_many_memories_are_forgotten_by_one_press() -> None:
    value = forgetting(tuple(MemoryNumber(n) for n in range(1, 11)))
    assert len(value) <= 2000
    assert forget_line(Verb.FORGET, value.partition(":")[2]) == "/forget " + " ".join(
        f"m{n}" for n in range(1, 11)
    )


@pytest.mark.parametrize("name", ["Sarah", "J&J <Ltd>", "O'Neil: the *third*", "Łukasz 😀"])
def test_a_name_comes_back_as_it_was_typed(name: str) -> None:
    line = f"/forget about {name} yes"
    value = confirming(line)
    assert value is not None
    assert not set("&<>") & set(value)
    verb, _, rest = value.partition(":")
    assert verb == Verb.NAMED
    assert named_line(rest) == line
    assert forget_line(verb, rest) == line


def test_a_line_of_the_calendar_is_carried_as_it_is() -> None:
    assert confirming("/forget everything yes") == "line:/forget everything yes"
    assert confirming("/forget since 2026-03-01 yes") == "line:/forget since 2026-03-01 yes"


def test_a_line_that_is_too_long_for_a_button_has_to_be_typed() -> None:
    assert confirming(f"/forget about {'x' * 2000} yes") is None


@pytest.mark.parametrize(
    ("verb", "rest"),
    [
        (Verb.FORGET, "everything"),
        (Verb.FORGET, ""),
        (Verb.LINE, "/privacy opt-out"),
        (Verb.LINE, "/forget m3 yes"),
        (Verb.NAMED, "/privacy%20opt-out"),
        (Verb.NAMED, "%2Fforget%20about%20A%20yes%0A/new"),
    ],
)
def test_a_value_that_is_none_of_ours_does_nothing(verb: Verb, rest: str) -> None:
    with pytest.raises(CommandError, match="older Ellie"):
        forget_line(verb, rest)


def test_rights_are_of_here_or_of_everywhere() -> None:
    assert right_line("export:everywhere") == "/privacy export everywhere"
    assert right_line("pause:everywhere") == "/privacy pause"
    assert right_line("opt-in:here") == "/privacy opt-in"
    with pytest.raises(CommandError):
        right_line("nonsense:here")
