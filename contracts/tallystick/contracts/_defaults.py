"""Whether a JSON value is a legal default for a type, as Java's parser sees it: a gate, no lint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

from tallystick.contracts._json import write_json
from tallystick.contracts._nodes import fault
from tallystick.contracts._trampoline import then
from tallystick.contracts.types import MISSING, Array, Concrete, Field, Json, Map, Missing, Record, Ref, Type, Union

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tallystick.contracts._nodes import Path
    from tallystick.contracts._trampoline import Eventually, Step

__all__ = ["Scope", "check_default"]

Parts: TypeAlias = "Iterable[tuple[Type, Json | Missing]]"

_NEVER: Final = Union(())
_INTS: Final = range(-(2**31), 2**31)
_LONGS: Final = range(-(2**63), 2**63)


class Scope(Protocol):
    """What is known of the named types when a default is judged.

    Attributes:
        verdicts: What was found before, by the identities of type and value: records that default to each other's
            defaults would otherwise double the work at every level.
    """

    verdicts: dict[tuple[int, int], bool]

    def resolve(self, ref: Ref) -> Concrete:
        """Return the definition behind a use."""

    def fields(self, record: Record) -> tuple[Field, ...]:
        """Return the fields of a record."""


def check_default(field: Field, scope: Scope, at: Path) -> Eventually[None]:
    """Refuse a default that no value of its field can have.

    Args:
        field: The field.
        scope: What is known by now.
        at: Where the field stands.
    """
    default = field.default
    if default is MISSING:
        return None

    def judge(fits: bool) -> None:  # noqa: FBT001 - it is called with a result
        if not fits:
            what = f"default {write_json(default)} of field {field.name} does not fit its type"
            raise fault((*at, "default"), what, fix="change it, or the type")

    return then(_fits(field.type, default, scope), judge)


def _fits(node: Type, value: Json | Missing, scope: Scope) -> Eventually[bool]:
    """Tell whether a value fits a type; of a union, any branch."""
    if isinstance(node, Ref):
        node = scope.resolve(node)
    if isinstance(node, Union):
        return _fits_any(iter(node.branches), value, scope)
    if isinstance(node, (Array, Map, Record)):
        return _fits_inside(node, value, scope)
    return value is not MISSING and _FITS[node.kind](value)


def _fits_any(branches: Iterator[Type], value: Json | Missing, scope: Scope) -> Eventually[bool]:
    for branch in branches:
        fits = _fits(branch, value, scope)
        if not isinstance(fits, bool):
            return then(fits, lambda found: found or _fits_any(branches, value, scope))
        if fits:
            return True
    return False


def _fits_inside(node: Array | Map | Record, value: Json | Missing, scope: Scope) -> Step[bool]:
    pair = (id(node), id(value))
    if pair not in scope.verdicts:
        fits = True
        for inner, part in _parts(node, value, scope):
            fits = yield _fits(inner, part, scope)
            if not fits:
                break
        scope.verdicts[pair] = fits
    return scope.verdicts[pair]


def _parts(node: Array | Map | Record, value: Json | Missing, scope: Scope) -> Parts:
    """Pair the values inside a value with their types; a value that is no such container, with one it cannot fit."""
    match node, value:
        case Array(), list():
            return ((node.items, each) for each in value)
        case Map(), dict():
            return ((node.values, each) for each in value.values())
        case Record(), dict():
            return ((each.type, value.get(each.name, each.default)) for each in scope.fields(node))
        case _:
            return [(_NEVER, value)]


def _is_int(value: Json) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Json) -> bool:
    return _is_int(value) or isinstance(value, float)


def _is_string(value: Json) -> bool:
    return isinstance(value, str)


_FITS: Final[dict[str, Callable[[Json], bool]]] = {
    "null": lambda value: value is None,
    "boolean": lambda value: isinstance(value, bool),
    "int": lambda value: _is_int(value) and value in _INTS,
    "long": lambda value: _is_int(value) and value in _LONGS,
    "float": _is_number,
    "double": _is_number,
    **dict.fromkeys(("string", "bytes", "enum", "fixed"), _is_string),
}
