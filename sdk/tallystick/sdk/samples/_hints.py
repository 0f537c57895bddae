"""What rules say about the values of fields: the constants beside them, the patterns, the sizes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from tallystick.contracts.cel import Checked, Node
from tallystick.contracts.cel.functions import constant_moment
from tallystick.contracts.cel.nodes import Binary, Call, Index, ListOf, Literal, Name, Quantifier, Select, parts
from tallystick.contracts.rules import rules_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tallystick.contracts import Schema
    from tallystick.sdk._codec.leaf import Value

__all__ = ["Hints", "hints_of", "touched"]

_COMPARISONS: Final = frozenset(("==", "!=", "<", "<=", ">", ">="))
_DAY: Final = timedelta(days=1)
_EARLY: Final = datetime(2, 1, 1, tzinfo=UTC)
_LATE: Final = datetime(9998, 1, 1, tzinfo=UTC)
_TEXTS: Final = frozenset(("startsWith", "endsWith", "contains"))


@dataclass(slots=True)
class Hints:
    """What the rules say about a field.

    Attributes:
        values: Constants that it is compared with.
        sizes: Numbers that its size is compared with.
        patterns: Patterns that it is to match.
    """

    values: list[Value] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    patterns: list[str] = field(default_factory=list)


@lru_cache(maxsize=256)
def hints_of(schema: Schema) -> Mapping[str, Hints]:
    """Name of a field, in whatever record -> what the schema's rules say about it."""
    found: dict[str, Hints] = {}
    for rules in rules_of(schema).values():
        for rule in rules:
            if isinstance(rule.compiled, Checked):
                _collect(rule.compiled.node, {}, found)
    return found


def touched(node: Node) -> Iterator[str]:
    """The fields of `this` that a rule looks at."""
    if isinstance(node, Select) and isinstance(node.operand, Name) and node.operand.name == "this":
        yield node.field
    for each in parts(node):
        yield from touched(each)


def _collect(node: Node, variables: Mapping[str, str], found: dict[str, Hints]) -> None:
    if isinstance(node, Quantifier):
        variables = {**variables, node.variable: _field(node.items, variables)}
    elif isinstance(node, Binary) and node.operator in _COMPARISONS:
        for one, other in ((node.left, node.right), (node.right, node.left)):
            _compared(one, other, variables, found)
    elif isinstance(node, Binary) and node.operator == "in":
        _contained(node, variables, found)
    elif isinstance(node, Call) and isinstance(node.arguments[-1], Literal):
        hints = _hints(node.arguments[0], variables, found)
        text = str(node.arguments[-1].value)
        if hints is not None and node.function == "matches":
            hints.patterns.append(text)
        elif hints is not None and node.function in _TEXTS:
            hints.values += [text, f"{text} and more", f"more {text}"]
    for each in parts(node):
        _collect(each, variables, found)


def _compared(one: Node, other: Node, variables: Mapping[str, str], found: dict[str, Hints]) -> None:
    value = _constant(other)
    if value is None:
        return
    if isinstance(one, Call) and one.function == "size" and isinstance(value, int):
        hints = _hints(one.arguments[0], variables, found)
        if hints is not None:
            hints.sizes += [value, value - 1, value + 1]
        return
    hints = _hints(one, variables, found)
    if hints is not None:
        hints.values.append(value)
        if isinstance(value, datetime):
            hints.values += [value + step for step in (_DAY, -_DAY) if _EARLY < value < _LATE]
        if isinstance(value, int | Decimal) and not isinstance(value, bool):
            step = Decimal(1).scaleb(int(value.as_tuple().exponent)) if isinstance(value, Decimal) else 1
            hints.values += [value + step, value - step]


def _contained(node: Binary, variables: Mapping[str, str], found: dict[str, Hints]) -> None:
    hints = _hints(node.left, variables, found)
    if hints is not None and isinstance(node.right, ListOf):
        hints.values += [each.value for each in node.right.items if isinstance(each, Literal)]
    keys = _hints(node.right, variables, found)
    if keys is not None and isinstance(node.left, Literal):
        keys.values.append(node.left.value)


def _constant(node: Node) -> Value:
    if isinstance(node, Literal):
        return node.value
    if isinstance(node, Call) and node.function == "timestamp" and isinstance(node.arguments[0], Literal):
        return constant_moment(str(node.arguments[0].value))
    return None


def _hints(node: Node, variables: Mapping[str, str], found: dict[str, Hints]) -> Hints | None:
    name = _field(node, variables)
    return found.setdefault(name, Hints()) if name else None


def _field(node: Node, variables: Mapping[str, str]) -> str:
    """The field whose value, or whose entry, a node is."""
    match node:
        case Select():
            return node.field
        case Name():
            return variables.get(node.name, "")
        case Index():
            return _field(node.operand, variables)
        case _:
            return ""
