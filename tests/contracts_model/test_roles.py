"""Roles and tags: where a field stands, whatever it is called."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.contracts_model.conftest import faults_of, record

from tallystick.contracts import load_catalog

if TYPE_CHECKING:
    from tests.contracts_model.conftest import Json, Write


def field(name: str, kind: Json = "string", *roles: str, **properties: Json) -> dict[str, Json]:
    return {"name": name, "type": kind, **({"tallystick:role": list(roles)} if roles else {}), **properties}


def test_the_roles_of_meta_are_found_through_the_event() -> None:
    catalog = load_catalog(Path(__file__).parents[2] / "schemas")
    roles = catalog["shop.ExperimentExposed"].roles
    assert roles["event_id"] == (("meta", "event_id"),)
    assert roles["source"] == (("meta", "source", "app"),)
    assert roles["experiment.unit_id"] == (("unit_id",),)
    assert roles["experiment.dimension"] == (("platform",), ("country",))


def test_a_role_moves_with_its_property_not_with_its_name(write: Write) -> None:
    old = record("A", field("user", "string", "experiment.unit_id"), field("account"))
    new = record("B", field("user"), field("account", "string", "experiment.unit_id"))
    catalog = load_catalog(write({"A.avsc": old, "B.avsc": new}))
    assert catalog["A"].roles["experiment.unit_id"] == (("user",),)
    assert catalog["B"].roles["experiment.unit_id"] == (("account",),)


def test_roles_are_found_behind_null_and_in_records_used_twice(write: Write) -> None:
    place = record("Place", field("country", "string", "experiment.dimension"))
    both = record("Both", field("home", place), field("work", ["null", "Place"]))
    roles = load_catalog(write({"Both.avsc": both}))["Both"].roles
    assert roles["experiment.dimension"] == (("home", "country"), ("work", "country"))


def test_a_record_inside_itself_ends(write: Write) -> None:
    node = record("Node", field("key", "string", "event_id"), field("next", ["null", "Node"]))
    assert load_catalog(write({"Node.avsc": node}))["Node"].roles["event_id"] == (("key",),)


def test_exclusion_without_a_suffix_means_override(write: Write) -> None:
    flag = record("Flag", field("forced", "boolean", "experiment.exclude_if_true"))
    roles = load_catalog(write({"Flag.avsc": flag}))["Flag"].roles
    assert roles == {"experiment.exclude_if_true.override": (("forced",),)}


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ([field("a", "string", "event_id"), field("b", "string", "event_id")], ["a and b", "event_id"]),
        ([field("a", "string", "experiment.unitid")], ["unknown role", "did you mean 'experiment.unit_id'?"]),
        ([field("a", "string", **{"tallystick:role": "event_id"})], ["no list"]),
        ([field("a", "string", **{"tallystick:role": [1]})], ["no list"]),
        ([field("a", "string", **{"confluent:tags": "PII"})], ["no list"]),
        (
            [field("lines", {"type": "array", "items": record("Line", field("sku", "string", "event_id"))})],
            ["lines.[].sku", "inside a list"],
        ),
        ([field("m", {"type": "map", "values": record("V", field("x", "string", "event_id"))})], ["inside a list"]),
    ],
)
def test_roles_that_cannot_be_are_faults(write: Write, fields: list[Json], words: list[str]) -> None:
    (fault,) = faults_of(write({"Bad.avsc": record("Bad", *fields)}))
    assert fault.startswith("Bad.avsc: ")
    assert all(word in fault for word in words)


def test_tags_are_known_by_path_also_inside_lists(write: Write) -> None:
    line = record("Line", field("recipient", "string", **{"confluent:tags": ["PII"]}))
    order = record("Order", field("lines", {"type": "array", "items": line}))
    assert load_catalog(write({"Order.avsc": order}))["Order"].tags == {("lines", "[]", "recipient"): ("PII",)}
