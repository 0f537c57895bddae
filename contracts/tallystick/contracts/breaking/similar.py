"""Telling a rename from a deletion and an addition: by alias, else by name, type and words."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Final, TypeVar

from tallystick.contracts.breaking.words import type_words
from tallystick.contracts.roles import ROLE_PROPERTY
from tallystick.contracts.spelling import words
from tallystick.contracts.types import Record, Union

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable

    from tallystick.contracts.breaking.changes import Link
    from tallystick.contracts.contract import Contract
    from tallystick.contracts.types import Field, Type

__all__ = ["alike_contracts", "alike_fields", "matched"]

_ENOUGH: Final = 0.6
_SAME_FIELDS: Final = 0.7
_LEAST_FIELDS: Final = 2

T = TypeVar("T")


def matched(
    gone: Iterable[T], come: Iterable[T], score: Callable[[T, T], float], key: Callable[[T], Hashable]
) -> list[tuple[T, T]]:
    """Pair what is gone with what has come, the most alike first, each at most once."""
    scored = [(score(old, new), old, new) for old in gone for new in come]
    taken: set[Hashable] = set()
    pairs: list[tuple[T, T]] = []
    for value, old, new in sorted(scored, key=lambda each: -each[0]):
        ends = (("old", key(old)), ("new", key(new)))
        if value >= _ENOUGH and taken.isdisjoint(ends):
            taken.update(ends)
            pairs.append((old, new))
    return pairs


def alike_fields(old: Field, new: Field) -> float:
    """How likely a field is another one renamed, from 0 to 1; what holds other values is not."""
    if type_words(_plain(old.type)) != type_words(_plain(new.type)):
        return 0.0
    if old.props.get(ROLE_PROPERTY) and old.props.get(ROLE_PROPERTY) == new.props.get(ROLE_PROPERTY):
        return 1.0
    if old.doc and old.doc == new.doc:
        return 0.95
    return _names(old.name, new.name)


def alike_contracts(old: Contract, new: Contract) -> tuple[float, Link]:
    """How likely a contract is another one moved or renamed, and how that is known."""
    one, other = old.schema.root, new.schema.root
    if old.name in getattr(other, "aliases", ()):
        return 1.0, "alias"
    if type(one) is not type(other):
        return 0.0, "similar"
    alike = _shared(one, other) if isinstance(one, Record) and isinstance(other, Record) else 0.0
    is_namesake = old.name.rpartition(".")[2] == new.name.rpartition(".")[2]
    if is_namesake:
        return max(alike, _ENOUGH), "similar"
    return (alike if alike >= _SAME_FIELDS else 0.0), "similar"


def _shared(old: Record, new: Record) -> float:
    """The share of fields that two records have in common; that two events have `meta` says nothing."""
    one = {(each.name, type_words(each.type)) for each in old.fields[1:]}
    other = {(each.name, type_words(each.type)) for each in new.fields[1:]}
    if len(one & other) < _LEAST_FIELDS:
        return 0.0
    return len(one & other) / len(one | other)


def _names(old: str, new: str) -> float:
    one, other = words(old), words(new)
    if one and other and (set(one) <= set(other) or set(other) <= set(one)):
        return 0.9
    return SequenceMatcher(None, old.lower(), new.lower()).ratio()


def _plain(node: Type) -> Type:
    """A type without null."""
    if isinstance(node, Union):
        others = [each for each in node.branches if type_words(each) != "null"]
        if len(others) == 1:
            return others[0]
    return node
