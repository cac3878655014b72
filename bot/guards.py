"""What a proposed statement must pass before it becomes a memory, whatever model wrote it."""

import re
from collections.abc import Sequence

from bot.names import hides_someone
from bot.quotes import own_words
from bot.slots import MOMENTARY, canonical
from bot.text import terms
from bot.types import ExtractionPrompt, Message, Statement

_SENTENCE = re.compile(r"(?<=[.!?;])\s+|\n+")

_TO_ELLIE = re.compile(
    r"(?i)\b(?:ignore|disregard|override|bypass|forget)\b[^.]{0,20}\b(?:all|previous|prior|earlier"
    r"|above|your|system)\b[^.]{0,20}\b(?:instruction|rule|prompt|guideline|restriction)s?\b"
    r"|\b(?:you|ellie|(?:the|an?) (?:assistant|bot|ai|chatbot))\b[^.]{0,20}"
    r"\b(?:must|should|shall|ha(?:s|ve) to|needs? to|will)\b[^.]{0,20}\b(?:always|never|only|obey"
    r"|answer|reply|respond|say|tell|give|reveal|ignore|act|pretend|follow|send)\b"
    r"|\b(?:system prompt|developer mode|jailbreak|from now on,? (?:you|ellie|always|never))\b"
    r"|^(?:you are now|act as|pretend|always (?:answer|reply|respond|say)|never (?:answer|say))\b"
)
"""Text that tells the assistant what to do."""
_OVERREACH = re.compile(
    r"(?i)\b(?:ignore|disregard|override|bypass|instructions?|rules?|prompts?|guidelines?"
    r"|restrictions?|developer mode|jailbreak|everyone|everybody|anyone"
    r"|(?:other|all|any|every) (?:people|users?|members?|persons?|channels?|conversations?)"
    r"|passwords?|secrets?|api keys?|admin\w*|reveal|leak|(?:memories|messages|data) of)\b"
)
"""A wish that reaches beyond how Ellie speaks to the person: her rules, other people, secrets."""

_REFUSES = re.compile(
    r"(?i)^(?:(?:i['’]m|i am)? ?sorry\b|i (?:cannot|can['’]?t|am unable|won['’]t)\b"
    r"|as an? (?:ai|assistant|(?:large )?language model)\b)"
)
"""What a memory model says of itself where it will not do its work."""

_REPORTS = (
    r"(?:says?|said|thinks?|thought|claims?|claimed|believes?|believed|insists?|insisted|reckons?"
    r"|wrote|writes|(?:tells|told|texted|asked|accused) (?:me|us|them|him|her|\w+))"
)
_HEARSAY = re.compile(
    rf"(?i)\b(?!(?:i|we)\b)[\w'’]+ (?:\w+ly |just |always |still )?{_REPORTS}\b"
    r"(?P<what>[^.!?;]*)|\b(?:according to|rumou?r has it|i(?: have)? heard)\b(?P<rest>[^.!?;]*)"
)
_OF_SPEAKER = re.compile(r"(?i)\b(?:i|i['’]\w+|me|my|mine|myself|we|our|us)\b")
_ATTRIBUTED = re.compile(rf"(?i)\b{_REPORTS}\b|\baccording to\b")

_FEELING = (
    r"(?:tired|exhausted|sleepy|sad|happy|hungry|thirsty|bored|angry|grumpy|cranky|moody|annoyed"
    r"|stressed|upset|lonely|excited|nervous|anxious|worried|gloomy|cold|hungover|busy|down"
    r"|in an? \w+ mood)"
)
_MOOD = re.compile(
    rf"(?i)\b(?:i['’]?m|i am|i['’]?ve been|i have been|i feel|feeling) (?:\w+ ){{0,2}}?{_FEELING}"
    r"(?=\W*$|[.,!;…]| (?:today|tonight|now|right now|at the moment|this \w+|because|after|and"
    r"|but|from|again)\b)"
)
_LASTING = re.compile(
    r"(?i)\b(?:always|often|usually|every|since|for (?:\w+ )?(?:weeks|months|years)|chronic\w*"
    r"|all the time|constantly|tend to|never)\b"
)


def accepts(statement: Statement, prompt: ExtractionPrompt) -> bool:
    """Whether a statement may be kept at all.

    Not: what only a quotation says; what is nearer to Ellie's replies or to known memories than to
    what the person said; what others say about the person, unless it is told as theirs; a mood of
    the moment; an instruction to Ellie, unless it is the person's own standing wish; what is about
    somebody who opted out, whose name was taken out of the message.
    """
    said = [prompt.said[number - 1] for number in statement.sources]
    return bool(terms(statement.text) or not statement.text.isascii()) and not (
        _about_someone(statement)
        or _only_quoted(statement, prompt, said)
        or _only_echoed(statement, prompt, said)
        or _hearsay(statement, said)
        or _mood(statement, said)
        or _commands(statement)
    )


def _about_someone(statement: Statement) -> bool:
    slot = statement.slot
    parts = [statement.text, *statement.aliases]
    parts += [slot.entity or "", slot.value] if slot else []
    return any(map(hides_someone, parts))


def own_sentence(text: str, said: Sequence[Message]) -> str:
    """The sentence in the senders' own words that has most in common with `text`."""
    sentences = [s for m in said for s in _SENTENCE.split(own_words(m.text)) if s.strip()]
    wanted = set(terms(text))
    return max(sentences, key=lambda s: len(wanted & set(terms(s))), default="")


def called(prompt: ExtractionPrompt) -> set[str]:
    """The stems of every name the person goes by."""
    names = [prompt.person] + [
        m.slot.value
        for m in prompt.known
        if m.slot and m.slot.attribute == "name" and m.slot.entity is None
    ]
    return {stem for name in names for stem in terms(name)}


def _only_quoted(statement: Statement, prompt: ExtractionPrompt, said: Sequence[Message]) -> bool:
    """Of a sentence, less than a third of what the messages say is outside quotations.

    A title may be in quotation marks; a whole sentence that is copied out of a quotation may not.
    """
    whole = {stem for message in said for stem in terms(message.text)}
    own = {stem for message in said for stem in terms(own_words(message.text))}
    return any(
        3 * len(content & own) < len(content & whole)
        for sentence in _SENTENCE.split(statement.text)
        if (content := set(terms(sentence)) - called(prompt))
    )


def _only_echoed(statement: Statement, prompt: ExtractionPrompt, said: Sequence[Message]) -> bool:
    """More of its words stand only in what models said or were shown than in its sources.

    Whom it is about, and which property, may be known ("Meta it is", of Sarah's work); so may what
    it supersedes ("I quit", of a job at Google).
    """
    slot = statement.slot
    content = set(terms(statement.text)) - called(prompt)
    if slot is not None:
        content |= set(terms(slot.value))
        content -= set(terms(f"{slot.entity or ''} {slot.attribute}"))
    own = {stem for message in said for stem in terms(message.text)}
    replaced = [prompt.known[number - 1].text for number in statement.superseded]
    shown = [reply for reply in prompt.replies if reply]
    shown += [memory.text for memory in prompt.known]
    elsewhere = {stem for text in shown for stem in terms(text)}
    elsewhere -= {stem for text in replaced for stem in terms(text)}
    refuses = _REFUSES.match(statement.text) is not None and not content & own
    return refuses or len((content - own) & elsewhere) > len(content & own)


def _hearsay(statement: Statement, said: Sequence[Message]) -> bool:
    """Somebody else's word about the person, told as if it were the person's."""
    found = _HEARSAY.search(own_sentence(statement.text, said))
    if found is None or _ATTRIBUTED.search(statement.text):
        return False
    return _OF_SPEAKER.search(found["what"] or found["rest"] or "") is not None


def _mood(statement: Statement, said: Sequence[Message]) -> bool:
    slot = statement.slot
    if slot and slot.entity:
        return False
    sentence = own_sentence(statement.text, said)
    if _LASTING.search(sentence) or _LASTING.search(statement.text):
        return False
    if slot and canonical(slot.attribute) == MOMENTARY:
        return True
    felt = _MOOD.search(sentence)
    return felt is not None and bool(set(terms(felt[0])) & set(terms(statement.text)))


def _commands(statement: Statement) -> bool:
    slot = statement.slot
    if slot and slot.entity is None and canonical(slot.attribute) == "wish":
        return _OVERREACH.search(f"{statement.text} {slot.value}") is not None
    return _TO_ELLIE.search(statement.text) is not None
