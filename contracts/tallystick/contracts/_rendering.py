"""From types to text: Java's `toString` and the Parsing Canonical Form."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final, TypeAlias

from tallystick.contracts._json import quote, write_json
from tallystick.contracts._names import qualified
from tallystick.contracts.types import (
    MISSING,
    Array,
    Enum,
    Field,
    Fixed,
    Map,
    Named,
    Primitive,
    Props,
    Record,
    Ref,
    Type,
    Union,
)

__all__ = ["canonical_text", "schema_text"]

# What is still to be written: text, or a type within the namespace around it.
Piece: TypeAlias = "str | tuple[Type, str]"
Pieces: TypeAlias = "list[Piece]"


def schema_text(root: Type, *, known: Iterable[str] = ()) -> str:
    """Write a schema as Java's `Schema.toString` does; types known elsewhere only by their names."""
    written = set(known)

    def expand(node: Type, space: str) -> Pieces:
        if isinstance(node, (Ref, Record, Enum, Fixed)):
            if isinstance(node, Ref) or node.name in written:
                return [quote(qualified(node.name, space))]
            written.add(node.name)
        return _TEXT[type(node)](node, space)  # type: ignore[operator]  # the table pairs types and functions

    return _render(root, expand)


def canonical_text(root: Type) -> str:
    """Write a schema in Parsing Canonical Form: what decides how bytes are read, and nothing else."""
    written = set[str]()

    def expand(node: Type, _: str) -> Pieces:
        if isinstance(node, (Ref, Record, Enum, Fixed)):
            if isinstance(node, Ref) or node.name in written:
                return [f'"{node.name}"']
            written.add(node.name)
        return _canonical(node)

    return _render(root, expand)


def _render(root: Type, expand: Callable[[Type, str], Pieces]) -> str:
    out: list[str] = []
    todo: Pieces = [(root, "")]
    while todo:
        piece = todo.pop()
        if isinstance(piece, str):
            out.append(piece)
        else:
            todo.extend(reversed(expand(*piece)))
    return "".join(out)


def _primitive(node: Primitive, _: str) -> Pieces:
    return [f'{{"type":"{node.name}"', _props(node.props), "}"] if node.props else [f'"{node.name}"']


def _array(node: Array, space: str) -> Pieces:
    return ['{"type":"array","items":', (node.items, space), _props(node.props), "}"]


def _map(node: Map, space: str) -> Pieces:
    return ['{"type":"map","values":', (node.values, space), _props(node.props), "}"]


def _union(node: Union, space: str) -> Pieces:
    return ["[", *_commas([(branch, space)] for branch in node.branches), "]"]


def _record(node: Record, space: str) -> Pieces:
    fields = _commas(_field(each, node.namespace) for each in node.fields)
    head = _head("error" if node.is_error else "record", node, space)
    return [head, ',"fields":[', *fields, "]", _tail(node)]


def _field(field: Field, space: str) -> Pieces:
    rest = "" if field.doc is None else f',"doc":{quote(field.doc)}'
    if field.default is not MISSING:
        rest += f',"default":{write_json(field.default)}'
    if field.order != "ascending":
        rest += f',"order":"{field.order}"'
    return [
        f'{{"name":"{field.name}","type":',
        (field.type, space),
        f"{rest}{_aliases(field.aliases)}{_props(field.props)}}}",
    ]


def _enum(node: Enum, space: str) -> Pieces:
    symbols = ",".join(map(quote, node.symbols))
    default = "" if node.default is None else f',"default":{quote(node.default)}'
    return [_head("enum", node, space), f',"symbols":[{symbols}]{default}', _tail(node)]


def _fixed(node: Fixed, space: str) -> Pieces:
    return [_head("fixed", node, space), f',"size":{node.size}', _tail(node)]


def _head(word: str, node: Named, space: str) -> str:
    namespace = "" if node.namespace == space else f',"namespace":{quote(node.namespace)}'
    doc = "" if node.doc is None else f',"doc":{quote(node.doc)}'
    return f'{{"type":"{word}","name":{quote(node.simple_name)}{namespace}{doc}'


def _tail(node: Named) -> str:
    return f"{_props(node.props)}{_aliases([qualified(alias, node.namespace) for alias in node.aliases])}}}"


def _aliases(aliases: Iterable[str]) -> str:
    listed = ",".join(map(quote, aliases))
    return f',"aliases":[{listed}]' if listed else ""


def _props(props: Props) -> str:
    return "".join(f",{quote(key)}:{write_json(value)}" for key, value in props.items())


def _commas(parts: Iterable[Pieces]) -> Pieces:
    out: Pieces = []
    for part in parts:
        if out:
            out.append(",")
        out.extend(part)
    return out


_TEXT: Final[Mapping[type, object]] = {
    Primitive: _primitive,
    Array: _array,
    Map: _map,
    Union: _union,
    Record: _record,
    Enum: _enum,
    Fixed: _fixed,
}


def _canonical(node: Type) -> Pieces:
    match node:
        case Array():
            return ['{"type":"array","items":', (node.items, ""), "}"]
        case Map():
            return ['{"type":"map","values":', (node.values, ""), "}"]
        case Union():
            return ["[", *_commas([(branch, "")] for branch in node.branches), "]"]
        case Record():
            fields = _commas([f'{{"name":"{each.name}","type":', (each.type, ""), "}"] for each in node.fields)
            return [f'{{"name":"{node.name}","type":"record","fields":[', *fields, "]}"]
        case Enum():
            symbols = ",".join(f'"{symbol}"' for symbol in node.symbols)
            return [f'{{"name":"{node.name}","type":"enum","symbols":[{symbols}]}}']
        case Fixed():
            return [f'{{"name":"{node.name}","type":"fixed","size":{node.size}}}']
        case _:
            return [f'"{node.name}"']
