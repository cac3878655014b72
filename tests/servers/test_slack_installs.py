"""Installing, leaving, organisations and Slack Connect on the loopback Slack."""

from urllib.parse import parse_qs, urlsplit

import pytest
from slack_sdk.oauth import AuthorizeUrlGenerator
from slack_sdk.web.async_client import AsyncWebClient

from tests.servers.plain_app import QUIET, PlainApp, connected
from tests.servers.slack import SlackServer
from tests.servers.slack_garden import ALICE, BOB, GENERAL, TEAM, refused

SDK_WARNS = pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")
REDIRECT = "https://ellie.example/slack/oauth_redirect"


@pytest.fixture
def nobody(slack: SlackServer) -> AsyncWebClient:
    """A client without a token."""
    return AsyncWebClient(base_url=slack.api, logger=QUIET)


def allowed(slack: SlackServer, at: str | None = None, scope: str = "chat:write") -> dict[str, str]:
    """What the redirect carries once Alice has clicked Allow."""
    page = AuthorizeUrlGenerator(
        client_id=slack.client_id, scopes=scope.split(","), redirect_uri=REDIRECT
    )
    where = urlsplit(slack.authorize(page.generate("s1"), ALICE, at))
    assert f"{where.scheme}://{where.netloc}{where.path}" == REDIRECT
    return {name: values[0] for name, values in parse_qs(where.query).items()}


async def exchange(slack: SlackServer, client: AsyncWebClient, **args: str) -> object:
    given = {"client_id": slack.client_id, "client_secret": slack.client_secret} | args
    return await client.oauth_v2_access(**given)


@SDK_WARNS
async def test_a_code_becomes_a_token_once(slack: SlackServer, nobody: AsyncWebClient) -> None:
    slack.team("T2", "Orchard")
    got = allowed(slack, "T2", "chat:write,im:history")
    assert got["state"] == "s1"
    for wrong, error in (
        ({"redirect_uri": "https://else.example"}, "bad_redirect_uri"),
        ({"client_secret": "wrong"}, "bad_client_secret"),
        ({"client_id": "wrong"}, "invalid_client_id"),
        ({"code": "wrong"}, "invalid_code"),
    ):
        args = {"code": got["code"], "redirect_uri": REDIRECT} | wrong
        assert await refused(exchange(slack, nobody, **args)) == error
    told = await nobody.oauth_v2_access(
        client_id=slack.client_id, client_secret=slack.client_secret, code=got["code"],
        redirect_uri=REDIRECT,
    )  # fmt: skip
    assert (told["team"], told["enterprise"]) == ({"id": "T2", "name": "Orchard"}, None)
    assert (told["scope"], told["authed_user"]["id"]) == ("chat:write,im:history", ALICE)
    assert "expires_in" not in told.data
    mine = await AsyncWebClient(told["access_token"], base_url=slack.api).auth_test()
    assert (mine["team_id"], mine["user_id"]) == ("T2", told["bot_user_id"])
    again = exchange(slack, nobody, code=got["code"], redirect_uri=REDIRECT)
    assert await refused(again) == "invalid_code"


@SDK_WARNS
async def test_a_code_is_good_for_ten_minutes(slack: SlackServer, nobody: AsyncWebClient) -> None:
    slack.team("T2")
    got = allowed(slack, "T2")
    slack.clock.advance(601)
    late = exchange(slack, nobody, code=got["code"], redirect_uri=REDIRECT)
    assert await refused(late) == "invalid_code"


async def test_a_person_may_cancel_and_a_page_may_be_wrong(slack: SlackServer) -> None:
    page = AuthorizeUrlGenerator(
        client_id=slack.client_id, scopes=["chat:write"], redirect_uri=REDIRECT
    ).generate("s1")
    back = parse_qs(urlsplit(slack.authorize(page, ALICE, allow=False)).query)
    assert (back["error"], back["state"]) == (["access_denied"], ["s1"])
    with pytest.raises(AssertionError, match="Invalid permissions"):
        slack.authorize(page.replace("chat%3Awrite", "chat").replace("chat:write", "chat"), ALICE)


@SDK_WARNS
async def test_tokens_are_rotated(slack: SlackServer, nobody: AsyncWebClient) -> None:
    slack.team("T2")
    slack.rotation = True
    got = allowed(slack, "T2")
    first = await nobody.oauth_v2_access(
        client_id=slack.client_id, client_secret=slack.client_secret, code=got["code"],
        redirect_uri=REDIRECT,
    )  # fmt: skip
    assert first["expires_in"] == 43_200
    slack.clock.advance(43_200)
    old = AsyncWebClient(first["access_token"], base_url=slack.api, logger=QUIET)
    assert await refused(old.auth_test()) == "token_expired"

    async def refresh(token: str) -> object:
        return await nobody.oauth_v2_access(
            client_id=slack.client_id, client_secret=slack.client_secret,
            grant_type="refresh_token", refresh_token=token,
        )  # fmt: skip

    second = await refresh(first["refresh_token"])
    assert await refused(refresh(first["refresh_token"])) == "invalid_refresh_token"
    new = AsyncWebClient(second["access_token"], base_url=slack.api)  # type: ignore[index]
    assert (await new.auth_test())["ok"]


async def test_leaving_comes_in_any_order_and_again(slack: SlackServer) -> None:
    app = PlainApp(slack)
    app.hear("app_uninstalled", "tokens_revoked")
    async with connected(slack, app):
        order = ("tokens_revoked", "app_uninstalled", "tokens_revoked")
        await slack.uninstall(TEAM, order)
        await slack.heard()
    assert tuple(e["type"] for e in app.heard) == order
    assert app.heard[0]["tokens"] == {"oauth": [], "bot": ["U0BOTT1"]}
    assert app.bodies[0]["team_id"] == TEAM
    assert await refused(app.client.auth_test()) == "account_inactive"
    slack.install(TEAM, "xoxb-2")
    await slack.say(ALICE, GENERAL, "back again")
    assert slack.delivered[-1].event["text"] == "back again"


@pytest.fixture
def grid(slack: SlackServer) -> SlackServer:
    """An organisation with two workspaces; W1 is in both."""
    slack.team("T5", "North", enterprise="E1")
    slack.team("T6", "South", enterprise="E1")
    slack.person("T5", "W1", "Nina")
    slack.person("T6", "W1")
    slack.person("T6", "W2", "Sam")
    slack.channel("T5", "C5", "shared", members=["W1", "W2"], org_shared=True)
    slack.install("E1", "xoxb-org")
    return slack


async def test_an_organisation_wide_token_says_so(grid: SlackServer) -> None:
    client = AsyncWebClient("xoxb-org", base_url=grid.api, logger=QUIET)
    told = await client.auth_test()
    assert (told["enterprise_id"], told["is_enterprise_install"]) == ("E1", True)
    assert await refused(client.users_list()) == "missing_argument"
    assert {u["id"] for u in (await client.users_list(team_id="T6"))["members"]} >= {"W1", "W2"}
    assert await refused(client.users_list(team_id=TEAM)) == "team_access_not_granted"
    channel = (await client.conversations_info(channel="C5"))["channel"]
    assert (channel["is_org_shared"], channel["shared_team_ids"]) == (True, ["T5", "T6"])


async def test_an_organisations_events_name_no_workspace_in_the_authorization(
    grid: SlackServer,
) -> None:
    app = PlainApp(grid, "xoxb-org")
    async with connected(grid, app):
        await grid.say("W2", "C5", "hello")
        await grid.say("W1", grid.dm("T6", "W1"), "from the south", team="T6")
        await grid.heard()
    first, second = app.bodies
    assert first["authorizations"][0] == {
        "enterprise_id": "E1", "team_id": None, "user_id": "U0BOTE1", "is_bot": True,
        "is_enterprise_install": True,
    }  # fmt: skip
    assert (first["team_id"], first["enterprise_id"]) == ("T6", "E1")
    assert (second["team_id"], second["event"]["team"]) == ("T6", "T6")
    assert grid.dm("T5", "W1") == grid.dm("T6", "W1")


@pytest.fixture
def connect(slack: SlackServer) -> SlackServer:
    """A channel that a workspace of another organisation shares."""
    slack.team("T9", "Elsewhere")
    slack.person("T9", "U9", "Olga")
    slack.person("T9", "U8", "Otto")
    slack.channel(TEAM, "C9", "partners", members=[ALICE, "U9"], ext_shared=["T9"])
    return slack


async def test_a_shared_channel_tells_whose_person_wrote(connect: SlackServer) -> None:
    app = PlainApp(connect)
    async with connected(connect, app):
        await connect.say("U9", "C9", "from outside", files=[("a.txt", b"x")])
        await connect.say(ALICE, "C9", "from inside")
        await connect.heard()
    outside, inside = app.bodies
    event = outside["event"]
    assert (event["team"], event["user_team"], event["source_team"]) == ("T9",) * 3
    assert event["files"][0]["file_access"] == "check_file_info"
    assert "url_private" not in event["files"][0]
    assert (outside["team_id"], outside["context_team_id"]) == ("T9", TEAM)
    assert outside["authorizations"][0]["team_id"] == TEAM
    assert outside["is_ext_shared_channel"] is True
    assert inside["event"]["user_team"] == TEAM
    known = await app.client.files_info(file=event["files"][0]["id"])
    assert known["file"]["url_private"].startswith("http://127.0.0.1")


async def test_outsiders_are_strangers_until_they_share_a_channel(
    connect: SlackServer, client: AsyncWebClient
) -> None:
    known = (await client.users_info(user="U9"))["user"]
    stranger = (await client.users_info(user="U8"))["user"]
    assert ("is_stranger" in known, known["team_id"]) == (False, "T9")
    assert stranger["is_stranger"]
    assert await refused(client.conversations_open(users=["U8"])) == "user_not_found"
    channel = (await client.conversations_info(channel="C9"))["channel"]
    assert (channel["is_ext_shared"], channel["connected_team_ids"]) == (True, ["T9"])


async def test_a_channel_both_installed_workspaces_see_is_told_once(connect: SlackServer) -> None:
    connect.install("T9", "xoxb-9")
    await connect.say("U9", "C9", "hello")
    told = [p for p in connect.delivered if p.event.get("text") == "hello"]
    assert len(told) == 1
    assert told[0].payload["authorizations"][0]["team_id"] == "T9"


async def test_what_befalls_channels_and_people_is_told(slack: SlackServer) -> None:
    slack.team("T9")
    slack.channel(TEAM, "C2", "secret", private=True, members=[ALICE])
    app = PlainApp(slack)
    kinds = (
        "channel_rename", "channel_archive", "channel_unarchive", "channel_shared",
        "channel_unshared", "channel_deleted", "group_deleted", "user_change", "team_join",
        "channel_left", "member_joined_channel", "member_left_channel",
    )  # fmt: skip
    app.hear(*kinds)
    async with connected(slack, app):
        await slack.rename(GENERAL, "hall")
        await slack.archive(GENERAL)
        await slack.unarchive(GENERAL)
        await slack.share(GENERAL, "T9")
        await slack.unshare(GENERAL, "T9")
        await slack.leave(BOB, GENERAL)
        await slack.remove_bot(GENERAL)
        await slack.invite_bot(GENERAL)
        await slack.delete_channel(GENERAL)
        await slack.delete_channel("C2")
        await slack.become(ALICE, guest="multi")
        await slack.arrive(TEAM, "U7", "Ulf")
        await slack.happen(TEAM, {"type": "message", "text": "odd"})
        await slack.heard()
    assert sorted(e["type"] for e in app.heard) == sorted([
        "channel_rename", "channel_archive", "channel_unarchive", "channel_shared",
        "channel_unshared", "member_left_channel", "channel_left", "member_joined_channel",
        "message", "channel_deleted", "group_deleted", "user_change", "team_join", "message",
    ])  # fmt: skip
    told = {e["type"]: e for e in app.heard}
    assert told["channel_rename"]["channel"] == {
        "id": GENERAL,
        "name": "hall",
        "created": 1700000000,
    }
    assert told["group_deleted"]["channel"] == "C2"
    assert told["user_change"]["user"]["is_restricted"]
