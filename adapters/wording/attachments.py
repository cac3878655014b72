"""What is attached to a message: text files are read, images handed on, anything else named."""

import asyncio
import base64
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from bot.quotes import attached

MOST_FILES = 5
FETCH_SECONDS = 10
"""How long the files of a message may take: what is said behind it waits."""
IMAGES = frozenset({"image/png", "image/jpeg", "image/webp", "image/gif"})
_TEXT_ENDINGS = (
    ".txt", ".md", ".rst", ".csv", ".tsv", ".json", ".yaml", ".yml", ".toml", ".xml", ".html",
    ".css", ".log", ".ini", ".cfg", ".sql", ".py", ".js", ".ts", ".java", ".c", ".h", ".cpp",
    ".rs", ".go", ".rb", ".php", ".sh", ".kt", ".swift", ".tex",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class FileRules:
    """What of attachments is taken in: bytes of a text file, bytes of an image (0: no images)."""

    text_bytes: int
    image_bytes: int
    hosts: Collection[str]


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a message; `size` in bytes. `fetch` gives its bytes, and None where it cannot."""

    name: str
    kind: str
    size: int
    url: str
    fetch: Callable[[], Awaitable[bytes | None]] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Files:
    """`text` to be set below the message ("" for none); `images` as data: URLs."""

    text: str = ""
    images: tuple[str, ...] = ()


async def read_files(files: Sequence[Attachment], rules: FileRules) -> Files:
    """Take in what is attached. Size, type and host are checked before anything is fetched."""
    until = asyncio.get_running_loop().time() + FETCH_SECONDS
    names: list[str] = []
    texts: list[str] = []
    images: list[str] = []
    for file in files[:MOST_FILES]:
        kind = file.kind.partition(";")[0].strip().casefold()
        is_text, is_image = _is_text(kind, file.name), kind in IMAGES
        bound = rules.text_bytes if is_text else rules.image_bytes if is_image else 0
        wanted = file.size <= bound and _is_from(file.url, rules.hosts)
        content = await _fetch(file, bound, until) if wanted else None
        if content is None:
            long = ", too long to read" if is_text and file.size > bound else ""
            names.append(f"[file: {file.name}{long}]")
        elif is_text:
            text = content.decode("utf-8", errors="replace")
            texts.append(attached(f"attached: {file.name}", text))
        else:
            names.append(f"[image: {file.name}]")
            images.append(f"data:{kind};base64,{base64.b64encode(content).decode()}")
    if len(files) > MOST_FILES:
        names.append(f"[and {len(files) - MOST_FILES} more files]")
    return Files("".join(f"\n{name}" for name in names) + "".join(texts), tuple(images))


def _is_text(kind: str, filename: str) -> bool:
    return kind.startswith("text/") or filename.casefold().endswith(_TEXT_ENDINGS)


def _is_from(url: str, hosts: Collection[str]) -> bool:
    found = urlsplit(url)
    return found.scheme in {"https", "http"} and found.hostname in hosts


async def _fetch(file: Attachment, bound: int, until: float) -> bytes | None:
    """The bytes; None: they cannot be had (its address expires), not in time, or are too many."""
    try:
        async with asyncio.timeout_at(until):
            content = await file.fetch()
    except TimeoutError:
        return None
    return content if content is not None and len(content) <= bound else None
