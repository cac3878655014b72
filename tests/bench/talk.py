"""What people say, invented: statements, questions and replies of a conversation's usual length.

A message shares a content word with about a third of what a person has said in years.
"""

from collections.abc import Callable
from random import Random

from bot.tokens import count_tokens
from bot.types import Slot

NAMES = """Sarah Tom Priya Yuki Omar Lena Diego Anna Felix Marta Jonas Aisha Pavel Nora Hugo Ines
Kofi Mila Sven Tara Bruno Elif Ravi Zoe""".split()  # noqa: SIM905 (reads better as prose)
PLACES = """Lisbon Kyoto Oslo Berlin Nairobi Quito Dublin Prague Seoul Cusco Bergen Valencia
Tallinn Osaka Porto Krakow Hanoi Turin""".split()  # noqa: SIM905
FIRMS = """Google Meta Siemens Bosch Spotify Airbus Nestle Philips Ikea Zalando Ericsson Maersk
Shell Nokia""".split()  # noqa: SIM905
WORKS = [
    "software engineer", "nurse", "architect", "teacher", "data analyst", "chef", "pilot",
    "translator", "electrician", "illustrator", "physicist", "product manager",
]  # fmt: skip
LIKES = [
    "green tea", "long walks", "bouldering", "jazz records", "budget hostels", "street food",
    "black coffee", "crime novels", "board games", "trail running", "watercolours", "old cameras",
    "vegetarian cooking", "night trains", "chess puzzles", "wild swimming", "sourdough bread",
]  # fmt: skip
MONTHS = "January February March April May June July August September October".split()  # noqa: SIM905
WHO = """neighbours parents doctor landlord cousins dentist colleagues grandmother bank boss
children couple coach librarian gardener plumber committee twins baker mayor postman
lawyer painter nephew carpenter referee pharmacist cashier tailor judge farmer drummer
editor curator sailor butcher optician janitor therapist vet conductor barber florist
mechanic novelist guide singer stepfather godmother tenant""".split()  # noqa: SIM905
DID = """suggested forgot promised delayed organised praised refused repaired doubted cancelled
discovered finished ordered painted borrowed celebrated returned photographed measured
hid watered cleaned insured bought rented shortened polished mentioned published wrapped
damaged inspected approved swapped auctioned weighed copied donated praised replaced
postponed labelled imported admired sketched recycled""".split()  # noqa: SIM905
WHAT = """budget apartment bicycle concert garden passport invoice kitchen festival recipe ticket
language heating piano tent marathon degree insurance sculpture telescope harvest ferry
wedding mortgage orchard puppy carpet balcony thesis violin staircase calendar suitcase
microscope kayak lantern aquarium ladder mattress podcast greenhouse receipt blanket
chimney compass hammock kettle ladle mosaic notebook quilt""".split()  # noqa: SIM905
WHEN = """yesterday spring autumn weekend tonight midnight summer winter lately breakfast dinner
Monday Tuesday Wednesday Thursday Friday Easter noon Christmas sunrise carnival dusk
halloween lunch Saturday teatime Sunday holidays harvest solstice dawn graduation
retirement birthday anniversary semester fortnight quarter century""".split()  # noqa: SIM905
QUESTIONS: list[Callable[[Random], str]] = [
    lambda r: f"What do you know about {r.choice(NAMES)}, and where does everybody work now?",
    lambda r: f"Where did I want to travel in {r.choice(MONTHS)}, was it {r.choice(PLACES)}?",
    lambda r: f"Do I still like {r.choice(LIKES)}, or was it {r.choice(LIKES)} lately?",
    lambda r: f"Can you suggest a present for {r.choice(NAMES)}, who loves {r.choice(LIKES)}?",
    lambda r: f"Which hotel in {r.choice(PLACES)} did the {r.choice(WORKS)} recommend to us?",
]


def _detail(random: Random) -> str:
    who, did, what = random.choice(WHO), random.choice(DID), random.choice(WHAT)
    return f"because the {who} {did} the {what} for {random.choice(WHEN)}"


def statement(random: Random) -> tuple[str, Slot]:
    """One memory of 15 to 30 tokens, and the slot it is in."""
    name, place, detail = random.choice(NAMES), random.choice(PLACES), _detail(random)
    liked, kind = random.choice(LIKES), random.randrange(4)
    if kind == 0:
        value = f"{random.choice(FIRMS)} as a {random.choice(WORKS)}"
        return f"{name} works at {value}, {detail}.", Slot(name, "works at", value, False)
    if kind == 1:
        value = f"{place} in {random.choice(MONTHS)} with {name}"
        return f"They plan a trip to {value}, {detail}.", Slot(None, "plans", value, False)
    if kind == 2:
        value = f"{liked} in {place}"
        return f"{name} likes {value}, {detail}.", Slot(name, "likes", value, False)
    value = f"{liked} with {name}"
    return f"They enjoy {value}, {detail}.", Slot(None, "likes", value, False)


def message(random: Random, most_tokens: int = 60, least_tokens: int = 25) -> str:
    """What a person says in one turn: `least_tokens` to `most_tokens` tokens."""
    if random.random() < 0.5:
        first = random.choice(QUESTIONS)(random)
    else:
        first = f"Did I tell you? {statement(random)[0]}"
    return _fill(first, random, most_tokens, least_tokens)


def reply(random: Random, most_tokens: int = 60) -> str:
    """What Ellie answers: 25 to `most_tokens` tokens."""
    return _fill(f"I remember that {statement(random)[0]}", random, most_tokens, 25)


def _fill(text: str, random: Random, most_tokens: int, least_tokens: int) -> str:
    wanted = random.randint(least_tokens, most_tokens)
    while count_tokens(text) < wanted:
        longer = f"{text} That is {_detail(random)}."
        if count_tokens(longer) > most_tokens:
            break
        text = longer
    return text
