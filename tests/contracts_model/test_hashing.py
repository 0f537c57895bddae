"""The contract hash: the same for every text of one meaning, another for every other meaning."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tallystick.contracts import contract_hash, load_catalog, parse

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.contracts_model.conftest import Json

BASE: dict[str, Json] = {
    "type": "record",
    "name": "shop.Paid",
    "doc": "Paid.",
    "fields": [
        {
            "name": "total",
            "type": {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2},
            "doc": "Sum.",
        },
        {"name": "kind", "type": {"type": "enum", "name": "Kind", "symbols": ["A", "B"], "default": "A"}},
        {"name": "note", "type": ["null", "string"], "default": None, "tallystick:role": ["trace_id"]},
    ],
}


def digest(schema: Json) -> str:
    return contract_hash(parse(json.dumps(schema)))


def changed(change: Callable[[dict[str, Json]], object]) -> str:
    schema = copy.deepcopy(BASE)
    change(schema)
    return digest(schema)


@pytest.mark.parametrize(
    "change",
    [
        lambda s: s.update(name="shop.Bought"),
        lambda s: s["fields"][0].update(name="sum"),
        lambda s: s["fields"][0]["type"].update(scale=4),
        lambda s: s["fields"][0]["type"].pop("logicalType"),
        lambda s: s["fields"][0].update({"confluent:tags": ["PII"]}),
        lambda s: s["fields"][1]["type"].update(symbols=["B", "A"]),
        lambda s: s["fields"][1]["type"].update(default="B"),
        lambda s: s["fields"][1].update(aliases=["sort"]),
        lambda s: s["fields"][2].pop("default"),
        lambda s: s["fields"][2].update({"tallystick:role": ["source"]}),
        lambda s: s["fields"][2].update({"confluent:rules": [{"name": "x", "expr": "true"}]}),
        lambda s: s["fields"].reverse(),
        lambda s: s.update({"tallystick:experiment": {"role": "outcome"}}),
    ],
)
def test_whatever_changes_the_meaning_changes_the_hash(change: Callable[[dict[str, Json]], object]) -> None:
    assert changed(change) != digest(BASE)


@pytest.mark.parametrize(
    "change",
    [
        lambda s: s.update(doc="Other words."),
        lambda s: s.pop("doc"),
        lambda s: s["fields"][0].update(doc="Other words."),
        lambda s: s["fields"][1]["type"].update(doc="Other words."),
        lambda s: s.update({"x-tool": {"of": "somebody else"}}),
        lambda s: s.update(name="Paid", namespace="shop"),
        lambda s: s["fields"][2].update(type=["null", {"type": "string"}]),
        lambda s: s["fields"][1]["type"].update(name="shop.Kind"),
        lambda s: s["fields"][2].update(order="ascending"),
    ],
)
def test_words_and_ways_of_writing_do_not_change_the_hash(change: Callable[[dict[str, Json]], object]) -> None:
    assert changed(change) == digest(BASE)


def test_data_in_a_default_is_meaning_even_where_it_is_called_doc() -> None:
    def with_default(value: str) -> str:
        field = {"name": "m", "type": {"type": "map", "values": "string"}, "default": {"doc": value}}
        return digest({"type": "record", "name": "R", "fields": [field]})

    assert with_default("a") != with_default("b")


def test_a_hash_survives_a_registry_that_rewrites_the_text() -> None:
    def rewritten(node: Json) -> Json:
        """The same JSON with its keys in another order, and blanks."""
        if isinstance(node, dict):
            return {key: rewritten(node[key]) for key in sorted(node, reverse=True)}
        return [rewritten(each) for each in node] if isinstance(node, list) else node

    for contract in load_catalog(Path(__file__).parents[2] / "schemas"):
        text = json.dumps(rewritten(json.loads(contract.text)), indent=3)
        assert contract_hash(parse(text)) == contract.contract_hash
        assert len(contract.contract_hash) == 64
