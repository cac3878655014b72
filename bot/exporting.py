"""All that is kept about a person, handed out to them."""

import re
from collections.abc import Sequence
from datetime import datetime

from bot import __version__, export_schema
from bot.errors import CommandError
from bot.export_markdown import markdown
from bot.ports import Store
from bot.receipts import Exported
from bot.types import Scope


async def export(store: Store, scopes: Sequence[Scope], now: datetime) -> Exported:
    """What is kept in these scopes of one person. Raises CommandError where that is nothing."""
    found = [await store.portable(scope) for scope in scopes]
    portables = [portable for portable in found if portable is not None]
    if not portables:
        raise CommandError("There is nothing to export: nothing is kept.")
    name = re.sub(r"[^a-z0-9]+", "-", portables[0].name.casefold()).strip("-")[:40]
    return Exported(
        json_text=export_schema.write(portables, now, __version__),
        markdown=markdown(portables, now, __version__),
        stem="-".join(filter(None, ("ellie-export", name, f"{now:%Y-%m-%d}"))),
    )
