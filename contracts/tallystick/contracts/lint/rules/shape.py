"""S007, S009, S022: the parts that make a schema, and their names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tallystick.contracts.lint.rule import Example, Hit, OnField, OnSchema, OnType, Rule
from tallystick.contracts.lint.sites import COMPLEX, NAMED

if TYPE_CHECKING:
    from tallystick.contracts.jsonspans import Json
    from tallystick.contracts.lint.repository import SchemaFile
    from tallystick.contracts.lint.rule import Hits
    from tallystick.contracts.lint.sites import FieldSite, TypeSite

__all__ = ["NAME", "SHAPE_RULES", "json_kind"]

NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

# What each kind must have, and the JSON that it must be.
_REQUIRED: Final[dict[str, dict[str, type]]] = {
    "record": {"name": str, "fields": list},
    "error": {"name": str, "fields": list},
    "enum": {"name": str, "symbols": list},
    "fixed": {"name": str, "size": int},
    "array": {"items": object},
    "map": {"values": object},
}
# What each may have, as far as Avro gives it a meaning.
_OPTIONAL: Final[dict[str, type]] = {"namespace": str, "doc": str, "aliases": list, "logicalType": str}
_JSON_KINDS: Final[dict[type, str]] = {
    str: "a string",
    bool: "a boolean",
    int: "a number",
    float: "a number",
    list: "an array",
    dict: "an object",
    type(None): "null",
}


def json_kind(value: Json) -> str:
    """What a JSON value is, for people."""
    return _JSON_KINDS[type(value)]


def _is(value: Json, wanted: type) -> bool:
    return isinstance(value, wanted) and not (wanted is int and isinstance(value, bool))


def _missing_parts(site: TypeSite, _: SchemaFile) -> Hits:
    if site.kind == "bad":
        yield from _no_schema(site)
    for part, wanted in _REQUIRED.get(site.kind, {}).items():
        if part not in site.attributes:
            yield Hit(site.path, f'this {site.kind} has no "{part}": add it')
        elif wanted is not object and not _is(site.attributes[part], wanted):
            found = json_kind(site.attributes[part])
            yield Hit((*site.path, part), f'"{part}" of this {site.kind} is {found}, not {_JSON_KINDS[wanted]}')
    for part, wanted in _OPTIONAL.items() if site.kind in NAMED else ():
        if part in site.attributes and not _is(site.attributes[part], wanted):
            found = json_kind(site.attributes[part])
            yield Hit((*site.path, part), f'"{part}" is {found}, not {_JSON_KINDS[wanted]}')
    yield from _bad_entries(site)
    size = site.attributes.get("size")
    if site.kind == "fixed" and isinstance(size, int) and size <= 0:
        yield Hit((*site.path, "size"), "a fixed of no bytes holds nothing: give a size of at least 1")


def _no_contract(file: SchemaFile) -> Hits:
    kind = file.root.kind
    if kind not in NAMED and kind != "bad":
        told = "put each into a file of its own" if kind == "union" else "write one"
        yield Hit((), f"a contract holds one record, enum or fixed with a name, and this is {_a(kind)}: {told}")


def _a(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeio" else f"a {kind}"


def _no_schema(site: TypeSite) -> Hits:
    kind = site.attributes.get("type")
    if site.attributes and "type" not in site.attributes:
        yield Hit(site.path, 'this object has no "type": add it')
    elif isinstance(kind, dict | list):
        yield Hit((*site.path, "type"), 'the type inside "type" stands one level too deep: write it in its place')
    elif site.field is not None and site.field.type is site and site.value is None:
        yield Hit(site.path, f'field `{site.field.name}` has no "type": add it')
    else:
        found = json_kind(kind if site.attributes else site.value)
        yield Hit(site.path, f'here must stand a type, such as "string", and not {found}')


def _bad_entries(site: TypeSite) -> Hits:
    wanted: tuple[str, type] | None = {
        "record": ("fields", dict),
        "error": ("fields", dict),
        "enum": ("symbols", str),
    }.get(site.kind)
    if wanted is None:
        return
    part, kind = wanted
    entries = site.attributes.get(part)
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        if not isinstance(entry, kind):
            message = f'each of "{part}" is {_JSON_KINDS[kind]}, and this one {json_kind(entry)}'
            yield Hit((*site.path, part, index), message)
    for each in site.fields:
        if "name" not in each.attributes or not isinstance(each.attributes["name"], str):
            yield Hit(each.path, f'a field of {site.short_name or "this record"} has no "name": add it')


def _bad_names(site: TypeSite, _: SchemaFile) -> Hits:
    for part in ("name", "namespace"):
        value = site.attributes.get(part)
        if not isinstance(value, str) or (part == "namespace" and not value):
            continue
        if not all(NAME.fullmatch(word) for word in value.split(".")):
            yield Hit((*site.path, part), _bad_name(f"{part} `{value}`"))
    aliases = site.attributes.get("aliases")
    for index, alias in enumerate(aliases if isinstance(aliases, list) else ()):
        if not isinstance(alias, str) or not all(NAME.fullmatch(word) for word in alias.split(".")):
            yield Hit((*site.path, "aliases", index), _bad_name(f"alias `{alias}`"))


def _bad_name(what: str) -> str:
    return f"{what} is no Avro name: use letters, digits and _, and start with a letter"


def _bad_field_names(site: FieldSite, _: SchemaFile) -> Hits:
    if "name" in site.attributes and isinstance(site.attributes["name"], str) and not NAME.fullmatch(site.name):
        yield Hit((*site.path, "name"), _bad_name(f"field name `{site.name}`"))


def _bad_order(site: FieldSite, _: SchemaFile) -> Hits:
    order = site.attributes["order"]
    if order not in ("ascending", "descending", "ignore"):
        yield Hit((*site.path, "order"), f"order `{order}` is none: write ascending, descending or ignore")


def _bad_aliases(site: FieldSite, _: SchemaFile) -> Hits:
    aliases = site.attributes["aliases"]
    for index, alias in enumerate(aliases if isinstance(aliases, list) else [aliases]):
        if not isinstance(alias, str) or not NAME.fullmatch(alias):
            path = (*site.path, "aliases", index) if isinstance(aliases, list) else (*site.path, "aliases")
            yield Hit(path, _bad_name(f"alias `{alias}` of field `{site.name}`"))


SHAPE_RULES: Final = (
    Rule(
        id="S007",
        title="every part of the schema is there and of the right kind",
        severity="error",
        why="Without it no reader can tell what the bytes mean.",
        bad=Example('{"name": "sku_id", "doc": "Article number."}'),
        good=Example('{"name": "sku_id", "type": "string", "doc": "Article number."}'),
        checks=(OnType(_missing_parts, COMPLEX | {"bad"}), OnSchema(_no_contract)),
    ),
    Rule(
        id="S009",
        title="names are made of letters, digits and underscores",
        severity="error",
        why="Some parsers accept other names; the next one that reads them, or the table's column, does not.",
        bad=Example('{"name": "sku-id", "type": "bytes", "doc": "Article number."}'),
        good=Example('{"name": "sku_id", "type": "string", "doc": "Article number."}'),
        checks=(OnType(_bad_names, NAMED), OnField(_bad_field_names)),
    ),
    Rule(
        id="S022",
        title="a field's order and aliases are what Avro takes",
        severity="error",
        why="An order that no reader knows sorts by nothing, and an alias that is no name renames nothing.",
        bad=Example('{"name": "sku_id", "type": "string", "doc": "Article number.", "order": "random"}'),
        good=Example('{"name": "sku_id", "type": "string", "doc": "Article number.", "order": "ignore"}'),
        checks=(OnField(_bad_order, "order"), OnField(_bad_aliases, "aliases")),
    ),
)
