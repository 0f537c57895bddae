"""The truth beside the pipeline: every figure that both have, compared."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import TYPE_CHECKING

from tallystick.dev.demo.findings import ArmFigures, Check, Effect, Findings, MetricFindings, TrialFindings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tallystick.dev.demo.published import Published
    from tallystick.dev.demo.truth import MetricTruth, TrialTruth, Truth

__all__ = ["compare"]

# Two ways to one p-value differ by rounding only; counts and money have no tolerance at all.
_RELATIVE, _ABSOLUTE = 1e-9, 1e-15

_NO_ARM = ArmFigures(0, Decimal(0), Decimal(0), 0.0)
_NO_EFFECT = Effect(*[None] * 9)
_NO_METRIC = MetricFindings({}, {}, {})
_NO_TRIAL = TrialFindings({}, None, is_trustworthy=False, metrics={})


def compare(truth: Truth, found: Findings, *, strays: Mapping[str, int]) -> list[Check]:
    """Compare everything.

    Args:
        truth: What was known beforehand.
        found: What the pipeline made of it.
        strays: Reason -> records that were put into Kafka past the API.
    """
    checks = [*_doors(truth, found, strays), *_silver(truth, found)]
    for key, trial in truth.trials.items():
        of_trial = found.trials.get(key, _NO_TRIAL)
        checks += _units(key, trial, of_trial)
        for name, metric in trial.metrics.items():
            checks += _metric(key, name, metric, of_trial.metrics.get(name, _NO_METRIC))
        checks += [_published(key, figure, of_trial) for figure in truth.published]
    return checks


def _check(area: str, name: str, expected: object, got: object) -> Check:
    if isinstance(expected, float) and isinstance(got, float):
        is_same = math.isclose(expected, got, rel_tol=_RELATIVE, abs_tol=_ABSOLUTE)
    else:
        is_same = expected == got
    return Check(area, name, expected, got, is_same)


def _doors(truth: Truth, found: Findings, strays: Mapping[str, int]) -> Iterator[Check]:
    area = "Doors"
    yield _check(area, "events accepted by the API", truth.accepted + found.definitions, found.accepted)
    for reason in sorted({*truth.rejected, *found.rejected}):
        yield _check(
            area, f"refused by the API as {reason}", truth.rejected.get(reason, 0), found.rejected.get(reason, 0)
        )
    dead_letters, stray = sum(truth.rejected.values()), sum(strays.values())
    yield _check(area, "records in Bronze", truth.accepted + found.definitions + dead_letters + stray, found.bronze)
    for reason in sorted({*strays, *found.undecodable}):
        yield _check(area, f"rejected by Spark as {reason}", strays.get(reason, 0), found.undecodable.get(reason, 0))


def _silver(truth: Truth, found: Findings) -> Iterator[Check]:
    area = "Silver"
    for name in sorted(truth.events):
        yield _check(area, f"{name}, each event once", truth.events[name], found.events.get(name, 0))
    for name in truth.lateness:
        yield _check(area, f"late {name}", truth.lateness[name], found.lateness.get(name, 0))
    for metric, number in truth.outcomes.items():
        yield _check(area, f"outcomes of {metric}", number, found.outcomes.get(metric, 0))
    for metric, number in truth.uncovered.items():
        yield _check(area, f"outcomes of {metric}, of units in no experiment", number, found.uncovered.get(metric, 0))
    yield _check(area, "events that contradict another of the same id", 0, found.conflicts)


def _units(area: str, truth: TrialTruth, found: TrialFindings) -> Iterator[Check]:
    for status in sorted({*truth.units, *found.units}):
        expected, got = truth.units.get(status, {}), found.units.get(status, {})
        for variant in sorted({*expected, *got}):
            yield _check(area, f"units {status}, {variant}", expected.get(variant, 0), got.get(variant, 0))
    yield _check(area, "SRM p-value", truth.srm_p, found.srm_p)


def _metric(area: str, name: str, truth: MetricTruth, found: MetricFindings) -> Iterator[Check]:
    for status in sorted({*truth.outcomes, *found.outcomes}):
        yield _check(area, f"{name}: outcomes {status}", truth.outcomes.get(status, 0), found.outcomes.get(status, 0))
    for variant, sample in truth.samples.items():
        got = found.arms.get(variant, _NO_ARM)
        yield _check(area, f"{name}: n of {variant}", sample.n, got.n)
        yield _check(area, f"{name}: sum of {variant}", sample.total, got.total)
        yield _check(area, f"{name}: sum of squares of {variant}", sample.squares, got.squares)
        yield _check(area, f"{name}: mean of {variant}", sample.mean, got.mean)
    for variant, comparison in truth.comparisons.items():
        effect = found.effects.get(variant, _NO_EFFECT)
        yield _check(area, f"{name}: difference of {variant}", comparison.diff, effect.diff)
        yield _check(area, f"{name}: statistic of {variant}", comparison.statistic, effect.statistic)
        yield _check(area, f"{name}: p-value of {variant}", comparison.p_value, effect.p_value)


def _published(area: str, figure: Published, found: TrialFindings) -> Check:
    got = _figure(figure, found)
    name = ", ".join(filter(None, (figure.metric, figure.quantity.replace("_", " "), figure.variant)))
    return Check(f"{area}, published", name, Decimal(figure.printed), got, got is not None and figure.agrees(got))


def _figure(figure: Published, found: TrialFindings) -> float | Decimal | None:
    metric = found.metrics.get(figure.metric, _NO_METRIC)
    effect = next(iter(metric.effects.values()), _NO_EFFECT)
    arm = metric.arms.get(figure.variant, _NO_ARM)
    quantities: dict[str, Callable[[], float | Decimal | None]] = {
        "units": lambda: found.units.get("assigned", {}).get(figure.variant),
        "srm_p": lambda: found.srm_p,
        "sum": lambda: arm.total,
        "sum_squares": lambda: arm.squares,
        "statistic": lambda: effect.statistic,
        "df": lambda: effect.df,
        "p_value": lambda: effect.p_value,
        "welch_p_value": lambda: effect.welch_p_value,
    }
    return quantities[figure.quantity]()
