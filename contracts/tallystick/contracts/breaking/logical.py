"""B201 to B206: types that are read without a fault, and mean something else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tallystick.contracts.breaking.changes import FieldPair, NamedPair, Place, TypePair
from tallystick.contracts.breaking.nullness import values_of
from tallystick.contracts.breaking.rule import BreakingRule, Example, Hit, on
from tallystick.contracts.breaking.trials import field_trial, type_trial
from tallystick.contracts.breaking.words import dotted, type_words
from tallystick.contracts.spelling import words
from tallystick.contracts.types import Fixed, Primitive, Union

if TYPE_CHECKING:
    from collections.abc import Callable

    from tallystick.contracts.breaking.rule import Context, Hits
    from tallystick.contracts.types import Concrete, Logical

__all__ = ["LOGICAL_RULES"]

_NEW_FIELD: Final = (
    'keep the type, and add a new field beside it; then "tallystick:deprecated": {"use": "<new field>"} on this one'
)
# Conversions of Avro that every value survives.
_EXACT: Final = frozenset((("int", "long"), ("int", "double"), ("float", "double")))
_CONVERTED: Final = frozenset(
    (
        *(("int", "float"), ("long", "float"), ("long", "double")),
        *(("string", "bytes"), ("bytes", "string")),
    )
)
_UNITS: Final = ({"timestamp-millis", "timestamp-micros", "timestamp-nanos"}, {"time-millis", "time-micros"})
_LOCAL_UNITS: Final = ({"local-timestamp-millis", "local-timestamp-micros", "local-timestamp-nanos"},)


def _kind_of_change(old: Concrete, new: Concrete) -> str:
    """Which rule is about a pair of types; empty where values mean the same, or are not read at all."""
    if not isinstance(old, Primitive | Fixed) or not isinstance(new, Primitive | Fixed):
        return ""
    one, other = old.logical, new.logical
    if one == other:
        pair = (old.kind, new.kind)
        return "B205" if one is None and pair in _CONVERTED else ""
    if one is not None and other is not None:
        if one.name == other.name == "decimal":
            return _decimals(one, other)
        if any({one.name, other.name} <= family for family in (*_UNITS, *_LOCAL_UNITS)):
            return "B203"
    same = old.kind == new.kind or (old.kind, new.kind) in _EXACT | _CONVERTED
    return "B204" if same else ""


def _decimals(old: Logical, new: Logical) -> str:
    if (old.scale or 0) != (new.scale or 0):
        return "B201"
    return "B202" if (new.precision or 0) < (old.precision or 0) else ""


def _on_types(rule: str, told: str, recommendation: str = _NEW_FIELD) -> Callable[[TypePair, Context], Hits]:
    def run(pair: TypePair, context: Context) -> Hits:
        for old, new in _leaves(pair, context):
            if _kind_of_change(old, new) == rule:
                yield Hit(
                    path=pair.path,
                    place=Place(pair.place.record, pair.place.field, ("type",)),
                    message=f"`{dotted(pair.path)}` {told} from {type_words(old)} to {type_words(new)}",
                    old=type_words(old),
                    new=type_words(new),
                    consequence="the bytes of older events are read as other values",
                    recommendation=recommendation,
                    trial=type_trial(context.old.schema, old, context.new.schema, new),
                )

    return run


def _leaves(pair: TypePair, context: Context) -> list[tuple[Concrete, Concrete]]:
    """The pair itself, or what two unions hold beside null, where one of them takes the other's values."""
    if not isinstance(pair.old, Union) and not isinstance(pair.new, Union):
        return [(pair.old, pair.new)]
    old, new = values_of(pair.old, context.old.schema), values_of(pair.new, context.new.schema)
    return [(old[0], new[0])] if len(old) == len(new) == 1 and old[0].kind != new[0].kind else []


def _namespace(pair: NamedPair, context: Context) -> Hits:
    if pair.old.name == pair.new.name or pair.old.name in pair.new.aliases:
        return
    if pair.old.simple_name != pair.new.simple_name:
        return  # WIRE sees it
    is_root = pair.new.name == context.new.name and not pair.path
    yield Hit(
        path=pair.path,
        place=Place(*((pair.new.name,) if pair.place.field == "" else (pair.place.record, pair.place.field))),
        message=f"the {pair.new.kind} {pair.old.name} moves to {pair.new.name}: Java calls it the same, others do not",
        old=pair.old.name,
        new=pair.new.name,
        consequence="readers that go by full names, as Avro's specification says, take it for another type"
        + ("; the subject in the registry is another one, and starts anew" if is_root else ""),
        recommendation=f'keep the namespace, or add "aliases": ["{pair.old.name}"]',
    )


def _unit_in_name(pair: FieldPair, context: Context) -> Hits:
    old, new = words(pair.old.name)[-1:], words(pair.new.name)[-1:]
    if pair.link == "name" or old == new or not {*old, *new} <= _UNIT_WORDS:
        return
    yield Hit(
        path=pair.path,
        place=Place(pair.place.record, pair.place.field, ("name",)),
        message=f"`{pair.old.name}` becomes `{pair.new.name}`: another unit over the same numbers",
        old=pair.old.name,
        new=pair.new.name,
        consequence=f"a number that was written in {old[0]} is read in {new[0]}",
        recommendation=f"add `{pair.new.name}` as a new field without alias, and deprecate `{pair.old.name}`",
        trial=field_trial(context.old.schema, pair.old, context.new.schema, pair.new) if pair.link == "alias" else None,
    )


_UNIT_WORDS: Final = frozenset(
    (
        *("ns", "us", "ms", "s", "sec", "seconds", "millis", "micros", "min", "minutes", "h", "hours", "days"),
        *("bytes", "kb", "mb", "gb", "kib", "mib", "cents", "euros", "dollars", "percent", "ratio", "permille"),
        *("mm", "cm", "m", "km", "g", "kg", "celsius", "kelvin", "fahrenheit"),
    )
)


def _money(precision: int, scale: int) -> str:
    return (
        '{"name": "total", "type": {"type": "bytes", "logicalType": "decimal", '
        f'"precision": {precision}, "scale": {scale}}}}}'
    )


def _moment(unit: str) -> str:
    return f'{{"name": "paid_at", "type": {{"type": "long", "logicalType": "timestamp-{unit}"}}}}'


def _id(kind: str) -> str:
    return f'{{"name": "cart_id", "type": {kind}}}'


_UUID: Final = '{"type": "string", "logicalType": "uuid"}'
_SIZE: Final = (
    '{{"name": "size", "type": {{"type": "fixed", "name": "Size", "namespace": "{namespace}", "size": 4{alias}}}}}'
)

LOGICAL_RULES: Final = (
    BreakingRule(
        id="B201",
        category="LOGICAL",
        title="a decimal keeps its scale",
        severity="error",
        why="The scale is not in the bytes: Java and Spark take the reader's, and read 12.34 as 0.1234.",
        bad=Example(_money(18, 2), _money(18, 4)),
        good=Example(_money(16, 2), _money(18, 2)),
        checks=(on(TypePair, _on_types("B201", "changes its scale")),),
    ),
    BreakingRule(
        id="B202",
        category="LOGICAL",
        title="a decimal does not lose precision",
        severity="error",
        why="Amounts that were fine are too large for the reader: Spark turns them to null, Python refuses the event.",
        bad=Example(_money(18, 2), _money(10, 2)),
        good=Example(_money(10, 2), _money(18, 2)),
        checks=(on(TypePair, _on_types("B202", "loses precision", "keep the precision, or raise it")),),
    ),
    BreakingRule(
        id="B203",
        category="LOGICAL",
        title="a time keeps its unit",
        severity="error",
        why="Java and Spark read the number in the reader's unit: 2026 becomes the year 58000, or January 1970.",
        bad=Example(_moment("micros"), _moment("millis")),
        good=Example(_moment("micros"), _moment("micros").replace("}}", '}, "doc": "When."}')),
        checks=(on(TypePair, _on_types("B203", "changes its unit")),),
    ),
    BreakingRule(
        id="B204",
        category="LOGICAL",
        title="a field keeps its logical type",
        severity="error",
        why="The bytes stay, and a number becomes a time, or an amount becomes bytes, for one reader but not the next.",
        bad=Example('{"name": "paid_at", "type": "long"}', _moment("micros")),
        good=Example(_id(_UUID), _id(_UUID).replace("}}", '}, "doc": "Cart."}')),
        checks=(on(TypePair, _on_types("B204", "changes what its bytes mean")),),
    ),
    BreakingRule(
        id="B205",
        category="LOGICAL",
        title="a wider type holds every value exactly",
        severity="error",
        why="Avro reads a long as a double, which has 53 bits: identities and large sums end in other digits.",
        bad=Example('{"name": "visitor", "type": "long"}', '{"name": "visitor", "type": "double"}'),
        good=Example('{"name": "visitor", "type": "int"}', '{"name": "visitor", "type": "long"}'),
        checks=(on(TypePair, _on_types("B205", "is read inexactly")),),
    ),
    BreakingRule(
        id="B206",
        category="LOGICAL",
        title="a named type keeps its namespace",
        severity="error",
        why="Java compares names without namespace and calls it compatible; other readers, and registries, do not.",
        bad=Example(_SIZE.format(namespace="shop", alias=""), _SIZE.format(namespace="shop.goods", alias="")),
        good=Example(
            _SIZE.format(namespace="shop", alias=""),
            _SIZE.format(namespace="shop.goods", alias=', "aliases": ["shop.Size"]'),
        ),
        checks=(on(NamedPair, _namespace),),
    ),
    BreakingRule(
        id="B207",
        category="LOGICAL",
        title="a rename does not change the unit",
        severity="error",
        why="An alias gives the new name to the old numbers: 1500 ms is read as 1500 s.",
        bad=Example(
            '{"name": "wait_ms", "type": "long"}',
            '{"name": "wait_s", "type": "long", "aliases": ["wait_ms"]}',
        ),
        good=Example(
            '{"name": "wait_ms", "type": "long"}',
            '{"name": "delay_ms", "type": "long", "aliases": ["wait_ms"]}',
        ),
        checks=(on(FieldPair, _unit_in_name),),
    ),
)
