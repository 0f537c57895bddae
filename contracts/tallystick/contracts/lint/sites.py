"""A schema as flat lists of places to check, made from any JSON, however wrong.

The walk keeps Avro's order of definition and its rules for namespaces, guesses nothing, and does not recurse.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tallystick.contracts.jsonspans import Json
    from tallystick.contracts.lint.document import Path

__all__ = ["COMPLEX", "NAMED", "PRIMITIVES", "Enclosing", "FieldSite", "SchemaView", "TypeSite", "view"]

PRIMITIVES: Final = frozenset(("null", "boolean", "int", "long", "float", "double", "bytes", "string"))
NAMED: Final = frozenset(("record", "error", "enum", "fixed"))
COMPLEX: Final = frozenset((*NAMED, "array", "map"))


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
    attributes: dict[str, Json] = dataclasses.field(default_factory=dict)
    children: list[TypeSite] = dataclasses.field(default_factory=list)
    fields: list[FieldSite] = dataclasses.field(default_factory=list)
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
    """

    path: Path
    attributes: dict[str, Json]
    name: str
    record: TypeSite
    type: TypeSite

    @property
    def plain(self) -> TypeSite:
        """The type without null: of a union with one other branch that branch, else the type."""
        if self.type.kind == "union":
            others = [branch for branch in self.type.children if branch.kind != "null"]
            if len(others) == 1:
                return others[0]
        return self.type

    @property
    def is_nullable(self) -> bool:
        """Whether null is one of the values."""
        return self.type.kind == "null" or any(branch.kind == "null" for branch in self.type.children)


@dataclass(slots=True, eq=False)
class Enclosing:
    """What the walk carries into a type."""

    namespace: str = ""
    field: FieldSite | None = None
    parent: TypeSite | None = None


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
        self._view = SchemaView(self._site((), value, Enclosing()))
        self._pending.append(self._view.root)
        while self._pending:
            site = self._pending.pop()
            self._enter(site)
        return self._view

    def _enter(self, site: TypeSite) -> None:
        self._view.types.append(site)
        if site.field is not None and site.field.type is site:
            self._view.fields.append(site.field)
        if site.kind == "ref":
            self._resolve(site)
        elif site.kind in NAMED:
            taken = self._view.named.setdefault(site.name, site)
            if taken is not site:
                self._view.redefined.append(site)
        inside = self._inside(site)
        self._pending += reversed(inside)

    def _resolve(self, site: TypeSite) -> None:
        named = self._view.named
        site.target = named.get(site.name) or named.get(site.short_name)
        if site.target is not None:
            site.name = site.target.name

    def _inside(self, site: TypeSite) -> list[TypeSite]:
        if site.kind == "union" and isinstance(site.value, list):
            site.children = [
                self._site((*site.path, index), branch, Enclosing(site.namespace, site.field, site))
                for index, branch in enumerate(site.value)
            ]
            return site.children
        if site.kind in {"record", "error"}:
            return self._fields(site)
        part = {"array": "items", "map": "values"}.get(site.kind, "")
        if part in site.attributes:
            inner = Enclosing(site.namespace, site.field, site)
            site.children = [self._site((*site.path, part), site.attributes[part], inner)]
        return site.children

    def _fields(self, record: TypeSite) -> list[TypeSite]:
        fields = record.attributes.get("fields")
        for index, value in enumerate(fields if isinstance(fields, list) else ()):
            if isinstance(value, dict):
                record.fields.append(self._field((*record.path, "fields", index), value, record))
        return [each.type for each in record.fields]

    def _field(self, path: Path, value: dict[str, Json], record: TypeSite) -> FieldSite:
        name = value.get("name")
        site = FieldSite(path, value, name if isinstance(name, str) else "", record, record)
        inner = Enclosing(record.namespace, site, record)
        site.type = self._site((*path, "type") if "type" in value else path, value.get("type"), inner)
        return site

    def _site(self, path: Path, value: Json, around: Enclosing) -> TypeSite:
        if isinstance(value, str):
            return _named_type(path, value, around)
        if isinstance(value, list):
            return TypeSite(path, value, "union", "union", around.namespace, around.field, around.parent)
        if isinstance(value, dict):
            return _object(path, value, around)
        return TypeSite(path, value, "bad", "", around.namespace, around.field, around.parent)


def _named_type(path: Path, value: str, around: Enclosing) -> TypeSite:
    if value in PRIMITIVES:
        return TypeSite(path, value, value, value, around.namespace, around.field, around.parent)
    full = value if "." in value or not around.namespace else f"{around.namespace}.{value}"
    return TypeSite(path, value, "ref", full, around.namespace, around.field, around.parent)


def _object(path: Path, value: dict[str, Json], around: Enclosing) -> TypeSite:
    kind = value.get("type")
    site = TypeSite(path, value, "bad", "", around.namespace, around.field, around.parent, value)
    if isinstance(kind, str):
        if kind in NAMED:
            site.kind, (site.name, site.namespace) = kind, _full_name(value, around.namespace)
        elif kind in COMPLEX or kind in PRIMITIVES:
            site.kind = site.name = kind
        else:
            # {"type": "Name"}: a name in an object's clothes.
            plain = _named_type((*path, "type"), kind, around)
            site.kind, site.name = plain.kind, plain.name
    return site


def _full_name(value: dict[str, Json], enclosing: str) -> tuple[str, str]:
    name, namespace = value.get("name"), value.get("namespace", enclosing)
    name = name if isinstance(name, str) else ""
    namespace = namespace if isinstance(namespace, str) else enclosing
    if "." in name:
        return name, name.rpartition(".")[0]
    return (f"{namespace}.{name}" if namespace else name), namespace
