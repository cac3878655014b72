"""Taking in what an Ellie exported: all of a file, or nothing of it."""

from collections.abc import Collection, Hashable, Iterable

from bot import export_schema
from bot.errors import FileError
from bot.portable import Portable, PortableMemory, PortableMessage, PortableSummary


def parse_export(content: bytes) -> tuple[Portable, ...]:
    """The scopes in an export's JSON; every reference in them leads somewhere.

    Raises FileError with one line. Nobody signs a file: who takes it in answers for what it says.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FileError("This is no export of Ellie (it is not UTF-8 text).") from None
    portables = export_schema.read(text)
    _all_different((one.scope for one in portables), "scope")
    for portable in portables:
        _check(portable)
    return portables


def _check(portable: Portable) -> None:
    keys = {conversation.key for conversation in portable.conversations}
    _all_different((one.key for one in portable.conversations), "conversation")
    _all_different((one.id for one in portable.messages), "message id")
    _all_different(((m.conversation, m.event_id) for m in portable.messages), "event of a message")
    _all_different((one.uid for one in portable.memories), "uid")
    _all_different((one.id for one in portable.entities), "entity id")
    _all_different((one.id for one in portable.summaries), "summary id")
    messages = {message.id: message for message in portable.messages}
    uids = {memory.uid for memory in portable.memories}
    summaries = {summary.id: summary for summary in portable.summaries}
    _check_messages(portable.messages, keys, uids, summaries)
    entities = {entity.id for entity in portable.entities}
    for memory in portable.memories:
        _check_memory(memory, messages, uids, entities)
    for entity in portable.entities:
        _known(entity.memories, uids, "a memory")
    turns = {message.turn for message in portable.messages if message.turn is not None}
    for summary in portable.summaries:
        _check_summary(summary, keys, messages, turns, summaries)


def _check_messages(
    messages: Collection[PortableMessage],
    keys: Collection[str],
    uids: Collection[str],
    summaries: Collection[int],
) -> None:
    """Turns go up; a reply stands behind the one message that it alone answers."""
    ids = {message.id for message in messages}
    asked: dict[int, PortableMessage] = {}
    last = 0
    for message in messages:
        _known([message.conversation], keys, "a conversation")
        if message.turn is not None:
            if message.turn <= last:
                raise _damaged("the turns are not in order")
            last = message.turn
        if message.role != "ellie":
            if message.reply_to is not None or message.held is not None:
                raise _damaged("a reply is not Ellie's")
            asked[message.id] = message
            continue
        question = asked.pop(message.reply_to or 0, None)
        if question is None or question.turn is None or message.turn is not None:
            raise _damaged("a reply answers no message before it")
        if message.held is not None:
            _known(message.held.memories, uids, "a memory")
            _known(message.held.messages, ids, "a message")
            _known([message.held.summary], summaries, "a summary")
        if question.conversation != message.conversation:
            raise _damaged("a reply is in another conversation")


def _check_memory(
    memory: PortableMemory,
    messages: Collection[int],
    uids: Collection[str],
    entities: Collection[int],
) -> None:
    _known(memory.sources, messages, "a message")
    _known(memory.closed_by, uids, "a memory")
    _known([memory.entity], entities, "an entity")
    named = memory.slot is not None and memory.slot.entity is not None
    if named != (memory.entity is not None):
        raise _damaged("a memory's entity has no name, or its name no entity")


def _check_summary(
    summary: PortableSummary,
    keys: Collection[str],
    messages: Collection[int],
    turns: Collection[int],
    summaries: dict[int, PortableSummary],
) -> None:
    _known([summary.conversation], keys, "a conversation")
    _known(summary.covers, messages, "a message")
    _known([summary.through], turns, "a turn")
    _known([summary.previous], summaries, "a summary")
    if summary.previous is not None and summary.previous >= summary.id:
        raise _damaged("a summary is older than the one before it")


def _known(named: Iterable[Hashable], there: Collection[Hashable], what: str) -> None:
    """All that is named is there; None names nothing."""
    if any(one is not None and one not in there for one in named):
        raise _damaged(f"it names {what} that is not in it")


def _all_different(named: Iterable[Hashable], what: str) -> None:
    seen: set[Hashable] = set()
    for one in named:
        if one in seen:
            raise _damaged(f"a {what} is in it twice")
        seen.add(one)


def _damaged(what: str) -> FileError:
    return FileError(f"This export is damaged ({what}).")
