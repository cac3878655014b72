"""What the core offers that no console asks for."""

from collections.abc import Collection
from datetime import datetime

from bot.ports import TakenIn
from bot.receipts import Receipt
from bot.results import Suggestion
from bot.space_settings import SpaceSettings
from bot.types import Conversation, IncomingCommand, IncomingMessage, Scope, TurnId


class Unasked:
    """A part of `bot.ports.Core`; to be asked for any of it is a failure."""

    async def ignores(self, scope: Scope) -> bool:
        raise AssertionError

    async def overhear(self, message: IncomingMessage) -> None:
        raise AssertionError

    async def shown(self, turn: TurnId, event_id: str) -> None:
        raise AssertionError

    async def channel_gone(self, platform: str, space: str, key: str) -> Receipt:
        raise AssertionError

    async def conversation_of(self, platform: str, space: str, place: str) -> Conversation | None:
        raise AssertionError

    async def takes_part(self, conversation: Conversation) -> bool:
        raise AssertionError

    async def unanswered(self, platform: str) -> list[Conversation]:
        raise AssertionError

    async def active(self, platform: str, since: datetime) -> list[tuple[Conversation, str]]:
        raise AssertionError

    async def suggest(self, incoming: IncomingCommand, limit: int) -> list[Suggestion]:
        raise AssertionError

    async def space_settings(self, platform: str, space: str) -> SpaceSettings:
        raise AssertionError

    async def change_space(self, incoming: IncomingCommand, settings: SpaceSettings) -> None:
        raise AssertionError

    async def purge(self, incoming: IncomingCommand) -> Receipt:
        raise AssertionError

    async def in_spaces(self, platform: str, spaces: Collection[str]) -> None:
        raise AssertionError

    async def noted(self, platform: str, space: str, name: str) -> str | None:
        raise AssertionError

    async def note(self, platform: str, space: str, name: str, value: str) -> bool:
        raise AssertionError

    async def take_in(
        self, platform: str, space: str, event_id: str, user: str, payload: str
    ) -> bool:
        raise AssertionError

    async def taken_in(self, platform: str) -> list[TakenIn]:
        raise AssertionError

    async def claim(self, platform: str, space: str, event_id: str) -> bool:
        raise AssertionError

    async def dealt_with(self, platform: str, space: str, event_id: str) -> None:
        raise AssertionError

    async def keep_token(self, platform: str, space: str, token: str) -> None:
        raise AssertionError

    async def token(self, platform: str, space: str) -> str | None:
        raise AssertionError

    async def drop_token(self, platform: str, space: str) -> None:
        raise AssertionError

    async def issue_state(self, platform: str) -> str:
        raise AssertionError

    async def consume_state(self, platform: str, state: str) -> bool:
        raise AssertionError
