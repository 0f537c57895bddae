"""The site as text: every link leads somewhere, nothing of a contract becomes markup, and what it shows is true."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from html.parser import HTMLParser
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import pytest
from tests.catalogue.many import many
from tests.conftest import ROOT
from typing_extensions import override

from tallystick.codegen.site import Site, Version, render
from tallystick.contracts import Catalog, load_catalog
from tallystick.contracts.experiments import load_experiments

if TYPE_CHECKING:
    from collections.abc import Mapping

HOSTILE = """</script><script>alert(1)</script><img src=x onerror="alert(1)">'"--><!-- {{ 7*7 }} \ud800"""

LARGE = 120


class Page(HTMLParser):
    """What matters of a page: its elements in order, the ids, the links and the text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.tags.append((tag, attributes))
        if found := attributes.get("id"):
            self.ids.append(found)
        for name in ("href", "src"):
            if (target := attributes.get(name)) and not target.startswith("data:"):
                self.links.append(target)

    @override
    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def site() -> Site:
    return Site(load_catalog(ROOT / "schemas"), load_experiments(ROOT / "experiments"))


@pytest.fixture(scope="module")
def files(site: Site) -> dict[str, str]:
    return render(site)


@pytest.fixture(scope="module")
def large() -> dict[str, str]:
    return render(Site(*many(LARGE)))


@lru_cache(maxsize=4096)
def read(text: str) -> Page:
    return Page(text)


def pages(files: Mapping[str, str]) -> dict[str, Page]:
    return {name: read(text) for name, text in files.items() if name.endswith(".html")}


def broken_links(files: Mapping[str, str]) -> list[str]:
    known = pages(files)
    broken = []
    for name, page in known.items():
        for link in page.links:
            parts = urlsplit(link)
            target = _resolve(name, unquote(parts.path)) if parts.path else name
            place = unquote(parts.fragment)
            if parts.scheme or target not in files or (place and place not in known[target].ids):
                broken.append(f"{name}: {link}")
    return broken


def _resolve(page: str, path: str) -> str:
    parts: list[str] = []
    for part in (PurePosixPath(page).parent / path).parts:
        if part == "..":
            parts.pop()
        else:
            parts.append(part)
    return "/".join(parts)


def test_every_link_leads_to_a_page_of_the_site_and_a_place_in_it(files: dict[str, str]) -> None:
    assert broken_links(files) == []


def test_no_link_of_a_large_site_is_broken_and_no_page_of_it_is_heavy(large: dict[str, str]) -> None:
    assert broken_links(large) == []
    assert max(len(text) for name, text in large.items() if name.startswith("events/")) < 60_000
    assert len(large["index.html"]) < 40_000
    assert len(large["assets/search.js"]) < LARGE * 500


def test_every_link_of_the_search_leads_to_a_page(large: dict[str, str]) -> None:
    entries = index_of(large)
    assert {kind for kind, *_ in entries} == {"event", "type", "experiment", "domain"}
    assert [page for _, _, page, _, _ in entries if page not in large] == []
    for _, _, page, _, fields in entries:
        if page.startswith("events/"):
            assert {f"f-{each}" for each in fields.split()} <= set(read(large[page]).ids)


def index_of(files: Mapping[str, str]) -> list[list[str]]:
    found: list[list[str]] = json.loads(
        files["assets/search.js"].removeprefix("window.tallystickSearch=").rstrip(";\n")
    )
    return found


def test_the_same_input_gives_the_same_bytes(files: dict[str, str]) -> None:
    again = Site(load_catalog(ROOT / "schemas"), load_experiments(ROOT / "experiments"))
    assert render(again) == files


def test_no_id_stands_twice_on_a_page(files: dict[str, str], large: dict[str, str]) -> None:
    for name, page in (*pages(files).items(), *pages(large).items()):
        assert len(page.ids) == len(set(page.ids)), name


def test_every_page_has_its_landmarks_one_heading_and_tables_with_headers(files: dict[str, str]) -> None:
    for name, page in pages(files).items():
        names = [tag for tag, _ in page.tags]
        assert [names.count(each) for each in ("main", "header", "footer", "h1")] == [1, 1, 1, 1], name
        tables = [attributes for tag, attributes in page.tags if tag == "table"]
        assert all(attributes.get("aria-label") for attributes in tables), name
        assert all(attributes.get("scope") for tag, attributes in page.tags if tag == "th"), name


def test_the_site_asks_nothing_of_the_network(files: dict[str, str]) -> None:
    for name, page in pages(files).items():
        assert not [link for link in page.links if urlsplit(link).scheme or link.startswith("//")], name
        assert "default-src 'none'" in files[name]
    assert not re.search(r"url\(|@import|https?:", files["assets/site.css"])


# --- nothing of a contract becomes markup ------------------------------------------------------------------


def hostile_site() -> Site:
    meta = json.loads(load_catalog(ROOT / "schemas")["tallystick.Meta"].text)
    field = {
        "name": "x",
        "type": "string",
        "doc": HOSTILE,
        "default": HOSTILE,
        "confluent:tags": [HOSTILE],
        "tallystick:deprecated": {"use": HOSTILE},
        "confluent:rules": [{"name": HOSTILE, "doc": HOSTILE, "expr": HOSTILE}],
    }
    needed = {"name": "y", "type": "string", "doc": HOSTILE}
    event = {
        "type": "record",
        "name": "Odd",
        "namespace": "shop",
        "doc": HOSTILE,
        "fields": [{"name": "meta", "type": meta}, field, needed],
    }
    catalog = Catalog.of_texts({HOSTILE: json.dumps(event)})
    versions = (Version(label=HOSTILE, text='{"a": 1}', day=HOSTILE, note=HOSTILE),)
    return Site(catalog, (), {"shop.Odd": (*versions, Version(label="2", text=json.dumps(event)))}, endpoint=HOSTILE)


def test_what_a_contract_says_never_becomes_markup() -> None:
    files = render(hostile_site())
    for name, page in pages(files).items():
        scripts = [attributes for tag, attributes in page.tags if tag == "script"]
        assert [set(each) for each in scripts] == [{"src", "data-root", "data-index"}], name
        assert not [tag for tag, _ in page.tags if tag == "img"], name
        assert not [key for _, attributes in page.tags for key in attributes if key.startswith("on")], name
    shown = Page(files["events/shop.Odd.html"])
    assert shown.text.count("<img src=x onerror=") >= 8
    assert "{{ 7*7 }}" in shown.text
    assert "<" not in files["assets/search.js"]


# --- what it shows is true -----------------------------------------------------------------------------------


def test_a_field_is_shown_with_its_type_in_python_avro_and_silver(files: dict[str, str]) -> None:
    row = re.search(r'(?s)<tr id="f-lines.unit_price".*?</tr>', files["events/shop.OrderCompleted.html"])
    assert row
    cells = Page(row[0]).text
    assert "Annotated[Decimal, Precision(18, scale=2)]" in cells
    assert "bytes decimal(18,2)" in cells
    assert "DECIMAL(18,2)" in cells
    assert "Price of one piece." in cells


def test_an_event_names_its_readers_and_a_metric_its_source(files: dict[str, str]) -> None:
    event = Page(files["events/shop.OrderCompleted.html"])
    assert {"../experiments/checkout_cta.html", "../experiments/search_ranking.html"} <= set(event.links)
    assert "../events/shop.OrderCompleted.html" in Page(files["experiments/checkout_cta.html"]).links
    assert "../events/shop.ExperimentExposed.html" in Page(files["experiments/checkout_cta.html"]).links


def test_versions_are_compared_line_by_line_and_in_words(site: Site) -> None:
    text = site.catalog["shop.PageViewed"].text
    old = text.replace('{"name":"referrer_host"', '{"name":"referring_host"')
    versions = {"shop.PageViewed": (Version(label="version 1", text=old), Version(label="version 2", text=text))}
    page = render(Site(site.catalog, site.experiments, versions))["events/shop.PageViewed.html"]
    assert "referrer_host added" in page
    assert "referring_host removed" in page
    assert re.search(r'<span class="in">\+ +&#34;name&#34;: &#34;referrer_host&#34;,</span>', page)
    assert re.search(r'<span class="out">- +&#34;name&#34;: &#34;referring_host&#34;,</span>', page)


def test_a_metric_and_an_exposure_that_no_contract_has_are_told(site: Site) -> None:
    alone = Site(Catalog(tuple(each for each in site.catalog if each.name != "shop.OrderCompleted")), site.experiments)
    page = Page(render(alone)["experiments/checkout_cta.html"])
    assert "no contract feeds it" in page.text


def test_a_site_without_events_or_experiments_stands() -> None:
    files = render(Site(Catalog(())))
    assert broken_links(files) == []
    assert "There is no definition yet" in files["experiments/index.html"]


@pytest.mark.parametrize("key", ["..", "../../x", "index", "a/b", "a b", "é", ".hidden", "%2e%2e"])
def test_no_key_of_an_experiment_leads_out_of_its_folder(site: Site, key: str) -> None:
    from dataclasses import replace

    files = render(Site(site.catalog, (replace(site.experiments[0], experiment_key=key),)))
    assert broken_links(files) == []
    (page,) = (name for name in files if name.startswith("experiments/") and name != "experiments/index.html")
    assert page.count("/") == 1
    assert not page.removeprefix("experiments/").startswith(".")
