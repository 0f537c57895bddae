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

__all__ = ["KEY_RULES", "OUR_KEYS", "is_misspelt"]

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
    "role": "tallystick:role",
    "roles": "tallystick:role",
    "tags": "confluent:tags",
    "rules": "confluent:rules",
    "experiment": "tallystick:experiment",
}
# How others say whether a value may be missing; Avro says it in the type.
_PRESENCE: Final = {"optional": True, "nullable": True, "required": False, "mandatory": False}


def _misspelt(attributes: dict[str, Json], path: Path, known: frozenset[str]) -> Hits:
    for key in attributes:
        if key in known:
            continue
        if ":" in key:
            yield from _prefixed(key, attributes, path)
            continue
        right = _meant(key, known)
        if right and right not in attributes:
            message = f'"{key}" means nothing to Avro: did you mean "{right}"?'
            mend = Mend(f'"{right}"', (SetKey((*path, key), right),), safe=right in known)
            yield Hit((*path, key), message, mend, "key")


def _meant(key: str, known: frozenset[str]) -> str | None:
    """The key that this one was meant to be."""
    right = _SYNONYMS.get(key.lower()) or slip_of(key, known)
    return right if right in known or right in OUR_KEYS else None


def is_misspelt(right: str, attributes: dict[str, Json]) -> bool:
    """Whether a key of Avro's is there under another name, which S021 tells."""
    known = _FIELD_KEYS | _NAMED_KEYS
    return any(_meant(key, known) == right for key in attributes if key not in known and ":" not in key)


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
    yield from _presence(site)


def _presence(site: FieldSite) -> Hits:
    for key in site.attributes.keys() - _FIELD_KEYS:
        value, may_be_missing = site.attributes[key], _PRESENCE.get(key.lower())
        if may_be_missing is None or not isinstance(value, bool):
            continue
        if value is may_be_missing and not site.is_nullable:
            right = f'"type": {json.dumps(["null", site.type.value])}, "default": null'
            told = "say it in the type, and drop this"
            yield Hit((*site.path, key), f'"{key}" means nothing to Avro: {told}', Mend(right), "key")
        else:
            drop = Mend("delete it", (DropMember((*site.path, key)),), safe=True)
            yield Hit((*site.path, key), f'"{key}" means nothing to Avro: the type says it; delete it', drop, "key")


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
