"""What the core asks of the outside, and what the outside asks of the core."""

from bot.ports.core import Core, Platform
from bot.ports.models import ChatModel, Embedder, Lookup, Reply
from bot.ports.store import Store
from bot.ports.values import (
    NEIGHBOURS,
    Batch,
    Erasure,
    Expired,
    Foldable,
    Health,
    Naming,
    NewMemory,
    Overdue,
    PassageId,
    Retention,
    Survey,
    Trait,
    Unindexed,
    Used,
    passage_of,
)

__all__ = [
    "NEIGHBOURS",
    "Batch",
    "ChatModel",
    "Core",
    "Embedder",
    "Erasure",
    "Expired",
    "Foldable",
    "Health",
    "Lookup",
    "Naming",
    "NewMemory",
    "Overdue",
    "PassageId",
    "Platform",
    "Reply",
    "Retention",
    "Store",
    "Survey",
    "Trait",
    "Unindexed",
    "Used",
    "passage_of",
]
