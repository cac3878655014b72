"""What platforms tell and ask of their spaces, beside what is said in them."""

import asyncio
import secrets
from collections.abc import Collection, Sequence
from dataclasses import fields
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.config import Settings
from bot.errors import SettingError
from bot.keeping import require_managing
from bot.ports import Store, TakenIn
from bot.privacy import Privacy
from bot.receipts import Receipt
from bot.replies import Replies
from bot.results import Suggestion
from bot.space_settings import SpaceSettings
from bot.suggesting import Suggesting
from bot.tokens import count_tokens
from bot.types import Conversation, IncomingCommand, IncomingMessage, Scope
from bot.vault import Vault

LONGEST_PERSONA = 4000
MOST_DAYS = 36_500
STATE_LASTS = timedelta(minutes=10)
SETS = "Only who manages the space can change how I am here."


class Spaces:
    """The part of the core (`bot.ports.Core`) that answers nobody."""

    def __init__(
        self, store: Store, privacy: Privacy, replies: Replies, settings: Settings, clock: Clock
    ) -> None:
        self._store = store
        self._privacy = privacy
        self._replies = replies
        self._settings = settings
        self._clock = clock
        self._suggesting = Suggesting(store)
        secret = settings.ellie_secret_key
        self._vault = Vault(None if secret is None else secret.get_secret_value())

    # --- where Ellie speaks

    async def ignores(self, scope: Scope) -> bool:
        """See `bot.ports.Core`."""
        return await self._store.opted_out(scope)

    async def overhear(self, message: IncomingMessage) -> None:
        """See `bot.ports.Core`."""
        if admitted := await self._privacy.admit(message):
            keep = timedelta(minutes=self._settings.ellie_pause_keep_minutes)
            await self._store.overhear(admitted, count_tokens(admitted.text), pause_keep=keep)

    async def last_said(self, conversation: Conversation, scope: Scope) -> str | None:
        """See `bot.ports.Core`."""
        return await self._store.last_said(conversation, scope)

    async def takes_part(self, conversation: Conversation) -> bool:
        """See `bot.ports.Core`."""
        return await self._store.takes_part(conversation)

    async def conversation_of(self, platform: str, space: str, place: str) -> Conversation | None:
        """See `bot.ports.Core`."""
        return await self._store.conversation_of(platform, space, place)

    async def active(self, platform: str, since: datetime) -> list[tuple[Conversation, str]]:
        """See `bot.ports.Core`."""
        return await self._store.active(platform, since)

    async def suggest(self, incoming: IncomingCommand, limit: int) -> list[Suggestion]:
        """See `bot.ports.Core`."""
        return await self._suggesting.suggest(incoming, limit)

    async def left(self, platform: str, space: str) -> None:
        """See `bot.ports.Core`."""
        await self._privacy.left(platform, space)

    async def joined(self, platform: str, space: str) -> None:
        """See `bot.ports.Core`."""
        await self._privacy.joined(platform, space)

    async def in_spaces(self, platform: str, spaces: Collection[str]) -> None:
        """See `bot.ports.Core`."""
        await self._privacy.in_spaces(platform, spaces)

    async def noted(self, platform: str, space: str, name: str) -> str | None:
        """See `bot.ports.Core`."""
        return await self._store.noted(platform, space, name)

    async def note(self, platform: str, space: str, name: str, value: str) -> bool:
        """See `bot.ports.Core`."""
        return await self._store.note(platform, space, name, value)

    # --- what is taken in

    async def take_in(
        self, platform: str, space: str, event_id: str, user: str, payload: str
    ) -> bool:
        """See `bot.ports.Core`."""
        return await self._store.take_in(platform, space, event_id, user, payload, self._clock())

    async def taken_in(self, platform: str) -> list[TakenIn]:
        """See `bot.ports.Core`."""
        return await self._store.taken_in(platform)

    async def claim(self, platform: str, space: str, event_id: str) -> bool:
        """See `bot.ports.Core`."""
        return await self._store.dealt_with(platform, space, event_id)

    async def dealt_with(self, platform: str, space: str, event_id: str) -> None:
        """See `bot.ports.Core`."""
        await self._store.dealt_with(platform, space, event_id)

    # --- how a space is reached

    async def keep_token(self, platform: str, space: str, token: str) -> None:
        """See `bot.ports.Core`."""
        sealed = await asyncio.to_thread(self._vault.seal, token)  # it takes some 50 ms
        await self._store.keep_token(platform, space, sealed)

    async def token(self, platform: str, space: str) -> str | None:
        """See `bot.ports.Core`."""
        sealed = await self._store.token(platform, space)
        return None if sealed is None else await asyncio.to_thread(self._vault.open, sealed)

    async def drop_token(self, platform: str, space: str) -> None:
        """See `bot.ports.Core`."""
        await self._store.drop_token(platform, space)

    async def issue_state(self, platform: str) -> str:
        """See `bot.ports.Core`."""
        state, now = secrets.token_urlsafe(32), self._clock()
        await self._store.keep_state(platform, state, now, now + STATE_LASTS)
        return state

    async def consume_state(self, platform: str, state: str) -> bool:
        """See `bot.ports.Core`."""
        return await self._store.consume_state(platform, state, self._clock())

    # --- what is taken back

    async def deleted(self, conversation: Conversation, event_ids: Sequence[str]) -> Receipt:
        """See `bot.ports.Core`."""
        receipt = await self._store.unsay(conversation, event_ids)
        self._replies.stop_stale(self._store.erasures, {conversation, *receipt.where})
        return receipt

    async def channel_gone(self, platform: str, space: str, key: str) -> Receipt:
        """See `bot.ports.Core`."""
        receipt = await self._store.erase_channel(platform, space, key)
        self._replies.stop_stale(self._store.erasures, receipt.where)
        return receipt

    async def purge(self, incoming: IncomingCommand) -> Receipt:
        """See `bot.ports.Core`."""
        require_managing(incoming, "Only who manages the space can erase what I keep of it.")
        platform, space = incoming.scope.platform, incoming.scope.space
        receipt = await self._store.erase_space(platform, space)
        self._replies.stop_space(platform, space)
        await self._note_act(
            incoming,
            "purge a space",
            {"memories": len(receipt.memories), "messages": receipt.messages},
        )
        return receipt

    # --- what is set

    async def space_settings(self, platform: str, space: str) -> SpaceSettings:
        """See `bot.ports.Core`."""
        return await self._store.space_settings(platform, space)

    async def change_space(self, incoming: IncomingCommand, settings: SpaceSettings) -> None:
        """See `bot.ports.Core`. What is as it was may be what could not be set now."""
        require_managing(incoming, SETS)
        platform, space = incoming.scope.platform, incoming.scope.space
        before = await self._store.space_settings(platform, space)
        changed = {
            one.name for one in fields(settings)
            if getattr(before, one.name) != getattr(settings, one.name)
        }  # fmt: skip
        if not changed:
            return
        self._check(settings, changed)
        await self._store.set_space_settings(platform, space, settings)
        await self._note_act(incoming, "change a space", dict.fromkeys(sorted(changed), 1))

    def _check(self, settings: SpaceSettings, changed: set[str]) -> None:
        """Raise SettingError where one of the changed settings cannot be so."""
        own, allowed = self._settings, self._settings.allowed_models
        if "model" in changed and settings.model not in {None, *allowed}:
            raise SettingError(
                "model",
                f"The models to choose from are {', '.join(allowed)}."
                if allowed
                else "There is no choice of models here: ELLIE_ALLOWED_MODELS names none.",
            )
        personas = [settings.persona or "", *settings.personas.values()]
        if changed & {"persona", "personas"} and max(map(len, personas)) > LONGEST_PERSONA:
            raise SettingError("persona", f"A persona has at most {LONGEST_PERSONA} characters.")
        _check_number(
            "daily_tokens_per_user", settings.daily_tokens_per_user, changed,
            "The tokens a person may use in a day are", 1, own.ellie_daily_tokens_per_user,
        )  # fmt: skip
        _check_number(
            "daily_tokens", settings.daily_tokens, changed,
            "The tokens that all here may use in a day are", 1, 0,
        )  # fmt: skip
        _check_number(
            "message_days", settings.message_days, changed,
            "The days that messages are kept are", 1, own.ellie_message_retention_days,
        )  # fmt: skip
        most = own.ellie_memory_retention_days
        _check_number(
            "memory_days", settings.memory_days, changed,
            "The days that memories are kept are", 1 if most else 0, most or MOST_DAYS,
        )  # fmt: skip

    async def _note_act(self, incoming: IncomingCommand, act: str, counts: dict[str, int]) -> None:
        space = Scope(incoming.scope.platform, incoming.scope.space, "")
        await self._store.note_act(space, incoming.scope, act, counts, self._clock())


def _check_number(
    name: str, value: int | None, changed: set[str], what: str, least: int, most: int
) -> None:
    """Raise SettingError unless it is in these bounds; `most` 0: there is none."""
    if name not in changed or value is None:
        return
    if value < least or (most and value > most):
        raise SettingError(name, f"{what} {f'{least} to {most}' if most else f'at least {least}'}.")
