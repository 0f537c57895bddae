"""B401 to B407: programs that build and read the generated classes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tallystick.contracts.breaking.changes import (
    ContractGone,
    EnumPair,
    FieldAdded,
    FieldPair,
    FieldRemoved,
    NamedPair,
    Place,
    TypePair,
)
from tallystick.contracts.breaking.nullness import has_null, values_of
from tallystick.contracts.breaking.rule import BreakingRule, Example, Hit, on
from tallystick.contracts.breaking.words import default_words, dotted, type_words
from tallystick.contracts.types import Fixed, Primitive

if TYPE_CHECKING:
    from tallystick.contracts.breaking.rule import Context, Hits
    from tallystick.contracts.types import Concrete

__all__ = ["SOURCE_RULES"]

# What an attribute holds in Python; a time in another unit is the same class.
_PYTHON: Final = {
    "int": "int",
    "long": "int",
    "float": "float",
    "double": "float",
    "boolean": "bool",
    "string": "str",
    "bytes": "bytes",
    "null": "None",
}
_LOGICAL: Final = {
    "uuid": "UUID",
    "date": "date",
    "time-millis": "time",
    "time-micros": "time",
    "timestamp-millis": "aware datetime",
    "timestamp-micros": "aware datetime",
    "local-timestamp-millis": "naive datetime",
    "local-timestamp-micros": "naive datetime",
}


def _removed(change: FieldRemoved | FieldPair, _: Context) -> Hits:
    if isinstance(change, FieldPair) and change.link == "name":
        return
    name = change.field.name if isinstance(change, FieldRemoved) else change.old.name
    now = "nothing" if isinstance(change, FieldRemoved) else change.new.name
    place = (
        change.place if isinstance(change, FieldRemoved) else Place(change.place.record, change.place.field, ("name",))
    )
    yield Hit(
        path=change.path,
        place=place,
        message=f"`{change.owner.simple_name}({name}=...)` fails: the attribute is {_gone(now)}",
        old=name,
        new=now,
        consequence="every program that sends or reads it stops at its next update of the SDK",
        recommendation='keep the field with "tallystick:deprecated": {"use": "<new field>"} until nobody calls it',
    )


def _gone(now: str) -> str:
    return "gone" if now == "nothing" else f"called {now} now"


def _needed(change: FieldAdded, _: Context) -> Hits:
    if not change.field.has_default:
        name = change.field.name
        yield Hit(
            path=change.path,
            place=change.place,
            message=f"`{change.owner.simple_name}(...)` fails without `{name}`: it is new and has no default",
            old="no argument",
            new=f"{name}: {type_words(change.field.type)}",
            consequence="every program that sends the event stops at its next update of the SDK",
            recommendation='give it a default, such as "type": ["null", ...], "default": null',
        )


def _default_lost(pair: FieldPair, _: Context) -> Hits:
    if pair.old.has_default and not pair.new.has_default:
        yield Hit(
            path=pair.path,
            place=pair.place,
            message=f"`{dotted(pair.path)}` has no default any more: callers that leave it out fail",
            old=default_words(pair.old.default),
            new="no default",
            consequence="programs that never named it stop at their next update of the SDK",
            recommendation=f'keep "default": {default_words(pair.old.default)}',
        )


def _nullness(pair: FieldPair, context: Context) -> Hits:
    was, is_now = has_null(pair.old.type, context.old.schema), has_null(pair.new.type, context.new.schema)
    if was == is_now:
        return
    told = "may be None now: readers that do not ask for it fail" if is_now else "refuses None now: senders of it fail"
    yield Hit(
        path=pair.path,
        place=Place(pair.place.record, pair.place.field, ("type",)),
        message=f"`{dotted(pair.path)}` {told}",
        old=type_words(pair.old.type),
        new=type_words(pair.new.type),
        consequence="type checkers, and programs that take the attribute as it was, fail",
        recommendation="keep it as it is, and add a new field with the other type",
    )


def _retyped(pair: TypePair, context: Context) -> Hits:
    old, new = values_of(pair.old, context.old.schema), values_of(pair.new, context.new.schema)
    one, other = (" | ".join(dict.fromkeys(map(_python, each))) for each in (old, new))
    if one == other and not _is_narrower(old, new):
        return
    yield Hit(
        path=pair.path,
        place=Place(pair.place.record, pair.place.field, ("type",)),
        message=f"`{dotted(pair.path)}` is {_article(other)} in Python, and was {_article(one)}"
        if one != other
        else f"`{dotted(pair.path)}` takes fewer values than before: {type_words(new[0])}",
        old=one if one != other else type_words(old[0]),
        new=other if one != other else type_words(new[0]),
        consequence="callers that pass the old values are refused",
        recommendation="add a new field of the new type, and deprecate this one",
    )


def _article(words: str) -> str:
    return f"`{words}`"


def _is_narrower(old: list[Concrete], new: list[Concrete]) -> bool:
    if len(old) != 1 or len(new) != 1:
        return False
    one, other = old[0], new[0]
    if {one.kind, other.kind} == {"int", "long"}:
        return other.kind == "int"
    if {one.kind, other.kind} == {"float", "double"}:
        return other.kind == "float"
    if isinstance(one, Fixed) and isinstance(other, Fixed) and one.logical is None:
        return one.size != other.size
    return _loses_digits(one, other)


def _loses_digits(one: Concrete, other: Concrete) -> bool:
    before, after = getattr(one, "logical", None), getattr(other, "logical", None)
    if before is None or after is None or not before.name == after.name == "decimal":
        return False
    scale, new_scale = before.scale or 0, after.scale or 0
    return bool(new_scale < scale or after.precision - new_scale < before.precision - scale)


def _python(node: Concrete) -> str:
    logical = node.logical if isinstance(node, Primitive | Fixed) else None
    if logical is not None and logical.name == "decimal":
        return "Decimal"
    if logical is not None and logical.name in _LOGICAL:
        return _LOGICAL[logical.name]
    match node.kind:
        case "array":
            return "tuple"
        case "map":
            return "dict"
        case "fixed":
            return "bytes"
        case "record" | "enum":
            return type_words(node).rpartition(".")[2]
        case kind:
            return _PYTHON.get(kind, kind)


def _member(pair: EnumPair, _: Context) -> Hits:
    for symbol in pair.old.symbols:
        if symbol not in pair.new.symbols:
            yield Hit(
                path=pair.path,
                place=Place(pair.place.record, "", ("symbols",)),
                message=f"`{pair.new.simple_name}.{symbol}` is gone: programs that name it fail",
                old=symbol,
                new="no member",
                consequence="an AttributeError at the place where it is sent or compared",
                recommendation=f"keep {symbol} until no program names it",
            )


def _class_renamed(pair: NamedPair, _: Context) -> Hits:
    if pair.old.name != pair.new.name and pair.path:
        yield _import_fails(pair.old.name, pair.new.name, pair.path, pair.place)


def _contract_gone(change: ContractGone, _: Context) -> Hits:
    now = change.new.name if change.new else "nothing"
    yield _import_fails(change.old.name, now, (), Place(now if change.new else ""))


def _import_fails(old: str, new: str, path: tuple[str, ...], place: Place) -> Hit:
    namespace, _, name = old.rpartition(".")
    told = "gone" if new == "nothing" else f"{new} now"
    return Hit(
        path=path,
        place=place,
        message=f"`from tallystick.events.{namespace} import {name}` fails: {old} is {told}"
        if namespace
        else f"the class {name} is {told}",
        old=old,
        new=new,
        consequence="every program that imports it stops at its next update of the SDK",
        recommendation=f"keep {old} with status: deprecated in its sidecar, and add the new one beside it",
    )


_NOTE: Final = '{"name": "note", "type": ["null", "string"], "default": null}'
_SIZE: Final = '{{"name": "size", "type": {{"type": "enum", "name": "Size", "symbols": {}, "default": "UNKNOWN"}}}}'

SOURCE_RULES: Final = (
    BreakingRule(
        id="B401",
        category="SOURCE",
        title="an attribute is not removed or renamed",
        severity="error",
        why="A generated class takes no unknown argument: the program that passes it fails at run time.",
        bad=Example(_NOTE, ""),
        good=Example("", _NOTE),
        checks=(on(FieldRemoved, _removed), on(FieldPair, _removed)),
    ),
    BreakingRule(
        id="B402",
        category="SOURCE",
        title="a new attribute has a default, and a default stays",
        severity="error",
        why="Programs that do not know the argument leave it out.",
        bad=Example("", '{"name": "note", "type": "string"}'),
        good=Example("", _NOTE),
        checks=(on(FieldAdded, _needed), on(FieldPair, _default_lost)),
    ),
    BreakingRule(
        id="B403",
        category="SOURCE",
        title="an attribute takes and gives what it did",
        severity="error",
        why="Generated classes convert nothing: a text for a number, or a number beyond the new range, is refused.",
        bad=Example('{"name": "item_count", "type": "long"}', '{"name": "item_count", "type": "int"}'),
        good=Example('{"name": "item_count", "type": "int"}', '{"name": "item_count", "type": "long"}'),
        checks=(on(TypePair, _retyped),),
    ),
    BreakingRule(
        id="B404",
        category="SOURCE",
        title="an attribute does not begin or cease to be None",
        severity="error",
        why="Who reads it without asking for None fails at the first one; who sends None is refused.",
        bad=Example('{"name": "note", "type": "string"}', _NOTE),
        good=Example(_NOTE, _NOTE.replace("}", ', "doc": "A remark."}')),
        checks=(on(FieldPair, _nullness),),
    ),
    BreakingRule(
        id="B405",
        category="SOURCE",
        title="an enum's members stay",
        severity="error",
        why="Programs name members: one that is gone is an AttributeError where it is sent.",
        bad=Example(_SIZE.format('["SMALL", "UNKNOWN"]'), _SIZE.format('["UNKNOWN"]')),
        good=Example(_SIZE.format('["SMALL", "UNKNOWN"]'), _SIZE.format('["SMALL", "UNKNOWN", "LARGE"]')),
        checks=(on(EnumPair, _member),),
    ),
    BreakingRule(
        id="B406",
        category="SOURCE",
        title="a class is where it was",
        severity="error",
        why="An event that is deleted, renamed or moved breaks the import of every program that sends it.",
        bad=Example('{"name": "note", "type": "string", "doc": "A remark."}', "", "file"),
        good=Example("", '{"name": "note", "type": "string", "doc": "A remark."}', "file"),
        checks=(on(ContractGone, _contract_gone), on(NamedPair, _class_renamed)),
    ),
)
