"""How to send an event, as its page says: every snippet is run, and what it sends is an event of the contract."""

from __future__ import annotations

import html
import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from tests.conftest import ROOT
from tests.sdk.collecting import Collector, serving

from tallystick.cli.docs import command
from tallystick.codegen import load
from tallystick.codegen.plan import plan
from tallystick.codegen.site import Site
from tallystick.codegen.site.snippets import Origin, Snippets, Writer
from tallystick.contracts import Catalog, load_catalog, parse
from tallystick.contracts.contract import Contract
from tallystick.contracts.sidecar import Sidecar

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

KEY = "YOUR-WRITE-KEY"
# Every kind of value that a snippet has to write, and names that are none in Python.
KINDS: dict[str, Any] = {
    "class": "string",
    "count": "long",
    "price": {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 3},
    "day": {"type": "int", "logicalType": "date"},
    "at": {"type": "long", "logicalType": "timestamp-micros"},
    "local": {"type": "long", "logicalType": "local-timestamp-millis"},
    "clock": {"type": "int", "logicalType": "time-millis"},
    "key": {"type": "string", "logicalType": "uuid"},
    "raw": "bytes",
    "hash": {"type": "fixed", "name": "Hash", "size": 16},
    "ratio": "double",
    "flag": "boolean",
    "size": {"type": "enum", "name": "Size", "symbols": ["UNKNOWN", "class", "S"], "default": "UNKNOWN"},
    "place": {"type": "record", "name": "Place", "fields": [{"name": "lat", "type": "float"}]},
    "places": {"type": "array", "items": "Place"},
    "by_name": {"type": "map", "values": "Place"},
    "either": ["Place", {"type": "record", "name": "Spot", "fields": [{"name": "lat", "type": "float"}]}],
    "maybe": ["null", "string"],
}


def contract_of(fields: Mapping[str, Any], sidecar: Sidecar | None = None) -> tuple[Catalog, Contract]:
    meta = load_catalog(ROOT / "schemas")["tallystick.Meta"]
    event = {
        "type": "record",
        "name": "Everything",
        "namespace": "shop",
        "fields": [
            {"name": "meta", "type": json.loads(meta.text)},
            *({"name": name, "type": kind} for name, kind in fields.items()),
        ],
    }
    contract = Contract.of(parse(json.dumps(event)), origin="test", sidecar=sidecar)
    return Catalog((contract, meta)), contract


def writer(catalog: Catalog, contract: Contract, package: str = "tallystick.events") -> Writer:
    return Snippets(plan(catalog, package), "http://127.0.0.1:8000").of(contract, {})


def said_by_curl(snippet: str) -> dict[str, Any]:
    """The body that the shell gives to curl."""
    heard = """curl() { for argument; do last=$argument; done; printf %s "$last"; }\n"""
    said: dict[str, Any] = json.loads(subprocess.check_output(["sh", "-c", heard + snippet], text=True, timeout=60))
    return said


def without_type(said: dict[str, Any]) -> str:
    return json.dumps({name: value for name, value in said.items() if name != "type"})


def repository_events() -> list[str]:
    return [each.name for each in load_catalog(ROOT / "schemas").events]


@pytest.mark.parametrize("name", repository_events())
def test_the_curl_snippet_of_every_event_sends_one(name: str) -> None:
    catalog = load_catalog(ROOT / "schemas")
    said = said_by_curl(writer(catalog, catalog[name]).curl)
    assert said["type"] == name
    event = load(catalog)[name].from_json(without_type(said))
    assert event.to_avro()


def test_the_python_snippets_of_all_events_send_them() -> None:
    catalog = load_catalog(ROOT / "schemas")
    with serving(Collector()) as collector:
        code = [writer(catalog, each).python.replace("http://127.0.0.1:8000", collector.url) for each in catalog.events]
        subprocess.run([sys.executable, "-c", "\n".join(code)], check=True, timeout=120)
    assert sorted(body["type"] for body in collector.bodies) == sorted(each.name for each in catalog.events)
    order = next(body for body in collector.bodies if body["type"] == "shop.OrderCompleted")
    assert (order["total"], len(order["lines"]), order["meta"]["user_id"]) == ("37.49", 2, "u-42")


def run_python(snippet: str, catalog: Catalog, folder: Path) -> dict[str, Any]:
    """Run a snippet whose classes stand in a folder, and return what was sent."""
    from tallystick.codegen import generate

    for name, text in generate(catalog, "made").items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    with serving(Collector()) as collector:
        code = snippet.replace("http://127.0.0.1:8000", collector.url)
        subprocess.run([sys.executable, "-c", code], check=True, timeout=120, cwd=folder)
    return collector.bodies[0]


def test_values_of_every_kind_are_made_up_and_sent(tmp_path: Path) -> None:
    catalog, contract = contract_of(KINDS)
    written = writer(catalog, contract, "made")
    assert written.origin is Origin.TYPES
    sent, said = run_python(written.python, catalog, tmp_path), said_by_curl(written.curl)
    assert load(catalog)[contract.name].from_json(without_type(said)).to_avro()
    ours = {name for name in KINDS if name != "maybe"}
    assert {name: sent[name] for name in ours} == {name: said[name] for name in ours}


def test_an_example_of_the_team_is_what_is_sent(tmp_path: Path) -> None:
    stated = {"note": 'it\'s "quoted" $HOME `ls` \\ \u20ac', "at": "2026-01-05T10:30:00+01:00"}
    kinds = {"note": "string", "at": KINDS["at"]}
    catalog, contract = contract_of(kinds, Sidecar(examples=({"name": "one", "event": stated},), sources=("my'app",)))
    written = writer(catalog, contract, "made")
    assert written.origin is Origin.EXAMPLE
    said = said_by_curl(written.curl)
    assert (said["note"], said["meta"]["source"]["app"]) == (stated["note"], "my'app")
    sent = run_python(written.python, catalog, tmp_path)
    assert (sent["note"], sent["at"]) == (stated["note"], "2026-01-05T09:30:00Z")


@pytest.mark.parametrize("event", [{"note": 1}, {}, {"note": "x", "other": 1}, {"note": None}])
def test_an_example_that_does_not_fit_gives_way_to_made_up_values(event: dict[str, Any]) -> None:
    catalog, contract = contract_of({"note": "string"}, Sidecar(examples=({"event": event},)))
    written = writer(catalog, contract)
    assert written.origin is Origin.TYPES
    assert 'note="example"' in written.python


def test_an_exposure_is_shown_with_a_real_experiment_and_one_of_its_variants() -> None:
    from tallystick.codegen.site import render
    from tallystick.contracts.experiments import load_experiments

    site = Site(load_catalog(ROOT / "schemas"), load_experiments(ROOT / "experiments"))
    page = render(site)["events/shop.ExperimentExposed.html"]
    assert "experiment_key=&#34;checkout_cta&#34;" in page
    assert "variant_key=&#34;treatment&#34;" in page


def test_values_keep_the_rules_of_a_contract_without_an_example(tmp_path: Path) -> None:
    event = load_catalog(ROOT / "schemas")["shop.PageViewed"].text
    (tmp_path / "schemas" / "shop").mkdir(parents=True)
    (tmp_path / "schemas" / "shop" / "PageViewed.avsc").write_text(event)
    options = ["--schemas", str(tmp_path / "schemas"), "--out", str(tmp_path / "site")]
    assert CliRunner().invoke(command, options).exit_code == 0
    page = (tmp_path / "site" / "events" / "shop.PageViewed.html").read_text()
    assert "path_is_absolute" in page
    assert "The values are made up, and keep the rules." in page
    curl = re.search(r'(?s)id="curl"><code>(.*?)</code>', page)
    assert curl
    assert said_by_curl(html.unescape(curl[1]))["page_path"].startswith("/")
