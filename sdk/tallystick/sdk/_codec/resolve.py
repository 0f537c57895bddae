"""Schema resolution: what a writer wrote, read as the reader's class, by Avro's rules.

One rule is ours: where writer and reader both have a logical type of one family, the value is read in the *writer's*
unit. Java and Spark apply the reader's, and read 12.34 as 0.1234 when a scale has changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tallystick.contracts.types import Array, Concrete, Enum, Field, Fixed, Map, Named, Primitive, Record, Type, Union
from tallystick.sdk._codec.binding import Binding, attributes
from tallystick.sdk._codec.decode import Cursor, Read, raw_reader, read_array, read_branch, read_long, read_map, then
from tallystick.sdk._codec.leaves import leaf
from tallystick.sdk._codec.skip import skipper
from tallystick.sdk.types import to_float32

if TYPE_CHECKING:
    from tallystick.contracts import Schema
    from tallystick.sdk._codec.leaf import Convert, Value

__all__ = ["UnreadableError", "decoder"]


class UnreadableError(ValueError):
    """What the writer wrote can never become what the reader wants."""


def decoder(binding: Binding, writer: Schema) -> Read:
    """Return the function that reads a value of the bound class from what the writer's schema describes.

    Raises:
        UnreadableError: The two schemas do not resolve.
    """
    return _Resolver(binding, writer).of(writer.root, binding.root)


_PROMOTIONS: Final[dict[tuple[str, str], Convert]] = {
    ("int", "long"): int,
    ("int", "float"): to_float32,
    ("int", "double"): float,
    ("long", "float"): to_float32,
    ("long", "double"): float,
    ("float", "double"): float,
    ("string", "bytes"): str.encode,
    ("bytes", "string"): bytes.decode,
}


class _Resolver:
    def __init__(self, binding: Binding, writer: Schema) -> None:
        self._binding = binding
        self._writer = writer
        self._skip = skipper(writer)
        self._records: dict[tuple[str, str], Read] = {}

    def of(self, writer: Type, reader: Type) -> Read:
        """Return the reader of one type written as another."""
        written, wanted = self._writer.resolve(writer), self._binding.schema.resolve(reader)
        match written, wanted:
            case Union(), _:
                return read_branch([self._branch(each, wanted) for each in written.branches])
            case _, Union():
                return self.of(written, self._choose(written, wanted))
            case Record(), Record():
                return self._record(written, wanted)
            case Enum(), Enum():
                return self._enum(written, wanted)
            case Array(), Array():
                return read_array(self.of(written.items, wanted.items))
            case Map(), Map():
                return read_map(self.of(written.values, wanted.values))
            case ((Primitive() | Fixed()), (Primitive() | Fixed())):
                return _leaf(written, wanted)
            case _:
                raise UnreadableError(f"a writer's {written.kind} is no {wanted.kind}")

    def _branch(self, written: Type, wanted: Type) -> Read:
        """Return the reader of one branch; one that does not resolve matters only once it is met."""
        try:
            return self.of(written, wanted)
        except UnreadableError as error:
            message = str(error)

            def refuse(_: Cursor) -> Value:
                raise ValueError(message)

            return refuse

    def _choose(self, written: Concrete, wanted: Union) -> Type:
        """Return the reader's branch for a value: the same type if there is one, else the first that it widens to."""
        branches = [(each, self._binding.schema.resolve(each)) for each in wanted.branches]
        for alike in (_is_same, _is_namesake, _is_wider):
            for branch, concrete in branches:
                if alike(written, concrete):
                    return branch
        raise UnreadableError("no branch of the reader's union takes what the writer wrote")

    def _record(self, written: Record, wanted: Record) -> Read:
        key = (written.name, wanted.name)
        if key in self._records:
            return self._records[key]
        cls = self._binding.record(wanted)
        steps: list[tuple[str | None, Read]] = []

        def read(cursor: Cursor) -> Value:
            values = {}
            for name, step in steps:
                value = step(cursor)
                if name is not None:
                    values[name] = value
            return cls(**values)

        self._records[key] = read  # before its fields: they may hold the record itself
        names = attributes(cls)
        sources = _sources(written, wanted)
        for field in written.fields:
            if target := sources.get(field.name):
                steps.append((names[target.name][0], self.of(field.type, target.type)))
            else:
                steps.append((None, self._skip(field.type)))
        return read

    def _enum(self, written: Enum, wanted: Enum) -> Read:
        if not _is_namesake(written, wanted):
            raise UnreadableError(f"a writer's {written.name} is no {wanted.name}")
        cls = self._binding.enum(wanted)
        known = set(wanted.symbols)
        fallback = None if wanted.default is None else cls(wanted.default)
        members = [cls(each) if each in known else fallback for each in written.symbols]

        def read(cursor: Cursor) -> Value:
            index = read_long(cursor)
            if not 0 <= index < len(members) or (member := members[index]) is None:
                raise ValueError(f"{wanted.name} has no such symbol")
            return member

        return read


def _sources(written: Record, wanted: Record) -> dict[str, Field]:
    """Map the writer's field names to the reader's fields that take them."""
    there = {each.name for each in written.fields}
    sources: dict[str, Field] = {}
    for field in wanted.fields:
        source = next((each for each in (field.name, *field.aliases) if each in there), None)
        if source is not None:
            sources[source] = field
        elif not field.has_default:
            raise UnreadableError(f"the writer has no field {field.name}, and it has no default")
    return sources


def _leaf(written: Primitive | Fixed, wanted: Primitive | Fixed) -> Read:
    raw = raw_reader(written)
    theirs, ours = leaf(written), leaf(wanted)
    if not _is_namesake(written, wanted):
        raw = then(raw, _promotion(written.kind, wanted.kind))
    if ours.load is None:
        return raw
    if theirs.load is None:
        return then(raw, ours.load)
    if theirs.family != ours.family:
        raise UnreadableError(f"a writer's {theirs.family} is no {ours.family}")
    return then(raw_reader(written), theirs.load)


def _promotion(written: str, wanted: str) -> Convert:
    if (written, wanted) not in _PROMOTIONS:
        raise UnreadableError(f"a writer's {written} is no {wanted}")
    return _PROMOTIONS[written, wanted]


def _is_same(written: Concrete, wanted: Concrete) -> bool:
    """Tell whether two types are one: the same word and, where they have one, the same full name."""
    return written.kind == wanted.kind and getattr(written, "name", "") == getattr(wanted, "name", "")


def _is_namesake(written: Concrete, wanted: Concrete) -> bool:
    """Tell whether two types are one by their simple names or the reader's aliases, as Java compares them."""
    match written, wanted:
        case Record(), Record():
            return _shares_name(written, wanted)
        case Enum(), Enum():
            return _shares_name(written, wanted)
        case Fixed(), Fixed():
            return written.size == wanted.size and _shares_name(written, wanted)
        case _:
            return _is_same(written, wanted)


def _shares_name(written: Named, wanted: Named) -> bool:
    return written.simple_name == wanted.simple_name or written.name in wanted.aliases


def _is_wider(written: Concrete, wanted: Concrete) -> bool:
    return (written.kind, wanted.kind) in _PROMOTIONS
