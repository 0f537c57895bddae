"""Values to their JSON forms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from tallystick.contracts.types import Array, Enum, Fixed, Map, Primitive, Record, Ref, Type, Union
from tallystick.sdk._codec.binding import Binding, attributes
from tallystick.sdk._codec.leaf import Value
from tallystick.sdk._codec.leaves import leaf
from tallystick.sdk._codec.unions import (
    concrete_branches,
    is_beside_text,
    is_tagged,
    json_kind,
    optional_branch,
    selector,
    tag,
)

__all__ = ["Plain", "plain_of", "plainer"]

Plain: TypeAlias = Callable[[Value], Value]


def plainer(binding: Binding) -> Plain:
    """Return the function that turns a value of the bound class into dicts, lists, texts and numbers."""
    return _Plainer(binding).of(binding.root)


def plain_of(binding: Binding, node: Type, value: Value) -> Value:
    """The JSON form of a value of some type inside the bound class."""
    return _Plainer(binding).of(node)(value)


def _same(value: Value) -> Value:
    return value


class _Plainer:
    def __init__(self, binding: Binding) -> None:
        self._binding = binding
        self._records: dict[str, Plain] = {}

    def of(self, node: Type) -> Plain:
        """Return the function for a type."""
        match node:
            case Primitive() | Fixed():
                return leaf(node).plain or _same
            case Enum():
                return str
            case Ref():
                return self.of(self._binding.schema.resolve(node))
            case Record():
                return self._records.get(node.name) or self._record(node)
            case Array():
                item = self.of(node.items)
                return lambda value: [item(each) for each in value]
            case Map():
                item = self.of(node.values)
                return lambda value: {key: item(each) for key, each in value.items()}
            case Union():
                return self._union(node)

    def _record(self, node: Record) -> Plain:
        steps: list[tuple[str, str, Plain]] = []

        def plain(value: Value) -> dict[str, Any]:
            slots = value.__dict__
            return {wire: step(slots[name]) for wire, name, step in steps}

        self._records[node.name] = plain  # before its fields: they may hold the record itself
        names = attributes(self._binding.record(node))
        steps.extend((field.name, names[field.name][0], self.of(field.type)) for field in node.fields)
        return plain

    def _union(self, node: Union) -> Plain:
        branches = concrete_branches(self._binding, node)
        select = selector(self._binding, branches)
        steps = [self.of(each) for each in branches]
        if is_beside_text(branches):
            steps = [
                # A time is a long as well, but its form is a text.
                _same if each.kind == "long" and json_kind(each) != "string" else step
                for each, step in zip(branches, steps, strict=True)
            ]
        if (optional := optional_branch(branches)) is not None:
            step = steps[optional]
            return lambda value: None if value is None else step(value)
        tags = [tag(each) for each in branches] if is_tagged(branches) else None

        def plain(value: Value) -> Value:
            index = select(value)
            if tags is None or value is None:
                return steps[index](value)
            return {tags[index]: steps[index](value)}

        return plain
