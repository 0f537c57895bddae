"""The parts of a JSON object that describes a type: each is read, and refused, as Java's parser does."""

from __future__ import annotations

import re
from typing import Final, TypeAlias

from tallystick.contracts._json import write_json
from tallystick.contracts._names import full_name, name_fault
from tallystick.contracts.errors import SchemaError
from tallystick.contracts.types import MISSING, Json, Missing, Primitive, Props, Type

__all__ = [
    "ENUM_WORDS",
    "FIELD_WORDS",
    "TYPE_WORDS",
    "Node",
    "Path",
    "check_name",
    "container_props_of",
    "default_of",
    "doc_of",
    "fault",
    "field_aliases_of",
    "field_name_of",
    "name_of",
    "order_of",
    "props_of",
    "size_of",
    "symbols_of",
    "type_aliases_of",
]

Node: TypeAlias = dict[str, Json]
Path: TypeAlias = tuple[str | int, ...]

TYPE_WORDS: Final = frozenset(
    {"doc", "fields", "items", "name", "namespace", "size", "symbols", "values", "type", "aliases"}
)
ENUM_WORDS: Final = TYPE_WORDS | {"default"}
FIELD_WORDS: Final = frozenset({"default", "doc", "name", "order", "type", "aliases"})

_MAX_SIZE: Final = 2**31 - 9  # the longest array of Java
_LONGS: Final = range(-(2**63), 2**63)
_ORDERS: Final = {"ASCENDING": "ascending", "DESCENDING": "descending", "IGNORE": "ignore"}
_DECIMAL: Final = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?[fFdD]?")
_HEXADECIMAL: Final = re.compile(r"[+-]?0[xX](?:[0-9a-fA-F]+\.?[0-9a-fA-F]*|\.[0-9a-fA-F]+)[pP][+-]?[0-9]+[fFdD]?")
_NO_NUMBER: Final = re.compile(r"[+-]?(?:NaN|Infinity)")


def fault(at: Path, what: str, *, fix: str = "") -> SchemaError:
    """Make the error for a part of the schema."""
    pointer = "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in at)
    return SchemaError(what, pointer=pointer, fix=fix)


def check_name(name: str, what: str, at: Path) -> None:
    """Refuse what is no simple name."""
    if wrong := name_fault(name):
        raise fault(at, f"{what} {name!r} {wrong}", fix="use letters, digits and _, and no digit first")


def name_of(node: Node, namespace: str, at: Path) -> str:
    """Return the full name of a type that stands in a namespace."""
    name, own = node.get("name"), node.get("namespace")
    if not isinstance(name, str):
        raise fault(at, f"the {node['type']} has no `name`")
    check_name(name.rpartition(".")[2], "name", (*at, "name"))
    return full_name(name, own if isinstance(own, str) else namespace)


def field_name_of(node: Json, at: Path) -> str:
    """Return the name of a field."""
    name = node.get("name") if isinstance(node, dict) else None
    if not isinstance(name, str):
        raise fault(at, "the field has no `name`")
    check_name(name, "field", (*at, "name"))
    return name


def doc_of(node: Node) -> str | None:
    """Return the documentation; what is no string is none."""
    doc = node.get("doc")
    return doc if isinstance(doc, str) else None


def field_aliases_of(node: Node, at: Path) -> tuple[str, ...]:
    """Return the other names of a field, each once; they need not be names."""
    if "aliases" not in node:
        return ()
    aliases = node["aliases"]
    if not isinstance(aliases, list):
        raise fault((*at, "aliases"), "`aliases` is no list", fix="write a list of names")
    distinct: dict[str, None] = {}
    for index, alias in enumerate(aliases):
        if not isinstance(alias, str):
            raise fault((*at, "aliases", index), f"alias {write_json(alias)} is no string")
        distinct[alias] = None
    return tuple(distinct)


def type_aliases_of(node: Node, name: str, at: Path) -> tuple[str, ...]:
    """Return the other names of a named type, in full, each once."""
    aliases = field_aliases_of(node, at)
    for index, alias in enumerate(aliases):
        check_name(alias.rpartition(".")[2], "alias", (*at, "aliases", index))
    namespace = name.rpartition(".")[0]
    return tuple(dict.fromkeys(full_name(alias, namespace) for alias in aliases))


def symbols_of(node: Node, name: str, at: Path) -> tuple[str, ...]:
    """Return the symbols of an enum."""
    symbols = node.get("symbols")
    if not isinstance(symbols, list):
        raise fault(at, f"enum {name} has no list of `symbols`")
    distinct: dict[str, None] = {}
    for index, symbol in enumerate(symbols):
        here = (*at, "symbols", index)
        if not isinstance(symbol, str):
            raise fault(here, f"{write_json(symbol)} is no symbol", fix="write a string")
        check_name(symbol, "symbol", here)
        if symbol in distinct:
            raise fault(here, f"enum {name} has the symbol {symbol} twice", fix="remove one")
        distinct[symbol] = None
    return tuple(distinct)


def size_of(node: Node, name: str, at: Path) -> int:
    """Return the number of bytes of a fixed."""
    size = node.get("size")
    if not isinstance(size, int) or isinstance(size, bool) or not 0 <= size <= _MAX_SIZE:
        raise fault(at, f"fixed {name} has no `size` from 0 to {_MAX_SIZE}")
    return size


def order_of(node: Node, at: Path) -> str:
    """Return the sort order of a field."""
    order = node.get("order", "ascending")
    word = _ORDERS.get(order.upper()) if isinstance(order, str) else None
    if word is None:
        raise fault((*at, "order"), f"{write_json(order)} is no sort order", fix="ascending, descending or ignore")
    return word


def default_of(node: Node, field_type: Type, at: Path) -> Json | Missing:
    """Return the default of a field as it is, but a number in quotes as a number where one is asked for."""
    if "default" not in node:
        return MISSING
    default = node["default"]
    if isinstance(default, str) and isinstance(field_type, Primitive) and field_type.name in {"float", "double"}:
        return _java_double(default, (*at, "default"))
    return default


def props_of(node: Node, words: frozenset[str]) -> Props:
    """Return the properties that are none of the grammar's words, in order."""
    return {} if words.issuperset(node) else {key: value for key, value in node.items() if key not in words}


def container_props_of(node: Node, at: Path) -> Props:
    """Return the properties of a type with others inside: Java copies these, and cannot copy every number."""
    props = props_of(node, TYPE_WORDS)
    for key, value in props.items():
        todo = [value]
        while todo:
            part = todo.pop()
            if isinstance(part, int) and part not in _LONGS:
                raise fault((*at, key), f"{part} needs more than 64 bits", fix="write it as a string")
            if isinstance(part, (list, dict)):
                todo += part.values() if isinstance(part, dict) else part
    return props


def _java_double(text: str, at: Path) -> float:
    """Read a number by the rules of Java's `Double.parseDouble`."""
    number = text.strip("".join(map(chr, range(0x21))))
    if _DECIMAL.fullmatch(number) or _NO_NUMBER.fullmatch(number):
        return float(number.rstrip("fFdD"))
    if _HEXADECIMAL.fullmatch(number):
        return _from_hexadecimal(number.rstrip("fFdD"))
    raise fault(at, f"default {text!r} is no number", fix="write the number itself, without quotes")


def _from_hexadecimal(number: str) -> float:
    try:
        return float.fromhex(number)
    except OverflowError:
        return float("-inf") if number.startswith("-") else float("inf")
