"""What Silver has learned from the contracts about metrics: a table of its own, so that Gold needs no registry."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING

from tallystick.streaming.tables import SILVER

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pyspark.sql import DataFrame, SparkSession

    from tallystick.contracts.contract import Contract
    from tallystick.contracts.metrics import Metric

__all__ = ["MetricRow", "learn", "load", "to_frame"]


@dataclass(frozen=True, slots=True)
class MetricRow:
    """A metric of one event type, as its newest contract tells it.

    Attributes:
        metric_key: Its name.
        event_type: The event that feeds it.
        unit_type: Whose metric it is.
        type: proportion, mean or ratio.
        aggregation: sum or count.
        window_seconds: How long after the first exposure an outcome counts; None = without end.
        refused: What about it Gold cannot compute; None if it can.
    """

    metric_key: str
    event_type: str
    unit_type: str
    type: str
    aggregation: str
    window_seconds: float | None
    refused: str | None


def learn(
    known: Mapping[tuple[str, str], MetricRow], contracts: Iterable[Contract]
) -> dict[tuple[str, str], MetricRow]:
    """The known metrics, with what these contracts say in their place."""
    result = dict(known)
    for contract in contracts:
        experiment = contract.experiment
        if experiment is None or experiment.role != "outcome":
            continue
        result = {key: row for key, row in result.items() if row.event_type != contract.name}
        for metric in experiment.metrics:
            result[metric.key, contract.name] = _row(contract.name, experiment.unit_type or "", metric)
    return result


def load(table: DataFrame) -> dict[tuple[str, str], MetricRow]:
    """Read the table."""
    rows = (MetricRow(**row.asDict()) for row in table.collect())
    return {(row.metric_key, row.event_type): row for row in rows}


def to_frame(spark: SparkSession, metrics: Mapping[tuple[str, str], MetricRow]) -> DataFrame:
    """The table's rows."""
    return spark.createDataFrame([astuple(metrics[key]) for key in sorted(metrics)], SILVER["metrics"].columns)


def _row(event_type: str, unit_type: str, metric: Metric) -> MetricRow:
    window = metric.window_seconds
    return MetricRow(
        metric_key=metric.key,
        event_type=event_type,
        unit_type=unit_type,
        type=metric.type,
        aggregation=metric.aggregation,
        window_seconds=None if window is None else float(window),
        refused="a ratio" if metric.type == "ratio" else "a cap" if metric.cap else None,
    )
