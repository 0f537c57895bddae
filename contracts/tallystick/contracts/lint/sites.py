"""A schema as flat lists of places to check, made from any JSON, however wrong.

The walk keeps Avro's order of definition and its rules for namespaces, guesses nothing, and does not recurse.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tallystick.contracts.jsonspans import Json
    from tallystick.contracts.lint.document import Path

__all__ = ["COMPLEX", "NAMED", "PRIMITIVES", "FieldSite", "SchemaView", "TypeSite", "view"]

PRIMITIVES: Final = frozenset(("null", "boolean", "int", "long", "float", "double", "bytes", "string"))
NAMED: Final = frozenset(("record", "error", "enum", "fixed"))
COMPLEX: Final = frozenset((*NAMED, "array", "map"))
_INNER: Final = {"array": "items", "map": "values"}
_NOTHING: Final[dict[str, Json]] = {}  # one for all plain names, which are most places


@dataclass(slots=True, eq=False)
class TypeSite:
    """A place where a type stands.

    Attributes:
        path: Where in the file.
        value: The JSON there.
        kind: A primitive, "record", "error", "enum", "fixed", "array", "map", "union", "ref", or "bad".
        name: Full name of a named type, or of what a ref refers to; else the kind.
        namespace: The namespace that names inside it are resolved in.
        field: The field whose type this is part of, if any.
        parent: The type that it is part of, if any.
        attributes: The JSON object, empty for a plain name or a union.
        children: The branches, items or values.
        fields: A record's fields.
        target: What a ref refers to, if that is defined before it in this file.
    """

    path: Path
    value: Json
    kind: str
    name: str
    namespace: str
    field: FieldSite | None = None
    parent: TypeSite | None = None
    attributes: dict[str, Json] = dataclasses.field(default_factory=lambda: _NOTHING)
    children: Sequence[TypeSite] = ()
    fields: Sequence[FieldSite] = ()
    target: TypeSite | None = None

    @property
    def logical(self) -> str | None:
        """The logical type that it states, if that is a word."""
        stated = self.attributes.get("logicalType")
        return stated if isinstance(stated, str) else None

    @property
    def short_name(self) -> str:
        """The name without namespace."""
        return self.name.rpartition(".")[2]


@dataclass(slots=True, eq=False)
class FieldSite:
    """A field of a record.

    Attributes:
        path: Where in the file.
        attributes: The JSON object.
        name: Its name; empty where it has none.
        record: The record.
        type: Its type.
        plain: The type without null: of a union with one other branch that branch, else the type.
    """

    path: Path
    attributes: dict[str, Json]
    name: str
    record: TypeSite
    type: TypeSite
    plain: TypeSite

    @property
    def is_nullable(self) -> bool:
        """Whether null is one of the values."""
        return self.type.kind == "null" or any(branch.kind == "null" for branch in self.type.children)


@dataclass(slots=True, eq=False)
class SchemaView:
    """A schema file, flat, in the order of the text.

    Attributes:
        root: The outermost type.
        types: Every place where a type stands.
        fields: Every field.
        named: Full name -> first definition.
        redefined: Later definitions of a name that is taken.
    """

    root: TypeSite
    types: list[TypeSite] = dataclasses.field(default_factory=list)
    fields: list[FieldSite] = dataclasses.field(default_factory=list)
    named: dict[str, TypeSite] = dataclasses.field(default_factory=dict)
    redefined: list[TypeSite] = dataclasses.field(default_factory=list)


def view(value: Json) -> SchemaView:
    """Walk a schema.

    Args:
        value: What the file says.

    Returns:
        The places; a place that is no schema is of kind "bad".
    """
    return _Walk().run(value)


class _Walk:
    def __init__(self) -> None:
        # Places whose insides are still to be walked, the next one last.
        self._pending: list[TypeSite] = []
        self._view: SchemaView

    def run(self, value: Json) -> SchemaView:
        self._view = SchemaView(_site((), value, "", None, None))
        types, fields, pending = self._view.types, self._view.fields, self._pending
        pending.append(self._view.root)
        while pending:
            site = pending.pop()
            types.append(site)
            field = site.field
            if field is not None and field.type is site:
                fields.append(field)
            if site.kind not in PRIMITIVES:
                pending += reversed(self._enter(site))
        return self._view

    def _enter(self, site: TypeSite) -> Sequence[TypeSite]:
        """Note what a place defines or refers to, and make the places inside it."""
        kind = site.kind
        if kind == "union":
            return _branches(site)
        if kind == "ref":
            self._resolve(site)
        elif kind in NAMED:
            taken = self._view.named.setdefault(site.name, site)
            if taken is not site:
                self._view.redefined.append(site)
        if kind in {"record", "error"}:
            site.fields = _fields(site)
            return [each.type for each in site.fields]
        part = _INNER.get(kind, "")
        if part in site.attributes:
            site.children = (_site((*site.path, part), site.attributes[part], site.namespace, site.field, site),)
        return site.children

    def _resolve(self, site: TypeSite) -> None:
        named = self._view.named
        site.target = named.get(site.name) or named.get(site.short_name)
        if site.target is not None:
            site.name = site.target.name


def _branches(union: TypeSite) -> Sequence[TypeSite]:
    path, field = union.path, union.field
    branches = union.value if isinstance(union.value, list) else []
    union.children = [
        _site((*path, index), branch, union.namespace, field, union) for index, branch in enumerate(branches)
    ]
    others = [each for each in union.children if each.kind != "null"]
    if len(others) == 1 and field is not None and field.type is union:
        field.plain = others[0]
    return union.children


def _fields(record: TypeSite) -> list[FieldSite]:
    stated = record.attributes.get("fields")
    return [
        _field((*record.path, "fields", index), value, record)
        for index, value in enumerate(stated if isinstance(stated, list) else ())
        if isinstance(value, dict)
    ]


def _field(path: Path, value: dict[str, Json], record: TypeSite) -> FieldSite:
    name = value.get("name")
    site = FieldSite(path, value, name if isinstance(name, str) else "", record, record, record)
    place = (*path, "type") if "type" in value else path
    site.type = site.plain = _site(place, value.get("type"), record.namespace, site, record)
    return site


def _site(path: Path, value: Json, namespace: str, field: FieldSite | None, parent: TypeSite | None) -> TypeSite:
    """The place of a type in a namespace, a field and another type."""
    if isinstance(value, str):
        kind, name = _word(value, namespace)
        return TypeSite(path, value, kind, name, namespace, field, parent)
    if isinstance(value, list):
        return TypeSite(path, value, "union", "union", namespace, field, parent)
    site = TypeSite(path, value, "bad", "", namespace, field, parent)
    if isinstance(value, dict):
        _describe(site, value)
    return site


def _word(value: str, namespace: str) -> tuple[str, str]:
    """The kind and the full name that a plain name stands for."""
    if value in PRIMITIVES:
        return value, value
    return "ref", value if "." in value or not namespace else f"{namespace}.{value}"


def _describe(site: TypeSite, value: dict[str, Json]) -> None:
    """Take kind and names off an object."""
    site.attributes = value
    kind = value.get("type")
    if not isinstance(kind, str):
        return
    if kind in NAMED:
        site.kind, (site.name, site.namespace) = kind, _full_name(value, site.namespace)
    elif kind in COMPLEX:
        site.kind = site.name = kind
    else:
        # A primitive, or {"type": "Name"}: a name in an object's clothes.
        site.kind, site.name = _word(kind, site.namespace)


def _full_name(value: dict[str, Json], enclosing: str) -> tuple[str, str]:
    name, namespace = value.get("name"), value.get("namespace", enclosing)
    name = name if isinstance(name, str) else ""
    namespace = namespace if isinstance(namespace, str) else enclosing
    if "." in name:
        return name, name.rpartition(".")[0]
    return (f"{namespace}.{name}" if namespace else name), namespace
