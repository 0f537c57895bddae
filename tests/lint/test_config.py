"""`tallystick.toml`, and suppressions inside a schema."""

from __future__ import annotations

import datetime as dt

import pytest

from tallystick.contracts.lint import ConfigError, LintConfig, Repository, lint

_TODAY = dt.date(2026, 11, 22)


def _lint(text: str, config: str = "", path: str = "shop/CartFilled.avsc") -> dict[str, str]:
    files = {path: text.encode(), "shop/_domain.yaml": b"owner: shop-web\n"}
    return {each.rule: each.severity for each in lint(Repository.of(files, _TODAY), config=LintConfig.read(config))}


def _event(field: str, more: str = "") -> str:
    return (
        '{"type": "record", "name": "CartFilled", "namespace": "shop", "doc": "A visitor put something in.", '
        f'{more}"fields": [{{"name": "meta", "type": "tallystick.Meta", "doc": "Who, when and where."}}, {field}]}}'
    )


_TOTAL = '{"name": "total", "type": "double", "doc": "What they cost."%s}'
_BAD = _event(_TOTAL % "")


def _suppress(until: str, rule: str = "T003", reason: str = "until the till is replaced") -> str:
    return f'"tallystick:suppress": [{{"rule": "{rule}", "reason": "{reason}", "until": "{until}"}}]'


def test_without_configuration_a_rule_has_its_own_severity() -> None:
    assert _lint(_BAD) == {"T003": "error"}


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ('[lint.rules]\nT003 = "off"', {}),
        ('[lint.rules]\nT003 = "warning"', {"T003": "warning"}),
        ('[lint.rules]\nT = "off"', {}),
        ('[lint.rules]\nT = "off"\nT003 = "error"', {"T003": "error"}),
        ('[[lint.paths]]\nmatch = ["shop/**"]\nrules = { T003 = "off" }', {}),
        ('[[lint.paths]]\nmatch = ["shop"]\nrules = { T003 = "off" }', {}),
        ('[[lint.paths]]\nmatch = "**/CartFilled.avsc"\nrules = { T003 = "off" }', {}),
        ('[[lint.paths]]\nmatch = ["game/**"]\nrules = { T003 = "off" }', {"T003": "error"}),
        ('[[lint.paths]]\nmatch = ["*.avsc"]\nrules = { T003 = "off" }', {"T003": "error"}),
        (
            '[lint.rules]\nT003 = "off"\n[[lint.paths]]\nmatch = ["shop/*"]\nrules = { T003 = "warning" }',
            {"T003": "warning"},
        ),
    ],
)
def test_rules_are_off_or_of_another_severity_by_path(config: str, expected: dict[str, str]) -> None:
    assert _lint(_BAD, config) == expected


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ("[lint", "is no TOML"),
        ('[lint.rules]\nT0003 = "off"', "there is no rule `T0003`: did you mean `T003`?"),
        ('[lint.rules]\nT003 = "offf"', "did you mean `off`?"),
        ("[lint]\nrule = {}", "`rule` means nothing in [lint]: did you mean `rules`?"),
        ('[[lint.paths]]\nrules = { T003 = "off" }', "needs paths"),
        ("[lint]\npaths = 3", "no list"),
    ],
)
def test_a_wrong_configuration_is_an_error_that_says_what_to_write(config: str, told: str) -> None:
    with pytest.raises(ConfigError, match=r"^tallystick\.toml") as caught:
        LintConfig.read(config)

    assert told in str(caught.value)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("where", ["field", "record"])
def test_a_suppression_holds_inside_of_what_it_stands_on_until_its_day(where: str) -> None:
    stated = _suppress("2026-11-22")
    text = _event(_TOTAL % f", {stated}") if where == "field" else _event(_TOTAL % "", f"{stated}, ")

    assert _lint(text) == {}


def test_a_suppression_of_another_place_or_rule_hides_nothing() -> None:
    other = '{"name": "is_gift", "type": "boolean", "doc": "Whether it is a present.", ' + _suppress("2027-01-01") + "}"

    assert _lint(_event(f"{other}, {_TOTAL % ''}")) == {"T003": "error"}
    assert _lint(_event(_TOTAL % f", {_suppress('2027-01-01', 'T004')}")) == {"T003": "error"}


def test_a_suppression_that_has_ended_is_a_finding_and_hides_nothing() -> None:
    assert _lint(_event(_TOTAL % f", {_suppress('2026-11-21')}")) == {"T003": "error", "O007": "error"}


def test_a_suppression_without_reason_or_day_is_a_finding_and_hides_nothing() -> None:
    assert _lint(_event(_TOTAL % f", {_suppress('2027-01-01', reason='')}")) == {"T003": "error", "O006": "error"}
    assert _lint(_event(_TOTAL % f", {_suppress('soon')}")) == {"T003": "error", "O006": "error"}
