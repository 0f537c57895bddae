"""Random rules and records, for tests that hold one implementation against another."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from tallystick.contracts.cel.types import BOOL, DOUBLE, STRING, TIMESTAMP, CelType, exact, integer

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

__all__ = ["COLUMNS", "MOMENTS", "ORDER", "record", "rule"]

_LINE: Final = CelType(
    kind="record",
    told="Line",
    members=lambda: {"sku": STRING, "quantity": integer(10), "price": exact(16, 2), "is_gift": BOOL},
)
ORDER: Final = CelType(
    kind="record",
    told="Order",
    members=lambda: {
        "total": exact(16, 2),
        "item_count": integer(10),
        "visits": integer(19),
        "ratio": DOUBLE,
        "note": CelType(kind="string", is_nullable=True),
        "age": CelType(kind="int", digits=10, is_nullable=True),
        "code": STRING,
        "state": CelType(kind="string", told="State", symbols=("UNKNOWN", "PAID", "SENT")),
        "is_gift": BOOL,
        "lines": CelType(kind="list", item=_LINE),
        "skus": CelType(kind="list", item=STRING),
        "labels": CelType(kind="map", item=STRING),
        "first": _LINE,
        "placed_at": TIMESTAMP,
        "paid_at": CelType(kind="timestamp", is_nullable=True),
    },
)
_ROW: Final = "struct<sku: string, quantity: int, price: decimal(18,2), is_gift: boolean>"
COLUMNS: Final = (
    "total decimal(18,2), item_count int, visits bigint, ratio double, note string, age int, code string, "
    f"state string, is_gift boolean, lines array<{_ROW}>, skus array<string>, labels map<string, string>, "
    f"first {_ROW}, placed_at timestamp, paid_at timestamp"
)
MOMENTS: Final = tuple(
    dt.datetime.fromisoformat(text)
    for text in (
        "1970-01-01T00:00:00+00:00",
        "2026-03-28T12:00:00+00:00",
        "2026-03-29T12:00:00.000001+02:00",
        "9999-12-31T23:59:59.999999+00:00",
    )
)
_LENGTHS: Final = ("24h", "0s", "-1h30m", "22h0.000001s", "2000000h", "0.5ms")
_TEXTS: Final = ("", "a", "EUR", "tea\n", "grün 🍵", "it's", "a\\b", "ABC-12")
_NUMBERS: Final = (-1, 0, 1, 2, 7, 100, 2**31 - 1, -(2**31))
_PATTERNS: Final = ("^[A-Z]{3}$", "a", r"\\d+$", "^(tea|EUR)", "^.$", r"^\\s*$", "[^a-z]", r"\\w+-\\d{2}")


def record(source: random.Random) -> dict[str, Any]:
    """A random order."""
    lines = [_line(source) for _ in range(source.randrange(4))]
    return {
        "total": Decimal(source.randrange(-100, 10_000)) / 100,
        "item_count": source.choice(_NUMBERS),
        "visits": source.choice((*_NUMBERS, 2**63 - 1, -(2**63))),
        "ratio": source.choice((0.0, -0.5, 0.25, 1e9)),
        "note": source.choice((None, *_TEXTS)),
        "age": source.choice((None, *_NUMBERS)),
        "code": source.choice(_TEXTS),
        "state": source.choice(("UNKNOWN", "PAID", "SENT")),
        "is_gift": source.random() < 0.5,
        "lines": lines,
        "skus": [each["sku"] for each in lines],
        "labels": {each: each for each in source.sample(("a", "b", "EUR"), source.randrange(3))},
        "first": _line(source),
        "placed_at": source.choice(MOMENTS),
        "paid_at": source.choice((None, *MOMENTS)),
    }


def _line(source: random.Random) -> dict[str, Any]:
    return {
        "sku": source.choice(_TEXTS),
        "quantity": source.choice(_NUMBERS),
        "price": Decimal(source.randrange(0, 5_000)) / 100,
        "is_gift": source.random() < 0.5,
    }


def rule(source: random.Random, depth: int = 3, this: str = "this") -> str:
    """A random condition; most, but not all, pass the checker."""
    if depth and source.random() < 0.6:
        one, other = rule(source, depth - 1, this), rule(source, depth - 1, this)
        third = rule(source, depth - 1, this)
        return source.choice(
            (f"({one} && {other})", f"({one} || {other})", f"!({one})", f"({one} ? {other} : {third})")
        )
    return source.choice(_CONDITIONS if this == "this" else _LINE_CONDITIONS)(source)


def _number(source: random.Random, depth: int = 2) -> str:
    if depth and source.random() < 0.4:
        left, right = _number(source, depth - 1), _number(source, depth - 1)
        return source.choice(
            (f"({left} + {right})", f"({left} - {right})", f"({left} * {right})", f"({left} / 3)", f"({left} % 2)")
        )
    size = source.choice(("lines", "skus", "labels", "code"))
    fields = ("this.item_count", "this.visits", "this.first.quantity", f"size(this.{size})", "-this.item_count")
    return source.choice((*fields, str(source.choice(_NUMBERS))))


def _sign(source: random.Random) -> str:
    return source.choice(("<", "<=", "==", "!=", ">", ">="))


def _text(source: random.Random) -> str:
    text = source.choice(_TEXTS).replace("\\", "\\\\").replace("\n", "\\n").replace("'", "\\'")
    return f"'{text}'"


_Condition: TypeAlias = "Callable[[random.Random], str]"
_CONDITIONS: Final[tuple[_Condition, ...]] = (
    lambda s: f"{_number(s)} {_sign(s)} {_number(s)}",
    lambda s: f"this.total {_sign(s)} {s.choice(('0', '12.5', '99.99', '-1'))}",
    lambda s: f"this.ratio {_sign(s)} {s.choice(('0.25', '1', '-0.5'))}",
    lambda s: f"this.code {_sign(s)} {_text(s)}",
    lambda s: f"this.note == {_text(s)}",
    lambda s: f"this.note != {_text(s)}",
    lambda s: f"(this.note == null || size(this.note) {_sign(s)} {s.randrange(8)})",
    lambda s: f"(this.note != null && this.note.{s.choice(('startsWith', 'endsWith', 'contains'))}({_text(s)}))",
    lambda s: f"(this.age == null || this.age {_sign(s)} {_number(s)})",
    lambda s: f"this.age == {_number(s, 0)}",
    lambda s: f"this.code.matches('{s.choice(_PATTERNS)}')",
    lambda s: f"this.state {s.choice(('==', '!='))} 'PAID'",
    lambda s: "this.state in " + s.choice(("['PAID']", "['SENT', 'PAID']")),
    lambda s: f"{_number(s, 0)} in [1, 2, 7]",
    lambda _: "this.is_gift",
    lambda s: f"this.lines.{s.choice(('all', 'exists'))}(l, {rule(s, 1, 'l')})",
    lambda s: f"this.skus.{s.choice(('all', 'exists'))}(x, size(x) {_sign(s)} 2)",
    lambda s: f"{_text(s)} in this.skus",
    lambda s: s.choice(("this.code", "'a'")) + " in this.labels",
    lambda _: "this.labels['a'] == 'a'",
    lambda s: f"this.lines[{s.randrange(-1, 3)}].quantity {_sign(s)} 1",
    lambda s: f"this.first.price {_sign(s)} this.total",
    lambda s: f"this.lines.exists_one(l, {rule(s, 1, 'l')})",
    lambda s: f"size(this.lines.filter(l, {rule(s, 1, 'l')})) {_sign(s)} 1",
    lambda s: f"this.lines.filter(l, {rule(s, 0, 'l')}).{s.choice(('all', 'exists'))}(m, m.quantity > 1)",
    lambda s: f"this.labels.{s.choice(('all', 'exists', 'exists_one'))}(key, key {_sign(s)} 'a')",
    lambda s: f"(this.paid_at == null || this.paid_at - this.placed_at {_sign(s)} duration('{s.choice(_LENGTHS)}'))",
    lambda s: (
        f"this.placed_at {s.choice('+-')} duration('{s.choice(_LENGTHS)}') {_sign(s)} "
        f"timestamp('{s.choice(MOMENTS).isoformat()}')"
    ),
    lambda s: f"(this.paid_at == null || duration('24h') + this.placed_at {_sign(s)} this.paid_at)",
)
_LINE_CONDITIONS: Final[tuple[_Condition, ...]] = (
    lambda s: f"l.quantity {_sign(s)} {s.choice(_NUMBERS)}",
    lambda s: f"l.price {_sign(s)} {s.choice(('0', '9.99'))}",
    lambda s: f"l.sku {_sign(s)} {_text(s)}",
    lambda _: "l.is_gift",
    lambda _: "l.sku == this.code",
)
