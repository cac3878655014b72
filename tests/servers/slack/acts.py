"""One act of a person towards the app: a command, a press, a submission, a shortcut."""

from dataclasses import dataclass, field

from tests.servers.slack.ground import Json, Wire
from tests.servers.slack.installs import Installation
from tests.servers.slack.messages import Message
from tests.servers.slack.opening import Trigger
from tests.servers.slack.parcels import Parcel
from tests.servers.slack.people import Team

RESPONSES = 5
RESPONDS_FOR = 1800.0


@dataclass(slots=True, eq=False)
class ResponseUrl:
    """A way to answer: 5 uses, 30 minutes of the clock. `original` is what was pressed."""

    url: str
    installation: Installation
    user: str
    channel: str
    at: float
    original: Message | None = None
    uses: int = 0
    messages: list[Message] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Act:
    """What the person did. `errors`: what the app found wrong with a submission, by block_id.

    `lost`: the app did not acknowledge within 3 s of the clock, and the person saw an error.
    """

    parcel: Parcel
    trigger: Trigger
    response: ResponseUrl | None = None
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def payload(self) -> Json:
        return self.parcel.payload

    @property
    def acked(self) -> bool:
        return self.parcel.acked

    @property
    def lost(self) -> bool:
        return self.parcel.lost

    @property
    def answer(self) -> Wire:
        """What the acknowledgement carried: a dict, a str, or None."""
        return self.parcel.answer

    @property
    def responses(self) -> list[Message]:
        """What came by the acknowledgement and by response_url, as it stands now."""
        return [m for m in self.response.messages if not m.deleted] if self.response else []


def team_json(team: Team) -> Json:
    """As interactions show the workspace."""
    grid = {"enterprise_id": team.enterprise, "enterprise_name": f"Org {team.enterprise}"}
    return {"id": team.id, "domain": team.domain} | (grid if team.enterprise else {})


def enterprise_json(team: Team) -> Json | None:
    org = team.enterprise
    return {"id": org, "name": f"Org {org}"} if org else None
