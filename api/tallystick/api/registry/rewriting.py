"""Rebuilding a schema with changes to its types and fields."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tallystick.api.registry.errors import InvalidSchemaError
from tallystick.contracts.types import Array, Field, Map, Record, Union

if TYPE_CHECKING:
    from collections.abc import Callable

    from tallystick.contracts.types import Type

__all__ = ["rewritten"]


def rewritten(root: Type, on_type: Callable[[Type], Type], on_field: Callable[[Field, str], Field]) -> Type:
    """Rebuild a schema from the inside out.

    Args:
        root: The schema.
        on_type: Changes a type whose parts are changed already.
        on_field: Changes a field; it is told the field's path, `full.name.of.Record.field`.

    Raises:
        InvalidSchemaError: The schema is nested too deeply for this.
    """
    try:
        return _rewritten(root, on_type, on_field)
    except RecursionError:
        raise InvalidSchemaError("Invalid schema of type AVRO, details: the schema is nested too deeply") from None


def _rewritten(node: Type, on_type: Callable[[Type], Type], on_field: Callable[[Field, str], Field]) -> Type:
    def inner(part: Type) -> Type:
        return _rewritten(part, on_type, on_field)

    match node:
        case Record():
            fields = tuple(
                on_field(replace(field, type=inner(field.type)), f"{node.name}.{field.name}") for field in node.fields
            )
            return on_type(replace(node, fields=fields))
        case Array():
            return on_type(replace(node, items=inner(node.items)))
        case Map():
            return on_type(replace(node, values=inner(node.values)))
        case Union():
            return on_type(Union(tuple(inner(branch) for branch in node.branches)))
        case _:
            return on_type(node)
