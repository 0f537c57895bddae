"""The Avro types that hold no other: as Python values, as Avro's raw values and in JSON."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal
from functools import partial
from typing import Any, Final, TypeAlias
from uuid import UUID

from pydantic_core import PydanticCustomError, core_schema

from tallystick.contracts.types import Fixed, Primitive
from tallystick.sdk.types import FLOAT32_MAX, to_float32

__all__ = ["EXACT", "EXPECTED_BY_PATTERN", "LONG_SCHEMA", "Convert", "Leaf", "Value", "leaf", "text_schema"]

Value: TypeAlias = Any  # whatever Python class a schema says
Convert: TypeAlias = Callable[[Value], Value]

_SAFE_INTEGER: Final = 2**53 - 1
_INT_BITS: Final = 31
_LONG_BITS: Final = 63
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LOCAL_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 - a local timestamp has no zone
_EPOCH_DAY: Final = _EPOCH.toordinal()
_MICROS_PER_SECOND: Final = 1_000_000
_SECONDS_PER_DAY: Final = 86_400
_MICROS_PER_DAY: Final = _SECONDS_PER_DAY * _MICROS_PER_SECOND
EXACT: Final = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN)

_DAY: Final = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_CLOCK: Final = r"[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?"
_DATE: Final = f"^{_DAY}$"
_TIME: Final = f"^{_CLOCK}$"
_TIMESTAMP: Final = f"^{_DAY}[Tt]{_CLOCK}([Zz]|[+-][0-9]{{2}}:[0-9]{{2}})$"
_LOCAL_TIMESTAMP: Final = f"^{_DAY}[Tt]{_CLOCK}$"
_DECIMAL: Final = r"^-?[0-9]+(\.[0-9]+)?$"
_UUID: Final = "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"
_BIG_DIGITS: Final = re.compile(r"-?[1-9][0-9]{15,18}")

EXPECTED_BY_PATTERN: Final = {
    _DATE: 'date, as "2026-11-22"',
    _TIME: 'time of day, as "09:30:00"',
    _TIMESTAMP: 'time with offset, as "2026-11-22T09:30:00Z"',
    _LOCAL_TIMESTAMP: 'time without offset, as "2026-11-22T09:30:00"',
    _DECIMAL: 'decimal, as "12.50"',
    _UUID: 'uuid, as "0d6f7f0c-54d5-4e2c-8f3a-8c1f5d7b9e11"',
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


def leaf(node: Primitive | Fixed) -> Leaf:
    """Return how a type is carried; a logical type that Python has no exact class for counts as its underlying one."""
    logical = node.logical
    if logical is not None and logical.name == "decimal":
        return _decimal(logical.precision or 0, logical.scale or 0, node)
    if logical is not None and (node.kind, logical.name) in _LOGICAL:
        return _LOGICAL[node.kind, logical.name]
    return _fixed(node.size) if isinstance(node, Fixed) else _PRIMITIVE[node.kind]


# --- decimals ------------------------------------------------------------------------------------


def _decimal(precision: int, scale: int, node: Primitive | Fixed) -> Leaf:
    size = node.size if isinstance(node, Fixed) else None
    return Leaf(
        python=Decimal,
        json="string",
        raw=node.kind,
        schema=core_schema.chain_schema(
            [text_schema(_DECIMAL), core_schema.decimal_schema(max_digits=precision, decimal_places=scale)]
        ),
        dump=partial(_dump_decimal, scale, size),
        load=partial(_load_decimal, scale),
        plain=f"{{:.{scale}f}}".format,
        family="decimal",
    )


def _dump_decimal(scale: int, size: int | None, value: Decimal) -> bytes:
    unscaled = int(value.scaleb(scale, EXACT))
    if size is None:  # as few bytes as two's complement allows, like Java's BigInteger
        size = (~unscaled if unscaled < 0 else unscaled).bit_length() // 8 + 1
    return unscaled.to_bytes(size, "big", signed=True)


def _load_decimal(scale: int, raw: bytes) -> Decimal:
    return Decimal(int.from_bytes(raw, "big", signed=True)).scaleb(-scale, EXACT)


# --- times: whole microseconds throughout, never a float --------------------------------------------


def _micros(delta: timedelta) -> int:
    return (delta.days * _SECONDS_PER_DAY + delta.seconds) * _MICROS_PER_SECOND + delta.microseconds


def _dump_timestamp(epoch: datetime, unit: int, value: datetime) -> int:
    return _micros(value - epoch) // unit


def _load_timestamp(epoch: datetime, unit: int, raw: int) -> datetime:
    return epoch + timedelta(microseconds=raw * unit)


def _plain_timestamp(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _dump_time(unit: int, value: time) -> int:
    seconds = (value.hour * 60 + value.minute) * 60 + value.second
    return (seconds * _MICROS_PER_SECOND + value.microsecond) // unit


def _load_time(unit: int, raw: int) -> time:
    if not 0 <= raw * unit < _MICROS_PER_DAY:
        raise ValueError("a time of day is outside its day")
    return (_LOCAL_EPOCH + timedelta(microseconds=raw * unit)).time()


def _floor(unit: int) -> Convert:
    def floor(value: Value) -> Value:
        return value.replace(microsecond=value.microsecond // unit * unit)

    return floor


def _moment(pattern: str, parse: core_schema.CoreSchema, unit: int) -> core_schema.CoreSchema:
    """Read a text as a moment; digits finer than the unit are cut off."""
    chain = core_schema.chain_schema([text_schema(pattern), parse])
    return chain if unit == 1 else core_schema.no_info_after_validator_function(_floor(unit), chain)


def _timestamp(unit: int) -> Leaf:
    return Leaf(
        python=datetime,
        json="string",
        raw="long",
        schema=_moment(_TIMESTAMP, core_schema.datetime_schema(tz_constraint="aware"), unit),
        dump=partial(_dump_timestamp, _EPOCH, unit),
        load=partial(_load_timestamp, _EPOCH, unit),
        plain=_plain_timestamp,
        family="timestamp",
    )


def _local_timestamp(unit: int) -> Leaf:
    return Leaf(
        python=datetime,
        json="string",
        raw="long",
        schema=_moment(_LOCAL_TIMESTAMP, core_schema.datetime_schema(tz_constraint="naive"), unit),
        dump=partial(_dump_timestamp, _LOCAL_EPOCH, unit),
        load=partial(_load_timestamp, _LOCAL_EPOCH, unit),
        plain=datetime.isoformat,
        family="local-timestamp",
    )


def _time(raw: str, unit: int) -> Leaf:
    return Leaf(
        python=time,
        json="string",
        raw=raw,
        schema=_moment(_TIME, core_schema.time_schema(), unit),
        dump=partial(_dump_time, unit),
        load=partial(_load_time, unit),
        plain=time.isoformat,
        family="time",
    )


# --- bytes and numbers -----------------------------------------------------------------------------


def _from_base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise PydanticCustomError("base64", "Input should be base64") from None


def _to_base64(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


def _bytes_schema(size: int | None = None) -> core_schema.CoreSchema:
    decoded = core_schema.no_info_after_validator_function(_from_base64, text_schema())
    return core_schema.chain_schema([decoded, core_schema.bytes_schema(min_length=size, max_length=size)])


def _fixed(size: int) -> Leaf:
    return Leaf(python=bytes, json="string", raw="fixed", schema=_bytes_schema(size), plain=_to_base64)


def _integer_schema(bits: int) -> core_schema.CoreSchema:
    return core_schema.int_schema(strict=True, ge=-(2**bits), le=2**bits - 1)


LONG_SCHEMA: Final = _integer_schema(_LONG_BITS)


def _from_digits(value: Value) -> Value:
    """Take the digits that JavaScript has to write for a long that its numbers cannot hold."""
    if isinstance(value, str) and _BIG_DIGITS.fullmatch(value) and abs(number := int(value)) > _SAFE_INTEGER:
        return number
    return value


def _plain_long(value: int) -> int | str:
    return value if -_SAFE_INTEGER <= value <= _SAFE_INTEGER else str(value)


def _float_schema(limit: float | None = None) -> core_schema.CoreSchema:
    low = None if limit is None else -limit
    return core_schema.float_schema(strict=True, allow_inf_nan=False, ge=low, le=limit)


_PRIMITIVE: Final[dict[str, Leaf]] = {
    "null": Leaf(python=type(None), json="null", raw="null", schema=core_schema.none_schema()),
    "boolean": Leaf(python=bool, json="boolean", raw="boolean", schema=core_schema.bool_schema(strict=True)),
    "int": Leaf(python=int, json="number", raw="int", schema=_integer_schema(_INT_BITS)),
    "long": Leaf(
        python=int,
        json="number",
        raw="long",
        schema=core_schema.no_info_before_validator_function(_from_digits, LONG_SCHEMA),
        plain=_plain_long,
    ),
    "float": Leaf(
        python=float,
        json="number",
        raw="float",
        schema=core_schema.no_info_after_validator_function(to_float32, _float_schema(FLOAT32_MAX)),
    ),
    "double": Leaf(python=float, json="number", raw="double", schema=_float_schema()),
    "bytes": Leaf(python=bytes, json="string", raw="bytes", schema=_bytes_schema(), plain=_to_base64),
    "string": Leaf(python=str, json="string", raw="string", schema=text_schema()),
}


def _uuid(raw: str, dump: Convert, load: Convert) -> Leaf:
    return Leaf(
        python=UUID,
        json="string",
        raw=raw,
        schema=core_schema.chain_schema([text_schema(_UUID), core_schema.uuid_schema()]),
        dump=dump,
        load=load,
        plain=str,
        family="uuid",
    )


_LOGICAL: Final[dict[tuple[str, str], Leaf]] = {
    ("string", "uuid"): _uuid("string", str, UUID),
    ("fixed", "uuid"): _uuid("fixed", lambda value: value.bytes, lambda raw: UUID(bytes=raw)),
    ("int", "date"): Leaf(
        python=date,
        json="string",
        raw="int",
        schema=core_schema.chain_schema([text_schema(_DATE), core_schema.date_schema()]),
        dump=lambda value: value.toordinal() - _EPOCH_DAY,
        load=lambda raw: date.fromordinal(raw + _EPOCH_DAY),
        plain=date.isoformat,
        family="date",
    ),
    ("int", "time-millis"): _time("int", 1000),
    ("long", "time-micros"): _time("long", 1),
    ("long", "timestamp-millis"): _timestamp(1000),
    ("long", "timestamp-micros"): _timestamp(1),
    ("long", "local-timestamp-millis"): _local_timestamp(1000),
    ("long", "local-timestamp-micros"): _local_timestamp(1),
}
