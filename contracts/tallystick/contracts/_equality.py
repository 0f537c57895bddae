"""Whether two definitions of one name may stand in one schema: Java's equality of schemas."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from tallystick.contracts._json import write_json
from tallystick.contracts.types import (
    MISSING,
    Enum,
    Field,
    Fixed,
    Named,
    Props,
    Record,
    Ref,
    Type,
    Union,
    children,
)

__all__ = ["Lookup", "same_definition"]

Lookup: TypeAlias = Callable[[Ref], Type]


def same_definition(first: Named, second: Named, *, lookup: Lookup) -> bool:
    """Tell whether two definitions are the same but for docs, aliases, defaults of enums and `error` for `record`.

    Args:
        first: One definition.
        second: The other.
        lookup: Returns the definition behind a use, and the use itself where that is not known yet.
    """
    todo: list[tuple[Type, Type]] = [(first, second)]
    seen: set[tuple[int, int]] = set()
    while todo:
        one, other = (lookup(each) if isinstance(each, Ref) else each for each in todo.pop())
        if one is other or (id(one), id(other)) in seen:
            continue
        if isinstance(one, Ref) or isinstance(other, Ref) or _surface(one) != _surface(other):
            return False
        seen.add((id(one), id(other)))
        todo.extend(zip(children(one), children(other), strict=True))
    return True


def _surface(node: Type) -> tuple[object, ...]:
    """Return what a type says of itself, but for the types inside."""
    match node:
        case Record():
            return ("record", node.name, _props(node.props), *map(_field, node.fields))
        case Enum():
            return ("enum", node.name, _props(node.props), node.symbols)
        case Fixed():
            return ("fixed", node.name, _props(node.props), node.size)
        case Union():
            return ("union", len(node.branches))
        case Ref():
            return ("ref", node.name)
        case _:
            return (node.kind, _props(node.props))


def _field(field: Field) -> tuple[object, ...]:
    default = write_json(field.default, sort_keys=True) if field.default is not MISSING else None
    return (field.name, default, field.order, _props(field.props))


def _props(props: Props) -> str:
    return write_json(dict(props), sort_keys=True)
