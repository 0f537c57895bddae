"""The page at /ui in a real browser, the explanation behind it, and the numbers for Prometheus."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import httpx
import pytest
from tests.registry.conftest import Api, record, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

UNION = '{"type":"record","name":"U","fields":[{"name":"u","type":["null",%s]}]}'
HOSTILE = "<img src=x onerror=alert(1)>"
DOC = "New <b>bold</b> <script>alert(2)</script>"
OLD = """{
  "type": "record", "name": "Order", "doc": "Old.",
  "fields": [{"name": "id", "type": "long"}, %s]
}"""
PAID = '{"name": "paid", "type": {"type": "bytes", "logicalType": "decimal", "precision": 18, "scale": 2}}'
NEW = OLD.replace("Old.", DOC) % (PAID + ', {"name": "n", "type": "int", "default": 0}')
OLD %= PAID


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


@pytest.fixture(scope="module")
def shown(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a registry with something to look at, hostile names and documentation among it."""
    folder = tmp_path_factory.mktemp("page")
    (folder / "registry.db").write_bytes(migrated.read_bytes())
    with running(folder / "log", "--database", f"sqlite:///{folder / 'registry.db'}") as process:
        api = Api(httpx.Client(base_url=process.url, timeout=60))
        api.register("shop.Order", OLD)
        api.register("shop.Order", NEW)
        api.put("/config/shop.Order", {"logicalPolicy": "REFUSE"})
        api.register("%3Cimg%20src=x%20onerror=alert(1)%3E", record("X"))
        yield process.url


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip("no Chromium here (Debian: apt-get install chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser, shown: str) -> Iterator[Page]:
    """A page of the registry, on which nothing may go wrong."""
    context = chromium.new_context(base_url=shown)
    opened, wrong = context.new_page(), list[str]()
    opened.set_default_timeout(60_000)
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("dialog", lambda dialog: wrong.append(dialog.message))
    opened.on("console", lambda told: wrong.append(told.text) if told.type in {"error", "warning"} else None)
    yield opened
    context.close()
    assert wrong == []


@pytest.mark.browser
def test_the_page_shows_subjects_versions_and_differences(page: Page) -> None:
    page.goto("/ui")
    page.get_by_role("link", name=HOSTILE).wait_for()
    page.fill("#filter", "SHOP")
    page.get_by_text("1 subject", exact=True).first.wait_for()
    page.get_by_role("link", name="shop.Order").click()
    page.get_by_role("heading", name="shop.Order").wait_for()
    page.get_by_text("changes of meaning refused").wait_for()
    assert '"decimal"' in page.locator("#text").inner_text()
    page.get_by_text(DOC, exact=True).wait_for()
    page.select_option("#newer", "1")
    page.get_by_text("Old.", exact=True).wait_for()
    page.get_by_role("tab", name="Changes").click()
    page.locator("#delta .in").first.wait_for()
    lines = page.locator("#delta .in").all_inner_texts()
    assert any('"name": "n"' in line for line in lines)
    assert page.locator("#delta .out").all_inner_texts() == ['  "doc": "Old.",']
    page.goto(f"/ui#{urlencode({'subject': HOSTILE})}")
    page.get_by_role("heading", name=HOSTILE).wait_for()
    assert page.locator("img").count() == 0


@pytest.mark.browser
def test_the_page_tells_whether_a_schema_would_be_let_in_and_why_not(page: Page) -> None:
    page.goto("/ui#subject=shop.Order&tab=check")
    page.locator("#pasted").wait_for()
    for pasted, says, why in (
        (NEW, "It is there already: it is version 2.", ""),
        (NEW.replace('"New', '"Newer'), "Yes: it fits the level BACKWARD and the policy on changes of meaning.", ""),
        (
            NEW.replace('"scale": 2', '"scale": 4'),
            "No: the policy on changes of meaning forbids it.",
            "changes its scale",
        ),
        (
            NEW.replace('"long"', '"string"'),
            "No: the level BACKWARD forbids it.",
            "not compatible with writer type: LONG",
        ),
        ("{", "not JSON", ""),
    ):
        page.fill("#pasted", pasted)
        page.press("#pasted", "Control+Enter")
        page.locator(".verdict", has_text=says).wait_for()
        if why:
            page.get_by_text(why).first.wait_for()


@pytest.mark.browser
def test_the_page_is_used_by_keyboard_alone(page: Page) -> None:
    page.goto("/ui")
    page.get_by_role("link", name="shop.Order").wait_for()
    page.keyboard.press("/")
    page.keyboard.type("shop")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("() => document.activeElement.textContent") == "shop.Order"
    page.keyboard.press("Enter")
    page.get_by_role("tab", name="Schema").focus()
    page.keyboard.press("ArrowRight")
    page.locator("#tab-changes[aria-selected=true]").wait_for()
    assert page.evaluate("() => document.activeElement.id") == "tab-changes"
    page.keyboard.press("ArrowRight")
    page.locator("#pasted").wait_for()


@pytest.mark.browser
def test_the_page_fits_a_phone(page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 700})
    page.goto("/ui")
    page.get_by_role("link", name="shop.Order").click()
    for tab in ("Changes", "Check yours", "Schema"):
        page.get_by_role("tab", name=tab).click()
        page.get_by_role("tabpanel", name=tab).wait_for()
        assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    assert not page.locator("#filter").is_visible()
    page.get_by_role("link", name="All subjects").click()
    page.locator("#filter").wait_for()


def test_nothing_runs_in_the_page_but_its_own_script(api: Api) -> None:
    answer = api.client.get("/ui")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in answer.text.replace("http://www.w3.org/2000/svg", "")
