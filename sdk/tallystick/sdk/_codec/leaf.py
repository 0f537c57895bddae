"""What is said of each Avro type that holds no other, and the words of its JSON form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from pydantic_core import core_schema

__all__ = [
    "DATE",
    "DECIMAL",
    "EXPECTED_BY_PATTERN",
    "LOCAL_TIMESTAMP",
    "TIME",
    "TIMESTAMP",
    "UUID_TEXT",
    "Convert",
    "Leaf",
    "Value",
    "text_schema",
]

Value: TypeAlias = Any  # whatever Python class a schema says
Convert: TypeAlias = Callable[[Value], Value]

_DAY: Final = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_CLOCK: Final = r"[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?"
DATE: Final = f"^{_DAY}$"
TIME: Final = f"^{_CLOCK}$"
TIMESTAMP: Final = f"^{_DAY}[Tt]{_CLOCK}([Zz]|[+-][0-9]{{2}}:[0-9]{{2}})$"
LOCAL_TIMESTAMP: Final = f"^{_DAY}[Tt]{_CLOCK}$"
DECIMAL: Final = r"^-?[0-9]+(\.[0-9]+)?$"
UUID_TEXT: Final = "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"

EXPECTED_BY_PATTERN: Final = {
    DATE: 'date, as "2026-11-22"',
    TIME: 'time of day, as "09:30:00"',
    TIMESTAMP: 'time with offset, as "2026-11-22T09:30:00Z"',
    LOCAL_TIMESTAMP: 'time without offset, as "2026-11-22T09:30:00"',
    DECIMAL: 'decimal, as "12.50"',
    UUID_TEXT: 'uuid, as "0d6f7f0c-54d5-4e2c-8f3a-8c1f5d7b9e11"',
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """How one type is carried.

    Attributes:
        python: The class of its values.
        json: Their kind in JSON.
        raw: The Avro type that carries the bytes.
        schema: Reads the JSON form.
        dump: Value to raw value; None if they are the same.
        load: Raw value to value; None if they are the same.
        plain: Value to JSON; None if they are the same.
        family: Logical types of one family can be read as each other, each in its own unit.
    """

    python: type
    json: str
    raw: str
    schema: core_schema.CoreSchema
    dump: Convert | None = None
    load: Convert | None = None
    plain: Convert | None = None
    family: str = ""


def text_schema(pattern: str | None = None) -> core_schema.StringSchema:
    """Read a JSON string; a length limit, however large, makes pydantic refuse lone surrogates."""
    return core_schema.str_schema(strict=True, pattern=pattern, max_length=2**31 - 1)
