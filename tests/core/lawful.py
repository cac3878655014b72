"""The law of recall, told anew for the tests: who may read what. It shares no code with Ellie.

Every text of a world carries a mark of its own: `mark7x` stands in a message or a note, `memo7x` in
what a model made of it, `worth7x` in the value of the slot that this filled.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

MARK = re.compile(r"\b(?:mark|memo|worth)\d+x\b")
PRIVATE, SPACE = "private", "space"


@dataclass(frozen=True)
class Spot:
    """Somebody, and where they speak and read: "dm", "closed:NAME" or "open:NAME"."""

    user: str
    space: str
    where: str

    @property
    def channel(self) -> tuple[str, str]:
        """The conversation: a channel that was closed for a while stays the same."""
        return self.space, f"dm:{self.user}" if self.where == "dm" else self.where.split(":")[1]

    @property
    def readers(self) -> str:
        """Who reads what is said there: "private", "space", or the closed channel."""
        if self.where == "dm":
            return PRIVATE
        return SPACE if self.where.startswith("open:") else self.where


@dataclass(frozen=True)
class Permit:
    """Whose a text is (None: shared with the space), and who else could read it."""

    user: str | None
    space: str
    readers: str

    def readable(self, spot: Spot) -> bool:
        """Whether everybody who reads along at the spot could read it."""
        if self.space != spot.space:
            return False
        if spot.where == "dm":
            return self.user == spot.user or self.readers == SPACE
        return self.readers in (SPACE, spot.where)


def narrower(one: str, other: str) -> str:
    """Who could read both."""
    if one == other or other == SPACE:
        return one
    return other if one == SPACE else PRIVATE


def derived(mark: str) -> set[str]:
    """A message's mark, and those of what is made of it."""
    return {mark.replace("mark", kind) for kind in ("mark", "memo", "worth")}


class Law:
    """What may be read where, as the world goes on."""

    def __init__(self) -> None:
        self.said: dict[str, Spot] = {}
        self.kin: dict[str, set[str]] = {}
        self.dead: set[str] = set()
        self.overheard: set[str] = set()
        self.broken: list[str] = []
        self._permits: dict[str, set[Permit]] = defaultdict(set)
        self._spoke: dict[tuple[str, str], set[str]] = defaultdict(set)

    # --- what happens

    def say(self, mark: str, spot: Spot, readers: str | None = None) -> None:
        """A message, or with `readers` the note of a command."""
        self.said[mark] = spot
        self.kin[mark] = derived(mark)
        for one in derived(mark):
            self.kin[one] = self.kin[mark]
            self.permit(one, spot, readers or spot.readers)
        if readers is None:
            self._spoke[spot.channel].add(spot.user)

    def permit(self, mark: str, spot: Spot, readers: str) -> None:
        """Let a mark be that person's, for these readers too."""
        self._permits[mark].add(Permit(spot.user, spot.space, readers))

    def share(self, mark: str, spot: Spot) -> None:
        """A text for everybody in the space."""
        self.said[mark], self.kin[mark] = spot, {mark}
        self._permits[mark].add(Permit(None, spot.space, SPACE))

    def edit(self, old: Iterable[str], mark: str, spot: Spot, readers: str) -> None:
        """A memory with the old marks says a new one: forgetting takes all of them."""
        self.say(mark, spot, readers)
        for one in old:
            together = self.kin[mark] | self.kin[one]
            for each in together:
                self.kin[each] = together

    def overhear(self, mark: str) -> None:
        """It was not said to Ellie: nobody recalls it, unless they made a note of it."""
        self.overheard |= derived(mark)

    def address(self, mark: str) -> None:
        """It is said to Ellie after all."""
        self.overheard -= derived(mark)

    def kill(self, marks: Iterable[str]) -> None:
        """They were erased: nobody reads them any more."""
        self.dead.update(marks)

    def drop(self, mark: str, spot: Spot) -> None:
        """Somebody forgets what another said: it is theirs no longer."""
        self._permits[mark] = {p for p in self._permits[mark] if p.user != spot.user}

    def forget_everything(self, spot: Spot) -> None:
        """All that a person said in a space, and what they kept there."""
        for mark, where in self.said.items():
            if (where.user, where.space) == (spot.user, spot.space):
                self.kill({*derived(mark), mark})
            self._permits[mark] = {
                p for p in self._permits[mark] if (p.user, p.space) != (spot.user, spot.space)
            }

    # --- what the law says of it

    def readers(self, mark: str, spot: Spot) -> list[str]:
        """For whom a mark may be read as this person's."""
        return [p.readers for p in self._permits[mark]
                if (p.user, p.space) == (spot.user, spot.space)]  # fmt: skip

    def recalls(self, mark: str, spot: Spot, *, learning: bool = False) -> bool:
        """Whether it may be found for this person there; to learn, only what they said."""
        own = self.said[_of(mark)].user == spot.user
        if own and mark in self.overheard:
            return False
        return mark not in self.dead and any(
            p.readable(spot) and ((p.user == spot.user and (own or not learning))
                                  or (p.user is None and not learning))
            for p in self._permits[mark]
        )  # fmt: skip

    def hears(self, mark: str, spot: Spot, also: Iterable[Spot] = ()) -> bool:
        """Whether it may come from the conversation: somebody's who spoke there, or a reply's."""
        spoke = {user for one in (spot, *also) for user in self._spoke[one.channel]}
        return mark not in self.dead and any(
            p.readable(spot) and (p.user is None or p.user in spoke) for p in self._permits[mark]
        )

    def shows(self, mark: str, spot: Spot) -> bool:
        """Whether it may be told to this person alone."""
        return mark not in self.dead and any(
            p.space == spot.space and p.user in (spot.user, None) for p in self._permits[mark]
        )

    # --- judging

    def judge(self, what: str, lawful: bool, mark: str, spot: object) -> None:
        if not lawful:
            dead = " (erased)" if mark in self.dead else ""
            self.broken.append(f"{what} {mark}{dead} of {self.said.get(_of(mark))} for {spot}")

    def check_recalled(self, text: str, spot: Spot, *, learning: bool = False) -> set[str]:
        """Judge what was retrieved; its marks."""
        marks = set(MARK.findall(text))
        for mark in marks:
            self.judge("recalled", self.recalls(mark, spot, learning=learning), mark, spot)
        return marks

    def check_heard(self, text: str, *spots: Spot) -> None:
        """Judge what was shown of one or more turns, each of which may show it."""
        for mark in set(MARK.findall(text)):
            heard = all(self.hears(mark, spot, spots) or self.recalls(mark, spot) for spot in spots)
            self.judge("heard", heard, mark, spots)

    def check_shown(self, text: str, spot: Spot) -> None:
        """Judge an answer to a command."""
        for mark in set(MARK.findall(text)):
            self.judge("told", self.shows(mark, spot), mark, spot)

    def check_summed_up(self, marks: Iterable[str], here: Spot) -> None:
        """A summary is for the readers of one turn there; that it stays so, its readers see."""
        turns = [spot for spot in self.said.values() if spot.channel == here.channel]
        if not any(all(self.hears(mark, spot) or self.recalls(mark, spot) for mark in marks)
                   for spot in turns):  # fmt: skip
            self.broken.append(f"summed up {sorted(marks)} of {here}")


def _of(mark: str) -> str:
    """The mark of the message that this comes from."""
    return re.sub("memo|worth", "mark", mark)
