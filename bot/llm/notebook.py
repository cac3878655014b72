"""The built-in `ChatModel` without a language model: a table of rules reads, quotes answer."""

import re
import textwrap
from collections.abc import Iterator, Sequence

from bot.errors import ModelRefused
from bot.ports import Lookup, Reply
from bot.quotes import NOT_OWN
from bot.text import STOP_WORDS, fold_name, one_line, terms, words
from bot.types import (
    Extraction,
    ExtractionPrompt,
    Memory,
    Message,
    ReplyEnd,
    ReplyPrompt,
    Slot,
    Statement,
    SummaryPrompt,
    Usage,
)

MESSAGE_LIMIT, SENTENCE_LIMIT, QUOTE_LIMIT = 8_000, 400, 200  # characters that are read, quoted
QUOTES, LATELY = 5, 2  # quotes in one answer: of what was recalled, of what was said just before

_ANIMAL = r"(?:dog|cat|puppy|kitten|horse|rabbit|hamster|parrot)"
_KIN = (
    r"(?:(?:best |old(?:er)? |younger |big |little )?(?:friend|sister|brother|wife|husband|partner"
    rf"|(?:girl|boy)friend|mother|father|mum|dad|son|daughter|cousin|boss|colleague)|{_ANIMAL})\b"
)
_JOB = r"(?:\w+ ){0,3}?(?:engineer|developer|designer|teacher|nurse|doctor|lawyer|chef|student)"
_C, _V = r"(?-i:[A-ZÀ-Þ])", r"(?P<value>.+)"  # a capital letter; the rest as the value
_PLACE = r"(?P<value>.+?)(?: (?:as|since|because|with|for|in \d{4})\b.*)?"
_NAME = rf"(?:{_C}[\w-]+(?: {_C}[\w-]+)*|[\w-]+)"
_NOBODY = r"(?:(?:every|some|no)(?:body|one)|\w+(?:ish|ese|ican|dian|day)|french|german|back)\b"
# What follows the subject, in the third person: "I am" is read as "is", "my age" as "'s age".
# attribute | = one value at a time, + values add up | pattern | the text, if not the clause itself
_TABLE = rf"""
name | = | (?:is called|goes by|'s name is) (?P<value>{_C}.*|[\w-]+) | The name is {{value}}
name | = | is (?!{_NOBODY})(?P<value>{_C}[\w'-]+(?: {_C}\w+)?) | The name is {{value}}
pronouns | = | (?:uses|'s pronouns are) (?P<value>\w+/[\w/]+)(?: pronouns)? |
language | = | 's (?:native |first )?language is {_V} |
time zone | = | (?:'s time ?zone is|is in the) (?P<value>[\w+:/-]+)(?: time ?zone)? |
lives in | = | (?:(?:lives|is living|is based) in|(?:has )?moved (?:from .+? )?to) {_PLACE} |
works at | = | (?:works|is an? {_JOB}) (?:at|for) (?!home){_PLACE} | {{who}} works at {{value}}
works as | = | works (?:(?:at|for|in) .+? )?as (?P<an>an? )?{_V} | {{who}} works as {{an}}{{value}}
works as | = | is an? (?P<value>{_JOB})(?: (?:at|for|in|with) .+)? |
has worked there for | = | has (?:been|worked) @ for {_V} |
likes | + | (?:likes|loves|enjoys|is (?:a (?:big )?fan of|into|fond of|keen on)) {_V} |
prefers | + | prefers {_V} |
dislikes | + | (?:hates|dislikes|(?:does|can) not (?:really )?(?:like|enjoy|stand)) {_V} |
allergic to | + | is (?:very |severely )?allergic to {_V} |
diet | = | is (?:an? )?(?:strict )?(?P<value>vegetarian|vegan|pescatarian) |
has | + | has (?:got )?(?P<value>(?:an?|one|two|three|four|\d+) .+) |
from | = | (?:is (?:originally )?|comes )from {_V} |
age | = | (?:is|turned|'s age is) (?P<value>\d{{1,3}})(?: years old)? |
birthday | = | (?:'s birthday is(?: on)?|was born on) {_V} |
favourite {{what}} | = | 's favou?rite (?P<what>.+?) (?:is|are) {_V} |
plans | + | (?:is planning|plans|is (?:flying|moving)|is going(?= to {_C})) (?:on |to )?{_V} |
wants | + | wants (?:to )?{_V} |
decided | + | (?:has )?decided (?:to|on|against|that) {_V} |
speaks | + | speaks {_V} |
relation | + | is my (?P<value>{_KIN})(?: (?:from|at|since|in) .+)? |
"""
_RULES = tuple(f"{row} ".split(" | ") for row in _TABLE.strip().splitlines())  # two for names
_VAGUE = re.compile(
    r"(?i:(?:it|this|that|these|those|you|me|her|him|them|what|how|know|ask|say)\b(?!/)"
    r"|an? (?:\w+ )?(?:question|problem|idea|cold|meeting|feeling|look|time|lot|few)\b)|.*\bI\b"
)
_VERB = r"(?:am|is|are|has|have|do|does|moved|left|(?:live|work|like|love|hate|prefer|speak)s?)\b"
_THIRD_PERSON = {"am": "is", "are": "is", "were": "was", "have": "has", "do": "does", "can": "can"}
_SUBJECT = re.compile(
    rf"(?i)(?:(?P<me>I|my)|(?P<pronoun>s?he|they)|(?P<name>{_NAME}))(?P<own>'s)? (?P<predicate>.+)"
)
_REWRITES = {
    r"^(?:(?:hi|hello|hey|ellie|yes|ok|well|so|and|actually|btw)\b[ ,!]*)+": "",
    r",? (?:now|also|really|just|currently|recently|please|too|as well(?! as))\b": "",
    r"(?<=\bI)'m\b": " am",
    r"(?<=\w)'ve\b": " have",
    r"\b(can)(?:'t|not)\b|(?<=\w)n't\b": r"\1 not",
    r"(?<=\w)'s (?=been|worked|got|moved|decided)": " has ",
    r"(?<=[hm]e)'s\b|(?<=\w)'s(?= (?:an?|my|from|called|allergic|\w+ing)\b)": " is",
    r"\b(?:please )?call me ": "my name is ",
    rf"\b(?:my|I have an?) ({_KIN})(?:'s name is| is called| called) ({_NAME})": r"\2 is my \1",
    rf"(?:(?<!\w )|(?<=and ))my ({_KIN}),? ({_NAME}),?(?= {_VERB}|'s )": r"\2 is my \1; \2",
}
_JOINT = re.compile(
    rf"(?i);|(?:,? (?:and|but)|,)(?= (?:(?:I|s?he|they|not)\b|my [\w ]+ {_VERB}|{_C}\w+ {_VERB}))"
)
_SHARED_SUBJECT = re.compile(rf"(?i)(?:,? (?:and|but)|,) (?={_VERB} \w)")
_DEPENDENT = re.compile(r"\b(?:who|which|that|because|when|to (?=[a-z]))")
_UNSAID = re.compile(
    r"(?i)\b(?:if|wish|hope|maybe|perhaps|would|could|might|said|says|told|asked|thinks?"
    rf"|suppose|claims?|according to)\b|\w'd\b|.{{{SENTENCE_LIMIT}}}."
)
_NEGATED = re.compile(r"(?i)\b(?:never|no longer|not(?! (?:really )?(?:like|enjoy|stand)\b))\b")
_SENTENCE_END = re.compile(r"(?<=[.!?;…])(?<!\b[DM]r\.)(?<!\bMrs\.)\s+|\n+|\s[-–—]+\s")
_ASKS = re.compile(
    r"(?i).*\?$|(?:what|who|where|when|why|how|which|tell me|(?:do|did|can|is|am) (?:I|you|my))\b"
)
_REMEMBER = re.compile(r"(?is)\W*(?:please\W+)?remember\b(?!.*\?\s*$)(?: that)?[\s:,]*")
_ASKS_NAME = re.compile(r"(?i)\bmy name\b|\bwho (?:am i|i am)\b|\bcall me\b")
_ASKS_ALL = re.compile(r"(?i)\b(?:about|know|remember) me\b|\bwho am i\b")
_ASKS_PAST = re.compile(r"(?i)\b(?:used to|before|previous(?:ly)?|former(?:ly)?|did|was|were)\b")
_ALSO_ASKED = {"travel": {"trip", "plan"}, "job": {"work"}, "home": {"live"}}  # stems


def _sentences(text: str) -> list[str]:
    """The sentences, contractions spelt out; what is not the person's own reads as "said"."""
    text = NOT_OWN.sub(" said ", text[:MESSAGE_LIMIT]).replace("’", "'").strip()
    sentences = [one_line(part)[: SENTENCE_LIMIT + 1] for part in _SENTENCE_END.split(text)]
    for pattern, new in _REWRITES.items():
        sentences = [re.sub(pattern, new, sentence, flags=re.I) for sentence in sentences]
    return sentences


def _clauses(text: str) -> Iterator[str]:
    """The coordinated clauses, each with its subject; "" for a sentence that states nothing."""
    for sentence in _sentences(text):
        stated = not _ASKS.match(sentence) and not _UNSAID.search(sentence)
        for part in _JOINT.split(sentence) if stated else [""]:
            first, *more = [part] if _DEPENDENT.search(part) else _SHARED_SUBJECT.split(part)
            subject = _SUBJECT.match(part.lstrip())
            shared = subject[0].removesuffix(subject["predicate"]) if subject else ""
            yield from (first, *(shared + clause for clause in more))


class _Reading:
    """What the rules make of a person's messages, read one after the other."""

    def __init__(self, person: str, said: Sequence[Message], known: Sequence[Memory]) -> None:
        self.statements: list[Statement] = []
        self._person = person
        by_age = sorted(enumerate(known, 1), key=lambda numbered: numbered[1].said_at)
        self._known = [(n, m.slot) for n, m in by_age if m.slot and not m.valid_to]
        self._slots = [slot for _, slot in self._known]  # the one spoken of last is at the end
        for number, message in enumerate(said, 1):
            request = _REMEMBER.match(message.text)
            text = message.text[request.end() :] if request else message.text
            noted = [self._read(number, clause) for clause in _clauses(text)]
            if request and not all(noted):
                self.statements.append(Statement(one_line(text) or message.text, (number,)))

    def held(self, entity: str | None, attribute: str) -> str | None:
        of, slots = fold_name(entity or ""), reversed(self._slots)
        return next((s.value for s in slots if s.attribute == attribute and _key(s)[0] == of), None)

    def _read(self, number: int, clause: str) -> bool:
        """Whether a statement came of the clause."""
        before, subject = len(self.statements), _SUBJECT.match(clause.strip(" .,!;:…"))
        if subject and not _NEGATED.search(clause):
            entity, predicate = self._entity(subject), subject["predicate"]
            if subject["own"] or subject[0][:2].lower() == "my":
                predicate = f"'s {predicate}"
            elif not subject["name"]:
                verb, _, rest = predicate.partition(" ")
                third = verb if verb.endswith(("s", "ed")) else f"{verb}s"
                predicate = f"{_THIRD_PERSON.get(verb.lower(), third)} {rest}"
            if entity or subject["me"]:
                self._apply(number, entity, predicate)
        return len(self.statements) > before

    def _entity(self, subject: re.Match[str]) -> str | None:
        """Whom a subject other than "I" means; None: nobody the rules can be sure of."""
        name, predicate = subject["name"] or "", subject["predicate"]
        entities = list(dict.fromkeys(s.entity for s in reversed(self._slots) if s.entity))
        if subject["pronoun"]:
            return next((entity for entity in entities[:1] if self._kind(entity) == "person"), None)
        for entity in entities:
            if fold_name(entity) == fold_name(name):
                self._slots.append(Slot(entity, "", "", False))  # spoken of again
                return entity
        # "Life is a journey": of a name never heard of, only what somebody does is believed.
        does = name[:1].isupper() and re.match(rf"(?!is|has){_VERB}", predicate)
        nobody = STOP_WORDS.intersection(words(name)) or re.match(_NOBODY, name, re.I)
        return name if (does or predicate.startswith("is my ")) and not nobody else None

    def _kind(self, entity: str) -> str:
        relation = self.held(entity, "relation") or entity
        return "animal" if re.fullmatch(_ANIMAL, relation, re.I) else "person"

    def _apply(self, number: int, entity: str | None, predicate: str) -> None:
        """Add what each rule makes of a predicate ("live in Lyon", "'s age is 30")."""
        me, employer = self.held(None, "name") or self._person, self.held(entity, "works at")
        who, at = entity or me, f"at {employer}"
        if employer:
            predicate = re.sub(rf"^(has \w+) (?:there|{re.escape(at)})\b", r"\1 @", predicate)
        clause = f"{who} {predicate}".replace(" @", f" {at}", 1).replace(" 's ", "'s ", 1)
        for attribute, values, pattern, text in _RULES[2 if entity else 0 :]:
            match = re.fullmatch(pattern, predicate, re.I)
            value, exclusive = match["value"].strip(' ,"') if match else "", values == "="
            if not match or _VAGUE.match(value) or not (exclusive or terms(value)):
                continue
            said = text.format(who=who, **match.groupdict("")).strip() or clause
            said = said.replace(" my ", f" {me}'s ")
            slot = Slot(entity, attribute.format(**match.groupdict()), value, exclusive)
            self._slots.append(slot)
            kind = self._kind(entity) if entity else None
            same = [(n, fold_name(old.value)) for n, old in self._known if _key(old) == _key(slot)]
            again = tuple(n for n, old in same if old == fold_name(value))
            others = tuple(n for n, _ in same if exclusive and n not in again)
            new = Statement(said, (number,), slot, kind, duplicates=again, superseded=others)
            if new not in self.statements:  # a message may say it twice
                self.statements.append(new)


def _key(slot: Slot) -> tuple[str, str]:
    return fold_name(slot.entity or ""), slot.attribute


def _to_you(text: str, names: set[str]) -> str:
    """A statement about the person of these names, said to them."""
    who, plain = "|".join(map(re.escape, names)), {v: k for k, v in _THIRD_PERSON.items()}
    if verb := re.match(rf"(?:{who}) (\w+)", text):
        text = f"you {plain.get(verb[1], verb[1].removesuffix('s'))}{text[verb.end() :]}"
    return re.sub(rf"\b(?:{who})'s\b", "your", text).replace("The name is", "your name is")


def _is_question(item: Memory | Message) -> bool:
    one, *more = _sentences(item.text)
    return not more and bool(one.endswith("?") if isinstance(item, Memory) else _ASKS.match(one))


def _until(item: Memory | Message) -> str:
    return f" (until {item.valid_to.date()})" if isinstance(item, Memory) and item.valid_to else ""


def _quote(item: Memory | Message) -> str:
    said_at = item.said_at if isinstance(item, Memory) else item.sent_at
    text = textwrap.shorten(item.text, QUOTE_LIMIT, placeholder="…")
    who = "You told me" if isinstance(item, Message) or item.number > 0 else "Shared here"
    return f'{who} on {said_at:%Y-%m-%d}{_until(item)}: "{text}"'


def _quotes(prompt: ReplyPrompt, own: Sequence[Message], reading: _Reading) -> list[str]:
    text, name = prompt.question.text, reading.held(None, "name")
    asked = {also for stem in terms(text) for also in (stem, *_ALSO_ASKED.get(stem, ()))}
    lines = [f"Your name is {name}."] if name and _ASKS_NAME.search(text) else []
    if lines and asked <= {"name", "call"}:
        return lines
    everything, past = _ASKS_ALL.search(text), _ASKS_PAST.search(text)
    named = {fold_name(name) for name in re.findall(rf"(?<=\S ){_C}[\w-]+", text)} - {"ellie"}
    items = [
        r.item
        for r in prompt.recalled
        if not named or "entity" in r.parts or named & {*words(r.item.text.replace("'s", ""))}
    ] + [m for m in prompt.profile if everything or asked.intersection(terms(m.text))]
    known = {item.text for item in items if isinstance(item, Memory)}
    items = [item for item in items if not _is_question(item) and (past or not _until(item))]
    items = sorted(items if everything else items[:QUOTES], key=lambda item: bool(_until(item)))
    sources = {source for item in items if isinstance(item, Memory) for source in item.sources}
    items = [item for item in items if isinstance(item, Memory) or item.id not in sources]
    lately: list[Message] = []
    for number, message in enumerate(own, 1):
        noted = {s.text for s in reading.statements if s.sources == (number,)}
        told = noted if everything else asked.intersection(terms(" ".join((message.text, *noted))))
        if told and not noted & known and not _is_question(message):
            lately.append(message)
    items += lately[: -LATELY - 1 : -1]
    return lines + list({one_line(i.text).casefold(): _quote(i) for i in items}.values())


def _answer(prompt: ReplyPrompt) -> str:
    question, said = prompt.question, set(words(prompt.question.text))
    own = [e.said for e in prompt.history if e.said.speaker == question.speaker]
    known = [*prompt.profile, *(r.item for r in prompt.recalled if isinstance(r.item, Memory))]
    reading = _Reading(question.speaker, [*own, question], known)
    if not _REMEMBER.match(question.text) and any(map(_ASKS.match, _sentences(question.text))):
        quotes = _quotes(prompt, own, reading)
        return "\n".join(quotes) or "I don't know that yet: I find nothing about it in my notebook."
    if prompt.paused or prompt.outsider:
        return f"You {'are a visitor' if prompt.outsider else 'have paused'}: I keep none of that."
    name = reading.held(None, "name")
    if new := [s.text for s in reading.statements if s.sources == (len(own) + 1,)]:
        names = {name or question.speaker, question.speaker}
        return f"Noted: {'; '.join(_to_you(text, names) for text in new)}."
    if said & {"hi", "hello", "hey"} and not terms(question.text):
        return f"Hello, {name}." if name else "Hello."
    return "You're welcome." if said & {"thank", "thanks"} else "I wrote that down as you said it."


class Notebook:
    """A `ChatModel` that understands the plain statements of `_TABLE`, and infers nothing."""

    name = "notebook"
    summarises = False

    async def reply(self, prompt: ReplyPrompt, lookup: Lookup | None = None) -> Reply:
        """What was noted, or what the notebook says, quoted with dates; it looks nothing up."""
        yield _answer(prompt)
        yield ReplyEnd(Usage())

    async def extract(self, prompt: ExtractionPrompt) -> Extraction:
        """The statements the rules find, in the order said, one message each; never raises."""
        return Extraction(tuple(_Reading(prompt.person, prompt.said, prompt.known).statements))

    async def summarise(self, prompt: SummaryPrompt) -> tuple[str, Usage]:
        """Raise ModelRefused: the notebook quotes, it does not sum up."""
        raise ModelRefused("the notebook makes no summaries: configure a language model for them")
