"""Records at the limits of their types: least, greatest, and one for every branch of a union."""

from __future__ import annotations

import random
import sys
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Final, Literal, TypeAlias
from uuid import UUID

from typing_extensions import override

from tallystick.contracts.types import Enum, Fixed, Primitive, Type, Union, walk
from tallystick.sdk._codec.binding import Binding
from tallystick.sdk.samples._typical import DRAWN, Sampler, samples
from tallystick.sdk.types import FLOAT32_MAX

if TYPE_CHECKING:
    from tallystick.sdk._codec.leaf import Value
    from tallystick.sdk.record import Record

__all__ = ["Boundary", "boundaries"]

_End: TypeAlias = Literal["least", "greatest"]
_DEEPEST: Final = 4


@dataclass(frozen=True, slots=True)
class Boundary:
    """A record at some limit.

    Attributes:
        name: Which limit.
        record: The record; it holds every rule.
    """

    name: str
    record: Record


def boundaries(cls: type[Record]) -> tuple[Boundary, ...]:
    """Records at the limits of a generated class, always the same ones; where a rule is narrower, at its limit.

    Raises:
        SampleError: No value was found that satisfies the rules.
    """
    binding = Binding(cls)
    ends: tuple[_End, ...] = ("least", "greatest")
    found = [Boundary("typical", samples(cls)[0])]
    found += [Boundary(end, _Edge(binding, _chance(end), end).of_root()) for end in ends]
    unions = [each for each in walk(binding.root) if isinstance(each, Union)]
    most = max((len(each.branches) for each in unions), default=0)
    for index in range(most):
        sampler = _Branch(binding, _chance(f"branch {index}"), index)
        found.append(Boundary(f"branch {index}", sampler.of_root()))
    return tuple(found)


def _chance(name: str) -> random.Random:
    return random.Random(name)  # noqa: S311 -- to be repeated, not secret


class _Rooted(Sampler):
    def of_root(self) -> Record:
        record: Record = self.value(self.binding.root, "", 0)
        return record

    @override
    def redrawn(self, node: Type, name: str) -> Value:
        """Value value that a rule allows: the limit of the type does not."""
        return Sampler(self.binding, self.source).value(node, name, 1)


class _Branch(_Rooted):
    """Takes the branch of one number in every union that has so many."""

    def __init__(self, binding: Binding, source: random.Random, index: int) -> None:
        super().__init__(binding, source)
        self._index = index

    @override
    def branch(self, node: Union, depth: int) -> Type:
        return super().branch(node, depth) if depth >= _DEEPEST else node.branches[self._index % len(node.branches)]


class _Edge(_Rooted):
    """Takes the least or the greatest of everything."""

    def __init__(self, binding: Binding, source: random.Random, end: _End) -> None:
        super().__init__(binding, source)
        self._is_great = end == "greatest"

    @override
    def leaf(self, node: Primitive | Fixed, name: str) -> Value:
        logical = node.logical.name if node.logical else None
        if logical == "decimal" and node.logical is not None:
            unscaled = 10 ** (node.logical.precision or 1) - 1
            return Decimal((not self._is_great, tuple(map(int, str(unscaled))), -(node.logical.scale or 0)))
        if isinstance(node, Fixed) and logical != "uuid":
            return (b"\xff" if self._is_great else b"\x00") * node.size
        key = (node.kind, logical) if (node.kind, logical) in _LIMITS else (node.kind, None)
        return _LIMITS[key][self._is_great]

    @override
    def size(self, name: str, depth: int) -> int:
        return 2 if self._is_great and depth < _DEEPEST else 0

    @override
    def symbol(self, node: Enum, name: str) -> Value:
        return list(self.binding.enum(node))[-1 if self._is_great else 0]

    @override
    def branch(self, node: Union, depth: int) -> Type:
        is_shallow = depth >= _DEEPEST or not self._is_great
        return min(node.branches, key=_is_not_null) if is_shallow else node.branches[-1]

    @override
    def by_role(self, roles: object, start: datetime) -> Value:
        return DRAWN


def _is_not_null(node: Type) -> bool:
    return not (isinstance(node, Primitive) and node.name == "null")


_FIRST: Final = datetime(1, 1, 1, tzinfo=UTC)
_LAST: Final = datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)
_IDS: Final = (UUID(int=0), UUID(int=2**128 - 1))
_TEXT: Final = 'grün 🍵 "quoted" \\ back\nslash'
_MILLIS: Final = 999_000

_LIMITS: Final[dict[tuple[str, str | None], tuple[Value, Value]]] = {
    ("null", None): (None, None),
    ("boolean", None): (False, True),
    ("int", None): (-(2**31), 2**31 - 1),
    ("long", None): (-(2**63), 2**63 - 1),
    ("float", None): (-FLOAT32_MAX, FLOAT32_MAX),
    ("double", None): (-sys.float_info.max, sys.float_info.max),
    ("bytes", None): (b"", bytes(range(256))),
    ("string", None): ("", _TEXT),
    ("string", "uuid"): _IDS,
    ("fixed", "uuid"): _IDS,
    ("int", "date"): (date.min, date.max),
    ("int", "time-millis"): (time.min, time.max.replace(microsecond=_MILLIS)),
    ("long", "time-micros"): (time.min, time.max),
    ("long", "timestamp-millis"): (_FIRST, _LAST.replace(microsecond=_MILLIS)),
    ("long", "timestamp-micros"): (_FIRST, _LAST),
    ("long", "local-timestamp-millis"): (
        _FIRST.replace(tzinfo=None),
        _LAST.replace(tzinfo=None, microsecond=_MILLIS),
    ),
    ("long", "local-timestamp-micros"): (_FIRST.replace(tzinfo=None), _LAST.replace(tzinfo=None)),
}
