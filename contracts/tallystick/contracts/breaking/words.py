"""Types, paths and values of a contract in few words, as messages and accepted breaks quote them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from tallystick.contracts.types import MISSING, Array, Enum, Fixed, Map, Primitive, Record, Ref, Type, Union

if TYPE_CHECKING:
    from tallystick.contracts.roles import FieldPath
    from tallystick.contracts.types import Json, Missing

__all__ = ["default_words", "dotted", "listed", "type_words", "value_words"]

_LONGEST: Final = 120


def type_words(node: Type) -> str:
    """A type as people say it, such as `decimal(18, 2)` or `["null", string]`."""
    match node:
        case Primitive() | Fixed():
            return _leaf(node)
        case Record() | Enum():
            return f"{node.kind} {node.name}"
        case Ref():
            return node.name
        case Array():
            return f"array of {type_words(node.items)}"
        case Map():
            return f"map of {type_words(node.values)}"
        case Union():
            return f"[{', '.join(type_words(each) for each in node.branches)}]"


def _leaf(node: Primitive | Fixed) -> str:
    plain = f"fixed({node.size}) {node.name}" if isinstance(node, Fixed) else node.name
    logical = node.logical
    if logical is None:
        return plain
    if logical.name == "decimal":
        told = f"decimal({logical.precision}, {logical.scale or 0})"
        return f"{told} in {plain}" if isinstance(node, Fixed) else told
    return f"{plain} {logical.name}"


def dotted(path: FieldPath) -> str:
    """A path as a person writes it: `lines[].unit_price`."""
    return ".".join(path).replace(".[]", "[]")


def value_words(value: Json) -> str:
    """A JSON value on one line, not without end."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 4]} ..."


def default_words(value: Json | Missing) -> str:
    """A default, or that there is none."""
    return "no default" if value is MISSING else value_words(value)


def listed(names: tuple[str, ...] | list[str]) -> str:
    """Names in a row, not without end."""
    text = ", ".join(names)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 4]} ..."
