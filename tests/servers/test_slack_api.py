"""The loopback Slack's Web API is as strict as Slack's: transports, arguments, scopes, sizes."""

from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.servers.plain_app import QUIET
from tests.servers.slack import SCOPES, SlackServer
from tests.servers.slack_garden import ALICE, BOB, GENERAL, TEAM, reasons, refused

Json = dict[str, Any]


def section(text: str = "x") -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


@pytest.mark.parametrize("way", ["query", "form", "json", "multipart", "get", "argument"])
async def test_arguments_come_in_every_way_slack_takes(slack: SlackServer, way: str) -> None:
    url, args = f"{slack.api}users.info", {"user": ALICE, "include_locale": "1"}
    headers = {"Authorization": "Bearer xoxb-1"}
    async with aiohttp.ClientSession() as session:
        match way:
            case "query":
                asked = session.post(url, params=args, headers=headers)
            case "form":
                asked = session.post(url, data=args, headers=headers)
            case "json":
                asked = session.post(url, json=args, headers=headers)
            case "multipart":
                with aiohttp.MultipartWriter("form-data") as form:
                    for name, value in args.items():
                        part = form.append(value)
                        part.set_content_disposition("form-data", name=name)
                asked = session.post(url, data=form, headers=headers)
            case "get":
                asked = session.get(url, params=args, headers=headers)
            case _:
                asked = session.post(url, data=args | {"token": "xoxb-1"})
        async with asked as answer:
            told = await answer.json()
    assert told["ok"]
    assert (told["user"]["id"], told["user"]["locale"]) == (ALICE, "en-US")
    call = slack.calls("users.info")[0]
    assert (call.args, call.token) == ({"user": ALICE, "include_locale": True}, "xoxb-1")


async def test_unknown_methods_and_arguments_are_refused(
    slack: SlackServer, client: AsyncWebClient
) -> None:
    assert await refused(client.api_call("chat.postMesage")) == "unknown_method"
    told = await reasons(client.chat_postMessage(channel=GENERAL, text="x", treadts="1.2"))
    assert told == "invalid_arguments\n[ERROR] unknown argument: treadts"
    missing = await reasons(client.api_call("chat.delete", json={"channel": GENERAL}))
    assert missing == "invalid_arguments\n[ERROR] missing required field: ts"
    assert slack.calls("chat.delete")[0].error == "invalid_arguments"


async def test_a_team_id_beside_the_arguments_is_ignored(slack: SlackServer) -> None:
    client = AsyncWebClient("xoxb-1", base_url=slack.api, team_id=TEAM, logger=QUIET)
    assert (await client.chat_postMessage(channel=GENERAL, text="hello"))["ok"]


async def test_tokens_are_good_unknown_revoked_or_of_an_app_that_is_gone(
    slack: SlackServer, client: AsyncWebClient
) -> None:
    assert await refused(AsyncWebClient("xoxb-9", base_url=slack.api).auth_test()) == "invalid_auth"
    assert await refused(AsyncWebClient(base_url=slack.api).auth_test()) == "not_authed"
    await client.auth_revoke()
    assert await refused(client.auth_test()) == "token_revoked"
    slack.install(TEAM, "xoxb-2")
    await slack.uninstall(TEAM)
    again = AsyncWebClient("xoxb-2", base_url=slack.api)
    assert await refused(again.auth_test()) == "account_inactive"


async def test_a_missing_scope_is_named(slack: SlackServer) -> None:
    slack.install(TEAM, "xoxb-2", scopes=["channels:read"], bot_user="U0SMALL")
    slack.channel(TEAM, "C2", private=True)
    client = AsyncWebClient("xoxb-2", base_url=slack.api, logger=QUIET)
    with pytest.raises(SlackApiError) as refusal:
        await client.chat_postMessage(channel=GENERAL, text="x")
    told = refusal.value.response
    assert (told["error"], told["needed"], told["provided"]) == (
        "missing_scope", "chat:write", "channels:read",
    )  # fmt: skip
    assert (await client.conversations_info(channel=GENERAL))["ok"]
    assert await refused(client.conversations_info(channel="C2")) == "missing_scope"
    assert await refused(client.conversations_history(channel=GENERAL)) == "missing_scope"
    assert await refused(client.conversations_list(types="im")) == "missing_scope"


async def test_places_where_a_bot_cannot_write(slack: SlackServer, client: AsyncWebClient) -> None:
    slack.channel(TEAM, "C2", "away", members=[ALICE], bot=False)
    slack.channel(TEAM, "C3", "secret", private=True, members=[ALICE], bot=False)
    slack.channel(TEAM, "C4", "old", members=[ALICE])
    await slack.archive("C4")
    for channel, error in (
        ("C2", "not_in_channel"), ("C3", "channel_not_found"), ("C4", "is_archived"),
        ("C9", "channel_not_found"),
    ):  # fmt: skip
        assert await refused(client.chat_postMessage(channel=channel, text="x")) == error
    await client.conversations_join(channel="C2")
    assert (await client.chat_postMessage(channel="C2", text="x"))["ok"]
    slack.person(TEAM, "U3", "Carol")
    for user, error in (("U9", "user_not_found"), ("U3", "user_not_in_channel")):
        told = await refused(client.chat_postEphemeral(channel=GENERAL, user=user, text="x"))
        assert told == error


async def test_a_persons_id_means_the_dm(slack: SlackServer, client: AsyncWebClient) -> None:
    posted = await client.chat_postMessage(channel=ALICE, text="hello")
    opened = await client.conversations_open(users=[ALICE])
    assert posted["channel"] == opened["channel"]["id"] == slack.dm(TEAM, ALICE)
    assert opened["already_open"]
    group = await client.conversations_open(users=[ALICE, BOB], return_im=True)
    assert group["channel"]["is_mpim"]
    assert await refused(client.conversations_open(users=["U9"])) == "user_not_found"


async def test_texts_are_measured(slack: SlackServer, client: AsyncWebClient) -> None:
    async def post(**args: object) -> str:
        return await refused(client.api_call("chat.postMessage", json={"channel": GENERAL} | args))

    assert await post() == "no_text"
    assert await post(text="  ") == "no_text"
    assert await post(markdown_text="x" * 12_001) == "msg_too_long"
    assert await post(markdown_text="x", text="y") == "markdown_text_conflict"
    assert await post(markdown_text="x", blocks=[section()]) == "markdown_text_conflict"
    assert await post(text="x", blocks="[{") == "invalid_blocks_format"
    assert await post(text="x", metadata={"event_type": "a"}) == "invalid_metadata_schema"
    await client.chat_postMessage(channel=GENERAL, text="x" * 40_001)
    await client.chat_postMessage(channel=GENERAL, markdown_text="y" * 12_000)
    first, second = slack.messages(GENERAL)
    assert (len(first.text), len(second.text)) == (40_000, 12_000)
    long = client.chat_update(channel=GENERAL, ts=first.ts, text="x" * 4001)
    assert await refused(long) == "msg_too_long"
    await client.chat_update(channel=GENERAL, ts=first.ts, markdown_text="y" * 12_000)
    assert len(first.text) == 12_000


async def test_only_its_own_messages_can_be_deleted(
    slack: SlackServer, client: AsyncWebClient
) -> None:
    ts = await slack.say(ALICE, GENERAL, "hers")
    assert await refused(client.chat_delete(channel=GENERAL, ts=ts)) == "cant_delete_message"
    assert await refused(client.chat_delete(channel=GENERAL, ts="1.1")) == "message_not_found"


async def test_an_update_takes_blocks_away_where_only_text_is_given(
    slack: SlackServer, client: AsyncWebClient
) -> None:
    turn = {"event_type": "t", "event_payload": {}}
    posted = await client.chat_postMessage(
        channel=GENERAL, text="x", blocks=[section()], metadata=turn
    )
    ts, message = posted["ts"], slack.messages(GENERAL)[0]
    await client.chat_update(channel=GENERAL, ts=ts, text="y", blocks=[section("y")])
    assert (message.said, message.edited) == ("y", None)
    await client.chat_update(channel=GENERAL, ts=ts, text="z")
    assert (message.blocks, message.edited is not None, message.metadata) == ([], True, turn)
    await client.chat_update(channel=GENERAL, ts=ts, text="z", metadata={})
    assert message.metadata is None


async def test_another_face_needs_a_scope(slack: SlackServer) -> None:
    slack.install(TEAM, "xoxb-2", scopes=SCOPES - {"chat:write.customize"})
    client = AsyncWebClient("xoxb-2", base_url=slack.api, logger=QUIET)
    named = client.chat_postMessage(channel=GENERAL, text="x", username="Not Ellie")
    assert await refused(named) == "missing_scope"


async def test_lists_come_in_pages(slack: SlackServer, client: AsyncWebClient) -> None:
    for number in range(3, 8):
        slack.person(TEAM, f"U{number}")
        slack.channel(TEAM, f"C{number}", members=[f"U{number}"])
    seen = [m["id"] async for page in await client.users_list(limit=2) for m in page["members"]]
    assert seen[:2] == [ALICE, BOB]
    assert len(seen) == 8
    names = [
        c["name"]
        async for page in await client.conversations_list(limit=4)
        for c in page["channels"]
    ]
    assert names == ["general", "c3", "c4", "c5", "c6", "c7"]
    mine = await client.users_conversations(user="U4")
    assert [c["id"] for c in mine["channels"]] == ["C4"]
    members = await client.conversations_members(channel=GENERAL, limit=2)
    assert members["members"] == [ALICE, BOB]
    assert await refused(client.users_list(cursor="nonsense")) == "invalid_cursor"
    assert await refused(client.conversations_list(limit=1001)) == "invalid_limit"


async def test_people_and_places_tell_what_they_are(
    slack: SlackServer, client: AsyncWebClient
) -> None:
    slack.person(TEAM, "U3", "Guest", guest="multi")
    slack.person(TEAM, "U4", "Visitor", guest="single")
    slack.channel(TEAM, "C2", "secret", private=True)
    guest = (await client.users_info(user="U3"))["user"]
    single = (await client.users_info(user="U4"))["user"]
    assert (guest["is_restricted"], guest["is_ultra_restricted"]) == (True, False)
    assert (single["is_restricted"], single["is_ultra_restricted"]) == (True, True)
    assert (await client.users_info(user=ALICE))["user"]["is_admin"]
    assert await refused(client.users_info(user="U9")) == "user_not_found"
    secret = (await client.conversations_info(channel="C2", include_num_members=True))["channel"]
    assert (secret["is_private"], secret["is_channel"], secret["num_members"]) == (True, True, 1)
    dm = (await client.conversations_info(channel=slack.dm(TEAM, ALICE)))["channel"]
    assert (dm["is_im"], dm["user"]) == (True, ALICE)
    assert "name" not in dm


async def test_reactions_and_permalinks(slack: SlackServer, client: AsyncWebClient) -> None:
    ts = await slack.say(ALICE, GENERAL, "hello")
    await client.reactions_add(channel=GENERAL, name="eyes", timestamp=ts)
    again = client.reactions_add(channel=GENERAL, name="eyes", timestamp=ts)
    assert await refused(again) == "already_reacted"
    assert slack.messages(GENERAL)[0].reactions == {"eyes": [slack.bot(TEAM)]}
    link = (await client.chat_getPermalink(channel=GENERAL, message_ts=ts))["permalink"]
    assert link == f"https://garden.slack.com/archives/C1/p{ts.replace('.', '')}"
