"""Each rule's own examples, and what every rule must have."""

from __future__ import annotations

import re

import pytest

from tallystick.contracts.lint import FAMILIES, RULES, Rule, lint
from tallystick.contracts.lint.examples import repository_of

_EVERY = [pytest.param(rule, id=rule.id) for rule in RULES.values()]


@pytest.mark.parametrize("rule", _EVERY)
def test_the_bad_example_breaks_its_rule_and_no_other(rule: Rule) -> None:
    findings = lint(repository_of(rule.bad))

    assert {finding.rule for finding in findings} == {rule.id}, [(each.rule, each.message) for each in findings]


@pytest.mark.parametrize("rule", _EVERY)
def test_the_good_example_has_no_finding(rule: Rule) -> None:
    assert [(each.rule, each.message) for each in lint(repository_of(rule.good))] == []


@pytest.mark.parametrize("rule", _EVERY)
def test_a_finding_points_into_the_file_and_stands_in_one_line(rule: Rule) -> None:
    repository = repository_of(rule.bad)
    documents = {**repository.documents, **repository.definitions}
    for finding in lint(repository):
        text = documents[finding.file].text
        assert 0 <= finding.span.start <= finding.span.end <= len(text)
        assert finding.span.line == text.count("\n", 0, finding.span.start) + 1
        assert "\n" not in finding.message


@pytest.mark.parametrize("rule", _EVERY)
def test_a_rule_has_a_stable_id_a_title_and_a_reason(rule: Rule) -> None:
    assert re.fullmatch(f"[{''.join(FAMILIES)}][0-9]{{3}}", rule.id)
    assert rule.title
    assert not rule.title.endswith(".")
    assert len(rule.why) > 20


def test_no_id_is_given_twice_and_every_family_has_rules() -> None:
    from tallystick.contracts.lint import rules

    tables = [table for name, table in vars(rules).items() if name.endswith("_RULES")]
    ids = [rule.id for table in tables for rule in table]

    assert sorted(ids) == sorted(RULES)
    assert len(ids) == len(set(ids))
    assert {rule[0] for rule in RULES} == set(FAMILIES)
