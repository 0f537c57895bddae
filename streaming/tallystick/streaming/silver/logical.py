"""Holds a reader's logical types against a writer's, because Avro's resolution does not.

Java and Spark read a writer's number in the *reader's* logical type: a decimal of scale 2 read with scale 4 turns 12.34
into 0.1234, milliseconds read as microseconds turn 2026 into 1970. `reconcile` puts the writer's logical type into the
reader's schema where the value can then be converted without loss, and names the place where it cannot.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from tallystick.contracts import Schema
from tallystick.contracts.types import Array, Field, Fixed, Map, Primitive, Record, Ref, Union

if TYPE_CHECKING:
    from tallystick.contracts.types import Logical, Type

__all__ = ["LogicalMismatch", "reconcile"]

# Spark makes one type of the units in each of these families, so the writer's unit decides and nothing is lost.
_UNITS: Final = (
    frozenset({"timestamp-millis", "timestamp-micros"}),
    frozenset({"local-timestamp-millis", "local-timestamp-micros"}),
)
_ONLY_A_NAME: Final = frozenset({"uuid"})


@dataclass(frozen=True, slots=True)
class LogicalMismatch:
    """A place where a writer's value means something that the reader's type cannot hold.

    Attributes:
        path: Field names from the root, joined with dots.
        reader: The reader's logical type in words.
        writer: The writer's logical type in words.
    """

    path: str
    reader: str
    writer: str

    @property
    def detail(self) -> str:
        """One sentence for a reject."""
        return f"{self.path} was written as {self.writer}, and the contract reads it as {self.reader}"


class _Mismatched(Exception):  # noqa: N818 - carries a finding up the recursion; callers see a value
    def __init__(self, finding: LogicalMismatch) -> None:
        self.finding = finding


def reconcile(*, reader: Schema, writer: Schema) -> Schema | LogicalMismatch:
    """The reader's schema with the writer's logical types where they differ without loss, or the first place of loss.

    Args:
        reader: The contract's schema.
        writer: A schema that resolves to it by Avro's rules.
    """
    merging = _Merging(reader, writer)
    try:
        root = merging.merge(reader.root, writer.root, ())
    except _Mismatched as mismatched:
        return mismatched.finding
    return Schema(root) if merging.changed else reader


class _Merging:
    """One walk over two schemas."""

    def __init__(self, reader: Schema, writer: Schema) -> None:
        self._reader = reader
        self._writer = writer
        self.changed = False

    def merge(self, node: Type, written: Type, path: tuple[str, ...]) -> Type:
        """The reader's node, holding the writer's logical types."""
        written = self._counterpart(node, self._writer.resolve(written))
        match node, written:
            case Record(), Record():
                return replace(node, fields=tuple(self._field(each, written, path) for each in node.fields))
            case Array(), Array():
                return replace(node, items=self.merge(node.items, written.items, (*path, "[]")))
            case Map(), Map():
                return replace(node, values=self.merge(node.values, written.values, (*path, "{}")))
            case Union(), _:
                return replace(node, branches=tuple(self._branch(each, written, path) for each in node.branches))
            case ((Primitive() | Fixed()), (Primitive() | Fixed())):
                return self._leaf(node, written, path)
            case _:
                # A later use of a named type: its definition has been held against the writer's already.
                return node

    def _field(self, field: Field, written: Record, path: tuple[str, ...]) -> Field:
        names = (field.name, *field.aliases)
        found = next((each for each in written.fields if each.name in names), None)
        return field if found is None else replace(field, type=self.merge(field.type, found.type, (*path, field.name)))

    def _branch(self, branch: Type, written: Type, path: tuple[str, ...]) -> Type:
        candidates = written.branches if isinstance(written, Union) else (written,)
        resolved = [self._writer.resolve(each) for each in candidates]
        same = next((each for each in resolved if each.kind == _kind(self._reader, branch)), None)
        return branch if same is None else self.merge(branch, same, path)

    def _counterpart(self, node: Type, written: Type) -> Type:
        """Of a writer's union, the branch that a reader's plain type takes."""
        if not isinstance(written, Union) or isinstance(node, Union):
            return written
        kind = _kind(self._reader, node)
        resolved = (self._writer.resolve(each) for each in written.branches)
        return next((each for each in resolved if each.kind == kind), written)

    def _leaf(self, node: Primitive | Fixed, written: Primitive | Fixed, path: tuple[str, ...]) -> Primitive | Fixed:
        here, there = _meaning(node.logical), _meaning(written.logical)
        if here == there or _widens(here, there):
            return node
        if not _converts(here, there):
            raise _Mismatched(LogicalMismatch(".".join(path), _words(node), _words(written)))
        self.changed = True
        return replace(node, logical=written.logical, props=written.props)


def _kind(schema: Schema, node: Type) -> str:
    return schema.resolve(node).kind if isinstance(node, Ref) else node.kind


def _meaning(logical: Logical | None) -> Logical | None:
    return None if logical is None or logical.name in _ONLY_A_NAME else logical


def _widens(reader: Logical | None, writer: Logical | None) -> bool:
    """Whether the reader's decimal reads the writer's digits as they stand."""
    return (
        reader is not None
        and writer is not None
        and reader.name == writer.name == "decimal"
        and (reader.scale or 0) == (writer.scale or 0)
        and (reader.precision or 0) >= (writer.precision or 0)
    )


def _converts(reader: Logical | None, writer: Logical | None) -> bool:
    """Whether a value read in the writer's logical type can become the reader's without loss."""
    if reader is None or writer is None:
        return False
    if any({reader.name, writer.name} <= family for family in _UNITS):
        return True
    if not reader.name == writer.name == "decimal":
        return False
    scale, written_scale = reader.scale or 0, writer.scale or 0
    return scale >= written_scale and (reader.precision or 0) - scale >= (writer.precision or 0) - written_scale


def _words(node: Primitive | Fixed) -> str:
    logical = node.logical
    if logical is None:
        return f"plain {node.kind}"
    return f"decimal({logical.precision}, {logical.scale or 0})" if logical.name == "decimal" else logical.name
