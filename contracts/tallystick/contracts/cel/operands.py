"""Which values go together: comparisons, arithmetic and constants of rules."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from tallystick.contracts.cel.nodes import Binary, CelError, Index, ListOf, Literal, Node, Unary, Unsupported, parts
from tallystick.contracts.cel.types import BOOL, DURATION, NULL, STRING, TIMESTAMP, CelType, exact, integer
from tallystick.contracts.spelling import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "ORDERED",
    "SAFE_DIGITS",
    "arithmetic",
    "can_fail",
    "comparable",
    "contained",
    "known_symbol",
    "literal_type",
]

ORDERED: Final = frozenset(("string", "timestamp", "duration", "date", "bytes"))
_COMPARED: Final = frozenset((*ORDERED, "bool"))
_MAX_DIGITS: Final = 38
_LONG_DIGITS: Final = 19
SAFE_DIGITS: Final = 18  # so many never overflow 64 bits
_DOUBLE_DIGITS: Final = 15  # so many a double holds exactly
_INT64: Final = 2**63
_TIMES: Final = frozenset(("timestamp", "duration"))
# What comes of two times.
_TIMED: Final = {
    ("timestamp", "-", "timestamp"): DURATION,
    ("timestamp", "-", "duration"): TIMESTAMP,
    ("timestamp", "+", "duration"): TIMESTAMP,
    ("duration", "+", "timestamp"): TIMESTAMP,
}


def literal_type(node: Literal) -> CelType:
    """The type of a constant."""
    value = node.value
    if value is None:
        return NULL
    if isinstance(value, bool):
        return BOOL
    if isinstance(value, int):
        if not -_INT64 <= value < _INT64:
            raise CelError("this number is beyond 64 bits", node.start, node.end)
        return integer(len(str(abs(value))))
    if isinstance(value, Decimal):
        _, digits, exponent = value.as_tuple()
        scale = max(0, -exponent) if isinstance(exponent, int) else 0
        before = max(1, len(digits) + exponent) if isinstance(exponent, int) else 1
        if before + scale > _MAX_DIGITS:
            raise Unsupported(f"this number has more than the {_MAX_DIGITS} digits of SQL", node.start, node.end)
        return exact(before, scale)
    return STRING


def comparable(left: CelType, right: CelType, place: Node) -> None:
    """Refuse to compare what has nothing in common, or what engines compare differently."""
    for each, other in ((left, right), (right, left)):
        if each.kind == "opaque":
            raise Unsupported(
                f"engines hold a {each.name} differently: it can only be compared with null", place.start, place.end
            )
        if each.kind == "double" and other.kind == "int" and other.digits > _DOUBLE_DIGITS:
            raise Unsupported("engines round a long differently beside a double", place.start, place.end)
    if left.is_exact and right.is_exact and left.kind != right.kind:
        digits = max(each.digits + (each.kind == "int") for each in (left, right)) + max(left.scale, right.scale)
        if digits > _MAX_DIGITS:
            raise Unsupported(f"both have {digits} digits together, and SQL rounds at 38", place.start, place.end)
    if "any" in {left.kind, right.kind} or (left.is_number and right.is_number):
        return
    if left.kind != right.kind or left.kind not in _COMPARED:
        raise CelError(f"{left.name} cannot be compared with {right.name}", place.start, place.end)


def known_symbol(enum: CelType, other: Node) -> None:
    """Refuse a text that an enum can never have."""
    if enum.symbols and isinstance(other, Literal) and isinstance(other.value, str) and other.value not in enum.symbols:
        hint = did_you_mean(other.value, enum.symbols)
        raise CelError(f'"{other.value}" is no symbol of {enum.name}{hint}', other.start, other.end)


def contained(node: Binary, left: CelType, right: CelType) -> CelType:
    """The type of `left in right`."""
    if right.kind == "map":
        comparable(STRING, left, node)
        return BOOL
    if right.kind != "list" or right.item is None:
        raise CelError(f"`in` looks into a list or a map, not into {right.name}", node.right.start, node.right.end)
    if isinstance(node.right, ListOf) and not node.right.items:
        raise CelError("nothing is in an empty list", node.right.start, node.right.end)
    if right.item.is_nullable:
        raise Unsupported("`in` cannot look into a list that may hold null", node.start, node.end)
    comparable(left, right.item, node)
    for each in node.right.items if isinstance(node.right, ListOf) else ():
        known_symbol(left, each)
    return BOOL


def arithmetic(node: Binary, left: CelType, right: CelType) -> CelType:
    """The type of a sum, difference, product, quotient or remainder."""
    if _TIMES.issuperset((left.kind, right.kind)):
        return _timed(node, left, right)
    if not left.is_number or not right.is_number:
        raise CelError(f"`{node.operator}` is for numbers, not for {left.name} and {right.name}", node.start, node.end)
    if not (left.is_exact and right.is_exact):
        raise Unsupported(
            "arithmetic on float or double rounds differently in each engine: compare the number itself",
            node.start,
            node.end,
        )
    if node.operator in {"/", "%"}:
        return _division(node, left, right)
    if left.kind == right.kind == "int":
        digits = left.digits + right.digits if node.operator == "*" else max(left.digits, right.digits) + 1
        return integer(digits if digits <= SAFE_DIGITS else _LONG_DIGITS)
    if node.operator == "*":
        digits, scale = left.digits + right.digits, left.scale + right.scale
    else:
        digits, scale = max(left.digits, right.digits) + 1, max(left.scale, right.scale)
    if digits + scale > _MAX_DIGITS:
        message = f"this can have {digits + scale} digits, and SQL rounds at {_MAX_DIGITS}"
        raise Unsupported(message, node.start, node.end)
    return exact(digits, scale)


def _timed(node: Binary, left: CelType, right: CelType) -> CelType:
    found = _TIMED.get((left.kind, node.operator, right.kind))
    if found is not None:
        return found
    if left.kind == right.kind == "duration" and node.operator in {"+", "-"}:
        raise Unsupported("two lengths of time are compared, not added: write one length", node.start, node.end)
    raise CelError(f"`{node.operator}` is not for {left.name} and {right.name}", node.start, node.end)


def _division(node: Binary, left: CelType, right: CelType) -> CelType:
    divisor = node.right
    is_whole = left.kind == right.kind == "int"
    if not is_whole or not isinstance(divisor, Literal) or not isinstance(divisor.value, int):
        raise Unsupported("a division is of whole numbers, by a constant", node.start, node.end)
    if divisor.value == 0:
        raise CelError("a division by 0 has no result", divisor.start, divisor.end)
    if divisor.value < 0:
        raise Unsupported(
            "a division by a negative number overflows in SQL: divide by a positive one", divisor.start, divisor.end
        )
    return integer(min(left.digits, _LONG_DIGITS))


def can_fail(node: Node, types: Mapping[Node, CelType]) -> bool:
    """Whether some part may have no value: an entry that is not there, a number or a time beyond what there is."""
    if isinstance(node, Index):
        return True
    is_sum = isinstance(node, Binary) and node.operator in {"+", "-", "*"}
    if is_sum or (isinstance(node, Unary) and node.operator == "-"):
        found = types[node]
        if found.kind == "timestamp" or (found.kind == "int" and found.digits > SAFE_DIGITS):
            return True
    return any(can_fail(each, types) for each in parts(node))
