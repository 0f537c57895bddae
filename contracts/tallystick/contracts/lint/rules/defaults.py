"""S013 to S015, S024: defaults, which parsers hardly look at."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Final

from tallystick.contracts.lint.rule import Example, Hit, Mend, OnField, OnType, Rule, SetValue
from tallystick.contracts.lint.rules.shape import json_kind
from tallystick.contracts.spelling import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tallystick.contracts.jsonspans import Json
    from tallystick.contracts.lint.document import Path
    from tallystick.contracts.lint.repository import SchemaFile
    from tallystick.contracts.lint.rule import Hits
    from tallystick.contracts.lint.sites import FieldSite, TypeSite

__all__ = ["DEFAULT_RULES", "is_symbol_list"]

_BITS: Final = {"int": 31, "long": 63}
_MAX_FLOAT: Final = 3.4028234663852886e38
_BYTE: Final = 255


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_integer(value: Json, bits: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and -(2**bits) <= value < 2**bits


def _is_bytes(value: Json) -> bool:
    return isinstance(value, str) and all(ord(sign) <= _BYTE for sign in value)


# Does the JSON fit the kind? Arrays, maps, records, enums and fixed are looked into further.
_FITS: Final[dict[str, Callable[[Json], bool]]] = {
    "null": lambda value: value is None,
    "boolean": lambda value: isinstance(value, bool),
    "int": lambda value: _is_integer(value, _BITS["int"]),
    "long": lambda value: _is_integer(value, _BITS["long"]),
    "float": lambda value: _is_number(value) and abs(float(str(value))) <= _MAX_FLOAT,
    "double": _is_number,
    "string": lambda value: isinstance(value, str),
    "bytes": _is_bytes,
    "fixed": _is_bytes,
    "enum": lambda value: isinstance(value, str),
    "array": lambda value: isinstance(value, list),
    "map": lambda value: isinstance(value, dict),
    "record": lambda value: isinstance(value, dict),
    "error": lambda value: isinstance(value, dict),
}


def is_symbol_list(value: Json) -> bool:
    """Whether it is a list of strings, and not empty."""
    return isinstance(value, list) and bool(value) and all(isinstance(each, str) for each in value)


def _wrong_parts(
    site: TypeSite, value: Json, path: Path, file: SchemaFile
) -> Iterator[tuple[str, TypeSite, Json, Path]]:
    """The parts of a default that do not fit, each with the type that it had to fit."""
    pending = [(site, value, path)]
    while pending:
        wanted, part, where = pending.pop()
        wanted = file.repository.resolve(wanted)
        if wanted.kind == "union":
            if wanted.children:
                pending.append((wanted.children[0], part, where))
            continue
        fits = _FITS.get(wanted.kind)
        if fits is None:
            continue
        if not fits(part):
            yield "type", wanted, part, where
        elif wanted.kind == "enum":
            symbols = wanted.attributes.get("symbols")
            if is_symbol_list(symbols) and isinstance(symbols, list) and part not in symbols:
                yield "symbol", wanted, part, where
        else:
            pending += _inside(wanted, part, where)


def _inside(wanted: TypeSite, part: Json, where: Path) -> list[tuple[TypeSite, Json, Path]]:
    if isinstance(part, list):
        return [(child, each, (*where, index)) for child in wanted.children for index, each in enumerate(part)]
    if isinstance(part, dict) and wanted.kind == "map":
        return [(child, each, (*where, key)) for child in wanted.children for key, each in part.items()]
    if isinstance(part, dict):
        return [(each.type, part[each.name], (*where, each.name)) for each in wanted.fields if each.name in part]
    return []


def _branch_matches(site: TypeSite, value: Json, file: SchemaFile) -> bool:
    return not any(True for _ in _wrong_parts(site, value, (), file))


def _is_odd(site: FieldSite) -> bool:
    """Whether something may be wrong with a default: most are the null of a field that may be null."""
    branches = site.type.children
    return site.attributes["default"] is not None or not branches or branches[0].kind != "null"


def _is_other_branch(site: FieldSite, file: SchemaFile) -> bool:
    """Whether the default fits a branch of the field's union, but not the first one."""
    branches = site.type.children
    if site.type.kind != "union" or not branches:
        return False
    default = site.attributes["default"]
    first, *others = branches
    if _branch_matches(first, default, file):
        return False
    return any(_branch_matches(branch, default, file) for branch in others)


def _wrong_default(site: FieldSite, file: SchemaFile) -> Hits:
    if not _is_odd(site) or _is_other_branch(site, file):
        return
    default = site.attributes["default"]
    for problem, wanted, part, where in _wrong_parts(site.type, default, (*site.path, "default"), file):
        if problem == "type":
            found = _short(part)
            message = f"default {found} of `{site.name}` is {json_kind(part)} and not {_told(wanted)}"
            yield Hit(where, message, _literal(wanted, part, where))


def _told(site: TypeSite) -> str:
    article = "an" if site.kind[0] in "aeiou" else "a"
    return f"{article} {site.kind}" if site.kind != "null" else "null"


def _short(value: Json) -> str:
    most = 40
    text = json.dumps(value, ensure_ascii=False) if not isinstance(value, list | dict) else json_kind(value)
    return text if len(text) <= most else text[: most - 1] + "…"


def _literal(wanted: TypeSite, value: Json, where: Path) -> Mend | None:
    """The same value as the type has it, where there is no doubt: "0" for 0, 1 for "1"."""
    if wanted.kind == "null":
        return Mend('"default": null', (SetValue(where, "null"),), safe=value == "null")
    text = value.strip() if isinstance(value, str) else ""
    if wanted.kind == "boolean" and text.lower() in ("true", "false"):
        return Mend(f'"default": {text.lower()}', (SetValue(where, text.lower()),), safe=True)
    if wanted.kind in ("int", "long", "float", "double") and text:
        try:
            number = json.loads(text)
        except (ValueError, RecursionError):
            return None
        if _FITS[wanted.kind](number):
            return Mend(f'"default": {text}', (SetValue(where, text),), safe=True)
    if wanted.kind == "string" and _is_number(value):
        right = json.dumps(str(value))
        return Mend(f'"default": {right}', (SetValue(where, right),), safe=True)
    return None


def _other_branch(site: FieldSite, file: SchemaFile) -> Hits:
    if not _is_odd(site) or not _is_other_branch(site, file):
        return
    first = file.repository.resolve(site.type.children[0])
    default = _short(site.attributes["default"])
    path = (*site.path, "default")
    start = (
        f"default {default} of `{site.name}` belongs to another branch than the first, {first.short_name or first.kind}"
    )
    if site.attributes["default"] is None:
        order = ["null", *(each.value for each in site.type.children if each.kind != "null")]
        right = json.dumps(order)
        yield Hit(path, f"{start}: put null first", Mend(f'"type": {right}', (SetValue(site.type.path, right),)))
    elif first.kind == "null":
        yield Hit(path, f"{start}: write null", Mend('"default": null', (SetValue(path, "null"),)))
    else:
        yield Hit(path, f"{start}: put its branch first")


def _no_symbol(site: FieldSite, file: SchemaFile) -> Hits:
    if not _is_odd(site) or _is_other_branch(site, file):
        return
    for problem, wanted, part, where in _wrong_parts(
        site.type, site.attributes["default"], (*site.path, "default"), file
    ):
        if problem == "symbol":
            yield _symbol_hit(wanted, part, where)


def _no_enum_default(site: TypeSite, _: SchemaFile) -> Hits:
    symbols = site.attributes.get("symbols")
    if "default" in site.attributes and is_symbol_list(symbols) and isinstance(symbols, list):
        default = site.attributes["default"]
        if default not in symbols:
            yield _symbol_hit(site, default, (*site.path, "default"))


def _symbol_hit(enum: TypeSite, value: Json, where: Path) -> Hit:
    symbols = enum.attributes.get("symbols")
    known = [each for each in symbols if isinstance(each, str)] if isinstance(symbols, list) else []
    hint = did_you_mean(value, known) if isinstance(value, str) else ": write one of its symbols"
    mend = None
    if isinstance(value, str):
        same = [each for each in known if each.lower() == value.lower()]
        if len(same) == 1:
            mend = Mend(json.dumps(same[0]), (SetValue(where, json.dumps(same[0])),), safe=True)
    return Hit(where, f"default {_short(value)} is no symbol of {enum.short_name}{hint}", mend)


_ENUM: Final = (
    '{"type": "enum", "name": "Size", "doc": "How large.", "symbols": ["UNKNOWN", "S", "L"], "default": "UNKNOWN"}'
)

DEFAULT_RULES: Final = (
    Rule(
        id="S013",
        title="a default is of the field's type",
        severity="error",
        why="Parsers let it pass; the reader that first needs the default fails, or reads another value.",
        bad=Example('{"name": "item_count", "type": "int", "doc": "How many articles.", "default": "0"}'),
        good=Example('{"name": "item_count", "type": "int", "doc": "How many articles.", "default": 0}'),
        checks=(OnField(_wrong_default, "default"),),
        fixable=True,
    ),
    Rule(
        id="S014",
        title="a union's default belongs to its first branch",
        severity="error",
        why="Avro reads a default as the first branch; with another one, readers fail as soon as the field is missing.",
        bad=Example(
            '{"name": "coupon_id", "type": ["null", "string"], "doc": "Voucher that was used.", "default": ""}'
        ),
        good=Example(
            '{"name": "coupon_id", "type": ["null", "string"], "doc": "Voucher that was used.", "default": null}'
        ),
        checks=(OnField(_other_branch, "default"),),
    ),
    Rule(
        id="S015",
        title="a field's default is a symbol of its enum",
        severity="error",
        why="Parsers let it pass, and the reader that first needs the default fails.",
        bad=Example(f'{{"name": "size", "type": {_ENUM}, "doc": "How large the parcel is.", "default": "s"}}'),
        good=Example(f'{{"name": "size", "type": {_ENUM}, "doc": "How large the parcel is.", "default": "S"}}'),
        checks=(OnField(_no_symbol, "default"),),
        fixable=True,
    ),
    Rule(
        id="S024",
        title="an enum's default is one of its symbols",
        severity="error",
        why="It is what a reader takes for a symbol that it does not know; if it does not exist, the reader fails.",
        bad=Example(
            '{"type": "enum", "name": "Size", "doc": "How large.", "symbols": ["UNKNOWN", "S"], "default": "unknown"}',
            "type",
        ),
        good=Example(
            '{"type": "enum", "name": "Size", "doc": "How large.", "symbols": ["UNKNOWN", "S"], "default": "UNKNOWN"}',
            "type",
        ),
        checks=(OnType(_no_enum_default, frozenset(("enum",)), "default"),),
        fixable=True,
    ),
)
