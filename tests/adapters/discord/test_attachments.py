"""What is attached: text is read, images are handed on, anything else is named."""

from pathlib import Path

import pytest

from tests.adapters.discord.stage import DiscordStage, connected

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20


@pytest.mark.rule("D24")
async def test_a_text_file_is_read_and_is_nobodys_words(garden: DiscordStage) -> None:
    dm = garden.discord.dm(garden.alice)
    file = ("notes.txt", "text/plain; charset=utf-8", b"Quinces: prune in March")
    await garden.discord.say(garden.alice, dm, "What shall I do?", attachments=[file])
    await garden.reply(dm)
    assert "attached: notes.txt" in garden.prompt()
    assert "prune in March" in garden.prompt()


@pytest.mark.rule("D24")
async def test_what_is_too_long_or_no_text_is_named_and_never_fetched(garden: DiscordStage) -> None:
    dm = garden.discord.dm(garden.alice)
    files = [
        ("long.txt", "text/plain", b"x" * 100_001),
        ("tool.exe", "application/octet-stream", b"MZ"),
        ("cat.png", "image/png", PNG),
    ]
    await garden.discord.say(garden.alice, dm, "Look", attachments=files)
    await garden.reply(dm)
    for name in ("[file: long.txt, too long to read]", "[file: tool.exe]", "[file: cat.png]"):
        assert name in garden.prompt()
    assert garden.discord.downloads == []


@pytest.mark.rule("D24")
async def test_a_model_that_sees_gets_the_image(tmp_path: Path) -> None:
    async with connected(tmp_path / "ellie.db", image_bytes=1000, ellie_model_sees=True) as garden:
        dm = garden.discord.dm(garden.alice)
        await garden.discord.say(
            garden.alice, dm, "What is it?", attachments=[("cat.png", "image/png", PNG)]
        )
        await garden.reply(dm)
        content = garden.model.asked("chat")[-1].body["messages"][-1]["content"]
        (image,) = [part for part in content if part["type"] == "image_url"]
        assert image["image_url"]["url"].startswith("data:image/png;base64,iVBOR")


@pytest.mark.rule("D24")
async def test_a_file_elsewhere_is_not_fetched(garden: DiscordStage) -> None:
    dm = garden.discord.dm(garden.alice)
    garden.discord.cdn = garden.discord.cdn.replace("127.0.0.1", "localhost")
    file = ("notes.txt", "text/plain", b"prune in March")
    await garden.discord.say(garden.alice, dm, "Look", attachments=[file])
    await garden.reply(dm)
    assert "[file: notes.txt]" in garden.prompt()
    assert garden.discord.downloads == []
