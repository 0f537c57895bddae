"""T001, T002, T005 to T010: types that every part downstream can carry."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from tallystick.contracts.lint.rule import AddMember, Example, Hit, Mend, OnField, OnType, Rule

if TYPE_CHECKING:
    from tallystick.contracts.lint.repository import SchemaFile
    from tallystick.contracts.lint.rule import Hits
    from tallystick.contracts.lint.sites import FieldSite, TypeSite

__all__ = ["TYPE_RULES"]

_UNKNOWN: Final = "UNKNOWN"
_MAX_PRECISION: Final = 38
# What JSON tells apart, and a plain Python value too.
_SHAPES: Final = {
    "int": "number",
    "long": "number",
    "float": "number",
    "double": "number",
    "string": "text",
    "bytes": "text",
    "enum": "text",
    "fixed": "text",
    "boolean": "boolean",
    "array": "array",
    "map": "object",
    "record": "object",
    "error": "object",
}


def _enum_default(site: TypeSite, _: SchemaFile) -> Hits:
    symbols = site.attributes.get("symbols")
    if not isinstance(symbols, list) or not symbols or site.attributes.get("default") == _UNKNOWN:
        return
    name = site.short_name
    path = (*site.path, "symbols")
    if _UNKNOWN not in symbols:
        message = f'enum {name} has no UNKNOWN: add the symbol, and "default": "UNKNOWN"'
        right = json.dumps([_UNKNOWN, *symbols])
        yield Hit(path, message, Mend(f'"symbols": {right}, "default": "UNKNOWN"'))
    elif "default" not in site.attributes:
        mend = Mend('"default": "UNKNOWN"', (AddMember(site.path, "symbols", "default", '"UNKNOWN"'),), safe=True)
        yield Hit(path, f'enum {name} has no default: add "default": "UNKNOWN"', mend)
    elif site.attributes["default"] in symbols:
        default = site.attributes["default"]
        yield Hit(
            (*site.path, "default"), f"default of enum {name} is {default}, not UNKNOWN", Mend('"default": "UNKNOWN"')
        )


def _nullable(site: FieldSite, _: SchemaFile) -> Hits:
    branches = site.type.children
    if site.type.kind != "union" or not site.is_nullable or any(each.kind == "bad" for each in branches):
        return
    name = site.name
    if branches[0].kind != "null":
        # With a null default the soundness rule speaks already.
        if "default" not in site.attributes or site.attributes["default"] is not None:
            right = json.dumps(["null", *(each.value for each in branches if each.kind != "null")])
            message = f'nullable `{name}` does not start with null: write "type": {right}, "default": null'
            yield Hit((*site.path, "type"), message, Mend(f'"type": {right}, "default": null'))
    elif "default" not in site.attributes:
        mend = Mend('"default": null', (AddMember(site.path, _after(site), "default", "null"),), safe=True)
        yield Hit((*site.path, "type"), f'nullable `{name}` has no default: add "default": null', mend)


def _after(site: FieldSite) -> str:
    """The member behind which a default stands."""
    return "doc" if list(site.attributes)[-1] == "doc" or "doc" in site.attributes else "type"


def _ambiguous_union(site: TypeSite, file: SchemaFile) -> Hits:
    branches = [file.repository.resolve(each) for each in site.children]
    seen: list[TypeSite] = []
    for place, branch in zip(site.children, branches, strict=True):
        if branch.kind in {"null", "ref", "bad", "union"}:
            continue
        other = next((each for each in seen if _alike(each, branch)), None)
        seen.append(branch)
        if other is not None and other.name != branch.name:
            names = f"{other.short_name} and {branch.short_name}"
            message = f"{names} cannot be told apart in this union: take one type, or two nullable fields"
            yield Hit(place.path, message)


def _alike(one: TypeSite, other: TypeSite) -> bool:
    if _SHAPES[one.kind] != _SHAPES[other.kind]:
        return False
    if "record" not in (one.kind, other.kind) or one.kind != other.kind:
        return True
    return _could_be(one, other) or _could_be(other, one)


def _could_be(value: TypeSite, other: TypeSite) -> bool:
    """Whether a value of one record has every field that the other one needs."""
    needed = {each.name for each in other.fields if "default" not in each.attributes}
    return needed <= {each.name for each in value.fields}


def _unportable(site: TypeSite, _: SchemaFile) -> Hits:
    logical = site.logical
    if site.kind == "fixed":
        other = (
            "a number and its unit in the name, such as delay_ms"
            if logical == "duration"
            else "bytes, or string for text"
        )
        yield Hit(
            site.path, f"{site.short_name} is a fixed{' (duration)' if logical == 'duration' else ''}: write {other}"
        )


def _precision(site: TypeSite, _: SchemaFile) -> Hits:
    precision = site.attributes.get("precision")
    if site.logical == "decimal" and isinstance(precision, int) and precision > _MAX_PRECISION:
        message = f"precision {precision} is more than Spark's {_MAX_PRECISION}: write {_MAX_PRECISION} or less"
        yield Hit((*site.path, "precision"), message, Mend(f'"precision": {_MAX_PRECISION}'))


def _recursive(site: TypeSite, file: SchemaFile) -> Hits:
    """A ref to a record that it is inside of, unless it stands there plainly, which is unsound already."""
    target = site.target
    around = site.parent if site.field is None else site.field.record
    is_plain = site.field is not None and site.field.type is site and site.field.record is target
    while target is not None and around is not None and not is_plain:
        if around is target:
            message = f"{target.short_name} holds itself, and no table can: refer to the other one by its id"
            yield Hit(site.path, message)
            return
        around = around.field.record if around.field is not None else around.parent
    _ = file


def _only_null(site: FieldSite, _: SchemaFile) -> Hits:
    yield Hit((*site.path, "type"), f"`{site.name}` can only be null, so no table has a type for it: name its type")


_ENUM: Final = '{{"type": "enum", "name": "Size", "doc": "How large.", "symbols": ["UNKNOWN", "L"]{}}}'

TYPE_RULES: Final = (
    Rule(
        id="T001",
        title="an enum has the symbol UNKNOWN, as its default",
        severity="error",
        why=(
            "A reader that does not know a new symbol takes the default; without one, a "
            "new symbol stops every older reader."
        ),
        bad=Example(_ENUM.format(""), "type"),
        good=Example(_ENUM.format(', "default": "UNKNOWN"'), "type"),
        checks=(OnType(_enum_default, frozenset(("enum",))),),
        fixable=True,
    ),
    Rule(
        id="T002",
        title='a nullable field is ["null", T] with default null',
        severity="error",
        why="Only so it may be added and left out later, and every reader finds the same default.",
        bad=Example('{"name": "coupon_id", "type": ["null", "string"], "doc": "Voucher that was used."}'),
        good=Example(
            '{"name": "coupon_id", "type": ["null", "string"], "doc": "Voucher that was used.", "default": null}'
        ),
        checks=(OnField(_nullable),),
        fixable=True,
    ),
    Rule(
        id="T005",
        title="the branches of a union can be told apart",
        severity="error",
        why=(
            "A plain value that fits two branches is encoded as the first one, and Spark "
            "makes columns member0 and member1 of it."
        ),
        bad=Example('["int", "double"]', "type"),
        good=Example('"double"', "type"),
        checks=(OnType(_ambiguous_union, frozenset(("union",))),),
    ),
    Rule(
        id="T006",
        title="no fixed, and so no duration",
        severity="error",
        why="Spark reads a fixed as raw bytes, and a duration as twelve of them: no query can use it.",
        bad=Example('{"type": "fixed", "name": "Digest", "doc": "Checksum of the file.", "size": 16}', "type"),
        good=Example('"bytes"', "type"),
        checks=(OnType(_unportable, frozenset(("fixed",))),),
    ),
    Rule(
        id="T008",
        title="a decimal has at most 38 digits",
        severity="error",
        why="Spark and most databases have no larger decimal: the table cannot be made.",
        bad=Example('{"type": "bytes", "logicalType": "decimal", "precision": 40, "scale": 2}', "type"),
        good=Example('{"type": "bytes", "logicalType": "decimal", "precision": 38, "scale": 2}', "type"),
        checks=(OnType(_precision, frozenset(("bytes", "fixed"))),),
    ),
    Rule(
        id="T009",
        title="no type holds itself",
        severity="error",
        why="A table has a fixed number of columns: Spark refuses to read such a schema at all.",
        bad=Example(
            '{"type": "record", "name": "Category", "namespace": "shop", "doc": "A shelf '
            'of the shop.", "fields": [{"name": '
            '"parent", "type": ["null", "Category"], "doc": "The shelf that holds it.", "default": null}]}',
            "record",
            "shop/Category.avsc",
        ),
        good=Example(
            '{"type": "record", "name": "Category", "namespace": "shop", "doc": "A shelf '
            'of the shop.", "fields": [{"name": '
            '"parent_id", "type": ["null", "string"], "doc": "The shelf that holds it.", "default": null}]}',
            "record",
            "shop/Category.avsc",
        ),
        checks=(OnType(_recursive, frozenset(("ref",))),),
    ),
    Rule(
        id="T010",
        title="no field can only be null",
        severity="error",
        why="Spark makes a column of type void of it, which Delta cannot store.",
        bad=Example('{"name": "reserve", "type": "null", "doc": "Kept for later.", "default": null}'),
        good=Example(
            '{"name": "reserve_id", "type": ["null", "string"], "doc": "Shelf it is kept on.", "default": null}'
        ),
        checks=(OnField(_only_null, kinds=frozenset(("null",))),),
    ),
)
