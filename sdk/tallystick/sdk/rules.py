"""What generated classes say their rules with, and how rules are held against a record.

A rule has no value where one of its parts has none: a number beyond 64 bits, an entry that is not there. Such a rule
does not hold, unless the rest of it decides alone, as in `either` and `both`. This is what CEL says, and SQL too.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Context, Decimal
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar, overload

from pydantic_core import InitErrorDetails, PydanticCustomError, ValidationError

if TYPE_CHECKING:
    from pydantic import BaseModel

__all__ = [
    "CODE",
    "NoValueError",
    "Rule",
    "add",
    "both",
    "broken",
    "duration",
    "either",
    "elapsed",
    "entry",
    "every",
    "matches",
    "moved",
    "multiply",
    "negative",
    "one",
    "quotient",
    "refusal",
    "remainder",
    "some",
    "subtract",
    "text",
]

T = TypeVar("T")
V = TypeVar("V")
Number: TypeAlias = int | Decimal

CODE: Final = "contract_rule"
_INT64: Final = 2**63
_WIDE: Final = Context(prec=80)
_META: Final = "meta"


class NoValueError(Exception):
    """A part of a rule has no value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule of a contract.

    Attributes:
        name: Its name in the contract.
        expects: What it asks for.
        holds: Whether a record satisfies it.
        field: The field that states it, as in the contract; empty where the record does.
        needs_meta: Whether it asks for `meta`, which an event gets only when it is tracked.
    """

    name: str
    expects: str
    holds: Callable[[Any], bool]
    field: str = ""
    needs_meta: bool = False


def broken(record: BaseModel, rules: Iterable[Rule]) -> Iterator[Rule]:
    """The rules that a record breaks."""
    for rule in rules:
        if rule.needs_meta and record.__dict__.get(_META) is None:
            continue
        try:
            if rule.holds(record):
                continue
        except NoValueError:
            pass
        yield rule


def refusal(title: str, found: Iterable[tuple[tuple[int | str, ...], Rule]]) -> ValidationError | None:
    """The error that tells every broken rule with the place of its record; None if there is none."""
    details = [
        InitErrorDetails(
            type=PydanticCustomError(CODE, "Rule {rule}: {expects}", {"rule": rule.name, "expects": rule.expects}),
            loc=(*place, rule.field) if rule.field else place,
            input=None,
        )
        for place, rule in found
    ]
    return ValidationError.from_exception_data(title, details, hide_input=True) if details else None


# --- words of rules -------------------------------------------------------------------------------------


def either(left: Callable[[], bool], right: Callable[[], bool]) -> bool:
    """Whether one of two is true, though the other may have no value."""
    return _decided((left, right), wanted=True)


def both(left: Callable[[], bool], right: Callable[[], bool]) -> bool:
    """Whether two are true; false if one is, though the other may have no value."""
    return _decided((left, right), wanted=False)


def some(condition: Callable[[T], bool], items: Iterable[T]) -> bool:
    """Whether a condition is true of some item, though it may have no value for others."""
    return _decided((_bound(condition, each) for each in items), wanted=True)


def every(condition: Callable[[T], bool], items: Iterable[T]) -> bool:
    """Whether a condition is true of every item; false if it is of one, though it may have no value for others."""
    return _decided((_bound(condition, each) for each in items), wanted=False)


def one(answers: Iterable[bool]) -> bool:
    """Whether exactly one answer is yes."""
    return sum(answers) == 1


def _bound(condition: Callable[[T], bool], item: T) -> Callable[[], bool]:
    return lambda: condition(item)


def _decided(parts: Iterable[Callable[[], bool]], *, wanted: bool) -> bool:
    failure: NoValueError | None = None
    for part in parts:
        try:
            if part() is wanted:
                return wanted
        except NoValueError as error:
            failure = error
    if failure is not None:
        raise failure
    return not wanted


@overload
def entry(owner: Mapping[str, V], key: str) -> V: ...
@overload
def entry(owner: Sequence[V], key: int) -> V: ...
def entry(owner: Mapping[str, V] | Sequence[V], key: int | str) -> V:
    """An entry of a map or list, if it is there."""
    if isinstance(owner, Mapping):
        if key in owner:
            return owner[str(key)]
    elif isinstance(key, int) and 0 <= key < len(owner):
        return owner[key]
    raise NoValueError


def add(left: Number, right: Number) -> Number:
    """A sum, without rounding."""
    return _worked(left, right, operator.add, _WIDE.add)


def subtract(left: Number, right: Number) -> Number:
    """A difference, without rounding."""
    return _worked(left, right, operator.sub, _WIDE.subtract)


def multiply(left: Number, right: Number) -> Number:
    """A product, without rounding."""
    return _worked(left, right, operator.mul, _WIDE.multiply)


def negative(value: Number) -> Number:
    """A number with the other sign."""
    return subtract(0, value)


def quotient(left: int, right: int) -> int:
    """A whole number divided by another, towards zero."""
    result = abs(left) // abs(right)
    return result if (left < 0) == (right < 0) else -result


def remainder(left: int, right: int) -> int:
    """What is left of a whole number divided by another."""
    return left - right * quotient(left, right)


def _worked(
    left: Number, right: Number, whole: Callable[[int, int], int], exact: Callable[[Number, Number], Decimal]
) -> Number:
    if isinstance(left, int) and isinstance(right, int):
        result = whole(left, right)
        if not -_INT64 <= result < _INT64:
            raise NoValueError
        return result
    return exact(left, right)


duration: Final = timedelta  # under a name that no field's type has


def elapsed(start: datetime, end: datetime) -> timedelta:
    """The time between two moments; in UTC, for in any other zone a day may have 23 hours."""
    return _in_utc(end) - _in_utc(start)


def moved(moment: datetime, length: timedelta) -> datetime:
    """A moment that is so much later."""
    try:
        return _in_utc(moment) + length
    except OverflowError:
        raise NoValueError from None


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise NoValueError from None


def matches(value: str, pattern: str) -> bool:
    """Whether a text has a stretch that a pattern describes."""
    return re.search(pattern, value, re.ASCII) is not None


def text(value: object) -> str | None:
    """A UUID as text; null stays null."""
    return None if value is None else str(value)
