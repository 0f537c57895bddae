"""From JSON to types, by the rules of Java's `Schema.Parser`.

Java knows a named type only once its definition is complete. Until then, and so inside itself, its name is a promise
that is kept when the whole text has been read; see `_linking`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, cast

from tallystick.contracts._defaults import check_default
from tallystick.contracts._equality import same_definition
from tallystick.contracts._json import write_json
from tallystick.contracts._logical import logical_type
from tallystick.contracts._nodes import (
    ENUM_WORDS,
    FIELD_WORDS,
    TYPE_WORDS,
    Node,
    Path,
    check_name,
    container_props_of,
    default_of,
    doc_of,
    fault,
    field_aliases_of,
    field_name_of,
    name_of,
    order_of,
    props_of,
    size_of,
    symbols_of,
    type_aliases_of,
)
from tallystick.contracts._trampoline import run, then
from tallystick.contracts.types import (
    PRIMITIVES,
    Array,
    Concrete,
    Enum,
    Field,
    Fixed,
    Json,
    Map,
    Named,
    Primitive,
    Record,
    Ref,
    Type,
    Union,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from tallystick.contracts._trampoline import Eventually, Step

__all__ = ["Parser", "Promise"]

_PROMISED: Final = Record("")


class Promise(NamedTuple):
    """A use of a name before its definition is complete, its place, and whether that is inside of the definition."""

    ref: Ref
    at: Path
    is_inside: bool


class Parser:
    """Reads one schema.

    Attributes:
        known: Full name to definition of every type that may be used, in the order in which the definitions end.
        places: Where the text defines a type, by the identity of its definition.
        promises: The uses that await their definition, by their identity.
        has_nested_defaults: Whether a default is a list or an object.
        verdicts: Which defaults were found to fit, and which not.
    """

    def __init__(self) -> None:
        self.known: dict[str, Named] = {}
        self.places: dict[int, Path] = {}
        self.promises: dict[int, Promise] = {}
        self.has_nested_defaults = False
        self.verdicts: dict[tuple[int, int], bool] = {}
        self._unfinished: set[str] = set()
        self._readers: Final[Mapping[str, Callable[[Node, str, Path], Eventually[Type]]]] = {
            **dict.fromkeys(PRIMITIVES, _primitive),
            "enum": self._enum,
            "fixed": self._fixed,
            "record": self._record,
            "error": self._record,
            "array": self._array,
            "map": self._map,
        }

    def parse(self, node: Json) -> Type:
        """Read a schema; what it promises is left open."""
        return cast("Type", run(self._type(node, "", ())))

    def add(self, named: Named, at: Path) -> None:
        """Make a type known that is defined in the text or, beforehand, elsewhere."""
        if not same_definition(self.known.setdefault(named.name, named), named, lookup=self.lookup):
            raise fault(
                at, f"{named.name} is defined twice, differently", fix="rename one, or use the first by its name"
            )

    def lookup(self, ref: Ref) -> Type:
        """Return the definition behind a use; a promise stays what it is."""
        return ref if id(ref) in self.promises else self.known[ref.name]

    def resolve(self, ref: Ref) -> Concrete:
        """Return what a default is held against: of a promise Java knows only that it will be a record."""
        return _PROMISED if id(ref) in self.promises else self.known[ref.name]

    def fields(self, record: Record) -> tuple[Field, ...]:
        """Return the fields that a default is held against."""
        return record.fields

    def _type(self, node: Json, namespace: str, at: Path) -> Eventually[Type]:
        if isinstance(node, str):
            return self._use(node, namespace, at)
        if isinstance(node, list):
            return self._union(node, namespace, at)
        if not isinstance(node, dict):
            raise fault(at, f"{write_json(node)} is no schema", fix="write the name of a type, an object or a list")
        word = node.get("type")
        if not isinstance(word, str):
            raise fault(at, "an object without the name of a type under `type` is no schema")
        read = self._readers.get(word)
        return read(node, namespace, at) if read else self._use(word, namespace, at)

    def _use(self, name: str, namespace: str, at: Path) -> Type:
        if name in PRIMITIVES:
            return Primitive(name)
        full = f"{namespace}.{name}" if namespace and "." not in name else name
        for candidate in (full, name):
            if candidate in self.known:
                return Ref(candidate)
        ref = Ref(full)
        self.promises[id(ref)] = Promise(ref, at, full in self._unfinished)
        return ref

    def _union(self, nodes: list[Json], namespace: str, at: Path) -> Eventually[Type]:
        names = [node for node in nodes if isinstance(node, str)]
        if len(names) < len(nodes):
            return self._union_of_more_than_names(nodes, namespace, at)
        return _union([self._use(name, namespace, (*at, index)) for index, name in enumerate(names)], at)

    def _union_of_more_than_names(self, nodes: list[Json], namespace: str, at: Path) -> Step[Type]:
        branches: list[Type] = []
        for index, node in enumerate(nodes):
            branch: Type = yield self._type(node, namespace, (*at, index))
            if isinstance(branch, Union):
                raise fault(
                    (*at, index), "a union stands directly inside a union", fix="list its types in the outer one"
                )
            branches.append(branch)
        return _union(branches, at)

    def _array(self, node: Node, namespace: str, at: Path) -> Step[Type]:
        if "items" not in node:
            raise fault(at, "the array has no `items`")
        items: Type = yield self._type(node["items"], namespace, (*at, "items"))
        return Array(items, container_props_of(node, at))

    def _map(self, node: Node, namespace: str, at: Path) -> Step[Type]:
        if "values" not in node:
            raise fault(at, "the map has no `values`")
        values: Type = yield self._type(node["values"], namespace, (*at, "values"))
        return Map(values, container_props_of(node, at))

    def _record(self, node: Node, namespace: str, at: Path) -> Step[Type]:
        name = name_of(node, namespace, at)
        nodes = node.get("fields")
        if not isinstance(nodes, list):
            raise fault(at, f"record {name} has no list of `fields`")
        fields: dict[str, Field] = {}
        self._unfinished.add(name)
        for index, each in enumerate(nodes):
            here = (*at, "fields", index)
            field: Field = yield self._field(each, name.rpartition(".")[0], here)
            if field.name in fields:
                raise fault(here, f"record {name} has two fields {field.name}", fix="rename or remove one")
            fields[field.name] = field
        self._unfinished.discard(name)
        return self._define(
            Record(
                name=name,
                doc=doc_of(node),
                aliases=type_aliases_of(node, name, at),
                fields=tuple(fields.values()),
                props=container_props_of(node, at),
                is_error=node["type"] == "error",
            ),
            at,
        )

    def _field(self, node: Json, namespace: str, at: Path) -> Eventually[Field]:
        name = field_name_of(node, at)
        if not isinstance(node, dict) or "type" not in node:
            raise fault(at, f"field {name} has no `type`")
        field_type: Eventually[Type] = self._type(node["type"], namespace, (*at, "type"))
        return then(field_type, lambda found: self._field_of(node, name, cast("Type", found), at))

    def _field_of(self, node: Node, name: str, field_type: Type, at: Path) -> Eventually[Field]:
        field = Field(
            name=name,
            type=field_type,
            doc=doc_of(node),
            default=default_of(node, field_type, at),
            order=order_of(node, at),
            aliases=field_aliases_of(node, at),
            props=props_of(node, FIELD_WORDS),
        )
        self.has_nested_defaults |= isinstance(field.default, (list, dict))
        return then(check_default(field, self, at), lambda _: field)

    def _enum(self, node: Node, namespace: str, at: Path) -> Type:
        name = name_of(node, namespace, at)
        symbols = symbols_of(node, name, at)
        default = node.get("default")
        if isinstance(default, str) and default not in symbols:
            fix = f"one of {', '.join(symbols)}"
            raise fault((*at, "default"), f"default {default!r} is no symbol of enum {name}", fix=fix)
        return self._define(
            Enum(
                name=name,
                doc=doc_of(node),
                aliases=type_aliases_of(node, name, at),
                symbols=symbols,
                default=default if isinstance(default, str) else None,
                props=props_of(node, ENUM_WORDS),
            ),
            at,
        )

    def _fixed(self, node: Node, namespace: str, at: Path) -> Type:
        name = name_of(node, namespace, at)
        size = size_of(node, name, at)
        props = props_of(node, TYPE_WORDS)
        return self._define(
            Fixed(
                name=name,
                doc=doc_of(node),
                aliases=type_aliases_of(node, name, at),
                size=size,
                logical=logical_type("fixed", props, size=size),
                props=props,
            ),
            at,
        )

    def _define(self, named: Named, at: Path) -> Named:
        for part in named.name.split(".")[:-1]:
            check_name(part, "part of the namespace", at)
        if named.name in PRIMITIVES:
            fix = "choose another name, or add a namespace"
            raise fault(at, f"a {named.kind} cannot be called {named.name}", fix=fix)
        self.add(named, at)
        self.places[id(named)] = at
        return named


def _union(branches: Iterable[Type], at: Path) -> Union:
    """Make a union, unless it has a type twice: two of a kind, or two of one name."""
    distinct: dict[str, Type] = {}
    for index, branch in enumerate(branches):
        name = branch.kind if isinstance(branch, (Array, Map, Union)) else branch.name
        if name in distinct:
            raise fault((*at, index), f"the union has {name} twice", fix="remove one")
        distinct[name] = branch
    return Union(tuple(distinct.values()))


def _primitive(node: Node, _namespace: str, _at: Path) -> Primitive:
    name = str(node["type"])
    props = props_of(node, TYPE_WORDS)
    return Primitive(name, logical_type(name, props), props)
