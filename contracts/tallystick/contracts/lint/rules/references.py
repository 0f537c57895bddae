"""S008, S010, S011, S023: what is defined, once, and what refers to it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from tallystick.contracts.lint.repository import META
from tallystick.contracts.lint.rule import Example, Hit, Mend, OnSchema, OnType, Rule, SetValue
from tallystick.contracts.lint.sites import COMPLEX, PRIMITIVES
from tallystick.contracts.spelling import did_you_mean, nearest

if TYPE_CHECKING:
    from tallystick.contracts.jsonspans import Json
    from tallystick.contracts.lint.document import Path
    from tallystick.contracts.lint.repository import SchemaFile
    from tallystick.contracts.lint.rule import Hits
    from tallystick.contracts.lint.sites import TypeSite

__all__ = ["REFERENCE_RULES"]

_TYPE_SYNONYMS: Final = {
    "str": "string",
    "text": "string",
    "varchar": "string",
    "char": "string",
    "integer": "int",
    "short": "int",
    "number": "double",
    "bigint": "long",
    "int64": "long",
    "int32": "int",
    "bool": "boolean",
    "float64": "double",
    "float32": "float",
    "binary": "bytes",
    "list": "array",
    "object": "record",
    "struct": "record",
    "none": "null",
    "dict": "map",
}
_MICROS: Final[dict[str, Json]] = {"type": "long", "logicalType": "timestamp-micros"}
_DECIMAL: Final[dict[str, Json]] = {"type": "bytes", "logicalType": "decimal", "precision": 18, "scale": 2}
_UUID: Final[dict[str, Json]] = {"type": "string", "logicalType": "uuid"}
# What is a type elsewhere, and a logical type on another one here.
_LOGICAL: Final[dict[str, dict[str, Json]]] = {
    "timestamp": _MICROS,
    "timestamptz": _MICROS,
    "timestamp-micros": _MICROS,
    "datetime": _MICROS,
    "decimal": _DECIMAL,
    "numeric": _DECIMAL,
    "money": _DECIMAL,
    "date": {"type": "int", "logicalType": "date"},
    "time": {"type": "long", "logicalType": "time-micros"},
    "uuid": _UUID,
    "guid": _UUID,
}
_OBJECTS: Final = {
    "array": '{"type": "array", "items": ...}',
    "map": '{"type": "map", "values": ...}',
    "record": '{"type": "record", "name": ..., "doc": ..., "fields": [...]}',
    "error": '{"type": "error", "name": ..., "doc": ..., "fields": [...]}',
    "enum": '{"type": "enum", "name": ..., "doc": ..., "symbols": ["UNKNOWN", ...], "default": "UNKNOWN"}',
    "fixed": '{"type": "fixed", "name": ..., "size": ...}',
}
_NULLABLE: Final = re.compile(r"(\w+)\?")
_LIST: Final = re.compile(r"(\w+)\[\]|(?:list|array)<(\w+)>", re.IGNORECASE)


def _unknown_types(site: TypeSite, file: SchemaFile) -> Hits:
    if site.target is not None or site.name == META or site.name in file.repository.roots:
        return
    written = site.attributes.get("type", site.value)
    path: Path = (*site.path, "type") if site.attributes else site.path
    if not isinstance(written, str) or (written in COMPLEX and site.field is not None and site.field.type is site):
        return
    if _is_wrong_meta(site):
        return  # E002 says it.
    synonym = _TYPE_SYNONYMS.get(written.lower())
    if written in COMPLEX or synonym in COMPLEX:
        yield Hit(path, f"`{written}` needs an object of its own: write {_OBJECTS[synonym or written]}")
        return
    meant = _meant(written)
    if meant:
        yield Hit(path, f"`{written}` is no type of Avro: write {meant}", Mend(f'"type": {meant}'))
        return
    elsewhere = file.repository.named.get(site.name)
    if elsewhere is not None and elsewhere[0] is not file:
        message = f"`{site.name}` is defined inside {elsewhere[0].document.path}: give it a file of its own"
        yield Hit(path, message)
        return
    known = [*PRIMITIVES, *file.repository.roots, *file.view.named, META]
    question = f": did you mean `{synonym}`?" if synonym else did_you_mean(written, known)
    right = synonym or nearest(written, known)
    mend = None
    if right in PRIMITIVES:
        mend = Mend(json.dumps(right), (SetValue(path, json.dumps(right)),), safe=synonym is None)
    later = site.name in file.view.named
    reason = "is used before it is defined" if later else "is no type"
    yield Hit(path, f"`{written}` {reason}{question}", mend)


def _is_wrong_meta(site: TypeSite) -> bool:
    field = site.field
    return field is not None and field.name == "meta" and field.record.parent is None and field.type is site


def _meant(written: str) -> str | None:
    """The JSON of a type that other languages write as one word."""
    logical = _LOGICAL.get(written.lower())
    if logical is not None:
        return json.dumps(logical)
    match = _NULLABLE.fullmatch(written)
    if match:
        return f'{json.dumps(["null", _plain(match[1])])}, "default": null'
    match = _LIST.fullmatch(written)
    return json.dumps({"type": "array", "items": _plain(match[1] or match[2])}) if match else None


def _plain(word: str) -> Json:
    return _LOGICAL.get(word.lower()) or _TYPE_SYNONYMS.get(word.lower(), word)


def _redefinitions(file: SchemaFile) -> Hits:
    for site in file.view.redefined:
        if site.name:
            message = f"`{site.name}` is defined a second time: refer to it by its name"
            yield Hit(
                (*site.path, "name"),
                message,
                Mend(json.dumps(site.name), (SetValue(site.path, json.dumps(site.name)),)),
            )
    for site in file.view.named.values():
        owner, first = file.repository.named.get(site.name, (file, site))
        if owner is not file and first is not site and owner.root.name != file.root.name:  # of twins N004 tells
            yield Hit(
                (*site.path, "name"),
                f"`{site.name}` is already defined in {owner.document.path}: refer to it by its name",
            )


def _duplicate_fields(site: TypeSite, _: SchemaFile) -> Hits:
    seen: dict[str, int] = {}
    for number, each in enumerate(site.fields, start=1):
        if each.name and each.name in seen:
            first = f"it is field {seen[each.name]} already"
            message = f"field `{each.name}` stands twice in {site.short_name}: {first}; rename or delete one"
            yield Hit((*each.path, "name"), message)
        seen.setdefault(each.name, number)


def _endless(file: SchemaFile) -> Hits:
    for record in file.view.named.values():
        for each in record.fields:
            if each.type.kind == "ref" and each.type.target is record:
                message = (
                    f"every {record.short_name} would hold another in `{each.name}`, without end: make it nullable"
                )
                fix = json.dumps(["null", each.type.value])
                yield Hit((*each.path, "type"), message, Mend(f'"type": {fix}, "default": null'))


REFERENCE_RULES: Final = (
    Rule(
        id="S008",
        title="every type is a type of Avro or of these contracts",
        severity="error",
        why="A name that nobody defines cannot be encoded.",
        bad=Example('{"name": "sku_id", "type": "strng", "doc": "Article number."}'),
        good=Example('{"name": "sku_id", "type": "string", "doc": "Article number."}'),
        checks=(OnType(_unknown_types, frozenset(("ref",))),),
        fixable=True,
    ),
    Rule(
        id="S010",
        title="a named type is defined once",
        severity="error",
        why="Which of two definitions holds depends on the order in which files are read.",
        bad=Example(
            '{"name": "state", "type": {"type": "enum", "name": "State", "doc": "Where the order is.", '
            '"symbols": ["UNKNOWN"], "default": "UNKNOWN"}, "doc": "Where the order is now."},\n'
            '{"name": "old_state", "type": {"type": "enum", "name": "State", "doc": "Where the order is.", '
            '"symbols": ["UNKNOWN"], "default": "UNKNOWN"}, "doc": "Where the order was before."}'
        ),
        good=Example(
            '{"name": "state", "type": {"type": "enum", "name": "State", "doc": "Where the order is.", '
            '"symbols": ["UNKNOWN"], "default": "UNKNOWN"}, "doc": "Where the order is now."},\n'
            '{"name": "old_state", "type": "State", "doc": "Where the order was before."}'
        ),
        checks=(OnSchema(_redefinitions),),
    ),
    Rule(
        id="S011",
        title="no field stands twice in a record",
        severity="error",
        why="Some parsers accept it, and then one of the two values is lost.",
        bad=Example(
            '{"name": "sku_id", "type": "string", "doc": "Article number."},\n'
            '{"name": "sku_id", "type": "string", "doc": "Number of the parent article."}'
        ),
        good=Example(
            '{"name": "sku_id", "type": "string", "doc": "Article number."},\n'
            '{"name": "parent_sku_id", "type": "string", "doc": "Number of the parent article."}'
        ),
        checks=(OnType(_duplicate_fields, frozenset(("record", "error"))),),
    ),
    Rule(
        id="S023",
        title="no record must hold itself",
        severity="error",
        why="Such a record has no finite value: encoding it never ends.",
        bad=Example(
            '{"type": "record", "name": "Category", "namespace": "shop", "doc": "A shelf of the shop.", '
            '"fields": [{"name": "parent", "type": "Category", "doc": "The shelf that holds it."}]}',
            "record",
            "shop/Category.avsc",
        ),
        good=Example(
            '{"type": "record", "name": "Category", "namespace": "shop", "doc": "A shelf of the shop.", '
            '"fields": [{"name": "parent_id", "type": "string", "doc": "The shelf that holds it."}]}',
            "record",
            "shop/Category.avsc",
        ),
        checks=(OnSchema(_endless),),
    ),
)
