"""Whether a JSON value is a legal default for a type, as Java's parser sees it: a gate, no lint."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, TypeAlias

from tallystick.contracts._trampoline import Step
from tallystick.contracts.types import MISSING, Array, Json, Map, Missing, Record, Ref, Type, Union

__all__ = ["Lookup", "is_legal_default"]

Lookup: TypeAlias = Callable[[Ref], Type]


def _is_int(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


_SCALARS: Final[dict[str, Callable[[Json], bool]]] = {
    "null": lambda value: value is None,
    "boolean": lambda value: isinstance(value, bool),
    "int": lambda value: _is_int(value) and -(2**31) <= value < 2**31,  # type: ignore[operator]
    "long": lambda value: _is_int(value) and -(2**63) <= value < 2**63,  # type: ignore[operator]
    "float": lambda value: _is_int(value) or isinstance(value, float),
    "double": lambda value: _is_int(value) or isinstance(value, float),
    **dict.fromkeys(("string", "bytes", "enum", "fixed"), lambda value: isinstance(value, str)),
}


def is_legal_default(node: Type, value: Json | Missing, lookup: Lookup) -> Step[bool]:
    """Tell whether a value fits a type; of a union, any branch."""
    if isinstance(node, Ref):
        node = lookup(node)
    if isinstance(node, Union):
        for branch in node.branches:
            if (yield is_legal_default(branch, value, lookup)):
                return True
        return False
    if isinstance(node, (Array, Map, Record)):
        parts = _parts(node, value)
        if parts is None:
            return False
        for inner, part in parts:
            if not (yield is_legal_default(inner, part, lookup)):
                return False
        return True
    return value is not MISSING and _SCALARS[node.kind](value)


def _parts(node: Array | Map | Record, value: Json | Missing) -> Iterable[tuple[Type, Json | Missing]] | None:
    """Pair the values inside a value with their types; None if it is no such container."""
    match node, value:
        case Array(), list():
            return ((node.items, each) for each in value)
        case Map(), dict():
            return ((node.values, each) for each in value.values())
        case Record(), dict():
            return ((each.type, value.get(each.name, each.default)) for each in node.fields)
        case _:
            return None
