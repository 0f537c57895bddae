"""From types to text: Java's `toString` and the Parsing Canonical Form."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

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

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

__all__ = ["canonical_text", "schema_text"]

# What is still to be written: text, or a type within the namespace around it.
Piece: TypeAlias = "str | tuple[Type, str]"
Pieces: TypeAlias = "list[Piece]"


def schema_text(root: Type, named: Mapping[str, Named], *, known: Iterable[str] = ()) -> str:
    """Write a schema as Java's `Schema.toString` does.

    Args:
        root: The schema.
        named: The definitions of its named types.
        known: Full names of the types that are defined elsewhere, and stand by their names alone.
    """
    return _render(root, named, set(known), _text)


def canonical_text(root: Type, named: Mapping[str, Named]) -> str:
    """Write a schema in Parsing Canonical Form: what decides how bytes are read, and nothing else."""
    return _render(root, named, set(), _canonical)


def _render(root: Type, named: Mapping[str, Named], written: set[str], write: Callable[[Type, str], Pieces]) -> str:
    """Write a type piece by piece: a named type in full where it comes first, elsewhere as a `Ref`."""
    out: list[str] = []
    todo: Pieces = [(root, "")]
    while todo:
        piece = todo.pop()
        if isinstance(piece, str):
            out.append(piece)
            continue
        node, namespace = piece
        if isinstance(node, (Ref, Record, Enum, Fixed)):
            if node.name in written:
                node = Ref(node.name)
            elif isinstance(node, Ref):
                node = named[node.name]
            written.add(node.name)
        todo.extend(reversed(write(node, namespace)))
    return "".join(out)


def _text(node: Type, space: str) -> Pieces:
    match node:
        case Primitive():
            return [_primitive(node)]
        case Ref():
            return [quote(qualified(node.name, space))]
        case Array():
            return ['{"type":"array","items":', (node.items, space), f"{_props(node.props)}}}"]
        case Map():
            return ['{"type":"map","values":', (node.values, space), f"{_props(node.props)}}}"]
        case Union():
            return ["[", *_commas([_piece(branch, space)] for branch in node.branches), "]"]
        case Record():
            fields = _commas(_field(each, node.namespace) for each in node.fields)
            return [
                _head("error" if node.is_error else "record", node, space),
                ',"fields":[',
                *fields,
                "]",
                _tail(node),
            ]
        case Enum():
            symbols = ",".join(map(quote, node.symbols))
            default = "" if node.default is None else f',"default":{quote(node.default)}'
            return [f'{_head("enum", node, space)},"symbols":[{symbols}]{default}{_tail(node)}']
        case Fixed():
            return [f'{_head("fixed", node, space)},"size":{node.size}{_tail(node)}']


def _canonical(node: Type, _: str) -> Pieces:
    match node:
        case Primitive() | Ref():
            return [f'"{node.name}"']
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


def _field(field: Field, space: str) -> Pieces:
    rest = "" if field.doc is None else f',"doc":{quote(field.doc)}'
    if field.default is not MISSING:
        rest += f',"default":{write_json(field.default)}'
    if field.order != "ascending":
        rest += f',"order":"{field.order}"'
    head, piece = f'{{"name":"{field.name}","type":', _piece(field.type, space)
    tail = f"{rest}{_aliases(field.aliases)}{_props(field.props)}}}"
    return [head + piece + tail] if isinstance(piece, str) else [head, piece, tail]


def _piece(node: Type, space: str) -> Piece:
    """Write a type at once where nothing inside can have a name, as most are; leave it to be written elsewhere."""
    if isinstance(node, Primitive):
        return _primitive(node)
    if isinstance(node, Union):
        branches = [_primitive(branch) for branch in node.branches if isinstance(branch, Primitive)]
        if len(branches) == len(node.branches):
            return f"[{','.join(branches)}]"
    return (node, space)


def _primitive(node: Primitive) -> str:
    return f'{{"type":"{node.name}"{_props(node.props)}}}' if node.props else f'"{node.name}"'


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
