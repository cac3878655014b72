from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.errors import ConfigError
from bot.evaluation.dataset import Dialogue, read_dataset
from tests.evaluation.dialogues import HOLIDAYS, asked, dialogue, lines, write


def read_one(folder: Path, content: object) -> Dialogue:
    (only,) = read_dataset(write(folder, [content])).dialogues
    return only


def test_lines_keep_their_id_speaker_text_and_caption(tmp_path: Path) -> None:
    said = lines(1, ["Look at this! ", "", "No picture here."])
    said[0]["blip_caption"] = "a photo of a clock"
    said[1]["blip_caption"] = "a photo of an oven"
    said[2]["blip_caption"] = None
    session = read_one(tmp_path, dialogue(session_1=said)).sessions[0]
    assert [line.text for line in session.lines] == [
        "Look at this! [a photo of a clock]",
        "[a photo of an oven]",
        "No picture here.",
    ]
    assert (session.lines[0].id, session.lines[0].speaker) == ("D1:1", "Mona")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("1:56 pm on 8 May, 2023", datetime(2023, 5, 8, 13, 56, tzinfo=UTC)),
        ("12:09 am on 13 September, 2023", datetime(2023, 9, 13, 0, 9, tzinfo=UTC)),
        ("05.01.2024, 13:22:10", datetime(2024, 1, 5, 13, 22, 10, tzinfo=UTC)),
        ("2024-01-05T13:22:10Z", datetime(2024, 1, 5, 13, 22, 10, tzinfo=UTC)),
        ("2024-01-05T13:22:10+02:00", datetime(2024, 1, 5, 11, 22, 10, tzinfo=UTC)),
        ("2024-01-05 13:22", datetime(2024, 1, 5, 13, 22, tzinfo=UTC)),
        ("2024-03-04", datetime(2024, 3, 4, tzinfo=UTC)),
        ("January 5, 2024 at 1:22 PM", datetime(2024, 1, 5, 13, 22, tzinfo=UTC)),
    ],
)
def test_dates_are_read_in_many_forms(tmp_path: Path, written: str, meant: datetime) -> None:
    read = read_one(tmp_path, dialogue(session_1_date_time=written, session_2=None))
    assert (read.sessions[0].began_at, read.sessions[0].began_at.tzinfo) == (meant, UTC)


def test_sessions_come_in_the_order_of_their_dates(tmp_path: Path) -> None:
    read = read_one(
        tmp_path,
        dialogue(session_10=lines(10, ["Hello again."]), session_10_date_time="1 January 2023"),
    )
    assert [session.lines[0].id for session in read.sessions] == ["D10:1", "D1:1", "D2:1"]


def test_dates_of_sessions_that_are_not_there_are_not_needed(tmp_path: Path) -> None:
    read = read_one(
        tmp_path,
        dialogue(session_3_date_time="whenever", session_4=[], speaker_a=None, speaker_b=None),
    )
    assert len(read.sessions) == 2


def test_one_dialogue_may_stand_alone_in_a_file(tmp_path: Path) -> None:
    assert len(read_dataset(write(tmp_path, dialogue())).dialogues) == 1


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    file = write(tmp_path, dialogue())
    file.write_text(file.read_text("utf-8"), "utf-8-sig")
    assert len(read_dataset(file).dialogues) == 1


def test_a_line_that_says_nothing_is_no_message_but_may_still_be_wanted(tmp_path: Path) -> None:
    silent = lines(1, [*HOLIDAYS, " "])
    read = read_one(tmp_path, dialogue(asked("What was that?", "D1:4"), session_1=silent))
    assert [line.id for line in read.sessions[0].lines] == ["D1:1", "D1:2", "D1:3"]
    assert read.questions[0].answered_by == {"D1:4"}


@pytest.mark.parametrize(
    ("evidence", "found", "repaired", "dropped"),
    [
        (["D1:1", "D2:2"], {"D1:1", "D2:2"}, 0, 0),
        (["D1:1; D2:2"], {"D1:1", "D2:2"}, 2, 0),
        (["D1:1, D1:2 D1:3"], {"D1:1", "D1:2", "D1:3"}, 3, 0),
        (["D:2:1"], {"D2:1"}, 1, 0),
        (["D02:01"], {"D2:1"}, 1, 0),
        (["D1:1", "D7:7", "D", "see above"], {"D1:1"}, 0, 3),
        (["D1:1; D9:17"], {"D1:1"}, 1, 1),
        ("D1:2", {"D1:2"}, 0, 0),
        ([["D1:1"], ["D1:2", [" D1:3 "]], ""], {"D1:1", "D1:2", "D1:3"}, 0, 0),
    ],
)
def test_evidence_is_repaired_or_dropped_and_counted(
    tmp_path: Path, evidence: object, found: set[str], repaired: int, dropped: int
) -> None:
    question = asked("What?") | {"evidence": evidence}
    dataset = read_dataset(write(tmp_path, [dialogue(question)]))
    assert dataset.dialogues[0].questions[0].answered_by == found
    assert (dataset.repaired, dataset.dropped) == (repaired, dropped)


def test_questions_without_evidence_and_of_category_5_are_left_out_and_counted(
    tmp_path: Path,
) -> None:
    dataset = read_dataset(
        write(
            tmp_path,
            [
                dialogue(
                    asked("Who breeds alpacas?", "D1:2"),
                    asked("Who knows?"),
                    asked("And this?") | {"evidence": None},
                    asked("Nowhere?", "D9:9"),
                    asked("Never said?", "D1:1", category=5),
                    asked("Never said either?", "D1:1", category="5"),
                )
            ],
        )
    )
    assert [question.text for question in dataset.dialogues[0].questions] == ["Who breeds alpacas?"]
    assert (dataset.unsupported, dataset.unanswerable, dataset.dropped) == (3, 2, 1)


@pytest.mark.parametrize(
    ("category", "name"),
    [(1, "multi-hop"), ("2", "temporal"), (3, "open-domain"), ("4", "single-hop")],
)
def test_categories_have_names(tmp_path: Path, category: object, name: str) -> None:
    read = read_one(tmp_path, dialogue(asked("Who?", "D1:1", category=category)))
    assert read.questions[0].category == name


WRONG: list[tuple[object, str]] = [
    ("", "is not JSON"),
    ("{", "is not JSON"),
    ("[" * 100_000, "is not JSON"),
    ([], "holds no question"),
    ([dialogue() | {"qa": []}], "holds no question"),
    ([dialogue(asked("Who?", "D1:1", category=5))], "holds no question"),
    ([7], "dialogue 1 is not an object"),
    ("null", "dialogue 1 is not an object"),
    ([dialogue(), {"qa": []}], "dialogue 2 has no object `conversation`"),
    ([{"conversation": []}], "dialogue 1 has no object `conversation`"),
    ([dialogue() | {"qa": {}}], "dialogue 1 has no list `qa`"),
    ([dialogue() | {"qa": ["?"]}], "dialogue 1, question 1 is not an object"),
    ([dialogue(asked("", "D1:1"))], "dialogue 1, question 1 has no `question`"),
    ([dialogue(asked("Who?", category=6))], "`category` must be a number from 1 to 5"),
    ([dialogue(asked("Who?", category=None))], "`category` must be a number from 1 to 5"),
    ([dialogue(asked("Who?", category=True))], "`category` must be a number from 1 to 5"),
    ([dialogue(session_1="hello")], "dialogue 1, session_1 is not a list"),
    ([dialogue(session_1=["hello"])], "dialogue 1, session_1, line 1 is not an object"),
    ([dialogue(session_1=[{"speaker": "Mona"}])], "session_1, line 1 has no `dia_id`"),
    ([dialogue(session_1=[{"dia_id": "D1:1"}])], "session_1, line 1 has no `speaker`"),
    ([dialogue(session_1=lines(1, [7]))], "must be texts"),  # type: ignore[list-item]  # wrong
    ([dialogue(session_1=None, session_2=None)], "dialogue 1 has no list `session_1`"),
    ([dialogue(session_1=lines(1, [""]), session_2=None)], "dialogue 1 has no list `session_1`"),
    ([dialogue(session_1_date_time=None)], "session_1_date_time is no date"),
    ([dialogue(session_1_date_time="yesterday")], "session_1_date_time is no date"),
    ([dialogue(session_1_date_time="May 2023")], "session_1_date_time is no date"),
    ([dialogue(session_1_date_time=20230508)], "session_1_date_time is no date"),
]


@pytest.mark.parametrize(("content", "complaint"), WRONG)
def test_a_wrong_file_is_one_clear_line(tmp_path: Path, content: object, complaint: str) -> None:
    file = write(tmp_path, content)
    with pytest.raises(ConfigError) as raised:
        read_dataset(file)
    assert complaint in str(raised.value)
    assert str(raised.value).startswith(str(file))
    assert "\n" not in str(raised.value)


def test_what_is_no_file_is_one_clear_line(tmp_path: Path) -> None:
    for file in (tmp_path, tmp_path / "missing.json"):
        with pytest.raises(ConfigError, match="cannot be read"):
            read_dataset(file)


def test_bytes_that_are_no_text_are_one_clear_line(tmp_path: Path) -> None:
    file = tmp_path / "picture.json"
    file.write_bytes(b"\x89PNG\xff\xfe")
    with pytest.raises(ConfigError, match="is not JSON"):
        read_dataset(file)
