"""Reads one experiment's results: units and attributed outcomes from Silver, figures and tests from Gold."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tallystick.dev.demo.findings import ArmFigures, Effect, MetricFindings, TrialFindings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tallystick.dev.demo.lakereader import LakeReader
    from tallystick.dev.demo.setting import Trial

__all__ = ["trial_findings"]


def trial_findings(reader: LakeReader, trial: Trial) -> TrialFindings:
    """Read an experiment as Gold computed it last."""
    health = _newest(reader.rows("FROM gold.experiment_health"), trial.key)
    arms = _by(_newest(reader.rows("FROM gold.experiment_variant_metrics"), trial.key), "metric_key")
    effects = _by(_newest(reader.rows("FROM gold.experiment_results"), trial.key), "metric_key")
    outcomes = _outcomes(reader, trial.key)
    metrics = {
        key: MetricFindings(
            {row["variant_key"]: _arm(row) for row in rows},
            {row["variant_key"]: _effect(row) for row in effects.get(key, ())},
            outcomes.get(key, {}),
        )
        for key, rows in arms.items()
    }
    return TrialFindings(
        units=_units(reader, trial.key),
        srm_p=health[0]["srm_p"] if health else None,
        is_trustworthy=bool(health) and health[0]["trustworthy"],
        metrics={measure.key: metrics[measure.key] for measure in trial.measures if measure.key in metrics},
    )


def _newest(rows: list[dict[str, Any]], key: str) -> list[dict[str, Any]]:
    """Of an experiment's rows those of the last phase, as computed last."""
    mine = [row for row in rows if row["experiment_key"] == key]
    last = max(((row["phase"], row["as_of"]) for row in mine), default=None)
    return [row for row in mine if (row["phase"], row["as_of"]) == last]


def _by(rows: Iterable[dict[str, Any]], column: str) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        found[row[column]].append(row)
    return found


def _arm(row: dict[str, Any]) -> ArmFigures:
    nothing = Decimal(0)
    return ArmFigures(row["units"], row["sum"] or nothing, row["sum_squares"] or nothing, row["mean"] or 0.0)


def _effect(row: dict[str, Any]) -> Effect:
    return Effect(
        diff=row["diff"],
        low=row["ci_low"],
        high=row["ci_high"],
        relative=row["relative_lift"],
        relative_low=row["relative_low"],
        relative_high=row["relative_high"],
        statistic=row["statistic"],
        df=row["df"],
        p_value=row["p_value"],
        welch_p_value=row["welch_p_value"],
    )


def _units(reader: LakeReader, key: str) -> dict[str, dict[str, int]]:
    units: dict[str, dict[str, int]] = defaultdict(dict)
    sql = (
        "SELECT experiment_key, status, variant_key, count(*) AS n FROM silver.experiment_units"
        " GROUP BY ALL ORDER BY ALL"
    )
    for row in reader.rows(sql):
        if row["experiment_key"] == key:
            units[row["status"]][row["variant_key"]] = row["n"]
    return units


def _outcomes(reader: LakeReader, key: str) -> dict[str, dict[str, int]]:
    outcomes: dict[str, dict[str, int]] = defaultdict(dict)
    sql = "SELECT experiment_key, metric_key, status, count(*) AS n FROM silver.attributed_outcomes GROUP BY ALL"
    for row in reader.rows(sql):
        if row["experiment_key"] == key:
            outcomes[row["metric_key"]][row["status"]] = row["n"]
    return outcomes
