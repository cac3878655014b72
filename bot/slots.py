"""Attributes as slots keep them: one name for each, and how many values one holds."""

# What models call them → the one name, so that a newer value meets the older.
_SAME = {
    name: attribute
    for attribute, names in {
        "name": "is called|called|first name|full name|goes by|nickname",
        "pronouns": "pronoun",
        "language": "native language|preferred language|mother tongue",
        "time zone": "timezone|tz",
        "wish": "wishes|standing wish|instruction",
        "lives in": "live in|lives at|living in|lives|residence|home|home city|current city|city"
        "|location|moved to|resides in|based in|address",
        "works at": "work at|works for|working at|employer|workplace|company|employed at"
        "|employed by|job at",
        "works as": "work as|job|job title|occupation|profession|role|position",
        "age": "is aged|years old",
        "likes": "like|loves|love|enjoys|enjoy|is a fan of|fond of|is into",
        "dislikes": "dislike|hates|hate|does not like|doesn't like",
        "prefers": "prefer|preference",
        "plans": "plan|plans to|is planning|is planning to|planning|intends to|intention",
        "has": "have|owns|own",
        "speaks": "speak",
        "mood": "feels|feeling|is feeling|feeling today|current mood|emotional state|emotion"
        "|feels like|state of mind",
    }.items()
    for name in names.split("|")
}

PROFILE = ("name", "pronouns", "language", "time zone", "wish")
"""The person's own slots that ride along in every prompt."""
ONE = frozenset(
    ("name", "pronouns", "language", "time zone", "lives in", "works at", "works as", "age",
     "birthday", "date of birth")
)  # fmt: skip
"""Known to hold one value at a time, whatever a model says."""
MANY = frozenset(
    ("about", "attended", "bought", "decided", "did", "dislikes", "event", "friend", "goal", "has",
     "hobby", "interested in", "is", "knows", "likes", "met", "needs", "plans", "plays", "prefers",
     "read", "relation", "speaks", "uses", "visited", "wants", "watched", "went to", "wish", "mood")
)  # fmt: skip
"""Known to add up: a new value never closes another one."""
OPPOSITES = {"likes": "dislikes", "dislikes": "likes"}
"""Of one value, only one of the two holds."""
MOMENTARY = "mood"
"""How somebody feels right now: nothing that is so for weeks."""


def canonical(attribute: str) -> str:
    """The one name of an attribute."""
    plain = " ".join(attribute.casefold().split())
    return _SAME.get(plain, plain)


def holds_one(attribute: str, flagged: bool) -> bool:
    """Whether a slot of this (canonical) attribute is exclusive; `flagged`: a model says so."""
    return attribute in ONE or (flagged and attribute not in MANY)
