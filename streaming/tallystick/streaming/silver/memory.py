"""What the driver remembers from batch to batch, read again only when its table has changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tallystick.streaming import delta
from tallystick.streaming.silver import metrics
from tallystick.streaming.silver.definitions import TABLE, stored

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from tallystick.streaming.lake import Lake
    from tallystick.streaming.silver.definitions import Held
    from tallystick.streaming.silver.metrics import MetricRow

__all__ = ["Memory"]


class Memory:
    """The small tables of Silver.

    Args:
        lake: Where Silver stands.
    """

    def __init__(self, lake: Lake) -> None:
        self._lake = lake
        self._definitions: tuple[int | None, list[Held]] = (None, [])
        self._metrics: tuple[int | None, dict[tuple[str, str], MetricRow]] = (None, {})

    def definitions(self, spark: SparkSession) -> list[Held]:
        """The definitions that Silver holds."""
        version = delta.table_version(spark, self._lake.silver(TABLE))
        if version != self._definitions[0]:
            self._definitions = (version, stored(spark, self._lake))
        return self._definitions[1]

    def metrics(self, spark: SparkSession) -> dict[tuple[str, str], MetricRow]:
        """The metrics that Silver knows."""
        path = self._lake.silver("metrics")
        version = delta.table_version(spark, path)
        if version != self._metrics[0]:
            self._metrics = (version, metrics.load(delta.read(spark, path)))
        return self._metrics[1]
