"""Schemas as Avro reads them, with what they refer to in other subjects."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from tallystick.api.registry.content import Reference
from tallystick.api.registry.errors import InvalidSchemaError
from tallystick.contracts import Schema, SchemaError, parse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tallystick.api.registry.content import Content
    from tallystick.api.registry.names import Subject
    from tallystick.api.registry.transaction import Transaction
    from tallystick.contracts.types import Type

__all__ = ["Parsed", "read", "resolve_references"]

_CACHED: Final = 1_000
_MAX_DEPTH: Final = 64


@dataclass(frozen=True, slots=True)
class Parsed:
    """A schema, read.

    Attributes:
        text: As it is stored and served: what other subjects define is only named.
        schema: Complete in itself.
        needed: The schemas that it refers to.
    """

    text: str
    schema: Schema
    needed: tuple[Schema, ...] = ()

    def text_of(self, root: Type) -> str:
        """The text of a changed form of the schema, as it is stored."""
        return Schema(root).text_beside(self.needed)


def read(tx: Transaction, subject: Subject, content: Content) -> Parsed:
    """Read a content's text as seen from a subject.

    Raises:
        InvalidSchemaError: Avro refuses the text, or it refers to something that is not there.
    """
    return _parse(content.text, _reference_texts(tx, subject, content.references, depth=0))


def resolve_references(tx: Transaction, subject: Subject, references: Sequence[Reference]) -> tuple[Reference, ...]:
    """Replace the version -1 of a reference by the latest there is."""
    return tuple(_resolved(tx, subject, reference) for reference in references)


def _resolved(tx: Transaction, subject: Subject, reference: Reference) -> Reference:
    if reference.version != -1:
        return reference
    latest = tx.latest(subject.relative(reference.subject))
    if latest is None:
        raise _missing(reference)
    return Reference(reference.name, reference.subject, latest.version)


def _reference_texts(
    tx: Transaction, subject: Subject, references: Sequence[Reference], *, depth: int
) -> tuple[_Nested, ...]:
    if depth > _MAX_DEPTH:
        raise InvalidSchemaError(f"Invalid schema, details: references are nested deeper than {_MAX_DEPTH}")
    found: list[_Nested] = []
    for reference in references:
        home = subject.relative(reference.subject)
        place = tx.latest(home) if reference.version == -1 else tx.version(home, reference.version)
        content = None if place is None else tx.content(home.context, place.id)
        if content is None:
            raise _missing(reference)
        nested = _reference_texts(tx, home, content.references, depth=depth + 1)
        found.append(_Nested(content.text, nested))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Nested:
    """A text and the texts it needs, as a key of the cache."""

    text: str
    references: tuple[_Nested, ...]


@lru_cache(maxsize=_CACHED)
def _parse(text: str, references: tuple[_Nested, ...]) -> Parsed:
    try:
        needed = tuple(_parse(nested.text, nested.references).schema for nested in references)
        schema = parse(text, references=needed)
    except SchemaError as error:
        raise InvalidSchemaError(f"Invalid schema of type AVRO, details: {error.message}") from None
    return Parsed(schema.text_beside(needed) if needed else schema.text, schema, needed)


def _missing(reference: Reference) -> InvalidSchemaError:
    return InvalidSchemaError(
        "Invalid schema of type AVRO, details: No schema reference found for subject "
        f'"{reference.subject}" and version {reference.version}'
    )
