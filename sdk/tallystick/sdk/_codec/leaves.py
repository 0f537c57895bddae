"""The Avro types that hold no other: as Python values, as Avro's raw values and in JSON."""

from __future__ import annotations

import base64
import binascii
import re
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal
from functools import partial
from typing import Final
from uuid import UUID

from pydantic_core import PydanticCustomError, core_schema

from tallystick.contracts.types import Fixed, Primitive
from tallystick.sdk._codec.leaf import DECIMAL, UUID_TEXT, Convert, Leaf, Value, text_schema
from tallystick.sdk._codec.moments import MOMENTS
from tallystick.sdk.types import FLOAT32_MAX, to_float32

__all__ = ["EXACT", "LONG_SCHEMA", "leaf"]

EXACT: Final = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN)

_SAFE_INTEGER: Final = 2**53 - 1
_INT_BITS: Final = 31
_LONG_BITS: Final = 63
_BIG_DIGITS: Final = re.compile(r"-?[1-9][0-9]{15,18}")


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
            [text_schema(DECIMAL), core_schema.decimal_schema(max_digits=precision, decimal_places=scale)]
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
        schema=core_schema.chain_schema([text_schema(UUID_TEXT), core_schema.uuid_schema()]),
        dump=dump,
        load=load,
        plain=str,
        family="uuid",
    )


_LOGICAL: Final[dict[tuple[str, str], Leaf]] = {
    **MOMENTS,
    ("string", "uuid"): _uuid("string", str, UUID),
    ("fixed", "uuid"): _uuid("fixed", lambda value: value.bytes, lambda raw: UUID(bytes=raw)),
}
