"""What a person is told of their rights, in plain words."""

from adapters.wording.parts import columns, item, typed, written
from adapters.wording.words import count, date, listed, where_used
from bot.receipts import OptedIn, OptedOut, Paused, PrivacyCard, Resumed, SpacePrivacy

_RIGHTS = (
    ("/privacy pause", "answer from the conversation alone, and learn nothing"),
    ("/privacy export", "all of it, as files"),
    ("/forget everything", "erase all of it"),
    ("/privacy opt-out", "erase all of it, and be ignored from then on"),
)


def rights(result: PrivacyCard | Paused | Resumed | OptedOut | OptedIn) -> list[str]:
    """What is kept, or what became of a wish about it."""
    match result:
        case PrivacyCard():
            return card(result)
        case Paused():
            return paused(result)
        case Resumed():
            return resumed(result)
        case OptedOut():
            return opted_out(result)
        case OptedIn():
            return opted_in(result)


def card(result: PrivacyCard) -> list[str]:
    """The answer to /privacy."""
    lines: list[str] = []
    for space in result.spaces:
        lines += _space(space, "here" if not result.everywhere else f"in {written(space.space)}")
    lines += [_provider(result), _embedder(result)]
    if result.policy is not None:
        lines.append(f"The privacy policy of whoever runs me: {result.policy}")
    states = [space for space in result.spaces if space.opted_out or space.paused]
    rights = dict(_RIGHTS)
    if any(space.paused for space in states):
        rights = {"/privacy resume": "remember and recall again"} | rights
        del rights["/privacy pause"]
    if any(space.opted_out for space in states):
        rights = {"/privacy opt-in": "be heard again"}
    return [*lines, "Your rights:", *columns(rights.items())]


def _space(space: SpacePrivacy, where: str) -> list[str]:
    kept = space.kept
    if space.opted_out:
        return [f"You opted out: nothing is kept about you {where}, and I ignore you."]
    counts = (
        (kept.messages, "message"),
        (kept.replies, "reply"),
        (kept.notes, "note"),
        (kept.memories, "memory"),
        (kept.entities, "name"),
        (kept.summaries, "summary"),
        (kept.vectors, "vector"),
    )
    held = listed(count(number, noun) for number, noun in counts if number)
    lines = [f"I keep nothing about you {where}."]
    if held and kept.since is not None:
        lines = [f"What I keep about you {where}, since {date(kept.since)}: {held}."]
    lines += [
        item(f"{count(number, 'memory')} can be used {where_used(audience)}")
        for audience, number in kept.seen_by
    ]
    if held:
        lines.append(
            item("What was said in a channel can be seen by its readers; nobody sees it elsewhere.")
        )
    lines.append(item(_how_long(space)))
    if space.paused:
        lines.append(item("You have paused: I recall nothing and learn nothing."))
    return lines


def _how_long(space: SpacePrivacy) -> str:
    memories = f"after {_days(space.memory_days)}" if space.memory_days else "when you say so"
    return (
        f"Messages are erased after {_days(space.message_days)}, memories and summaries {memories}."
    )


def _days(number: int) -> str:
    return "1 day" if number == 1 else f"{number} days"


def _provider(result: PrivacyCard) -> str:
    if result.provider is None:
        return "What you say goes to nobody: no language model is configured."
    return f"To answer you, what you say and what I recall goes to {written(result.provider)}."


def _embedder(result: PrivacyCard) -> str:
    if result.embedder is None:
        return "To be found by meaning it stays on this machine."
    return f"To be found by meaning it goes to {written(result.embedder)}."


def paused(result: Paused) -> list[str]:
    """The answer to /privacy pause."""
    return [
        "Paused. I answer from the conversation here alone, recall nothing and learn nothing. What "
        f"you say is erased after {count(result.keep_minutes, 'minute')}. "
        f"{typed('/privacy resume')} ends it."
    ]


def resumed(result: Resumed) -> list[str]:
    """The answer to /privacy resume."""
    return ["I remember and recall again. What you said in the pause is still erased."]


def opted_out(result: OptedOut) -> list[str]:
    """The answer to /privacy opt-out."""
    where, gone = "everywhere" if result.everywhere else "here", result.erased
    counts = (
        (len(gone.memories), "memory"),
        (gone.messages, "message"),
        (gone.summaries, "summary"),
        (gone.vectors, "vector"),
    )
    erased = listed(count(number, noun) for number, noun in counts if number)
    lines = [f"From now on I ignore you {where}, and keep nothing by or about you."]
    lines.append(f"Erased: {erased}." if erased else "There was nothing to erase.")
    if result.others:
        lines.append(f"{count(result.others, 'text')} of others that named you went with it.")
    back = typed("/privacy opt-in" + (" everywhere" if result.everywhere else ""))
    lines.append(f"To come back: {back}. Nothing of what went comes back.")
    return lines


def opted_in(result: OptedIn) -> list[str]:
    """The answer to /privacy opt-in."""
    where = "everywhere" if result.everywhere else "here"
    return [f"I hear you again {where}. What was erased stays erased."]
