"""Silver as one batch left it: tables at versions that belong together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from pyspark.sql import functions as sf

from tallystick.streaming import delta
from tallystick.streaming.silver import metrics
from tallystick.streaming.silver.definitions import TABLE, current, stored
from tallystick.streaming.tables import COMMITS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyspark.sql import DataFrame, SparkSession

    from tallystick.events.tallystick import ExperimentDefined
    from tallystick.streaming.lake import Lake
    from tallystick.streaming.silver.metrics import MetricRow

__all__ = ["Snapshot"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Snapshot:
    """What Gold reads.

    Attributes:
        spark: The session.
        lake: Where Silver stands.
        versions: Table -> version.
        as_of: The time for which Gold speaks: the newest receipt, so that the same data gives the same answer.
        definitions: The definitions that hold.
        metrics: (metric, event type) -> how it is counted.
    """

    spark: SparkSession
    lake: Lake
    versions: Mapping[str, int]
    as_of: datetime
    definitions: tuple[ExperimentDefined, ...]
    metrics: Mapping[tuple[str, str], MetricRow]

    @classmethod
    def newest(cls, spark: SparkSession, lake: Lake, as_of: datetime | None = None) -> Snapshot | None:
        """What the last batch committed; None while there is no event."""
        commits = delta.read(spark, lake.silver(COMMITS.name))
        last = commits.orderBy(sf.desc("committed_at"), sf.desc("batch_id")).select("versions").first()
        if last is None:
            return None
        versions: dict[str, int] = last["versions"]
        events = delta.read(spark, lake.silver("events"), version=versions["events"])
        newest = events.agg(sf.max(sf.unix_micros("received_at"))).collect()[0][0]
        if newest is None:
            return None
        held = stored(spark, lake, version=versions[TABLE]) if TABLE in versions else []
        learned = metrics.load(delta.read(spark, lake.silver("metrics"), version=versions["metrics"]))
        # Spark would hand out times in the zone of this machine.
        return cls(spark, lake, versions, as_of or _EPOCH + timedelta(microseconds=newest), current(held), learned)

    def read(self, table: str) -> DataFrame:
        """A table of Silver at its version."""
        return delta.read(self.spark, self.lake.silver(table), version=self.versions[table])

    def of_metric(self, key: str, unit_type: str) -> tuple[MetricRow, ...]:
        """How the events that feed a metric are counted; empty while none has arrived."""
        return tuple(row for row in self.metrics.values() if row.metric_key == key and row.unit_type == unit_type)
