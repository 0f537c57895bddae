"""A checked rule as a condition of Spark SQL that is true exactly where the rule holds.

CEL's error and SQL's NULL behave alike in `and`, `or` and `not`, so a part that has no value needs no care; only
at the very end NULL becomes false.
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from functools import singledispatchmethod
from typing import TYPE_CHECKING, Final

from tallystick.contracts.cel.functions import FUNCTIONS, constant_length, constant_moment
from tallystick.contracts.cel.nodes import (
    Binary,
    Call,
    Choice,
    Index,
    ListOf,
    Literal,
    Name,
    Node,
    Quantifier,
    Select,
    Unary,
)
from tallystick.contracts.cel.patterns import portable

if TYPE_CHECKING:
    from collections.abc import Callable

    from tallystick.contracts.cel.check import Checked

__all__ = ["quoted", "to_sql"]

_PLAIN: Final = re.compile(r"[a-z_][a-z0-9_]*")
_SIGNS: Final = {"&&": "AND", "||": "OR", "==": "=", "!=": "<>"}
_INT32: Final = 2**31 - 1
# Those that answer NULL, not an error, beyond 64 bits.
_CAREFUL: Final = {"+": "try_add", "-": "try_subtract", "*": "try_multiply"}


def to_sql(rule: Checked, *, prefix: str = "") -> str:
    """Write a rule as a condition.

    Args:
        rule: The rule, as `check` gave it.
        prefix: Where the record's columns stand, such as `payload.`.

    Returns:
        An expression of Spark SQL that is never NULL.
    """
    return f"coalesce({_Printer(rule, prefix).text(rule.node)}, false)"


class _Printer:
    def __init__(self, rule: Checked, prefix: str) -> None:
        self._types = rule.types
        self._prefix = prefix

    @singledispatchmethod
    def text(self, node: Node) -> str:
        """The node in SQL, in brackets wherever it needs them."""
        raise NotImplementedError(node)

    @text.register
    def _literal(self, node: Literal) -> str:
        return _literal(node)

    @text.register
    def _name(self, node: Name) -> str:
        return quoted(node.name)

    @text.register
    def _select(self, node: Select) -> str:
        if isinstance(node.operand, Name) and node.operand.name == "this":
            return self._prefix + quoted(node.field)
        return f"{self.text(node.operand)}.{quoted(node.field)}"

    @text.register
    def _list(self, node: ListOf) -> str:
        return f"array({', '.join(self.text(each) for each in node.items)})"

    @text.register
    def _unary(self, node: Unary) -> str:
        operand = self.text(node.operand)
        if node.operator == "!":
            return f"(NOT {operand})"
        if self._types[node.operand].kind == "int":
            return f"try_subtract(0L, cast({operand} AS bigint))"
        return f"(-{operand})"

    @text.register
    def _choice(self, node: Choice) -> str:
        condition, yes, no = (self.text(each) for each in (node.condition, node.yes, node.no))
        return f"(CASE WHEN {condition} THEN {yes} WHEN NOT {condition} THEN {no} END)"

    @text.register
    def _quantifier(self, node: Quantifier) -> str:
        items = self.text(node.items)
        if self._types[node.items].kind == "map":
            items = f"map_keys({items})"
        text = f"{_QUANTIFIERS[node.function]}({items}, {quoted(node.variable)} -> {self.text(node.body)})"
        return f"(size({text}) = 1)" if node.function == "exists_one" else text

    @text.register
    def _index(self, node: Index) -> str:
        owner, key = self.text(node.operand), self.text(node.key)
        return f"get({owner}, {key})" if self._types[node.operand].kind == "list" else f"try_element_at({owner}, {key})"

    @text.register
    def _call(self, node: Call) -> str:
        function = FUNCTIONS[node.function]
        arguments = [self.text(each) for each in node.arguments]
        last = node.arguments[-1]
        if node.function in _CONSTANTS and isinstance(last, Literal):
            arguments[-1] = _CONSTANTS[node.function](str(last.value))
        return function.sql(arguments, [self._types[each] for each in node.arguments])

    @text.register
    def _binary(self, node: Binary) -> str:
        left, right = self.text(node.left), self.text(node.right)
        types = (self._types[node.left], self._types[node.right])
        if node.operator == "in":
            return self._contained(node, left, right)
        if node.operator in {"==", "!="}:
            return _equal(node, left, right, is_nullable=any(each.is_nullable for each in types))
        if "timestamp" in {each.kind for each in types} and node.operator in {"+", "-"}:
            return _moved(node.operator, [(left, types[0].kind), (right, types[1].kind)])
        if node.operator == "/":
            return f"({left} div {right})"
        if node.operator in _CAREFUL and all(each.kind == "int" for each in types):
            return f"{_CAREFUL[node.operator]}(cast({left} AS bigint), cast({right} AS bigint))"
        return f"({left} {_SIGNS.get(node.operator, node.operator)} {right})"

    def _contained(self, node: Binary, left: str, right: str) -> str:
        if isinstance(node.right, ListOf):
            return f"({left} IN ({', '.join(self.text(each) for each in node.right.items)}))"
        function = "map_contains_key" if self._types[node.right].kind == "map" else "array_contains"
        return f"{function}({right}, {left})"


# Lengths of time are numbers of microseconds: Spark's own difference of two times hangs on the session's time zone.
_YEARS: Final = (-62_135_596_800_000_000, 253_402_300_799_999_999)  # 1 to 9999: all that CEL and Python know
_QUANTIFIERS: Final = {"all": "forall", "exists": "exists", "exists_one": "filter", "filter": "filter"}
_CONSTANTS: Final[dict[str, Callable[[str], str]]] = {
    "matches": lambda text: _text(portable(text, r"\z")),
    "timestamp": lambda text: _text(constant_moment(text).isoformat(sep=" ")),
    "duration": lambda text: f"{constant_length(text) // dt.timedelta(microseconds=1)}L",
}


def _moved(sign: str, operands: list[tuple[str, str]]) -> str:
    """The difference of two times, or a time that is so much later or earlier."""
    left, right = (f"unix_micros({text})" if kind == "timestamp" else text for text, kind in operands)
    micros = f"({left} {sign} {right})"
    if all(kind == "timestamp" for _, kind in operands):
        return micros
    first, last = _YEARS
    return f"(CASE WHEN {micros} BETWEEN {first}L AND {last}L THEN timestamp_micros{micros} END)"


def _equal(node: Binary, left: str, right: str, *, is_nullable: bool) -> str:
    negation = "NOT " if node.operator == "!=" else ""
    for one, other in ((node.left, right), (node.right, left)):
        if isinstance(one, Literal) and one.value is None:
            return f"({other} IS {negation}NULL)"
    if is_nullable:
        same = f"({left} <=> {right})"
        return f"(NOT {same})" if negation else same
    return f"({left} {_SIGNS[node.operator]} {right})"


def quoted(name: str) -> str:
    """A name as SQL takes it."""
    return name if _PLAIN.fullmatch(name) and name not in _RESERVED else f"`{name}`"


_RESERVED: Final = frozenset(
    ("end", "from", "in", "is", "not", "null", "or", "order", "select", "table", "then", "to", "when")
)


def _literal(node: Literal) -> str:
    value = node.value
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}BD"
    if isinstance(value, int):
        return str(value) if abs(value) <= _INT32 else f"{value}L"
    return _text(str(value))


def _text(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\r", "\\r")
    return f"'{escaped}'"
