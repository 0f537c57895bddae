"""Carries out a change of a contract: a value is written with the old schema and read with the new one, twice.

Python goes by the writer's logical type, as the SDK does. Java and Spark go by the reader's: they see plain numbers
and bytes first, and only then ask what these mean.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from decimal import Context, Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from tallystick.codegen import load
from tallystick.contracts import Catalog, parse
from tallystick.contracts.breaking import Execution
from tallystick.contracts.types import Array, Enum, Fixed, Map, Primitive, Record, Union, children
from tallystick.sdk.errors import DecodeError, EncodeError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tallystick.contracts import Schema
    from tallystick.contracts.breaking import Trial
    from tallystick.contracts.types import Concrete, Type
    from tallystick.sdk.record import Record as Values

__all__ = ["execute"]

_UNREADABLE: Final = "an error"
_NOTHING: Final = "an event without it"
_LONGEST: Final = 80
_EXACT: Final = Context(prec=100)
_MOMENT: Final = "2026-01-05T09:30:00"
# Boundary values in JSON's forms, the most telling first. What a type cannot hold is passed over.
_SAMPLES: Final[Mapping[str, tuple[Any, ...]]] = {
    "null": (None,),
    "boolean": (True,),
    "int": (16_777_217, 42, -1, 2**31 - 1),
    "long": (9_007_199_254_740_993, 1_767_605_400_000_000, -1),
    "float": (0.5,),
    "double": (0.1,),
    "string": ("green tea", "caf\u00e9", ""),
    "bytes": ("/w==", "AQID"),
    "uuid": ("0190b2f4-7a1e-7c3d-9b5a-2f6f4e1d8c70",),
    "date": ("2026-01-05", "0001-01-01"),
    "time-millis": ("09:30:00.250",),
    "time-micros": ("09:30:00.250001",),
    "timestamp-millis": (f"{_MOMENT}Z",),
    "timestamp-micros": (f"{_MOMENT}Z",),
    "local-timestamp-millis": (_MOMENT,),
    "local-timestamp-micros": (_MOMENT,),
}
_MICROS: Final = {"millis": 1000, "micros": 1}


@lru_cache(maxsize=1024)
def execute(trial: Trial) -> Execution | None:
    """Write a value, and read it as Python and as Spark would.

    Args:
        trial: The two schemas.

    Returns:
        The first boundary value that does not stay what it was, else the first one; None where none can be made.
    """
    writer, reader = _Side.of(trial.writer), _Side.of(trial.reader)
    if not trial.written:
        value = _shown(reader.read(b"", trial.writer, trial.read))
        return Execution(_NOTHING, value, value)
    found: list[Execution] = []
    for sample in _samples(writer.field(trial.written), writer.schema):
        try:
            record = writer.cls.from_json(json.dumps({trial.written: sample}))
            body = record.to_avro()
        except (ValueError, DecodeError, EncodeError):
            continue
        python = _shown(reader.read(body, trial.writer, trial.read))
        spark = _Spark(writer, reader, trial).read(body)
        execution = Execution(_shown(record.to_plain()[trial.written]), python, spark)
        if not execution.written == execution.python == execution.spark:
            return execution
        found.append(execution)
    return found[0] if found else None


@dataclass(frozen=True)
class _Side:
    """One of the two schemas, with its class."""

    schema: Schema
    cls: type[Values]

    @classmethod
    @lru_cache(maxsize=1024)  # most contracts change in the same few ways
    def of(cls, text: str) -> _Side:
        schema = parse(text)
        return cls(schema, load(Catalog.of_texts({"sample": text}))[schema.name])

    def field(self, name: str) -> Type:
        """The type of a field."""
        root = self.schema.root
        fields = root.fields if isinstance(root, Record) else ()
        return next(each.type for each in fields if each.name == name)

    def read(self, body: bytes, writer: str, field: str) -> object:
        """What the SDK reads in a field; a `DecodeError` where it cannot."""
        try:
            return self.cls.from_avro(body, writer=writer).to_plain()[field]
        except DecodeError as error:
            return error


class _Spark:
    """Reads as Java does: the writer's logical types are not looked at.

    Args:
        writer: The side that wrote.
        reader: The side that reads.
        trial: Which fields.
    """

    def __init__(self, writer: _Side, reader: _Side, trial: Trial) -> None:
        self._writer = writer
        self._reader = reader
        self._trial = trial

    def read(self, body: bytes) -> str:
        """What Spark shows."""
        wanted = _plain(self._reader.field(self._trial.read), self._reader.schema)
        raw_writer = _stripped(self._trial.writer)
        if (
            wanted.kind == "string"
            and _plain(self._writer.field(self._trial.written), self._writer.schema).kind == "bytes"
        ):
            return self._text(body, raw_writer)
        if not isinstance(wanted, Primitive | Fixed) or wanted.logical is None:
            return _shown(self._reader.read(body, raw_writer, self._trial.read))
        raw = _Side.of(_stripped(self._trial.reader)).read(body, raw_writer, self._trial.read)
        if raw is None or isinstance(raw, DecodeError):
            return _shown(raw)
        return _as_spark(raw, wanted)

    def _text(self, body: bytes, raw_writer: str) -> str:
        """Bytes as text: Spark keeps what is no UTF-8, and shows a mark for it."""
        raw = _Side.of(self._trial.reader.replace('"string"', '"bytes"')).read(body, raw_writer, self._trial.read)
        return _shown(raw if raw is None else base64.b64decode(str(raw)).decode(errors="replace"))


def _as_spark(raw: Any, wanted: Primitive | Fixed) -> str:  # noqa: ANN401 -- whatever JSON holds
    """A raw value in the reader's logical type."""
    logical = wanted.logical
    name, _, unit = (logical.name if logical else "").rpartition("-")
    if logical is not None and logical.name == "decimal":
        return _decimal(raw, logical.precision or 0, logical.scale or 0)
    if name in {"timestamp", "local-timestamp"} and unit in _MICROS:
        micros = int(raw) * _MICROS[unit]
        if not -(2**63) <= micros < 2**63:
            return _UNREADABLE
        return _moment(micros) + ("Z" if name == "timestamp" else "")
    if logical is not None and logical.name == "date":
        return _moment(int(raw) * 86_400_000_000).partition("T")[0]
    return _shown(raw)


def _decimal(raw: str, precision: int, scale: int) -> str:
    unscaled = int.from_bytes(base64.b64decode(raw), "big", signed=True)
    if len(str(abs(unscaled))) > precision:
        return _UNREADABLE
    return f"{Decimal(unscaled).scaleb(-scale, _EXACT):f}"


def _moment(micros: int) -> str:
    """A moment of any year; Python's own end with the year 9999."""
    days, rest = divmod(micros, 86_400_000_000)
    seconds, part = divmod(rest, 1_000_000)
    # Days to a date of the Gregorian calendar, by eras of 400 years that begin on 1 March.
    era, day_of_era = divmod(days + 719_468, 146_097)
    year = (day_of_era - day_of_era // 1460 + day_of_era // 36_524 - day_of_era // 146_096) // 365
    day_of_year = day_of_era - (365 * year + year // 4 - year // 100)
    month = (5 * day_of_year + 2) // 153
    day = day_of_year - (153 * month + 2) // 5 + 1
    month = month + 3 if month < 10 else month - 9  # noqa: PLR2004 - March is month 0 of such a year
    full_year = year + era * 400 + (month <= 2)  # noqa: PLR2004 - January and February belong to the next
    fraction = f".{part:06d}" if part else ""
    hours, minutes = divmod(seconds // 60, 60)
    return f"{full_year:04d}-{month:02d}-{day:02d}T{hours:02d}:{minutes:02d}:{seconds % 60:02d}{fraction}"


def _stripped(text: str) -> str:
    """A schema without logical types."""
    waiting: list[Any] = [root := json.loads(text)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            node.pop("logicalType", None)
            waiting.extend(node.values())
        elif isinstance(node, list):
            waiting.extend(node)
    return json.dumps(root)


def _plain(node: Type, schema: Schema) -> Concrete:
    """A type without null."""
    here = schema.resolve(node)
    if isinstance(here, Union):
        others = [schema.resolve(each) for each in here.branches if schema.resolve(each).kind != "null"]
        return others[0] if len(others) == 1 else here
    return here


def _samples(node: Type, schema: Schema, depth: int = 0) -> tuple[Any, ...]:
    """Boundary values of a type; none where it holds itself, or one of several types."""
    here = _plain(node, schema)
    if depth > len(schema.named) + 8:
        return ()
    match here:
        case Primitive() | Fixed():
            return _leaf_samples(here)
        case Enum(symbols=symbols):
            return symbols
        case Array() | Map():
            inner = _samples(children(here)[0], schema, depth + 1)[:1]
            return tuple([each] if isinstance(here, Array) else {"key": each} for each in inner)
        case Record(fields=fields):
            each_first = {each.name: _samples(each.type, schema, depth + 1)[:1] for each in fields}
            is_whole = all(each_first.values())
            return ({name: values[0] for name, values in each_first.items()},) if is_whole else ()
        case Union():
            return ()


def _leaf_samples(node: Primitive | Fixed) -> tuple[Any, ...]:
    logical = node.logical
    if logical is not None and logical.name == "decimal":
        precision, scale = logical.precision or 1, logical.scale or 0
        digits = (*(each for each in (1234, 12) if len(str(each)) <= precision), 10**precision - 1)
        return tuple(f"{Decimal(each).scaleb(-scale, _EXACT):f}" for each in digits)
    if logical is not None and logical.name in _SAMPLES:
        return _SAMPLES[logical.name]
    if isinstance(node, Fixed):
        return (base64.b64encode(bytes(range(node.size))).decode(),)
    return _SAMPLES[node.kind]


def _shown(value: object) -> str:
    if isinstance(value, DecodeError):
        return _UNREADABLE
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = text or '""'
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 4]} ..."
