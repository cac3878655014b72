"""What the notebook understands of English: its rules, and which clauses are a person's own.

No language model: a sentence is cut into clauses, a clause into subject and predicate, and the
predicate is looked up in `_RULES_TEXT`. Regular expressions only see what `SENTENCE_LIMIT` allows.
"""

import re
from dataclasses import dataclass

from bot.text import STOP_WORDS, one_line, words

MESSAGE_LIMIT = 8_000  # characters of a message that are read
SENTENCE_LIMIT = 400  # a longer one is no plain statement
VERBS = (
    r"(?:lives?|works?|is|are|am|was|has|have|likes?|loves?|enjoys?|adores?|prefers?|hates?"
    r"|dislikes?|can't|don't|doesn't|moved|relocated|left|quit|joined|started|got|used?|uses|plans?"
    r"|wants?|needs?|decided|visited|speaks?|owns?|drives?|plays?|study|studies|learns?|comes?"
    r"|go|goes|turned|no longer|now|also|really|just|currently|still|always|recently|usually)\b"
)
_OPENERS = re.compile(
    r"^(?:(?:hi|hello|hey|there|ellie|yes|no|ok|okay|well|so|oh|and|also|actually|btw|by the way"
    r"|fyi|please|good (?:morning|evening|afternoon)|(?:i told you|you should know|note)(?: that)?"
    r"|nice to meet you)\b[\s,:!–—-]*)+",
    re.I,
)
_TAIL = re.compile(
    r"(?:[\s,]+(?:please|thanks|thank you|thx|cheers|lol|haha|btw|by the way|too|as well|though|now"
    r"|right now|currently|these days|(?:nice|pleased) to meet you))+$",
    re.I,
)
_REMEMBER = re.compile(
    r"\W*(?:(?:hey|hi|ok|ellie|please|also)[\s,]+){0,3}((?:can|could) you (?:please )?)?"
    r"remember\b(?:\s+(?:that|this|to)\b)?[\s:,–—-]*",
    re.I,
)
_UNSAID = re.compile(
    r"\b(?:if|wish|maybe|perhaps|suppose|imagine|pretend|would|might|said|says|told|asked|thinks?"
    r"|claims?|according to)\b|\w'd\b",
    re.I,
)
_QUOTED = re.compile(r"[\"“«]([^\"“”«»]{0,400})[\"”»]")
_SENTENCE_END = re.compile(r"(?<=[.!?;…])(?<!\b[DM]r\.)(?<!\bMrs\.)(?<!\bSt\.)\s+|\n+|\s[-–—]+\s")
_JOINT = re.compile(
    r"(?:,? (?:and|but|so)|,) (?:also )?(?:(?=(?:I|she|he|they|call me)\b)"
    rf"|(?=my (?:[\w'-]+ ){{1,4}}{VERBS})|(?=(?-i:[A-ZÀ-Þ])[\w-]+ (?:lives|works|likes|loves)\b)"
    r"|(?=(?P<verb>(?:really )?(?:loves?|likes?|enjoys?|hates?|dislikes?|prefers?|don't|doesn't"
    r"|can't|lives?|works?|has|have|owns?|speaks?|is|am))\b))",
    re.I,
)
_RELATIVE = re.compile(r"\b(?:who|which|that|to [a-z]+)\b")
_NOT_NAMES = STOP_WORDS | set(
    words(
        """american african asian australian back british buddhist busy canadian catholic christian
        done dutch european everybody everyone fine french german good great greek happy hindu home
        hungry indian italian jewish late life mexican muslim nobody people ready russian sad
        somebody someone sorry sure tired today tomorrow monday tuesday wednesday thursday friday
        saturday sunday"""
    )
)
ADVERBS = r"(?:(?:now|also|really|just|currently|still|always|recently|usually|do|does) )*"
THIRD = {
    **{"am": "is", "are": "is", "were": "was"},
    **{"have": "has", "don't": "doesn't", "go": "goes", "need": "needs", "study": "studies"},
    **{word: word for word in ("can't", "no", "left", "quit", "got")},
}
_ASKS = re.compile(
    r"(?:what|who|whose|whom|where|when|why|how|which|do|does|did|can|could|will|would|should|is|are"
    r"|am|was|were|have i|has|had|tell me|remind me|show me|list|any|recommend|suggest|give me)\b",
    re.I,
)
# What follows the subject, in the third person ("I'm" is read as "is", "my age" as "'s age"):
# attribute | = one value at a time, + values add up | pattern, up to the clause's end | the text,
# where it is not the clause itself. <value> is the rest, <place> the same without "since", "with" …
# `*` takes the attribute from the pattern. Every rule that fits gives a statement, "is" only alone.
_RULES_TEXT = r"""
name | = | (?:is called|is named|goes by|'s name is) <value> | 's name is {value}
name | = | is (?P<value>(?-i:[A-ZÀ-Þ])[\w'-]+(?: (?-i:[A-ZÀ-Þ])[\w'-]+)?) | 's name is {value}
pronouns | = | uses (?P<value>\w+/\w+(?:/\w+)?)(?: pronouns)? | 's pronouns are {value}
time zone | = | is in (?:the )?(?P<value>[\w+:/-]+) time ?zone | 's time zone is {value}
* | = | 's (?P<attribute><possessed>) (?:is|are) <value> |
lives in | = | (?:lives|is living|is based) in <place> |
lives in | = | (?:has )?(?:moved|relocated) (?:back )?(?:from .+? )?to <place> |
works at | = | works (?:remotely |part-time )?(?:at|for) (?!home|night)<place> | works at {value}
works at | = | is an? .+? (?:at|for) (?P<value>(?-i:[A-Z]).*) | works at {value}
works at | = | (?:has )?(?:joined|started (?:working )?at) (?P<value>(?-i:[A-Z]).*) |
works at | = | (?:has )?(?:got|started) an? (?:new )?job (?:at|with) <place> |
works at | = | has worked (?:at|for) (?P<value>.+?) (?:for|since) .+ | works at {value}
works as | = | works (?:(?:at|for|in) .+? )?as (?P<an>an? |the )?<value> | works as {an}{value}
works as | = | is an? (?P<value>(?:[\w-]+ ){0,3}?<job>)(?: (?:at|for|in|with|from) .+)? |
works in | + | works in <value> |
has worked there for | = | (?:has|is) (?:been|worked) (?:there|here|(?:at|with|for) .+?) <span> |
has lived there for | = | has (?:lived|been living) (?:there|here|in .+?) <span> |
likes | + | (?:likes|loves|enjoys|adores) <value> |
likes | + | is (?:a (?:big |huge |great )?fan of|into|fond of|keen on) <value> |
prefers | + | prefers <value> |
dislikes | + | (?:hates|dislikes|can't stand|doesn't (?:really )?(?:like|enjoy|love)) <value> |
allergic to | + | is (?:very |severely |badly |mildly )?allergic to <value> |
diet | = | is (?:an? )?(?:strict )?(?P<value>vegetarian|vegan|pescatarian|lactose intolerant) |
avoids | + | doesn't (?:eat|drink) <value> |
has | + | has (?:got )?(?P<value>(?:an?|one|two|three|four|five|\d+) (?!(?:\w+ )?<passing>).+) |
owns | + | (?:owns|drives) <value> |
speaks | + | speaks <value> |
plays | + | plays <value> |
studies | + | (?:studies|learns|is studying|is learning) <value> |
visited | + | (?:has )?(?:visited|been to) <value> |
from | = | (?:is(?: originally)?|comes) from <value> |
born | = | was born <value> |
age | = | (?:is|turned|has turned) (?P<value>\d{1,3})(?: years old)? |
age | = | is (?P<value>(?!\d+ years)[\w-]+(?: [\w-]+)? (?:years|months|weeks)) old |
married to | = | is (?:happily )?(?:married|engaged) to <value> |
plans | + | (?:is planning|plans) (?:on |to )?<value> |
plans | + | is (?:travell?ing|flying|moving|visiting) (?:to )?<value> |
plans | + | is going (?:on |to )(?!<passing>|the\b|be\b)<value> |
wants | + | wants (?:to )?(?!<passing>)<value> |
needs | + | needs (?:to )?(?!<passing>)<value> |
decided | + | (?:has )?decided (?:to|on|against|that) <value> |
used to | + | used to <value> |
is | + | is (?:an?|the) (?!bit\b|little\b|lot\b|<passing>)<value> |
"""
_SHORTHAND = {
    "value": r"(?P<value>.+)",
    "place": r"(?P<value>.+?)(?: (?:as|since|because|with|for|last|in \d{4}) .+)?",
    "span": r"(?:for )?(?P<value>(?<=for ).+|since .+)",
    "possessed": r"name|pronouns|birthday|age|e-?mail|address|phone number|hometown|budget"
    r"|(?:native )?language|time ?zone|favou?rite [\w -]{1,40}?",
    "job": r"(?-i:(?!(?:beginn|foreign|strang|memb|lov|believ|fath|moth|teenag|own|los|us|farth"
    r"|broth|sist|daught)er\b|senior|junior|survivor|visitor|vegetarian|tourist)"
    r"[\w-]*(?:er|or|ist|ian|eer|yst)|nurse|chef|cook|architect|lawyer|student|pilot|vet|judge"
    r"|consultant|accountant|assistant|therapist|scientist|journalist|midwife|CEO|CTO)",
    "passing": r"(?:question|problem|idea|headache|cold|meeting|feeling|request|doubt|issue|bug"
    r"|look|time|lot|few|way|chance|blast|plans?|know|ask|see|say|thank|you|help|go|bed|sleep|lunch|dinner|work|home|try|it|that)\b",
}
PEOPLE = (
    r"(?:(?:best|old|older|younger|big|little|twin|good|close|new|former|ex|step)[ -])?(?:friend"
    r"|sister|brother|wife|husband|partner|girlfriend|boyfriend|fianc[eé]e?|mother|father|mum|mom"
    r"|dad|son|daughter|cousin|aunt|uncle|niece|nephew|grandmother|grandfather|boss|manager"
    r"|colleague|co-?worker|roommate|flatmate|neighbou?r|teacher|doctor|therapist)"
)
ANIMALS = r"(?:dog|cat|puppy|kitten|horse|rabbit|hamster|parrot|pet|bird|turtle|tortoise)"
ONE_OF_A_KIND = re.compile(r"wife|husband|girlfriend|boyfriend|mother|father|mum|mom|dad", re.I)
_KIN = rf"(?P<kin>{PEOPLE}|{ANIMALS})\b"
_WORD = r"[^\W\d_][\w-]*(?:'(?!s\b)[\w-]+)*"
_NAME = rf"(?P<name>{_WORD}(?: {_WORD}){{0,2}}?)"
OWNED = _SHORTHAND["possessed"]
SUBJECT = re.compile(
    rf"(?:(?P<i>I)|(?P<they>she|he|they)|(?P<my>my|her|his|their)(?= (?:{OWNED}) (?:is|are)\b)"
    rf"|my {_KIN}(?:,? {_NAME})?|{_NAME.replace('name', 'bare')})"
    rf"(?P<short>'(?:m|s|re|ve))?(?(short) |(?(my) |,? (?={VERBS})))(?P<rest>.+)",
    re.I,
)
KINSHIP = tuple(
    re.compile(pattern + r"(?=$|,| and\b| who\b)", re.I)
    for pattern in (
        rf"my {_KIN}(?:'s name is| is called| is named|'s called) {_NAME}",
        rf"{_NAME} is my {_KIN}(?P<more>(?: (?:from|at|since|in) .+)?)",
        rf"I(?: have|'ve got| have got) an? {_KIN},? (?:called|named) {_NAME}",
    )
)
_REWRITES = tuple(
    (re.compile(pattern, re.I), new)
    for pattern, new in (
        (r"(?:please |you can )*call me ", "I is called "),
        (r"(?:my|the) name's ", "my name is "),
        (
            r"(?:please |always )*(?:answer|reply|write|speak)(?: to)?(?: me)? in ",
            "my language is ",
        ),
        (rf"{_NAME}, my {_KIN},? ", r"my \g<kin> \g<name> "),
    )
)
RELATIVE_DATE = re.compile(
    r"\b(?:today|tonight|tomorrow|yesterday|ago|(?:next|last|this) (?:week|month|year|\w+day))\b",
    re.I,
)
LEAD = re.compile(rf"{ADVERBS}((?:is|has|was) )?{ADVERBS}", re.I)
CLOSED = re.compile(
    r"(?:(?:no longer|doesn't|don't) (?P<verb>lives?|works?) (?:in|at|for)|left|has left"
    r"|quit) (?P<value>.+?)(?: any ?(?:more|longer))?",
    re.I,
)
VAGUE = re.compile(
    r"(?:it|this|that|these|those|you|your|me|us|him|her|them|not|no|what|how|when)\b(?!/)", re.I
)
SAME = {"timezone": "time zone", "e-mail": "email"}
KIN = re.compile(_KIN, re.I)
BEING = re.compile(rf"'(?!s (?:{OWNED}))| (?:is|has|was)\b", re.I)
DONE = re.compile(r"(?:been|worked|lived|moved|joined|started|visited|got|decided)\b", re.I)
STAY = ("has worked there for", "has lived there for")


@dataclass(frozen=True, slots=True)
class Rule:
    """A row of the table; `text` empty: the clause itself is the text."""

    attribute: str
    exclusive: bool
    pattern: re.Pattern[str]
    text: str


def _rule(line: str) -> Rule:
    attribute, number, pattern, text = f"{line} ".split(" | ")
    pattern = re.sub(r"(?<!\?P)<(\w+)>", lambda short: _SHORTHAND[short[1]], pattern)
    return Rule(attribute, number == "=", re.compile(pattern, re.I), text.strip())


RULES = tuple(map(_rule, _RULES_TEXT.strip().splitlines()))


def _sentences(text: str) -> list[str]:
    """The sentences outside of code, quoted lines and others' words in quotation marks."""
    text = re.sub(r"```.*?(?:```|\Z)", " ", text[:MESSAGE_LIMIT], flags=re.S)
    text = re.sub(r"^[ \t]*>.*$", "", text, flags=re.M).replace("’", "'")
    text = _QUOTED.sub(lambda m: "" if re.search(r"\b(?:I|my|me|we)\b", m[1]) else m[1], text)
    text = re.sub(r"\bim\b", "I'm", text, flags=re.I)
    text = re.sub(r"\b(do|does)(?: not|nt)\b", r"\1n't", text, flags=re.I)
    return [_OPENERS.sub("", one_line(part), count=1) for part in _SENTENCE_END.split(text)]


def own_clauses(text: str) -> list[str]:
    """What the person states themselves, clause by clause: no questions, quotes or hypotheses."""
    return [
        _TAIL.sub("", _rewritten(clause).strip(" .,!;:…"))
        for sentence in _sentences(text)
        if len(sentence) <= SENTENCE_LIMIT and not _asks(sentence) and not _UNSAID.search(sentence)
        for clause in _clauses(_rewritten(sentence))
    ]


def _rewritten(clause: str) -> str:
    for pattern, new in _REWRITES:
        if pattern.match(clause):
            return pattern.sub(new, clause, count=1)
    return clause


def remember_request(text: str) -> str | None:
    """What "remember that …" asks to keep, on one line; None where nothing is asked to be kept."""
    text = text[:MESSAGE_LIMIT]
    match = _REMEMBER.match(text)
    if not match or (not match[1] and text.rstrip().endswith("?")):
        return None
    return one_line(text[match.end() :].rstrip(" ?") or text)


def _asks(sentence: str) -> bool:
    return sentence.endswith("?") or bool(_ASKS.match(sentence))


def is_question(text: str) -> bool:
    """Whether any sentence asks; a request to remember does not."""
    return remember_request(text) is None and any(map(_asks, _sentences(text)))


def _clauses(sentence: str) -> list[str]:
    """The coordinated clauses of a sentence, each with a subject ("and love" is "I love")."""
    clauses, start, subject = [], 0, ""
    for joint in _JOINT.finditer(sentence):
        head = sentence[start : joint.start()]
        if joint["verb"] and _RELATIVE.search(head):
            continue
        clauses.append(subject + head)
        subject = ""
        if joint["verb"]:
            first_person = re.search(r"\bI\b", sentence[: joint.start()], re.I)
            subject = "I " if first_person and not joint["verb"].endswith("s") else "they "
        start = joint.end()
    return [*clauses, subject + sentence[start:]]


def is_name(name: str, told: bool) -> bool:
    """`told`: it is said to be a name, so small letters do and "Will" is one."""
    if told:
        return all(word[0].isupper() or word not in _NOT_NAMES for word in name.split())
    parts = [word for word in name.split() if word[0].isupper() and not word[1:].isupper()]
    return len(parts) == len(name.split()) and not _NOT_NAMES & set(name.lower().split())


def third_person(predicate: str) -> str:
    """`predicate` with its verb in the third person."""
    lead = re.match(ADVERBS, predicate, re.I)
    start = lead.end() if lead else 0
    verb, blank, rest = predicate[start:].partition(" ")
    word = verb.lower()
    third = THIRD.get(word, word if word.endswith(("s", "ed")) else word + "s")
    return predicate[:start] + third + blank + rest
