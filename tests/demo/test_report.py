"""The page: complete, escaped, and in need of nothing else."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from typing_extensions import override

from tallystick.dev.demo.findings import Check
from tallystick.dev.demo.plots import forest
from tallystick.dev.demo.report import NOTHING, Report, render

VOID = {"meta", "link", "br", "img", "input", "hr"}


class _Nesting(HTMLParser):
    """Notes tags that are closed in the wrong order, and every attribute that could load something."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.loads: list[str] = []
        self.tags: set[str] = set()

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.loads += [f"{name}={value}" for name, value in attrs if name in {"src", "href", "xlink:href", "srcset"}]
        if tag not in VOID:
            self.open.append(tag)

    @override
    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)

    @override
    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)


def test_the_page_is_one_file_that_loads_nothing_and_runs_nothing(report: Report) -> None:
    html = render(report)
    page = _Nesting()
    page.feed(html)
    assert page.loads == []
    assert "script" not in page.tags
    assert not re.search(r"@import|https?://|url\((?!#)", html)


def test_the_page_is_well_formed(report: Report) -> None:
    page = _Nesting()
    page.feed(render(report))
    assert page.wrong == []
    assert page.open == []


def test_what_clients_sent_is_shown_as_text(report: Report) -> None:
    html = render(report)
    assert "<script>" not in html
    assert "&lt;script&gt;alert(2)&lt;/script&gt;" in html


def test_the_source_is_shown_as_text(report: Report) -> None:
    html = render(replace(report, source='"><img src=x onerror=alert(1)>'))
    assert "<img" not in html


def test_agreement_and_disagreement_are_told_first(report: Report) -> None:
    assert "All 4 checks agree" in render(report)
    wrong = replace(report, checks=[*report.checks, Check("Counts", "bronze", 10, 9, ok=False)])
    html = render(wrong)
    assert "1 of 5 checks disagree" in html
    assert html.index("disagree") < html.index("The way of an event")


def test_every_check_and_every_table_is_on_the_page(report: Report) -> None:
    html = render(report)
    assert all(check.name in html for check in report.checks)
    assert all(f"silver/{table}" in html for table in report.findings.silver)


def test_a_sample_ratio_mismatch_is_told_with_the_experiment(report: Report) -> None:
    broken = replace(report.findings.trials["checkout_cta"], srm_p=0.0000004, is_trustworthy=False)
    trials = {**report.findings.trials, "checkout_cta": broken}
    html = render(replace(report, findings=replace(report.findings, trials=trials)))
    assert "do not trust: sample ratio mismatch, p &lt; 0.0001" in html


def test_lifts_without_an_interval_do_not_break_the_page(report: Report) -> None:
    trial = report.findings.trials["checkout_cta"]
    empty = {
        key: replace(
            metric,
            effects={
                arm: replace(effect, relative=None, relative_low=None, relative_high=None, p_value=None)
                for arm, effect in metric.effects.items()
            },
        )
        for key, metric in trial.metrics.items()
    }
    trials = {**report.findings.trials, "checkout_cta": replace(trial, metrics=empty)}
    assert f"p {NOTHING}" in render(replace(report, findings=replace(report.findings, trials=trials)))


def test_marks_stand_within_the_plot_and_in_order(report: Report) -> None:
    for trial in report.trials:
        plot = forest(trial, report.findings.trials[trial.key])
        assert 0 <= plot.zero <= 100
        assert 3 <= len(plot.ticks) <= 7
        assert [tick.is_minor for tick in plot.ticks if tick.label == "0"] == [False]
        for row in plot.rows:
            assert row.left is not None
            assert row.point is not None
            assert row.right is not None
            assert 0 <= row.left < row.point < row.right <= 100


@pytest.mark.parametrize("command", ["tallystick demo --seed 7"])
def test_the_page_tells_how_it_was_made(report: Report, command: str) -> None:
    assert f"<code>{command}</code>" in render(report)
