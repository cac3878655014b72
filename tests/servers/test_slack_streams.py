"""The loopback Slack's streams and agent sessions, held against the unmodified SDK."""

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.servers.plain_app import QUIET, PlainApp, connected
from tests.servers.slack import SlackServer
from tests.servers.slack_garden import ALICE, GENERAL, TEAM, refused


async def start(
    slack: SlackServer, client: AsyncWebClient, markdown_text: str | None = None
) -> tuple[str, str]:
    """(thread, ts) of a stream in the channel."""
    thread = await slack.say(ALICE, GENERAL, "tell me")
    told = await client.chat_startStream(
        channel=GENERAL,
        thread_ts=thread,
        recipient_team_id=TEAM,
        recipient_user_id=ALICE,
        markdown_text=markdown_text,
    )
    return thread, told["ts"]


async def test_a_short_answer_of_the_sdks_stream_is_start_and_stop(
    slack: SlackServer, client: AsyncWebClient
) -> None:
    thread = await slack.say(ALICE, GENERAL, "tell me")
    stream = await client.chat_stream(
        channel=GENERAL, thread_ts=thread, recipient_team_id=TEAM, recipient_user_id=ALICE
    )
    await stream.append(markdown_text="**short**")
    await stream.stop()
    assert [m.text for m in slack.messages(GENERAL, thread)] == ["**short**"]
    assert [c.method for c in slack.calls()] == ["chat.startStream", "chat.stopStream"]


async def test_a_stream_stands_in_history_with_what_was_appended(
    slack: SlackServer, client: AsyncWebClient
) -> None:
    thread, ts = await start(slack, client, markdown_text="one")
    await client.chat_appendStream(channel=GENERAL, ts=ts, markdown_text=" two")
    told = await client.conversations_replies(channel=GENERAL, ts=thread)
    assert [m["text"] for m in told["messages"]] == ["tell me", "one two"]
    assert slack.status(GENERAL, thread) == "processing"
    turn = {"event_type": "t", "event_payload": {"n": "1"}}
    end = [{"type": "section", "text": {"type": "mrkdwn", "text": "end"}}]
    await client.chat_stopStream(
        channel=GENERAL, ts=ts, markdown_text=" three", blocks=end, metadata=turn
    )
    message = slack.messages(GENERAL, thread)[0]
    assert (message.said, message.metadata) == ("one two three\nend", turn)
    assert (message.streaming, slack.status(GENERAL, thread)) == (False, "active")


async def test_nothing_goes_into_a_stream_that_is_stopped(
    slack: SlackServer, client: AsyncWebClient
) -> None:
    thread, ts = await start(slack, client, markdown_text="one")
    await client.chat_stopStream(channel=GENERAL, ts=ts)
    for call in (client.chat_appendStream, client.chat_stopStream):
        more = call(channel=GENERAL, ts=ts, markdown_text="x")
        assert await refused(more) == "message_not_in_streaming_state"
    assert slack.messages(GENERAL, thread)[0].text == "one"


async def test_slack_closes_a_stream_after_five_minutes_even_when_it_is_used(
    slack: SlackServer, client: AsyncWebClient
) -> None:
    thread, ts = await start(slack, client, markdown_text="one")
    slack.clock.advance(299)
    await client.chat_appendStream(channel=GENERAL, ts=ts, markdown_text=" two")
    slack.clock.advance(1)
    more = client.chat_appendStream(channel=GENERAL, ts=ts, markdown_text=" three")
    assert await refused(more) == "message_not_in_streaming_state"
    assert slack.messages(GENERAL, thread)[0].text == "one two"
    await client.chat_update(channel=GENERAL, ts=ts, text="all of it")
    assert slack.messages(GENERAL, thread)[0].text == "all of it"


async def test_a_message_that_streams_cannot_be_updated(
    slack: SlackServer, client: AsyncWebClient
) -> None:
    _, ts = await start(slack, client, markdown_text="one")
    assert await refused(client.chat_update(channel=GENERAL, ts=ts, text="x")) == (
        "streaming_state_conflict"
    )


async def test_a_channel_wants_a_recipient_and_a_dm_a_thread(
    slack: SlackServer, client: AsyncWebClient
) -> None:
    dm = slack.dm(TEAM, ALICE)
    ts = await slack.say(ALICE, dm, "hello")
    thread = await slack.say(ALICE, GENERAL, "hello")
    body: dict[str, object] = {"channel": GENERAL, "thread_ts": thread}
    for more, error in (
        ({}, "missing_recipient_team_id"),
        ({"recipient_team_id": TEAM}, "missing_recipient_user_id"),
        ({"recipient_team_id": TEAM, "recipient_user_id": "U9"}, "user_not_found"),
        ({"recipient_team_id": "T9", "recipient_user_id": ALICE}, "team_not_found"),
    ):
        assert await refused(client.api_call("chat.startStream", json=body | more)) == error
    flat = client.api_call("chat.startStream", json={"channel": dm})
    assert await refused(flat) == "invalid_arguments"
    assert (await client.chat_startStream(channel=dm, thread_ts=ts))["ok"]


async def test_a_stream_keeps_to_its_mode_and_its_sizes(
    slack: SlackServer, client: AsyncWebClient
) -> None:
    _, ts = await start(slack, client, markdown_text="one")

    async def append(**args: object) -> str:
        body = {"channel": GENERAL, "ts": ts} | args
        return await refused(client.api_call("chat.appendStream", json=body))

    chunk = {"type": "markdown_text", "text": "x"}
    assert await append(chunks=[chunk]) == "streaming_mode_mismatch"
    assert await append() == "markdown_text_or_chunks_required"
    both = await append(chunks=[chunk], markdown_text="x")
    assert both == "cannot_provide_both_markdown_text_and_chunks"
    assert await append(chunks=[{"type": "picture"}]) == "invalid_chunks"
    assert await append(markdown_text="x" * 12_001) == "msg_too_long"
    posted = await client.chat_postMessage(channel=GENERAL, text="plain")
    plain = client.chat_appendStream(channel=GENERAL, ts=posted["ts"], markdown_text="x")
    assert await refused(plain) == "message_not_in_streaming_state"


async def test_without_agent_features_there_are_no_streams_and_no_sessions(
    slack: SlackServer, client: AsyncWebClient
) -> None:
    slack.teams[TEAM].paid = False
    thread = await slack.say(ALICE, GENERAL, "tell me")
    for method, args in (
        ("chat.startStream", {"channel": GENERAL, "thread_ts": thread}),
        (
            "agents.sessions.setStatus",
            {"channel_id": GENERAL, "thread_ts": thread, "status": "processing"},
        ),
        (
            "assistant.threads.setStatus",
            {"channel_id": GENERAL, "thread_ts": thread, "status": "thinks"},
        ),
    ):
        assert await refused(client.api_call(method, json=args)) == "feature_disabled"
    assert (await client.chat_postMessage(channel=GENERAL, text="plain"))["ok"]


async def test_a_session_takes_four_statuses_and_a_title(
    slack: SlackServer, client: AsyncWebClient
) -> None:
    thread = await slack.say(ALICE, GENERAL, "tell me")

    async def status(status: str, title: str | None = None) -> object:
        return await client.agents_sessions_setStatus(
            channel_id=GENERAL, thread_ts=thread, status=status, title=title
        )

    assert await refused(status("is thinking...")) == "invalid_status"
    assert await refused(status("active", title="x" * 201)) == "invalid_arguments"
    await status("processing", title="Tea")
    assert (slack.status(GENERAL, thread), slack.statuses) == (
        "processing", [(GENERAL, thread, "processing")],
    )  # fmt: skip
    await status("active", title="Coffee")
    assert slack.agent_sessions[(GENERAL, thread)].title == "Tea"
    body = {"channel_id": GENERAL, "status": "active"}
    call = client.api_call("agents.sessions.setStatus", json=body)
    assert await refused(call) == "thread_ts_required"


async def test_a_session_warns_where_the_stop_button_is_not_heard(slack: SlackServer) -> None:
    slack.install(TEAM, "xoxb-2", events=["message.channels"])
    client = AsyncWebClient("xoxb-2", base_url=slack.api, logger=QUIET)
    thread = await slack.say(ALICE, GENERAL, "tell me")
    told = await client.agents_sessions_setStatus(
        channel_id=GENERAL, thread_ts=thread, status="processing"
    )
    assert told["warning"] == "missing_agent_session_stopped_event_subscription"
    with pytest.raises(AssertionError, match="no stop button"):
        await slack.stop_session(ALICE, GENERAL, thread)


async def test_the_stop_button_ends_streams_and_tells_the_app(
    slack: SlackServer, client: AsyncWebClient
) -> None:
    app = PlainApp(slack)
    app.hear("agent_session_stopped")
    async with connected(slack, app):
        thread, ts = await start(slack, client, markdown_text="one")
        await slack.stop_session(ALICE, GENERAL, thread)
        await slack.heard()
    (stopped,) = [e for e in app.heard if e["type"] == "agent_session_stopped"]
    assert stopped["streaming_message_ts"] == [ts]
    assert (stopped["channel"], stopped["thread_ts"], stopped["user"]) == (GENERAL, thread, ALICE)
    assert slack.status(GENERAL, thread) == "processing"
    more = client.chat_appendStream(channel=GENERAL, ts=ts, markdown_text=" two")
    assert await refused(more) == "stopped_by_user"
    await client.chat_stopStream(channel=GENERAL, ts=ts, markdown_text=" two")
    assert slack.messages(GENERAL, thread)[0].text == "one"
    assert slack.status(GENERAL, thread) == "active"


async def test_a_status_in_words_goes_with_the_next_message_or_after_two_minutes(
    slack: SlackServer, client: AsyncWebClient
) -> None:
    thread = await slack.say(ALICE, GENERAL, "tell me")
    for end in ("post", "time"):
        await client.assistant_threads_setStatus(
            channel_id=GENERAL, thread_ts=thread, status="is thinking…"
        )
        assert slack.status(GENERAL, thread) == "is thinking…"
        if end == "post":
            await client.chat_postMessage(channel=GENERAL, thread_ts=thread, text="so")
        else:
            slack.clock.advance(120)
        assert slack.status(GENERAL, thread) == ""
    nowhere = client.assistant_threads_setStatus(
        channel_id=GENERAL, thread_ts="1.1", status="is thinking…"
    )
    assert await refused(nowhere) == "invalid_thread_ts"


async def test_four_prompts_are_the_most(slack: SlackServer, client: AsyncWebClient) -> None:
    dm = slack.dm(TEAM, ALICE)
    prompts = [{"title": str(n), "message": "m"} for n in range(5)]
    with pytest.raises(SlackApiError):
        await client.assistant_threads_setSuggestedPrompts(channel_id=dm, prompts=prompts)
    await client.assistant_threads_setSuggestedPrompts(channel_id=dm, prompts=prompts[:4])
    assert len(slack.prompts[(dm, "")]) == 4
    slack.agent = False
    refusal = client.assistant_threads_setSuggestedPrompts(channel_id=dm, prompts=prompts[:1])
    assert await refused(refusal) == "not_agent_app"
