"""Avro bytes to values: the writer's schema says what the bytes are, the class what they become."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias

from tallystick.contracts.types import Fixed, Primitive
from tallystick.sdk._codec.leaf import Convert, Value

__all__ = ["Cursor", "Read", "raw_reader", "read_array", "read_branch", "read_long", "read_map", "then"]

_FLOAT: Final = struct.Struct("<f")
_DOUBLE: Final = struct.Struct("<d")
_VARINT_BITS: Final = 63
_EMPTY_ITEMS: Final = 65_536


class Cursor:
    """A place in a buffer.

    Args:
        data: The bytes to read.
    """

    __slots__ = ("data", "position")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.position = 0

    @property
    def left(self) -> int:
        """How many bytes follow."""
        return len(self.data) - self.position

    def take(self, size: int) -> bytes:
        """Read so many bytes."""
        start = self.position
        end = start + size
        if size < 0 or end > len(self.data):
            raise ValueError("the bytes end too early")
        self.position = end
        return self.data[start:end]


Read: TypeAlias = Callable[[Cursor], Value]


def read_long(cursor: Cursor) -> int:
    """Read a number of variable length."""
    data, position = cursor.data, cursor.position
    result = shift = 0
    while True:
        if position >= len(data):
            raise ValueError("the bytes end too early")
        byte = data[position]
        position += 1
        result |= (byte & 0x7F) << shift
        if byte < 0x80:  # noqa: PLR2004 - the highest bit says that more follow
            break
        shift += 7
        if shift > _VARINT_BITS:
            raise ValueError("a number is longer than 64 bits")
    cursor.position = position
    return (result >> 1) ^ -(result & 1)


def _null(_: Cursor) -> None:
    return None


def _boolean(cursor: Cursor) -> bool:
    byte = cursor.take(1)[0]
    if byte > 1:
        raise ValueError("a boolean is neither 0 nor 1")
    return byte == 1


def _float(cursor: Cursor) -> float:
    value: float = _FLOAT.unpack(cursor.take(4))[0]
    return value


def _double(cursor: Cursor) -> float:
    value: float = _DOUBLE.unpack(cursor.take(8))[0]
    return value


def _bytes(cursor: Cursor) -> bytes:
    return cursor.take(read_long(cursor))


def _string(cursor: Cursor) -> str:
    return _bytes(cursor).decode()


_RAW: Final[dict[str, Read]] = {
    "null": _null,
    "boolean": _boolean,
    "int": read_long,
    "long": read_long,
    "float": _float,
    "double": _double,
    "bytes": _bytes,
    "string": _string,
}


def raw_reader(node: Primitive | Fixed) -> Read:
    """Return the reader of a type's raw value, as if it had no logical type."""
    if isinstance(node, Fixed):
        size = node.size
        return lambda cursor: cursor.take(size)
    return _RAW[node.kind]


def then(read: Read, convert: Convert) -> Read:
    """Return a reader that converts what another reads."""
    return lambda cursor: convert(read(cursor))


def read_branch(branches: Sequence[Read]) -> Read:
    """Return the reader of a union."""

    def read(cursor: Cursor) -> Value:
        index = read_long(cursor)
        if not 0 <= index < len(branches):
            raise ValueError("a union has no such branch")
        return branches[index](cursor)

    return read


def _block(cursor: Cursor) -> int:
    """Read how many items the next block has; 0 ends the array or map."""
    count = read_long(cursor)
    if count < 0:  # a negative count is followed by the block's size in bytes
        count = -count
        read_long(cursor)
    if count > cursor.left + _EMPTY_ITEMS:  # items may take no bytes, but not without end
        raise ValueError("a block claims more items than there are bytes")
    return count


def read_array(item: Read) -> Read:
    """Return the reader of an array."""

    def read(cursor: Cursor) -> tuple[Any, ...]:
        items: list[Any] = []
        while count := _block(cursor):
            items.extend(item(cursor) for _ in range(count))
        return tuple(items)

    return read


def read_map(item: Read) -> Read:
    """Return the reader of a map."""

    def read(cursor: Cursor) -> dict[str, Any]:
        items: dict[str, Any] = {}
        while count := _block(cursor):
            for _ in range(count):
                key = _string(cursor)
                items[key] = item(cursor)
        return items

    return read
