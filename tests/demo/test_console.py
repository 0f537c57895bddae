"""What the demo prints at its end: every figure in full, wherever it is printed."""

from __future__ import annotations

from collections import Counter
from io import StringIO
from typing import TYPE_CHECKING

from rich.console import Console

from tallystick.dev.demo.console import open_console, show

if TYPE_CHECKING:
    import pytest

    from tallystick.dev.demo.report import Report


def test_in_a_log_nothing_is_cut(
    report: Report, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    show(report, open_console())
    shown = capsys.readouterr().out
    assert "\N{HORIZONTAL ELLIPSIS}" not in shown
    for trial in report.trials:
        for measure in trial.measures:
            assert measure.key in shown
            for effect in report.findings.trials[trial.key].metrics[measure.key].effects.values():
                assert effect.p_value is None or f"{effect.p_value:.7f}" in shown


def test_a_narrow_terminal_shows_every_character_that_a_wide_one_does(report: Report) -> None:
    shown = []
    for width in (60, 240):
        written = StringIO()
        show(report, Console(file=written, width=width))
        shown.append(Counter(each for each in written.getvalue() if each.isalnum()))
    assert shown[0] == shown[1]


def test_who_sets_columns_is_obeyed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "93")
    assert open_console().width == 93
