"""R001 to R004: rules of contracts (CEL), and what they mean in SQL."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from tallystick.contracts.lint.rule import Example, Hit, Mend, OnField, OnSchema, OnType, Rule, SetKey, SetValue
from tallystick.contracts.spelling import did_you_mean, nearest

if TYPE_CHECKING:
    from tallystick.contracts.cel import CelError
    from tallystick.contracts.jsonspans import Json
    from tallystick.contracts.lint.celtypes import StatedRule
    from tallystick.contracts.lint.document import Path
    from tallystick.contracts.lint.repository import SchemaFile
    from tallystick.contracts.lint.rule import Hits
    from tallystick.contracts.lint.sites import FieldSite, TypeSite

__all__ = ["EXPRESSION_RULES"]

_KEYS: Final = frozenset(("name", "doc", "expr", "sql"))
_PROPERTY: Final = "confluent:rules"
_WORD: Final = re.compile(r"\w+")


def _malformed(attributes: dict[str, Json], path: Path) -> Hits:
    if _PROPERTY not in attributes:
        return
    stated = attributes[_PROPERTY]
    if not isinstance(stated, list):
        yield Hit((*path, _PROPERTY), 'rules stand in a list: write [{"name": "...", "expr": "..."}]')
        return
    for index, each in enumerate(stated):
        where = (*path, _PROPERTY, index)
        if not isinstance(each, dict):
            yield Hit(where, 'a rule is an object: write {"name": "...", "expr": "..."}')
            continue
        for key in ("name", "expr"):
            value = each.get(key)
            if key not in each:
                yield Hit(where, f'this rule has no "{key}": add it')
            elif not isinstance(value, str) or not value.strip():
                yield Hit((*where, key), f'"{key}" of a rule is a string, and not empty')
        for key in each:
            if key not in _KEYS:
                right = nearest(key, _KEYS)
                mend = Mend(f'"{right}"', (SetKey((*where, key), right),), safe=right not in each) if right else None
                yield Hit((*where, key), f'"{key}" is no part of a rule{did_you_mean(key, _KEYS)}', mend, "key")


def _malformed_on_type(site: TypeSite, _: SchemaFile) -> Hits:
    if site.kind == "record":
        yield from _malformed(site.attributes, site.path)
    elif _PROPERTY in site.attributes:
        yield Hit(
            (*site.path, _PROPERTY), "rules stand on a record or a field, not inside a type: move them out", part="key"
        )


def _malformed_on_field(site: FieldSite, _: SchemaFile) -> Hits:
    yield from _malformed(site.attributes, site.path)


def _same_name(file: SchemaFile) -> Hits:
    seen: set[str] = set()
    for rule in file.rules:
        if rule.name and rule.name in seen:
            yield Hit((*rule.path, "name"), f"two rules are called `{rule.name}`: a violation could not be told apart")
        seen.add(rule.name)


def _at(rule: StatedRule, error: CelError, file: SchemaFile) -> Hit:
    """A hit at the very part of the expression that is wrong, where the text holds it letter by letter."""
    path = (*rule.path, "expr")
    message = f"rule `{rule.name}`: {error}"
    span = file.document.span(path)
    raw = file.document.text[span.start : span.end]
    if raw != json.dumps(rule.text, ensure_ascii=False):
        return Hit(path, message)
    ahead = len(json.dumps(rule.text[: error.start], ensure_ascii=False)) - 1
    behind = len(json.dumps(rule.text[: error.end], ensure_ascii=False)) - 1
    return Hit(path, message, within=(span.start + ahead, span.start + max(behind, ahead + 1)))


def _wrong(file: SchemaFile) -> Hits:
    for rule in file.rules:
        if rule.text and rule.fault and not rule.is_unsupported and not _is_about_no_type(rule, file):
            yield _at(rule, rule.fault, file)


def _is_about_no_type(rule: StatedRule, file: SchemaFile) -> bool:
    """Whether it speaks of a field whose type nobody defines: S008 tells that, and the rule may be right."""
    types = {each.name: file.repository.resolve(each.plain).kind for each in rule.record.fields}
    return any(types.get(word) in {"ref", "bad"} for word in _WORD.findall(rule.text))


def _without_sql(file: SchemaFile) -> Hits:
    for rule in file.rules:
        if rule.fault and rule.is_unsupported:
            yield _at(rule, rule.fault, file)


def _other_sql(file: SchemaFile) -> Hits:
    for rule in file.rules:
        right = rule.sql if "sql" in rule.attributes else None
        if right is not None and rule.attributes["sql"] != right:
            path = (*rule.path, "sql")
            message = f"the SQL of rule `{rule.name}` is not what its CEL says: leave it out, or write {right}"
            yield Hit(path, message, Mend(f'"sql": {json.dumps(right)}', (SetValue(path, json.dumps(right)),)))


def _field(rule: str) -> Example:
    return Example(
        '{"name": "item_count", "type": "int", "doc": "How many articles were bought.",\n'
        f' "confluent:rules": [{rule}]}}'
    )


_GOOD: Final = _field('{"name": "has_items", "expr": "this.item_count > 0"}')

EXPRESSION_RULES: Final = (
    Rule(
        id="R001",
        title="a rule has a name and an expression",
        severity="error",
        why="Under its name a violation is counted, explained and switched off; no two may share one.",
        bad=_field('{"nam": "has_items", "expr": "this.item_count > 0"}'),
        good=_GOOD,
        checks=(
            OnField(_malformed_on_field, _PROPERTY),
            OnType(_malformed_on_type, needs=_PROPERTY),
            OnSchema(_same_name),
        ),
        fixable=True,
    ),
    Rule(
        id="R002",
        title="a rule is right in CEL, for these fields",
        severity="error",
        why="A rule that cannot be evaluated would refuse every event, or none.",
        bad=_field('{"name": "has_items", "expr": "this.item_cuont > 0"}'),
        good=_GOOD,
        checks=(OnSchema(_wrong),),
    ),
    Rule(
        id="R003",
        title="a rule can be said in SQL too",
        severity="error",
        why=(
            "The API checks it in Python, the tables in SQL; one that only one of them can "
            "check lets bad events through the other."
        ),
        bad=_field('{"name": "has_items", "expr": "string(this.item_count) == \'1\'"}'),
        good=_field('{"name": "has_items", "expr": "this.item_count == 1"}'),
        checks=(OnSchema(_without_sql),),
    ),
    Rule(
        id="R004",
        title="SQL that is written down is what the CEL means",
        severity="error",
        why="Two texts of one rule drift apart, and then the API and the tables disagree about the same event.",
        bad=_field('{"name": "has_items", "expr": "this.item_count > 0", "sql": "item_count >= 0"}'),
        good=_field('{"name": "has_items", "expr": "this.item_count > 0", "sql": "coalesce((item_count > 0), false)"}'),
        checks=(OnSchema(_other_sql),),
    ),
)
