"""Types of expressions: what a rule may say about a field."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = [
    "ANY",
    "BOOL",
    "DOUBLE",
    "DURATION",
    "NULL",
    "STRING",
    "TIMESTAMP",
    "CelType",
    "exact",
    "integer",
    "leaf_type",
    "opaque",
]

_EXACT: Final = frozenset(("int", "decimal"))


@dataclass(frozen=True, slots=True, kw_only=True)
class CelType:
    """A type of values.

    Attributes:
        kind: bool, int, double, decimal, string, bytes, timestamp, duration, date, list, map, record, opaque,
            null or any.
        told: What people call it, where the kind says too little.
        is_nullable: Whether null is one of the values.
        digits: Most digits before the point, of an int or decimal.
        scale: Digits behind the point, of a decimal.
        item: What a list or map holds.
        members: A record's fields; a function, since records may hold themselves.
        symbols: An enum's symbols (an enum is a string).
        record: A record's full name.
        is_uuid: Whether Python holds the string as a UUID.
    """

    kind: str
    told: str = ""
    is_nullable: bool = False
    digits: int = 19
    scale: int = 0
    item: CelType | None = None
    members: Callable[[], Mapping[str, CelType]] | None = None
    symbols: tuple[str, ...] = ()
    record: str = ""
    is_uuid: bool = False

    @property
    def name(self) -> str:
        """What people call it."""
        return self.told or self.kind

    @property
    def is_exact(self) -> bool:
        """Whether it is a number without rounding."""
        return self.kind in _EXACT

    @property
    def is_number(self) -> bool:
        """Whether it is a number."""
        return self.is_exact or self.kind == "double"

    def required(self) -> CelType:
        """The same without null."""
        return replace(self, is_nullable=False)


BOOL: Final = CelType(kind="bool", told="boolean")
STRING: Final = CelType(kind="string")
DOUBLE: Final = CelType(kind="double")
TIMESTAMP: Final = CelType(kind="timestamp")
DURATION: Final = CelType(kind="duration")
NULL: Final = CelType(kind="null", is_nullable=True)
ANY: Final = CelType(kind="any", is_nullable=False)


def integer(digits: int = 19) -> CelType:
    """A 64-bit integer, of which so many digits are known to be used at most."""
    return CelType(kind="int", digits=digits)


def exact(digits: int, scale: int) -> CelType:
    """A decimal with so many digits before and behind the point."""
    return CelType(kind="decimal", digits=digits, scale=scale)


def opaque(told: str) -> CelType:
    """What engines hold in forms that do not compare alike; a rule may ask no more than whether it is null."""
    return CelType(kind="opaque", told=told)


_LEAVES: Final[Mapping[tuple[str, str | None], CelType]] = {
    ("null", None): NULL,
    ("boolean", None): BOOL,
    ("int", None): integer(10),
    ("long", None): integer(19),
    ("float", None): DOUBLE,
    ("double", None): DOUBLE,
    ("bytes", None): CelType(kind="bytes"),
    ("fixed", None): CelType(kind="bytes"),
    ("string", None): STRING,
    ("long", "timestamp-millis"): TIMESTAMP,
    ("long", "timestamp-micros"): TIMESTAMP,
    ("int", "date"): CelType(kind="date"),
    ("string", "uuid"): CelType(kind="string", told="uuid", is_uuid=True),
    ("fixed", "uuid"): opaque("uuid of 16 bytes"),
    ("int", "time-millis"): opaque("time of day"),
    ("long", "time-micros"): opaque("time of day"),
    ("long", "local-timestamp-millis"): opaque("time without zone"),
    ("long", "local-timestamp-micros"): opaque("time without zone"),
}


def leaf_type(kind: str, logical: str | None, precision: int | None = None, scale: int | None = None) -> CelType:
    """What a rule may say about a primitive or fixed of Avro; a logical type that nobody carries changes nothing."""
    if logical == "decimal" and precision is not None and kind in {"bytes", "fixed"}:
        return exact(max(1, precision - (scale or 0)), scale or 0)
    return _LEAVES.get((kind, logical)) or _LEAVES.get((kind, None), ANY)
