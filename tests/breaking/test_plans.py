"""Definitions of experiments in two states: what breaks one that runs, and what anybody may change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.breaking.states import EXPERIMENT, NOW, Git, event, field, files, snapshot

from tallystick.cli._comparing import compare
from tallystick.contracts.breaking import Options, breaking

if TYPE_CHECKING:
    from pathlib import Path

    from tallystick.contracts.findings import Finding

_AROUND = files(event(field("user_id"), name="shop.TeaOffered"))
_OVER = EXPERIMENT.replace("2026-12-01", "2026-11-20")
_LATER = EXPERIMENT.replace("version: 1", "version: 2")


def _found(before: str, after: str) -> list[Finding]:
    old, new = (snapshot(_AROUND, *([text] if text else [])) for text in (before, after))
    return breaking(old, new, Options(now=NOW))


def _told(before: str, after: str) -> list[tuple[str, str, object, str]]:
    return [(each.rule, each.severity, each.facts["path"], each.message) for each in _found(before, after)]


@pytest.mark.parametrize(
    ("old", "new", "path", "told"),
    [
        ("unit_type: user", "unit_type: session", "unit_type", "changes its unit_type from user to session"),
        ('treatment, weight: "0.5"', 'hot, weight: "0.5"', "variants.1.variant_key", "calls its variant treatment hot"),
        ("metrics: [paid]", "metrics: []", "metrics", "compares paid no more"),
        ("2026-11-01", "2026-11-02", "start_at", "moves its start_at from 2026-11-01T00:00:00+00:00 to 2026-11-02"),
        ("2026-12-01", "2026-11-21", "end_at", "moves its end_at from 2026-12-01T00:00:00+00:00 to 2026-11-21"),
    ],
)
def test_what_changes_a_live_experiment_is_an_error(old: str, new: str, path: str, told: str) -> None:
    ((rule, severity, where, message),) = _told(EXPERIMENT, _LATER.replace(old, new))

    assert (rule, severity, where) == ("B510", "error", f"free_tea.{path}")
    assert message.startswith(f"the live experiment free_tea {told}")


def test_another_allocation_is_told_for_each_variant_with_its_place() -> None:
    found = _found(EXPERIMENT, _LATER.replace('"0.5", is', '"0.9", is').replace('"0.5"', '"0.1"'))

    assert [(each.facts["old"], each.facts["new"], each.span.line) for each in found] == [
        ("0.5", "0.9", 7),
        ("0.5", "0.1", 8),
    ]
    assert found[0].facts["consumers"] == ["experiment free_tea (live)", "metric paid"]
    assert found[0].file == "../experiments/0.yaml"


def test_a_variant_that_goes_and_one_that_comes_are_told() -> None:
    third = '  - {variant_key: third, weight: "0.2"}\n'
    wider = _LATER.replace('t, weight: "0.5"', 't, weight: "0.3"').replace("start_at", f"{third}start_at")

    assert [told for *_, told in _told(EXPERIMENT, wider)] == [
        "the live experiment free_tea plans 0.3 for its variant treatment, and did 0.5",
        "the live experiment free_tea gets a variant third",
    ]
    narrower = [told for *_, told in _told(wider, EXPERIMENT.replace("version: 1", "version: 3"))]
    assert "the live experiment free_tea loses its variant third" in narrower


@pytest.mark.parametrize(
    ("old", "new"),
    [("2026-12-01", "2026-12-24"), ("metrics: [paid]", "metrics: [paid, returned]"), ("\nmetrics", "\n\nmetrics")],
)
def test_what_touches_no_figure_is_no_finding(old: str, new: str) -> None:
    assert _told(EXPERIMENT, _LATER.replace(old, new)) == []


def test_an_experiment_that_is_over_may_change_with_a_warning() -> None:
    assert [
        each[:3] for each in _told(_OVER, _OVER.replace("version: 1", "version: 2").replace("user\n", "cat\n"))
    ] == [("B510", "warning", "free_tea.unit_type")]


def test_a_definition_that_is_gone_or_gives_way_to_a_new_phase_is_told() -> None:
    told = ("B510", "error", "free_tea", "the live experiment free_tea is not defined any more")

    assert _told(EXPERIMENT, "") == [told]
    assert _told(EXPERIMENT, EXPERIMENT.replace("phase: 1", "phase: 2")) == [told]
    assert _told("", EXPERIMENT) == []


def test_a_definition_that_cannot_be_read_is_not_missed() -> None:
    assert _told(EXPERIMENT, "experiment_key: [") == []


def test_a_change_without_a_higher_version_is_told_whether_it_matters_or_not() -> None:
    (found,) = _found(EXPERIMENT, EXPERIMENT.replace("metrics: [paid]", "metrics: [paid, returned]"))

    assert (found.rule, found.severity, found.span.line) == ("B511", "error", 3)
    assert found.facts["recommendation"] == "write version: 2"


def test_the_experiments_of_a_commit_are_compared_and_one_of_the_others_is_not_missed(tmp_path: Path) -> None:
    git = Git(tmp_path)
    git.write({"free_tea.yaml": EXPERIMENT}, root="experiments")
    git.commit(_AROUND)
    git("checkout", "-q", "-b", "mine")
    changed = EXPERIMENT.replace("user\n", "session\n")
    git.commit({"free_tea.yaml": changed}, root="experiments")
    git("checkout", "-q", "main")
    git.commit({"other.yaml": EXPERIMENT.replace("free_tea", "other")}, root="experiments")
    git("checkout", "-q", "mine")

    found = compare(tmp_path / "schemas").report.findings

    assert {each.rule for each in found} == {"B510", "B511"}
    assert {each.file.rpartition("/")[2] for each in found} == {"free_tea.yaml"}
    (tmp_path / "experiments" / "free_tea.yaml").unlink()
    assert [each.facts["new"] for each in compare(tmp_path / "schemas").report.findings] == ["none"]


def test_contracts_alone_are_no_word_about_experiments(tmp_path: Path) -> None:
    for name in ("old", "new"):
        Git(tmp_path / name).write(_AROUND)
    (tmp_path / "old" / "experiments").mkdir()
    (tmp_path / "old" / "experiments" / "free_tea.yaml").write_text(EXPERIMENT)

    assert compare(tmp_path / "new" / "schemas", str(tmp_path / "old")).report.findings == ()
    (tmp_path / "new" / "experiments").mkdir()
    assert [each.rule for each in compare(tmp_path / "new" / "schemas", str(tmp_path / "old")).report.findings] == [
        "B510"
    ]
