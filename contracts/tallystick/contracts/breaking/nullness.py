"""What a type holds, with and beside null."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tallystick.contracts.types import Union

if TYPE_CHECKING:
    from tallystick.contracts.schema import Schema
    from tallystick.contracts.types import Concrete, Type

__all__ = ["has_null", "values_of"]


def has_null(node: Type, schema: Schema) -> bool:
    """Whether null is one of a type's values."""
    here = schema.resolve(node)
    return isinstance(here, Union) and any(schema.resolve(each).kind == "null" for each in here.branches)


def values_of(node: Type, schema: Schema) -> list[Concrete]:
    """The types of its values that are not null."""
    here = schema.resolve(node)
    branches = [schema.resolve(each) for each in here.branches] if isinstance(here, Union) else [here]
    return [each for each in branches if each.kind != "null"]
