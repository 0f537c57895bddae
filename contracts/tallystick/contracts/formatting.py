"""One way to write a schema: keys in a fixed order, short things on one line, everything else as it was.

Numbers and strings keep the characters that their author typed; nothing but space and the order of keys changes,
so the contract means the same before and after.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tallystick.contracts.errors import TallystickError
from tallystick.contracts.jsonspans import Node, read_json

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["NotFormattableError", "format_schema"]

_WIDTH: Final = 118
_INDENT: Final = "  "

# What comes first in which kind of object, and what comes last; between them the rest, in its author's order.
_FIRST: Final[Mapping[str, tuple[str, ...]]] = {
    "record": ("type", "name", "namespace", "aliases", "doc"),
    "error": ("type", "name", "namespace", "aliases", "doc"),
    "enum": ("type", "name", "namespace", "aliases", "doc", "symbols", "default"),
    "fixed": ("type", "name", "namespace", "aliases", "doc", "size", "logicalType", "precision", "scale"),
    "array": ("type", "items", "default"),
    "map": ("type", "values", "default"),
    "field": ("name", "type", "doc", "default", "order", "aliases"),
    "": ("type", "logicalType", "precision", "scale"),
}
_LAST: Final[Mapping[str, tuple[str, ...]]] = {"record": ("fields",), "error": ("fields",)}
# The properties that tools read, between the two.
_OURS: Final = (
    "tallystick:experiment",
    "tallystick:role",
    "tallystick:deprecated",
    "tallystick:suppress",
    "confluent:tags",
    "confluent:rules",
)


class NotFormattableError(TallystickError):
    """A text that cannot be written again without losing something.

    Args:
        message: What is wrong.
        start: Offset of the place.
    """

    def __init__(self, message: str, start: int) -> None:
        super().__init__(message, fix="tallystick lint shows the place")
        self.start = start


def format_schema(text: str) -> str:
    """Write a schema in the one way.

    Args:
        text: The schema.

    Returns:
        The same schema, ending in a newline; formatting it again changes nothing.

    Raises:
        NotFormattableError: The text is no JSON, or has a key twice.
    """
    tree = read_json(text)
    for fault in tree.faults:
        if fault.kind != "surrogate":
            raise NotFormattableError(fault.message, fault.start)
    if tree.root is None:
        raise NotFormattableError("the text is no JSON", 0)
    return _Writer(text).write(tree.root) + "\n"


class _Writer:
    def __init__(self, text: str) -> None:
        self._text = text
        self._flat: dict[int, str] = {}

    def write(self, root: Node) -> str:
        """The text of a tree."""
        self._flatten(root)
        parts: list[str] = []
        # What is still to be written, the next one last: plain text, or a node with its depth and what may follow.
        pending: list[str | tuple[Node, int, int]] = [(root, 0, 0)]
        while pending:
            item = pending.pop()
            if isinstance(item, str):
                parts.append(item)
            else:
                pending += reversed(self._pieces(*item))
        return "".join(parts)

    def _pieces(self, node: Node, depth: int, used: int) -> list[str | tuple[Node, int, int]]:
        """A node on one line if it fits behind what is used of it, else one line for each entry."""
        flat = self._flat[id(node)]
        entries = self._entries(node)
        if not entries or used + len(flat) <= _WIDTH:
            return [flat]
        inner = _INDENT * (depth + 1)
        opener, closer = "[]" if node.items else "{}"
        pieces: list[str | tuple[Node, int, int]] = [opener]
        for index, (key, value) in enumerate(entries):
            lead = f"{key}: " if key else ""
            pieces += [",\n" if index else "\n", f"{inner}{lead}", (value, depth + 1, len(inner) + len(lead))]
        return [*pieces, f"\n{_INDENT * depth}{closer}"]

    def _flatten(self, root: Node) -> None:
        """Note for every node how it looks on one line, the innermost first."""
        order: list[tuple[Node, str]] = []
        pending: list[tuple[Node, str]] = [(root, "type")]
        self._kinds: dict[int, str] = {}
        while pending:
            node, place = pending.pop()
            order.append((node, place))
            kind = _kind(node, place)
            self._kinds[id(node)] = kind
            pending += [(value, _place(kind, str(key.value))) for key, value in node.members]
            pending += [
                (item, "field" if place == "fields" else place if place == "type" else "") for item in node.items
            ]
        for node, _ in reversed(order):
            entries = self._entries(node)
            inside = ", ".join(
                f"{key}: {self._flat[id(value)]}" if key else self._flat[id(value)] for key, value in entries
            )
            if isinstance(node.value, list):
                self._flat[id(node)] = f"[{inside}]"
            elif isinstance(node.value, dict):
                self._flat[id(node)] = f"{{{inside}}}"
            else:
                self._flat[id(node)] = self._text[node.start : node.end]

    def _entries(self, node: Node) -> list[tuple[str, Node]]:
        """The entries of an array, without keys, or the members of an object in order."""
        if node.items:
            return [("", item) for item in node.items]
        kind = self._kinds[id(node)]
        ranks = _ranks(kind)
        middle = len(_FIRST.get(kind, ())) + len(_OURS)
        members = node.members
        if kind != "other":
            members = sorted(members, key=lambda pair: ranks.get(str(pair[0].value), middle))
        return [(self._text[key.start : key.end], value) for key, value in members]


def _ranks(kind: str) -> dict[str, int]:
    """Key -> its place; the last keys come behind every unknown one."""
    names = (*_FIRST.get(kind, ()), *_OURS)
    ranks = {name: rank for rank, name in enumerate(names)}
    return ranks | {name: len(names) + 1 for name in _LAST.get(kind, ())}


def _place(kind: str, key: str) -> str:
    """What stands under a key of an object of some kind: a type, fields, or anything."""
    if kind == "other":
        return ""
    if key in {"type", "items", "values"}:
        return "type"
    return "fields" if key == "fields" else ""


def _kind(node: Node, place: str) -> str:
    """Which order holds for the keys of an object: those of a type, of a field, or none."""
    if place == "field":
        return "field"
    if place != "type" or not isinstance(node.value, dict):
        return "other"
    kind = node.value.get("type")
    return kind if isinstance(kind, str) and kind in _FIRST else ""
