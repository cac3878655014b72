import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from bot.errors import FileError
from bot.importing import parse_export
from tests.docs.test_export import example

Body = dict[str, Any]
WHOLE: Body = json.loads(example())


def refused(content: bytes) -> str:
    with pytest.raises(FileError) as raised:
        parse_export(content)
    line = str(raised.value)
    assert "\n" not in line
    assert len(line) < 200
    return line


def changed(change: Callable[[Body], object]) -> bytes:
    body = copy.deepcopy(WHOLE)
    change(body)
    return json.dumps(body).encode()


def test_a_file_that_a_windows_editor_saved_is_read() -> None:
    assert parse_export(b"\xef\xbb\xbf" + example()) == parse_export(example())


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"", "This is no export of Ellie (Invalid JSON"),
        (b"\xff\xfe\x00", "This is no export of Ellie (it is not UTF-8 text)."),
        (b"[]", "This is no export of Ellie (Input should be an object"),
        (b"[" * 100_000, "This is no export of Ellie (Invalid JSON"),
        (b"{}", "This is no export of Ellie (format: Field required"),
        (b'{"format": "ellie-export", "version": 2}', "This export is of version 2; this Ellie"),
        (b'{"format": "ellie-export", "version": "1"}', "This is no export of Ellie (version"),
        (b'{"format": "ellie-export", "version": true}', "This is no export of Ellie (version"),
        (b'{"format": "ellie-export", "version": 1e99}', "This is no export of Ellie (version"),
        (b'{"format": "ellie-export", "version": 1' + b"0" * 9999 + b"}", "This is no export"),
        (b'{"format": "other", "version": 1}', "This is no export of Ellie (format"),
        (b'{"format": "ellie-export", "version": 1}', "This export is damaged (exported_at"),
    ],
)
def test_what_is_no_export_is_refused_in_one_line(content: bytes, line: str) -> None:
    assert refused(content).startswith(line)


def test_a_lone_surrogate_is_no_text() -> None:
    damaged = example().replace(b"green tea", rb"\ud800")
    assert refused(damaged).startswith("This is no export of Ellie (Invalid JSON")


def test_every_cut_file_is_refused() -> None:
    whole = example().strip()
    for end in range(0, len(whole), 37):
        refused(whole[:end])


PLACES: list[tuple[str, ...]] = [
    (),
    ("conversations", "0"),
    ("messages", "0"),
    ("messages", "1", "held"),
    ("memories", "0"),
    ("memories", "0", "slot"),
    ("memories", "0", "versions", "0"),
    ("entities", "0"),
    ("summaries", "0"),
]


def part_at(body: Body, place: tuple[str, ...]) -> Body:
    part: Any = body["scopes"][0]
    for step in place:
        part = part[int(step)] if isinstance(part, list) else part[step]
    found: Body = part
    return found


@pytest.mark.parametrize("place", PLACES, ids=".".join)
def test_every_field_must_be_there_of_its_type_and_no_other(place: tuple[str, ...]) -> None:
    for field, value in part_at(WHOLE, place).items():

        def drop(body: Body, field: str = field) -> None:
            del part_at(body, place)[field]

        assert field in refused(changed(drop))
        wrong: list[object] = [{"secret": "hush"}, 1.5, 10**30]
        wrong += [] if isinstance(value, str) else ["hush", "1", "true"]
        if value is not None and not isinstance(value, bool | int | list):
            wrong += [7, True, ["hush"]]
        for other in wrong:

            def put(body: Body, field: str = field, other: object = other) -> None:
                part_at(body, place)[field] = other

            assert "hush" not in refused(changed(put))

    def add(body: Body) -> None:
        part_at(body, place)["hush"] = 1

    line = refused(changed(add))
    assert "a field that is not known" in line
    assert "hush" not in line


def scope(body: Body) -> Body:
    return part_at(body, ())


WRONG: dict[str, Callable[[Body], object]] = {
    "empty user": lambda b: scope(b).update(user=""),
    "nul in an id": lambda b: scope(b)["messages"][0].update(event_id="a\0b"),
    "newline in a key": lambda b: scope(b)["conversations"][0].update(key="a\nb"),
    "no audience": lambda b: scope(b)["messages"][0].update(audience="everybody"),
    "local time": lambda b: scope(b)["messages"][0].update(sent_at="2026-03-02T09:00:00"),
    "no such day": lambda b: scope(b)["messages"][0].update(sent_at="2026-02-30T09:00:00Z"),
    "year 9999": lambda b: scope(b)["messages"][0].update(sent_at="9999-12-31T23:59:59Z"),
    "year 1": lambda b: scope(b)["messages"][0].update(sent_at="0001-01-01T00:00:00Z"),
    "uid in capitals": lambda b: scope(b)["memories"][0].update(uid="A" * 32),
    "scope twice": lambda b: b["scopes"].append(copy.deepcopy(scope(b))),
    "conversation twice": lambda b: scope(b)["conversations"].append(
        {"key": "dm:alice", "fresh_after": None}
    ),
    "event twice": lambda b: scope(b)["messages"].append(
        scope(b)["messages"][0] | {"id": 9, "turn": 2}
    ),
    "message id twice": lambda b: scope(b)["messages"].append(
        scope(b)["messages"][0] | {"event_id": "other", "turn": 2}
    ),
    "memory twice": lambda b: scope(b)["memories"].append(scope(b)["memories"][0]),
    "entity twice": lambda b: scope(b)["entities"].append(scope(b)["entities"][0]),
    "summary twice": lambda b: scope(b)["summaries"].append(scope(b)["summaries"][0]),
    "unknown conversation": lambda b: scope(b)["messages"][0].update(conversation="nowhere"),
    "turns out of order": lambda b: scope(b)["messages"].append(
        scope(b)["messages"][0] | {"id": 9, "event_id": "x"}
    ),
    "reply of a person": lambda b: scope(b)["messages"][0].update(reply_to=2),
    "held by a person": lambda b: scope(b)["messages"][0].update(
        held=scope(b)["messages"][1]["held"]
    ),
    "reply to nothing": lambda b: scope(b)["messages"][1].update(reply_to=None),
    "reply to itself": lambda b: scope(b)["messages"][1].update(reply_to=2),
    "reply before": lambda b: scope(b)["messages"].reverse(),
    "reply twice": lambda b: scope(b)["messages"].append(
        scope(b)["messages"][1] | {"id": 9, "event_id": "x"}
    ),
    "reply with a turn": lambda b: scope(b)["messages"][1].update(turn=2),
    "reply to no turn": lambda b: scope(b)["messages"][0].update(turn=None),
    "reply elsewhere": lambda b: (
        scope(b)["conversations"].append({"key": "hall", "fresh_after": None}),
        scope(b)["messages"][1].update(conversation="hall"),
    ),
    "held unknown memory": lambda b: scope(b)["messages"][1]["held"].update(memories=["0" * 32]),
    "held unknown message": lambda b: scope(b)["messages"][1]["held"].update(messages=[7]),
    "held unknown summary": lambda b: scope(b)["messages"][1]["held"].update(summary=7),
    "unknown source": lambda b: scope(b)["memories"][0].update(sources=[7]),
    "unknown newer": lambda b: scope(b)["memories"][0].update(closed_by=["0" * 32]),
    "unknown entity": lambda b: scope(b)["memories"][0].update(entity=7),
    "nameless entity": lambda b: scope(b)["memories"][0]["slot"].update(entity=None),
    "name without entity": lambda b: scope(b)["memories"][0].update(entity=None),
    "entity of nothing": lambda b: scope(b)["entities"][0].update(memories=["0" * 32]),
    "summary nowhere": lambda b: scope(b)["summaries"][0].update(conversation="nowhere"),
    "summary of nothing": lambda b: scope(b)["summaries"][0].update(covers=[7]),
    "summary to no turn": lambda b: scope(b)["summaries"][0].update(through=7),
    "summary on nothing": lambda b: scope(b)["summaries"][0].update(previous=7),
    "summary on itself": lambda b: scope(b)["summaries"][0].update(previous=1),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_does_not_fit_together_is_refused_in_one_line(wrong: str) -> None:
    assert refused(changed(WRONG[wrong])).startswith("This export is damaged (")
