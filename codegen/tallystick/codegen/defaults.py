"""Defaults: the JSON value that a schema gives, as a Python expression of the field's own type."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from tallystick.codegen.text import literal
from tallystick.contracts.types import MISSING, Array, Enum, Fixed, Map, Missing, Primitive, Record, Type, Union

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tallystick.codegen.imports import Imports
    from tallystick.codegen.plan import Module
    from tallystick.contracts.types import Json

__all__ = ["Default", "Defaults", "NoDefaultError", "expression"]


class NoDefaultError(ValueError):
    """The default cannot be a value of its type: Avro looks at the underlying type only."""


@dataclass(frozen=True, slots=True)
class Default:
    """A default as a Python expression.

    Attributes:
        text: The expression.
        is_plain: Whether one value may be shared by all: it cannot change, and is there when the class is made.
        is_bare_call: Whether it is a call without arguments.
    """

    text: str
    is_plain: bool = True
    is_bare_call: bool = False


@dataclass(slots=True)
class Defaults:
    """Writes the defaults of one module."""

    module: Module
    imports: Imports

    def of(self, node: Type, value: Json | Missing) -> Default:
        """Return the expression for a default.

        Raises:
            NoDefaultError: It is no value of the type.
        """
        concrete = self.module.contract.schema.resolve(node)
        match concrete:
            case Primitive() | Fixed():
                return self._leaf(concrete, value)
            case Enum():
                return self._enum(concrete, value)
            case Array():
                return self._array(concrete, value)
            case Map():
                return self._map(concrete, value)
            case Record():
                return self._record(concrete, value)
            case Union():
                return self._union(concrete, value)

    def _leaf(self, node: Primitive | Fixed, value: Json | Missing) -> Default:
        logical = node.logical
        try:
            raw = _RAW[node.kind](value)
            if isinstance(node, Fixed) and len(raw) != node.size:
                raise NoDefaultError("a fixed of another size")
            if logical is not None and logical.name == "decimal":
                raw = _decimal(raw, logical.precision or 0, logical.scale or 0)
            elif logical is not None and (node.kind, logical.name) in _LOGICAL:
                raw = _LOGICAL[node.kind, logical.name](raw)
        except (ValueError, TypeError, OverflowError, UnicodeEncodeError, ArithmeticError) as error:
            raise NoDefaultError(str(error)) from None
        return Default(self._expression(raw))

    def _expression(self, value: Any) -> str:  # noqa: ANN401 - whatever the table made
        text, module, names = expression(value)
        if isinstance(value, datetime) and value.tzinfo is None:
            self.imports.codes.add("DTZ001")
        self.imports.add(module, *names)
        return text

    def _enum(self, node: Enum, value: Json | Missing) -> Default:
        if value not in node.symbols or not isinstance(value, str):
            raise NoDefaultError("no symbol")
        return Default(f"{self.imports.use(self.module, node.name)}.{self.module.find(node.name).members[value]}")

    def _array(self, node: Array, value: Json | Missing) -> Default:
        if not isinstance(value, list):
            raise NoDefaultError("no array")
        items = [self.of(node.items, each) for each in value]
        comma = "," if len(items) == 1 else ""
        return Default(f"({', '.join(each.text for each in items)}{comma})", all(each.is_plain for each in items))

    def _map(self, node: Map, value: Json | Missing) -> Default:
        if not isinstance(value, dict):
            raise NoDefaultError("no map")
        items = [f"{literal(_string(key))}: {self.of(node.values, each).text}" for key, each in value.items()]
        return Default("{" + ", ".join(items) + "}", is_plain=False)

    def _record(self, node: Record, value: Json | Missing) -> Default:
        if not isinstance(value, dict):
            raise NoDefaultError("no record")
        names = self.module.find(node.name).members
        arguments = []
        for field in node.fields:
            if field.name in value:
                arguments.append(f"{names[field.name]}={self.of(field.type, value[field.name]).text}")
            elif field.default is MISSING:
                raise NoDefaultError(f"no value for {field.name}")
        name = self.imports.use(self.module, node.name)
        return Default(f"{name}({', '.join(arguments)})", is_plain=False, is_bare_call=not arguments)

    def _union(self, node: Union, value: Json | Missing) -> Default:
        for branch in node.branches:
            try:
                return self.of(branch, value)
            except NoDefaultError:
                continue
        raise NoDefaultError("no branch takes it")


# --- what JSON writes, as Avro's raw value --------------------------------------------------------------


def _only(*classes: type) -> Callable[[Any], Any]:
    def check(value: object) -> object:
        if not isinstance(value, classes) or (isinstance(value, bool) and bool not in classes):
            raise NoDefaultError(f"a {type(value).__name__}")
        return value

    return check


def _bytes(value: object) -> bytes:
    return str(_only(str)(value)).encode("latin-1")  # Avro writes each byte as the character of its number


def _string(value: object) -> str:
    text = str(_only(str)(value))
    try:
        text.encode()
    except UnicodeEncodeError:
        raise NoDefaultError("half a character") from None
    return text


def _float(value: object) -> float:
    return float(_only(int, float)(value))


_RAW: Final[Mapping[str, Callable[[object], Any]]] = {
    "null": _only(type(None)),
    "boolean": _only(bool),
    "int": _only(int),
    "long": _only(int),
    "float": _float,
    "double": _float,
    "bytes": _bytes,
    "string": _string,
    "fixed": _bytes,
}

# --- raw values as Python values, and these as expressions ------------------------------------------------

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLI: Final = 1000


def _moment(unit: int, zone: Any) -> Callable[[int], datetime]:  # noqa: ANN401 - a tzinfo or None
    return lambda raw: (_EPOCH + timedelta(microseconds=raw * unit)).replace(tzinfo=zone)


def _clock(unit: int) -> Callable[[int], time]:
    def clock(raw: int) -> time:
        if not 0 <= raw * unit < 24 * 60 * 60 * 1_000_000:
            raise NoDefaultError("outside its day")
        return (_EPOCH + timedelta(microseconds=raw * unit)).time()

    return clock


_LOGICAL: Final[Mapping[tuple[str, str], Callable[[Any], Any]]] = {
    ("string", "uuid"): UUID,
    ("fixed", "uuid"): lambda raw: UUID(bytes=raw),
    ("int", "date"): lambda raw: date.fromordinal(raw + _EPOCH.toordinal()),
    ("int", "time-millis"): _clock(_MILLI),
    ("long", "time-micros"): _clock(1),
    ("long", "timestamp-millis"): _moment(_MILLI, UTC),
    ("long", "timestamp-micros"): _moment(1, UTC),
    ("long", "local-timestamp-millis"): _moment(_MILLI, None),
    ("long", "local-timestamp-micros"): _moment(1, None),
}


def _decimal(raw: bytes, precision: int, scale: int) -> Decimal:
    digits = str(int.from_bytes(raw, "big", signed=True)).removeprefix("-")
    if len(digits) > precision:
        raise NoDefaultError("more digits than its precision")
    return Decimal((int(raw[:1] > b"\x7f"), tuple(map(int, digits)), -scale))


def _numbers(value: date | time, words: tuple[str, ...]) -> str:
    """Return the arguments of a constructor, without zeros at the end."""
    numbers = [getattr(value, word) for word in words]
    while len(numbers) > _NEEDED and not numbers[-1]:
        numbers.pop()
    return ", ".join(map(str, numbers))


_NEEDED: Final = 2
_DATE_WORDS: Final = ("year", "month", "day")
_TIME_WORDS: Final = ("hour", "minute", "second", "microsecond")

Expression = tuple[str, str, tuple[str, ...]]


def _write_datetime(value: datetime) -> Expression:
    numbers = _numbers(value, (*_DATE_WORDS, *_TIME_WORDS))
    if value.tzinfo is None:
        return f"datetime({numbers})", "datetime", ("datetime",)
    return f"datetime({numbers}, tzinfo=UTC)", "datetime", ("UTC", "datetime")


_EXPRESSIONS: Final[dict[type, Callable[[Any], Expression]]] = {
    Decimal: lambda value: (f'Decimal("{value}")', "decimal", ("Decimal",)),
    UUID: lambda value: (f'UUID("{value}")', "uuid", ("UUID",)),
    datetime: _write_datetime,  # before date, whose subclass it is
    date: lambda value: (f"date({_numbers(value, _DATE_WORDS)})", "datetime", ("date",)),
    time: lambda value: (f"time({_numbers(value, _TIME_WORDS)})", "datetime", ("time",)),
}


def expression(value: Any) -> Expression:  # noqa: ANN401 - whatever a leaf holds
    """Return a plain value as a Python expression, with the module and the names that it needs from there."""
    write = next((each for cls, each in _EXPRESSIONS.items() if isinstance(value, cls)), None)
    return (literal(value), "", ()) if write is None else write(value)
