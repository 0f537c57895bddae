"""Values to Avro bytes, as Java writes them."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Final, TypeAlias

from tallystick.contracts.types import Array, Enum, Fixed, Map, Primitive, Record, Ref, Type, Union
from tallystick.sdk._codec.binding import Binding, attributes
from tallystick.sdk._codec.leaf import Convert, Value
from tallystick.sdk._codec.leaves import leaf
from tallystick.sdk._codec.unions import concrete_branches, optional_branch, selector

__all__ = ["Write", "encoder"]

Write: TypeAlias = Callable[[Value, bytearray], None]

_FLOAT: Final = struct.Struct("<f")
_DOUBLE: Final = struct.Struct("<d")


def encoder(binding: Binding) -> Write:
    """Return the function that appends a value of the bound class to a buffer."""
    return _Encoder(binding).of(binding.root)


# --- raw values ------------------------------------------------------------------------------------


def _null(value: None, out: bytearray) -> None:
    """Write nothing."""


def _boolean(value: bool, out: bytearray) -> None:  # noqa: FBT001 - a value, not an option
    out.append(value)


def _long(value: int, out: bytearray) -> None:
    rest = (value << 1) ^ (value >> 63)
    while rest > 0x7F:  # noqa: PLR2004 - seven bits a byte
        out.append(rest & 0x7F | 0x80)
        rest >>= 7
    out.append(rest)


def _float(value: float, out: bytearray) -> None:
    out += _FLOAT.pack(value)


def _double(value: float, out: bytearray) -> None:
    out += _DOUBLE.pack(value)


def _bytes(value: bytes, out: bytearray) -> None:
    _long(len(value), out)
    out += value


def _string(value: str, out: bytearray) -> None:
    data = value.encode()
    size = len(data)
    if size < 64:  # noqa: PLR2004 - most texts are short: their size is one byte
        out.append(size << 1)
    else:
        _long(size, out)
    out += data


def _fixed(value: bytes, out: bytearray) -> None:
    out += value


_RAW: Final[dict[str, Write]] = {
    "null": _null,
    "boolean": _boolean,
    "int": _long,
    "long": _long,
    "float": _float,
    "double": _double,
    "bytes": _bytes,
    "string": _string,
    "fixed": _fixed,
}


def _converted(convert: Convert, write: Write) -> Write:
    return lambda value, out: write(convert(value), out)


def _optional(index: int, write: Write) -> Write:
    """Return the writer of a value that may be null: the most frequent union, and the quickest to tell apart."""
    absent, present = (1 - index) << 1, index << 1

    def write_optional(value: Value, out: bytearray) -> None:
        if value is None:
            out.append(absent)
        else:
            out.append(present)
            write(value, out)

    return write_optional


# --- the walk --------------------------------------------------------------------------------------


class _Encoder:
    def __init__(self, binding: Binding) -> None:
        self._binding = binding
        self._named: dict[str, Write] = {}

    def of(self, node: Type) -> Write:
        """Return the writer of a type."""
        match node:
            case Primitive() | Fixed():
                carried = leaf(node)
                write = _RAW[carried.raw]
                return write if carried.dump is None else _converted(carried.dump, write)
            case Record():
                return self._record(node)
            case Enum():
                return self._enum(node)
            case Ref():
                return self._named.get(node.name) or self.of(self._binding.schema.resolve(node))
            case Array():
                return self._array(node)
            case Map():
                return self._map(node)
            case Union():
                return self._union(node)

    def _record(self, node: Record) -> Write:
        steps: list[tuple[str, Write]] = []

        def write(value: Value, out: bytearray) -> None:
            slots = value.__dict__
            for name, step in steps:
                step(slots[name], out)

        self._named[node.name] = write  # before its fields: they may hold the record itself
        names = attributes(self._binding.record(node))
        steps.extend((names[field.name][0], self.of(field.type)) for field in node.fields)
        return write

    def _enum(self, node: Enum) -> Write:
        indexes = {symbol: index for index, symbol in enumerate(node.symbols)}

        def write(value: Value, out: bytearray) -> None:
            _long(indexes[value], out)

        self._named[node.name] = write
        return write

    def _array(self, node: Array) -> Write:
        item = self.of(node.items)

        def write(value: Value, out: bytearray) -> None:
            if value:
                _long(len(value), out)
                for each in value:
                    item(each, out)
            out.append(0)

        return write

    def _map(self, node: Map) -> Write:
        item = self.of(node.values)

        def write(value: Value, out: bytearray) -> None:
            if value:
                _long(len(value), out)
                for key, each in value.items():
                    _string(key, out)
                    item(each, out)
            out.append(0)

        return write

    def _union(self, node: Union) -> Write:
        branches = concrete_branches(self._binding, node)
        select = selector(self._binding, branches)
        steps = [self.of(each) for each in node.branches]
        if (optional := optional_branch(branches)) is not None:
            return _optional(optional, steps[optional])

        def write(value: Value, out: bytearray) -> None:
            index = select(value)
            _long(index, out)
            steps[index](value, out)

        return write
