"""The table of one event type: the contract's columns, and where each row comes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pyspark.sql import functions as sf
from pyspark.sql.types import (
    ArrayType,
    DecimalType,
    DoubleType,
    FloatType,
    IntegerType,
    LongType,
    MapType,
    NullType,
    StructField,
    StructType,
)

from tallystick.contracts.types import Record
from tallystick.streaming.silver.roles import PAYLOAD
from tallystick.streaming.tables import columns_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import DataFrame
    from pyspark.sql.types import DataType

    from tallystick.contracts.contract import Contract

__all__ = ["LEDGER_COLUMNS", "Mismatch", "mismatches", "obstacles", "table_columns", "table_rows"]

# Column of a typed table -> column of the facts. The underscore keeps them apart from the contract's own names.
LEDGER_COLUMNS: Final = {
    "_source": "source",
    "_event_id": "event_id",
    "_event_time": "event_time",
    "_received_at": "received_at",
    "_topic": "topic",
    "_partition": "partition",
    "_offset": "offset",
    "_schema_id": "schema_id",
    "_payload_hash": "payload_hash",
}
_WIDER: Final = {(IntegerType, LongType), (IntegerType, DoubleType), (FloatType, DoubleType)}
_LEDGER: Final = """_source STRING NOT NULL, _event_id STRING NOT NULL, _event_time TIMESTAMP, _received_at TIMESTAMP,
    _topic STRING NOT NULL, _partition INT NOT NULL, _offset BIGINT NOT NULL, _schema_id INT, _payload_hash STRING"""


def table_columns(contract: Contract, shape: StructType) -> StructType:
    """The table's columns; a field that the contract can lose (it has a default) must not be required by the table."""
    root = contract.schema.root
    if not isinstance(root, Record):
        raise TypeError(contract.name)
    required = {field.name for field in root.fields if not field.has_default}
    columns = [
        StructField(column.name, _nullable(column.dataType), column.nullable or column.name not in required)
        for column in shape.fields
    ]
    return StructType([*columns, *columns_of(_LEDGER).fields])


def table_rows(facts: DataFrame) -> DataFrame:
    """The rows of the table, from facts that still have their payload."""
    ledger = (sf.col(source).alias(target) for target, source in LEDGER_COLUMNS.items())
    return facts.select(f"{PAYLOAD}.*", *ledger)


def obstacles(shape: StructType) -> Iterator[str]:
    """Why no Delta table can have this shape; nothing if one can."""
    taken = {column for column in LEDGER_COLUMNS if column in {name.lower() for name in shape.names}}
    yield from (f"the name {name} belongs to Silver" for name in sorted(taken))
    yield from _obstacles(shape, "the record")


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A column that the table holds in another type than the contract says.

    Attributes:
        column: Its path.
        held: The table's type.
        wanted: The contract's type.
        is_wider: Whether every value of the table's type is one of the contract's.
    """

    column: str
    held: str
    wanted: str
    is_wider: bool


def mismatches(held: DataType, wanted: DataType, column: str = "") -> Iterator[Mismatch]:
    """What keeps a table from taking rows of a newer contract; new and missing columns do not."""
    match held, wanted:
        case StructType(), StructType():
            known = {field.name: field.dataType for field in held.fields}
            for field in wanted.fields:
                if field.name in known:
                    yield from mismatches(known[field.name], field.dataType, f"{column}.{field.name}".lstrip("."))
        case ArrayType(), ArrayType():
            yield from mismatches(held.elementType, wanted.elementType, column)
        case MapType(), MapType():
            yield from mismatches(held.valueType, wanted.valueType, column)
        case _ if held != wanted:
            yield Mismatch(column, held.simpleString(), wanted.simpleString(), _is_wider(held, wanted))


def _is_wider(held: DataType, wanted: DataType) -> bool:
    if isinstance(held, DecimalType) and isinstance(wanted, DecimalType):
        digits = wanted.precision - wanted.scale >= held.precision - held.scale
        return digits and wanted.scale >= held.scale
    return (type(held), type(wanted)) in _WIDER


def _obstacles(shape: DataType, where: str) -> Iterator[str]:
    match shape:
        case StructType(fields=fields):
            if not fields:
                yield f"{where} has no field"
            names = [field.name.lower() for field in fields]
            yield from (
                f"{where} has {name} twice, but for case" for name in sorted(set(names)) if names.count(name) > 1
            )
            for field in fields:
                yield from _obstacles(field.dataType, field.name)
        case ArrayType(elementType=inner) | MapType(valueType=inner):
            yield from _obstacles(inner, where)
        case NullType():
            yield f"{where} can only be null"
        case _:
            return


def _nullable(shape: DataType) -> DataType:
    """The type with all inside it nullable: what is required there is the contract's promise, not the table's."""
    match shape:
        case StructType(fields=fields):
            return StructType([StructField(field.name, _nullable(field.dataType)) for field in fields])
        case ArrayType(elementType=inner):
            return ArrayType(_nullable(inner))
        case MapType(keyType=key, valueType=value):
            return MapType(key, _nullable(value))
        case _:
            return shape
