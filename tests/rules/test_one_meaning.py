"""One rule, one meaning: on a sidecar's examples lint's evaluator, the generated class and the API say the same."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import ValidationError
from tests.codegen.records import order

from tallystick.api.ingestion.catalogue import Catalogue, EventType
from tallystick.api.ingestion.intake import intake_of
from tallystick.api.ingestion.judging import Circumstances, judge
from tallystick.api.ingestion.keys import Key
from tallystick.api.ingestion.limits import Limits
from tallystick.api.ingestion.verdicts import Accepted, Refused
from tallystick.cli._events import class_of
from tallystick.cli._linting import lint_paths
from tallystick.contracts import load_catalog
from tallystick.contracts.cel import Checked
from tallystick.contracts.rules import rules_of
from tallystick.sdk.record import violations

if TYPE_CHECKING:
    from pathlib import Path

    from tallystick.contracts import Contract

RULES = {
    "currency": [{"name": "currency_is_iso", "doc": "Three capitals.", "expr": "this.currency.matches('^[A-Z]{3}$')"}],
    "lines": [{"name": "few_lines", "expr": "this.lines.all(line, line.quantity > 0) && size(this.lines) <= 2"}],
}
LINE = {"sku": "tea", "quantity": 1, "unit_price": "1.00"}
GOOD = {"order_id": "o", "customer_id": "u", "total": "1.00", "currency": "EUR", "item_count": 1}
BAD = {
    "small letters": ({**GOOD, "currency": "eur"}, {"rule:currency_is_iso"}),
    "no pieces": ({**GOOD, "lines": [{**LINE, "quantity": 0}]}, {"rule:few_lines"}),
    "both": ({**GOOD, "currency": "", "lines": [LINE] * 3}, {"rule:currency_is_iso", "rule:few_lines"}),
}


@pytest.fixture(scope="module")
def contract(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Contract:
    """A contract with rules, and a sidecar that proves them."""
    folder = tmp_path_factory.mktemp("ruled") / "schemas"
    shutil.copytree(root / "schemas", folder)
    path = folder / "shop" / "OrderCompleted.avsc"
    schema = json.loads(path.read_text())
    for each in (*schema["fields"], *_line_fields(schema)):
        each.pop("confluent:rules", None)
        if each["name"] in RULES:
            each["confluent:rules"] = RULES[each["name"]]
    path.write_text(json.dumps(schema, indent=2))
    examples = [{"name": "usual", "event": {**GOOD, "lines": [LINE]}}]
    counterexamples = [{"name": name, "event": event} for name, (event, _) in BAD.items()]
    sidecar = {"owner": "shop-web", "examples": examples, "counterexamples": counterexamples}
    path.with_suffix(".yaml").write_text(json.dumps(sidecar))
    return load_catalog(folder)["shop.OrderCompleted"]


def _line_fields(schema: dict[str, Any]) -> list[dict[str, Any]]:
    lines = next(each for each in schema["fields"] if each["name"] == "lines")
    fields: list[dict[str, Any]] = lines["type"]["items"]["fields"]
    return fields


def _meta() -> dict[str, Any]:
    meta: dict[str, Any] = json.loads(order().to_json())["meta"]
    return meta


def test_lint_proves_every_rule_on_the_examples(contract: Contract, tmp_path: Path) -> None:
    folder = tmp_path / "schemas"
    (folder / "shop").mkdir(parents=True)
    (folder / "shop" / "OrderCompleted.avsc").write_text(contract.text)
    good = {"examples": [{"name": "usual", "event": GOOD}]}
    bad = {"counterexamples": [{"name": name, "event": event} for name, (event, _) in BAD.items()]}
    sidecar = folder / "shop" / "OrderCompleted.yaml"
    sidecar.write_text(json.dumps({**good, **bad}))
    assert {each.rule for each in lint_paths([folder]).findings} & {"R002", "R003", "R005", "R006"} == set()
    sidecar.write_text(json.dumps({"examples": [{"name": "wrong", "event": BAD["both"][0]}]}))
    found = [each.message for each in lint_paths([folder]).findings if each.rule in {"R005", "R006"}]
    assert sum("example `wrong` breaks rule" in each for each in found) == 2
    assert sum("no counterexample breaks rule" in each for each in found) == 2


def test_the_class_says_on_examples_what_the_rules_say(contract: Contract) -> None:
    stated = rules_of(contract.schema)[contract.name]
    assert all(isinstance(each.compiled, Checked) for each in stated)
    cls = class_of(contract.text, contract.name)
    for example in contract.sidecar.examples:
        assert cls.from_plain({"meta": _meta(), **example["event"]})
    assert len(contract.sidecar.counterexamples) == len(BAD)
    for example in contract.sidecar.counterexamples:
        with pytest.raises(ValidationError) as caught:
            cls.from_plain({"meta": _meta(), **example["event"]})
        assert {each.code for each in violations(caught.value)} == BAD[example["name"]][1]


def test_the_api_refuses_them_as_invalid_and_names_the_rule_and_the_place(contract: Contract) -> None:
    intake = intake_of(contract, class_of(contract.text, contract.name), version=1, schema_id=1)
    catalogue = Catalogue(events={contract.name: EventType.of({1: intake})})
    circumstances = Circumstances(
        key=Key(name="test", sha256="", source="*"),
        received_at=datetime.now(tz=UTC),
        sent_at=None,
        traceparent=None,
        topic="t",
        limits=Limits(),
    )

    def judged(event: dict[str, Any]) -> Accepted | Refused:
        return judge(json.dumps({"type": contract.name, "meta": _meta(), **event}).encode(), catalogue, circumstances)

    assert isinstance(judged(GOOD), Accepted)
    verdict = judged(BAD["both"][0])
    assert isinstance(verdict, Refused)
    assert (verdict.stage.value, verdict.reason.value) == ("VALIDATE", "INVALID")
    assert [(each.path, each.code, each.expected) for each in verdict.errors] == [
        ("/currency", "rule:currency_is_iso", "Three capitals."),
        ("/lines", "rule:few_lines", RULES["lines"][0]["expr"]),
    ]
