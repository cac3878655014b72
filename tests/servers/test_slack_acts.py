"""What people do with the app: the loopback Slack's interactions, held against Bolt."""

from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from tests.servers.plain_app import PlainApp, connected
from tests.servers.slack import SlackServer
from tests.servers.slack.ground import Wire
from tests.servers.slack_garden import ALICE, BOB, GENERAL, TEAM

Json = dict[str, Any]


def button(action_id: str, label: str = "Press", **more: object) -> Json:
    text = {"type": "plain_text", "text": label}
    return {"type": "button", "action_id": action_id, "text": text} | more


def actions(*elements: Json) -> list[Json]:
    return [{"type": "actions", "block_id": "row", "elements": [*elements]}]


async def acknowledge(ack: Wire) -> None:
    await ack()


async def test_a_command_is_answered_in_the_acknowledgement_or_later(slack: SlackServer) -> None:
    app = PlainApp(slack)
    seen: list[Json] = []

    async def recall(ack: Wire, command: Json, respond: Wire) -> None:
        seen.append(command)
        await ack("one moment")
        await respond("tea, at four", response_type="in_channel")

    app.app.command("/recall")(recall)
    async with connected(slack, app):
        act = await slack.slash(ALICE, GENERAL, "/recall", "tea")
        await slack.until(lambda: slack.messages(GENERAL))
    command = seen[0]
    assert (command["text"], command["user_id"], command["channel_id"]) == ("tea", ALICE, GENERAL)
    assert (command["team_id"], command["channel_name"]) == (TEAM, "general")
    assert [m.text for m in slack.ephemerals(ALICE)] == ["one moment"]
    assert [m.text for m in slack.messages(GENERAL)] == ["tea, at four"]
    assert {m.text for m in act.responses} == {"one moment", "tea, at four"}


async def test_a_command_nobody_acknowledges_in_time_fails_before_the_person(
    slack: SlackServer,
) -> None:
    app = PlainApp(slack)
    asked: list[int] = []

    async def never(ack: Wire) -> None:
        asked.append(1)

    app.app.command("/recall")(never)
    async with connected(slack, app):
        act = await slack.slash(ALICE, GENERAL, "/recall", wait=False)
        await slack.until(lambda: asked)
        slack.clock.advance(3)
    assert act.lost
    assert act.parcel.attempts == 1
    late = await slack.slash(ALICE, GENERAL, "/recall")
    assert late.lost


async def test_a_response_url_is_good_for_five_uses_and_thirty_minutes(slack: SlackServer) -> None:
    app = PlainApp(slack)
    app.app.command("/recall")(acknowledge)
    async with connected(slack, app):
        first = await slack.slash(ALICE, GENERAL, "/recall")
        second = await slack.slash(ALICE, GENERAL, "/recall")
    webhook = AsyncWebhookClient(first.payload["response_url"])
    answers = [await webhook.send(text=str(n)) for n in range(6)]
    assert [a.status_code for a in answers] == [200] * 5 + [404]
    assert "used_url" in answers[5].body
    assert [m.text for m in slack.ephemerals(ALICE)] == list("01234")
    other = AsyncWebhookClient(second.payload["response_url"])
    slack.clock.advance(1799)
    assert (await other.send(text="still")).status_code == 200
    slack.clock.advance(1)
    late = await other.send(text="late")
    assert (late.status_code, "expired_url" in late.body) == (404, True)


async def test_a_response_is_checked(slack: SlackServer) -> None:
    app = PlainApp(slack)
    app.app.command("/recall")(acknowledge)
    async with connected(slack, app):
        act = await slack.slash(ALICE, GENERAL, "/recall")
    webhook = AsyncWebhookClient(act.payload["response_url"])
    bad: Json = {"type": "section"}
    assert "no_text" in (await webhook.send_dict({"text": ""})).body
    assert "invalid_payload" in (await webhook.send_dict({"txt": "x"})).body
    assert "invalid_blocks" in (await webhook.send_dict({"text": "x", "blocks": [bad]})).body


async def test_a_pressed_button_tells_where_and_what(
    slack: SlackServer, client: AsyncWebClient
) -> None:
    app = PlainApp(slack)
    seen: list[Json] = []

    async def forget(ack: Wire, body: Json, respond: Wire) -> None:
        seen.append(body)
        await ack()
        await respond("gone", replace_original=True)

    app.app.action("forget")(forget)
    async with connected(slack, app):
        await client.chat_postMessage(
            channel=GENERAL, text="?", blocks=actions(button("forget", value="7"))
        )
        message = slack.messages(GENERAL)[0]
        await slack.press(ALICE, message, "forget")
        await slack.until(lambda: message.text == "gone")
    body = seen[0]
    assert body["actions"][0]["value"] == "7"
    assert body["actions"][0]["block_id"] == "row"
    assert body["container"]["message_ts"] == message.ts
    assert (body["channel"]["id"], body["user"]["id"]) == (GENERAL, ALICE)
    assert body["message"]["ts"] == message.ts
    assert message.blocks == []


async def test_an_ephemeral_message_is_pressed_by_its_reader_only_and_can_be_deleted(
    slack: SlackServer, client: AsyncWebClient
) -> None:
    app = PlainApp(slack)
    seen: list[Json] = []

    async def close(ack: Wire, body: Json, respond: Wire) -> None:
        seen.append(body)
        await ack()
        await respond(delete_original=True)

    app.app.action("close")(close)
    async with connected(slack, app):
        await client.chat_postEphemeral(
            channel=GENERAL, user=ALICE, text="?", blocks=actions(button("close"))
        )
        message = slack.ephemerals(ALICE)[0]
        with pytest.raises(AssertionError, match="does not see"):
            await slack.press(BOB, message, "close")
        await slack.press(ALICE, message, "close")
        await slack.until(lambda: not slack.ephemerals(ALICE))
    assert seen[0]["container"]["is_ephemeral"]
    assert "message" not in seen[0]


async def test_menus_give_the_option_that_was_chosen(
    slack: SlackServer, client: AsyncWebClient
) -> None:
    app = PlainApp(slack)
    seen: list[Json] = []

    async def choose(ack: Wire, action: Json) -> None:
        seen.append(action)
        await ack()

    app.app.action("menu")(choose)
    options = [{"text": {"type": "plain_text", "text": t}, "value": t[0]} for t in ("Tea", "Milk")]
    async with connected(slack, app):
        for kind in ("static_select", "overflow"):
            menu = {"type": kind, "action_id": "menu", "options": options}
            await client.chat_postMessage(channel=GENERAL, text="?", blocks=actions(menu))
            await slack.press(ALICE, slack.messages(GENERAL)[-1], "menu", "Milk")
        with pytest.raises(AssertionError, match="not among"):
            await slack.press(ALICE, slack.messages(GENERAL)[-1], "menu", "Cocoa")
    assert [s["selected_option"]["value"] for s in seen] == ["M", "M"]
    assert [s["type"] for s in seen] == ["static_select", "overflow"]


async def test_shortcuts_are_global_or_of_a_message(slack: SlackServer) -> None:
    app = PlainApp(slack)
    seen: list[Json] = []

    async def shortcut(ack: Wire, body: Json) -> None:
        seen.append(body)
        await ack()

    app.app.shortcut("recall")(shortcut)
    app.app.shortcut("remember")(shortcut)
    async with connected(slack, app):
        await slack.say(BOB, GENERAL, "tea at four")
        await slack.shortcut(ALICE, "recall")
        await slack.shortcut(ALICE, "remember", slack.messages(GENERAL)[0])
        slack.team("T9")
        slack.person("T9", "U9")
        with pytest.raises(AssertionError, match="meets no app"):
            await slack.shortcut("U9", "recall")
    first, second = seen
    assert (first["type"], first["user"]["id"]) == ("shortcut", ALICE)
    assert "response_url" not in first
    assert (second["type"], second["message"]["text"]) == ("message_action", "tea at four")
    assert second["message"]["user"] == BOB
    assert (second["channel"]["id"], second["response_url"][:7]) == (GENERAL, "http://")


async def test_an_external_menu_asks_the_app(slack: SlackServer, client: AsyncWebClient) -> None:
    app = PlainApp(slack)

    async def suggest(ack: Wire, payload: Json) -> None:
        label = {"type": "plain_text", "text": payload["value"] + "?"}
        await ack(options=[{"text": label, "value": "v"}])

    app.app.options("which")(suggest)
    app.app.action("which")(acknowledge)
    menu = {"type": "external_select", "action_id": "which"}
    async with connected(slack, app):
        await client.chat_postMessage(channel=GENERAL, text="?", blocks=actions(menu))
        message = slack.messages(GENERAL)[0]
        found = await slack.suggest(ALICE, message, "which", "te")
        await slack.press(ALICE, message, "which", found[0])
    assert [option["text"]["text"] for option in found] == ["te?"]
