"""The run in numbers, for programs: `summary.json`."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tallystick.dev.demo.findings import Check, MetricFindings, TrialFindings
    from tallystick.dev.demo.report import Report

__all__ = ["summarise", "to_json"]


def summarise(report: Report) -> dict[str, Any]:
    """Build the summary; everything in it but `seconds` is the same for the same input."""
    found = report.findings
    return {
        "source": report.source,
        "accepted": found.accepted,
        "rejected": sum(found.rejected.values()),
        "bronze": found.bronze,
        "silver": dict(found.silver),
        "experiments": {key: _trial(trial) for key, trial in found.trials.items()},
        "checks": [_check(check) for check in report.checks],
        "seconds": {stage: round(seconds, 3) for stage, seconds in report.seconds.items()},
    }


def to_json(summary: dict[str, Any]) -> str:
    """Write it as a file's text."""
    return json.dumps(summary, indent=2, default=_plain) + "\n"


def _trial(trial: TrialFindings) -> dict[str, Any]:
    return {
        "units": dict(trial.units.get("assigned", {})),
        "srm_p": trial.srm_p,
        "metrics": {key: _metric(metric) for key, metric in trial.metrics.items()},
    }


def _metric(metric: MetricFindings) -> dict[str, Any]:
    arms = {variant: {"n": arm.n, "sum": arm.total, "mean": arm.mean} for variant, arm in metric.arms.items()}
    diffs = {variant: effect.diff for variant, effect in metric.effects.items()}
    p_values = {variant: effect.p_value for variant, effect in metric.effects.items()}
    return {**arms, "diff": _one(diffs), "p_value": _one(p_values)}


def _one(by_variant: dict[str, float | None]) -> float | dict[str, float | None] | None:
    """One number where there is one challenger, one per challenger where there are more."""
    return next(iter(by_variant.values())) if len(by_variant) == 1 else by_variant


def _check(check: Check) -> dict[str, Any]:
    return {"name": f"{check.area}: {check.name}", "expected": check.expected, "got": check.got, "ok": check.ok}


def _plain(value: object) -> int | float:
    """JSON's own numbers, exact for any count and for any sum of money below a hundred billions."""
    if not isinstance(value, Decimal):
        raise TypeError(f"{type(value).__name__} has no place in a summary")
    return int(value) if value == value.to_integral_value() else float(value)
