"""Gold's rows, from counts alone: pure functions without Spark."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tallystick.streaming.gold.counts import NOTHING, ArmCount, ExposureCount
from tallystick.streaming.gold.statistics import CONFIDENCE, Arm, Comparison, compare, holm, sample_ratio

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tallystick.events.tallystick import ExperimentDefined
    from tallystick.streaming.gold.counts import Counts
    from tallystick.streaming.gold.snapshot import Snapshot
    from tallystick.streaming.gold.statistics import SampleRatio
    from tallystick.streaming.silver.metrics import MetricRow

__all__ = ["health_row", "metric_rows", "result_rows"]

Row = dict[str, Any]

_ASSIGNED: Final = "assigned"
_OUT_OF_RANGE: Final = "not compared: the sums left the range of a decimal"


def health_row(definition: ExperimentDefined, counts: Counts, snapshot: Snapshot) -> Row:
    """Whether an experiment's figures can be believed."""
    ratio = _ratio(definition, counts)
    by_status = dict(_by_status(definition, counts))
    exposed = counts.exposures.get(definition.experiment_key, ExposureCount())
    finalized = definition.finalized_at
    return {
        **_phase(definition),
        "trustworthy": ratio.status != "mismatch",
        "units_by_variant": _by_variant(definition, counts, _ASSIGNED),
        "srm_status": ratio.status,
        "srm_chi2": ratio.chi2,
        "srm_p": ratio.p_value,
        "srm_alpha": float(definition.srm_alpha),
        "contaminated_by_first_variant": _by_variant(definition, counts, "contaminated"),
        "excluded_by_status": {status: units for status, units in by_status.items() if status != _ASSIGNED},
        "unknown_variant_units": by_status.get("unknown_variant", 0),
        "exposures": exposed.exposures,
        "late_share": exposed.late / exposed.exposures if exposed.exposures else None,
        "duplicate_share": counts.duplicates / counts.rows if counts.rows else None,
        "exposures_out_of_period": exposed.out_of_period,
        "exposures_after_finalized": exposed.after_finalized,
        "changed_units_24h": counts.changed.get((definition.experiment_key, definition.phase), 0),
        "is_finalized": finalized is not None and finalized <= snapshot.as_of,
    }


def metric_rows(definition: ExperimentDefined, counts: Counts, snapshot: Snapshot) -> Iterator[Row]:
    """What each variant's units sum up to, for each metric of the experiment."""
    for metric, note in _metrics(definition, snapshot):
        for variant in definition.variants:
            found = _count(definition, counts, metric, variant.variant_key)
            arm = _arm(definition, counts, metric, variant.variant_key)
            yield {
                **_phase(definition),
                "metric_key": metric.metric_key,
                "variant_key": variant.variant_key,
                "metric_type": metric.type,
                "is_control": variant.is_control,
                "units": _units(definition, counts, variant.variant_key),
                "converters": found.converters,
                "sum": found.total,
                "sum_squares": found.squares,
                "mean": arm.mean if arm else None,
                "variance": arm.variance if arm else None,
                "units_in_progress": _in_progress(definition, counts, metric, variant.variant_key),
                "note": note or (None if arm else _OUT_OF_RANGE),
            }


def result_rows(definition: ExperimentDefined, counts: Counts, snapshot: Snapshot) -> Iterator[Row]:
    """Each treatment against the control, for each metric of the experiment."""
    control = next((each.variant_key for each in definition.variants if each.is_control), None)
    treatments = [each.variant_key for each in definition.variants if each.variant_key != control]
    if control is None:
        return
    trustworthy = _ratio(definition, counts).status != "mismatch"
    for metric, note in _metrics(definition, snapshot):
        found = [None if note else _compare(definition, counts, metric, control, each) for each in treatments]
        adjusted = holm([each.p_value if each else None for each in found])
        for treatment, comparison, p_adjusted in zip(treatments, found, adjusted, strict=True):
            yield {
                **_phase(definition),
                "metric_key": metric.metric_key,
                "variant_key": treatment,
                "control_key": control,
                "metric_type": metric.type,
                "trustworthy": trustworthy,
                "confidence": CONFIDENCE,
                "adjustment": "holm",
                "p_value_adjusted": p_adjusted,
                "note": note or (None if comparison else "not compared: too few units, or sums out of range"),
                **(_compared(comparison) if comparison else {}),
            }


def _compared(found: Comparison) -> Row:
    relative = found.relative
    return {
        "test": found.test,
        "diff": found.diff,
        "standard_error": found.standard_error,
        "ci_low": found.low,
        "ci_high": found.high,
        "statistic": found.statistic,
        "df": found.df,
        "p_value": found.p_value,
        "welch_p_value": found.welch_p_value,
        "relative_lift": relative.lift if relative else None,
        "relative_low": relative.low if relative else None,
        "relative_high": relative.high if relative else None,
        "relative_method": relative.method if relative else None,
    }


def _metrics(definition: ExperimentDefined, snapshot: Snapshot) -> Iterator[tuple[MetricRow, str | None]]:
    """The metrics that the experiment names and that are known, each with why it is not computed."""
    for key in definition.metrics:
        fed_by = snapshot.of_metric(key, definition.unit_type)
        if not fed_by:
            continue
        kinds = sorted({row.type for row in fed_by})
        refused = next((row.refused for row in fed_by if row.refused), None)
        if len(kinds) > 1:
            refused = f"both {' and '.join(kinds)}"
        yield fed_by[0], f"not computed: the metric is {refused}" if refused else None


def _compare(
    definition: ExperimentDefined, counts: Counts, metric: MetricRow, control: str, treatment: str
) -> Comparison | None:
    first, second = (_arm(definition, counts, metric, variant) for variant in (control, treatment))
    if first is None or second is None:
        return None
    return compare(first, second, proportion=metric.type == "proportion")


def _arm(definition: ExperimentDefined, counts: Counts, metric: MetricRow, variant: str) -> Arm | None:
    found = _count(definition, counts, metric, variant)
    if found.total is None or found.squares is None:
        return None
    return Arm(_units(definition, counts, variant), found.total, found.squares)


def _count(definition: ExperimentDefined, counts: Counts, metric: MetricRow, variant: str) -> ArmCount:
    key = (definition.experiment_key, definition.phase, metric.metric_key, variant, metric.type == "proportion")
    return counts.arms.get(key, NOTHING)


def _units(definition: ExperimentDefined, counts: Counts, variant: str, status: str = _ASSIGNED) -> int:
    return counts.units.get((definition.experiment_key, definition.phase, status, variant), 0)


def _in_progress(definition: ExperimentDefined, counts: Counts, metric: MetricRow, variant: str) -> int | None:
    if metric.window_seconds is None:
        return None
    key = (definition.experiment_key, definition.phase, variant, metric.window_seconds)
    return counts.in_progress.get(key, 0)


def _ratio(definition: ExperimentDefined, counts: Counts) -> SampleRatio:
    units: Sequence[int] = [_units(definition, counts, each.variant_key) for each in definition.variants]
    weights = [each.weight for each in definition.variants]
    return sample_ratio(units, weights, alpha=float(definition.srm_alpha))


def _by_variant(definition: ExperimentDefined, counts: Counts, status: str) -> dict[str, int]:
    return {each.variant_key: _units(definition, counts, each.variant_key, status) for each in definition.variants}


def _by_status(definition: ExperimentDefined, counts: Counts) -> Iterator[tuple[str, int]]:
    totals: dict[str, int] = {}
    for (experiment, phase, status, _), units in counts.units.items():
        if (experiment, phase) == (definition.experiment_key, definition.phase):
            totals[status] = totals.get(status, 0) + units
    yield from sorted(totals.items())


def _phase(definition: ExperimentDefined) -> Row:
    return {"experiment_key": definition.experiment_key, "phase": definition.phase}
