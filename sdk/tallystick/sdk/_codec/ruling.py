"""Rules held against a whole record: its own, and those of the records inside it, all at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeAlias

from tallystick.contracts.types import Array, Map, Record, Ref, Type, Union, walk
from tallystick.sdk._codec.binding import Binding, attributes
from tallystick.sdk.rules import Rule, broken, refusal

if TYPE_CHECKING:
    from pydantic import BaseModel

    from tallystick.sdk._codec.leaf import Value

__all__ = ["ruled"]

_Place: TypeAlias = tuple[int | str, ...]
_Find: TypeAlias = Callable[["Value", _Place], Iterator[tuple[_Place, Rule]]]


def ruled(binding: Binding) -> Callable[[Value], Value] | None:
    """Return what lets a record through that breaks no rule; None where there is no rule to break.

    The function raises `ValidationError` with every broken rule and its place.
    """
    ruled_names = _with_rules(binding)
    if not ruled_names:
        return None
    find, title = _Finder(binding, ruled_names).of(binding.root), binding.cls.__name__

    def check(record: Value) -> Value:
        error = refusal(title, find(record, ()))
        if error is not None:
            raise error
        return record

    return check


def _rules(cls: type[BaseModel]) -> tuple[Rule, ...]:
    rules: tuple[Rule, ...] = cls.RULES  # type: ignore[attr-defined]  # every generated record has it
    return rules


def _with_rules(binding: Binding) -> frozenset[str]:
    """The names of the records that have rules, or hold one that has."""
    records = {each.name: each for each in walk(binding.root) if isinstance(each, Record)}
    inside = {
        name: {each.name for each in walk(record) if isinstance(each, (Record, Ref))}
        for name, record in records.items()
    }
    found = {name for name, record in records.items() if _rules(binding.record(record))}
    while more := {name for name, names in inside.items() if name not in found and names & found}:
        found |= more
    return frozenset(found)


def _none(_: Value, __: _Place) -> Iterator[tuple[_Place, Rule]]:
    return iter(())


class _Finder:
    def __init__(self, binding: Binding, names: frozenset[str]) -> None:
        self._binding = binding
        self._names = names
        self._records: dict[str, _Find] = {}

    def of(self, node: Type) -> _Find:
        """Return what finds the broken rules in a value of a type."""
        match node:
            case Ref():
                return self.of(self._binding.schema.resolve(node))
            case Record(name=name) if name not in self._names:
                return _none
            case Record():
                return self._records.get(node.name) or self._record(node)
            case Array():
                return self._items(node)
            case Map():
                return self._entries(node)
            case Union():
                return self._union(node)
            case _:
                return _none

    def _record(self, node: Record) -> _Find:
        cls = self._binding.record(node)
        rules, steps = _rules(cls), list[tuple[str, str, _Find]]()

        def find(value: Value, place: _Place) -> Iterator[tuple[_Place, Rule]]:
            yield from ((place, rule) for rule in broken(value, rules))
            slots = value.__dict__
            for wire, name, step in steps:
                yield from step(slots[name], (*place, wire))

        self._records[node.name] = find  # before its fields: they may hold the record itself
        names = attributes(cls)
        found = ((field.name, names[field.name][0], self.of(field.type)) for field in node.fields)
        steps.extend(each for each in found if each[2] is not _none)
        return find

    def _items(self, node: Array) -> _Find:
        item = self.of(node.items)

        def find(value: Value, place: _Place) -> Iterator[tuple[_Place, Rule]]:
            for index, each in enumerate(value):
                yield from item(each, (*place, index))

        return _none if item is _none else find

    def _entries(self, node: Map) -> _Find:
        item = self.of(node.values)

        def find(value: Value, place: _Place) -> Iterator[tuple[_Place, Rule]]:
            for key, each in value.items():
                yield from item(each, (*place, key))

        return _none if item is _none else find

    def _union(self, node: Union) -> _Find:
        branches = [self._binding.schema.resolve(each) for each in node.branches]
        by_class = {self._binding.record(each): self.of(each) for each in branches if isinstance(each, Record)}
        lists = [self.of(each) for each in branches if isinstance(each, Array)]
        maps = [self.of(each) for each in branches if isinstance(each, Map)]
        tables = ((tuple, lists), (list, lists), (dict, maps))

        def find(value: Value, place: _Place) -> Iterator[tuple[_Place, Rule]]:
            step = by_class.get(type(value))
            if step is None:
                step = next((finds[0] for kind, finds in tables if finds and isinstance(value, kind)), _none)
            return step(value, place)

        return find if by_class or any(each is not _none for each in (*lists, *maps)) else _none
