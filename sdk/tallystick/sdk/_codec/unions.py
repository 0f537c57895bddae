"""Unions: which branch a value belongs to, and whether JSON can tell the branches apart."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeAlias

from tallystick.contracts.types import Array, Concrete, Enum, Fixed, Logical, Map, Primitive, Record, Union
from tallystick.sdk._codec.leaf import Value
from tallystick.sdk._codec.leaves import EXACT, leaf
from tallystick.sdk.types import to_float32

if TYPE_CHECKING:
    from decimal import Decimal

    from tallystick.sdk._codec.binding import Binding

__all__ = [
    "Select",
    "concrete_branches",
    "is_beside_text",
    "is_tagged",
    "json_kind",
    "optional_branch",
    "selector",
    "tag",
]

Select: TypeAlias = Callable[[Value], int]
Fits: TypeAlias = Callable[[Value], bool]

_MILLI: Final = 1000
_NULL_AND_ONE: Final = 2
_KINDS: Final = {"array": "array", "map": "object", "record": "object", "enum": "string"}


def concrete_branches(binding: Binding, node: Union) -> list[Concrete]:
    """Return a union's branches, each as its definition."""
    return [binding.schema.resolve(each) for each in node.branches]


def optional_branch(branches: list[Concrete]) -> int | None:
    """Return the index of the branch beside null, where there is one and no other; None otherwise."""
    others = [index for index, each in enumerate(branches) if each.kind != "null"]
    return others[0] if len(branches) == _NULL_AND_ONE and len(others) == 1 else None


# --- in JSON ---------------------------------------------------------------------------------------


def json_kind(node: Concrete) -> str:
    """Return what a type's values are in JSON."""
    return leaf(node).json if isinstance(node, (Primitive, Fixed)) else _KINDS[node.kind]


def tag(node: Concrete) -> str:
    """Return the name under which a branch stands where JSON cannot tell the branches apart."""
    return str(getattr(node, "name", node.kind))


def is_tagged(branches: list[Concrete]) -> bool:
    """Tell whether a union needs `{"<full name>": value}`: two of its branches look alike in JSON."""
    kinds = [json_kind(each) for each in branches if each.kind != "null"]
    return len(kinds) != len(set(kinds))


def is_beside_text(branches: list[Concrete]) -> bool:
    """Tell whether a long's digits would be taken for a branch that is a text."""
    return not is_tagged(branches) and any(json_kind(each) == "string" for each in branches)


# --- in Python -------------------------------------------------------------------------------------


def selector(binding: Binding, branches: list[Concrete]) -> Select:
    """Return the function that finds the first branch which holds a value's class, and the value itself, exactly."""
    table: dict[type, list[tuple[Fits, int]]] = {}
    for index, node in enumerate(branches):
        table.setdefault(_python(binding, node), []).append((_fits(node), index))

    def select(value: Value) -> int:
        for cls in type(value).__mro__:
            for fits, index in table.get(cls, ()):
                if fits(value):
                    return index
        raise TypeError(f"no branch of the union takes a {type(value).__name__}")

    return select


def _python(binding: Binding, node: Concrete) -> type:
    match node:
        case Record():
            return binding.record(node)
        case Enum():
            return binding.enum(node)
        case Array():
            return tuple
        case Map():
            return dict
        case Primitive() | Fixed():
            return leaf(node).python
        case Union():
            raise TypeError("Avro has no union directly inside a union")


def _always(_: Value) -> bool:
    return True


def _fits_float(value: float) -> bool:
    try:
        return to_float32(value) == value
    except OverflowError:
        return False


def _fits_decimal(node: Logical) -> Fits:
    scale, precision = node.scale or 0, node.precision or 0

    def fits(value: Decimal) -> bool:
        unscaled = value.scaleb(scale, EXACT)
        return unscaled == unscaled.to_integral_value() and (not value or value.adjusted() < precision - scale)

    return fits


def _fits(node: Concrete) -> Fits:
    """Return what tells apart branches whose values are of one Python class."""
    match node:
        case Fixed(logical=None, size=size):
            return lambda value: len(value) == size
        case Primitive(logical=None, name="int"):
            return lambda value: -(2**31) <= value < 2**31
        case Primitive(logical=None, name="float"):
            return _fits_float
        case Primitive(logical=Logical(name="time-millis")):
            return lambda value: value.microsecond % _MILLI == 0
        case Primitive() | Fixed() if node.logical is not None and node.logical.name == "decimal":
            return _fits_decimal(node.logical)
        case _:
            return _always
