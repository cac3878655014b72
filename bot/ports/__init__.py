"""What the core asks of the outside, and what the outside asks of the core."""

from bot.ports.core import Core, Platform
from bot.ports.models import ChatModel, Embedder, Lookup, Reply
from bot.ports.store import Store
from bot.ports.values import (
    NEIGHBOURS,
    Act,
    Batch,
    Erasure,
    Foldable,
    Health,
    Held,
    NewMemory,
    PassageId,
    Resaid,
    Survey,
    Targets,
    Trait,
    Unindexed,
    Used,
    passage_of,
)

__all__ = [
    "NEIGHBOURS",
    "Act",
    "Batch",
    "ChatModel",
    "Core",
    "Embedder",
    "Erasure",
    "Foldable",
    "Health",
    "Held",
    "Lookup",
    "NewMemory",
    "PassageId",
    "Platform",
    "Reply",
    "Resaid",
    "Store",
    "Survey",
    "Targets",
    "Trait",
    "Unindexed",
    "Used",
    "passage_of",
]
