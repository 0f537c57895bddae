"""D001 to D005: what a person reads."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from tallystick.contracts.lint.rule import Example, Hit, OnField, OnType, Rule
from tallystick.contracts.lint.rules.keys import is_misspelt
from tallystick.contracts.lint.sites import NAMED
from tallystick.contracts.spelling import words

if TYPE_CHECKING:
    from tallystick.contracts.jsonspans import Json
    from tallystick.contracts.lint.document import Path
    from tallystick.contracts.lint.repository import SchemaFile
    from tallystick.contracts.lint.rule import Hits
    from tallystick.contracts.lint.sites import FieldSite, TypeSite

__all__ = ["DOC_RULES"]

_FILLERS: Final = frozenset(
    ("a", "an", "the", "of", "this", "that", "is", "field", "value", "for", "its", "event", "record")
)
_PLACEHOLDER: Final = re.compile(
    r"\W*(todo|tbd|fixme|xxx|doc|docs|description|placeholder|n/?a|\.\.\.)\b.*|\W*", re.IGNORECASE
)


def _has_no_doc(attributes: dict[str, Json]) -> bool:
    doc = attributes.get("doc")
    return not (isinstance(doc, str) and doc.strip()) and not is_misspelt("doc", attributes)


def _record_without(site: TypeSite, _: SchemaFile) -> Hits:
    if _has_no_doc(site.attributes):
        path: Path = (*site.path, "name") if "name" in site.attributes else site.path
        yield Hit(path, f'record `{site.short_name}` has no doc: add "doc" and say what it stands for')


def _field_without(site: FieldSite, _: SchemaFile) -> Hits:
    if _has_no_doc(site.attributes):
        path: Path = (*site.path, "name") if "name" in site.attributes else site.path
        yield Hit(path, f'field `{site.name}` has no doc: add "doc" and say what it holds')


def _enum_without(site: TypeSite, _: SchemaFile) -> Hits:
    if _has_no_doc(site.attributes):
        path: Path = (*site.path, "name") if "name" in site.attributes else site.path
        yield Hit(path, f'{site.kind} `{site.short_name}` has no doc: add "doc" and say what its values mean')


def _respelt(name: str, doc: Json, path: Path) -> Hits:
    if isinstance(doc, str) and _is_respelt(name, doc):
        yield Hit((*path, "doc"), f"doc of `{name}` only repeats the name: say what one cannot guess from it")


@lru_cache(maxsize=8192)
def _is_respelt(name: str, doc: str) -> bool:
    if not doc.strip() or _PLACEHOLDER.fullmatch(doc):
        return False
    return _FILLERS.union(words(name)).issuperset(words(doc))


def _respelt_field(site: FieldSite, _: SchemaFile) -> Hits:
    yield from _respelt(site.name, site.attributes.get("doc"), site.path)


def _respelt_type(site: TypeSite, _: SchemaFile) -> Hits:
    yield from _respelt(site.short_name, site.attributes.get("doc"), site.path)


def _empty(name: str, doc: Json, path: Path) -> Hits:
    if isinstance(doc, str) and doc.strip() and _PLACEHOLDER.fullmatch(doc):
        yield Hit((*path, "doc"), f"doc of `{name}` is a placeholder: say what it holds")


def _placeholder_field(site: FieldSite, _: SchemaFile) -> Hits:
    yield from _empty(site.name, site.attributes.get("doc"), site.path)


def _placeholder_type(site: TypeSite, _: SchemaFile) -> Hits:
    yield from _empty(site.short_name, site.attributes.get("doc"), site.path)


_WHY: Final = "The contract is the only place that people of other teams look at before they use the data."

DOC_RULES: Final = (
    Rule(
        id="D001",
        title="a record says what it stands for",
        severity="error",
        why=_WHY,
        bad=Example(
            '{"type": "record", "name": "Line", "namespace": "shop", "fields": []}', "record", "shop/Line.avsc"
        ),
        good=Example(
            '{"type": "record", "name": "Line", "namespace": "shop", "doc": "One position of an order.", "fields": []}',
            "record",
            "shop/Line.avsc",
        ),
        checks=(OnType(_record_without, frozenset(("record", "error"))),),
    ),
    Rule(
        id="D002",
        title="a field says what it holds",
        severity="warning",
        why=_WHY,
        bad=Example('{"name": "item_count", "type": "int"}'),
        good=Example('{"name": "item_count", "type": "int", "doc": "How many articles were bought."}'),
        checks=(OnField(_field_without),),
    ),
    Rule(
        id="D003",
        title="an enum says what its symbols are for",
        severity="warning",
        why=_WHY,
        bad=Example('{"type": "enum", "name": "Size", "symbols": ["UNKNOWN", "S"], "default": "UNKNOWN"}', "type"),
        good=Example(
            '{"type": "enum", "name": "Size", "doc": "How large.", "symbols": ["UNKNOWN", "S"], "default": "UNKNOWN"}',
            "type",
        ),
        checks=(OnType(_enum_without, NAMED - {"record", "error"}),),
    ),
    Rule(
        id="D004",
        title="a doc is not the name again",
        severity="warning",
        why=(
            "A doc that repeats the name hides that nobody has said whose, since when, "
            "in which unit, or when it is missing."
        ),
        bad=Example('{"name": "item_count", "type": "int", "doc": "The item count."}'),
        good=Example('{"name": "item_count", "type": "int", "doc": "How many articles were bought, gifts included."}'),
        checks=(OnField(_respelt_field), OnType(_respelt_type, NAMED)),
    ),
    Rule(
        id="D005",
        title="a doc is no placeholder",
        severity="warning",
        why="A placeholder satisfies a check and tells a person nothing.",
        bad=Example('{"name": "item_count", "type": "int", "doc": "TODO"}'),
        good=Example('{"name": "item_count", "type": "int", "doc": "How many articles were bought."}'),
        checks=(OnField(_placeholder_field), OnType(_placeholder_type, NAMED)),
    ),
)
