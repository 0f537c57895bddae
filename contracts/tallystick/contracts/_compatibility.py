"""Whether a reader's schema can read what a writer's schema wrote: the answer of Java's `SchemaCompatibility`.

The order of the findings and their places are Java's too. Both depend on which comparison of two types came first,
because later ones repeat its findings: so the memory is kept by identity of the nodes, as there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from tallystick.contracts._trampoline import run
from tallystick.contracts.errors import AmbiguousAliasError
from tallystick.contracts.types import Array, Concrete, Enum, Field, Fixed, Map, Named, Record, Type, Union

if TYPE_CHECKING:
    from tallystick.contracts._trampoline import Eventually, Step
    from tallystick.contracts.schema import Schema

__all__ = ["Incompatibility", "compatibility"]

Place: TypeAlias = tuple[str, ...]
Findings: TypeAlias = "tuple[Incompatibility, ...]"

# A type that is used twice in a type that is used twice, and so on, repeats its findings beyond all memory.
_MOST: Final = 100_000
_PROMOTIONS: Final = frozenset(
    {
        *(("long", "int"), ("float", "int"), ("float", "long")),
        *(("double", "int"), ("double", "long"), ("double", "float")),
        *(("bytes", "string"), ("string", "bytes")),
    }
)


@dataclass(frozen=True, slots=True)
class Incompatibility:
    """One reason why a reader cannot read what a writer wrote.

    Attributes:
        type: Java's word for it, such as `TYPE_MISMATCH`.
        location: JSON pointer into the reader's schema.
        message: Java's message.
    """

    type: str
    location: str
    message: str


def compatibility(*, reader: Schema, writer: Schema) -> Findings:
    """Return why data of the writer's schema cannot be read with the reader's; empty if it can.

    Raises:
        AmbiguousAliasError: Name and aliases of a field match several fields of the writer.
    """
    return run(_Comparison(reader, writer).compare(reader.root, writer.root, ()))


class _Comparison:
    """One run over two schemas, with its memory."""

    def __init__(self, reader: Schema, writer: Schema) -> None:
        self._reader = reader
        self._writer = writer
        self._known: dict[tuple[int, int], Findings] = {}

    def compare(self, reader: Type, writer: Type, place: Place) -> Eventually[Findings]:
        """Compare two types, once."""
        reader, writer = self._reader.resolve(reader), self._writer.resolve(writer)
        known = self._known.get((id(reader), id(writer)))
        return self._compare(reader, writer, place) if known is None else known

    def _compare(self, reader: Concrete, writer: Concrete, place: Place) -> Step[Findings]:
        pair = (id(reader), id(writer))
        self._known[pair] = ()  # within itself a pair is held compatible until the contrary is shown
        findings: Findings = yield self._inside(reader, writer, place)
        self._known[pair] = findings
        return findings

    def _inside(self, reader: Concrete, writer: Concrete, place: Place) -> Eventually[Findings]:
        match reader, writer:
            case Array(), Array():
                return self.compare(reader.items, writer.items, (*place, "items"))
            case Map(), Map():
                return self.compare(reader.values, writer.values, (*place, "values"))
            case Union(), Union():
                return self._unions(reader, writer, place)
            case _, Union():
                return self._from_branches(reader, writer, place)
            case Union(), _:
                return self._into_branches(reader, writer, place)
            case Record(), Record():
                return self._fields(reader, writer, place)
            case _:
                return _leaves(reader, writer, place)

    def _unions(self, reader: Union, writer: Union, place: Place) -> Step[Findings]:
        findings: list[Incompatibility] = []
        for index, branch in enumerate(writer.branches):
            if (yield self.compare(reader, branch, ())):
                findings.append(_no_branch(self._writer.resolve(branch), (*place, str(index))))
        return tuple(findings)

    def _from_branches(self, reader: Concrete, writer: Union, place: Place) -> Step[Findings]:
        findings: list[Incompatibility] = []
        for index, branch in enumerate(writer.branches):
            inside: Findings = yield self.compare(reader, branch, (*place, str(index)))
            findings += inside[: _MOST - len(findings)]
        return tuple(findings)

    def _into_branches(self, reader: Union, writer: Concrete, place: Place) -> Step[Findings]:
        for branch in reader.branches:
            if not (yield self.compare(branch, writer, ())):
                return ()
        return (_no_branch(writer, place),)

    def _fields(self, reader: Record, writer: Record, place: Place) -> Step[Findings]:
        by_name = {field.name: field for field in writer.fields}
        findings = [*_names(reader, writer, place)]
        for index, field in enumerate(reader.fields):
            here = (*place, "fields", str(index))
            source = _source(reader, field, by_name, here)
            inside: Findings = ()
            if source is not None:
                inside = yield self.compare(field.type, source.type, (*here, "type"))
            elif not field.has_default:
                inside = yield self._missing(field, writer, here)
            findings += inside[: _MOST - len(findings)]
        return tuple(findings)

    def _missing(self, field: Field, writer: Record, place: Place) -> Eventually[Findings]:
        """Judge a field that was never written and has no default of its own."""
        field_type = self._reader.resolve(field.type)
        if isinstance(field_type, Enum) and field_type.default is not None:
            # Java compares the enum with the record, which never fits.
            return self.compare(field_type, writer, (*place, "type"))
        return (_finding("READER_FIELD_MISSING_DEFAULT_VALUE", place, field.name),)


def _source(reader: Record, field: Field, by_name: dict[str, Field], place: Place) -> Field | None:
    """Return the writer's field that a reader's field stands for, by name or alias."""
    matches = tuple(name for name in (field.name, *field.aliases) if name in by_name)
    if len(matches) > 1:
        raise AmbiguousAliasError(reader.name, field.name, matches, pointer=_pointer(place))
    return by_name[matches[0]] if matches else None


def _leaves(reader: Concrete, writer: Concrete, place: Place) -> Findings:
    """Compare types that have none inside, or are of different kinds."""
    match reader, writer:
        case Fixed(), Fixed():
            return _names(reader, writer, place) + _sizes(reader, writer, place)
        case Enum(), Enum():
            return _names(reader, writer, place) + _symbols(reader, writer, place)
        case _ if reader.kind == writer.kind or (reader.kind, writer.kind) in _PROMOTIONS:
            return ()
        case _:
            return _mismatch(reader, writer, place)


def _names(reader: Named, writer: Named, place: Place) -> Findings:
    # Java compares simple names; and an alias without a namespace, seen from inside one, never matches.
    aliases = (alias for alias in reader.aliases if "." in alias or not reader.namespace)
    if reader.simple_name == writer.simple_name or writer.name in aliases:
        return ()
    return (_finding("NAME_MISMATCH", (*place, "name"), f"expected: {writer.name}"),)


def _sizes(reader: Fixed, writer: Fixed, place: Place) -> Findings:
    if reader.size == writer.size:
        return ()
    return (_finding("FIXED_SIZE_MISMATCH", (*place, "size"), f"expected: {writer.size}, found: {reader.size}"),)


def _symbols(reader: Enum, writer: Enum, place: Place) -> Findings:
    missing = sorted(set(writer.symbols) - set(reader.symbols))
    if not missing or reader.default is not None:
        return ()
    return (_finding("MISSING_ENUM_SYMBOLS", (*place, "symbols"), f"[{', '.join(missing)}]"),)


def _mismatch(reader: Concrete, writer: Concrete, place: Place) -> Findings:
    kinds = f"reader type: {reader.kind.upper()} not compatible with writer type: {writer.kind.upper()}"
    return (_finding("TYPE_MISMATCH", place, kinds),)


def _no_branch(writer: Concrete, place: Place) -> Incompatibility:
    return _finding("MISSING_UNION_BRANCH", place, f"reader union lacking writer type: {writer.kind.upper()}")


def _finding(kind: str, place: Place, message: str) -> Incompatibility:
    return Incompatibility(kind, _pointer(place) or "/", message)


def _pointer(place: Place) -> str:
    return "".join(f"/{step}" for step in place)
