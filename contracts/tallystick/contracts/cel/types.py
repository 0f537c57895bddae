"""Types of expressions: what a rule may say about a field."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["ANY", "BOOL", "DOUBLE", "NULL", "STRING", "TIMESTAMP", "CelType", "exact", "integer"]

_EXACT: Final = frozenset(("int", "decimal"))


@dataclass(frozen=True, slots=True, kw_only=True)
class CelType:
    """A type of values.

    Attributes:
        kind: bool, int, double, decimal, string, bytes, timestamp, date, list, map, record, null or any.
        told: What people call it, where the kind says too little.
        is_nullable: Whether null is one of the values.
        digits: Most digits before the point, of an int or decimal.
        scale: Digits behind the point, of a decimal.
        item: What a list or map holds.
        members: A record's fields; a function, since records may hold themselves.
        symbols: An enum's symbols (an enum is a string).
    """

    kind: str
    told: str = ""
    is_nullable: bool = False
    digits: int = 19
    scale: int = 0
    item: CelType | None = None
    members: Callable[[], Mapping[str, CelType]] | None = None
    symbols: tuple[str, ...] = ()

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
NULL: Final = CelType(kind="null", is_nullable=True)
ANY: Final = CelType(kind="any", is_nullable=False)


def integer(digits: int = 19) -> CelType:
    """A 64-bit integer, of which so many digits are known to be used at most."""
    return CelType(kind="int", digits=digits)


def exact(digits: int, scale: int) -> CelType:
    """A decimal with so many digits before and behind the point."""
    return CelType(kind="decimal", digits=digits, scale=scale)
