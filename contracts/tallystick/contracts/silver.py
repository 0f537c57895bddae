"""How Silver holds a contract: the name of its table, and the types of its columns.

The types are those that Spark's Avro reader gives; the tests hold this table against it. It stands here so that the
catalogue and the checks of contracts need no Spark.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tallystick.contracts.types import Array, Enum, Fixed, Map, Primitive, Record, Ref, Type, Union

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tallystick.contracts.schema import Schema

__all__ = ["column_type", "typed_table_name"]

_PLAIN: Final[Mapping[str, str]] = {
    "null": "VOID",
    "boolean": "BOOLEAN",
    "int": "INT",
    "long": "BIGINT",
    "float": "FLOAT",
    "double": "DOUBLE",
    "bytes": "BINARY",
    "fixed": "BINARY",
    "string": "STRING",
}
# (underlying type, logical type) -> column type; any other logical type leaves the underlying one.
_LOGICAL: Final[Mapping[tuple[str, str], str]] = {
    ("int", "date"): "DATE",
    ("long", "timestamp-millis"): "TIMESTAMP",
    ("long", "timestamp-micros"): "TIMESTAMP",
    ("long", "local-timestamp-millis"): "TIMESTAMP_NTZ",
    ("long", "local-timestamp-micros"): "TIMESTAMP_NTZ",
}
# Two branches that one column type holds.
_WIDEST: Final[Mapping[frozenset[str], str]] = {
    frozenset({"int", "long"}): "BIGINT",
    frozenset({"float", "double"}): "DOUBLE",
}


def typed_table_name(contract: str) -> str:
    """The table of one event type: `shop.OrderCompleted` becomes `shop_order_completed`."""
    return "".join(_snake(contract))


def column_type(schema: Schema, node: Type) -> str:
    """The column type of an Avro type in Spark's SQL; a record is `STRUCT`, whose fields are columns of their own.

    Args:
        schema: The schema that the type stands in.
        node: The type.
    """
    match schema.resolve(node) if isinstance(node, Ref) else node:
        case Record():
            return "STRUCT"
        case Enum():
            return "STRING"
        case Array(items=inner):
            return f"ARRAY<{column_type(schema, inner)}>"
        case Map(values=inner):
            return f"MAP<STRING, {column_type(schema, inner)}>"
        case Union(branches=branches):
            return _union(schema, branches)
        case (Primitive() | Fixed()) as leaf:
            return _leaf(leaf)
        case _ as other:
            raise TypeError(other)


def _leaf(node: Primitive | Fixed) -> str:
    logical = node.logical
    if logical is None:
        return _PLAIN[node.kind]
    if logical.name == "decimal":
        return f"DECIMAL({logical.precision},{logical.scale or 0})"
    return _LOGICAL.get((node.kind, logical.name), _PLAIN[node.kind])


def _union(schema: Schema, branches: tuple[Type, ...]) -> str:
    """Null is no branch, for every column may be null; several others become a struct with a member for each."""
    others = [schema.resolve(each) for each in branches]
    others = [each for each in others if each.kind != "null"]
    if len(others) <= 1:
        return column_type(schema, others[0]) if others else "VOID"
    if widest := _WIDEST.get(frozenset(each.kind for each in others)):
        return widest
    members = (f"member{index}: {column_type(schema, each)}" for index, each in enumerate(others))
    return f"STRUCT<{', '.join(members)}>"


def _snake(name: str) -> list[str]:
    """Break before a capital that starts a word; a run of capitals is one word."""
    result: list[str] = []
    for index, letter in enumerate(name):
        before, after = name[index - 1 : index], name[index + 1 : index + 2]
        starts_word = letter.isupper() and (
            before.islower() or before.isdigit() or (before.isupper() and after.islower())
        )
        result.append(f"_{letter.lower()}" if starts_word else "_" if letter == "." else letter.lower())
    return result
