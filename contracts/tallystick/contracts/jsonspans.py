"""A JSON reader that remembers where everything stands: for tools that point at a line, or edit one.

`read_json(text)` gives a tree of nodes in the order of the text, with every duplicate key, or says in one
sentence what is wrong and where. It follows RFC 8259 to the letter: no comments, no NaN, no trailing comma. It
does not recurse, so depth costs no stack; `MAX_DEPTH` is the cap that Java's reader has.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Final, NoReturn, TypeAlias

from tallystick.contracts._jsonfaults import Fault, syntax_fault

__all__ = ["MAX_DEPTH", "Fault", "Json", "JsonTree", "Node", "read_json"]

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"

MAX_DEPTH: Final = 1_000

_SPACE: Final = re.compile(r"[ \t\r\n]*")
_STRING: Final = re.compile(r'"[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*"')
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?(?![0-9A-Za-z_.+-])")
_WORD: Final = re.compile(r"(true|false|null)(?![0-9A-Za-z_])")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_WORDS: Final[dict[str, bool | None]] = {"true": True, "false": False, "null": None}
_MAX_DIGITS: Final = 4_000


@dataclass(slots=True, eq=False)
class Node:
    """A value and where it stands.

    Attributes:
        start: Offset of its first character.
        end: Offset behind its last one.
        value: The value; of two equal keys the last one counts, as in Java's reader.
        members: An object's keys (as nodes) and values, in order, duplicates too.
        items: An array's entries.
    """

    start: int
    end: int
    value: Json
    members: list[tuple[Node, Node]] = field(default_factory=list)
    items: list[Node] = field(default_factory=list)

    def child(self, step: str | int) -> tuple[Node, Node]:
        """The key and the value of a member (of equal keys the last one), or an entry, twice."""
        if isinstance(step, int):
            return self.items[step], self.items[step]
        return next(pair for pair in reversed(self.members) if pair[0].value == step)


@dataclass(frozen=True, slots=True)
class JsonTree:
    """What a text says.

    Attributes:
        root: The value, or None where the text is no JSON.
        faults: What is wrong; a duplicate key or a lone surrogate still leaves a root.
    """

    root: Node | None
    faults: tuple[Fault, ...]


def read_json(text: str) -> JsonTree:
    """Read a JSON text.

    Args:
        text: The whole text.

    Returns:
        The tree and every fault; after an error of syntax, which ends the reading, no tree.
    """
    reader = _Reader(text)
    try:
        root = reader.read()
    except _StopReading as stop:
        return JsonTree(None, (*reader.faults, stop.fault))
    return JsonTree(root, tuple(reader.faults))


class _StopReading(Exception):  # noqa: N818 -- a way out of the reader, never seen outside
    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._open: list[Node] = []
        self._key = Node(0, 0, None)
        self.faults: list[Fault] = []

    def read(self) -> Node:
        """Read one value and the end of the text."""
        root = self._value()
        while self._open:
            self._step()
        if self._peek():
            self._blame("end")
        return root

    def _step(self) -> None:
        """Read one member or entry of the innermost container, or its end."""
        parent = self._open[-1]
        closer = "]" if isinstance(parent.value, list) else "}"
        is_empty = not parent.items and not parent.members
        sign = self._peek()
        if sign == closer:
            self._at += 1
            parent.end = self._at
            self._open.pop()
            return
        if not is_empty:
            if sign != ",":
                self._blame("comma")
            comma = self._at
            self._at += 1
            if self._peek() == closer:
                message = f"there is a comma before `{closer}`: delete the comma"
                raise _StopReading(Fault("syntax", comma, comma + 1, message, ""))
        if closer == "}":
            self._read_key()
        child = self._value()
        self._attach(parent, child)

    def _read_key(self) -> None:
        if self._peek() != '"':
            self._blame("key")
        self._key = self._string()
        if self._peek() != ":":
            self._blame("colon")
        self._at += 1

    def _attach(self, parent: Node, child: Node) -> None:
        if isinstance(parent.value, list):
            parent.items.append(child)
            parent.value.append(child.value)
            return
        key, members = self._key, parent.value
        parent.members.append((key, child))
        if isinstance(members, dict) and isinstance(key.value, str):
            if key.value in members:
                self._note_duplicate(key)
            members[key.value] = child.value

    def _note_duplicate(self, key: Node) -> None:
        message = f'the key "{key.value}" stands twice in this object: delete one of them'
        self.faults.append(Fault("duplicate", key.start, key.end, message))

    def _value(self) -> Node:
        sign = self._peek()
        if sign in {"{", "["}:
            return self._open_container(sign)
        if sign == '"':
            return self._string()
        match = _WORD.match(self._text, self._at)
        if match:
            return self._scalar(match.end(), _WORDS[match[1]])
        match = _NUMBER.match(self._text, self._at)
        if not match:
            self._blame("value")
        if match.end() - match.start() > _MAX_DIGITS:
            message = f"this number has more than {_MAX_DIGITS:,} digits"
            raise _StopReading(Fault("depth", match.start(), match.end(), message))
        is_float = match[1] is not None or match[2] is not None
        return self._scalar(match.end(), float(match[0]) if is_float else int(match[0]))

    def _open_container(self, sign: str) -> Node:
        if len(self._open) >= MAX_DEPTH:
            fault = Fault(
                "depth", self._at, self._at + 1, f"nested deeper than {MAX_DEPTH:,} levels: no reader takes it"
            )
            raise _StopReading(fault)
        node = Node(self._at, self._at, {} if sign == "{" else [])
        self._open.append(node)
        self._at += 1
        return node

    def _string(self) -> Node:
        match = _STRING.match(self._text, self._at)
        if not match:
            self._blame("string")
        raw = match[0]
        value = json.loads(raw) if "\\" in raw else raw[1:-1]
        if "\\u" in raw and _SURROGATE.search(value):
            message = "half of a surrogate pair stands alone: write the character itself, or both halves"
            self.faults.append(Fault("surrogate", match.start(), match.end(), message))
        return self._scalar(match.end(), value)

    def _scalar(self, end: int, value: Json) -> Node:
        node = Node(self._at, end, value)
        self._at = end
        return node

    def _peek(self) -> str:
        match = _SPACE.match(self._text, self._at)
        self._at = match.end() if match else self._at
        return self._text[self._at : self._at + 1]

    def _blame(self, wanted: str) -> NoReturn:
        opened = self._open[-1].start if self._open else None
        raise _StopReading(syntax_fault(self._text, self._at, wanted, opened))
