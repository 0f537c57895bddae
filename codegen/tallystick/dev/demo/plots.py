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
_FEWEST_TICKS: Final = 4


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on the axis."""

    at: float
    label: str


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
    step = _step(max(bounds) - min(bounds))
    low, high = math.floor(min(bounds) / step) * step, math.ceil(max(bounds) / step) * step
    if low == high:
        low, high = -step, step

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
    marks = (low + step * number for number in range(round((high - low) / step) + 1))
    ticks = tuple(Tick(share(at - low, high - low), _label(at, step)) for at in marks)
    return Forest(rows, ticks, share(-low, high - low))


def _step(span: float) -> float:
    """A round distance between ticks that leaves at least a few of them."""
    if span <= 0:
        return 0.01
    rough = span / _FEWEST_TICKS
    power: float = 10.0 ** math.floor(math.log10(rough))
    return max(factor * power for factor in (1, 2, 5) if factor * power <= rough)


def _label(at: float, step: float) -> str:
    digits = max(0, -math.floor(math.log10(step * 100)))
    return f"{100 * at:+.{digits}f} %".replace("-", MINUS) if round(at, 9) else "0"
