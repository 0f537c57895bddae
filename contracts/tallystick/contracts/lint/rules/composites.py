"""S012, S016 to S018, S025: unions, enums and logical types."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from tallystick.contracts.lint.rule import Example, Hit, Mend, OnType, Rule, SetValue
from tallystick.contracts.lint.rules.shape import NAME
from tallystick.contracts.spelling import did_you_mean, nearest

if TYPE_CHECKING:
    from tallystick.contracts.jsonspans import Json
    from tallystick.contracts.lint.repository import SchemaFile
    from tallystick.contracts.lint.rule import Hits
    from tallystick.contracts.lint.sites import TypeSite

__all__ = ["COMPOSITE_RULES"]

# Logical type -> the types that it may stand on.
_LOGICAL: Final = {
    "decimal": ("bytes", "fixed"),
    "big-decimal": ("bytes",),
    "uuid": ("string", "fixed"),
    "date": ("int",),
    "time-millis": ("int",),
    "time-micros": ("long",),
    "timestamp-millis": ("long",),
    "timestamp-micros": ("long",),
    "timestamp-nanos": ("long",),
    "local-timestamp-millis": ("long",),
    "local-timestamp-micros": ("long",),
    "local-timestamp-nanos": ("long",),
    "duration": ("fixed",),
}
_SYNONYMS: Final = {
    "datetime": "timestamp-micros",
    "timestamp": "timestamp-micros",
    "timestamp-us": "timestamp-micros",
    "timestamp-ms": "timestamp-millis",
    "time": "time-micros",
    "guid": "uuid",
    "numeric": "decimal",
    "money": "decimal",
}
_SIZES: Final = {"uuid": 16, "duration": 12}


def _bad_unions(site: TypeSite, file: SchemaFile) -> Hits:
    if not site.children:
        yield Hit(site.path, "a union without branches has no value: name its types")
    seen: set[str] = set()
    for branch in site.children:
        if branch.kind == "union":
            yield Hit(branch.path, "a union may not stand directly in a union: write its branches here")
            continue
        name = file.repository.resolve(branch).name if branch.kind == "ref" else branch.name
        if branch.kind != "bad" and name in seen:
            yield Hit(branch.path, f"this union has {name} twice: delete one of them")
        seen.add(name)


def _bad_symbols(site: TypeSite, _: SchemaFile) -> Hits:
    symbols = site.attributes.get("symbols")
    if not isinstance(symbols, list):
        return
    if not symbols:
        yield Hit((*site.path, "symbols"), f"enum {site.short_name} has no symbols: give at least UNKNOWN")
    seen: set[str] = set()
    for index, symbol in enumerate(symbols):
        if not isinstance(symbol, str):
            continue
        path = (*site.path, "symbols", index)
        if symbol in seen:
            yield Hit(path, f"symbol `{symbol}` of {site.short_name} stands twice: delete one of them")
        elif not NAME.fullmatch(symbol):
            right = re.sub(r"\W+", "_", symbol, flags=re.ASCII).strip("_").upper()
            right = right if NAME.fullmatch(right) else f"_{right}"
            message = f"`{symbol}` cannot be a symbol, which is letters, digits and _: write {right}"
            yield Hit(path, message, Mend(json.dumps(right), (SetValue(path, json.dumps(right)),)))
        seen.add(symbol)


def _bad_decimals(site: TypeSite, _: SchemaFile) -> Hits:
    if site.logical != "decimal":
        return
    precision, scale = site.attributes.get("precision"), site.attributes.get("scale", 0)
    if "precision" not in site.attributes:
        yield Hit((*site.path, "logicalType"), 'a decimal needs a "precision": add "precision": 18, "scale": 2')
        return
    if not _is_count(precision) or precision == 0:
        right = precision if isinstance(precision, str) and precision.isdecimal() else "1 to 38"
        told = f"precision {json.dumps(precision)} is no number of digits: write {right}"
        yield Hit((*site.path, "precision"), told)
        return
    if not _is_count(scale):
        yield Hit((*site.path, "scale"), f"scale {json.dumps(scale)} is no number of digits: write 0 or more")
        return
    if isinstance(scale, int) and isinstance(precision, int) and scale > precision:
        message = (
            f"scale {scale} is larger than precision {precision}: no number has more "
            "digits behind the point than in all"
        )
        yield Hit((*site.path, "scale"), message, Mend(f'"precision": {max(18, scale)}, "scale": {scale}'))
    size = site.attributes.get("size")
    if site.kind == "fixed" and isinstance(size, int) and isinstance(precision, int) and 0 < size < precision:
        most = len(str(2 ** (8 * size - 1) - 1)) - 1
        if precision > most:
            yield Hit((*site.path, "precision"), f"{size} bytes hold {most} digits, not {precision}: enlarge the fixed")


def _is_count(value: Json) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _unknown_logical(site: TypeSite, _: SchemaFile) -> Hits:
    logical = site.logical
    if logical is None:
        yield Hit((*site.path, "logicalType"), '"logicalType" must be a string')
        return
    if logical in _LOGICAL:
        return
    tidy = re.sub(r"[\s_]+", "-", logical.strip().lower())
    right = tidy if tidy in _LOGICAL else _SYNONYMS.get(tidy) or nearest(tidy, _LOGICAL)
    path = (*site.path, "logicalType")
    if right is None:
        yield Hit(
            path,
            f"logical type `{logical}` does not exist{did_you_mean(logical, ())}: leave it out, or take one of Avro's",
        )
        return
    is_safe = site.kind in _LOGICAL[right] and tidy not in _SYNONYMS
    mend = Mend(f'"logicalType": "{right}"', (SetValue(path, json.dumps(right)),), safe=is_safe)
    yield Hit(path, f"logical type `{logical}` does not exist: did you mean `{right}`?", mend)


def _misplaced_logical(site: TypeSite, _: SchemaFile) -> Hits:
    logical = site.logical
    if logical is None or logical not in _LOGICAL:
        return
    allowed = _LOGICAL[logical]
    if site.kind not in allowed:
        message = f"{logical} stands on {allowed[0]}, not on {site.kind}: readers would see a plain {site.kind}"
        fix = json.dumps({**site.attributes, "type": allowed[0]})
        yield Hit((*site.path, "type"), message, Mend(f'"type": {fix}'))
        return
    size = site.attributes.get("size")
    if site.kind == "fixed" and logical in _SIZES and size != _SIZES[logical]:
        yield Hit((*site.path, "size"), f"a {logical} has {_SIZES[logical]} bytes, not {size}: write {_SIZES[logical]}")


_PAID_AT: Final = '{"name": "paid_at", "type": {"type": "long", "logicalType": "%s"}, "doc": "When it was paid."}'

COMPOSITE_RULES: Final = (
    Rule(
        id="S012",
        title="a union has each type once, and no union in it",
        severity="error",
        why="A value of a type that stands twice cannot be told from the other one.",
        bad=Example(
            '{"name": "gift_id", "type": ["null", "string", "string"], "doc": "Present '
            'that was added.", "default": null}'
        ),
        good=Example(
            '{"name": "gift_id", "type": ["null", "string"], "doc": "Present that was added.", "default": null}'
        ),
        checks=(OnType(_bad_unions, frozenset(("union",))),),
    ),
    Rule(
        id="S016",
        title="an enum has symbols, each once, each a name",
        severity="error",
        why="Parsers differ on other symbols, and generated code needs a name for each.",
        bad=Example(
            (
                '{"type": "enum", "name": "Size", "doc": "How large.", "symbols": '
                '["UNKNOWN", "X-L"], "default": "UNKNOWN"}'
            ),
            "type",
        ),
        good=Example(
            (
                '{"type": "enum", "name": "Size", "doc": "How large.", "symbols": '
                '["UNKNOWN", "X_L"], "default": "UNKNOWN"}'
            ),
            "type",
        ),
        checks=(OnType(_bad_symbols, frozenset(("enum",))),),
    ),
    Rule(
        id="S017",
        title="a decimal's scale fits its precision",
        severity="error",
        why="Readers drop an impossible decimal in silence and hand out plain bytes.",
        bad=Example('{"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 6}', "type"),
        good=Example('{"type": "bytes", "logicalType": "decimal", "precision": 18, "scale": 6}', "type"),
        checks=(OnType(_bad_decimals, frozenset(("bytes", "fixed"))),),
    ),
    Rule(
        id="S018",
        title="a logical type exists",
        severity="error",
        why=(
            "Readers pass over a logical type that they do not know: the time becomes "
            "a plain number, without any warning."
        ),
        bad=Example(_PAID_AT % "timestamp-micro"),
        good=Example(_PAID_AT % "timestamp-micros"),
        checks=(OnType(_unknown_logical, needs="logicalType"),),
        fixable=True,
    ),
    Rule(
        id="S025",
        title="a logical type stands on a type that carries it",
        severity="error",
        why="On another type readers pass over it in silence.",
        bad=Example('{"type": "string", "logicalType": "date"}', "type"),
        good=Example('{"type": "int", "logicalType": "date"}', "type"),
        checks=(OnType(_misplaced_logical, needs="logicalType"),),
    ),
)
