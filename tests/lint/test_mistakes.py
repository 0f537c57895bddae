"""Twelve mistakes that parsers let pass, and twenty that people make in pull requests."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from typing import TYPE_CHECKING

import fastavro
import pytest
from click.testing import CliRunner

from tallystick.cli.lint import command
from tallystick.contracts.findings import Finding
from tallystick.contracts.lint import Repository, lint

if TYPE_CHECKING:
    from pathlib import Path

Lint = Callable[[str, str], list[Finding]]

_PATH = "shop/CartFilled.avsc"
_HEAD = """{
  "type": "record",
  "name": "CartFilled",
  "namespace": "shop",
  "doc": "A visitor put something into the cart.",
  "fields": [
    {"name": "meta", "type": "tallystick.Meta", "doc": "Who, when and where; filled by the SDK."},
"""
_TAIL = "\n  ]\n}\n"
_ENUM = '{"type": "enum", "name": "Size", "doc": "How large.", "symbols": ["UNKNOWN", "LARGE"], "default": "UNKNOWN"}'


def _event(field: str) -> str:
    return _HEAD + "    " + field + _TAIL


# Mistake -> the field (on line 8), the rule, the very words to blame, and what the message must hold.
_CLASSIC = {
    "default of the wrong branch": (
        '{"name": "coupon_id", "type": ["null", "string"], "doc": "Voucher of the visitor.", "default": "none"}',
        ("S014", '"none"', "write null"),
    ),
    "null default while null is not first": (
        '{"name": "coupon_id", "type": ["string", "null"], "doc": "Voucher of the visitor.", "default": null}',
        ("S014", "null", "put null first"),
    ),
    "field default is no symbol": (
        f'{{"name": "size", "type": {_ENUM}, "doc": "How large the parcel is.", "default": "LARG"}}',
        ("S015", '"LARG"', "did you mean `LARGE`?"),
    ),
    "enum default is no symbol": (
        (
            '{"name": "size", "type": {"type": "enum", "name": "Size", "doc": "How large.", '
            '"symbols": ["UNKNOWN", "LARGE"], "default": "UNKNWN"}, "doc": "How large the parcel is."}'
        ),
        ("S024", '"UNKNWN"', "did you mean `UNKNOWN`?"),
    ),
    "duplicate field": (
        '{"name": "meta", "type": "long", "doc": "Something else than before."}',
        ("S011", '"meta"', "stands twice"),
    ),
    "bad field name": (
        '{"name": "item-count", "type": "long", "doc": "How many articles are in it."}',
        ("S009", '"item-count"', "`item-count` is no Avro name"),
    ),
    "scale larger than precision": (
        (
            '{"name": "weight", "type": {"type": "bytes", "logicalType": "decimal", "precision": 2, "scale": 4}, '
            '"doc": "What the articles weigh."}'
        ),
        ("S017", "4", "scale 4 is larger than precision 2"),
    ),
    "misspelt logical type": (
        '{"name": "filled_at", "type": {"type": "long", "logicalType": "timestamp-micro"}, "doc": "When it was."}',
        ("S018", '"timestamp-micro"', "did you mean `timestamp-micros`?"),
    ),
    "logical type beside the type": (
        '{"name": "filled_at", "type": "long", "logicalType": "timestamp-micros", "doc": "When it was."}',
        ("S019", '"logicalType"', "beside the type"),
    ),
    "duplicate union branch": (
        '{"name": "coupon_id", "type": ["null", "string", "string"], "doc": "Voucher.", "default": null}',
        ("S012", '"string"', "has string twice"),
    ),
    "default of the wrong type": (
        '{"name": "item_count", "type": "int", "doc": "How many articles are in it.", "default": "0"}',
        ("S013", '"0"', 'default "0" of `item_count` is a string and not an int'),
    ),
    "misspelt key": (
        '{"name": "item_count", "type": "int", "doc": "How many articles are in it.", "defualt": 0}',
        ("S021", '"defualt"', 'did you mean "default"?'),
    ),
}


@pytest.mark.parametrize("mistake", _CLASSIC)
def test_a_mistake_that_parsers_accept_is_found_with_its_place(mistake: str, findings_of: Lint) -> None:
    field, (rule, blamed, told) = _CLASSIC[mistake]
    text = _event(field)

    found = next(each for each in findings_of(_PATH, text) if each.rule == rule)

    assert text[found.span.start : found.span.end] == blamed
    assert (found.span.line, found.span.end_line) == (8, 8)
    assert text.splitlines()[7][found.span.column - 1 : found.span.end_column - 1] == blamed
    assert told in found.message
    assert found.severity == "error"


def test_a_widely_used_parser_does_accept_most_of_them() -> None:
    # The reason for all of this; should it ever change, the rules' reasons must be told anew.
    accepted = 0
    for field, _ in _CLASSIC.values():
        text = _event(field).replace('"tallystick.Meta"', '"string"')
        try:
            fastavro.parse_schema(json.loads(text), named_schemas={})
        except (fastavro.schema.SchemaParseException, KeyError, ValueError):
            continue
        accepted += 1
    assert accepted >= 7


# Mistake -> what is written, and the line that the person reads first in the pull request.
_FIRST_LINES = {
    "a comma too many": (
        '{"name": "item_count", "type": "int", "doc": "How many articles are in it."},',
        "8:81 S003 there is a comma before `]`: delete the comma; fix: delete it",
    ),
    "a comment": (
        '// new\n    {"name": "item_count", "type": "int", "doc": "How many articles are in it."}',
        '8:5 S003 JSON has no comments: write the remark into a "doc", or delete it',
    ),
    "Python's words": (
        '{"name": "is_gift", "type": "boolean", "doc": "Whether it is a present.", "default": False}',
        "8:90 S003 `False` is no JSON: write false",
    ),
    "a key twice": (
        '{"name": "item_count", "type": "int", "doc": "How many.", "doc": "How many articles are in it."}',
        '8:63 S004 the key "doc" stands twice in this object: delete one of them',
    ),
    "an unknown type": (
        '{"name": "item_count", "type": "integer", "doc": "How many articles are in it."}',
        '8:36 S008 `integer` is no type: did you mean `int`?; fix: "int"',
    ),
    "a misspelt type": (
        '{"name": "page_path", "type": "strng", "doc": "Page that it was filled on."}',
        '8:35 S008 `strng` is no type: did you mean `string`?; fix: "string"',
    ),
    "no type": (
        '{"name": "item_count", "doc": "How many articles are in it."}',
        '8:5 S007 field `item_count` has no "type": add it',
    ),
    "camel case": (
        '{"name": "itemCount", "type": "int", "doc": "How many articles are in it."}',
        '8:14 N002 field `itemCount` is not in lower_snake_case: write item_count; fix: "name": "item_count"',
    ),
    "a keyword": (
        '{"name": "from", "type": "string", "doc": "Page that the visitor came from."}',
        "8:14 N005 field `from` needs another name: it is a keyword of Python",
    ),
    "a member of the envelope": (
        '{"name": "type", "type": "string", "doc": "Sort of form that was filled."}',
        (
            "8:14 E005 field `type` needs another name: in JSON an event's `type` is the name of its contract; "
            'fix: "name": "cart_type"'
        ),
    ),
    "money as a double": (
        '{"name": "total", "type": "double", "doc": "What the articles cost."}',
        (
            "8:31 T003 `total` is money but has type double; fix: "
            '"type": {"type": "bytes", "logicalType": "decimal", "precision": 18, "scale": 2}'
        ),
    ),
    "milliseconds": (
        '{"name": "filled_at", "type": {"type": "long", "logicalType": "timestamp-millis"}, "doc": "When it was."}',
        (
            "8:67 T004 time `filled_at` has logical type timestamp-millis, not timestamp-micros; fix: "
            '"type": {"type": "long", "logicalType": "timestamp-micros"}'
        ),
    ),
    "a nullable without default": (
        '{"name": "coupon_id", "type": ["null", "string"], "doc": "Voucher of the visitor."}',
        '8:35 T002 nullable `coupon_id` has no default: add "default": null',
    ),
    "an enum without default": (
        (
            '{"name": "size", "type": {"type": "enum", "name": "Size", "doc": "How large.", '
            '"symbols": ["UNKNOWN", "LARGE"]}, "doc": "How large the parcel is."}'
        ),
        '8:95 T001 enum Size has no default: add "default": "UNKNOWN"',
    ),
    "an enum without UNKNOWN": (
        (
            '{"name": "size", "type": {"type": "enum", "name": "Size", "doc": "How large.", "symbols": ["LARGE"], '
            '"default": "LARGE"}, "doc": "How large the parcel is."}'
        ),
        (
            '8:95 T001 enum Size has no UNKNOWN: add the symbol, and "default": "UNKNOWN"; fix: '
            '"symbols": ["UNKNOWN", "LARGE"], "default": "UNKNOWN"'
        ),
    ),
    "a lower-case symbol": (
        (
            '{"name": "size", "type": {"type": "enum", "name": "Size", "doc": "How large.", '
            '"symbols": ["UNKNOWN", "large"], "default": "UNKNOWN"}, "doc": "How large the parcel is."}'
        ),
        '8:107 N003 symbol `large` of Size is not in UPPER_SNAKE_CASE: write LARGE; fix: "LARGE"',
    ),
    "no doc": (
        '{"name": "item_count", "type": "int"}',
        '8:14 D002 field `item_count` has no doc: add "doc" and say what it holds',
    ),
    "an address without tag": (
        '{"name": "email", "type": "bytes", "doc": "Where to send the reminder."}',
        (
            '8:14 P001 `email` looks like personal data and has no tag: add "confluent:tags": ["PII"], '
            "or say in a suppression why not"
        ),
    ),
    "an unknown tag": (
        '{"name": "visitor_id", "type": "string", "doc": "Who filled it.", "confluent:tags": ["PSEUDONIM"]}',
        '8:90 P002 tag `PSEUDONIM` is not in tags.yaml: did you mean `PSEUDONYM`?; fix: "PSEUDONYM"',
    ),
    "an unknown role": (
        '{"name": "item_count", "type": "long", "doc": "How many.", "tallystick:role": ["experiment.valeu"]}',
        '8:84 X001 `experiment.valeu` is no role: did you mean `experiment.value`?; fix: "experiment.value"',
    ),
    "a type of other languages": (
        '{"name": "filled_at", "type": "timestamp", "doc": "When it was filled."}',
        (
            '8:35 S008 `timestamp` is no type of Avro: write {"type": "long", "logicalType": "timestamp-micros"}; fix: '
            '"type": {"type": "long", "logicalType": "timestamp-micros"}'
        ),
    ),
    "a question mark": (
        '{"name": "coupon_id", "type": "string?", "doc": "Voucher of the visitor."}',
        (
            '8:35 S008 `string?` is no type of Avro: write ["null", "string"], "default": null; fix: '
            '"type": ["null", "string"], "default": null'
        ),
    ),
    "brackets for a list": (
        '{"name": "sku_ids", "type": "string[]", "doc": "Articles in the cart."}',
        (
            '8:33 S008 `string[]` is no type of Avro: write {"type": "array", "items": "string"}; fix: '
            '"type": {"type": "array", "items": "string"}'
        ),
    ),
    "an object for a record": (
        '{"name": "coupon", "type": "object", "doc": "Voucher of the visitor."}',
        (
            "8:32 S008 `object` needs an object of its own: write "
            '{"type": "record", "name": ..., "doc": ..., "fields": [...]}'
        ),
    ),
    "optional, as elsewhere": (
        '{"name": "coupon_id", "type": "string", "optional": true, "doc": "Voucher of the visitor."}',
        (
            '8:45 S021 "optional" means nothing to Avro: say it in the type, and drop this; fix: '
            '"type": ["null", "string"], "default": null'
        ),
    ),
    "required, as elsewhere": (
        '{"name": "item_count", "type": "int", "required": true, "doc": "How many articles are in it."}',
        '8:43 S021 "required" means nothing to Avro: the type says it; delete it',
    ),
    "description for doc": (
        '{"name": "item_count", "type": "int", "description": "How many articles are in it."}',
        '8:43 S021 "description" means nothing to Avro: did you mean "doc"?',
    ),
    "tags without prefix": (
        '{"name": "visitor_id", "type": "string", "doc": "Who filled it.", "tags": ["PSEUDONYM"]}',
        '8:71 S021 "tags" means nothing to Avro: did you mean "confluent:tags"?',
    ),
    "a merge conflict": (
        '\n<<<<<<< HEAD\n    {"name": "item_count", "type": "int", "doc": "How many articles are in it."}',
        "9:1 S003 a merge conflict is left here: keep one side, and delete its three marks",
    ),
    "quotes of a chat": (
        '{"name": \N{LEFT DOUBLE QUOTATION MARK}x\N{RIGHT DOUBLE QUOTATION MARK}, "type": "int", "doc": "How many."}',
        '8:14 S003 `\N{LEFT DOUBLE QUOTATION MARK}` is a typographic quote: write "x"',
    ),
    "a rule about a field that is not there": (
        (
            '{"name": "item_count", "type": "int", "doc": "How many articles are in it.", '
            '"confluent:rules": [{"name": "some", "expr": "this.item_cuont > 0"}]}'
        ),
        "8:133 R002 rule `some`: there is no field `item_cuont`: did you mean `item_count`?",
    ),
}


@pytest.mark.parametrize("mistake", _FIRST_LINES)
def test_the_first_line_of_a_pull_request_says_what_where_and_what_to_type(
    mistake: str, contracts: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    field, expected = _FIRST_LINES[mistake]
    monkeypatch.chdir(tmp_path)
    for path, data in {**contracts, _PATH: _event(field).encode()}.items():
        place = tmp_path / "schemas" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)

    result = CliRunner().invoke(command, [f"schemas/{_PATH}", "--format", "github"])

    first = result.output.splitlines()[0]
    where, rule, told = expected.split(" ", 2)
    line, column = where.split(":")
    assert f" file=schemas/{_PATH},line={line}," in first
    assert f",col={column}," in first
    assert f",title={rule}%3A " in first
    assert first.partition("::")[2].partition("::")[2] == told


def test_there_are_at_least_thirty_of_them() -> None:
    assert len(_FIRST_LINES) >= 30


_SHARED = _HEAD.partition('    {"name": "meta"')[0].replace("CartFilled", "%s") + "  ]\n}\n"
_DEFINITION = """experiment_key: free_tea
phase: 1
version: 1
unit_type: user
exposure_event: shop.TeaShown
variants:
  - {variant_key: control, weight: "0.5", is_control: true}
  - {variant_key: tea, weight: "0.5"}
start_at: 2026-01-05T00:00:00Z
multiple_exposure: EXCLUDE
metrics: [teas]
srm_alpha: "0.001"
"""


def _exposure(key: str, metrics: str = "") -> str:
    """An event with one field, the unit."""
    part = (
        '"role": "outcome", "unit_type": "user", "metrics": [{"key": "teas", "type": "mean", "aggregation": "count"}]'
    )
    stated = part if metrics else '"role": "exposure", "unit_type": "user"'
    fields = [
        f'{{"name": "{name}", "type": "string", "doc": "Says which it was.", "tallystick:role": ["experiment.{role}"]}}'
        for name, role in (("unit_id", "unit_id"), ("test_key", "experiment_key"), ("arm_key", key))
    ]
    text = _event(",\n    ".join(fields[:1] if metrics else fields))
    return text.replace('  "fields"', f'  "tallystick:experiment": {{{stated}}},\n  "fields"')


_TEA = {
    "shop/TeaShown.avsc": _exposure("variant_key").replace("CartFilled", "TeaShown"),
    "shop/TeaSold.avsc": _exposure("", "teas").replace("CartFilled", "TeaSold"),
}
# Mistake -> the files, and every finding: one mistake is one finding, where it was made.
_FILES: dict[str, tuple[dict[str, str], list[str]]] = {
    "another file name": (
        {"shop/CartFill.avsc": _SHARED % "Cart"},
        ["N004 shop/CartFill.avsc: git mv schemas/shop/CartFill.avsc schemas/shop/Cart.avsc, or change the name"],
    ),
    "another ending": (
        {"shop/Cart.json": _SHARED % "Cart", "shop/Cart.yaml": "status: active\n"},
        ["N004 shop/Cart.json: git mv schemas/shop/Cart.json schemas/shop/Cart.avsc, or change the name"],
    ),
    "two contracts in one file": (
        {"shop/Cart.avsc": f"[{_SHARED % 'Cart'}]"},
        ["S007 shop/Cart.avsc: and this is a union: put each into a file of its own"],
    ),
    "the word null as a default": (
        {
            _PATH: _event(
                '{"name": "coupon_id", "type": ["null", "long"], "doc": "Voucher of the visitor.", "default": "null"}'
            )
        },
        ['S013 shop/CartFilled.avsc: "default": null'],
    ),
    "money as a double that is summed": (
        {
            _PATH: _event(
                '{"name": "total", "type": "double", "doc": "What it cost.", "tallystick:role": ["experiment.value"]}'
            )
        },
        ['T003 shop/CartFilled.avsc: "type": {"type": "bytes", "logicalType": "decimal"'],
    ),
    "a slip in a type that a rule speaks of": (
        {
            _PATH: _event(
                '{"name": "item_count", "type": "itn", "doc": "How many.", "confluent:rules":'
                ' [{"name": "some", "doc": "At least one.", "expr": "this.item_count > 0"}]}'
            )
        },
        ['S008 shop/CartFilled.avsc: "int"'],
    ),
    "a slip in the namespace": (
        {"shop/Cart.avsc": (_SHARED % "Cart").replace('"shop"', '"shpo"')},
        ['N004 shop/Cart.avsc: "namespace": "shop"'],
    ),
    "a copy under another file name": (
        {"shop/Cart.avsc": _SHARED % "Cart", "shop/Cart2.avsc": _SHARED % "Cart"},
        ['N004 shop/Cart2.avsc: "name": "Cart2"'],
    ),
    "no meta": (
        {"shop/CartFilled.avsc": _SHARED % "CartFilled"},
        ['E003 shop/CartFilled.avsc: but has no `meta`: put it first in "fields"; {"name": "meta", "type": "tally'],
    ),
    "meta of no type": (
        {_PATH: _event("").replace("tallystick.Meta", "Meta").replace('SDK."},', 'SDK."}')},
        ['E002 shop/CartFilled.avsc: "type": "tallystick.Meta"'],
    ),
    "a tab in a folder's defaults": ({"shop/_domain.yaml": "kafka:\n\ttopic: x\n"}, ["S003 shop/_domain.yaml: a tab"]),
    "a conflict in a sidecar": (
        {"shop/_domain.yaml": "<<<<<<< HEAD\nowner: a\n=======\nowner: b\n>>>>>>> main\n"},
        ["S003 shop/_domain.yaml: a merge conflict is left here"],
    ),
    "a sidecar that ends in yml": ({"shop/Cart.yml": "owner: web\n"}, ["O003 shop/Cart.yml: nobody reads a file"]),
    "a text for a list": (
        {"shop/_domain.yaml": "owner: web\nsources: app\n"},
        ["O004 shop/_domain.yaml: `sources` is not a list: write [app]"],
    ),
    "a sidecar that was left behind": (
        {"shop/Gone.yaml": "owner: web\n"},
        ["O003 shop/Gone.yaml: there is no contract Gone.avsc beside this sidecar: delete it"],
    ),
    "a role misspelt": (
        {"shop/TeaShown.avsc": _exposure("varaint_key").replace("CartFilled", "TeaShown")},
        ['X001 shop/TeaShown.avsc: "experiment.variant_key"'],
    ),
    "another unit than that of the exposure": (
        {**_TEA, "../experiments/free_tea.yaml": _DEFINITION.replace("user", "usr")},
        ["X011 ../experiments/free_tea.yaml: shop.TeaShown exposes the unit type `user`, not `usr`: write user"],
    ),
    "a key of a definition misspelt": (
        {**_TEA, "../experiments/free_tea.yaml": _DEFINITION.replace("srm_alpha", "srm_alfa")},
        ["X009 ../experiments/free_tea.yaml: srm_alpha:"],
    ),
    "two exposures in a definition": (
        {**_TEA, "../experiments/free_tea.yaml": _DEFINITION.replace("shop.TeaShown", "[a, b]")},
        ["X009 ../experiments/free_tea.yaml: `exposure_event` is an array, and must be one name"],
    ),
    "two controls": (
        {
            **_TEA,
            "../experiments/free_tea.yaml": _DEFINITION.replace(
                'tea, weight: "0.5"', 'tea, weight: "0.5", is_control: true'
            ),
        },
        ["X010 ../experiments/free_tea.yaml: 2 variants are the control, and exactly one must be: delete is_control"],
    ),
}


@pytest.mark.parametrize("mistake", _FILES)
def test_one_mistake_is_one_finding_where_it_was_made_with_what_to_type(
    mistake: str, contracts: dict[str, bytes]
) -> None:
    stated, expected = _FILES[mistake]
    files = {**contracts, **{path: text.encode() for path, text in stated.items()}}
    definitions = {path: files.pop(path) for path in list(files) if path.startswith("..")}
    repository = Repository.of(files, dt.date(2026, 1, 1), definitions, above="/here/schemas")

    found = [each for each in lint(repository) if each.severity == "error"]

    assert len(found) == len(expected), found
    for each, told in zip(found, expected, strict=True):
        head, _, words = told.partition(": ")
        assert head == f"{each.rule} {each.file}"
        assert words in f"{each.message}; {each.fix.description if each.fix else ''}"
