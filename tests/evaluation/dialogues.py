"""Small dialogues in LoCoMo's format, in our own words."""

import json
from pathlib import Path
from typing import Any

Json = dict[str, Any]

HOLIDAYS = [
    "The ferry to Bergen left without us.",
    "My sister breeds alpacas in Wales.",
    "I finally repaired the cuckoo clock.",
]
WORK = [
    "The bakery hired me as a night baker.",
    "Our oven is older than my grandmother.",
]


def lines(session: int, texts: list[str]) -> list[Json]:
    """The lines of one session: D1:1, D1:2 ..."""
    return [
        {"dia_id": f"D{session}:{number}", "speaker": "Mona", "text": text}
        for number, text in enumerate(texts, 1)
    ]


def asked(question: str, *evidence: object, category: object = 4) -> Json:
    return {
        "question": question, "answer": "?", "evidence": list(evidence), "category": category
    }  # fmt: skip


def dialogue(*questions: Json, **conversation: object) -> Json:
    """Two sessions, with other parts where `conversation` names them; None takes a part away."""
    parts = {
        "speaker_a": "Mona",
        "speaker_b": "Tariq",
        "session_1": lines(1, HOLIDAYS),
        "session_1_date_time": "1:56 pm on 8 May, 2023",
        "session_2": lines(2, WORK),
        "session_2_date_time": "10:00 am on 9 June, 2023",
        **conversation,
    }
    return {
        "sample_id": "conv-1",
        "conversation": {name: part for name, part in parts.items() if part is not None},
        "qa": list(questions) or [asked("Who breeds alpacas?", "D1:2")],
    }


def write(folder: Path, content: object) -> Path:
    file = folder / "dialogues.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    return file
