"""Realistic records: values by type and name, drawn again until every rule holds."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Final, TypeVar
from uuid import UUID

from tallystick.contracts.types import Array, Enum, Fixed, Map, Primitive, Record, Ref, Type, Union
from tallystick.sdk._codec.binding import Binding, attributes
from tallystick.sdk.samples._hints import Hints, hints_of
from tallystick.sdk.samples._mending import mended
from tallystick.sdk.samples._patterns import matching
from tallystick.sdk.samples._words import number_for, text_for

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pydantic import BaseModel

    from tallystick.sdk._codec.leaf import Value
    from tallystick.sdk.record import Record as Model

__all__ = ["DRAWN", "Sampler", "samples"]

M = TypeVar("M", bound="Model")

START: Final = datetime(2026, 1, 5, 9, tzinfo=UTC)
_DEEPEST: Final = 4
_NO_HINTS: Final = Hints()
_ROLES: Final = "tallystick:role"


def samples(cls: type[M], *, count: int = 1, seed: int = 0) -> list[M]:
    """Realistic records of a generated class; the same seed gives the same ones.

    Raises:
        SampleError: No value was found that satisfies the rules.
    """
    binding, found = Binding(cls), []
    for number in range(count):
        sampler = Sampler(binding, random.Random(f"{seed}:{number}"))  # noqa: S311 -- to be repeated, not secret
        record: M = sampler.value(sampler.binding.root, "", 0)
        found.append(record)
    return found


@dataclass
class Sampler:
    """Draws values of a class's types.

    Attributes:
        binding: The class beside its schema.
        source: Where chance comes from.
    """

    binding: Binding
    source: random.Random

    @cached_property
    def hints(self) -> Mapping[str, Hints]:
        """What rules say about fields."""
        return hints_of(self.binding.schema)

    def hint(self, name: str) -> Hints:
        """What rules say about a field."""
        return self.hints.get(name, _NO_HINTS)

    def value(self, node: Type, name: str, depth: int) -> Value:
        """A value of a type, for a field of a name."""
        match node:
            case Ref():
                return self.value(self.binding.schema.resolve(node), name, depth)
            case Primitive() | Fixed():
                return self.leaf(node, name)
            case Enum():
                return self.symbol(node, name)
            case Array():
                return tuple(self.value(node.items, name, depth + 1) for _ in range(self.size(name, depth)))
            case Map():
                return {
                    text_for("key", self.source): self.value(node.values, name, depth + 1)
                    for _ in range(self.size(name, depth))
                }
            case Union():
                return self.value(self.branch(node, depth), name, depth + 1)
            case Record():
                return self.record(node, depth)

    def record(self, node: Record, depth: int) -> BaseModel:
        """A record under which every rule holds."""
        cls = self.binding.record(node)
        names = attributes(cls)
        start = START + timedelta(seconds=self.source.randrange(14 * 24 * 3600))
        values: dict[str, Value] = {}
        for each in node.fields:
            found = self.by_role(each.props.get(_ROLES), start)
            values[names[each.name][0]] = self.value(each.type, each.name, depth) if found is DRAWN else found
        return mended(self, node, cls, values)

    def by_role(self, roles: object, start: datetime) -> Value:
        """What the part that a field plays asks for: times that follow each other."""
        if not isinstance(roles, list):
            return DRAWN
        if "event_time" in roles:
            return start
        if "sent_time" in roles:
            return start + timedelta(seconds=self.source.randrange(1, 30))
        return None if "received_time" in roles and "event_time" not in roles else DRAWN

    def redrawn(self, node: Type, name: str) -> Value:
        """Another value, where a rule was broken."""
        return self.value(node, name, 1)

    def size(self, name: str, depth: int) -> int:
        """How many items a list or map gets."""
        if depth >= _DEEPEST:
            return 0
        fitting = [each for each in self.hint(name).sizes if 0 <= each <= 20]  # noqa: PLR2004 -- a list to read
        return self.source.choice(fitting) if fitting and self.source.random() < 0.3 else self.source.randint(1, 2)  # noqa: PLR2004

    def symbol(self, node: Enum, name: str) -> Value:
        """A symbol, seldom the one for what is not known."""
        members = list(self.binding.enum(node))
        known = [each for each in members if each != "UNKNOWN"] or members
        wanted = [each for each in members if each in self.hint(name).values]
        return self.source.choice(self.source.choice((known, wanted, members)) if wanted else known)

    def branch(self, node: Union, depth: int) -> Type:
        """A branch of a union; null where it has become deep."""
        nulls = [each for each in node.branches if isinstance(each, Primitive) and each.name == "null"]
        others = [each for each in node.branches if each not in nulls]
        if nulls and (not others or depth >= _DEEPEST or self.source.random() < 0.3):  # noqa: PLR2004 -- seldom
            return nulls[0]
        return self.source.choice(others)

    # --- plain values ---------------------------------------------------------------------------------

    def leaf(self, node: Primitive | Fixed, name: str) -> Value:
        """A plain value as it would be in life, or one that a rule speaks of."""
        hinted = self.hinted(node, name) if self.source.random() < 0.5 else None  # noqa: PLR2004 -- evenly
        return plain_value(node, name, self.source) if hinted is None else hinted

    def hinted(self, node: Primitive | Fixed, name: str) -> Value:
        """A plain value that a rule speaks of, of the type's class; None where there is none."""
        hints, example = self.hint(name), plain_value(node, name, self.source)
        found: list[Value] = [each for value in hints.values if (each := _as(example, value)) is not None]
        if isinstance(example, str):
            found += [text for each in hints.patterns if (text := matching(each, self.source)) is not None]
            found += [(example * size)[:size] for size in hints.sizes if 0 <= size <= 10_000]  # noqa: PLR2004 -- a text
        return self.source.choice(found) if found else None


DRAWN: Final = object()


def plain_value(node: Primitive | Fixed, name: str, source: random.Random) -> Value:
    """A realistic value of a type without parts."""
    logical = node.logical.name if node.logical else None
    if logical == "decimal" and node.logical is not None:
        return _decimal(node.logical.precision or 1, node.logical.scale or 0, source)
    if (node.kind, logical) in _LOGICAL:
        return _LOGICAL[node.kind, logical](source)
    if isinstance(node, Fixed):
        return source.randbytes(node.size)
    return _PLAIN[node.kind](name, source)


def _decimal(precision: int, scale: int, source: random.Random) -> Decimal:
    least = min(precision, scale + 1)
    digits = source.randint(least, min(precision, least + 1))
    return Decimal((0, tuple(map(int, str(source.randrange(10 ** (digits - 1), 10**digits)))), -scale))


def _moment(source: random.Random) -> datetime:
    return START + timedelta(seconds=source.randrange(14 * 24 * 3600), milliseconds=source.randrange(1000))


def _clock(source: random.Random) -> Value:
    return _moment(source).time()


_PLAIN: Final[dict[str, Callable[[str, random.Random], Value]]] = {
    "null": lambda _, __: None,
    "boolean": lambda _, source: source.random() < 0.3,  # noqa: PLR2004 -- flags are seldom set
    "int": number_for,
    "long": number_for,
    "float": lambda _, source: source.randrange(1, 400) / 4,
    "double": lambda _, source: round(source.uniform(0, 100), 3),
    "bytes": lambda _, source: source.randbytes(8),
    "string": text_for,
}
_LOGICAL: Final[dict[tuple[str, str | None], Callable[[random.Random], Value]]] = {
    ("string", "uuid"): lambda source: UUID(int=source.getrandbits(128), version=4),
    ("fixed", "uuid"): lambda source: UUID(int=source.getrandbits(128), version=4),
    ("int", "date"): lambda source: _moment(source).date(),
    ("int", "time-millis"): _clock,
    ("long", "time-micros"): _clock,
    ("long", "timestamp-millis"): _moment,
    ("long", "timestamp-micros"): _moment,
    ("long", "local-timestamp-millis"): lambda source: _moment(source).replace(tzinfo=None),
    ("long", "local-timestamp-micros"): lambda source: _moment(source).replace(tzinfo=None),
}


def _as(example: Value, value: Value) -> Value:
    """A constant of a rule as the class of a field's values; None where it cannot be one."""
    try:
        return _CASTS[type(example)](value) if type(example) in _CASTS else None
    except (ValueError, TypeError, ArithmeticError):
        return None


def _same(*classes: type) -> Callable[[Value], Value]:
    return lambda value: value if type(value) in classes else None


_CASTS: Final[dict[type, Callable[[Value], Value]]] = {
    bool: _same(bool),
    int: lambda value: int(value) if type(value) in {int, Decimal} and value == int(value) else None,
    float: lambda value: float(value) if type(value) in {int, Decimal} else None,
    Decimal: lambda value: Decimal(value) if type(value) in {int, Decimal} else None,
    str: _same(str),
    UUID: lambda value: UUID(value) if isinstance(value, str) else None,
    datetime: _same(datetime),
    date: _same(date),
}
