"""B211 to B216: enums, defaults, renames and unions: what a reader puts where it finds nothing that it knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tallystick.contracts.breaking.changes import EnumPair, FieldPair, Place, TypePair
from tallystick.contracts.breaking.rule import BreakingRule, Example, Hit, on
from tallystick.contracts.breaking.trials import field_trial, missing_trial, type_trial
from tallystick.contracts.breaking.words import default_words, dotted, listed, type_words
from tallystick.contracts.types import MISSING, Union

if TYPE_CHECKING:
    from tallystick.contracts.breaking.rule import Context, Hits

__all__ = ["VALUE_RULES"]


def _symbol_removed(pair: EnumPair, context: Context) -> Hits:
    for symbol in pair.old.symbols:
        if symbol in pair.new.symbols:
            continue
        becomes = f"reads as {pair.new.default}" if pair.new.default is not None else "cannot be read at all"
        yield Hit(
            path=pair.path,
            place=Place(pair.place.record, "", ("symbols",)),
            message=f"{pair.new.name} loses the symbol {symbol}: an older event that holds it {becomes}",
            old=symbol,
            new=pair.new.default or "none",
            consequence=f"{symbol} in older events {becomes}",
            recommendation=f"keep {symbol}, and stop sending it",
            trial=type_trial(context.old.schema, pair.old, context.new.schema, pair.new),
        )


def _reordered(pair: EnumPair, _: Context) -> Hits:
    old = [each for each in pair.old.symbols if each in pair.new.symbols]
    new = [each for each in pair.new.symbols if each in pair.old.symbols]
    if old != new:
        yield Hit(
            path=pair.path,
            place=Place(pair.place.record, "", ("symbols",)),
            message=f"{pair.new.name} has its symbols in another order: {listed(new)}",
            old=listed(old),
            new=listed(new),
            consequence="who reads bytes by the wrong version's schema gets another symbol; Avro sorts by position",
            recommendation="keep the order, and add new symbols at the end",
        )


def _enum_default(pair: EnumPair, _: Context) -> Hits:
    if pair.old.default is not None and pair.old.default != pair.new.default:
        yield Hit(
            path=pair.path,
            place=Place(pair.place.record, "", ("default",)),
            message=f"{pair.new.name} changes its default from {pair.old.default} to {pair.new.default or 'none'}",
            old=pair.old.default,
            new=pair.new.default or "no default",
            consequence="a symbol that a reader does not know becomes another one than before",
            recommendation=f'keep "default": "{pair.old.default}"',
        )


def _default(pair: FieldPair, context: Context) -> Hits:
    if pair.old.default is MISSING or pair.new.default is MISSING or _equal(pair.old.default, pair.new.default):
        return
    old, new = default_words(pair.old.default), default_words(pair.new.default)
    yield Hit(
        path=pair.path,
        place=Place(pair.place.record, pair.place.field, ("default",)),
        message=f"`{dotted(pair.path)}` changes its default from {old} to {new}",
        old=old,
        new=new,
        consequence=f"an event from before the field was read as {old}, and is read as {new}",
        recommendation=f'keep "default": {old}',
        trial=missing_trial(context.new.schema, pair.new),
    )


def _equal(one: object, other: object) -> bool:
    """Whether two defaults are the same JSON; 0 and false, or 1 and true, are not."""
    return one == other and isinstance(one, bool) is isinstance(other, bool)


def _rename(pair: FieldPair, context: Context) -> Hits:
    if pair.link != "similar":
        return
    becomes = default_words(pair.new.default) if pair.new.has_default else "unreadable"
    yield Hit(
        path=pair.path,
        place=Place(pair.place.record, pair.place.field, ("name",)),
        message=f"`{pair.old.name}` becomes `{pair.new.name}` without an alias, older values turn {becomes}",
        old=pair.old.name,
        new=pair.new.name,
        consequence=f"every value of `{pair.old.name}` in older events turns {becomes}",
        recommendation=f'add "aliases": ["{pair.old.name}"] to `{pair.new.name}`',
        trial=field_trial(context.old.schema, pair.old, context.new.schema, pair.new) if pair.new.has_default else None,
    )


def _alias_dropped(pair: FieldPair, _: Context) -> Hits:
    known = {pair.new.name, *pair.new.aliases, *(each.name for each in pair.owner.fields)}
    known |= {alias for each in pair.owner.fields for alias in each.aliases}
    for alias in pair.old.aliases:
        if alias not in known:
            yield Hit(
                path=pair.path,
                place=Place(pair.place.record, pair.place.field),
                message=f"`{dotted(pair.path)}` loses its alias `{alias}`: what was written under it is lost",
                old=alias,
                new="no alias",
                consequence=f"the value of `{alias}` in the oldest events turns "
                + (default_words(pair.new.default) if pair.new.has_default else "unreadable"),
                recommendation=f'keep "{alias}" in the aliases of `{pair.new.name}`',
            )


def _branches(pair: TypePair, _: Context) -> Hits:
    if not isinstance(pair.old, Union) or not isinstance(pair.new, Union):
        return
    old = [type_words(each) for each in pair.old.branches]
    new = [type_words(each) for each in pair.new.branches]
    kept = [each for each in old if each in new]
    if kept != [each for each in new if each in old]:
        yield Hit(
            path=pair.path,
            place=Place(pair.place.record, pair.place.field, ("type",)),
            message=f"`{dotted(pair.path)}` has the branches of its union in another order: [{', '.join(new)}]",
            old=f"[{', '.join(old)}]",
            new=f"[{', '.join(new)}]",
            consequence="the default belongs to another branch, and who reads by the wrong version gets another type",
            recommendation=f"keep the order [{', '.join(old)}], and add new branches at the end",
        )


_STATUS: Final = '{{"name": "status", "type": {{"type": "enum", "name": "Status", "symbols": {}, "default": "{}"}}}}'
_VOUCHER: Final = '{{"name": "{}", "type": ["null", "string"], "doc": "Voucher.", "default": null{}}}'

VALUE_RULES: Final = (
    BreakingRule(
        id="B211",
        category="LOGICAL",
        title="an enum keeps its symbols",
        severity="error",
        why="Older events hold the symbol; a reader without it puts the default there, and counts it as that.",
        bad=Example(
            _STATUS.format('["PAID", "SENT", "UNKNOWN"]', "UNKNOWN"), _STATUS.format('["PAID", "UNKNOWN"]', "UNKNOWN")
        ),
        good=Example(
            _STATUS.format('["PAID", "UNKNOWN"]', "UNKNOWN"), _STATUS.format('["PAID", "UNKNOWN", "SENT"]', "UNKNOWN")
        ),
        checks=(on(EnumPair, _symbol_removed),),
    ),
    BreakingRule(
        id="B212",
        category="LOGICAL",
        title="an enum keeps the order of its symbols",
        severity="warning",
        why="The bytes hold a symbol's position: tools that do not know the writer's schema read another symbol.",
        bad=Example(
            _STATUS.format('["PAID", "SENT", "UNKNOWN"]', "UNKNOWN"),
            _STATUS.format('["SENT", "PAID", "UNKNOWN"]', "UNKNOWN"),
        ),
        good=Example(
            _STATUS.format('["PAID", "UNKNOWN"]', "UNKNOWN"), _STATUS.format('["PAID", "UNKNOWN", "SENT"]', "UNKNOWN")
        ),
        checks=(on(EnumPair, _reordered),),
    ),
    BreakingRule(
        id="B213",
        category="LOGICAL",
        title="defaults do not change",
        severity="error",
        why="Events from before the field, or with unknown symbols, are read with the new default: history changes.",
        bad=Example(
            '{"name": "item_count", "type": "int", "default": 0}', '{"name": "item_count", "type": "int", "default": 1}'
        ),
        good=Example(
            '{"name": "item_count", "type": "int"}',
            '{"name": "item_count", "type": "int", "doc": "Number of articles."}',
        ),
        checks=(on(FieldPair, _default), on(EnumPair, _enum_default)),
    ),
    BreakingRule(
        id="B214",
        category="LOGICAL",
        title="a renamed field has its old name as an alias",
        severity="error",
        why="Without an alias a reader finds no value under the new name in older events, and puts the default there.",
        bad=Example(_VOUCHER.format("coupon", ""), _VOUCHER.format("coupon_code", "")),
        good=Example(_VOUCHER.format("coupon", ""), _VOUCHER.format("coupon_code", ', "aliases": ["coupon"]')),
        checks=(on(FieldPair, _rename),),
    ),
    BreakingRule(
        id="B215",
        category="LOGICAL",
        title="an alias stays as long as events under it do",
        severity="error",
        why="Events from before a rename are found by the alias alone; without it their values are gone.",
        bad=Example(_VOUCHER.format("coupon_code", ', "aliases": ["coupon"]'), _VOUCHER.format("coupon_code", "")),
        good=Example(_VOUCHER.format("coupon_code", ""), _VOUCHER.format("coupon_code", ', "aliases": ["coupon"]')),
        checks=(on(FieldPair, _alias_dropped),),
    ),
    BreakingRule(
        id="B216",
        category="LOGICAL",
        title="a union keeps the order of its branches",
        severity="warning",
        why="A default belongs to the first branch, and Spark names the columns of a union by position.",
        bad=Example('{"name": "value", "type": ["string", "long"]}', '{"name": "value", "type": ["long", "string"]}'),
        good=Example(
            '{"name": "value", "type": ["string", "long"]}',
            '{"name": "value", "type": ["string", "long"], "doc": "Either."}',
        ),
        checks=(on(TypePair, _branches),),
    ),
)
