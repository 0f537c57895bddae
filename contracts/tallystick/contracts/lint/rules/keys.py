"""S019 to S021: keys that parsers pass over in silence."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from tallystick.contracts.lint.rule import DropMember, Example, Hit, Mend, OnField, OnType, Rule, SetKey, SetValue
from tallystick.contracts.lint.sites import PRIMITIVES
from tallystick.contracts.spelling import did_you_mean, nearest, slip_of

if TYPE_CHECKING:
    from tallystick.contracts.jsonspans import Json
    from tallystick.contracts.lint.document import Path
    from tallystick.contracts.lint.repository import SchemaFile
    from tallystick.contracts.lint.rule import Hits
    from tallystick.contracts.lint.sites import FieldSite, TypeSite

__all__ = ["KEY_RULES", "OUR_KEYS"]

OUR_KEYS: Final = frozenset(
    (
        "confluent:rules",
        "confluent:tags",
        "tallystick:deprecated",
        "tallystick:experiment",
        "tallystick:role",
        "tallystick:suppress",
    )
)
_NAMED_KEYS: Final = frozenset(("type", "name", "namespace", "doc", "aliases", "logicalType"))
_PLAIN_KEYS: Final = frozenset(("type", "logicalType", "precision", "scale", "doc"))
_TYPE_KEYS: Final = {
    "record": _NAMED_KEYS | {"fields"},
    "error": _NAMED_KEYS | {"fields"},
    "enum": _NAMED_KEYS | {"symbols", "default", "order"},
    "fixed": _NAMED_KEYS | {"size", "precision", "scale"},
    "array": _PLAIN_KEYS | {"items"},
    "map": _PLAIN_KEYS | {"values"},
}
_FIELD_KEYS: Final = frozenset(("name", "type", "doc", "default", "order", "aliases"))
_BESIDE: Final = ("logicalType", "precision", "scale")
_INSIDE: Final = ("items", "values", "symbols", "fields", "size")
_SYNONYMS: Final = {
    "description": "doc",
    "comment": "doc",
    "documentation": "doc",
    "defaultvalue": "default",
    "default_value": "default",
}


def _misspelt(attributes: dict[str, Json], path: Path, known: frozenset[str]) -> Hits:
    for key in attributes:
        if key in known:
            continue
        if ":" in key:
            yield from _prefixed(key, attributes, path)
            continue
        right = _SYNONYMS.get(key.lower()) or slip_of(key, known)
        if right in known and right not in attributes:
            message = f'"{key}" means nothing to Avro: did you mean "{right}"?'
            yield Hit((*path, key), message, Mend(f'"{right}"', (SetKey((*path, key), right),), safe=True), "key")


def _prefixed(key: str, attributes: dict[str, Json], path: Path) -> Hits:
    if key in OUR_KEYS or not key.startswith(("tallystick:", "confluent:")):
        return
    right = nearest(key, OUR_KEYS)
    mend = None
    if right and right not in attributes:
        mend = Mend(f'"{right}"', (SetKey((*path, key), right),), safe=True)
    yield Hit((*path, key), f'"{key}" is no property of Tallystick{did_you_mean(key, OUR_KEYS)}', mend, "key")


def _misspelt_in_type(site: TypeSite, _: SchemaFile) -> Hits:
    yield from _misspelt(site.attributes, site.path, _TYPE_KEYS.get(site.kind, _PLAIN_KEYS))


def _misspelt_in_field(site: FieldSite, _: SchemaFile) -> Hits:
    known = _FIELD_KEYS.union(_BESIDE, _INSIDE)
    yield from _misspelt(site.attributes, site.path, known)


def _logical_beside(site: FieldSite, _: SchemaFile) -> Hits:
    """`logicalType` as a property of the field, where no reader looks."""
    if "logicalType" not in site.attributes:
        return
    beside = [key for key in _BESIDE if key in site.attributes]
    right: dict[str, Json] = {"type": site.type.value, **{key: site.attributes[key] for key in beside}}
    mend = None
    if isinstance(site.type.value, str) and site.type.kind in PRIMITIVES:
        drops = [DropMember((*site.path, key)) for key in beside]
        mend = Mend(f'"type": {json.dumps(right)}', (SetValue(site.type.path, json.dumps(right)), *drops), safe=True)
    message = f'"logicalType" of `{site.name}` stands beside the type, where no reader looks: write it inside "type"'
    yield Hit((*site.path, "logicalType"), message, mend, "key")


def _parts_beside(site: FieldSite, _: SchemaFile) -> Hits:
    """`items`, `symbols` and such beside a field's `"type": "array"`."""
    kind = site.attributes.get("type")
    wanted = {"array": "items", "map": "values", "enum": "symbols", "record": "fields", "fixed": "size"}
    if isinstance(kind, str) and kind in wanted:
        part = wanted[kind]
        message = (
            f'the {kind} of `{site.name}` needs an object of its own: write "type": {{"type": "{kind}", "{part}": ...}}'
        )
        yield Hit((*site.path, "type"), message)


KEY_RULES: Final = (
    Rule(
        id="S019",
        title="a logical type stands inside the type",
        severity="error",
        why=(
            "Beside the type it is a remark that no reader looks at: the amount stays plain bytes, without any warning."
        ),
        bad=Example(
            '{"name": "paid_at", "type": "long", "logicalType": "timestamp-micros", "doc": "When it was paid."}'
        ),
        good=Example(
            '{"name": "paid_at", "type": {"type": "long", "logicalType": "timestamp-micros"}, '
            '"doc": "When it was paid."}'
        ),
        checks=(OnField(_logical_beside, "logicalType"),),
        fixable=True,
    ),
    Rule(
        id="S020",
        title="an array, map, enum, record or fixed has an object of its own",
        severity="error",
        why='The "type" of a field is a whole type; its items or symbols are parts of that type, not of the field.',
        bad=Example('{"name": "skus", "type": "array", "items": "string", "doc": "Article numbers."}'),
        good=Example('{"name": "sku_ids", "type": {"type": "array", "items": "string"}, "doc": "Article numbers."}'),
        checks=(OnField(_parts_beside),),
    ),
    Rule(
        id="S021",
        title="no key is misspelt",
        severity="error",
        why="Avro keeps unknown keys as remarks, so a misspelt default is no default, and nobody says so.",
        bad=Example('{"name": "is_gift", "type": "boolean", "doc": "Whether it is a gift.", "defualt": false}'),
        good=Example('{"name": "is_gift", "type": "boolean", "doc": "Whether it is a gift.", "default": false}'),
        checks=(OnField(_misspelt_in_field), OnType(_misspelt_in_type, needs="type")),
        fixable=True,
    ),
)
