"""From JSON to types, by the rules of Java's `Schema.Parser`.

Java knows a named type only once its definition is complete. Until then, and so inside itself, its name stands for a
promise (`Forward`) that is kept when the whole text has been read; see `_linking`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeAlias

from tallystick.contracts._defaults import is_legal_default
from tallystick.contracts._json import write_json
from tallystick.contracts._logical import logical_type
from tallystick.contracts._names import full_name, name_fault
from tallystick.contracts._trampoline import Step
from tallystick.contracts._twins import same_definition
from tallystick.contracts.errors import SchemaError
from tallystick.contracts.types import (
    MISSING,
    PRIMITIVES,
    Array,
    Enum,
    Field,
    Fixed,
    Json,
    Map,
    Missing,
    Named,
    Primitive,
    Props,
    Record,
    Ref,
    Type,
    Union,
)

__all__ = ["Forward", "Parser"]

Node: TypeAlias = dict[str, Json]
Path: TypeAlias = tuple[str | int, ...]

_RESERVED: Final = frozenset(
    {"doc", "fields", "items", "name", "namespace", "size", "symbols", "values", "type", "aliases"}
)
_ENUM_RESERVED: Final = _RESERVED | {"default"}
_FIELD_RESERVED: Final = frozenset({"default", "doc", "name", "order", "type", "aliases"})
_ORDERS: Final = frozenset({"ascending", "descending", "ignore"})
_MAX_SIZE: Final = 2**31 - 9


class Forward(Ref):
    """A use of a name before its definition is complete."""

    __slots__ = ()


class Parser:
    """Reads one schema, after those whose named types are known.

    Args:
        known: Full name to definition of the types that the text may use without defining them.
    """

    def __init__(self, known: Mapping[str, Named]) -> None:
        self.known: dict[str, Named] = dict(known)
        self.forwards: list[tuple[Forward, Path]] = []

    def type(self, node: Json, space: str, at: Path) -> Step[Type]:
        """Read any type."""
        if isinstance(node, str):
            return self._use(node, space, at)
        if isinstance(node, list):
            return (yield self._union(node, space, at))
        if not isinstance(node, dict):
            raise _error(at, f"{write_json(node)} is no schema", fix="write a type's name, an object or an array")
        word = node.get("type")
        if not isinstance(word, str):
            raise _error(at, "an object without the name of a type under `type` is no schema")
        if word in PRIMITIVES:
            props = _props(node, _RESERVED)
            return Primitive(word, logical_type(word, props), props) if props else Primitive(word)
        read = _COMPLEX.get(word)
        return self._use(word, space, at) if read is None else (yield read(self, node, space, at))

    def _use(self, name: str, space: str, at: Path) -> Type:
        if name in PRIMITIVES:
            return Primitive(name)
        full = f"{space}.{name}" if space and "." not in name else name
        if full in self.known:
            return Ref(full)
        if name in self.known:
            return Ref(name)
        forward = Forward(full)
        self.forwards.append((forward, at))
        return forward

    def _union(self, node: list[Json], space: str, at: Path) -> Step[Union]:
        branches: list[Type] = []
        for index, each in enumerate(node):
            branch: Type = yield self.type(each, space, (*at, index))
            if isinstance(branch, Union):
                raise _error(
                    (*at, index), "a union stands directly inside a union", fix="list its branches in the outer one"
                )
            branches.append(branch)
        check_branches(branches, at)
        return Union(tuple(branches))

    def _array(self, node: Node, space: str, at: Path) -> Step[Array]:
        if "items" not in node:
            raise _error(at, "the array has no `items`")
        items: Type = yield self.type(node["items"], space, (*at, "items"))
        return Array(items, _container_props(node, at))

    def _map(self, node: Node, space: str, at: Path) -> Step[Map]:
        if "values" not in node:
            raise _error(at, "the map has no `values`")
        values: Type = yield self.type(node["values"], space, (*at, "values"))
        return Map(values, _container_props(node, at))

    def _record(self, node: Node, space: str, at: Path) -> Step[Record]:
        name = _name(node, space, at)
        nodes = node.get("fields")
        if not isinstance(nodes, list):
            raise _error(at, f"record {name} has no list of `fields`")
        fields: dict[str, Field] = {}
        for index, each in enumerate(nodes):
            here = (*at, "fields", index)
            field: Field = yield self._field(each, name.rpartition(".")[0], here)
            if field.name in fields:
                raise _error(here, f"record {name} has two fields {field.name}", fix="rename or remove one")
            fields[field.name] = field
        record = Record(
            name=name,
            doc=_doc(node),
            aliases=_type_aliases(node, name, at),
            fields=tuple(fields.values()),
            props=_container_props(node, at),
            is_error=node["type"] == "error",
        )
        self._define(record, at)
        return record

    def _field(self, node: Json, space: str, at: Path) -> Step[Field]:
        name = node.get("name") if isinstance(node, dict) else None
        if not isinstance(node, dict) or not isinstance(name, str):
            raise _error(at, "the field has no `name`")
        _check_name(name, "field", (*at, "name"))
        if "type" not in node:
            raise _error(at, f"field {name} has no `type`")
        field_type: Type = yield self.type(node["type"], space, (*at, "type"))
        default = _default(node, field_type, at)
        if default is not MISSING and not (yield is_legal_default(field_type, default, self._so_far)):
            raise bad_default(name, default, at)
        return Field(
            name=name,
            type=field_type,
            doc=_doc(node),
            default=default,
            order=_order(node, at),
            aliases=_aliases(node, at),
            props=_props(node, _FIELD_RESERVED),
        )

    def _so_far(self, ref: Ref) -> Type:
        """Look a use up as Java can at this point: of a promise it knows only that it will be a record."""
        return Record(ref.name) if isinstance(ref, Forward) else self.known[ref.name]

    def _enum(self, node: Node, space: str, at: Path) -> Step[Enum]:
        yield from ()
        name = _name(node, space, at)
        nodes = node.get("symbols")
        if not isinstance(nodes, list):
            raise _error(at, f"enum {name} has no list of `symbols`")
        symbols: dict[str, None] = {}
        for index, symbol in enumerate(nodes):
            here = (*at, "symbols", index)
            if not isinstance(symbol, str):
                raise _error(here, f"{write_json(symbol)} is no symbol", fix="write it as a string")
            _check_name(symbol, "symbol", here)
            if symbol in symbols:
                raise _error(here, f"enum {name} has the symbol {symbol} twice", fix="remove one")
            symbols[symbol] = None
        default = node.get("default")
        if isinstance(default, str) and default not in symbols:
            raise _error(
                (*at, "default"), f"default {default!r} is no symbol of enum {name}", fix=f"one of {', '.join(symbols)}"
            )
        enum = Enum(
            name=name,
            doc=_doc(node),
            aliases=_type_aliases(node, name, at),
            symbols=tuple(symbols),
            default=default if isinstance(default, str) else None,
            props=_props(node, _ENUM_RESERVED),
        )
        self._define(enum, at)
        return enum

    def _fixed(self, node: Node, space: str, at: Path) -> Step[Fixed]:
        yield from ()
        name = _name(node, space, at)
        size = node.get("size")
        if not isinstance(size, int) or isinstance(size, bool) or not 0 <= size <= _MAX_SIZE:
            raise _error(at, f"fixed {name} has no `size` between 0 and {_MAX_SIZE}")
        props = _props(node, _RESERVED)
        fixed = Fixed(
            name=name,
            doc=_doc(node),
            aliases=_type_aliases(node, name, at),
            size=size,
            logical=logical_type("fixed", props, size=size),
            props=props,
        )
        self._define(fixed, at)
        return fixed

    def _define(self, named: Named, at: Path) -> None:
        for part in named.namespace.split(".") if named.namespace else ():
            _check_name(part, "part of the namespace", at)
        if named.name in PRIMITIVES:
            raise _error(
                at, f"a {named.kind} cannot be called {named.name}", fix="choose another name, or add a namespace"
            )
        if not same_definition(self.known.setdefault(named.name, named), named):
            raise _error(at, f"{named.name} is defined twice, differently", fix="rename one, or use the first by name")


_COMPLEX: Final[dict[str, Callable[[Parser, Node, str, Path], Step[Type]]]] = {
    "record": Parser._record,
    "error": Parser._record,
    "enum": Parser._enum,
    "fixed": Parser._fixed,
    "array": Parser._array,
    "map": Parser._map,
}


def check_branches(branches: Iterable[Type], at: Path) -> None:
    """Refuse a union that has a type twice: two of a kind, unless they have different names."""
    seen = set[str]()
    for index, branch in enumerate(branches):
        name = branch.name if isinstance(branch, (Ref, Record, Enum, Fixed)) else branch.kind
        if name in seen and not isinstance(branch, Forward):
            raise _error((*at, index), f"the union has {name} twice", fix="remove one")
        seen.add(name)


def bad_default(name: str, default: Json | Missing, at: Path) -> SchemaError:
    """Make the error for a default that no value of its field can have."""
    shown = write_json(default) if not isinstance(default, Missing) else ""
    return _error((*at, "default"), f"default {shown} of field {name} does not fit its type")


def _error(at: Path, what: str, *, fix: str = "") -> SchemaError:
    pointer = "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in at)
    return SchemaError(what, pointer=pointer, fix=fix)


def _check_name(name: str, what: str, at: Path) -> None:
    if fault := name_fault(name):
        raise _error(at, f"{what} {name!r} {fault}", fix="use letters, digits and _, and no digit first")


def _name(node: Node, space: str, at: Path) -> str:
    name, namespace = node.get("name"), node.get("namespace")
    if not isinstance(name, str):
        raise _error(at, f"the {node['type']} has no `name`")
    _check_name(name.rpartition(".")[2], "name", (*at, "name"))
    return full_name(name, namespace if isinstance(namespace, str) else space)


def _doc(node: Node) -> str | None:
    doc = node.get("doc")
    return doc if isinstance(doc, str) else None


def _aliases(node: Node, at: Path) -> tuple[str, ...]:
    if "aliases" not in node:
        return ()
    aliases = node["aliases"]
    if not isinstance(aliases, list):
        raise _error((*at, "aliases"), "`aliases` is no list")
    for alias in aliases:
        if not isinstance(alias, str):
            raise _error((*at, "aliases"), f"alias {write_json(alias)} is no string")
    return tuple(dict.fromkeys(aliases))  # type: ignore[arg-type]  # all were found to be strings


def _type_aliases(node: Node, name: str, at: Path) -> tuple[str, ...]:
    aliases = _aliases(node, at)
    for alias in aliases:
        _check_name(alias.rpartition(".")[2], "alias", (*at, "aliases"))
    space = name.rpartition(".")[0]
    return tuple(dict.fromkeys(full_name(alias, space) for alias in aliases))


def _order(node: Node, at: Path) -> str:
    order = node.get("order", "ascending")
    if not isinstance(order, str) or order.upper().lower() not in _ORDERS:
        raise _error((*at, "order"), f"{write_json(order)} is no sort order", fix="ascending, descending or ignore")
    return order.upper().lower()


def _default(node: Node, field_type: Type, at: Path) -> Json | Missing:
    if "default" not in node:
        return MISSING
    default = node["default"]
    if isinstance(default, str) and isinstance(field_type, Primitive) and field_type.name in {"float", "double"}:
        try:
            return float(default)
        except ValueError:
            raise _error((*at, "default"), f"default {default!r} is no number") from None
    return default


def _props(node: Node, reserved: frozenset[str]) -> Props:
    return {key: value for key, value in node.items() if key not in reserved}


def _container_props(node: Node, at: Path) -> Props:
    return _props(node, _RESERVED)
