"""Installing in a workspace: the browser, Slack's page, and back."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from slack_bolt.async_app import AsyncApp

from adapters.slack.http import HttpDoor
from adapters.slack.oauth import oauth_flow
from adapters.slack.registry import SCOPES
from tests.adapters.slack.gate import SECRET, authorize
from tests.adapters.slack.house import House, house
from tests.adapters.slack.registrar import CLIENT_ID, CLIENT_SECRET, Registrar

URL = "https://ellie.example.com"


@dataclass(slots=True)
class Site:
    """Ellie's pages, and a browser that looks at them."""

    home: House
    door: HttpDoor
    browser: aiohttp.ClientSession

    async def get(self, path: str, cookie: str | None = None) -> tuple[int, str, str | None]:
        """(status, page, cookie that was set). The browser hands on only the cookie given here."""
        headers = {} if cookie is None else {"Cookie": f"slack-app-oauth-state={cookie}"}
        url = f"http://127.0.0.1:{self.door.port}{path}"
        async with self.browser.get(url, headers=headers) as answer:
            assert answer.content_type in {"text/html", "text/plain"}
            if answer.content_type == "text/html":
                assert answer.headers["Cache-Control"] == "no-store"
            morsel = answer.cookies.get("slack-app-oauth-state")
            if morsel is not None:
                assert morsel["secure"]
                assert morsel["httponly"]
            return answer.status, await answer.text(), None if morsel is None else morsel.value

    async def begin(self, query: str = "") -> tuple[str, dict[str, list[str]]]:
        """Open /slack/install: the state, and what Slack's page is asked."""
        status, text, cookie = await self.get(f"/slack/install{query}")
        assert status == 200
        assert cookie is not None
        link = re.search(r'href="(https://slack\.com/oauth/v2/authorize[^"]+)"', text)
        assert link is not None
        asked = parse_qs(urlsplit(link[1].replace("&amp;", "&")).query)
        assert asked["state"] == [cookie]
        return cookie, asked

    async def come_back(self, state: str, code: str, cookie: str | None = None) -> tuple[int, str]:
        path = f"/slack/oauth_redirect?code={code}&state={state}"
        status, text, _ = await self.get(path, state if cookie is None else cookie)
        return status, text


@pytest.fixture
async def slack() -> AsyncIterator[Registrar]:
    async with Registrar(redirect=f"{URL}/slack/oauth_redirect") as server:
        yield server


@pytest.fixture
async def site(tmp_path: Path, slack: Registrar) -> AsyncIterator[Site]:
    async with house(tmp_path / "ellie.db", slack) as home, shown(home) as made:
        yield made


@asynccontextmanager
async def shown(home: House) -> AsyncIterator[Site]:
    """The pages of a house, served."""
    flow = oauth_flow(
        home.core, home.installations, home.workspaces.client(), client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET, public_url=URL,
    )  # fmt: skip
    app = AsyncApp(signing_secret=SECRET, authorize=authorize)
    async with (
        HttpDoor(app, flow, ready, port=0) as door,
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as browser,
    ):
        yield Site(home, door, browser)


async def ready() -> bool:
    return True


@pytest.mark.rule("S24")
async def test_it_is_installed_from_the_page_to_the_kept_token(site: Site) -> None:
    state, asked = await site.begin()
    assert asked["client_id"] == [CLIENT_ID]
    assert asked["scope"] == [",".join(SCOPES)]
    assert asked["redirect_uri"] == [f"{URL}/slack/oauth_redirect"]
    assert "user_scope" not in asked
    code = site.home.slack.allowed("T1", "Garden <b>")
    status, text = await site.come_back(state, code)
    assert status == 200
    assert "Ellie is in Garden &lt;b&gt;" in text
    assert "slack://app?team=T1&amp;id=A1" in text
    token = await site.home.token("T1")
    assert token is not None
    assert site.home.slack.tokens[token] == "T1"
    assert "xox" not in text


@pytest.mark.rule("S19")
async def test_in_an_organisation_it_is_installed_for_all_its_workspaces(site: Site) -> None:
    state, _ = await site.begin()
    status, text = await site.come_back(state, site.home.slack.allowed("E1", "Parks"))
    assert status == 200
    assert "Ellie is in Parks" in text
    assert await site.home.token("T1", "E1") is not None
    assert await site.home.token("T1", "E1") == await site.home.token("T2", "E1")


@pytest.mark.rule("S19")
async def test_in_one_workspace_of_an_organisation_it_is_that_workspace_s(site: Site) -> None:
    state, _ = await site.begin()
    await site.come_back(state, site.home.slack.allowed("T1", enterprise="E1"))
    assert await site.home.token("T1", "E1") is not None
    assert await site.home.token("T2", "E1") is None


@pytest.mark.rule("S23")
async def test_a_token_that_ends_is_kept_with_what_renews_it(site: Site) -> None:
    site.home.slack.rotating = True
    state, _ = await site.begin()
    await site.come_back(state, site.home.slack.allowed("T1"))
    held = await site.home.installations._read("T1")
    assert held is not None
    assert held.bot_refresh_token is not None
    assert held.bot_token_expires_at is not None


@pytest.mark.rule("S25")
async def test_the_page_says_that_a_model_answers_before_anything_is_installed(site: Site) -> None:
    _, text, _ = await site.get("/slack/install")
    assert "language model" in text
    assert "may be wrong" in text
    assert "nothing is used to train" in text


async def nothing_kept(site: Site) -> bool:
    return await site.home.token("T1") is None and not site.home.slack.tokens


@pytest.mark.rule("S24")
async def test_a_state_is_good_once(site: Site) -> None:
    state, _ = await site.begin()
    assert (await site.come_back(state, site.home.slack.allowed("T1")))[0] == 200
    status, text = await site.come_back(state, site.home.slack.allowed("T2"))
    assert status == 401
    assert "used before" in text
    assert await site.home.token("T2") is None


@pytest.mark.rule("S24")
async def test_of_two_at_once_one_counts(site: Site) -> None:
    state, _ = await site.begin()
    codes = [site.home.slack.allowed("T1") for _ in range(2)]
    async with asyncio.TaskGroup() as tasks:
        back = [tasks.create_task(site.come_back(state, code)) for code in codes]
    assert sorted(task.result()[0] for task in back) == [200, 401]


@pytest.mark.rule("S24")
@pytest.mark.parametrize(("minutes", "good"), [(9.9, True), (10.1, False)])
async def test_a_state_is_good_for_ten_minutes(site: Site, minutes: float, good: bool) -> None:
    state, _ = await site.begin()
    site.home.stage.clock.turn(minutes=minutes)
    status, _ = await site.come_back(state, site.home.slack.allowed("T1"))
    assert (status == 200) is good
    assert await nothing_kept(site) is not good


@pytest.mark.rule("S24")
async def test_another_browser_cannot_finish_what_one_began(site: Site) -> None:
    state, _ = await site.begin()
    other, _ = await site.begin()
    for cookie in ("", other, "zebra"):
        status, text = await site.come_back(state, site.home.slack.allowed("T1"), cookie)
        assert status == 400
        assert "Nothing was installed" in text
    assert await nothing_kept(site)
    assert (await site.come_back(state, site.home.slack.allowed("T1")))[0] == 200


@pytest.mark.rule("S24")
async def test_a_state_that_was_never_issued_is_refused(site: Site) -> None:
    assert (await site.come_back("zebra", site.home.slack.allowed("T1")))[0] == 401
    assert await nothing_kept(site)


async def test_who_does_not_allow_it_is_told_that_nothing_is_kept(site: Site) -> None:
    await site.begin()
    status, text, _ = await site.get("/slack/oauth_redirect?error=access_denied&state=")
    assert status == 200
    assert "You did not allow it" in text
    assert await nothing_kept(site)


async def test_what_slack_says_is_shown_as_text(site: Site) -> None:
    _, text, _ = await site.get("/slack/oauth_redirect?error=%3Cscript%3E")
    assert "&lt;script&gt;" in text
    assert "<script>" not in text


@pytest.mark.rule("S24")
async def test_a_code_that_slack_does_not_take_is_a_page(site: Site) -> None:
    for code in ("zebra", ""):
        state, _ = await site.begin()
        status, text = await site.come_back(state, code)
        assert status == 401
        assert "Nothing was installed" in text
    assert await nothing_kept(site)


@pytest.mark.rule("S24")
async def test_another_redirect_address_than_the_app_s_is_a_page(site: Site) -> None:
    site.home.slack.redirect = "https://other.example.com/slack/oauth_redirect"
    state, _ = await site.begin()
    status, text = await site.come_back(state, site.home.slack.allowed("T1"))
    assert status == 401
    assert "the redirect address is not the app's" in text.replace("&#x27;", "'")
    assert await nothing_kept(site)


async def test_while_slack_is_down_it_is_a_page_too(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    state, _ = await site.begin()
    site.home.slack.down = True
    status, _ = await site.come_back(state, site.home.slack.allowed("T1"))
    assert status == 401
    assert not [record for record in caplog.records if record.exc_info]


async def test_where_nothing_can_be_kept_it_is_a_page_and_a_line(
    tmp_path: Path, slack: Registrar, caplog: pytest.LogCaptureFixture
) -> None:
    async with (
        house(tmp_path / "ellie.db", slack, ellie_secret_key=None) as home,
        shown(home) as site,
    ):
        state, _ = await site.begin()
        status, text = await site.come_back(state, slack.allowed("T1"))
        assert status == 500
        assert "could not keep the installation" in text
        assert "ELLIE_SECRET_KEY" in caplog.text
        assert "xox" not in caplog.text


async def test_a_team_is_handed_on_and_nothing_else(site: Site) -> None:
    _, asked = await site.begin("?team=T012AB")
    assert asked["team"] == ["T012AB"]
    _, asked = await site.begin("?team=T1%26redirect_uri=https%3A%2F%2Fevil.example.com")
    assert "team" not in asked
    assert asked["redirect_uri"] == [f"{URL}/slack/oauth_redirect"]
    _, asked = await site.begin("?team=T1%0d%0aSet-Cookie:x")
    assert "team" not in asked


async def test_who_is_not_installed_by_oauth_has_no_such_pages() -> None:
    app = AsyncApp(signing_secret=SECRET, authorize=authorize)
    async with HttpDoor(app, None, ready, port=0) as door, aiohttp.ClientSession() as browser:
        for path in ("install", "oauth_redirect"):
            async with browser.get(f"http://127.0.0.1:{door.port}/slack/{path}") as answer:
                assert answer.status == 404
