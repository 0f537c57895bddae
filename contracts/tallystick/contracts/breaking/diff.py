"""The walk over two states of a contract: every difference once, where it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tallystick.contracts.breaking.changes import (
    Change,
    EnumPair,
    FieldAdded,
    FieldPair,
    FieldRemoved,
    NamedPair,
    Place,
    RecordPair,
    TypePair,
)
from tallystick.contracts.breaking.similar import alike_fields, matched
from tallystick.contracts.types import Array, Concrete, Enum, Fixed, Map, Primitive, Record, Type, Union

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tallystick.contracts.breaking.changes import Link
    from tallystick.contracts.roles import FieldPath
    from tallystick.contracts.schema import Schema
    from tallystick.contracts.types import Field

__all__ = ["differences", "field_pairs"]


def differences(old: Schema, new: Schema, is_foreign: Callable[[str], bool] = lambda _: False) -> Iterator[Change]:
    """Walk two states of a schema.

    Args:
        old: How it was.
        new: How it is.
        is_foreign: Whether a named type belongs to another contract, where it is compared itself.

    Yields:
        Every pair of fields, records, enums and named types, and every place where they differ.
    """
    yield from _Walk(old, new, is_foreign).types(old.root, new.root, (), Place(new.name))


def field_pairs(old: Record, new: Record) -> tuple[list[tuple[Field, Field, Link]], list[Field], list[Field]]:
    """The fields that two records share, those that are gone, and those that have come."""
    before = {each.name: each for each in old.fields}
    pairs: list[tuple[Field, Field, Link]] = []
    come: list[Field] = []
    for field in new.fields:
        if field.name in before:
            pairs.append((before.pop(field.name), field, "name"))
        else:
            come.append(field)
    for field in tuple(come):
        source = next((alias for alias in field.aliases if alias in before), None)
        if source is not None:
            pairs.append((before.pop(source), field, "alias"))
            come.remove(field)
    for one, other in matched(before.values(), come, alike_fields, lambda each: each.name):
        pairs.append((before.pop(one.name), other, "similar"))
        come.remove(other)
    return pairs, list(before.values()), come


class _Walk:
    def __init__(self, old: Schema, new: Schema, is_foreign: Callable[[str], bool]) -> None:
        self._old = old
        self._new = new
        self._is_foreign = is_foreign
        self._seen: set[tuple[str, str]] = set()

    def types(self, old: Type, new: Type, path: FieldPath, place: Place) -> Iterator[Change]:
        """Compare two types in one place."""
        one, other = self._old.resolve(old), self._new.resolve(new)
        match one, other:
            case (Union(), _) | (_, Union()):
                yield from self._unions(one, other, path, place)
            case Array(), Array():
                yield from self.types(one.items, other.items, (*path, "[]"), place)
            case Map(), Map():
                yield from self.types(one.values, other.values, (*path, "[]"), place)
            case ((Record() | Enum() | Fixed()), (Record() | Enum() | Fixed())) if type(one) is type(other):
                yield from self._named(one, other, path, place)
            case _ if _leaf(one) != _leaf(other):
                yield TypePair(path, place, one, other)
            case _:
                return

    def _named(
        self, old: Record | Enum | Fixed, new: Record | Enum | Fixed, path: FieldPath, place: Place
    ) -> Iterator[Change]:
        if (old.name, new.name) in self._seen:
            return
        self._seen.add((old.name, new.name))
        is_root = not path
        if not is_root and self._is_foreign(new.name):
            if old.name != new.name:
                yield NamedPair(path, place, old, new)
            return
        here = Place(new.name)
        yield NamedPair(path, here, old, new)
        match old, new:
            case Record(), Record():
                yield RecordPair(path, here, old, new)
                yield from self._fields(old, new, path)
            case Enum(), Enum():
                yield EnumPair(path, here, old, new)
            case (Fixed(), Fixed()) if (old.size, old.logical) != (new.size, new.logical):
                yield TypePair(path, here, old, new)
            case _:
                return

    def _fields(self, old: Record, new: Record, path: FieldPath) -> Iterator[Change]:
        pairs, gone, come = field_pairs(old, new)
        for field in gone:
            yield FieldRemoved((*path, field.name), Place(new.name), field, new)
        for field in come:
            yield FieldAdded((*path, field.name), Place(new.name, field.name), field, new)
        for one, other, link in pairs:
            here, place = (*path, other.name), Place(new.name, other.name)
            yield FieldPair(here, place, one, other, link, new)
            yield from self.types(one.type, other.type, here, place)

    def _unions(self, old: Concrete, new: Concrete, path: FieldPath, place: Place) -> Iterator[Change]:
        ones, others = _branches(self._old, old), _branches(self._new, new)
        if [_key(each) for each in ones] != [_key(each) for each in others] or type(old) is not type(new):
            yield TypePair(path, place, old, new)
        values, new_values = _not_null(ones), _not_null(others)
        if len(values) == len(new_values) == 1:
            # What a field may hold beside null is one thing: a type under another name is still compared.
            pairs = [(values[0], new_values[0])]
        else:
            by_key = {_key(each): each for each in values}
            pairs = [(by_key[_key(each)], each) for each in new_values if _key(each) in by_key]
        for one, other in pairs:
            if _key(one) == _key(other) or (isinstance(one, Record | Enum | Fixed) and type(one) is type(other)):
                yield from self.types(one, other, path, place)


def _branches(schema: Schema, node: Concrete) -> list[Concrete]:
    return [schema.resolve(each) for each in node.branches] if isinstance(node, Union) else [node]


def _not_null(branches: list[Concrete]) -> list[Concrete]:
    return [each for each in branches if each.kind != "null"]


def _key(node: Concrete) -> str:
    """What tells the branches of a union apart."""
    return node.simple_name if isinstance(node, Record | Enum | Fixed) else node.kind


def _leaf(node: Concrete) -> object:
    """What makes two types that hold no other the same."""
    return (node.kind, node.logical) if isinstance(node, Primitive) else node.kind
