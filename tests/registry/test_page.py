"""The page at /ui in a real browser, the explanation behind it, and the numbers for Prometheus."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import httpx
import pytest
from tests.registry.conftest import Api, record

if TYPE_CHECKING:
    from tests.registry.conftest import Process

UNION = '{"type":"record","name":"U","fields":[{"name":"u","type":["null",%s]}]}'


def explain(api: Api, text: str) -> dict[str, object]:
    status, answer = api.post("/ui/explain/s", {"schema": text})
    assert status == 200
    found: dict[str, object] = answer
    return found


def test_an_explanation_names_the_version_the_side_the_cause_and_the_mend(api: Api) -> None:
    api.register("s", record(x="int"))
    found = explain(api, record(x="int", y="int"))
    assert (found["allowed"], found["level"]) == (False, "BACKWARD")
    assert found["versions"] == [
        {
            "version": 1,
            "reasons": [
                {
                    "direction": "BACKWARD",
                    "counts": True,
                    "who": "the new schema cannot read data of version 1",
                    "path": "/fields/1",
                    "what": "the reader needs the field y, which was not written and has no default",
                    "fix": "give the field a default, or add it in a subject of its own",
                }
            ],
        }
    ]
    assert explain(api, record(x="long"))["allowed"] is True
    assert "not JSON" in str(explain(api, "{")["invalid"])


def test_an_explanation_looks_into_unions(api: Api) -> None:
    api.register("s", UNION % record("Inner", a="int"))
    found = explain(api, UNION % record("Inner", a="string"))
    text = json.dumps(found)
    assert "reader type: STRING not compatible with writer type: INT" in text
    assert "/fields/0/type" in text


def test_prometheus_is_told_of_requests_writes_refusals_and_the_cache(api: Api) -> None:
    api.register("s", record(x="int"))
    api.post("/subjects/s/versions", {"schema": record(x="string")})
    for _ in range(3):
        api.get("/schemas/ids/1")
    text = api.client.get("/metrics").text
    for line in (
        'tallystick_registry_writes_total{action="register"} 1.0',
        "tallystick_registry_incompatible_total 1.0",
        "tallystick_registry_cache_hits_total 2.0",
        'tallystick_registry_requests_total{method="POST",route="/subjects/{subject}/versions",status="409"} 1.0',
        'tallystick_registry_request_seconds_count{route="/schemas/ids/{schema_id}"} 1.0',
    ):
        assert line in text


def test_a_known_answer_is_304_until_it_changes(api: Api) -> None:
    api.register("s", record(x="int"))
    path = "/subjects/s/versions/latest"
    api.get(path)
    etag = api.client.get(path).headers["etag"]
    again = api.client.get(path, headers={"if-none-match": f'"other", W/{etag}'})
    assert (again.status_code, again.content) == (304, b"")
    api.register("s", record(x="long"))
    assert api.client.get(path, headers={"if-none-match": etag}).status_code == 200


def test_health_tells_the_process_from_the_database(api: Api) -> None:
    assert api.get("/livez") == (200, {"status": "alive"})
    assert api.get("/readyz") == (200, {"status": "ready", "writes": 0})


@pytest.mark.browser
def test_the_page_shows_subjects_versions_differences_and_verdicts(server: Process) -> None:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("no Chromium here (Debian: apt-get install chromium)")
    from playwright.sync_api import sync_playwright

    api = Api(httpx.Client(base_url=server.url))
    hostile = "<img src=x onerror=alert(1)>"
    api.register("shop.Order", record("Order", id="long"))
    more = (
        '{"type":"record","name":"Order","fields":[{"name":"id","type":"long"},{"name":"n","type":"int","default":0}]}'
    )
    api.register("shop.Order", more)
    api.register("%3Cimg%20src=x%20onerror=alert(1)%3E", record("X"))
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("dialog", lambda dialog: errors.append(dialog.message))
        page.goto(f"{server.url}/ui")
        page.get_by_text(hostile).wait_for()
        page.fill("#filter", "shop")
        page.get_by_role("button", name="shop.Order").click()
        page.locator("#delta .in").first.wait_for()
        assert '"name": "n"' in page.locator("#delta").inner_text()
        assert '"long"' in page.locator("#text").inner_text()
        page.fill("#pasted", record("Order", id="string"))
        page.click("#check")
        page.locator("#verdict .bad").first.wait_for()
        assert "No: the level BACKWARD forbids it" in page.locator("#verdict").inner_text()
        assert "reader type: STRING not compatible with writer type: LONG" in page.locator("#verdict").inner_text()
        page.fill("#pasted", more)
        page.click("#check")
        page.locator("#verdict .good").wait_for()
        browser.close()
    assert errors == []
