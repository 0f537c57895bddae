"""What a rule is made of: its texts, its check, and what a check says when it is broken.

Most are named tuples: each dataclass here would cost every start of the command line a millisecond and a half.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from tallystick.contracts.findings import Severity
    from tallystick.contracts.lint.document import Document, DocumentKind, Part, Path
    from tallystick.contracts.lint.repository import Repository, SchemaFile
    from tallystick.contracts.lint.sites import FieldSite, TypeSite

__all__ = [
    "AddMember",
    "Change",
    "Check",
    "DropMember",
    "Example",
    "Frame",
    "Hit",
    "Hits",
    "Mend",
    "OnDocument",
    "OnField",
    "OnSchema",
    "OnType",
    "ReplaceText",
    "Rule",
    "SetKey",
    "SetValue",
]


class SetValue(NamedTuple):
    """Write other JSON at a path."""

    path: Path
    text: str


class SetKey(NamedTuple):
    """Rename the key at a path."""

    path: Path
    key: str


class AddMember(NamedTuple):
    """Add a member to the object at a path, behind the member `after`."""

    path: Path
    after: str
    key: str
    text: str


class DropMember(NamedTuple):
    """Delete the member at a path."""

    path: Path


class ReplaceText(NamedTuple):
    """Replace a stretch of the text."""

    start: int
    end: int
    text: str


Change: TypeAlias = "SetValue | SetKey | AddMember | DropMember | ReplaceText"


class Mend(NamedTuple):
    """How to mend a hit.

    Attributes:
        description: What to type.
        changes: The changes that do it; empty where only a person can.
        safe: Whether `--fix` may carry them out.
    """

    description: str
    changes: tuple[Change, ...] = ()
    safe: bool = False


class Hit(NamedTuple):
    """A place where a rule is broken.

    Attributes:
        path: Where, in the file under check.
        message: What is wrong, and where it is short what to write, in one line.
        mend: How to mend it.
        part: Whether the value or its key is to blame.
        within: Offsets in the text, where they say more than the path.
    """

    path: Path
    message: str
    mend: Mend | None = None
    part: Part = "value"
    within: tuple[int, int] | None = None


Hits: TypeAlias = Iterator[Hit]


class OnField(NamedTuple):
    """A check of every field, or of every one that has the key `needs`, or whose type, null aside, is of `kinds`."""

    run: Callable[[FieldSite, SchemaFile], Hits]
    needs: str = ""
    kinds: frozenset[str] = frozenset()


class OnType(NamedTuple):
    """A check of every type of certain kinds (all, if none is named), or of those that have the key `needs`."""

    run: Callable[[TypeSite, SchemaFile], Hits]
    kinds: frozenset[str] = frozenset()
    needs: str = ""


class OnSchema(NamedTuple):
    """A check of a schema as a whole."""

    run: Callable[[SchemaFile], Hits]


class OnDocument(NamedTuple):
    """A check of any file of certain kinds, readable or not."""

    run: Callable[[Document, Repository], Hits]
    kinds: tuple[DocumentKind, ...]


Check: TypeAlias = "OnField | OnType | OnSchema | OnDocument"

# What an example's text is a part of; see lint/examples.py.
Frame = Literal[
    "bytes", "unreadable", "field", "record", "event", "type", "sidecar", "domain", "tags", "definition", "shared"
]


class Example(NamedTuple):
    """A piece of a contract.

    Attributes:
        text: The piece, as people would read it.
        frame: What it is a piece of.
        path: Where the file stands, for rules about paths.
    """

    text: str
    frame: Frame = "field"
    path: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule.

    Attributes:
        id: Stable and never used again for another rule: the family's letter and three digits.
        title: What it asks for, in a few words.
        severity: What a finding is, unless `tallystick.toml` says otherwise.
        why: What goes wrong without it.
        bad: An example that breaks this rule and no other.
        good: The same, mended.
        checks: They find where it is broken.
        fixable: Whether `--fix` can mend it, at least in some cases.
    """

    id: str
    title: str
    severity: Severity
    why: str
    bad: Example
    good: Example
    checks: tuple[Check, ...]
    fixable: bool = False
