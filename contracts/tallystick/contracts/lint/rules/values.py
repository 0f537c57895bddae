"""T003, T004, T007: what a name says about the value, and its type does not."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tallystick.contracts.lint.rule import Example, Hit, Mend, OnField, OnType, Rule, SetValue
from tallystick.contracts.spelling import words

if TYPE_CHECKING:
    from tallystick.contracts.lint.repository import SchemaFile
    from tallystick.contracts.lint.rule import Hits
    from tallystick.contracts.lint.sites import FieldSite, TypeSite

__all__ = ["VALUE_RULES", "is_money"]

_MONEY: Final = frozenset(
    (
        *("amount", "budget", "cost", "costs", "debit", "discount", "earnings", "fee", "fees", "fare", "gmv", "income"),
        *(
            "money",
            "payment",
            "payout",
            "price",
            "prices",
            "proceeds",
            "profit",
            "rebate",
            "refund",
            "revenue",
            "salary",
        ),
        *("subtotal", "surcharge", "tax", "taxes", "vat", "wage"),
    )
)
# Money as the last word of a name only: `order_total`, but not `total_distance`.
_MONEY_AT_THE_END: Final = frozenset(
    ("balance", "charge", "credit", "margin", "paid", "sales", "spend", "tip", "total", "worth")
)
# With one of these the number is no money: a share, a count, a size.
_NO_MONEY: Final = frozenset(
    (
        "rate",
        "ratio",
        "share",
        "percent",
        "pct",
        "percentage",
        "score",
        "factor",
        "count",
        "weight",
        "ms",
        "seconds",
        "index",
    )
)
_FLOATS: Final = frozenset(("float", "double"))
_DECIMAL: Final = '{"type": "bytes", "logicalType": "decimal", "precision": 18, "scale": 2}'
_MICROS: Final = '{"type": "long", "logicalType": "timestamp-micros"}'
_OTHER_TIMES: Final = frozenset(
    (
        *("timestamp-millis", "timestamp-nanos", "time-millis", "time-micros", "local-timestamp-millis"),
        *("local-timestamp-micros", "local-timestamp-nanos"),
    )
)
_MOMENT: Final = re.compile(r".+_at|.*timestamp")
_PLAIN_TIMES: Final = frozenset(("long", "int", "string", "double", "float"))
_IDENTIFIER: Final = re.compile(
    r".*(?:^|_)(?:id|key|code|sku|uuid|hash|sha256|currency|country|locale|language|version)$"
)


def is_money(name: str) -> bool:
    """Whether a name says that the value is money."""
    said = words(name)
    return bool(_MONEY.intersection(said) or _MONEY_AT_THE_END.intersection(said[-1:])) and not (
        _NO_MONEY.intersection(said)
    )


def _money(site: FieldSite, _: SchemaFile) -> Hits:
    plain = site.plain
    if not is_money(site.name):
        return
    path = (*plain.path, "type") if plain.attributes else plain.path
    # With a default or a rule of its own the person must say what becomes of those.
    is_alone = "default" not in site.attributes or site.attributes["default"] is None
    mend = Mend(f'"type": {_DECIMAL}', (SetValue(plain.path, _DECIMAL),), safe=is_alone)
    yield Hit(path, f"`{site.name}` is money but has type {plain.kind}", mend)


def _other_time(site: TypeSite, _: SchemaFile) -> Hits:
    if site.logical not in _OTHER_TIMES:
        return
    what = f"`{site.field.name}`" if site.field is not None else "this type"
    message = f"time {what} has logical type {site.logical}, not timestamp-micros"
    yield Hit((*site.path, "logicalType"), message, Mend(f'"type": {_MICROS}'))


def _plain_time(site: FieldSite, _: SchemaFile) -> Hits:
    plain = site.plain
    if plain.logical is None and _MOMENT.fullmatch(site.name):
        if "logicalType" in site.attributes:
            return
        message = f"`{site.name}` is a time but has type {plain.kind}, not timestamp-micros"
        is_safe = plain.kind == "long" and isinstance(plain.value, str) and _has_no_default(site)
        yield Hit(plain.path, message, Mend(f'"type": {_MICROS}', (SetValue(plain.path, _MICROS),) if is_safe else ()))


def _has_no_default(site: FieldSite) -> bool:
    return "default" not in site.attributes or site.attributes["default"] is None


def _unbounded(site: FieldSite, file: SchemaFile) -> Hits:
    plain = site.plain
    if plain.logical is not None or _IDENTIFIER.fullmatch(site.name) or not site.name:
        return
    if "tallystick:role" in site.attributes or site.name in file.bounded(site.record):
        return
    rule = f'"confluent:rules": [{{"name": "{site.name}_is_short", "expr": "{_bound(site)}"}}]'
    message = f"string `{site.name}` has no longest length: bound it by a rule, such as size(this.{site.name}) <= 500"
    yield Hit((*site.path, "type"), message, Mend(rule))


def _bound(site: FieldSite) -> str:
    guard = f"this.{site.name} == null || " if site.is_nullable else ""
    return f"{guard}size(this.{site.name}) <= 500"


VALUE_RULES: Final = (
    Rule(
        id="T003",
        title="money is a decimal",
        severity="error",
        why="sums of doubles differ with partitioning; Silver and Gold need decimals",
        bad=Example('{"name": "total", "type": "double", "doc": "What the customer paid."}'),
        good=Example(f'{{"name": "total", "type": {_DECIMAL}, "doc": "What the customer paid."}}'),
        checks=(OnField(_money, kinds=_FLOATS),),
        fixable=True,
    ),
    Rule(
        id="T004",
        title="a time is timestamp-micros",
        severity="error",
        why=(
            "A registry takes millis and micros for the same type, so a reader with the other unit sees the year 58859."
        ),
        bad=Example(
            '{"name": "paid_at", "type": {"type": "long", "logicalType": "timestamp-millis"}, '
            '"doc": "When it was paid."}'
        ),
        good=Example(f'{{"name": "paid_at", "type": {_MICROS}, "doc": "When it was paid."}}'),
        checks=(OnType(_other_time, needs="logicalType"), OnField(_plain_time, kinds=_PLAIN_TIMES)),
    ),
    Rule(
        id="T007",
        title="a string has a longest length",
        severity="warning",
        why="One sender that puts a whole page into it makes every consumer's memory and every index pay for it.",
        bad=Example('{"name": "remark", "type": "string", "doc": "What the customer added."}'),
        good=Example(
            '{"name": "remark", "type": "string", "doc": "What the customer added.", '
            '"confluent:rules": [{"name": "remark_is_short", "expr": "size(this.remark) <= 500"}]}'
        ),
        checks=(OnField(_unbounded, kinds=frozenset(("string",))),),
    ),
)
