"""Modals and the Home tab of the loopback Slack, held against the unmodified SDK and Bolt."""

from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from tests.servers.plain_app import PlainApp, connected
from tests.servers.slack import SlackServer
from tests.servers.slack.ground import Wire
from tests.servers.slack_garden import ALICE, GENERAL, TEAM, reasons, refused

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def box(name: str = "text", **more: object) -> Json:
    element = {"type": "plain_text_input", "action_id": f"do:{name}"} | more
    return {"type": "input", "block_id": name, "label": plain(name), "element": element}


def modal(*blocks: Json, **more: object) -> Json:
    return {
        "type": "modal", "callback_id": "form", "title": plain("Edit"), "submit": plain("Save"),
        "blocks": [*blocks], "private_metadata": "7",
    } | more  # fmt: skip


def home(*texts: str, **more: object) -> Json:
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": text}} for text in texts]
    return {"type": "home", "blocks": blocks} | more


async def trigger(slack: SlackServer, app: PlainApp) -> str:
    """A fresh trigger of Alice's."""

    async def ack_it(ack: Wire) -> None:
        await ack()

    app.app.shortcut("any")(ack_it)
    act = await slack.shortcut(ALICE, "any")
    return str(act.payload["trigger_id"])


async def test_a_trigger_opens_one_modal_within_three_seconds(
    slack: SlackServer, client: AsyncWebClient
) -> None:
    app = PlainApp(slack)
    async with connected(slack, app):
        first, second = await trigger(slack, app), await trigger(slack, app)
        bad = client.views_open(trigger_id=first, view=modal(box(), title=plain("x" * 25)))
        assert await refused(bad) == "invalid_arguments"
        await client.views_open(trigger_id=first, view=modal(box()))
        again = client.views_open(trigger_id=first, view=modal(box()))
        assert await refused(again) == "exchanged_trigger_id"
        slack.clock.advance(3.1)
        late = client.views_open(trigger_id=second, view=modal(box()))
        assert await refused(late) == "expired_trigger_id"
        wrong = client.views_open(trigger_id="1.2.3", view=modal(box()))
        assert await refused(wrong) == "invalid_trigger_id"
    shown = slack.modal(ALICE)
    assert shown is not None
    assert (shown.title, shown.callback_id, shown.private_metadata) == ("Edit", "form", "7")


async def test_a_submission_carries_what_was_filled_in(slack: SlackServer) -> None:
    app = PlainApp(slack)
    seen: list[Json] = []
    options = [{"text": plain(t), "value": t[0]} for t in ("Tea", "Milk")]
    menu = {"type": "static_select", "action_id": "drink", "options": options}
    select = {"type": "input", "block_id": "drinks", "label": plain("Drink"), "element": menu}

    async def save(ack: Wire, view: Json) -> None:
        seen.append(view)
        await ack()

    app.app.view("form")(save)
    async with connected(slack, app):
        view = modal(box(initial_value="old"), select | {"optional": True})
        await app.client.views_open(trigger_id=await trigger(slack, app), view=view)
        act = await slack.submit(ALICE, values={"drink": "Milk"})
    values = seen[0]["state"]["values"]
    assert values["text"]["do:text"] == {"type": "plain_text_input", "value": "old"}
    assert values["drinks"]["drink"]["selected_option"] == options[1]
    assert (seen[0]["private_metadata"], act.errors) == ("7", {})
    assert slack.modal(ALICE) is None


async def test_errors_keep_the_modal_and_stand_at_their_blocks(slack: SlackServer) -> None:
    app = PlainApp(slack)

    async def save(ack: Wire, view: Json) -> None:
        value = view["state"]["values"]["text"]["do:text"]["value"]
        if value == "bad":
            await ack(response_action="errors", errors={"text": "not this"})
        else:
            await ack(response_action="clear")

    app.app.view("form")(save)
    async with connected(slack, app):
        await app.client.views_open(trigger_id=await trigger(slack, app), view=modal(box()))
        with pytest.raises(AssertionError, match="must be filled in"):
            await slack.submit(ALICE)
        act = await slack.submit(ALICE, values={"text": "bad"})
        shown = slack.modal(ALICE)
        assert act.errors == {"text": "not this"}
        assert shown is not None
        assert shown.errors == act.errors
        await slack.submit(ALICE, values={"text": "good"})
    assert slack.modal(ALICE) is None


async def test_a_submission_can_update_or_push(slack: SlackServer) -> None:
    app = PlainApp(slack)

    async def save(ack: Wire, view: Json) -> None:
        action = "update" if view["callback_id"] == "form" else "push"
        await ack(response_action=action, view=modal(box("next"), callback_id="second"))

    app.app.view("form")(save)
    app.app.view("second")(save)
    async with connected(slack, app):
        await app.client.views_open(trigger_id=await trigger(slack, app), view=modal(box()))
        first = slack.modal(ALICE)
        await slack.submit(ALICE, values={"text": "x"})
        second = slack.modal(ALICE)
        await slack.submit(ALICE, values={"next": "x"})
        third = slack.modal(ALICE)
    assert first is not None
    assert second is not None
    assert third is not None
    assert (second.id, second.callback_id) == (first.id, "second")
    assert (third.previous, third.root) == (second.id, first.id)


async def test_an_answer_slack_does_not_understand_becomes_a_problem(slack: SlackServer) -> None:
    app = PlainApp(slack)

    async def save(ack: Wire) -> None:
        await ack(response_action="errors", errors={"nowhere": "x"})

    app.app.view("form")(save)
    async with connected(slack, app):
        await app.client.views_open(trigger_id=await trigger(slack, app), view=modal(box()))
        await slack.submit(ALICE, values={"text": "x"})
    assert "invalid_response_action" in slack.problems.pop()


async def test_three_modals_are_the_most(slack: SlackServer, client: AsyncWebClient) -> None:
    app = PlainApp(slack)
    async with connected(slack, app):
        early = client.views_push(trigger_id=await trigger(slack, app), view=modal(box()))
        assert await refused(early) == "not_found"
        await client.views_open(trigger_id=await trigger(slack, app), view=modal(box()))
        for _ in range(2):
            await client.views_push(trigger_id=await trigger(slack, app), view=modal(box()))
        deep = client.views_push(trigger_id=await trigger(slack, app), view=modal(box()))
        assert await refused(deep) == "push_limit_reached"
        await slack.close(ALICE)
        assert len(slack.stack(ALICE).views) == 2


async def test_an_update_with_an_old_hash_is_refused_and_keeps_what_was_typed(
    slack: SlackServer, client: AsyncWebClient
) -> None:
    app = PlainApp(slack)
    seen: list[Json] = []

    async def search(ack: Wire, body: Json) -> None:
        seen.append(body)
        await ack()

    app.app.action("do:text")(search)
    async with connected(slack, app):
        view = modal(box() | {"dispatch_action": True})
        told = await client.views_open(trigger_id=await trigger(slack, app), view=view)
        await slack.press(ALICE, "modal", "do:text", "tea")
        id_, old = told["view"]["id"], told["view"]["hash"]
        await client.views_update(view_id=id_, view=view, hash=old)
        stale = client.views_update(view_id=id_, view=view, hash=old)
        assert await refused(stale) == "hash_conflict"
        lost = client.views_update(view_id="V9", view=view)
        assert await refused(lost) == "not_found"
    assert seen[0]["actions"][0]["value"] == "tea"
    shown = slack.modal(ALICE)
    assert shown is not None
    assert shown.values()["text"]["do:text"]["value"] == "tea"


async def test_closing_is_told_where_it_was_asked_for(slack: SlackServer) -> None:
    app = PlainApp(slack)
    seen: list[Json] = []

    async def closed(ack: Wire, body: Json) -> None:
        seen.append(body)
        await ack()

    app.app.view_closed("form")(closed)
    async with connected(slack, app):
        view = modal(box(), notify_on_close=True)
        await app.client.views_open(trigger_id=await trigger(slack, app), view=view)
        await slack.close(ALICE)
        await app.client.views_open(trigger_id=await trigger(slack, app), view=modal(box()))
        assert await slack.close(ALICE) is None
    assert (len(seen), seen[0]["is_cleared"]) == (1, False)


@pytest.mark.parametrize(
    ("what", "why"),
    [
        (modal(*[{"type": "divider"}] * 101), "no more than 100"),
        (modal(box(), private_metadata="x" * 3001), "private_metadata"),
        (modal(box(), callback_id="x" * 256), "callback_id"),
        ({k: v for k, v in modal(box()).items() if k != "submit"}, "submit is required"),
        ({k: v for k, v in modal(box()).items() if k != "title"}, "title"),
        (modal(box(), submit=plain("x" * 25)), "submit"),
        (modal(box(), titel="x"), "unknown field titel"),
        (modal(box("a"), box("a")), "duplicate"),
        (modal({"type": "markdown", "text": "x"}), "unsupported type: markdown"),
        (home("x"), "view type must be modal"),
    ],
)
async def test_modals_that_slack_refuses(
    slack: SlackServer, client: AsyncWebClient, what: Json, why: str
) -> None:
    told = await reasons(client.views_open(trigger_id="1.2.3", view=what))
    assert told.startswith("invalid_arguments")
    assert why in told


async def test_the_home_tab_is_published_opened_and_pressed(
    slack: SlackServer, client: AsyncWebClient
) -> None:
    app = PlainApp(slack)
    app.hear("app_home_opened")
    seen: list[Json] = []

    async def pressed(ack: Wire, body: Json) -> None:
        seen.append(body)
        await ack()

    app.app.action("pause")(pressed)
    element = {"type": "button", "action_id": "pause", "text": plain("Pause")}
    row = {"type": "actions", "elements": [element]}
    async with connected(slack, app):
        await slack.open_home(ALICE)
        await slack.heard()
        view = home("what I know")
        view["blocks"].append(row)
        told = await client.views_publish(user_id=ALICE, view=view)
        await slack.open_home(ALICE)
        await slack.open_home(ALICE, "messages")
        await slack.press(ALICE, "home", "pause")
        await slack.heard()
    first, second, third = app.heard
    assert "view" not in first
    assert second["view"]["id"] == told["view"]["id"]
    assert (third["tab"], third["channel"], "view" in third) == (
        "messages", slack.dm(TEAM, ALICE), False,
    )  # fmt: skip
    assert seen[0]["container"] == {"type": "view", "view_id": told["view"]["id"]}
    assert "channel" not in seen[0]
    assert "response_url" not in seen[0]
    shown = slack.home(ALICE)
    assert shown is not None
    assert (shown.said, shown.labelled("Pause")) == ("what I know", "pause")
    stale = client.views_publish(user_id=ALICE, view=home("x"), hash="old")
    assert await refused(stale) == "hash_conflict"
    assert await refused(client.views_publish(user_id="U9", view=home("x"))) == "user_not_found"


async def test_what_a_person_looks_at_is_told(slack: SlackServer) -> None:
    app = PlainApp(slack)
    app.hear("app_context_changed")
    async with connected(slack, app):
        await slack.look_at(ALICE, GENERAL)
        await slack.look_at(ALICE)
        await slack.heard()
    first, second = app.heard
    assert first["context"]["entities"][0]["value"] == GENERAL
    assert second["context"] == {}
