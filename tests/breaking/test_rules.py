"""Each rule's own examples, and what every rule must have."""

from __future__ import annotations

import re

import pytest

from tallystick.contracts.breaking import BREAKING_RULES, CATEGORIES, BreakingRule, Options, breaking
from tallystick.contracts.breaking.examples import EXAMPLE_TIME, snapshots_of

_EVERY = [pytest.param(rule, id=rule.id) for rule in BREAKING_RULES.values()]


def _options(rule: BreakingRule) -> Options:
    return Options(now=EXAMPLE_TIME, categories=[rule.category])


@pytest.mark.parametrize("rule", _EVERY)
def test_the_bad_example_breaks_its_rule_and_no_other_of_its_category(rule: BreakingRule) -> None:
    findings = breaking(*snapshots_of(rule.bad), _options(rule))

    assert {each.rule for each in findings} == {rule.id}, [(each.rule, each.message) for each in findings]


@pytest.mark.parametrize("rule", _EVERY)
def test_the_good_example_has_no_finding_that_is_not_accepted(rule: BreakingRule) -> None:
    findings = breaking(*snapshots_of(rule.good), _options(rule))

    assert [(each.rule, each.message) for each in findings if each.facts["accepted"] is None] == []


@pytest.mark.parametrize("rule", _EVERY)
def test_a_finding_is_complete_and_stands_in_one_line(rule: BreakingRule) -> None:
    old, new = snapshots_of(rule.bad)
    for finding in breaking(old, new, _options(rule)):
        document = new.document(finding.file) or old.document(finding.file)
        assert document is not None
        assert 0 <= finding.span.start <= finding.span.end <= len(document.text)
        assert "\n" not in finding.message
        assert finding.facts["category"] == rule.category
        assert finding.fix is not None
        for key in ("event", "old", "new", "consequence", "recommendation"):
            assert finding.facts[key], key


@pytest.mark.parametrize("rule", _EVERY)
def test_a_rule_has_a_stable_id_a_title_and_a_reason(rule: BreakingRule) -> None:
    assert re.fullmatch("B[1-6][0-9]{2}", rule.id)
    assert rule.title
    assert not rule.title.endswith(".")
    assert len(rule.why) > 20


def test_no_id_is_given_twice_and_every_category_has_rules() -> None:
    from tallystick.contracts.breaking import rules

    tables = [
        table for name, table in vars(rules).items() if re.fullmatch("[A-Z]+_RULES", name) and "BREAK" not in name
    ]
    ids = [rule.id for table in tables for rule in table]

    assert sorted(ids) == list(BREAKING_RULES)
    assert {rule.category for rule in BREAKING_RULES.values()} == set(CATEGORIES)
