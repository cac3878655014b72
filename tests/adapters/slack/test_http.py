"""The HTTP door: what it lets in, and what it answers."""

import asyncio
import hmac
import json
import time
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest

from adapters.slack.http import HttpDoor
from bot.errors import ConfigError
from tests.adapters.slack.gate import MESSAGE, Gate, event, signed


@pytest.fixture
async def gate() -> AsyncIterator[Gate]:
    made = Gate()
    async with made.door:
        yield made


@pytest.mark.rule("S1")
async def test_an_event_is_accepted_when_its_listener_has_returned(gate: Gate) -> None:
    let_go = asyncio.Event()
    gate.fault = let_go.wait  # type: ignore[assignment] # what it returns is not looked at
    async with asyncio.TaskGroup() as tasks:
        posting = tasks.create_task(gate.post(event()))
        async with asyncio.timeout(5):
            while not gate.heard:
                await gate.get("/livez")
        assert not posting.done()
        let_go.set()
    assert posting.result()[0] == 200
    assert gate.heard[0]["event"] == MESSAGE


@pytest.mark.rule("S1")
async def test_a_command_is_answered_in_the_response(gate: Gate) -> None:
    body = urlencode({"command": "/recall", "text": "tea", "team_id": "T1", "user_id": "U1"})
    assert await gate.post(body, kind="application/x-www-form-urlencoded") == (200, "done")


async def test_a_listener_that_fails_has_slack_send_it_again(
    gate: Gate, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail() -> None:
        raise RuntimeError("no")

    gate.fault = fail
    assert (await gate.post(event()))[0] == 500
    gate.fault = None
    assert (await gate.post(event()))[0] == 200
    assert len(gate.heard) == 2


@pytest.mark.rule("S2")
@pytest.mark.parametrize("reason", ["http_timeout", "http_error", "too_many_redirects"])
async def test_a_retry_is_heard_like_any_other(gate: Gate, reason: str) -> None:
    headers = {"X-Slack-Retry-Num": "2", "X-Slack-Retry-Reason": reason}
    assert (await gate.post(event(), headers=headers))[0] == 200
    assert len(gate.heard) == 1


@pytest.mark.rule("S4")
@pytest.mark.parametrize("age", [0, 290, -290])
async def test_a_signed_request_of_the_last_five_minutes_is_heard(gate: Gate, age: float) -> None:
    assert (await gate.post(event(), age=age))[0] == 200


@pytest.mark.rule("S4")
@pytest.mark.parametrize("age", [310, 360, -310, 86_400])
async def test_an_older_one_is_refused_and_so_is_one_from_the_future(
    gate: Gate, age: float
) -> None:
    assert (await gate.post(event(), age=age))[0] == 401
    assert gate.heard == []


@pytest.mark.rule("S4")
async def test_another_secret_is_refused(gate: Gate) -> None:
    assert (await gate.post(event(), secret="another"))[0] == 401
    assert gate.heard == []


@pytest.mark.rule("S4")
async def test_a_body_that_was_changed_on_its_way_is_refused(gate: Gate) -> None:
    stamp = str(int(time.time()))
    assert (await gate.post(event(text="yes"), headers=signed(stamp, event())))[0] == 401
    assert gate.heard == []


@pytest.mark.rule("S4")
@pytest.mark.parametrize(
    "headers",
    [
        {"X-Slack-Request-Timestamp": "soon"},
        {"X-Slack-Request-Timestamp": ""},
        {"X-Slack-Request-Timestamp": "9" * 5000},
        {"X-Slack-Request-Timestamp": "-1"},
        {"X-Slack-Request-Timestamp": "²"},
        {"X-Slack-Signature": ""},
        {"X-Slack-Signature": "v0=é"},
        {"X-Slack-Signature": "v1=00"},
    ],
)
async def test_headers_that_cannot_be_a_signature_are_refused_quietly(
    gate: Gate, headers: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    assert (await gate.post(event(), headers=headers))[0] == 401
    assert gate.heard == []
    assert "zebra" not in caplog.text
    assert not [record for record in caplog.records if record.exc_info]


@pytest.mark.rule("S4")
async def test_signatures_are_compared_in_constant_time(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[tuple[Any, Any]] = []
    real = hmac.compare_digest

    def noted(one: Any, other: Any) -> bool:  # noqa: ANN401 - as the original
        compared.append((one, other))
        return real(one, other)

    monkeypatch.setattr(hmac, "compare_digest", noted)
    await gate.post(event())
    assert len(compared) == 1
    assert compared[0][0] == compared[0][1]


async def test_the_address_is_verified(gate: Gate) -> None:
    body = json.dumps({"type": "url_verification", "token": "t", "challenge": "3eZb"})
    status, text = await gate.post(body)
    assert (status, json.loads(text)) == (200, {"challenge": "3eZb"})
    assert (await gate.post(body, secret="another"))[0] == 401


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("", "application/json"),
        ("{", "application/json"),
        ("[]", "application/json"),
        ("null", "application/json"),
        ("zebra", "application/json"),
        ("{" * 500_000, "application/json"),
        ('{"a":' * 100_000, "application/json"),
        ('{"type":"event_callback","team_id":{"a":1},"event":"x"}', "application/json"),
        (b'{"a": "\xff"}', "application/json"),
        ("", "application/x-www-form-urlencoded"),
        ("payload=", "application/x-www-form-urlencoded"),
        ("payload=%7Bzebra", "application/x-www-form-urlencoded"),
        ("payload=%5B%5D", "application/x-www-form-urlencoded"),
        ("&".join(f"a{n}=1" for n in range(2000)), "application/x-www-form-urlencoded"),
    ],
)
async def test_a_malformed_body_is_refused_without_a_word_of_it_in_the_log(
    gate: Gate, body: str | bytes, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert (await gate.post(body, kind=kind))[0] == 400
    assert "zebra" not in caplog.text
    assert not [record for record in caplog.records if record.exc_info]
    assert (await gate.post(event()))[0] == 200  # and the next one is heard


async def test_a_body_over_the_bound_is_refused(gate: Gate) -> None:
    assert (await gate.post(event(text="x" * 900_000)))[0] == 200
    assert (await gate.post(event(text="x" * 1_000_000)))[0] == 413

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"x" * 100_000

    async with aiohttp.ClientSession() as session:
        url = f"http://127.0.0.1:{gate.door.port}/slack/events"
        async with session.post(url, data=pieces()) as answer:  # no length is told before
            assert answer.status == 413
    assert len(gate.heard) == 1


async def test_a_body_that_does_not_come_is_not_waited_for(gate: Gate) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", gate.door.port)
    writer.write(b"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{")
    async with asyncio.timeout(5):
        assert b" 408 " in await reader.readline()
        await reader.read()  # and it is closed
    writer.close()


async def test_headers_that_do_not_end_are_not_waited_for(gate: Gate) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", gate.door.port)
    writer.write(b"POST /slack/events HTTP/1.1\r\nHost: x\r\n")
    async with asyncio.timeout(5):
        assert await reader.read() == b""
    writer.close()


async def test_what_is_no_http_ends_without_a_traceback(
    gate: Gate, caplog: pytest.LogCaptureFixture
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", gate.door.port)
    writer.write(b"\x16\x03\x01zebra\r\n\r\n")
    async with asyncio.timeout(5):
        assert b" 400 " in await reader.readline()
    writer.close()
    assert "zebra" not in caplog.text


@pytest.mark.parametrize("path", ["/", "/slack", "/slack/events/", "/slack/install", "/.env"])
async def test_other_paths_are_not_found(gate: Gate, path: str) -> None:
    assert (await gate.get(path))[0] == 404
    assert (await gate.post(event(), path=path if path != "/slack/install" else "/x"))[0] == 404


async def test_events_are_posted_only(gate: Gate) -> None:
    assert (await gate.get("/slack/events"))[0] == 405


async def test_what_nothing_listens_to_is_not_told_again(
    gate: Gate, caplog: pytest.LogCaptureFixture
) -> None:
    assert (await gate.post(event(type="emoji_changed")))[0] == 200
    assert (await gate.post(event(type="emoji_changed"), secret="another"))[0] == 401


@pytest.mark.rule("S6")
async def test_that_slack_leaves_out_events_is_one_line_in_the_log(
    gate: Gate, caplog: pytest.LogCaptureFixture
) -> None:
    body = {"type": "app_rate_limited", "team_id": "T1", "minute_rate_limited": 1518467820}
    assert (await gate.post(json.dumps(body)))[0] == 200
    assert [line for line in caplog.messages if "T1" in line] == [
        "Slack leaves out events of T1: too many"
    ]


async def test_it_lives_and_is_ready_only_when_it_is(gate: Gate) -> None:
    assert await gate.get("/livez") == (200, "ok\n")
    assert await gate.get("/readyz") == (200, "ok\n")
    gate.ready = False
    assert await gate.get("/livez") == (200, "ok\n")
    assert await gate.get("/readyz") == (503, "not ready\n")


async def test_an_address_that_is_taken_is_one_line(gate: Gate) -> None:
    second = HttpDoor(gate.app, None, gate.is_ready, port=gate.door.port)
    with pytest.raises(ConfigError, match="ELLIE_HTTP_PORT"):
        async with second:
            pass


async def test_by_default_only_this_machine_reaches_it() -> None:
    gate = Gate()
    door = HttpDoor(gate.app, None, gate.is_ready, port=0)
    async with door:
        assert door._runner.addresses[0][0] == "127.0.0.1"
