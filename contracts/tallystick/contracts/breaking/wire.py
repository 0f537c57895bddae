"""B101 to B107: what a schema registry would say, in names instead of pointers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tallystick.contracts.breaking.changes import ContractPair, Place
from tallystick.contracts.breaking.rule import BreakingRule, Example, Hit, on
from tallystick.contracts.breaking.words import dotted, type_words
from tallystick.contracts.errors import AmbiguousAliasError
from tallystick.contracts.levels import Direction
from tallystick.contracts.types import PRIMITIVES, Array, Enum, Fixed, Map, Record, Type, Union

if TYPE_CHECKING:
    from collections.abc import Callable

    from tallystick.contracts.breaking.rule import Context, Hits
    from tallystick.contracts.levels import Finding
    from tallystick.contracts.roles import FieldPath
    from tallystick.contracts.schema import Schema

__all__ = ["WIRE_RULES", "locate"]

_READER: Final = {
    Direction.BACKWARD: "the new schema cannot read events that were written before",
    Direction.FORWARD: "readers of the old schema cannot read new events",
}


@dataclass(frozen=True, slots=True)
class _Located:
    """A JSON pointer of Java's, in names.

    Attributes:
        path: The fields on the way, from the contract that owns the place.
        record: The innermost record.
        owner: The contract that owns the place; empty for the one under check.
        whole: The fields on the way from the subject's root.
    """

    path: FieldPath
    record: str
    owner: str
    whole: FieldPath


def locate(schema: Schema, pointer: str, is_foreign: Callable[[str], bool] = lambda _: False) -> _Located:
    """Follow a pointer through a schema."""
    node: Type = schema.root
    path: list[str] = []
    whole: list[str] = []
    record, owner = schema.name, ""
    steps = iter(pointer.strip("/").split("/"))
    for step in steps:
        here = schema.resolve(node)
        if here is not schema.root and isinstance(here, Record | Enum | Fixed):
            if is_foreign(here.name):
                owner, path = here.name, []
            record = here.name if isinstance(here, Record) else record
        match here:
            case Record() if step == "fields":
                field = here.fields[int(next(steps))]
                path.append(field.name)
                whole.append(field.name)
                record, node = here.name, field.type
                next(steps, None)  # the step "type"
            case Array(items=inner) | Map(values=inner) if step in {"items", "values"}:
                path.append("[]")
                whole.append("[]")
                node = inner
            case Union(branches=branches) if step.isdigit() and int(step) < len(branches):
                node = branches[int(step)]
            case _:
                break
    return _Located(tuple(path), record, owner, tuple(whole))


def _check_wire(kinds: frozenset[str]) -> Callable[[ContractPair, Context], Hits]:
    def run(pair: ContractPair, context: Context) -> Hits:
        found = context.incompatibilities
        if isinstance(found, AmbiguousAliasError) or not found or not _has_subject(pair):
            return  # B107 tells of the first
        merged: dict[_Located, list[Finding]] = {}
        for each in found:
            if each.incompatibility.type in kinds:
                reader = pair.new.schema if each.direction is Direction.BACKWARD else context.history[each.index]
                merged.setdefault(locate(reader, each.incompatibility.location, context.is_foreign), []).append(each)
        for place, findings in merged.items():
            yield _hit(place, findings, pair, context)

    return run


def _hit(place: _Located, findings: list[Finding], pair: ContractPair, context: Context) -> Hit:
    old = _type_at(context.history[findings[0].index], place.whole)
    new = _type_at(pair.new.schema, place.whole)
    readers = "; ".join(dict.fromkeys(_READER[each.direction] for each in findings))
    java = "; ".join(
        dict.fromkeys(
            f"{each.incompatibility.type} at {each.incompatibility.location}: {each.incompatibility.message}"
            for each in findings
        )
    )
    level = pair.new.sidecar.kafka.compatibility
    told, fix = _told(findings[0].incompatibility.type, place.path[-1] if place.path else "", old, new)
    subject = f"`{dotted(place.path)}` of {place.owner or pair.new.name}" if place.path else pair.new.name
    return Hit(
        path=place.path,
        place=Place(place.record, place.path[-1] if place.path and place.path[-1] != "[]" else ""),
        message=f"{subject}: {told.format(old=old, new=new)}: {readers}",
        old=old,
        new=new,
        consequence=f"at {level} a registry refuses it ({java})",
        recommendation=fix,
    )


def _told(kind: str, name: str, old: str, new: str) -> tuple[str, str]:
    """What has changed, and what to write instead."""
    if kind == _NO_DEFAULT and new == _NOTHING:
        return "it is gone, and had no default", f"keep `{name}`; what takes its place stands beside it, with a default"
    if kind == _NO_DEFAULT and old == _NOTHING:
        right = f'"{new}"' if new in PRIMITIVES else "..."
        return "it is new, and has no default", f'give `{name}` a default: "type": ["null", {right}], "default": null'
    return _MESSAGES[kind], _FIXES[kind]


def _type_at(schema: Schema, path: FieldPath) -> str:
    """What stands at a path, in words."""
    node: Type = schema.root
    for step in path:
        here = _not_null(schema, node)
        if step == "[]" and isinstance(here, Array | Map):
            node = here.items if isinstance(here, Array) else here.values
        elif isinstance(here, Record):
            field = next((each for each in here.fields if each.name == step), None)
            if field is None:
                return _NOTHING
            node = field.type
        else:
            return _NOTHING
    words = type_words(node)
    here = schema.resolve(node)
    return f"{words} ({', '.join(here.symbols)})" if isinstance(here, Enum) else words


def _not_null(schema: Schema, node: Type) -> Type:
    here = schema.resolve(node)
    if isinstance(here, Union):
        records = [schema.resolve(each) for each in here.branches]
        return next((each for each in records if each.kind != "null"), here)
    return here


def _has_subject(pair: ContractPair) -> bool:
    """Whether a registry compares the two: a shared type has no subject, and the same text is no new version."""
    is_subject = pair.new.is_message or pair.new.is_event
    return is_subject and pair.old.name == pair.new.name and pair.old.schema != pair.new.schema


def _ambiguous(pair: ContractPair, context: Context) -> Hits:
    error = context.incompatibilities
    if isinstance(error, AmbiguousAliasError) and _has_subject(pair):
        yield Hit(
            path=(error.field,),
            place=Place(error.record, error.field, ("aliases",)),
            message=f"`{error.field}` of {error.record} is by its aliases two fields: {', '.join(error.matches)}",
            old=", ".join(error.matches),
            new=error.field,
            consequence="no reader can tell which of the two it is; Java's check throws",
            recommendation=f"keep in the aliases of {error.field} only the name that older events have",
        )


_NO_DEFAULT: Final = "READER_FIELD_MISSING_DEFAULT_VALUE"
_NOTHING: Final = "no such field"
_MESSAGES: Final = {
    "READER_FIELD_MISSING_DEFAULT_VALUE": "a field without default is not on both sides",
    "TYPE_MISMATCH": "type changes from {old} to {new}",
    "NAME_MISMATCH": "the type's name changes from {old} to {new}",
    "MISSING_ENUM_SYMBOLS": "symbols differ, and there is no default ({old} to {new})",
    "MISSING_UNION_BRANCH": "a branch is missing from the union ({old} to {new})",
    "FIXED_SIZE_MISMATCH": "the size changes from {old} to {new}",
}
_FIXES: Final = {
    "READER_FIELD_MISSING_DEFAULT_VALUE": 'give the field a default: "type": ["null", ...], "default": null',
    "TYPE_MISMATCH": "add a new field of the new type, and deprecate this one: "
    '"tallystick:deprecated": {"use": "<new field>"}',
    "NAME_MISMATCH": 'keep the name, or add "aliases": ["<old full name>"]',
    "MISSING_ENUM_SYMBOLS": 'keep every symbol, and give the enum "default": "UNKNOWN"',
    "MISSING_UNION_BRANCH": "keep every branch; for another type add a new field",
    "FIXED_SIZE_MISMATCH": "add a new field of the new size",
}


def _rule(number: str, java: str, title: str, why: str, *, bad: Example, good: Example) -> BreakingRule:
    return BreakingRule(
        id=number,
        category="WIRE",
        title=title,
        severity="error",
        why=why,
        bad=bad,
        good=good,
        checks=(on(ContractPair, _check_wire(frozenset((java,)))),),
    )


_NOTE: Final = '{"name": "note", "type": ["null", "string"], "default": null}'

WIRE_RULES: Final = (
    _rule(
        "B101",
        "READER_FIELD_MISSING_DEFAULT_VALUE",
        "a field that is added or removed has a default",
        "A reader that finds no such field in an event has nothing to put there, and fails on it.",
        bad=Example("", '{"name": "note", "type": "string"}'),
        good=Example("", _NOTE),
    ),
    _rule(
        "B102",
        "TYPE_MISMATCH",
        "old and new type can be read as each other",
        "Bytes of the one type are no bytes of the other: the reader stops, or reads nonsense.",
        bad=Example('{"name": "note", "type": "string"}', '{"name": "note", "type": "int"}'),
        good=Example('{"name": "note", "type": "string"}', '{"name": "note", "type": "string", "doc": "A remark."}'),
    ),
    _rule(
        "B103",
        "NAME_MISMATCH",
        "a named type keeps its name, or has the old one as an alias",
        "Avro finds types by their names: a reader takes a renamed one for another type.",
        bad=Example(
            '{"name": "size", "type": {"type": "fixed", "name": "Size", "size": 4}}',
            '{"name": "size", "type": {"type": "fixed", "name": "Extent", "size": 4}}',
        ),
        good=Example(
            '{"name": "size", "type": {"type": "fixed", "name": "Size", "size": 4}}',
            '{"name": "size", "type": {"type": "fixed", "name": "Size", "size": 4}, "doc": "Its size."}',
        ),
    ),
    _rule(
        "B104",
        "MISSING_ENUM_SYMBOLS",
        "an enum that gains or loses symbols has a default",
        "A reader that does not know a symbol, and has no default to put there, fails on the whole event.",
        bad=Example(
            '{"name": "status", "type": {"type": "enum", "name": "Status", "symbols": ["PAID"]}}',
            '{"name": "status", "type": {"type": "enum", "name": "Status", "symbols": ["PAID", "SENT"]}}',
        ),
        good=Example(
            '{"name": "status", "type": {"type": "enum", "name": "Status", "symbols": ["PAID", "UNKNOWN"],'
            ' "default": "UNKNOWN"}}',
            '{"name": "status", "type": {"type": "enum", "name": "Status", "symbols": ["PAID", "UNKNOWN", "SENT"],'
            ' "default": "UNKNOWN"}}',
        ),
    ),
    _rule(
        "B105",
        "MISSING_UNION_BRANCH",
        "a union keeps its branches",
        "An event may hold a value of the branch that a reader does not have: it stops there.",
        bad=Example(_NOTE, '{"name": "note", "type": ["null", "int"], "default": null}'),
        good=Example(_NOTE, '{"name": "note", "type": ["null", "string"], "default": null, "doc": "A remark."}'),
    ),
    _rule(
        "B106",
        "FIXED_SIZE_MISMATCH",
        "a fixed keeps its size",
        "A reader takes as many bytes as its own schema says, and reads everything behind them wrong.",
        bad=Example(
            '{"name": "size", "type": {"type": "fixed", "name": "Size", "size": 4}}',
            '{"name": "size", "type": {"type": "fixed", "name": "Size", "size": 8}}',
        ),
        good=Example(
            '{"name": "size", "type": {"type": "fixed", "name": "Size", "size": 4}}',
            '{"name": "size", "type": {"type": "fixed", "name": "Size", "size": 4}, "doc": "Its size."}',
        ),
    ),
    BreakingRule(
        id="B107",
        category="WIRE",
        title="name and aliases of a field mean one field of older events",
        severity="error",
        why="A reader cannot tell which of two fields is meant; Java's check throws, and registries answer 500.",
        bad=Example(
            '{"name": "note", "type": "string"}, {"name": "remark", "type": "string"}',
            '{"name": "text", "type": "string", "aliases": ["note", "remark"]}',
        ),
        good=Example(
            '{"name": "note", "type": "string", "default": ""}',
            '{"name": "text", "type": "string", "default": "", "aliases": ["note"]}',
        ),
        checks=(on(ContractPair, _ambiguous),),
    ),
)
