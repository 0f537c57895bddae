"""The page at /docs: everything that the API tells of itself, from the API alone."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from tests.api.serving import Api


def test_the_page_names_no_foreign_origin_and_may_reach_none(api: Api) -> None:
    answer = api.http.get("/docs")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert re.findall(r"(?:https?:)?//[a-z0-9.-]+\.[a-z]+", answer.text) == []
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "http" not in policy


def test_there_is_no_other_page_that_would(api: Api) -> None:
    assert api.http.get("/redoc").status_code == 404
    assert api.http.get("/docs/oauth2-redirect").status_code == 404


@pytest.mark.browser
def test_a_browser_shows_every_route_and_asks_nobody_else(api: Api) -> None:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("no Chromium here (Debian: apt-get install chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        troubles: list[str] = []
        asked: list[str] = []
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{api.url}/docs")
        page.locator("details").first.wait_for()
        routes = page.locator("summary > code").all_inner_texts()
        page.get_by_text("/v1/events", exact=True).focus()
        shown = page.locator("main").inner_text()
        browser.close()
    document = api.http.get("/openapi.json").json()
    assert routes == [path for path in routes if path in document["paths"]]
    assert set(routes) == set(document["paths"])
    assert "curl -sS" in shown
    assert [each for each in troubles if "favicon" not in each] == []
    assert {urlsplit(each).netloc for each in asked} == {urlsplit(api.url).netloc}
