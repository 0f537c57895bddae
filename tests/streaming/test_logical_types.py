"""A reader's logical types are held against a writer's before a byte is decoded."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tallystick.contracts import Schema, parse
from tallystick.streaming.silver.logical import LogicalMismatch, reconcile


def money(precision: int, scale: int) -> dict[str, Any]:
    return {"type": "bytes", "logicalType": "decimal", "precision": precision, "scale": scale}


def moment(unit: str) -> dict[str, Any]:
    return {"type": "long", "logicalType": f"timestamp-{unit}"}


def record(*types: object, name: str = "R") -> dict[str, Any]:
    fields = [{"name": f"f{index}", "type": each} for index, each in enumerate(types)]
    return {"type": "record", "name": name, "fields": fields}


def together(reader: object, writer: object) -> Schema | LogicalMismatch:
    return reconcile(reader=parse(json.dumps(reader)), writer=parse(json.dumps(writer)))


def test_equal_schemas_are_left_as_they_are() -> None:
    schema = parse(json.dumps(record(money(9, 2), moment("micros"), "string")))
    assert reconcile(reader=schema, writer=schema) is schema


@pytest.mark.parametrize(
    ("reader", "writer"),
    [
        (moment("micros"), moment("millis")),
        (money(18, 4), money(16, 2)),
        (["null", money(18, 4)], ["null", money(16, 2)]),
        ({"type": "array", "items": moment("micros")}, {"type": "array", "items": moment("millis")}),
        ({"type": "map", "values": money(18, 4)}, {"type": "map", "values": money(9, 2)}),
        (record(moment("micros"), name="Inner"), record(moment("millis"), name="Inner")),
        (["null", moment("micros")], moment("millis")),
        (moment("micros"), ["null", moment("millis")]),
    ],
)
def test_what_converts_without_loss_is_read_in_the_writers_logical_type(reader: object, writer: object) -> None:
    found = together(record(reader), record(writer))
    assert isinstance(found, Schema)
    written = parse(json.dumps(record(writer)))
    for word in ("timestamp-millis", '"scale":2'):
        assert (word in found.text) == (word in written.text)


@pytest.mark.parametrize(
    ("reader", "writer", "path"),
    [
        (money(18, 2), money(18, 4), "f0"),
        (money(10, 4), money(10, 2), "f0"),
        (moment("micros"), "long", "f0"),
        ("long", moment("micros"), "f0"),
        ({"type": "int", "logicalType": "date"}, "int", "f0"),
        ({"type": "array", "items": money(9, 2)}, {"type": "array", "items": money(9, 4)}, "f0.[]"),
        (record(money(9, 2), name="Inner"), record(money(9, 4), name="Inner"), "f0.f0"),
        (["null", money(9, 2)], ["null", money(9, 4)], "f0"),
    ],
)
def test_what_would_lose_or_change_a_value_is_a_mismatch_with_its_path(
    reader: object, writer: object, path: str
) -> None:
    found = together(record(reader), record(writer))
    assert isinstance(found, LogicalMismatch)
    assert found.path == path
    assert found.detail.startswith(f"{path} was written as ")


def test_more_digits_at_the_same_scale_and_names_for_text_change_nothing() -> None:
    uuid = {"type": "string", "logicalType": "uuid"}
    reader = parse(json.dumps(record(money(18, 2), uuid)))
    writer = parse(json.dumps(record(money(9, 2), "string")))
    assert reconcile(reader=reader, writer=writer) is reader


def test_a_renamed_field_is_found_by_its_alias() -> None:
    reader = record(moment("micros"))
    reader["fields"][0].update(name="new", aliases=["f0"])
    found = together(reader, record(moment("millis")))
    assert isinstance(found, Schema)
    assert "timestamp-millis" in found.text


def test_a_named_type_that_is_used_again_is_held_against_the_writer_once() -> None:
    reader = record(record(moment("micros"), name="Inner"), "Inner")
    writer = record(record(moment("millis"), name="Inner"), "Inner")
    found = together(reader, writer)
    assert isinstance(found, Schema)
    assert found.text.count("timestamp-millis") == 1
