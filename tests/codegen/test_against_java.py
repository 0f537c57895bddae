"""Our bytes held against Java's, and our schema resolution too."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.codegen.strategies import MANY, Json, contracts, values

from tallystick.codegen import load
from tallystick.contracts import Catalog, SchemaError, parse
from tallystick.contracts.types import Map, Union, walk
from tallystick.sdk.errors import DecodeError

if TYPE_CHECKING:
    from tests.codegen.conftest import JavaAvro

    from tallystick.sdk.record import Record

pytestmark = pytest.mark.java


def is_unmistakable(cls: type[Record]) -> bool:
    """Whether Java writes the same bytes again: it forgets a map's order, and which of two alike branches it was."""
    return not any(isinstance(each, (Map, Union)) for each in walk(parse(cls.SCHEMA).root))


@MANY
@given(st.data())
def test_java_reads_our_bytes_and_writes_the_same(java_avro: JavaAvro, data: st.DataObject) -> None:
    cls = data.draw(contracts())
    record = data.draw(values(cls))
    body = record.to_avro()
    for decimals in (False, True):  # with its decimal conversion Java writes the fewest bytes, as we do
        again = java_avro.convert(body, writer=cls.SCHEMA, reader=cls.SCHEMA, decimals=decimals)
        assert again is not None
        assert len(again) == len(body)
        assert cls.from_avro(again) == record
        if is_unmistakable(cls):
            assert again == body


def evolved(draw: st.DrawFn, schema: Json) -> Json:
    """A schema changed as schemas are: some changes resolve, some do not."""
    schema = copy.deepcopy(schema)
    for field in list(schema["fields"]):
        match draw(st.sampled_from(["keep", "keep", "drop", "optional", "rename", "widen", "default", "inner"])):
            case "drop":
                schema["fields"].remove(field)
            case "optional" if not isinstance(field["type"], list):
                field["type"] = ["null", field["type"]]
                field.pop("default", None)
            case "rename":
                field["aliases"] = [field["name"]]
                field["name"] += "_new"
            case "widen":
                field["type"] = draw(st.sampled_from(["long", "float", "double", "bytes", "string"]))
                field.pop("default", None)
            case "inner" if isinstance(field["type"], dict):
                field["type"] = evolved_type(draw, field["type"])
                field.pop("default", None)
            case _:
                pass
    if draw(st.booleans()):
        schema["fields"].append({"name": "added", "type": "string", "default": "x"})
    if draw(st.integers(0, 9)) == 0:
        schema["fields"].append({"name": "required", "type": "string"})
    schema["fields"].reverse()
    return schema


def evolved_type(draw: st.DrawFn, node: Json) -> Json:
    match node["type"]:
        case "record":
            return evolved(draw, node)
        case "enum":
            changed = {**node, "symbols": [*node["symbols"][1:], "ADDED"]}
            return {**changed, "default": "ADDED"} if draw(st.booleans()) else changed
        case "array" | "map" if isinstance(node.get("items", node.get("values")), dict):
            key = "items" if "items" in node else "values"
            return {**node, key: evolved_type(draw, node[key])}
        case "fixed":
            return {"type": "fixed", "name": node["name"], "size": node["size"] + draw(st.integers(0, 1))}
        case _:
            return node


@st.composite
def pairs(draw: st.DrawFn) -> tuple[type[Record], type[Record]]:
    """The classes of a writer's schema and of what became of it."""
    writer = draw(contracts())
    text = json.dumps(evolved(draw, json.loads(writer.SCHEMA)))
    try:
        reader = load(Catalog.of_texts({"reader": text}))[writer.SUBJECT]
    except SchemaError:
        reader = writer
    return writer, reader


@MANY
@given(st.data())
def test_an_evolved_schema_reads_what_java_reads(java_avro: JavaAvro, data: st.DataObject) -> None:
    writer, reader = data.draw(pairs())
    body = data.draw(values(writer)).to_avro()
    theirs = java_avro.convert(body, writer=writer.SCHEMA, reader=reader.SCHEMA)
    try:
        ours = reader.from_avro(body, writer=writer.SCHEMA)
    except DecodeError:
        assert theirs is None
    else:
        assert theirs is not None
        assert reader.from_avro(theirs) == ours
