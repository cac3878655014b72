"""What a button carries: numbers, pages and days, and never what somebody said."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from adapters.discord.ids import forget_ids, line_id, on_memory
from adapters.discord.previews import named_line
from adapters.wording.pressing import Listed, Verb, confirmed_line, numbers_in, period_line
from bot.grammar import parse
from bot.receipts import Period
from bot.typed import ForgetPeriod
from bot.types import MemoryNumber

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.rule("D22")
def test_ids_of_any_number_of_memories_fit_into_a_hundred_characters() -> None:
    numbers = tuple(MemoryNumber(n) for n in range(123_456_000, 123_456_040))
    presses = forget_ids(numbers)
    assert all(len(press) <= 100 for _, press in presses)
    assert len(presses) < 6
    assert [n for some, _ in presses for n in some] == list(numbers)
    named = [name for _, press in presses for name in numbers_in(press.partition("forget:")[2])]
    assert named == [f"m{n}" for n in numbers]
    longest = on_memory(Verb.PROMOTE, MemoryNumber(-(10**17)), Listed.EVERYWHERE, 999_999)
    assert len(longest) <= 100


def test_what_is_no_id_is_no_number() -> None:
    assert numbers_in("m3,s5,m0,everything yes,m3 m4,,M7") == ["m3", "s5"]


@pytest.mark.parametrize(
    "line",
    [
        "/forget everything yes",
        "/forget everything everywhere yes",
        "/forget since 2026-03-01 yes",
        "/forget before 2026-03-01 14:30 yes",
        "/forget between 2026-03-01 and 2026-03-05 yes",
    ],
)
def test_a_line_of_the_calendar_goes_into_a_button_and_comes_back(line: str) -> None:
    press = line_id(line)
    assert press is not None
    assert len(press) <= 100
    assert confirmed_line(press.partition("line:")[2]) == line


@pytest.mark.parametrize(
    "line",
    [
        "/forget about Sarah yes",
        "/forget since I met Sarah yes",
        "/forget m3 yes",
        "/memories edit m3 yes",
        "/forget everything",
        "/forget everything yes\n/privacy opt-out",
    ],
)
def test_a_line_that_could_name_somebody_or_do_more_goes_into_no_button(line: str) -> None:
    assert line_id(line) is None
    assert confirmed_line(line) is None


def period(start: datetime | None, end: datetime | None) -> Period:
    return Period(start, end, BERLIN)


@pytest.mark.parametrize(
    ("period", "line"),
    [
        (period(datetime(2026, 2, 28, 23, tzinfo=UTC), None), "since 2026-03-01"),
        (period(datetime(2026, 3, 1, 7, 5, 9, tzinfo=UTC), None), "since 2026-03-01 08:05"),
        (period(None, datetime(2026, 2, 28, 23, tzinfo=UTC)), "before 2026-03-01"),
        (
            period(datetime(2026, 2, 28, 23, tzinfo=UTC), datetime(2026, 3, 5, 23, tzinfo=UTC)),
            "between 2026-03-01 and 2026-03-05",
        ),
        (
            period(datetime(2026, 3, 1, 8, tzinfo=UTC), datetime(2026, 3, 1, 9, 30, tzinfo=UTC)),
            "between 2026-03-01 09:00 and 2026-03-01 10:30",
        ),
    ],
)
def test_a_period_is_confirmed_by_its_days_whenever_that_is(period: Period, line: str) -> None:
    """A button may be pressed a day later: "yesterday" would be another day."""
    assert period_line(period) == f"/forget {line} yes"
    assert line_id(period_line(period)) is not None
    assert isinstance(parse(period_line(period)), ForgetPeriod)


def test_the_line_that_names_somebody_is_read_back_from_what_is_shown() -> None:
    shown = r"Together that is 1 memory." "\n" r"To erase it: /forget about J\_ane \*O\*' yes"
    assert named_line(shown) == "/forget about J_ane *O*' yes"
    assert (
        named_line(r"To erase it: `/forget about J_ane \*O yes`") == r"/forget about J_ane \*O yes"
    )
    assert named_line("To erase it: `` /forget about J`ane yes ``") == "/forget about J`ane yes"
    assert named_line("Nothing of that kind.") is None
    twice = "/forget about A yes\n/forget about B yes"
    assert named_line(twice) is None
