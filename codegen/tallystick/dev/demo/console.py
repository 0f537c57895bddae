"""What a person at a terminal sees: one bar per stage while it runs, the results and the checks at its end.

Where there is no terminal there are no bars, and lines are as long as what stands in them. Colours follow NO_COLOR.
"""

from __future__ import annotations

import os
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from tallystick.dev.demo.report import NOTHING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType

    from rich.console import JustifyMethod
    from rich.progress import TaskID

    from tallystick.dev.demo.findings import MetricFindings
    from tallystick.dev.demo.report import Report
    from tallystick.dev.demo.setting import Trial

__all__ = ["STAGES", "Stages", "open_console", "show"]

STAGES: Final = {
    "prepare": "start Kafka, registry, API and Spark",
    "register": "register the contracts",
    "send": "send events",
    "bronze": "Bronze: land every record",
    "silver": "Silver: decode, count once, attribute",
    "gold": "Gold: compare the variants",
    "check": "check against the truth",
}
_MOST_FAILURES: Final = 40
# Where nobody looks at a screen, as in a log, there is no edge to keep to.
_LOG_WIDTH: Final = 240


def open_console() -> Console:
    """Standard output: as wide as the terminal, or as COLUMNS says, or else wide enough for every figure."""
    is_bounded = sys.stdout.isatty() or "COLUMNS" in os.environ
    return Console(width=None if is_bounded else _LOG_WIDTH)


class Stages:
    """Times the stages and draws their bars.

    Args:
        console: Where to draw; nothing is drawn where that is no terminal.
    """

    def __init__(self, console: Console) -> None:
        self.seconds = dict.fromkeys(STAGES, 0.0)
        columns = (
            SpinnerColumn(finished_text="[green]✓"),
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TimeElapsedColumn(),
        )
        self._progress = Progress(*columns, console=console, disable=not console.is_terminal)
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        """Show the bars."""
        self._progress.start()
        self._tasks = {name: self._progress.add_task(text, start=False, total=None) for name, text in STAGES.items()}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the bars as they are."""
        self._progress.stop()

    def expect(self, name: str, total: int) -> None:
        """Say how much a stage has to do in all its parts together."""
        self._progress.update(self._tasks[name], total=total)

    @contextmanager
    def part(self, name: str) -> Iterator[Callable[[int], None]]:
        """Do a part of a stage; give the amounts that are done to what this yields."""
        task = self._tasks[name]
        self._progress.start_task(task)
        began = time.monotonic()
        try:
            yield lambda amount: self._progress.advance(task, amount)
        finally:
            self.seconds[name] += time.monotonic() - began

    def finish(self, name: str) -> None:
        """Mark a stage as done."""
        self._progress.update(self._tasks[name], total=1, completed=1)
        self._progress.stop_task(self._tasks[name])


def show(report: Report, console: Console) -> None:
    """Print the results and what the checks say."""
    for trial in report.trials:
        console.print(_results(report, trial))
    failed = [check for check in report.checks if not check.ok]
    if not failed:
        console.print(f"[bold green]✓[/] all {len(report.checks)} checks agree with the truth")
        return
    console.print(f"[bold red]✗ {len(failed)} of {len(report.checks)} checks disagree with the truth[/]")
    for check in failed[:_MOST_FAILURES]:
        console.print(f"  {check.area}: {check.name}: expected {check.expected}, got {check.got}", markup=False)
    if len(failed) > _MOST_FAILURES:
        console.print(f"  and {len(failed) - _MOST_FAILURES} more, see summary.json")


def _results(report: Report, trial: Trial) -> Table:
    found = report.findings.trials[trial.key]
    srm = NOTHING if found.srm_p is None else f"{found.srm_p:.7f}"
    table = Table(title=f"{trial.key}   SRM p = {srm}", title_justify="left", title_style="bold")
    for header in ("metric", "variant", "n", "sum", "mean", "difference", "p"):
        justify: JustifyMethod = "left" if header in {"metric", "variant"} else "right"
        # In a terminal that is too narrow a figure goes on in the next line: none is cut.
        table.add_column(header, justify=justify, overflow="fold")
    for measure in trial.measures:
        for number, arm in enumerate(trial.arms):
            table.add_row(
                measure.key if not number else "",
                arm.key,
                *_figures(found.metrics[measure.key], arm.key),
                end_section=number == len(trial.arms) - 1,
            )
    return table


def _figures(metric: MetricFindings, arm: str) -> tuple[str, ...]:
    own, effect = metric.arms[arm], metric.effects.get(arm)
    diff = "" if effect is None or effect.diff is None else f"{effect.diff:+.6f}"
    p_value = "" if effect is None or effect.p_value is None else f"{effect.p_value:.7f}"
    return f"{own.n:,}", f"{own.total.normalize():,f}", f"{own.mean:.6f}", diff, p_value
