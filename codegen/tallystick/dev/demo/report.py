"""The report: one HTML file that needs nothing else, for a screen of any width, light or dark, or for paper."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from tallystick.dev.demo.plots import MINUS, Forest, forest, share
from tallystick.dev.demo.truth import LATENESS_BUCKETS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tallystick.dev.demo.findings import Check, Findings, TrialFindings
    from tallystick.dev.demo.setting import Trial
    from tallystick.dev.demo.truth import Truth

__all__ = ["NOTHING", "Report", "render"]

NOTHING: Final = "\N{EN DASH}"
# Silver's words for a unit's fate -> how a reader who is no engineer would put it.
STATUS_WORDS: Final = {
    "assigned": "counted",
    "contaminated": "saw more than one variant",
    "excluded_bot": "machine",
    "excluded_internal": "colleague",
    "excluded_override": "forced variant",
    "unknown_variant": "unknown variant",
}


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that the page shows."""

    source: str
    command: str
    trials: Sequence[Trial]
    truth: Truth
    findings: Findings
    checks: Sequence[Check]
    seconds: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class _Arm:
    key: str
    index: int
    is_control: bool
    units: int
    share: float
    planned: float


@dataclass(frozen=True, slots=True)
class _TrialView:
    """One experiment, prepared for the page."""

    trial: Trial
    found: TrialFindings
    arms: Sequence[_Arm]
    statuses: Sequence[tuple[str, int]]
    forest: Forest

    @property
    def left_out(self) -> int:
        return sum(count for status, count in self.statuses if status != "assigned")


def render(report: Report) -> str:
    """Write the page; everything that came from outside is escaped."""
    return _environment().get_template("report.html.j2").render(
        report=report,
        truth=report.truth,
        found=report.findings,
        failed=[check for check in report.checks if not check.ok],
        trials=[_view(trial, report.findings.trials[trial.key]) for trial in report.trials],
        lateness=_lateness(report),
        rejections=sorted(report.findings.rejections, key=lambda r: (r.stage, -r.count, r.fault)),
        areas=[(area, list(checks)) for area, checks in groupby(report.checks, key=lambda check: check.area)],
        status_words=STATUS_WORDS,
    )  # fmt: skip


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("tallystick.dev.demo"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= _FILTERS
    return environment


def _view(trial: Trial, found: TrialFindings) -> _TrialView:
    assigned = found.units.get("assigned", {})
    everyone, planned = sum(assigned.values()), sum(arm.weight for arm in trial.arms)
    arms = [
        _Arm(
            key=arm.key,
            index=index,
            is_control=arm.is_control,
            units=assigned.get(arm.key, 0),
            share=share(assigned.get(arm.key, 0), everyone),
            planned=float(100 * arm.weight / planned),
        )
        for index, arm in enumerate(trial.arms)
    ]
    statuses = Counter({status: sum(found.units.get(status, {}).values()) for status in STATUS_WORDS})
    return _TrialView(trial, found, arms, statuses.most_common(), forest(trial, found))


def _lateness(report: Report) -> list[tuple[str, int, int, float]]:
    """Rows of the histogram; the punctual crowd has no bar, or nobody could see the others."""
    late = [name for _, name in LATENESS_BUCKETS[1:]]
    most = max((report.findings.lateness.get(name, 0) for name in late), default=0)
    rows = [(name, report.findings.lateness.get(name, 0), report.truth.lateness.get(name, 0)) for name in late]
    return [(name, got, expected, share(got, most)) for name, got, expected in rows]


def _count(value: float) -> str:
    return f"{value:,.0f}"


def _number(value: object) -> str:
    """Write any figure of a check, at a length that can be read."""
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: NOTHING}[value]
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:.7g}"
    if isinstance(value, Decimal):
        return f"{value.normalize():,f}"
    return str(value)


def _p_value(value: float | None) -> str:
    if value is None:
        return f"p {NOTHING}"
    return "p < 0.0001" if value < 0.0001 else f"p = {value:.4f}"  # noqa: PLR2004 - as statisticians print it


def _percent(value: float | None, digits: int = 1) -> str:
    return NOTHING if value is None else f"{100 * value:.{digits}f} %"


def _signed_percent(value: float | None, digits: int = 1) -> str:
    return NOTHING if value is None else f"{100 * value:+.{digits}f} %".replace("-", MINUS)


def _seconds(value: float) -> str:
    return f"{value:.1f} s" if value < 60 else f"{value // 60:.0f} min {value % 60:02.0f} s"  # noqa: PLR2004 - a minute


def _words(value: str) -> str:
    return value.replace("_", " ").lower()


_FILTERS: dict[str, Any] = {
    "count": _count,
    "number": _number,
    "p_value": _p_value,
    "percent": _percent,
    "signed_percent": _signed_percent,
    "seconds": _seconds,
    "words": _words,
}
