"""What a demo is told before it begins: experiments and metrics, as the contracts declare them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from tallystick.dev.demo.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from tallystick.contracts.catalog import Catalog
    from tallystick.contracts.experiments import ExperimentDefinition
    from tallystick.contracts.metrics import Metric

__all__ = ["Arm", "Measure", "Trial", "trials_of"]


@dataclass(frozen=True, slots=True)
class Arm:
    """One variant of an experiment and its planned share of the units."""

    key: str
    weight: Decimal
    is_control: bool


@dataclass(frozen=True, slots=True)
class Measure:
    """One metric: `adds_value` tells a sum of values from a count of events."""

    key: str
    is_proportion: bool
    adds_value: bool
    window: timedelta


@dataclass(frozen=True, slots=True)
class Trial:
    """An experiment as its owner planned it."""

    key: str
    start: datetime
    end: datetime
    srm_alpha: Decimal
    arms: tuple[Arm, ...]
    measures: tuple[Measure, ...]

    @property
    def control(self) -> Arm:
        """The arm that the others are compared with."""
        return next(arm for arm in self.arms if arm.is_control)

    @property
    def challengers(self) -> tuple[Arm, ...]:
        """Every arm but the control, in the order of the definition."""
        return tuple(arm for arm in self.arms if not arm.is_control)


def trials_of(
    catalog: Catalog, definitions: Iterable[ExperimentDefinition], *, exposure_event: str
) -> tuple[Trial, ...]:
    """Read the experiments that a kind of exposure belongs to.

    Args:
        catalog: The contracts; their outcomes say what the metrics are.
        definitions: All definitions; of several phases or versions the last one counts.
        exposure_event: Full name of the event that exposes a unit.

    Raises:
        SettingError: There is none, or one that the demo cannot play through.
    """
    metrics = {m.key: m for contract in catalog if contract.experiment for m in contract.experiment.metrics}
    mine = sorted((d for d in definitions if d.exposure_event == exposure_event), key=lambda d: (d.phase, d.version))
    trials = {definition.experiment_key: _trial(definition, metrics) for definition in mine}
    if not trials:
        raise SettingError(f"no experiment is exposed by {exposure_event}", fix="add one under experiments/")
    return tuple(trials[key] for key in sorted(trials))


def _trial(definition: ExperimentDefinition, metrics: Mapping[str, Metric]) -> Trial:
    key = definition.experiment_key
    unknown = [name for name in definition.metrics if name not in metrics]
    if unknown:
        raise SettingError(f"experiment {key}: no outcome defines the metric {', '.join(unknown)}")
    if definition.end_at is None:
        raise SettingError(f"experiment {key} has no end", fix=f"give experiments/{key}.yaml an end_at")
    if any(variant.weight is None for variant in definition.variants):
        raise SettingError(
            f"experiment {key} declares no weights", fix=f"give experiments/{key}.yaml a weight per variant"
        )
    return Trial(
        key=key,
        start=definition.start_at,
        end=definition.end_at,
        srm_alpha=definition.srm_alpha,
        arms=tuple(Arm(v.variant_key, v.weight or Decimal(0), v.is_control) for v in definition.variants),
        measures=tuple(_measure(metrics[name]) for name in definition.metrics),
    )


def _measure(metric: Metric) -> Measure:
    seconds = metric.window_seconds
    window = timedelta.max if seconds is None else timedelta(seconds=seconds)
    return Measure(metric.key, metric.type == "proportion", metric.aggregation == "sum", window)
