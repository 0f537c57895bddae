"""What a checked rule says about a record, as CEL defines it: an error in one part may not matter to the whole."""

from __future__ import annotations

import datetime as dt
import operator
from collections.abc import Callable, Mapping
from decimal import Context, Decimal
from functools import singledispatch
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from tallystick.contracts.cel.functions import FUNCTIONS
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

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tallystick.contracts.cel.check import Checked

__all__ = ["Value", "holds"]

# None, bool, int, float, Decimal, str, bytes, datetime, timedelta, date, list, or a mapping.
Value: TypeAlias = object

_INT64: Final = 2**63
_WIDE: Final = Context(prec=80)
_TIMES: Final = (dt.datetime, dt.timedelta)


class _Failed(Exception):  # noqa: N818 -- CEL's error value, never seen outside
    """A part has no value."""


def holds(rule: Checked, record: Mapping[str, Value]) -> bool:
    """Whether a record satisfies a rule; a rule without a value (overflow, missing entry) is not satisfied.

    Args:
        rule: The rule, as `check` gave it.
        record: Field -> value; decimals as Decimal, times as aware datetimes, enums as strings.
    """
    try:
        return _evaluate(rule.node, {"this": record}) is True
    except _Failed:
        return False


@singledispatch
def _evaluate(node: Node, scope: Mapping[str, Value]) -> Value:
    raise NotImplementedError(node, scope)


@_evaluate.register
def _(node: Literal, _: Mapping[str, Value]) -> Value:
    return node.value


@_evaluate.register
def _(node: Name, scope: Mapping[str, Value]) -> Value:
    return scope[node.name]


@_evaluate.register
def _(node: Select, scope: Mapping[str, Value]) -> Value:
    return _entry(_evaluate(node.operand, scope), node.field)


@_evaluate.register
def _(node: Index, scope: Mapping[str, Value]) -> Value:
    return _entry(_evaluate(node.operand, scope), _evaluate(node.key, scope))


@_evaluate.register
def _(node: ListOf, scope: Mapping[str, Value]) -> Value:
    return [_evaluate(each, scope) for each in node.items]


@_evaluate.register
def _(node: Unary, scope: Mapping[str, Value]) -> Value:
    value = _evaluate(node.operand, scope)
    return not value if node.operator == "!" else _number(0, value, operator.sub)


@_evaluate.register
def _(node: Choice, scope: Mapping[str, Value]) -> Value:
    return _evaluate(node.yes if _evaluate(node.condition, scope) else node.no, scope)


@_evaluate.register
def _(node: Call, scope: Mapping[str, Value]) -> Value:
    return FUNCTIONS[node.function].run(*(_evaluate(each, scope) for each in node.arguments))


@_evaluate.register
def _(node: Quantifier, scope: Mapping[str, Value]) -> Value:
    items = _evaluate(node.items, scope)
    entries = list(items) if isinstance(items, list | Mapping) else []
    inner = [(node.body, {**scope, node.variable: each}) for each in entries]
    if node.function in {"all", "exists"}:
        return _any_of(inner, wanted=node.function == "exists")
    kept = [each for each, (body, within) in zip(entries, inner, strict=True) if _evaluate(body, within) is True]
    return kept if node.function == "filter" else len(kept) == 1


@_evaluate.register
def _(node: Binary, scope: Mapping[str, Value]) -> Value:
    if node.operator in {"&&", "||"}:
        return _any_of([(node.left, scope), (node.right, scope)], wanted=node.operator == "||")
    left, right = _evaluate(node.left, scope), _evaluate(node.right, scope)
    return _OPERATORS[node.operator](left, right)


def _any_of(parts: Iterable[tuple[Node, Mapping[str, Value]]], *, wanted: bool) -> bool:
    """Whether any part has the wanted value; a failure matters only if none has."""
    failure: _Failed | None = None
    for node, scope in parts:
        try:
            if _evaluate(node, scope) is wanted:
                return wanted
        except _Failed as error:
            failure = error
    if failure is not None:
        raise failure
    return not wanted


def _entry(owner: Value, key: Value) -> Value:
    if isinstance(owner, Mapping) and key in owner:
        value: Value = owner[key]
        return value
    if isinstance(owner, list) and isinstance(key, int) and 0 <= key < len(owner):
        return owner[key]
    raise _Failed


def _number(left: Value, right: Value, work: Callable[[int, int], int]) -> Value:
    if isinstance(left, int) and isinstance(right, int):
        result = work(left, right)
        if not -_INT64 <= result < _INT64:
            raise _Failed
        return result
    if isinstance(left, int | Decimal) and isinstance(right, int | Decimal):
        return _EXACT[work](Decimal(left), Decimal(right))
    if isinstance(left, _TIMES) and isinstance(right, _TIMES):
        return _time(left, right, work)
    raise _Failed


def _time(left: Value, right: Value, work: Callable[[Any, Any], Any]) -> Value:
    """A sum or difference of times; in UTC, for in any other zone a day may have 23 hours."""
    try:
        result: Value = work(
            *(each.astimezone(dt.UTC) if isinstance(each, dt.datetime) else each for each in (left, right))
        )
    except OverflowError:
        raise _Failed from None
    return result


_EXACT: Final[dict[Callable[[int, int], int], Callable[[Decimal, Decimal], Decimal]]] = {
    operator.add: _WIDE.add,
    operator.sub: _WIDE.subtract,
    operator.mul: _WIDE.multiply,
}


def _quotient(left: int, right: int) -> int:
    """Division as in C: towards zero."""
    result = abs(left) // abs(right)
    return result if (left < 0) == (right < 0) else -result


def _remainder(left: int, right: int) -> int:
    return left - right * _quotient(left, right)


def _compared(work: Callable[[Any, Any], bool]) -> Callable[[Value, Value], bool]:
    """A comparison; beside a double, a decimal is the double next to it, as CEL reads 0.1 and as SQL casts."""

    def compare(left: Value, right: Value) -> bool:
        if isinstance(left, float) and isinstance(right, Decimal):
            right = float(right)
        elif isinstance(left, Decimal) and isinstance(right, float):
            left = float(left)
        return work(left, right)

    return compare


def _ordered(work: Callable[[Any, Any], bool]) -> Callable[[Value, Value], bool]:
    compared = _compared(work)

    def compare(left: Value, right: Value) -> bool:
        if left is None or right is None:
            raise _Failed
        # The checker saw to it that the two have an order.
        return compared(left, right)

    return compare


_same: Final = _compared(operator.eq)


def _contained(left: Value, right: Value) -> bool:
    if isinstance(right, list):
        return any(_same(left, each) for each in right)
    return isinstance(right, Mapping) and left in right


_OPERATORS: Final[dict[str, Callable[[Value, Value], Value]]] = {
    "==": _same,
    "!=": _compared(operator.ne),
    "<": _ordered(operator.lt),
    "<=": _ordered(operator.le),
    ">": _ordered(operator.gt),
    ">=": _ordered(operator.ge),
    "in": _contained,
    "+": lambda left, right: _number(left, right, operator.add),
    "-": lambda left, right: _number(left, right, operator.sub),
    "*": lambda left, right: _number(left, right, operator.mul),
    "/": lambda left, right: _number(left, right, _quotient),
    "%": lambda left, right: _number(left, right, _remainder),
}
