"""Times in questions and statements. It is Wednesday, 17 May 2023, 15:56 in Paris."""

import subprocess
import sys
import time
import tomllib
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.when import RelativeTo, TimeAsked, time_asked, warm_up
from bot.when.dates import read_date, read_shift
from bot.when.interval import EARLIEST, LATEST, Interval, zone_named
from bot.when.relative import resolve_dates
from bot.when.words import plain, vocabularies
from tests.core.spoken_times import DAYS, EVENTS, NO_TIME, PAST, PRESENT, SPANS, WHEN, WHEN_NOT

PARIS = ZoneInfo("Europe/Paris")
ASKED = datetime(2023, 5, 17, 13, 56, tzinfo=UTC)


def ask(question: str, at: datetime = ASKED) -> TimeAsked:
    return time_asked(question, at, "Europe/Paris")


def local_days(interval: Interval) -> tuple[date, date]:
    """First day, and the first after it, in Paris; both ends must be midnights."""
    start, end = interval.start.astimezone(PARIS), interval.end.astimezone(PARIS)
    assert (start.hour, start.minute, end.hour, end.minute) == (0, 0, 0, 0)
    return start.date(), end.date()


def only_interval(asked: TimeAsked) -> Interval:
    (found,) = asked.times
    assert isinstance(found, Interval)
    return found


@pytest.mark.parametrize(("question", "first", "after"), SPANS)
def test_a_time_is_understood_with_its_grain(question: str, first: str, after: str) -> None:
    days = local_days(only_interval(ask(question)))
    assert days == (date.fromisoformat(first), date.fromisoformat(after))


@pytest.mark.parametrize(("question", "day"), DAYS)
def test_a_day_is_understood(question: str, day: str) -> None:
    start = date.fromisoformat(day)
    assert local_days(only_interval(ask(question))) == (start, start + timedelta(days=1))


@pytest.mark.parametrize("question", NO_TIME)
def test_other_meanings_of_the_same_words_are_no_times(question: str) -> None:
    assert ask(question).times == ()


@pytest.mark.parametrize(("question", "words", "side"), EVENTS)
def test_an_event_may_name_the_time(question: str, words: str, side: str) -> None:
    (found,) = ask(question).times
    assert isinstance(found, RelativeTo)
    assert (found.words, found.side) == (words, side)


@pytest.mark.parametrize("question", PAST)
def test_a_question_about_the_past_is_told(question: str) -> None:
    assert ask(question).about_past


@pytest.mark.parametrize("question", PRESENT)
def test_a_question_about_now_or_later_is_not_about_the_past(question: str) -> None:
    assert not ask(question).about_past


@pytest.mark.parametrize("question", WHEN)
def test_a_question_for_a_time_is_told(question: str) -> None:
    assert ask(question).asks_when


@pytest.mark.parametrize("question", WHEN_NOT)
def test_when_may_also_name_a_time_instead_of_asking_for_one(question: str) -> None:
    assert not ask(question).asks_when


@pytest.mark.parametrize(
    ("question", "start", "end"),
    [
        ("What did I eat this morning?", "2023-05-17 05:00", "2023-05-17 12:00"),
        ("What did I dream last night?", "2023-05-16 18:00", "2023-05-17 06:00"),
        ("Was habe ich gestern Abend gegessen?", "2023-05-16 17:00", "2023-05-17 00:00"),
        ("Qu'ai-je mangé hier soir ?", "2023-05-16 17:00", "2023-05-17 00:00"),
        ("What did I do an hour ago?", "2023-05-17 14:26", "2023-05-17 15:26"),
        ("What did I do in the last two weeks?", "2023-05-03 15:56", "2023-05-17 15:56"),
        ("What will I do in the next two weeks?", "2023-05-17 15:56", "2023-05-31 15:56"),
        ("What am I planning since April?", "2023-04-01 00:00", "2023-05-17 15:56"),
        ("Where have I worked since April?", "2023-04-01 00:00", "2023-05-17 15:56"),
    ],
)
def test_parts_of_days_and_ranges_up_to_now_have_hours(question: str, start: str, end: str) -> None:
    found = only_interval(ask(question))
    assert f"{found.start.astimezone(PARIS):%Y-%m-%d %H:%M}" == start
    assert f"{found.end.astimezone(PARIS):%Y-%m-%d %H:%M}" == end


def test_before_a_time_is_open_at_its_start_and_after_it_up_to_now() -> None:
    before = only_interval(ask("Where did I live before March 2023?"))
    assert before.start == EARLIEST
    assert before.end.astimezone(PARIS).date() == date(2023, 3, 1)
    assert before.slack == timedelta(days=31)
    after = only_interval(ask("Where did I live after March 2023?"))
    assert after.start.astimezone(PARIS).date() == date(2023, 4, 1)
    assert after.end == ASKED
    assert only_interval(ask("What will I do after June 2023?")).end == LATEST


def test_so_many_weeks_ago_is_a_day_with_half_a_week_of_slack() -> None:
    assert only_interval(ask("What did I buy two weeks ago?")).slack == timedelta(days=3.5)
    assert only_interval(ask("What did I buy two days ago?")).slack == timedelta(days=1)


def test_the_day_is_that_of_the_persons_time_zone() -> None:
    late = datetime(2023, 5, 17, 23, 30, tzinfo=UTC)
    assert only_interval(time_asked("yesterday?", late, "UTC")).start.day == 16
    assert only_interval(time_asked("yesterday?", late, "UTC+2")).start.hour == 22
    assert only_interval(time_asked("yesterday?", late, "Asia/Tokyo")).start == datetime(
        2023, 5, 16, 15, tzinfo=UTC
    )
    assert time_asked("yesterday?", late, "Atlantis") == time_asked("yesterday?", late, None)


def test_two_times_stand_in_the_order_of_the_question() -> None:
    first, second = ask("Did I run more in 2021 than in March 2020?").times
    assert isinstance(first, Interval)
    assert isinstance(second, Interval)
    assert (first.start.astimezone(PARIS).year, second.start.astimezone(PARIS).year) == (2021, 2020)


def test_a_time_inside_the_words_of_an_event_is_the_events() -> None:
    assert ask("Where did I live before I moved last year?").times == (
        RelativeTo("I moved last year", "before"),
    )
    event, year = ask("What did I do in 2021 when I lived in Lyon?").times
    assert isinstance(event, Interval)
    assert year == RelativeTo("I lived in Lyon", "during")


@pytest.mark.parametrize(
    ("text", "phrase", "day"),
    [
        ("I went to the dentist yesterday", "yesterday", "2023-05-16"),
        ("Ich war gestern beim Zahnarzt", "gestern", "2023-05-16"),
        ("My interview is on Monday", "on Monday", "2023-05-15"),
        ("I have a dentist appointment on Monday", "on Monday", "2023-05-22"),
        ("We're flying to Rome next Friday!", "next Friday", "2023-05-19"),
        ("We met on June 3rd, 2019, in a bar", "on June 3rd, 2019", "2019-06-03"),
    ],
)
def test_a_statements_time_is_when_it_happened(text: str, phrase: str, day: str) -> None:
    asked = ask(text)
    assert asked.rest == text.replace(phrase, " ")
    assert local_days(only_interval(asked))[0] == date.fromisoformat(day)


def test_dateparser_reads_every_day_month_and_weekday_of_the_vocabularies() -> None:
    listed = tomllib.loads(files("bot.when").joinpath("words.toml").read_text("utf-8"))
    for code, entry in listed.items():
        for word in entry["days"].split("|"):
            assert read_shift(word, (code,)), word
        weekdays = [read_date(word, (code,)) for word in entry["weekdays"].split("|")]
        assert {read.weekday for read in weekdays if read} == set(range(7))
        assert None not in weekdays
        months = [read_date(f"3 {word} 2021", (code,)) for word in entry["months"].split("|")]
        assert {read.month for read in months if read} == set(range(1, 13))
        short = [read_date(f"3 {word} 2021", (code,)) for word in entry["short_months"].split("|")]
        assert all(read and (read.year, read.day) == (2021, 3) for read in months + short)


PIECES = st.sampled_from([word for v in vocabularies() for word in (*v.gate, *v.sides, *v.which)])
TEXTS = st.lists(st.one_of(PIECES, st.text(max_size=8), st.integers(0, 2300).map(str))).map(
    " ".join
)


@settings(deadline=None)  # the first reads a language
@given(
    TEXTS,
    st.datetimes(datetime(1950, 1, 1), datetime(2150, 1, 1), timezones=st.just(UTC)),
    st.one_of(
        st.none(), st.text(), st.sampled_from(["Pacific/Apia", "UTC-11", "America/Sao_Paulo"])
    ),
)
def test_no_text_raises_and_every_interval_is_aware_and_not_empty(
    text: str, at: datetime, zone: str | None
) -> None:
    resolve_dates(text, at.astimezone(zone_named(zone)))
    for interval in time_asked(text, at, zone).times:
        if isinstance(interval, RelativeTo):
            continue
        assert interval.start.utcoffset() == interval.end.utcoffset() == timedelta()
        assert interval.start < interval.end
        assert interval.slack > timedelta()


@pytest.mark.parametrize(
    "piece", ["in may ", "mai 1 ", "昨日", "the ", "é", "when I ", "is was ", "in the last "]
)
def test_a_long_text_is_read_in_bounded_time(piece: str) -> None:
    warm_up()
    started = time.thread_time()
    time_asked(piece * 20_000, ASKED, None)
    resolve_dates(piece * 20_000, ASKED)
    assert time.thread_time() - started < 0.1  # without bounds it takes seconds


def median_milliseconds(question: str) -> float:
    taken = []
    for _ in range(101):
        started = time.thread_time()
        time_asked(question, ASKED, "Europe/Paris")
        taken.append((time.thread_time() - started) * 1e3)
    return sorted(taken)[50]


def test_a_question_without_a_time_costs_next_to_nothing() -> None:
    warm_up()
    assert median_milliseconds("Where does my sister work now?") < 0.2  # 0.04 on a quiet machine
    assert median_milliseconds("What did I do last week?") < 1.5


def test_dateparser_is_loaded_only_for_what_it_reads() -> None:
    asks = "time_asked('What did I do last week?', datetime.now(UTC), None)"
    check = f"""if True:
        import sys
        from datetime import UTC, datetime
        from bot.when import time_asked
        assert {asks}.times
        assert "dateparser" not in sys.modules
        assert {asks.replace("last week", "yesterday")}.times
        assert "dateparser" in sys.modules
    """
    root = Path(__file__).parents[2]
    subprocess.run([sys.executable, "-c", check], check=True, cwd=root, timeout=60)


def test_words_are_compared_without_case_and_typographic_apostrophes() -> None:
    assert plain("New  Year’s") == "new year's"
