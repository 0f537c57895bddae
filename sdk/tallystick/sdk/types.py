"""The words that generated classes use for Avro's types: bounds, sizes and times, checked at construction.

Each word is a plain Python type to a type checker, and more to pydantic: `Int32` is an `int` that fits into 32 bits.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Final, Never, NoReturn, TypeAlias, TypeVar, get_args

from pydantic import AfterValidator, AwareDatetime, Field, NaiveDatetime
from pydantic_core import PydanticCustomError, core_schema

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler

__all__ = [
    "FLOAT32_MAX",
    "Array",
    "Date",
    "Float32",
    "Int32",
    "Int64",
    "LocalTimestamp",
    "LocalTimestampMillis",
    "Map",
    "Nothing",
    "Precision",
    "Size",
    "Time",
    "TimeMillis",
    "Timestamp",
    "TimestampMillis",
    "avro_enum",
    "enum_name",
    "nothing_schema",
    "to_float32",
]

T = TypeVar("T")
E = TypeVar("E", bound=type[StrEnum])
W = TypeVar("W", datetime, time)

FLOAT32_MAX: Final = (2 - 2**-23) * 2.0**127
_MILLI: Final = 1000
_FLOAT: Final = struct.Struct("<f")


class _Tuple:
    """Takes a list or a tuple and keeps a tuple, so that a frozen record is frozen all through."""

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.tuple_variable_schema(handler.generate_schema(get_args(source)[0]), strict=False)


class _Dict:
    """Takes a dict: its read-only face is for type checkers."""

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        values = handler.generate_schema(get_args(source)[1])
        return core_schema.dict_schema(handler.generate_schema(str), values, strict=True)


@dataclass(frozen=True, slots=True)
class Size:
    """The number of bytes that an Avro `fixed` has."""

    size: int

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.bytes_schema(strict=True, min_length=self.size, max_length=self.size)


@dataclass(frozen=True, slots=True)
class Precision:
    """The digits of an Avro `decimal`: how many in all, and how many of them behind the point.

    A value with more is refused, never rounded; a float is refused because its digits are already wrong.
    """

    precision: int
    scale: int = 0

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.decimal_schema(
            strict=True, allow_inf_nan=False, max_digits=self.precision, decimal_places=self.scale
        )


class _Refused:
    """Takes nothing."""

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return nothing_schema()


def nothing_schema() -> core_schema.CoreSchema:
    """Refuse every value, as a union without branches does, or an enum without symbols."""

    def refuse(_: object) -> NoReturn:
        raise PydanticCustomError("nothing_type", "Input should be nothing at all")

    return core_schema.no_info_plain_validator_function(refuse)


def _to_millis(moment: W) -> W:
    return moment.replace(microsecond=moment.microsecond // _MILLI * _MILLI)


def to_float32(value: float) -> float:
    """Return the nearest number that 32 bits can hold, so that a record is what its bytes will be."""
    nearest: float = _FLOAT.unpack(_FLOAT.pack(value))[0]
    return nearest


def _without_zone(moment: time) -> time:
    if moment.tzinfo is not None:
        raise PydanticCustomError("timezone_naive", "Input should not have timezone info")
    return moment


Int32: TypeAlias = Annotated[int, Field(ge=-(2**31), le=2**31 - 1)]
Int64: TypeAlias = Annotated[int, Field(ge=-(2**63), le=2**63 - 1)]
Float32: TypeAlias = Annotated[float, Field(ge=-FLOAT32_MAX, le=FLOAT32_MAX), AfterValidator(to_float32)]
Array: TypeAlias = Annotated[Sequence[T], _Tuple()]
Map: TypeAlias = Annotated[Mapping[str, T], _Dict()]
Nothing: TypeAlias = Annotated[Never, _Refused()]
Date: TypeAlias = date
Time: TypeAlias = Annotated[time, AfterValidator(_without_zone)]
TimeMillis: TypeAlias = Annotated[Time, AfterValidator(_to_millis)]
Timestamp: TypeAlias = AwareDatetime
TimestampMillis: TypeAlias = Annotated[AwareDatetime, AfterValidator(_to_millis)]
LocalTimestamp: TypeAlias = NaiveDatetime
LocalTimestampMillis: TypeAlias = Annotated[NaiveDatetime, AfterValidator(_to_millis)]


def avro_enum(name: str) -> Callable[[E], E]:
    """Mark an enum as the one that Avro knows by this full name."""

    def mark(cls: E) -> E:
        cls.__avro_name__ = name  # type: ignore[attr-defined]  # a symbol may bear any plain name
        return cls

    return mark


def enum_name(cls: type[StrEnum]) -> str:
    """Return the full name under which Avro knows a generated enum."""
    name: str = cls.__avro_name__  # type: ignore[attr-defined]  # set by `avro_enum`
    return name
