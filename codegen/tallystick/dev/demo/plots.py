"""Where marks stand on the report's plots, in percent of the width, so that the plots grow and shrink with the page."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tallystick.dev.demo.findings import ArmFigures, Effect, TrialFindings
    from tallystick.dev.demo.setting import Trial

__all__ = ["MINUS", "Forest", "ForestRow", "Tick", "forest", "share"]

MINUS: Final = "\N{MINUS SIGN}"
_MOST_STEPS: Final = 6


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on the axis; a minor one may be left out where there is no room."""

    at: float
    label: str
    is_minor: bool


@dataclass(frozen=True, slots=True)
class ForestRow:
    """The lift of one challenger in one metric; positions are None where there is no interval."""

    metric: str
    is_proportion: bool
    arm: str
    arm_index: int
    control: ArmFigures
    challenger: ArmFigures
    effect: Effect
    point: float | None
    left: float | None
    right: float | None
    is_significant: bool


@dataclass(frozen=True, slots=True)
class Forest:
    """All lifts of one experiment on one axis."""

    rows: tuple[ForestRow, ...]
    ticks: tuple[Tick, ...]
    zero: float


def share(part: float, whole: float) -> float:
    """Percent, or 0 of nothing."""
    return 100 * part / whole if whole else 0.0


def forest(trial: Trial, found: TrialFindings) -> Forest:
    """Lay out the relative lifts with their confidence intervals."""
    effects = [
        (measure, index, arm.key, found.metrics[measure.key])
        for measure in trial.measures
        for index, arm in enumerate(trial.arms)
        if not arm.is_control
    ]
    bounds = [0.0]
    for _, _, arm, metric in effects:
        effect = metric.effects[arm]
        bounds += [bound for bound in (effect.relative_low, effect.relative_high) if bound is not None]
    step = _step(min(bounds), max(bounds))
    first, last = math.floor(min(bounds) / step), math.ceil(max(bounds) / step)
    if first == last:
        first, last = -1, 1
    low, high = first * step, last * step

    def position(value: float | None) -> float | None:
        return None if value is None else share(value - low, high - low)

    rows = tuple(
        ForestRow(
            metric=measure.key,
            is_proportion=measure.is_proportion,
            arm=arm,
            arm_index=index,
            control=metric.arms[trial.control.key],
            challenger=metric.arms[arm],
            effect=metric.effects[arm],
            point=position(metric.effects[arm].relative),
            left=position(metric.effects[arm].relative_low),
            right=position(metric.effects[arm].relative_high),
            is_significant=(p := metric.effects[arm].p_value) is not None and p < 0.05,  # noqa: PLR2004 - by convention
        )
        for measure, index, arm, metric in effects
    )
    ticks = tuple(
        Tick(share(number - first, last - first), _label(number * step, step), is_minor=bool(number % 2))
        for number in range(first, last + 1)
    )
    return Forest(rows, ticks, share(-low, high - low))


def _step(low: float, high: float) -> float:
    """A round distance between ticks, the smallest at which they are few enough for their labels to stand apart."""
    if high <= low:
        return 0.01
    power: float = 10.0 ** math.floor(math.log10((high - low) / _MOST_STEPS))
    steps = (factor * power for factor in (1, 2, 5, 10, 20))
    return next(step for step in steps if math.ceil(high / step) - math.floor(low / step) <= _MOST_STEPS)


def _label(at: float, step: float) -> str:
    digits = max(0, -math.floor(math.log10(step * 100)))
    return f"{100 * at:+.{digits}f} %".replace("-", MINUS) if round(at, 9) else "0"
