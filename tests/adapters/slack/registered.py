"""What an AsyncApp has registered, in the words of the manifest."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.listener.async_listener import AsyncListener


@dataclass(frozen=True, slots=True)
class Registered:
    """`events`: their types. `shortcuts`: (type, callback id)."""

    events: set[str] = field(default_factory=set)
    commands: set[str] = field(default_factory=set)
    shortcuts: set[tuple[str, str]] = field(default_factory=set)


def registered(app: AsyncApp) -> Registered:
    """All that its listeners listen to, less presses and forms, which no manifest names."""
    found = Registered()
    for listener in app._async_listeners:
        kind, what = _constraint(listener)
        if kind in {"event", "message_event"}:
            if not what.startswith("re.compile"):  # it only acknowledges what nobody waits for
                found.events.add(what)
        elif kind == "command":
            found.commands.add(what)
        elif kind == "global_shortcut":
            found.shortcuts.add(("global", what))
        elif kind == "message_shortcut":
            found.shortcuts.add(("message", what))
        else:
            assert kind.partition("_")[0] in {"action", "block", "view"}, kind
    return found


def _constraint(listener: AsyncListener) -> tuple[str, str]:
    """Bolt's name of a listener's kind, and the one thing that it matches."""
    matcher: Any = listener.matchers[0]
    inner: Callable[..., Any] = inspect.getclosurevars(matcher.func).nonlocals["func"]
    kind = inner.__qualname__.partition(".")[0]
    named = inspect.getclosurevars(inner).nonlocals
    for name in ("event_type", "constraints", "command", "callback_id"):
        if name in named:
            value = named[name]
            return kind, str(value["type"] if isinstance(value, dict) else value)
    return kind, ""
