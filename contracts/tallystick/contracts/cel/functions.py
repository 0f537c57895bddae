"""The functions of a rule: for each what it takes, what it does, and how SQL says it."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tallystick.contracts.cel.nodes import Call, CelError, Literal, Unsupported, path_of
from tallystick.contracts.cel.patterns import portable
from tallystick.contracts.cel.types import BOOL, DURATION, TIMESTAMP, CelType, integer
from tallystick.contracts.spelling import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["FUNCTIONS", "Function", "check_call", "constant_length", "constant_moment", "function_of"]


@dataclass(frozen=True, slots=True)
class Function:
    """A function.

    Attributes:
        takes: For each argument the kinds that it may have.
        gives: The type of the result.
        run: What it does with Python values.
        sql: How SQL says it, given its arguments in SQL.
        constants: Which arguments must be constants.
    """

    takes: tuple[frozenset[str], ...]
    gives: CelType
    run: Callable[..., object]
    sql: Callable[[Sequence[str], Sequence[CelType]], str]
    constants: frozenset[int] = frozenset()


def _named(name: str) -> Callable[[Sequence[str], Sequence[CelType]], str]:
    return lambda arguments, _: f"{name}({', '.join(arguments)})"


def constant_moment(text: str) -> dt.datetime:
    """The moment that a text names, or ValueError."""
    moment = dt.datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    return moment


_NANOS: Final = {
    "h": 3_600_000_000_000,
    "m": 60_000_000_000,
    "s": 1_000_000_000,
    "ms": 1_000_000,
    "us": 1_000,
    "ns": 1,
}
_LENGTH: Final = re.compile(r"(-?)((?:[0-9]+(?:\.[0-9]+)?(?:h|ms|m|us|ns|s))+)")
_PIECE: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)([a-z]+)")
_LONGEST: Final = dt.timedelta(seconds=315_576_000_000)  # ten thousand years, CEL's limit


def constant_length(text: str) -> dt.timedelta:
    """The length of time that a text such as `1h30m` names, or ValueError."""
    from fractions import Fraction  # few rules speak of lengths of time

    match = _LENGTH.fullmatch(text)
    if match is None:
        raise ValueError(text)
    micros = sum((Fraction(number) * _NANOS[unit] for number, unit in _PIECE.findall(match[2])), Fraction()) / 1_000
    if micros.denominator != 1 or micros > _LONGEST // dt.timedelta(microseconds=1):
        raise ValueError(text)
    return dt.timedelta(microseconds=int(micros) * (-1 if match[1] else 1))


_SIZES: Final = {"string": "char_length", "bytes": "octet_length", "list": "size", "map": "size"}
_TEXTS: Final = (frozenset(("string",)), frozenset(("string",)))

FUNCTIONS: Final[dict[str, Function]] = {
    "size": Function(
        (frozenset(_SIZES),),
        integer(10),
        len,
        lambda arguments, types: f"{_SIZES[types[0].kind]}({arguments[0]})",
    ),
    "startsWith": Function(_TEXTS, BOOL, str.startswith, _named("startswith")),
    "endsWith": Function(_TEXTS, BOOL, str.endswith, _named("endswith")),
    "contains": Function(_TEXTS, BOOL, str.__contains__, _named("contains")),
    "matches": Function(
        _TEXTS,
        BOOL,
        lambda text, pattern: re.search(portable(pattern), text, re.ASCII) is not None,
        lambda arguments, _: f"({arguments[0]} RLIKE {arguments[1]})",
        frozenset((1,)),
    ),
    "timestamp": Function(
        (frozenset(("string",)),),
        TIMESTAMP,
        constant_moment,
        lambda arguments, _: f"TIMESTAMP {arguments[0]}",
        frozenset((0,)),
    ),
    "duration": Function(
        (frozenset(("string",)),),
        DURATION,
        constant_length,
        lambda arguments, _: arguments[0],
        frozenset((0,)),
    ),
}
# Functions of CEL that we know of and leave out, each with the reason.
_LEFT_OUT: Final = {
    "has": "in Avro every field is there: compare it with null instead",
    "map": "say it of the entries themselves, with all or exists",
    "string": "engines write numbers differently",
    "double": "engines round differently: compare the number itself",
    "int": "engines round differently: compare the number itself",
    "uint": "Avro has no unsigned numbers",
    "type": "the contract says the type",
    **dict.fromkeys(
        ("getFullYear", "getMonth", "getDate", "getDayOfWeek", "getDayOfMonth", "getDayOfYear"),
        "a calendar needs a time zone that the event does not have",
    ),
    **dict.fromkeys(
        ("getHours", "getMinutes", "getSeconds", "getMilliseconds"),
        'compare times, or their difference with a length such as duration("24h")',
    ),
    **dict.fromkeys(
        ("lowerAscii", "upperAscii", "trim", "replace", "split", "substring", "join", "format", "charAt", "indexOf"),
        "it is an extension that not every CEL has: use matches",
    ),
}


def function_of(node: Call) -> Function:
    """The function that a call names.

    Raises:
        CelError: There is no such function.
        Unsupported: It exists in CEL, and is left out here.
    """
    if node.function in FUNCTIONS:
        return FUNCTIONS[node.function]
    if node.function in _LEFT_OUT:
        path = path_of(node.arguments[0]) if node.function == "has" and node.arguments else None
        hint = f", as in {'.'.join(path)} != null" if path else ""
        raise Unsupported(f"`{node.function}` is not supported: {_LEFT_OUT[node.function]}{hint}", node.start, node.end)
    raise CelError(
        f"there is no function `{node.function}`{did_you_mean(node.function, FUNCTIONS)}", node.start, node.end
    )


def check_call(node: Call, types: Sequence[CelType]) -> CelType:
    """The type of a call's result.

    Args:
        node: The call.
        types: The types of its arguments.

    Raises:
        CelError: The function does not take these.
    """
    function = function_of(node)
    if len(types) != len(function.takes):
        message = f"`{node.function}` takes {len(function.takes)} arguments, not {len(types)}"
        raise CelError(message, node.start, node.end)
    for index, (kinds, found, place) in enumerate(zip(function.takes, types, node.arguments, strict=True)):
        if found.kind not in kinds and found.kind != "any":
            wanted = " or ".join(sorted(kinds))
            raise CelError(f"`{node.function}` takes {wanted}, not {found.name}", place.start, place.end)
        if index in function.constants and not isinstance(place, Literal):
            raise Unsupported(f"the {_ORDINALS[index]} of `{node.function}` must be a constant", place.start, place.end)
    _check_constant(node)
    return function.gives


_ORDINALS: Final = ("first argument", "second argument")


# Function -> what reads its constant, and what to say of one that it cannot read.
_CONSTANTS: Final[dict[str, tuple[Callable[[str], object], str]]] = {
    "timestamp": (constant_moment, 'is no moment: write "2026-01-31T00:00:00Z"'),
    "duration": (constant_length, 'is no length of time in whole microseconds: write "36h", "1h30m" or "2.5s"'),
}


def _check_constant(node: Call) -> None:
    place = node.arguments[-1]
    if not isinstance(place, Literal) or not isinstance(place.value, str):
        return
    if node.function == "matches":
        try:
            portable(place.value)
        except ValueError as error:
            raise Unsupported(str(error), place.start, place.end) from error
    elif node.function in _CONSTANTS:
        read, told = _CONSTANTS[node.function]
        try:
            read(place.value)
        except ValueError as error:
            raise CelError(f'"{place.value}" {told}', place.start, place.end) from error
