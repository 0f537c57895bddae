"""What an expression is made of, and what can be wrong with one.

TallystickError
└── CelError          an expression that is wrong or that we do not support, with the stretch to blame
    └── Unsupported   right in CEL, but not in the part that SQL can say as well
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from tallystick.contracts.errors import TallystickError

if TYPE_CHECKING:
    from decimal import Decimal

__all__ = [
    "Binary",
    "Call",
    "CelError",
    "Choice",
    "Index",
    "ListOf",
    "Literal",
    "Name",
    "Node",
    "Quantifier",
    "Select",
    "Unary",
    "Unsupported",
    "parts",
    "path_of",
]

Scalar: TypeAlias = "str | int | float | bool | bytes | Decimal | None"


class CelError(TallystickError):
    """An expression that is wrong.

    Args:
        message: What is wrong.
        start: Offset of the first character to blame.
        end: Offset behind the last one.
    """

    def __init__(self, message: str, start: int, end: int) -> None:
        super().__init__(message)
        self.start = start
        self.end = end


class Unsupported(CelError):  # noqa: N818 -- it is no error of the author's, but a limit of ours
    """An expression that is right in CEL, but that we cannot say in SQL with the same meaning."""


@dataclass(frozen=True, slots=True, eq=False)
class _At:
    start: int
    end: int


@dataclass(frozen=True, slots=True, eq=False)
class Literal(_At):
    """A constant; a number with a point is a Decimal, so that its digits stay."""

    value: Scalar


@dataclass(frozen=True, slots=True, eq=False)
class Name(_At):
    """`this`, or a variable of `all` or `exists`."""

    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Select(_At):
    """`operand.field`."""

    operand: Node
    field: str


@dataclass(frozen=True, slots=True, eq=False)
class Index(_At):
    """`operand[key]`."""

    operand: Node
    key: Node


@dataclass(frozen=True, slots=True, eq=False)
class ListOf(_At):
    """`[a, b]`."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Unary(_At):
    """`!a` or `-a`."""

    operator: str
    operand: Node


@dataclass(frozen=True, slots=True, eq=False)
class Binary(_At):
    """`a && b`, `a < b`, `a in b`, `a + b`, ..."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True, eq=False)
class Choice(_At):
    """`condition ? yes : no`."""

    condition: Node
    yes: Node
    no: Node


@dataclass(frozen=True, slots=True, eq=False)
class Call(_At):
    """`size(a)`; `a.startsWith(b)` is a call with `a` as its first argument."""

    function: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Quantifier(_At):
    """`items.all(x, body)`, or one of its sisters; of a map the items are its keys."""

    function: str
    items: Node
    variable: str
    body: Node


Node: TypeAlias = "Literal | Name | Select | Index | ListOf | Unary | Binary | Choice | Call | Quantifier"


def path_of(node: Node) -> tuple[str, ...] | None:
    """The path of a plain field such as `this.a.b`, else None."""
    names: list[str] = []
    while isinstance(node, Select):
        names.append(node.field)
        node = node.operand
    return (node.name, *reversed(names)) if isinstance(node, Name) else None


def parts(node: Node) -> tuple[Node, ...]:
    """The expressions directly inside one."""
    match node:
        case Literal() | Name():
            return ()
        case Select() | Unary():
            return (node.operand,)
        case Index():
            return (node.operand, node.key)
        case ListOf():
            return node.items
        case Binary():
            return (node.left, node.right)
        case Choice():
            return (node.condition, node.yes, node.no)
        case Call():
            return node.arguments
        case Quantifier():
            return (node.items, node.body)
