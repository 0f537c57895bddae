"""B301 to B305: what Silver's tables, and the SQL over them, cannot follow."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tallystick.contracts.breaking.changes import FieldAdded, FieldPair, FieldRemoved, Place, TypePair
from tallystick.contracts.breaking.nullness import has_null
from tallystick.contracts.breaking.rule import BreakingRule, Example, Hit, on
from tallystick.contracts.breaking.words import dotted, type_words
from tallystick.contracts.silver import column_type

if TYPE_CHECKING:
    from tallystick.contracts.breaking.rule import Context, Hits

__all__ = ["TABLE_RULES"]

_DECIMAL: Final = re.compile(r"DECIMAL\((\d+), ?(\d+)\)")
_WIDER: Final = frozenset((("INT", "BIGINT"), ("INT", "DOUBLE"), ("FLOAT", "DOUBLE")))


def _dropped(change: FieldRemoved, _: Context) -> Hits:
    yield Hit(
        path=change.path,
        place=change.place,
        message=f"the column {dotted(change.path)} is dropped: new rows have no value there",
        old=type_words(change.field.type),
        new="no column",
        consequence="queries over it see nulls from now on, and fail after a rebuild",
        recommendation="keep the field, make it nullable, and mark it deprecated until nobody reads it",
    )


def _renamed(pair: FieldPair, _: Context) -> Hits:
    if pair.link != "name":
        yield Hit(
            path=pair.path,
            place=Place(pair.place.record, pair.place.field, ("name",)),
            message=f"the column {pair.old.name} is renamed to {pair.new.name}: the old one stays, with nulls",
            old=pair.old.name,
            new=pair.new.name,
            consequence="queries by the old name see nulls from now on, and fail after a rebuild",
            recommendation=f"keep `{pair.old.name}`, add `{pair.new.name}` beside it, and deprecate the old one",
        )


def _retyped(pair: TypePair, context: Context) -> Hits:
    one, other = column_type(context.old.schema, pair.old), column_type(context.new.schema, pair.new)
    if one == other or (one, other) in _WIDER or _is_wider_decimal(one, other):
        return
    yield Hit(
        path=pair.path,
        place=Place(pair.place.record, pair.place.field, ("type",)),
        message=f"the column {dotted(pair.path)} cannot become {other}: it holds {one}",
        old=one,
        new=other,
        consequence="Silver stops at the first new event: a Delta table does not narrow or convert a column",
        recommendation="add a new field of the new type, or rebuild Silver: tallystick stream silver --rebuild",
    )


def _is_wider_decimal(old: str, new: str) -> bool:
    one, other = _DECIMAL.fullmatch(old), _DECIMAL.fullmatch(new)
    if one is None or other is None:
        return False
    (precision, scale), (new_precision, new_scale) = map(int, one.groups()), map(int, other.groups())
    return new_scale >= scale and new_precision - new_scale >= precision - scale


def _namesake(change: FieldAdded | FieldPair, _: Context) -> Hits:
    field = change.field if isinstance(change, FieldAdded) else change.new
    if isinstance(change, FieldPair) and change.link == "name":
        return
    others = [each.name for each in change.owner.fields if each.name != field.name]
    if isinstance(change, FieldPair):
        others.append(change.old.name)
    twin = next((each for each in others if each.lower() == field.name.lower()), None)
    if twin is not None:
        yield Hit(
            path=change.path,
            place=Place(change.place.record, change.place.field, ("name",)),
            message=f"`{field.name}` and `{twin}` differ in case alone: a table cannot hold both",
            old=twin,
            new=field.name,
            consequence="Spark does not tell the two columns apart, and Silver stops",
            recommendation=f"give `{field.name}` another name",
        )


def _required(change: FieldAdded, context: Context) -> Hits:
    if change.field.has_default or has_null(change.field.type, context.new.schema):
        return
    yield Hit(
        path=change.path,
        place=change.place,
        message=f"the column {dotted(change.path)} is new and must not be null: older rows have nothing there",
        old="no column",
        new=type_words(change.field.type),
        consequence="rows that are there already have no value for it, and a rebuild cannot read their events",
        recommendation='give the field a default, or make it nullable: "type": ["null", ...], "default": null',
    )


def _not_null(pair: FieldPair, context: Context) -> Hits:
    if has_null(pair.old.type, context.old.schema) and not has_null(pair.new.type, context.new.schema):
        yield Hit(
            path=pair.path,
            place=Place(pair.place.record, pair.place.field, ("type",)),
            message=f"the column {dotted(pair.path)} must not be null any more, and holds nulls",
            old=type_words(pair.old.type),
            new=type_words(pair.new.type),
            consequence="older events with null cannot be read again: a rebuild turns them into rejects",
            recommendation='keep "null" in the type, and let a rule ask for the value: "this.<field> != null"',
        )


_COUNT: Final = '{{"name": "item_count", "type": {}}}'

TABLE_RULES: Final = (
    BreakingRule(
        id="B301",
        category="TABLE",
        title="a column is not dropped or renamed",
        severity="error",
        why="Queries, dashboards and models name the column; they see nulls at once, and fail after a rebuild.",
        bad=Example('{"name": "note", "type": ["null", "string"], "default": null}', ""),
        good=Example("", '{"name": "note", "type": ["null", "string"], "default": null}'),
        checks=(on(FieldRemoved, _dropped), on(FieldPair, _renamed)),
    ),
    BreakingRule(
        id="B302",
        category="TABLE",
        title="a column's type changes only to one that is wider",
        severity="error",
        why="Delta widens int to long or double, float to double, and decimals; everything else needs a rebuild.",
        bad=Example(_COUNT.format('"int"'), _COUNT.format('"string"')),
        good=Example(_COUNT.format('"int"'), _COUNT.format('"long"')),
        checks=(on(TypePair, _retyped),),
    ),
    BreakingRule(
        id="B303",
        category="TABLE",
        title="no two columns differ in case alone",
        severity="error",
        why="Spark's column names have no case: the second column makes the table unwritable.",
        bad=Example("", '{"name": "Order_Id", "type": "string", "default": ""}'),
        good=Example("", '{"name": "order_code", "type": "string", "default": ""}'),
        checks=(on(FieldAdded, _namesake), on(FieldPair, _namesake)),
    ),
    BreakingRule(
        id="B304",
        category="TABLE",
        title="a new column has a default or takes null",
        severity="error",
        why="Rows from before have no value for it; the events behind them cannot be read with the new schema.",
        bad=Example("", '{"name": "note", "type": "string"}'),
        good=Example("", '{"name": "note", "type": "string", "default": ""}'),
        checks=(on(FieldAdded, _required),),
    ),
    BreakingRule(
        id="B305",
        category="TABLE",
        title="a nullable column stays nullable",
        severity="error",
        why="The column holds nulls, and older events do: neither can become anything else by itself.",
        bad=Example(
            '{"name": "note", "type": ["null", "string"], "default": null}', '{"name": "note", "type": "string"}'
        ),
        good=Example(
            '{"name": "note", "type": "string"}', '{"name": "note", "type": ["null", "string"], "default": null}'
        ),
        checks=(on(FieldPair, _not_null),),
    ),
)
