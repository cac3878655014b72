"""The built-in `ChatModel` without a language model: a table of rules reads, quotes answer.

It understands plain English statements only: what no rule knows becomes no memory (the message
itself stays searchable). It infers nothing. `notebook_rules.py` is the table of what it
understands, this module how clauses become statements, `notebook_reply.py` how it answers.
"""

import re
from collections.abc import AsyncGenerator
from dataclasses import replace

from bot.errors import ModelRefused
from bot.llm.notebook_reply import answer, own_messages
from bot.llm.notebook_rules import (
    ANIMALS,
    BEING,
    CLOSED,
    DONE,
    KIN,
    KINSHIP,
    LEAD,
    ONE_OF_A_KIND,
    OWNED,
    RELATIVE_DATE,
    RULES,
    SAME,
    STAY,
    SUBJECT,
    VAGUE,
    Rule,
    is_name,
    own_clauses,
    remember_request,
    third_person,
)
from bot.text import fold_name, terms
from bot.types import (
    Extraction,
    ExtractionPrompt,
    Memory,
    ReplyEnd,
    ReplyPrompt,
    Slot,
    Statement,
    SummaryPrompt,
    Usage,
)

PIECE_WORDS = 8


class _Reading:
    """What the rules make of a prompt's messages, read one after the other."""

    def __init__(self, prompt: ExtractionPrompt) -> None:
        self.statements: list[Statement] = []
        self._prompt = prompt
        self._known = [
            (n, m, m.slot) for n, m in enumerate(prompt.known, 1) if m.valid_to is None and m.slot
        ]
        self._kept = [
            slot for _, _, slot in sorted(self._known, key=lambda k: k[1].said_at, reverse=True)
        ]

    def read(self, source: int) -> None:
        """Add the statements of message number `source`."""
        text, before = self._prompt.said[source - 1].text, len(self.statements)
        request = remember_request(text)
        for clause in own_clauses(request or text):
            self._read_clause(source, clause)
        if request and len(self.statements) == before:
            self.statements.append(Statement(request, (source,)))

    def _slots(self) -> list[Slot]:
        """Newest first."""
        return [s.slot for s in reversed(self.statements) if s.slot] + self._kept

    def _held(self, entity: str | None, *attributes: str) -> Slot | None:
        of = fold_name(entity or "")
        slots = (slot for slot in self._slots() if fold_name(slot.entity or "") == of)
        return next((slot for slot in slots if slot.attribute in attributes), None)

    def _who(self) -> str:
        name = self._held(None, "name")
        return name.value if name else self._prompt.person

    def _read_clause(self, source: int, clause: str) -> None:
        for kinship in filter(None, [pattern.match(clause) for pattern in KINSHIP]):
            if is_name(kinship["name"], told=True):
                more = kinship.groupdict().get("more") or ""
                self._relate(source, self._spelt(kinship["name"]), kinship["kin"], more)
                if clause[:1] not in "Ii":
                    return
        subject = SUBJECT.match(clause)
        about = self._subject(source, subject) if subject else None
        if subject and about:
            rest, short = subject["rest"].strip(), (subject["short"] or "").lower()
            if subject["my"] or (short == "'s" and re.match(OWNED, rest, re.I)):
                self._apply(source, about, "'s " + rest)
            else:
                verb = "has " if short == "'ve" or DONE.match(rest) else "is "
                self._apply(source, about, verb + rest if short else third_person(rest))

    def _subject(self, source: int, match: re.Match[str]) -> tuple[str | None, str] | None:
        """(entity, how the text calls it); None: nobody the rules can speak of."""
        who, kin, name = self._who(), match["kin"], match["name"] or match["bare"]
        if match["i"] or (match["my"] or "").lower() == "my":
            return None, who
        entities = [slot.entity for slot in self._slots() if slot.entity]
        if match["they"] or match["my"]:
            last = next(iter(entities), None)
            return (last, f"{who}'s {last}" if KIN.fullmatch(last) else last) if last else None
        if name:
            name = self._spelt(name)
            if not is_name(name, told=bool(kin) or name in entities):
                return None
            if kin:
                self._relate(source, name, kin)
            elif name not in entities and BEING.match(f"{match['short'] or ''} {match['rest']}"):
                return None  # "Life is a journey": only who is known is said to be something
            elif not match["short"] and third_person(match["rest"]) != match["rest"]:
                return None  # "Sounds like fun"
            return name, name
        related = [s for s in self._slots() if s.attribute == "relation" and s.value == kin]
        known = related[0].entity if related else None
        return (known, known) if known else (kin, f"{who}'s {kin}")

    def _spelt(self, name: str) -> str:
        names = (slot.entity for slot in self._slots() if slot.entity)
        return next((known for known in names if fold_name(known) == fold_name(name)), name)

    def _relate(self, source: int, name: str, kin: str, more: str = "") -> None:
        aliases = (kin,) if ONE_OF_A_KIND.fullmatch(kin) else ()
        text = f"{name} is {self._who()}'s {kin}{more}"
        self._add(source, text, Slot(name, "relation", kin, False), aliases)

    def _apply(self, source: int, about: tuple[str | None, str], predicate: str) -> None:
        entity, display = about
        bare, before = LEAD.sub(lambda m: m[1] or "", predicate, count=1), len(self.statements)
        if closed := CLOSED.fullmatch(bare):
            places = [self._held(entity, attribute) for attribute in ("works at", "lives in")]
            for slot in filter(None, places):
                if fold_name(slot.value) == fold_name(closed["value"]):
                    text = f"{display} no longer {slot.attribute} {slot.value}"
                    self._add(source, text, replace(slot, value=f"no longer {slot.value}"))
            return
        for rule in RULES:
            match = rule.pattern.fullmatch(bare)
            if match and not (rule.attribute == "is" and len(self.statements) > before):
                self._state(source, about, predicate, rule, match)

    def _state(
        self,
        source: int,
        about: tuple[str | None, str],
        predicate: str,
        rule: Rule,
        match: re.Match[str],
    ) -> None:
        entity, display = about
        value, exclusive, parts = match["value"].strip(" ,"), rule.exclusive, match.groupdict("")
        attribute = rule.attribute if rule.attribute != "*" else match["attribute"].lower()
        attribute = SAME.get(attribute, attribute)
        if VAGUE.match(value) or re.search(r"\bI\b", value) or not (exclusive or terms(value)):
            return
        if attribute == "name" and not (
            entity is None and is_name(value, told=rule is not RULES[1])
        ):
            return
        if attribute == "works as" and self._kind(entity) == "animal":
            return
        works, lives = self._held(entity, "works at"), self._held(entity, "lives in")
        if entity and attribute == "lives in" and "moved to" in predicate and works and not lives:
            # To a town or to another employer: nothing is closed by a guess.
            attribute, exclusive = "moved to", False
        place = self._held(entity, "works at", "lives in")
        if place and attribute in STAY and re.search(r"\b(?:there|here)\b", predicate):
            there = ("at " if place is works else "in ") + place.value.removeprefix("no longer ")
            attribute = STAY[place is lives]
            predicate = re.sub(r"\b(?:there|here)\b", lambda _: there, predicate, count=1)
        said = rule.text.format(value=value, an=parts.get("an", "")) if rule.text else predicate
        blank = "" if said.startswith("'") else " "
        said = re.sub(r"\bmy\b", lambda _: f"{self._who()}'s", said, flags=re.I)
        said = re.sub(r"\b(?:me|myself)\b", lambda _: self._who(), said)
        self._add(source, display + blank + said, Slot(entity, attribute, value, exclusive))

    def _kind(self, entity: str | None) -> str | None:
        relation = self._held(entity, "relation")
        animal = re.fullmatch(ANIMALS, relation.value if relation else entity or "", re.I)
        return ("animal" if animal else "person") if entity else None

    def _add(self, source: int, text: str, slot: Slot, aliases: tuple[str, ...] = ()) -> None:
        if RELATIVE_DATE.search(text):
            text += f" (said on {self._prompt.said[source - 1].sent_at:%Y-%m-%d})"
        for place, earlier in enumerate(self.statements):
            if earlier.sources == (source,) and earlier.slot and _key(earlier.slot) == _key(slot):
                if fold_name(earlier.slot.value) == fold_name(slot.value):
                    return
                if slot.exclusive:  # said in one breath: the later one holds, the earlier is a text
                    self.statements[place] = Statement(earlier.text, earlier.sources)
        same = [(n, old) for n, _, old in self._known if old and _key(old) == _key(slot)]
        again = [n for n, old in same if fold_name(old.value) == fold_name(slot.value)]
        others = [n for n, _ in same if n not in again and slot.exclusive]
        kind = "animal" if re.fullmatch(ANIMALS, slot.value, re.I) else self._kind(slot.entity)
        self.statements.append(
            Statement(
                text,
                (source,),
                slot,
                kind if slot.entity else None,
                aliases,
                duplicates=tuple(again),
                superseded=tuple(others),
            )
        )


def _key(slot: Slot) -> tuple[str, str]:
    return fold_name(slot.entity or ""), slot.attribute


def _read(prompt: ExtractionPrompt) -> list[Statement]:
    reading = _Reading(prompt)
    for source in range(1, len(prompt.said) + 1):
        reading.read(source)
    return reading.statements


class Notebook:
    """A `ChatModel` that needs no network and no model, and is honest about it."""

    name = "notebook"
    summarises = False

    async def reply(self, prompt: ReplyPrompt) -> AsyncGenerator[str | ReplyEnd, None]:
        """What was noted, or what the notebook says, quoted with dates; never raises."""
        said, kept = own_messages(prompt), [*prompt.profile, *(r.item for r in prompt.recalled)]
        known = tuple(item for item in kept if isinstance(item, Memory))
        heard = _read(
            ExtractionPrompt(prompt.question.speaker, said, (None,) * len(said), known, ())
        )
        words = answer(prompt, said, heard).split(" ")
        for start in range(0, len(words), PIECE_WORDS):
            yield (" " if start else "") + " ".join(words[start : start + PIECE_WORDS])
        yield ReplyEnd(Usage())

    async def extract(self, prompt: ExtractionPrompt) -> Extraction:
        """The statements the rules find, in the order said, one message each; never raises."""
        return Extraction(tuple(_read(prompt)))

    async def summarise(self, prompt: SummaryPrompt) -> tuple[str, Usage]:
        """Raise ModelRefused: the notebook quotes, it does not sum up."""
        raise ModelRefused("the notebook makes no summaries: configure a language model for them")
