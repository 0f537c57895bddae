"""Logical types: which properties make one, and which underlying types can carry it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, TypeGuard

from tallystick.contracts.types import Logical, Props

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["logical_type"]

_UUID_SIZE: Final = 16
_DURATION_SIZE: Final = 12
_MAX_INT: Final = 2**31 - 1
_LONGS: Final = (
    *("time-micros", "timestamp-millis", "timestamp-micros", "timestamp-nanos"),
    *("local-timestamp-millis", "local-timestamp-micros", "local-timestamp-nanos"),
)
# Properties by which Java picks a class of its own for the values: it then ignores the logical type.
_CLASS_PROPS: Final = ("avro.java.string", "java-class", "java-key-class", "java-element-class")

_CARRIERS: Final[dict[str, Callable[[str, int], bool]]] = {
    "decimal": lambda kind, _: kind in {"bytes", "fixed"},
    "big-decimal": lambda kind, _: kind == "bytes",
    "uuid": lambda kind, size: kind == "string" or (kind == "fixed" and size == _UUID_SIZE),
    "duration": lambda kind, size: kind == "fixed" and size == _DURATION_SIZE,
    "date": lambda kind, _: kind == "int",
    "time-millis": lambda kind, _: kind == "int",
    **dict.fromkeys(_LONGS, lambda kind, _: kind == "long"),
}


def logical_type(kind: str, props: Props, *, size: int = 0) -> Logical | None:
    """Return the logical type that Avro reads from a type's properties; None where it ignores it."""
    name = props.get("logicalType")
    if not isinstance(name, str) or name not in _CARRIERS or not _CARRIERS[name](kind, size):
        return None
    if any(isinstance(props.get(key), str) for key in _CLASS_PROPS):
        return None
    return _decimal(props, kind, size) if name == "decimal" else Logical(name)


def _decimal(props: Props, kind: str, size: int) -> Logical | None:
    precision, scale = props.get("precision"), props.get("scale", 0)
    if not (_is_int(precision) and _is_int(scale)):
        return None
    limit = _digits(size) if kind == "fixed" else _MAX_INT
    if not 0 < precision <= limit or not 0 <= scale <= precision:
        return None
    return Logical("decimal", precision, scale)


def _is_int(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and -_MAX_INT - 1 <= value <= _MAX_INT


def _digits(size: int) -> int:
    """Return how many decimal digits fit into so many bytes."""
    bits = (8 * size - 1 + 2**31) % 2**32 - 2**31  # Java computes in 32 bits, and overflows
    return math.floor(math.log10(2) * bits)
