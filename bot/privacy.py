"""The person's rights: what is kept about them, pausing, opting out; and leaving a space."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

from bot.clock import Clock
from bot.config import Settings
from bot.errors import CommandError
from bot.everywhere import require_private
from bot.names import hides_someone
from bot.ports import Store
from bot.receipts import OptedIn, OptedOut, Paused, PrivacyCard, Resumed, SpacePrivacy
from bot.redaction import Redacted, redact
from bot.tidying import erase_opted_out
from bot.typed import (
    Command,
    ExportAll,
    ForgetAbout,
    ForgetEverything,
    ForgetIds,
    ForgetLast,
    ForgetPeriod,
    ForgetQuery,
    OptIn,
    OptOut,
    Pause,
    Remember,
    Resume,
    ShowHelp,
    ShowPrivacy,
    StartFresh,
)
from bot.types import IncomingCommand, IncomingMessage, Scope

OPENAI = "OpenAI"
OUTSIDER = "You are not of this workspace: I keep nothing of what you say."
RIGHTS = ShowPrivacy | OptIn | OptOut | ShowHelp
"""What everybody may, also who is ignored."""
FORGETTING = ForgetIds | ForgetQuery | ForgetLast | ForgetPeriod | ForgetAbout | ForgetEverything
FOR_OUTSIDERS = RIGHTS | Pause | Resume | ExportAll | StartFresh | FORGETTING


class Privacy:
    """Carries the rights out, and keeps what must not be kept from being written down."""

    def __init__(self, store: Store, settings: Settings, clock: Clock) -> None:
        self._store = store
        self._settings = settings
        self._clock = clock

    # --- before anything is written

    async def admit(self, message: IncomingMessage) -> IncomingMessage | None:
        """The message as it may be written down; None: its person wants to be ignored.

        Then it does not wait any more either.
        """
        if await self._store.opted_out(message.scope):
            if message.waiting is not None:
                scope = message.scope
                await self._store.dealt_with(scope.platform, scope.space, message.waiting)
            return None
        return replace(message, text=(await self.clean(message.scope, message.text)).text)

    async def clean(self, scope: Scope, text: str) -> Redacted:
        """`text` without its secrets, and without the names of who opted out of the space."""
        clean = redact(text)
        return replace(clean, text=await self._store.hide_names(scope, clean.text))

    async def clean_note(self, scope: Scope, text: str) -> Redacted:
        """The same of what shall become a memory. Raises CommandError where a name is in it."""
        clean = await self.clean(scope, text)
        if hides_someone(clean.text):
            raise CommandError(
                "That names somebody who does not want to be remembered, so I kept nothing of it."
            )
        return clean

    async def check(self, incoming: IncomingCommand, command: Command) -> None:
        """Raise CommandError for what who opted out, has paused or is an outsider cannot do."""
        if incoming.outsider and not isinstance(command, FOR_OUTSIDERS):
            raise CommandError(OUTSIDER)
        if not isinstance(command, RIGHTS) and await self._store.opted_out(incoming.scope):
            raise CommandError(
                "You opted out: I ignore you and keep nothing. /privacy opt-in ends that."
            )
        said = incoming.quoting
        if said is not None and await self._store.opted_out(said.scope):
            raise CommandError(
                "Who said that does not want to be remembered, so I kept nothing of it."
            )
        if isinstance(command, Remember) and await self._store.paused(incoming.scope):
            raise CommandError("You have paused: I remember nothing until /privacy resume.")

    # --- the card

    async def card(self, incoming: IncomingCommand, *, everywhere: bool) -> PrivacyCard:
        """What is kept about the person. Raises CommandError where others could read of it."""
        settings = self._settings
        return PrivacyCard(
            spaces=tuple(
                [await self._space(scope) for scope in await self._scopes(incoming, everywhere)]
            ),
            everywhere=everywhere,
            provider=_provider(settings) if settings.has_model else None,
            embedder=_provider(settings)
            if settings.has_model and settings.ellie_embedding_model
            else None,
            pause_minutes=settings.ellie_pause_keep_minutes,
            policy=settings.ellie_privacy_url,
        )

    async def _space(self, scope: Scope) -> SpacePrivacy:
        store, settings = self._store, self._settings
        own = await store.retention(scope.platform, scope.space)
        message_days, memory_days = own.message_days, own.memory_days
        return SpacePrivacy(
            space=scope.space,
            kept=await store.counts(scope),
            message_days=settings.ellie_message_retention_days
            if message_days is None
            else message_days,
            memory_days=settings.ellie_memory_retention_days
            if memory_days is None
            else memory_days,
            paused=await store.paused(scope),
            opted_out=await store.opted_out(scope),
        )

    async def _scopes(self, incoming: IncomingCommand, everywhere: bool) -> Sequence[Scope]:
        """The person's scopes that a command is about, the one here first."""
        if not everywhere:
            return [incoming.scope]
        require_private(incoming)
        others = await self._store.everywhere(incoming.scope)
        return list(dict.fromkeys([incoming.scope, *others]))

    # --- pausing

    async def pause(self, incoming: IncomingCommand) -> Paused:
        """Answer from the conversation alone, and learn nothing, until `resume`."""
        if not await self._store.pause(incoming.scope, incoming.speaker, incoming.sent_at):
            raise CommandError("You have paused already. /privacy resume ends the pause.")
        return Paused(self._settings.ellie_pause_keep_minutes)

    async def resume(self, incoming: IncomingCommand) -> Resumed:
        """End the pause."""
        if not await self._store.resume(incoming.scope):
            raise CommandError("You have not paused: I remember and recall as always.")
        return Resumed()

    # --- opting out

    async def opt_out(self, incoming: IncomingCommand, *, everywhere: bool) -> OptedOut:
        """Ignore the person from now on, and erase what is theirs and what names them.

        Doing it again finishes one that was cut off.
        """
        store = self._store
        scopes = await self._scopes(incoming, everywhere)
        await store.opt_out(scopes, incoming.speaker, incoming.sent_at, everywhere=everywhere)
        space = None if everywhere else incoming.scope.space
        erased, others = await erase_opted_out(store, scopes, space)
        return OptedOut(everywhere, erased, others)

    async def opt_in(self, incoming: IncomingCommand, *, everywhere: bool) -> OptedIn:
        """Hear the person again. Raises CommandError where they had not opted out."""
        await self._scopes(incoming, everywhere)
        ended = await self._store.opt_in(incoming.scope, everywhere=everywhere)
        if await self._store.opted_out(incoming.scope):
            raise CommandError(
                "You opted out everywhere: /privacy opt-in everywhere, in a private conversation "
                "with me, ends that."
            )
        if not ended:
            raise CommandError("You have not opted out: I hear you.")
        return OptedIn(everywhere)

    # --- leaving

    async def left(self, platform: str, space: str) -> None:
        """See `bot.ports.Core`."""
        days = self._settings.ellie_purge_after_days
        await self._store.depart(platform, space, self._clock() + timedelta(days=days))
        if not days:
            await self._store.erase_space(platform, space)
            await self._store.stay(platform, space)

    async def joined(self, platform: str, space: str) -> None:
        """See `bot.ports.Core`."""
        await self._store.stay(platform, space)

    async def in_spaces(self, platform: str, spaces: Collection[str]) -> None:
        """See `bot.ports.Core`."""
        for space, leaving in (await self._store.spaces(platform)).items():
            if leaving and space in spaces:
                await self.joined(platform, space)
            elif not leaving and space not in spaces:
                await self.left(platform, space)


def _provider(settings: Settings) -> str:
    """Who runs the server that the settings name."""
    address = settings.openai_base_url
    return OPENAI if address is None else urlsplit(address).hostname or address
