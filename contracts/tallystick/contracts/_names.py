"""Avro names by Java's rules: letters of any script, but only of the Basic Multilingual Plane."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["full_name", "name_fault", "qualified"]

_ASCII: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LAST_BMP: Final = "\uffff"  # Java looks at UTF-16 units, and half of a surrogate pair is no letter
_TYPE_WORDS: Final = frozenset(
    {
        *("record", "enum", "array", "map", "union", "fixed"),
        *("string", "bytes", "int", "long", "float", "double", "boolean", "null"),
    }
)


def name_fault(name: str) -> str:
    """Return what is wrong with a simple name; empty if nothing is."""
    if _ASCII.fullmatch(name):
        return ""
    if not name:
        return "is empty"
    if not (name[0] == "_" or _is_letter(name[0])):
        return f"begins with {name[0]!r}, which is neither a letter nor _"
    for char in name:
        if not (char == "_" or _is_letter(char) or (char.isdecimal() and char <= _LAST_BMP)):
            return f"holds {char!r}, which is neither a letter, a digit nor _"
    return ""


def full_name(name: str, namespace: str) -> str:
    """Return the full name that a possibly qualified name has inside a namespace."""
    if "." in name:
        return name.removeprefix(".") if name.rfind(".") == 0 else name
    return f"{namespace}.{name}" if namespace else name


def qualified(name: str, namespace: str) -> str:
    """Return a full name as it is written inside a namespace: short where that is unmistakable."""
    space, _, simple = name.rpartition(".")
    return simple if space and space == namespace and simple not in _TYPE_WORDS else name


def _is_letter(char: str) -> bool:
    return char.isalpha() and char <= _LAST_BMP
