"""N001 to N004, N008: the style of names, and the path that follows from them."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from tallystick.contracts.lint.rule import Example, Hit, Mend, OnField, OnSchema, OnType, Rule
from tallystick.contracts.lint.rules.shape import NAME
from tallystick.contracts.lint.sites import NAMED
from tallystick.contracts.spelling import camel_case, snake_case

if TYPE_CHECKING:
    from tallystick.contracts.lint.repository import SchemaFile
    from tallystick.contracts.lint.rule import Hits
    from tallystick.contracts.lint.sites import FieldSite, TypeSite

__all__ = ["NAME_RULES", "is_misplaced"]

_PASCAL: Final = re.compile(r"[A-Z][A-Za-z0-9]*")
_SNAKE: Final = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_UPPER: Final = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*")


def _record_style(site: TypeSite, _: SchemaFile) -> Hits:
    name = site.short_name
    if NAME.fullmatch(name) and not _PASCAL.fullmatch(name):
        right = camel_case(name)
        yield Hit(
            (*site.path, "name"),
            f"{site.kind} `{name}` is not in PascalCase: write {right}",
            Mend(f'"name": "{right}"'),
        )


def _field_style(site: FieldSite, _: SchemaFile) -> Hits:
    if NAME.fullmatch(site.name) and not _SNAKE.fullmatch(site.name):
        if any(each.name != site.name and each.name.lower() == site.name.lower() for each in site.record.fields):
            return  # N006 says the graver thing.
        right = snake_case(site.name)
        message = f"field `{site.name}` is not in lower_snake_case: write {right}"
        yield Hit((*site.path, "name"), message, Mend(f'"name": "{right}"'))


def _symbol_style(site: TypeSite, _: SchemaFile) -> Hits:
    symbols = site.attributes.get("symbols")
    for index, symbol in enumerate(symbols if isinstance(symbols, list) else ()):
        if isinstance(symbol, str) and NAME.fullmatch(symbol) and not _UPPER.fullmatch(symbol):
            right = snake_case(symbol).upper()
            message = f"symbol `{symbol}` of {site.short_name} is not in UPPER_SNAKE_CASE: write {right}"
            yield Hit((*site.path, "symbols", index), message, Mend(json.dumps(right)))


def _place(file: SchemaFile) -> str:
    """Where a contract of this name belongs."""
    return f"{file.root.name.replace('.', '/')}.avsc"


def is_misplaced(file: SchemaFile) -> bool:
    """Whether a contract stands elsewhere than its name says."""
    if file.root.kind not in NAMED or not file.root.name:
        return False
    return not f"{file.repository.above}/{file.document.path}".endswith(f"/{_place(file)}")


def _path(file: SchemaFile) -> Hits:
    if not is_misplaced(file):
        return
    path, wanted = file.document.path, _place(file)
    folder, _, own = path.removesuffix(".avsc").rpartition("/")
    if wanted in file.repository.documents:
        message = f"`{file.root.name}` is already defined in {wanted}: give this one another name, or delete the file"
        yield Hit(("name",), message, Mend(f'"name": "{own}"'))
    elif folder and not _is_folder(file, wanted.rpartition("/")[0]):
        right = folder.replace("/", ".")
        message = f"`{file.root.name}` stands in {path}, which is the place of {right}.{file.root.short_name}"
        part = "namespace" if "namespace" in file.root.attributes else "name"
        yield Hit((part,), message, Mend(f'"namespace": "{right}"'))
    else:
        # As typed in the root of the repository, where git mv takes the paths that it shows.
        root = file.repository.above.rpartition("/")[2]
        start = f"{root}/" if root else ""
        message = f"`{file.root.name}` stands in {path}, and belongs in {wanted}"
        yield Hit(("name",), message, Mend(f"git mv {start}{path} {start}{wanted}, or change the name"))


def _is_folder(file: SchemaFile, folder: str) -> bool:
    """Whether there is anything in a folder: a domain is rarely started by a slip."""
    return not folder or any(each.startswith(f"{folder}/") for each in file.repository.documents)


def _namespace_style(site: TypeSite, file: SchemaFile) -> Hits:
    namespace = site.attributes.get("namespace", "")
    if not isinstance(namespace, str) or not namespace:
        if not site.path and site.name and "." not in site.name:
            right = file.document.path.rpartition("/")[0].replace("/", ".") or "shop"
            message = f'`{site.name}` has no namespace: add "namespace": "{right}", as the folder is called'
            yield Hit(("name",), message)
        return
    parts = namespace.split(".")
    if all(NAME.fullmatch(part) for part in parts) and not all(_SNAKE.fullmatch(part) for part in parts):
        right = ".".join(snake_case(part) for part in parts)
        message = f"namespace `{namespace}` is not in lower_snake_case: write {right}"
        yield Hit((*site.path, "namespace"), message, Mend(f'"namespace": "{right}"'))


_RECORD: Final = (
    '{{"type": "record", "name": "{}", "namespace": "{}", "doc": "One position of an order.", "fields": '
    '[{{"name": "quantity", "type": "int", "doc": "Number of pieces."}}]}}'
)

NAME_RULES: Final = (
    Rule(
        id="N001",
        title="records, enums and fixed are in PascalCase",
        severity="error",
        why="Each becomes a Python class and a table; two styles make two names for one thing.",
        bad=Example(_RECORD.format("order_line", "shop"), "record", "shop/order_line.avsc"),
        good=Example(_RECORD.format("OrderLine", "shop"), "record", "shop/OrderLine.avsc"),
        checks=(OnType(_record_style, NAMED),),
    ),
    Rule(
        id="N002",
        title="fields are in lower_snake_case",
        severity="error",
        why="Each becomes a column and an attribute, and Spark does not tell sizeEu from sizeeu.",
        bad=Example('{"name": "itemCount", "type": "int", "doc": "How many articles."}'),
        good=Example('{"name": "item_count", "type": "int", "doc": "How many articles."}'),
        checks=(OnField(_field_style),),
    ),
    Rule(
        id="N003",
        title="enum symbols are in UPPER_SNAKE_CASE",
        severity="error",
        why="Symbols are compared letter by letter in every query; one style leaves no doubt which letters.",
        bad=Example(
            (
                '{"type": "enum", "name": "Size", "doc": "How large.", "symbols": ["UNKNOWN", '
                '"Large"], "default": "UNKNOWN"}'
            ),
            "type",
        ),
        good=Example(
            (
                '{"type": "enum", "name": "Size", "doc": "How large.", "symbols": ["UNKNOWN", '
                '"LARGE"], "default": "UNKNOWN"}'
            ),
            "type",
        ),
        checks=(OnType(_symbol_style, frozenset(("enum",))),),
    ),
    Rule(
        id="N004",
        title="a contract stands at <namespace>/<Name>.avsc",
        severity="error",
        why="People and tools find a contract by its name; owners and defaults come from its folder.",
        bad=Example(_RECORD.format("OrderLine", "shop"), "record", "shop/Line.avsc"),
        good=Example(_RECORD.format("OrderLine", "shop"), "record", "shop/OrderLine.avsc"),
        checks=(OnSchema(_path),),
    ),
    Rule(
        id="N008",
        title="namespaces are in lower_snake_case, and present",
        severity="error",
        why="The namespace is the folder, the Python package and the name of the domain.",
        bad=Example(_RECORD.format("OrderLine", "ShopEu"), "record", "ShopEu/OrderLine.avsc"),
        good=Example(_RECORD.format("OrderLine", "shop_eu"), "record", "shop_eu/OrderLine.avsc"),
        checks=(OnType(_namespace_style, NAMED),),
    ),
)
