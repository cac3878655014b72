"""The loopback Slack, held against the unmodified slack_sdk and Bolt: what is said in places."""

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from tests.servers.plain_app import PlainApp, connected
from tests.servers.slack import SlackServer
from tests.servers.slack_garden import ALICE, BOB, GENERAL, TEAM, refused


async def test_a_bot_token_says_whose_it_is(slack: SlackServer, client: AsyncWebClient) -> None:
    told = await client.auth_test()
    assert told["team_id"] == TEAM
    assert told["user_id"] == slack.bot(TEAM)
    assert "chat:write" in told.headers["X-OAuth-Scopes"]


async def test_what_people_say_reaches_bolt_over_a_socket(slack: SlackServer) -> None:
    app = PlainApp(slack)
    async with connected(slack, app):
        ts = await slack.say(ALICE, GENERAL, "good morning")
        await slack.say(BOB, slack.dm(TEAM, BOB), "in private")
        await slack.heard()
    first, second = app.heard
    assert (first["text"], first["ts"], first["channel_type"]) == ("good morning", ts, "channel")
    assert first["blocks"][0]["type"] == "rich_text"
    assert (second["channel"], second["channel_type"]) == (slack.dm(TEAM, BOB), "im")
    assert app.bodies[0]["authorizations"][0]["user_id"] == slack.bot(TEAM)


async def test_a_mention_comes_twice_with_one_ts(slack: SlackServer) -> None:
    app = PlainApp(slack)
    async with connected(slack, app):
        await slack.say(ALICE, GENERAL, f"<@{slack.bot(TEAM)}> hello")
        await slack.heard()
    assert sorted(e["type"] for e in app.heard) == ["app_mention", "message"]
    assert len({e["ts"] for e in app.heard}) == 1
    assert len({body["event_id"] for body in app.bodies}) == 2


async def test_a_bot_posts_updates_and_deletes(slack: SlackServer, client: AsyncWebClient) -> None:
    ts = await slack.say(ALICE, GENERAL, "hello?")
    posted = await client.chat_postMessage(channel=GENERAL, text="here", thread_ts=ts)
    assert [m.text for m in slack.messages(GENERAL, ts)] == ["here"]
    await client.chat_update(channel=GENERAL, ts=posted["ts"], text="still here")
    assert [m.text for m in slack.messages(GENERAL, ts)] == ["still here"]
    await client.chat_delete(channel=GENERAL, ts=posted["ts"])
    assert slack.messages(GENERAL, ts) == []
    assert await refused(client.chat_update(channel=GENERAL, ts=ts, text="x")) == (
        "cant_update_message"
    )


async def test_an_ephemeral_message_is_seen_by_one_person(
    slack: SlackServer, client: AsyncWebClient
) -> None:
    await client.chat_postEphemeral(channel=GENERAL, user=ALICE, text="for you")
    assert [m.text for m in slack.ephemerals(ALICE)] == ["for you"]
    assert slack.ephemerals(BOB) == []
    assert slack.messages(GENERAL) == []


async def test_an_edit_comes_as_message_changed_with_what_was_before(slack: SlackServer) -> None:
    app = PlainApp(slack)
    async with connected(slack, app):
        ts = await slack.say(ALICE, GENERAL, "tee")
        await slack.edit(GENERAL, ts, "tea")
        await slack.unfurl(GENERAL, ts)
        await slack.heard()
    changed, unfurled = app.heard[1:]
    assert (changed["subtype"], changed["hidden"]) == ("message_changed", True)
    assert changed["ts"] != changed["message"]["ts"] == ts
    assert (changed["message"]["text"], changed["previous_message"]["text"]) == ("tea", "tee")
    assert changed["message"]["edited"]["user"] == ALICE
    assert unfurled["message"]["text"] == unfurled["previous_message"]["text"]
    assert unfurled["message"]["attachments"]


async def test_a_deletion_names_the_message_and_a_thread_leaves_a_tombstone(
    slack: SlackServer,
) -> None:
    app = PlainApp(slack)
    async with connected(slack, app):
        root = await slack.say(ALICE, GENERAL, "root")
        reply = await slack.say(BOB, GENERAL, "reply", thread=root)
        await slack.delete(GENERAL, root)
        await slack.delete(GENERAL, reply)
        await slack.heard()
    tombstone, gone = app.heard[2:]
    assert tombstone["subtype"] == "message_changed"
    assert tombstone["message"]["subtype"] == "tombstone"
    assert tombstone["previous_message"]["text"] == "root"
    assert (gone["subtype"], gone["deleted_ts"]) == ("message_deleted", reply)
    assert [m.subtype for m in slack.messages(GENERAL)] == ["tombstone"]


async def test_a_reply_names_its_root_also_where_a_reply_was_answered(slack: SlackServer) -> None:
    app = PlainApp(slack)
    async with connected(slack, app):
        root = await slack.say(ALICE, GENERAL, "root")
        reply = await slack.say(BOB, GENERAL, "reply", thread=root)
        await slack.say(ALICE, GENERAL, "again", thread=reply, broadcast=True)
        await slack.heard()
    assert [e.get("thread_ts") for e in app.heard] == [None, root, root]
    assert app.heard[1]["parent_user_id"] == ALICE
    assert app.heard[2]["subtype"] == "thread_broadcast"
    assert app.heard[2]["root"]["text"] == "root"


async def test_each_kind_of_channel_has_its_own_subscription(slack: SlackServer) -> None:
    slack.channel(TEAM, "C2", "secret", private=True, members=[ALICE])
    slack.channel(TEAM, "G3", "group", mpim=True, members=[ALICE, BOB])
    slack.install(TEAM, events=["message.groups", "message.mpim"])
    app = PlainApp(slack)
    async with connected(slack, app):
        for channel in (GENERAL, "C2", "G3", slack.dm(TEAM, ALICE)):
            await slack.say(ALICE, channel, "hello")
        await slack.heard()
    assert [e["channel_type"] for e in app.heard] == ["group", "mpim"]


async def test_a_bot_hears_only_what_is_said_where_it_is(slack: SlackServer) -> None:
    slack.channel(TEAM, "C2", "elsewhere", members=[ALICE], bot=False)
    app = PlainApp(slack)
    async with connected(slack, app):
        await slack.say(ALICE, "C2", f"<@{slack.bot(TEAM)}> hello?")
        await slack.say(ALICE, GENERAL, "here")
        await slack.heard()
    assert app.said == ["here"]


async def test_joins_and_other_bots_have_subtypes(slack: SlackServer) -> None:
    slack.person(TEAM, "U3", "Carol")
    app = PlainApp(slack)
    app.hear("member_joined_channel")
    async with connected(slack, app):
        await slack.join("U3", GENERAL)
        await slack.bot_says(GENERAL, "rain")
        await slack.heard()
    assert [e.get("subtype", e["type"]) for e in app.heard] == [
        "member_joined_channel", "channel_join", "bot_message",
    ]  # fmt: skip
    assert "user" not in app.heard[2]


async def test_the_bots_own_messages_come_back_with_its_bot_id(
    slack: SlackServer, client: AsyncWebClient
) -> None:
    app = PlainApp(slack)
    async with connected(slack, app):
        await client.chat_postMessage(channel=GENERAL, text="mine")
        await slack.heard()
    assert app.heard[0]["bot_id"] == "B0BOTT1"
    assert app.heard[0]["user"] == slack.bot(TEAM)


async def test_a_file_is_given_for_the_bot_token_and_a_login_page_without(
    slack: SlackServer,
) -> None:
    app = PlainApp(slack)
    async with connected(slack, app):
        await slack.say(ALICE, GENERAL, "", files=[("notes.txt", b"tea at four")])
        await slack.heard()
    event = app.heard[0]
    file = event["files"][0]
    assert (event["subtype"], event["text"], file["mimetype"]) == ("file_share", "", "text/plain")
    async with aiohttp.ClientSession() as session:
        for token, body in (("xoxb-1", "tea at four"), ("xoxb-2", None), ("", None)):
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            async with session.get(file["url_private"], headers=headers) as answer:
                assert answer.status == 200
                given = await answer.text()
                assert given == body if body else answer.content_type == "text/html"


async def test_the_sdk_uploads_a_file_to_a_dm(slack: SlackServer, client: AsyncWebClient) -> None:
    dm = slack.dm(TEAM, ALICE)
    told = await client.files_upload_v2(
        channel=dm, filename="export.json", content="{}", title="Export", initial_comment="yours"
    )
    assert [(f.name, f.title, f.content) for f in slack.files(dm)] == [
        ("export.json", "Export", b"{}")
    ]
    assert [m.text for m in slack.messages(dm)] == ["yours"]
    known = await client.files_info(file=told["file"]["id"])
    assert known["file"]["size"] == 2


async def test_an_upload_of_another_length_is_refused(
    slack: SlackServer, client: AsyncWebClient
) -> None:
    ticket = await client.files_getUploadURLExternal(filename="a.txt", length=3)
    async with aiohttp.ClientSession() as session:
        for body, status in ((b"four", 400), (b"two", 200)):
            async with session.post(ticket["upload_url"], data=body) as answer:
                assert answer.status == status
            done = client.files_completeUploadExternal(
                files=[{"id": ticket["file_id"], "title": "A"}], channel_id=GENERAL
            )
            if status == 400:
                assert await refused(done) == "file_not_found"
            else:
                assert (await done)["ok"]


async def test_pages_of_a_thread_carry_its_root_and_metadata_only_where_asked(
    slack: SlackServer, client: AsyncWebClient
) -> None:
    root = await slack.say(ALICE, GENERAL, "root")
    turn = {"event_type": "ellie_turn", "event_payload": {"turn": "7"}}
    await client.chat_postMessage(channel=GENERAL, text="a", thread_ts=root, metadata=turn)
    await client.chat_postMessage(channel=GENERAL, text="b", thread_ts=root)
    first = await client.conversations_replies(
        channel=GENERAL, ts=root, limit=1, include_all_metadata=True
    )
    assert [m["text"] for m in first["messages"]] == ["root", "a"]
    assert (first["messages"][1]["metadata"], first["has_more"]) == (turn, True)
    cursor = first["response_metadata"]["next_cursor"]
    second = await client.conversations_replies(channel=GENERAL, ts=root, limit=1, cursor=cursor)
    assert [m["text"] for m in second["messages"]] == ["root", "b"]
    plain = await client.conversations_replies(channel=GENERAL, ts=root)
    assert "metadata" not in plain["messages"][1]
    history = await client.conversations_history(channel=GENERAL)
    assert [(m["text"], m["reply_count"]) for m in history["messages"]] == [("root", 2)]
    assert await refused(client.conversations_replies(channel=GENERAL, ts="1.1")) == (
        "thread_not_found"
    )


async def test_history_is_newest_first_and_keeps_to_its_span(
    slack: SlackServer, client: AsyncWebClient
) -> None:
    stamps = [await slack.say(ALICE, GENERAL, text) for text in "abcd"]
    whole = await client.conversations_history(channel=GENERAL, limit=3)
    assert [m["text"] for m in whole["messages"]] == ["d", "c", "b"]
    assert whole["has_more"]
    part = await client.conversations_history(channel=GENERAL, oldest=stamps[1], latest=stamps[3])
    assert [m["text"] for m in part["messages"]] == ["c"]
    ends = await client.conversations_history(
        channel=GENERAL, oldest=stamps[1], latest=stamps[3], inclusive=True
    )
    assert [m["text"] for m in ends["messages"]] == ["d", "c", "b"]
