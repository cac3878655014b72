"""Short ways to forget, and to see what is left of whom."""

from bot.receipts import EverythingPreview, ForgetPreview, NamePreview, PeriodPreview, Receipt
from bot.results import CommandResult
from bot.types import Private
from tests.core.stage import Stage


async def receipt(
    stage: Stage, line: str, user: str = "alice", where: str = "dm", space: str = "home"
) -> Receipt:
    done = await stage.type(line, user, where, space)
    assert isinstance(done, Receipt), done
    return done


async def period(stage: Stage, line: str, user: str = "alice", where: str = "dm") -> PeriodPreview:
    shown = await stage.type(line, user, where)
    assert isinstance(shown, PeriodPreview), shown
    return shown


async def about(stage: Stage, line: str, user: str = "alice", where: str = "dm") -> NamePreview:
    shown = await stage.type(line, user, where)
    assert isinstance(shown, NamePreview), shown
    return shown


async def everything(
    stage: Stage, line: str, user: str = "alice", where: str = "dm", space: str = "home"
) -> EverythingPreview:
    shown = await stage.type(line, user, where, space)
    assert isinstance(shown, EverythingPreview), shown
    return shown


async def left(stage: Stage, user: str = "alice", space: str = "home") -> list[str]:
    """The texts that are still kept of a person's own messages and notes, oldest first."""
    scope = stage.message("", user, space=space).scope
    targets = await stage.store.said_between(scope, None, None)
    kept = await stage.store.messages(scope, Private(), targets.messages)
    return [message.text for message in kept]


def counts(result: CommandResult) -> tuple[int, int, int]:
    """Memories, messages, summaries of a preview or a receipt."""
    match result:
        case PeriodPreview(losses=losses) | NamePreview(losses=losses):
            return losses.total, losses.messages, losses.summaries
        case ForgetPreview():
            return len(result.memories), result.messages, result.summaries
        case EverythingPreview():
            return result.memories, result.messages, result.summaries
        case Receipt():
            return len(result.memories), result.messages, result.summaries
    raise AssertionError(result)
