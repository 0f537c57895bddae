"""Random rules about an Avro record that has every type a rule can speak of, and random values of it."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from typing import TYPE_CHECKING, Any, Final

from tests.lint import cel_samples

from tallystick.contracts import parse
from tallystick.contracts.cel import CelError, Checked, compile_rule
from tallystick.contracts.rules import type_of

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from tallystick.contracts import Schema

__all__ = ["SCHEMA", "order", "rules", "schema"]

_PRICE: Final = {"type": "bytes", "logicalType": "decimal", "precision": 18, "scale": 2}
_MOMENT: Final = {"type": "long", "logicalType": "timestamp-micros"}
_UUID: Final = {"type": "string", "logicalType": "uuid"}
_LINE: Final = {
    "type": "record",
    "name": "Line",
    "fields": [
        {"name": "sku", "type": "string"},
        {"name": "quantity", "type": "int"},
        {"name": "price", "type": _PRICE},
        {"name": "is_gift", "type": "boolean"},
    ],
}
SCHEMA: Final[dict[str, Any]] = {
    "type": "record",
    "name": "Order",
    "namespace": "ruled",
    "fields": [
        {"name": "total", "type": _PRICE},
        {"name": "item_count", "type": "int"},
        {"name": "visits", "type": "long"},
        {"name": "ratio", "type": "double"},
        {"name": "note", "type": ["null", "string"]},
        {"name": "age", "type": ["null", "int"]},
        {"name": "code", "type": "string"},
        {"name": "state", "type": {"type": "enum", "name": "State", "symbols": ["UNKNOWN", "PAID", "SENT"]}},
        {"name": "is_gift", "type": "boolean"},
        {"name": "lines", "type": {"type": "array", "items": _LINE}},
        {"name": "skus", "type": {"type": "array", "items": "string"}},
        {"name": "labels", "type": {"type": "map", "values": "string"}},
        {"name": "first", "type": "Line"},
        {"name": "placed_at", "type": _MOMENT},
        {"name": "paid_at", "type": ["null", _MOMENT]},
        {"name": "at", "type": _MOMENT},
        {"name": "seen_at", "type": ["null", _MOMENT]},
        {"name": "id", "type": _UUID},
        {"name": "parent", "type": ["null", _UUID]},
        {"name": "ids", "type": {"type": "array", "items": _UUID}},
        {"name": "class", "type": ["null", "boolean"]},
    ],
}
_IDS: Final = tuple(str(uuid.UUID(int=number)) for number in (0, 1, 2**128 - 1))
_MOMENTS: Final = tuple(
    dt.datetime.fromisoformat(text)
    for text in ("2026-01-01T00:00:00+00:00", "2026-01-01T00:00:00.000001+00:00", "1969-12-31T23:00:00-05:00")
)
_SIGNS: Final = ("<", "<=", "==", "!=", ">", ">=")
_MORE: Final[tuple[Callable[[random.Random], str], ...]] = (
    lambda s: f"this.at {s.choice(_SIGNS)} timestamp('{s.choice(_MOMENTS).isoformat()}')",
    lambda s: f"(this.seen_at == null || this.at {s.choice(_SIGNS)} this.seen_at)",
    lambda _: "this.seen_at == this.at",
    lambda s: f"this.id {s.choice(_SIGNS)} '{s.choice(_IDS)}'",
    lambda s: f"this.parent {s.choice(('==', '!='))} {s.choice(('this.id', 'null', repr(_IDS[0])))}",
    lambda s: f"'{s.choice(_IDS)}' in this.ids",
    lambda s: f"this.ids.exists(each, each == this.id || each.startsWith('{s.choice(('0', 'f'))}'))",
    lambda s: f"this.ratio {s.choice(_SIGNS)} {s.choice(('0.1', '0.25', '1e9', '3'))}",
    lambda s: f"this.ratio {s.choice(_SIGNS)} this.total",
    lambda _: "this.ratio in [0.1, 0.25]",
    lambda s: f"this.class {s.choice(('==', '!='))} {s.choice(('true', 'false', 'null'))}",
    lambda s: f"(this.class == null || this.class {s.choice(('==', '!='))} this.is_gift)",
    lambda s: f"(this.is_gift ? this.total : this.first.price) {s.choice(_SIGNS)} 1.5",
    lambda s: f"this.total {s.choice('+-*')} this.first.price {s.choice(_SIGNS)} -this.total",
    lambda s: f"this.visits {s.choice('+-*')} this.visits {s.choice(_SIGNS)} 0",
    lambda s: f"-this.visits {s.choice(_SIGNS)} 9223372036854775807",
    lambda _: "this.lines[1].quantity * this.visits > 0",
    lambda _: "this.lines.all(l, l.quantity + this.visits > 0)",
)


def schema() -> Schema:
    """The record's schema."""
    return parse(json.dumps(SCHEMA))


def rules(source: random.Random, count: int) -> list[tuple[str, Checked]]:
    """Random rules that make sense, each with its text."""
    this, found = type_of(schema().root, schema()), list[tuple[str, Checked]]()
    while len(found) < count:
        text = _rule(source)
        try:
            found.append((text, compile_rule(text, this)))
        except CelError as error:
            assert "may be null here" in str(error), text  # noqa: PT017 -- the only reason that a sample may have
    return found


def _rule(source: random.Random) -> str:
    if source.random() < 0.5:
        return cel_samples.rule(source)
    one, other = (source.choice(_MORE)(source) for _ in range(2))
    return source.choice((one, f"({one} && {other})", f"({one} || {other})", f"!({one})", f"!({one}) || !({other})"))


def order(source: random.Random) -> dict[str, Any]:
    """A random order, as the evaluator sees it: UUIDs are texts."""
    return {
        **cel_samples.record(source),
        "ratio": source.choice((0.0, 0.1, 0.25, 0.3, 1e9)),
        "at": source.choice(_MOMENTS),
        "seen_at": source.choice((None, *_MOMENTS)),
        "id": source.choice(_IDS),
        "parent": source.choice((None, *_IDS)),
        "ids": [source.choice(_IDS) for _ in range(source.randrange(3))],
        "class": source.choice((None, True, False)),
    }
