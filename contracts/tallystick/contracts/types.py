"""The Avro types as values: what `parse` makes of a schema text.

A tree of frozen nodes. The first use of a named type in reading order holds its definition, every later use, recursion
included, is a `Ref`; `Schema.resolve` follows it. Nodes compare by value; their JSON parts (`default`, `props`) are
shared, so treat them as frozen too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum as _Enum
from operator import is_
from typing import ClassVar, Final, TypeAlias

__all__ = [
    "MISSING",
    "PRIMITIVES",
    "Array",
    "Concrete",
    "Enum",
    "Field",
    "Fixed",
    "Json",
    "Logical",
    "Map",
    "Missing",
    "Named",
    "Primitive",
    "Props",
    "Record",
    "Ref",
    "Type",
    "Union",
    "children",
    "walk",
    "with_children",
]

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
Props: TypeAlias = Mapping[str, Json]

PRIMITIVES: Final = frozenset({"null", "boolean", "int", "long", "float", "double", "bytes", "string"})


class Missing(_Enum):
    """The type of `MISSING`: a field without a default, as opposed to one whose default is null."""

    MISSING = "MISSING"


MISSING: Final = Missing.MISSING


@dataclass(frozen=True, slots=True)
class Logical:
    """A logical type that Avro knows and that fits its underlying type; others stand in `props` alone."""

    name: str
    precision: int | None = None
    scale: int | None = None


@dataclass(frozen=True, slots=True)
class Primitive:
    """One of the eight primitive types.

    `props` are all properties outside Avro's grammar in their order, `logicalType`, `precision` and `scale` among
    them, so that a logical type which Avro ignores can still be seen. The same holds for the other types.
    """

    name: str
    logical: Logical | None = None
    props: Props = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """The type's word in a schema, as every node has one."""
        return self.name


@dataclass(frozen=True, slots=True)
class Array:
    """A list of values of one type."""

    kind: ClassVar[str] = "array"
    items: Type
    props: Props = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Map:
    """Values of one type under string keys."""

    kind: ClassVar[str] = "map"
    values: Type
    props: Props = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Union:
    """One of several types."""

    kind: ClassVar[str] = "union"
    branches: tuple[Type, ...]


class _Named:
    """What the three types with a name share."""

    __slots__ = ()
    name: str

    @property
    def namespace(self) -> str:
        """The full name up to its last dot; empty without one."""
        return self.name.rpartition(".")[0]

    @property
    def simple_name(self) -> str:
        """The full name after its last dot."""
        return self.name.rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a record; `default` is a JSON value or `MISSING`."""

    name: str
    type: Type
    doc: str | None = None
    default: Json | Missing = MISSING
    order: str = "ascending"
    aliases: tuple[str, ...] = ()
    props: Props = field(default_factory=dict)

    @property
    def has_default(self) -> bool:
        """Whether a reader can do without the field."""
        return self.default is not MISSING


@dataclass(frozen=True, slots=True)
class Record(_Named):
    """A record, or an `error`, which differs in that word alone; name and aliases are full names."""

    kind: ClassVar[str] = "record"
    name: str
    doc: str | None = None
    aliases: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()
    props: Props = field(default_factory=dict)
    is_error: bool = False


@dataclass(frozen=True, slots=True)
class Enum(_Named):
    """A closed list of symbols; `default` is what a reader takes for a symbol that it does not know."""

    kind: ClassVar[str] = "enum"
    name: str
    doc: str | None = None
    aliases: tuple[str, ...] = ()
    symbols: tuple[str, ...] = ()
    default: str | None = None
    props: Props = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fixed(_Named):
    """A fixed number of bytes."""

    kind: ClassVar[str] = "fixed"
    name: str
    doc: str | None = None
    aliases: tuple[str, ...] = ()
    size: int = 0
    logical: Logical | None = None
    props: Props = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ref:
    """A later use of the named type with this full name."""

    name: str


Named: TypeAlias = Record | Enum | Fixed
Concrete: TypeAlias = Primitive | Array | Map | Union | Record | Enum | Fixed
Type: TypeAlias = Concrete | Ref


def children(node: Type) -> tuple[Type, ...]:
    """Return the types directly inside a type, in order."""
    match node:
        case Record():
            return tuple([each.type for each in node.fields])
        case Array():
            return (node.items,)
        case Map():
            return (node.values,)
        case Union():
            return node.branches
        case _:
            return ()


def with_children(node: Type, inner: Sequence[Type]) -> Type:
    """Return the type with other types directly inside, in the order of `children`; itself if they are the same."""
    match node:
        case _ if all(map(is_, children(node), inner)):
            return node
        case Record():
            fields = zip(node.fields, inner, strict=True)
            return replace(node, fields=tuple(replace(field, type=each) for field, each in fields))
        case Array():
            return replace(node, items=inner[0])
        case Map():
            return replace(node, values=inner[0])
        case Union():
            return Union(tuple(inner))
        case _:
            return node


def walk(node: Type) -> Iterator[Type]:
    """Yield a type and every type inside it in reading order, each once, however deep; a `Ref` is not followed."""
    stack = [node]
    while stack:
        here = stack.pop()
        yield here
        if not isinstance(here, Primitive):  # as most are
            stack.extend(reversed(children(here)))
