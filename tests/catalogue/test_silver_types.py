"""The column types that the catalogue shows are those that Spark gives."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.conftest import ROOT

from tallystick.contracts import load_catalog, parse
from tallystick.contracts.contract import Contract
from tallystick.contracts.silver import column_type
from tallystick.contracts.types import Record

if TYPE_CHECKING:
    from pyspark.sql import SparkSession
    from pyspark.sql.types import DataType

pytestmark = pytest.mark.spark


def _logical(kind: str, name: str, **more: int) -> dict[str, Any]:
    return {"type": kind, "logicalType": name, **more}


KINDS: list[Any] = [
    *("boolean", "int", "long", "float", "double", "bytes", "string"),
    {"type": "fixed", "name": "F", "size": 16},
    {"type": "fixed", "name": "D", "size": 8, "logicalType": "decimal", "precision": 12, "scale": 4},
    {"type": "fixed", "name": "U", "size": 12, "logicalType": "duration"},
    {"type": "enum", "name": "E", "symbols": ["UNKNOWN"]},
    _logical("bytes", "decimal", precision=38, scale=9),
    _logical("bytes", "decimal", precision=5),
    _logical("int", "date"),
    _logical("int", "time-millis"),
    _logical("long", "time-micros"),
    _logical("long", "timestamp-millis"),
    _logical("long", "timestamp-micros"),
    _logical("long", "timestamp-nanos"),
    _logical("long", "local-timestamp-millis"),
    _logical("long", "local-timestamp-micros"),
    _logical("string", "uuid"),
    ["null", "long"],
    ["long"],
    ["int", "long"],
    ["float", "null", "double"],
    ["null", "int", "string"],
    ["double", {"type": "array", "items": "int"}],
    {"type": "map", "values": {"type": "array", "items": ["null", "boolean"]}},
]


def shown(kind: DataType) -> str:
    """A type of Spark in the catalogue's words: a record's own fields are columns, a union's members are not."""
    from pyspark.sql.types import ArrayType, MapType, StructType

    match kind:
        case StructType(fields=fields) if fields and fields[0].name == "member0":
            return f"STRUCT<{', '.join(f'{each.name}: {shown(each.dataType)}' for each in fields)}>"
        case StructType():
            return "STRUCT"
        case ArrayType(elementType=inner):
            return f"ARRAY<{shown(inner)}>"
        case MapType(valueType=inner):
            return f"MAP<STRING, {shown(inner)}>"
        case _:
            return kind.simpleString().upper()


def test_every_kind_of_type_is_shown_as_spark_holds_it(spark: SparkSession) -> None:
    from tallystick.streaming.silver.decode import payload_type

    fields = [{"name": f"f{number}", "type": kind} for number, kind in enumerate(KINDS)]
    contract = Contract.of(parse(json.dumps({"type": "record", "name": "R", "fields": fields})), origin="test")
    root = contract.schema.root
    assert isinstance(root, Record)
    told = {each.name: column_type(contract.schema, each.type) for each in root.fields}
    assert told == {each.name: shown(each.dataType) for each in payload_type(spark, contract).fields}


def test_every_column_of_the_contracts_here_is_shown_as_spark_holds_it(spark: SparkSession) -> None:
    from tallystick.streaming.silver.decode import payload_type

    for contract in load_catalog(ROOT / "schemas").messages:
        root = contract.schema.root
        assert isinstance(root, Record)
        told = {each.name: column_type(contract.schema, each.type) for each in root.fields}
        assert told == {each.name: shown(each.dataType) for each in payload_type(spark, contract).fields}
