"""`--fix`: safe mends as edits of the text."""

from __future__ import annotations

import datetime as dt
import difflib

import pytest

from tallystick.contracts.findings import Edit, Fix, Lines, apply_fixes
from tallystick.contracts.lint import RULES, Repository, Rule, lint
from tallystick.contracts.lint.examples import EXAMPLE_DAY, repository_of

_FIXABLE = [pytest.param(rule, id=rule.id) for rule in RULES.values() if rule.fixable]
_TODAY = dt.date(2026, 11, 22)
_PATH = "shop/CartFilled.avsc"


def _mended(repository: Repository) -> Repository:
    """What `--fix` makes of a repository."""
    for _ in range(10):
        documents = {**repository.documents, **repository.definitions}
        texts = {path: document.text for path, document in documents.items()}
        for path, text in list(texts.items()):
            fixes = [each.fix for each in lint(repository) if each.file == path and each.fix and each.fix.safe]
            texts[path] = apply_fixes(text, fixes)
        files = {path: texts[path].encode() for path in repository.documents}
        plans = {path: texts[path].encode() for path in repository.definitions}
        mended = Repository.of(files, EXAMPLE_DAY, plans)
        if all(texts[path] == document.text for path, document in documents.items()):
            return mended
        repository = mended
    raise AssertionError


def _fixed(text: str) -> str:
    files = {_PATH: text.encode(), "shop/_domain.yaml": b"owner: shop-web\n"}
    return _mended(Repository.of(files, _TODAY)).documents[_PATH].text


@pytest.mark.parametrize("rule", _FIXABLE)
def test_a_mended_example_never_has_more_findings_and_mending_again_changes_nothing(rule: Rule) -> None:
    before = repository_of(rule.bad)
    after = _mended(before)

    assert len(lint(after)) <= len(lint(before))
    assert {path: each.text for path, each in _mended(after).documents.items()} == {
        path: each.text for path, each in after.documents.items()
    }
    assert all(each.is_readable for each in after.documents.values())


@pytest.mark.parametrize("rule", _FIXABLE)
def test_the_bad_example_of_a_fixable_rule_is_clean_afterwards(rule: Rule) -> None:
    assert [(each.rule, each.message) for each in lint(_mended(repository_of(rule.bad)))] == []


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_only_what_is_mended_changes(end: str) -> None:
    lines = [
        "{",
        '  "type":"record" ,   "name" : "CartFilled", "namespace": "shop",',
        '\t"doc": "A visitor put something \\u0069nto the cart — twice.",',
        '  "fields": [{"name":"meta","type":"tallystick.Meta","doc":"Who, when and where."},',
        '    {"name": "total", "type": "double", "doc": "What the articles cost."},',
        '    {"name": "coupon_id", "type": ["null", "string"], "doc": "Voucher of the visitor."},',
        '    {"name": "filled_at", "type": "long", "logicalType": "timestamp-micros", "doc": "When."},',
        '    {"name": "item_count", "type": "int", "doc": "How many are in it.", "defualt": "0"}',
        "  ]  }   ",
        "",
    ]

    fixed = _fixed(end.join(lines)).split(end)

    assert fixed[:4] == lines[:4]
    assert fixed[8:] == lines[8:]
    assert fixed[4:8] == [
        (
            '    {"name": "total", "type": {"type": "bytes", "logicalType": "decimal", "precision": 18, "scale": 2}, '
            '"doc": "What the articles cost."},'
        ),
        '    {"name": "coupon_id", "type": ["null", "string"], "doc": "Voucher of the visitor.", "default": null},',
        '    {"name": "filled_at", "type": {"type": "long", "logicalType": "timestamp-micros"}, "doc": "When."},',
        '    {"name": "item_count", "type": "int", "doc": "How many are in it.", "default": 0}',
    ]


def test_a_member_on_a_line_of_its_own_gets_a_neighbour_on_a_line_of_its_own() -> None:
    text = """{
  "type": "enum",
  "name": "Size",
  "namespace": "shop",
  "doc": "How large.",
  "symbols": ["UNKNOWN", "LARGE"]
}
"""
    files = {"shop/Size.avsc": text.encode(), "shop/_domain.yaml": b"owner: shop-web\n"}

    fixed = _mended(Repository.of(files, _TODAY)).documents["shop/Size.avsc"].text

    added = [line[2:] for line in difflib.ndiff(text.splitlines(), fixed.splitlines()) if line.startswith("+ ")]
    assert added == ['  "symbols": ["UNKNOWN", "LARGE"],', '  "default": "UNKNOWN"']


def test_what_could_change_the_meaning_is_left_to_a_person() -> None:
    text = (
        '{"type": "record", "name": "CartFilled", "namespace": "shop", "doc": "A cart got full.", "fields": ['
        '{"name": "meta", "type": "tallystick.Meta", "doc": "Who, when and where."}, '
        '{"name": "filled_at", "type": {"type": "long", "logicalType": "timestamp-millis"}, "doc": "When."}, '
        '{"name": "coupon_id", "type": ["string", "null"], "doc": "Voucher of the visitor.", "default": null}, '
        '{"name": "itemCount", "type": "int", "doc": "How many are in it."}, '
        '{"name": "total", "type": "double", "doc": "What they cost.", "default": 0}]}'
    )

    assert _fixed(text) == text


def test_of_two_fixes_of_one_place_only_the_first_is_carried_out() -> None:
    lines = Lines("abcdef")
    one = Fix(description="", safe=True, edits=(Edit(lines.span(0, 2), "X"), Edit(lines.span(4, 5), "Y")))
    other = Fix(description="", safe=True, edits=(Edit(lines.span(1, 3), "Z"), Edit(lines.span(5, 6), "Z")))

    assert apply_fixes("abcdef", [one, other, one]) == "XcdYf"
