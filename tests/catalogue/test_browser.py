"""The site in a real browser, from the disk: search by keys, light and dark, no error, at every width."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from tests.catalogue.test_pages import hostile_site
from tests.conftest import ROOT

from tallystick.cli._site_files import write_site
from tallystick.codegen.site import Site, render
from tallystick.contracts import load_catalog
from tallystick.contracts.experiments import load_experiments

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Dialog, Page, Request

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("no Chromium here (Debian: apt-get install chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        found = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of the site's first page."""
    out = tmp_path_factory.mktemp("site") / "a folder"
    write_site(render(Site(load_catalog(ROOT / "schemas"), load_experiments(ROOT / "experiments"))), out)
    return (out / "index.html").as_uri()


@pytest.fixture
def errors() -> Iterator[list[str]]:
    found: list[str] = []
    yield found
    assert found == []


@pytest.fixture
def page(browser: Browser, errors: list[str]) -> Iterator[Page]:
    context = browser.new_context(color_scheme="light", viewport={"width": 1280, "height": 900})
    opened = context.new_page()
    _listen(opened, errors)
    yield opened
    context.close()


def _listen(page: Page, errors: list[str]) -> None:
    """Take as an error whatever the browser complains of, any dialog, and any request that leaves the disk."""

    def refuse(dialog: Dialog) -> None:
        errors.append(dialog.message)
        dialog.dismiss()

    def hear(request: Request) -> None:
        if not request.url.startswith(("file:", "data:")):
            errors.append(request.url)

    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text))
    page.on("dialog", refuse)
    page.on("request", hear)
    page.on("requestfailed", lambda request: errors.append(request.url))


def test_an_event_and_a_field_are_found_by_keys_alone(page: Page, home: str) -> None:
    page.goto(home)
    page.keyboard.press("/")
    page.keyboard.type("order comp")
    page.locator("#found-0").wait_for()
    assert page.locator("#search").get_attribute("aria-activedescendant") == "found-0"
    page.keyboard.press("Enter")
    page.wait_for_url("**/shop.OrderCompleted.html")
    assert page.locator("h1").inner_text() == "OrderCompleted"

    page.keyboard.press("/")
    page.keyboard.type("unit_price")
    page.locator("#found-0").wait_for()
    page.keyboard.press("Enter")
    page.wait_for_url("**/shop.OrderCompleted.html#f-lines.unit_price")
    assert page.locator("tr:target th").inner_text().startswith("unit_price")


def test_arrows_choose_and_escape_ends_a_search(page: Page, home: str) -> None:
    page.goto(home)
    page.keyboard.press("/")
    page.keyboard.type("checkout")
    page.locator("#found-0").wait_for()
    page.keyboard.type("zzz")
    page.get_by_text("Nothing has that name.").wait_for()
    page.fill("#search", "shop")
    page.locator("#found-2").wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    assert page.locator("[role=option][aria-selected=true]").get_attribute("id") == "found-1"
    page.keyboard.press("Escape")
    assert page.locator("#found").is_hidden()
    assert page.locator("#search").input_value() == ""
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.id") != "search"


def test_an_experiment_is_found_by_a_metric_that_it_reads(page: Page, home: str) -> None:
    page.goto(home)
    page.keyboard.press("/")
    page.keyboard.type("retention_7")
    page.locator("#found-0").wait_for()
    page.keyboard.press("Enter")
    page.wait_for_url("**/experiments/cookie_cats_gate.html")


def test_dark_follows_the_system_until_the_switch_says_otherwise_and_is_remembered(page: Page, home: str) -> None:
    def paper() -> str:
        return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))

    page.goto(home)
    light = paper()
    page.emulate_media(color_scheme="dark")
    dark = paper()
    assert light != dark
    page.click("#theme")
    assert paper() == light
    assert page.locator("#theme").get_attribute("aria-pressed") == "false"
    page.get_by_role("link", name="OrderCompleted").click()
    page.wait_for_url("**/shop.OrderCompleted.html")
    assert paper() == light
    page.emulate_media(color_scheme="light")
    page.click("#theme")
    assert paper() == dark


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_can_be_read_on_its_ground(page: Page, home: str, scheme: str) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.goto(home.replace("index.html", "events/shop.ExperimentExposed.html"))
    poor = page.evaluate((ROOT / "tests" / "catalogue" / "contrast.js").read_text())
    assert poor == []


def test_no_page_is_wider_than_a_phone(page: Page, home: str) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    for name in ("index", "events/shop.OrderCompleted", "graph", "experiments/index", "experiments/search_ranking"):
        page.goto(home.replace("index.html", f"{name}.html"))
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, name


def test_the_keyboard_lights_up_what_depends_on_a_box(page: Page, home: str) -> None:
    page.goto(home.replace("index.html", "graph.html"))
    page.locator("a.box", has_text="RoundsPlayed").first.focus()
    lit = page.locator(".graph .box.on text:not(.note)").all_text_contents()
    assert sorted(lit) == ["RoundsPlayed", "cookie_cats_gate", "sum_gamerounds"]


def test_without_scripts_everything_but_the_search_is_there(browser: Browser, home: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(home.replace("index.html", "events/shop.OrderCompleted.html"))
    assert page.get_by_role("table", name="Fields").is_visible()
    assert page.locator("#search").is_hidden()
    assert page.locator("#theme").is_hidden()
    context.close()


def test_a_hostile_contract_runs_nothing(page: Page, tmp_path: Path) -> None:
    write_site(render(hostile_site()), tmp_path / "site")
    page.goto((tmp_path / "site" / "events" / "shop.Odd.html").as_uri())
    page.keyboard.press("/")
    page.keyboard.type("odd")
    page.locator("#found-0").wait_for()
    assert "<img src=x" in page.locator("#found-0").inner_text()
    assert page.locator("img").count() == 0
