"""Files: text within a bound, images for a model that sees, from Slack's own hosts alone."""

from pathlib import Path

from adapters.slack.events import File
from adapters.slack.files import attachments
from adapters.wording.attachments import FileRules, read_files
from tests.adapters.slack.stage import ALICE, GENERAL, TEAM, SlackStage, connected

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20


async def test_a_text_file_is_read_with_the_bots_token(socket_garden: SlackStage) -> None:
    garden = socket_garden
    file = ("notes.txt", b"Quinces: prune in March", "text/plain")
    await garden.slack.say(ALICE, garden.dm, "What shall I do?", files=[file])
    await garden.reply(garden.dm)
    assert "attached: notes.txt" in garden.prompt()
    assert "prune in March" in garden.prompt()


async def test_what_is_too_long_or_no_text_is_named_and_never_fetched(
    socket_garden: SlackStage,
) -> None:
    garden = socket_garden
    files = [
        ("long.txt", b"x" * 100_001, "text/plain"),
        ("tool.exe", b"MZ", "application/octet-stream"),
        ("cat.png", PNG, "image/png"),
    ]
    await garden.slack.say(ALICE, garden.dm, "Look", files=files)
    await garden.reply(garden.dm)
    for expected in ("[file: long.txt, too long to read]", "[file: tool.exe]", "[file: cat.png]"):
        assert expected in garden.prompt()
    assert garden.slack.downloads == []


async def test_a_model_that_sees_gets_images(tmp_path: Path) -> None:
    async with connected(
        tmp_path / "ellie.db",
        slack_settings={"image_bytes": 1_000_000},
        ellie_model_sees=True,
    ) as garden:
        await garden.slack.say(
            ALICE, garden.dm, "What is it?", files=[("cat.png", PNG, "image/png")]
        )
        await garden.reply(garden.dm)
        content = garden.model.asked("chat")[-1].body["messages"][-1]["content"]
        assert any("data:image/png;base64," in str(part) for part in content)


async def test_a_page_that_asks_to_log_in_is_not_taken_for_the_file(
    socket_garden: SlackStage,
) -> None:
    garden = socket_garden
    garden.slack.install(TEAM, scopes=garden.slack.installations[0].scopes - {"files:read"})
    await garden.slack.say(
        ALICE, GENERAL, garden.called("Read"), files=[("a.txt", b"Quinces", "text/plain")]
    )
    await garden.slack.until(lambda: garden.model.asked("chat"))
    assert "[file: a.txt]" in garden.prompt()
    assert "<html" not in garden.prompt()
    await garden.idle()


async def test_a_file_of_another_organisation_is_asked_about(socket_garden: SlackStage) -> None:
    garden = socket_garden
    slack = garden.slack
    slack.team("T7", "Elsewhere")
    slack.person("T7", "U7", "Olga")
    slack.channel(TEAM, "C7", "with-elsewhere", members=[ALICE, "U7"], ext_shared=["T7"])
    file = ("notes.txt", b"Quinces: prune in March", "text/plain")
    ts = await slack.say("U7", "C7", garden.called("Read this"), files=[file])
    await garden.reply("C7", ts)
    assert "prune in March" in garden.prompt()


async def test_the_token_goes_to_no_other_host(socket_garden: SlackStage) -> None:
    garden = socket_garden
    elsewhere = File("F1", "a.txt", "text/plain", 5, f"http://localhost:{garden.slack.host}/a.txt")
    session = garden.adapter._session
    assert session is not None
    rules = FileRules(1000, 0, {"127.0.0.1"})
    found = await read_files(attachments([elsewhere], session, "xoxb-secret", 1000), rules)
    assert found.text.strip() == "[file: a.txt]"
