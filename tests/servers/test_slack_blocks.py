"""Block Kit's limits on the loopback Slack, held against the unmodified SDK."""

from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from tests.servers.slack import SlackServer
from tests.servers.slack_garden import GENERAL, refused

Json = dict[str, Any]


def section(text: str = "x") -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def button(number: int = 0, **more: object) -> Json:
    label = {"type": "plain_text", "text": "Press"}
    return {"type": "button", "action_id": f"do:{number}", "text": label} | more


def menu(count: int = 1, **more: object) -> Json:
    options = [
        {"text": {"type": "plain_text", "text": f"o{n}"}, "value": f"v{n}"} for n in range(count)
    ]
    return {"type": "static_select", "action_id": "menu", "options": options} | more


BAD_BLOCKS = {
    "too many": [section()] * 51,
    "long section": [section("x" * 3001)],
    "empty section": [section("")],
    "long markdown": [{"type": "markdown", "text": "x" * 6001}] * 2,
    "too many buttons": [{"type": "actions", "elements": [button(n) for n in range(26)]}],
    "long label": [
        {
            "type": "actions",
            "elements": [button(text={"type": "plain_text", "text": "x" * 76})],
        }
    ],
    "mrkdwn label": [
        {"type": "actions", "elements": [button(text={"type": "mrkdwn", "text": "x"})]}
    ],
    "long value": [{"type": "actions", "elements": [button(value="x" * 2001)]}],
    "long action_id": [{"type": "actions", "elements": [button(action_id="x" * 256)]}],
    "unknown field": [section() | {"txt": "x"}],
    "unknown style": [{"type": "actions", "elements": [button(style="big")]}],
    "twice an action_id": [{"type": "actions", "elements": [button(1), button(1)]}],
    "twice a block_id": [section() | {"block_id": "b"}] * 2,
    "too many options": [{"type": "actions", "elements": [menu(101)]}],
    "no options": [{"type": "actions", "elements": [menu(0)]}],
    "long option": [
        section()
        | {
            "accessory": menu(
                options=[{"text": {"type": "plain_text", "text": "x" * 76}, "value": "v"}]
            )
        }
    ],
    "long option value": [
        section()
        | {
            "accessory": menu(
                options=[{"text": {"type": "plain_text", "text": "x"}, "value": "v" * 151}]
            )
        }
    ],
    "six in overflow": [section() | {"accessory": menu(6, type="overflow")}],
    "another's option": [
        section() | {"accessory": menu(initial_option={"text": {}, "value": "other"})}
    ],
    "half a confirm": [{"type": "actions", "elements": [button(confirm={})]}],
    "long header": [{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}],
    "eleven in context": [{"type": "context", "elements": [{"type": "mrkdwn", "text": "x"}] * 11}],
    "unknown type": [{"type": "sektion"}],
    "no elements": [{"type": "actions", "elements": []}],
    "eleven fields": [{"type": "section", "fields": [{"type": "mrkdwn", "text": "x"}] * 11}],
}


@pytest.mark.parametrize("what", BAD_BLOCKS)
async def test_blocks_that_slack_refuses(
    slack: SlackServer, client: AsyncWebClient, what: str
) -> None:
    posting = client.chat_postMessage(channel=GENERAL, text="x", blocks=BAD_BLOCKS[what])
    assert await refused(posting) == "invalid_blocks"
    assert slack.messages(GENERAL) == []


async def test_blocks_at_their_limits_are_taken(slack: SlackServer, client: AsyncWebClient) -> None:
    label = {"type": "plain_text", "text": "x" * 75}
    good: list[Json] = [
        section("x" * 3000),
        {"type": "markdown", "text": "x" * 6000},
        {"type": "actions", "elements": [button(n, text=label) for n in range(25)]},
        section() | {"accessory": menu(100)},
        *[{"type": "divider"}] * 46,
    ]
    posted = await client.chat_postMessage(channel=GENERAL, text="x", blocks=good)
    message = slack.messages(GENERAL)[0]
    assert len({block["block_id"] for block in message.blocks}) == 50
    assert message.action("do:24")["text"] == label
    assert posted["message"]["blocks"] == message.blocks
    whole = [section("x" * 3000)] * 5
    assert await refused(client.chat_postMessage(channel=GENERAL, text="x", blocks=whole)) == (
        "msg_blocks_too_long"
    )
