"""Read past what a writer wrote and the reader does not want."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tallystick.contracts.types import Array, Enum, Fixed, Map, Primitive, Record, Type, Union
from tallystick.sdk._codec.decode import Cursor, Read, raw_reader, read_array, read_branch, read_long, read_map

if TYPE_CHECKING:
    from collections.abc import Callable

    from tallystick.contracts import Schema

__all__ = ["skipper"]


def skipper(writer: Schema) -> Callable[[Type], Read]:
    """Return the function that returns, for a type of the writer, the reader of a value that nobody needs."""
    records: dict[str, Read] = {}

    def of(node: Type) -> Read:
        concrete = writer.resolve(node)
        match concrete:
            case Primitive() | Fixed():
                return raw_reader(concrete)
            case Enum():
                return read_long
            case Array():
                return read_array(of(concrete.items))
            case Map():
                return read_map(of(concrete.values))
            case Union():
                return read_branch([of(each) for each in concrete.branches])
            case Record():
                if concrete.name not in records:
                    steps: list[Read] = []
                    records[concrete.name] = _sequence(steps)  # before its fields: they may hold the record itself
                    steps.extend(of(each.type) for each in concrete.fields)
                return records[concrete.name]

    return of


def _sequence(steps: list[Read]) -> Read:
    def read(cursor: Cursor) -> None:
        for step in steps:
            step(cursor)

    return read
