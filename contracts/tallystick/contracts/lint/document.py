"""A file as lint sees it: its value, what is wrong with its text, and where each part of it stands.

Reading is quick because places are found only on demand: the value comes from the C reader, and only a file
that has a finding, or that the C reader is not sure about, is read again by the one that knows positions.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from tallystick.contracts._jsonfaults import Fault
from tallystick.contracts.findings import Lines, Span
from tallystick.contracts.jsonplaces import place_of
from tallystick.contracts.jsonspans import Json, Node, read_json
from tallystick.contracts.lint.yamltree import read_yaml

if TYPE_CHECKING:
    from tallystick.contracts.jsonplaces import Stretch

__all__ = ["MAX_BYTES", "Document", "DocumentKind", "Part", "Path", "Step", "decode", "read_document"]

Step: TypeAlias = "str | int"
Path: TypeAlias = "tuple[Step, ...]"
Part = Literal["value", "key"]
DocumentKind = Literal["schema", "sidecar", "domain", "tags", "definition"]

# A registry keeps schemas in Kafka records of 1 MB; five times that is no contract but an accident.
MAX_BYTES: Final = 5 * 1024 * 1024

_ESCAPED_SURROGATE: Final = re.compile(r"\\u[dD][89a-fA-F]")
_BOM: Final = "\N{ZERO WIDTH NO-BREAK SPACE}"


@dataclass(eq=False, kw_only=True)
class Document:
    """One file.

    Attributes:
        path: Its path, with `/`, below the root of the contracts.
        kind: What it is for.
        text: What it says; where it could not be read, empty or what comes nearest.
        value: The value, or None where the text has an error of syntax.
        faults: What is wrong with the text itself.
    """

    path: str
    kind: DocumentKind
    text: str
    value: Json = None
    faults: tuple[Fault, ...] = field(default=())

    @property
    def is_readable(self) -> bool:
        """Whether there is a value to look at."""
        return not any(fault.kind in {"syntax", "depth", "file", "encoding"} for fault in self.faults)

    @cached_property
    def lines(self) -> Lines:
        """Where the text's lines start."""
        return Lines(self.text)

    @cached_property
    def _root(self) -> Node | None:
        if self.kind != "schema":
            return read_yaml(self.text).root
        return read_json(_without_bom(self.text)).root

    def node(self, path: Path) -> Node | None:
        """The node at a path; where it does not exist, the nearest one above it."""
        return self._find(path)[1]

    def span(self, path: Path, part: Part = "value") -> Span:
        """Where the part at a path stands; where there is no such part, the nearest place above it.

        Args:
            path: Keys and indexes from the root.
            part: The value, or the key before it.

        Returns:
            The stretch of the text.
        """
        if self.kind == "schema" and not self.faults:
            return self.lines.span(*self._place(path, part))
        key, node = self._find(path)
        found = key if part == "key" else node
        if found is None:
            return self.lines.span(0, 0)
        if not path and found.members:
            # All of a file is no place to point at: its first key is.
            found = found.members[0][0]
        return self.lines.span(found.start, found.end)

    def _place(self, path: Path, part: Part) -> Stretch:
        """Where a part of sound JSON stands; most files have one finding or two, and need no tree of nodes."""
        if not path and isinstance(self.value, dict) and self.value:
            return place_of(self.text, tuple(self.value)[:1])[0]
        key, value = place_of(self.text, path)
        return key if part == "key" else value

    def _find(self, path: Path) -> tuple[Node | None, Node | None]:
        key = node = self._root
        for step in path:
            if node is None:
                break
            try:
                key, node = node.child(step)
            except (IndexError, StopIteration):
                break
        return key, node


def decode(data: bytes) -> str | Fault:
    """The text of a file, or why it has none."""
    if len(data) > MAX_BYTES:
        size = f"{len(data) / 1024 / 1024:.1f} MiB"
        return Fault("depth", 0, 0, f"the file has {size}, and a contract at most {MAX_BYTES // 1024 // 1024} MiB")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Fault("encoding", 0, 0, "the file is UTF-16: save it as UTF-8")
    if b"\x00" in data:
        return Fault("encoding", 0, 0, f"the file is binary (byte 0 at offset {data.index(0)}): write JSON in UTF-8")
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        at = len(data[: error.start].decode())
        message = f"byte 0x{data[error.start]:02x} is no UTF-8: save the file as UTF-8"
        return Fault("encoding", at, at + 1, message)


def read_document(path: str, kind: DocumentKind, data: bytes | Fault) -> Document:
    """Read a file's bytes.

    Args:
        path: The path below the root.
        kind: What the file is for: a schema is JSON, everything else YAML.
        data: The bytes, or why there are none.

    Returns:
        The document, whatever the bytes are.
    """
    text = data if isinstance(data, Fault) else decode(data)
    if isinstance(text, Fault):
        # Where one byte is wrong, the text around it shows the place.
        shown = data.decode(errors="replace") if text.end and isinstance(data, bytes) else ""
        return Document(path=path, kind=kind, text=shown, faults=(text,))
    if kind != "schema":
        tree = read_yaml(text)
        value = tree.root.value if tree.root else None
        return Document(path=path, kind=kind, text=text, value=value, faults=tree.faults)
    try:
        return Document(path=path, kind=kind, text=text, value=_read_quickly(text))
    except (ValueError, RecursionError):
        return _read_closely(path, text)


def _read_quickly(text: str) -> Json:
    if _ESCAPED_SURROGATE.search(text):
        raise ValueError
    value: Json = _QUICK.decode(text)
    return value


def _unique(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError
    return members


def _refuse(constant: str) -> float:
    raise ValueError(constant)


_QUICK: Final = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_refuse)


def _read_closely(path: str, text: str) -> Document:
    tree = read_json(_without_bom(text))
    faults = tree.faults
    if text.startswith(_BOM):
        mark = Fault("encoding-mark", 0, 1, "the file starts with a byte order mark: save it without", "")
        faults = (mark, *faults)
    value = tree.root.value if tree.root else None
    return Document(path=path, kind="schema", text=text, value=value, faults=faults)


def _without_bom(text: str) -> str:
    """The text with a space for the mark, so that offsets stay."""
    return " " + text[1:] if text.startswith(_BOM) else text
