"""The public LoCoMo format, read into dialogues."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.errors import ConfigError

CATEGORIES = {1: "multi-hop", 2: "temporal", 3: "open-domain", 4: "single-hop"}
"""As the data numbers them (its paper lists them in another order); 5, questions that have no
answer, is left out."""
UNANSWERABLE = 5

_SESSION = re.compile(r"session_(\d+)")
_LINE_ID = re.compile(r"D:?(\d+):(\d+)")
# A whole date, day before month where either could be; nothing relative, no half dates.
_DATES = {
    "DATE_ORDER": "DMY",
    "PREFER_LOCALE_DATE_ORDER": False,
    "REQUIRE_PARTS": ["day", "month", "year"],
    "PARSERS": ["absolute-time"],
    "TIMEZONE": "UTC",
    "RETURN_AS_TIMEZONE_AWARE": True,
}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing said in a dialogue. `id` is its dia_id; `text` holds the picture's caption too."""

    id: str
    speaker: str
    text: str


@dataclass(frozen=True, slots=True)
class Session:
    """Lines said in one go, in their order. `began_at` is aware, UTC."""

    began_at: datetime
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """A question about a dialogue, with the ids of the lines that answer it (at least one)."""

    text: str
    category: str
    answered_by: frozenset[str]


@dataclass(frozen=True, slots=True)
class Dialogue:
    """Sessions oldest first, and what is asked about them."""

    sessions: tuple[Session, ...]
    questions: tuple[Question, ...]


@dataclass(slots=True)
class Dataset:
    """The dialogues of a file, and what of it was not taken as it stood.

    `unanswerable`: questions of category 5. `unsupported`: questions without any line that could
    answer them. `repaired`: malformed ids of lines that could be read. `dropped`: ids, malformed or
    not, of lines that do not exist. None of these questions and ids is scored.
    """

    dialogues: list[Dialogue]
    unanswerable: int = 0
    unsupported: int = 0
    repaired: int = 0
    dropped: int = 0


def read_dataset(file: Path) -> Dataset:
    """The dialogues of a file: a list of them, or one. ConfigError: what is wrong with it."""
    try:
        content = json.loads(file.read_text("utf-8-sig"))
    except OSError as error:
        raise ConfigError(f"{file} cannot be read: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{file} is not JSON.") from error
    found = content if isinstance(content, list) else [content]
    dataset = Dataset([])
    try:
        for number, dialogue in enumerate(found, 1):
            dataset.dialogues.append(_dialogue(dataset, dialogue, f"dialogue {number}"))
    except ConfigError as error:
        raise ConfigError(f"{file} is not in LoCoMo's format: {error}") from error
    if not any(dialogue.questions for dialogue in dataset.dialogues):
        raise ConfigError(f"{file} holds no question that could be scored.")
    return dataset


def _dialogue(dataset: Dataset, found: object, where: str) -> Dialogue:
    if not isinstance(found, dict):
        raise ConfigError(f"{where} is not an object.")
    conversation, asked = found.get("conversation"), found.get("qa")
    if not isinstance(conversation, dict):
        raise ConfigError(f"{where} has no object `conversation`.")
    if not isinstance(asked, list):
        raise ConfigError(f"{where} has no list `qa`.")
    sessions = []
    known = set()
    for key, said in conversation.items():
        if _SESSION.fullmatch(key) and said:
            session, ids = _session(said, conversation.get(f"{key}_date_time"), f"{where}, {key}")
            sessions.append(session)
            known |= ids
    if not any(session.lines for session in sessions):
        raise ConfigError(f"{where} has no list `session_1` in which something is said.")
    questions = [
        question
        for number, entry in enumerate(asked, 1)
        if (question := _question(dataset, entry, known, f"{where}, question {number}"))
    ]
    return Dialogue(tuple(sorted(sessions, key=lambda s: s.began_at)), tuple(questions))


def _session(said: object, date: object, where: str) -> tuple[Session, set[str]]:
    """One session, without lines that say nothing, and the ids of all its lines."""
    if not isinstance(said, list):
        raise ConfigError(f"{where} is not a list.")
    lines = []
    ids = set()
    for number, entry in enumerate(said, 1):
        line = _line(entry, f"{where}, line {number}")
        ids.add(line.id)
        if line.text:
            lines.append(line)
    return Session(_moment(date, where), tuple(lines)), ids


def _line(found: object, where: str) -> Line:
    if not isinstance(found, dict):
        raise ConfigError(f"{where} is not an object.")
    identity, speaker = found.get("dia_id"), found.get("speaker")
    if not isinstance(identity, str) or not identity.strip():
        raise ConfigError(f"{where} has no `dia_id`.")
    if not isinstance(speaker, str) or not speaker.strip():
        raise ConfigError(f"{where} has no `speaker`.")
    text, caption = (found.get(key) or "" for key in ("text", "blip_caption"))
    if not isinstance(text, str) or not isinstance(caption, str):
        raise ConfigError(f"{where}: `text` and `blip_caption` must be texts.")
    picture = f"[{caption.strip()}]" if caption.strip() else ""
    return Line(identity.strip(), speaker.strip(), f"{text.strip()} {picture}".strip())


def _moment(date: object, where: str) -> datetime:
    if isinstance(date, str):
        import dateparser  # 70 ms: not before there is a file to read

        moment: datetime | None = dateparser.parse(date, languages=["en"], settings=_DATES)
        if moment is not None:
            return moment.astimezone(UTC)
    raise ConfigError(f"{where}_date_time is no date that can be read.")


def _question(dataset: Dataset, found: object, known: set[str], where: str) -> Question | None:
    """A question to be scored; None for one that is left out, which is counted."""
    if not isinstance(found, dict):
        raise ConfigError(f"{where} is not an object.")
    category, text = str(found.get("category")).strip(), found.get("question")
    if category == str(UNANSWERABLE):
        dataset.unanswerable += 1
        return None
    if category not in map(str, CATEGORIES):
        raise ConfigError(f"{where}: `category` must be a number from 1 to 5.")
    if not isinstance(text, str) or not text.strip():
        raise ConfigError(f"{where} has no `question`.")
    ids: set[str] = set()
    for named in _texts(found.get("evidence")):
        ids |= _lines_named(dataset, named, known)
    if not ids:
        dataset.unsupported += 1
        return None
    return Question(text.strip(), CATEGORIES[int(category)], frozenset(ids))


def _texts(evidence: object) -> Iterator[str]:
    """Every text of a list of lists, or of anything between that and one text."""
    if isinstance(evidence, list):
        for part in evidence:
            yield from _texts(part)
    elif isinstance(evidence, str) and evidence.strip():
        yield evidence.strip()


def _lines_named(dataset: Dataset, named: str, known: set[str]) -> set[str]:
    """The known lines that a text names. Some are malformed: "D8:6; D9:17", "D:11:26", "D30:05"."""
    if named in known:
        return {named}
    read = {f"D{int(session)}:{int(line)}" for session, line in _LINE_ID.findall(named)}
    if read and read != {named}:
        dataset.repaired += len(read & known)
    dataset.dropped += len(read - known) or (not read)
    return read & known
