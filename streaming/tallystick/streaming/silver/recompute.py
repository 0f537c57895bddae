"""Recomputes whatever a batch has touched: units, and the outcomes attributed to them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import reduce
from typing import TYPE_CHECKING, Final

from pyspark.sql import functions as sf

from tallystick.streaming import delta
from tallystick.streaming.silver import experiments
from tallystick.streaming.silver.changes import differences, log_rows
from tallystick.streaming.tables import EVENT_KEY, SILVER, UNIT

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from pyspark.sql import DataFrame, SparkSession

    from tallystick.streaming.delta import Batch
    from tallystick.streaming.lake import Lake
    from tallystick.streaming.progress import Stopwatch
    from tallystick.streaming.silver.definitions import Frames

__all__ = ["Recompute", "replace_exposures"]

_BROADCAST_ROWS: Final = 500_000


@dataclass
class Recompute:
    """The second half of a batch.

    Attributes:
        lake: Where the tables stand.
        batch: Which batch it is.
        fresh: Its new messages.
        frames: The definitions that hold.
        redefined: Experiments whose definition came in this batch.
        remeasured: Metrics that this batch's contracts tell differently from before.
        watch: Times the steps and announces them.
        written: Rows written by table, filled on the way.
    """

    lake: Lake
    batch: Batch
    fresh: DataFrame
    frames: Frames
    redefined: Collection[str]
    remeasured: Collection[str]
    watch: Stopwatch
    written: dict[str, int] = field(default_factory=dict)

    def run(self) -> None:
        """Bring units and attributed outcomes up to date."""
        touched = self._touched().persist()
        try:
            count = touched.count()
            if count:
                self._units(sf.broadcast(touched) if count < _BROADCAST_ROWS else touched)
        finally:
            touched.unpersist()

    def _units(self, touched: DataFrame) -> None:
        exposed = self._of(touched, "exposures")
        units = experiments.units(exposed, self.frames.phases).persist()
        try:
            changed = differences(self._of(touched, "experiment_units"), units, SILVER["experiment_units"].key)
            with self.watch.step("experiment_units"):
                self._apply("experiment_units", changed, before=self._log)
            measured = self._of(touched, "outcomes")
            attributed = experiments.attribute(units, measured, self.frames.applied)
            old = self._of(touched, "attributed_outcomes")
            with self.watch.step("attributed_outcomes"):
                self._apply("attributed_outcomes", differences(old, attributed, SILVER["attributed_outcomes"].key))
        finally:
            units.unpersist()

    def _touched(self) -> DataFrame:
        """The units that a row of this batch, a changed definition or a changed metric concerns."""
        rows = self.fresh.where("role IN ('exposure', 'outcome') AND rule_fault IS NULL AND unit_id IS NOT NULL")
        parts = [rows.select(*UNIT)]
        if self.redefined:
            for table in ("exposures", "experiment_units"):
                named = self._read(table).where(sf.col("experiment_key").isin(*self.redefined))
                parts.append(named.select(*UNIT))
        if self.remeasured:
            parts.append(self._read("outcomes").where(sf.col("metric_key").isin(*self.remeasured)).select(*UNIT))
        if delta.table_version(self._spark, self.lake.silver("event_id_conflicts")):
            # A contested event may have been another unit's before: that unit has to give it back.
            contested = self._read("event_id_conflicts").where("unit_id IS NOT NULL")
            parts.append(contested.join(self.fresh.select(*EVENT_KEY), list(EVENT_KEY), "left_semi").select(*UNIT))
        return reduce(lambda left, right: left.unionByName(right), parts).distinct()

    def _log(self, changed: DataFrame) -> None:
        """Log what changes before it is changed: afterwards another attempt would find no difference."""
        lines = log_rows(changed, self.fresh, self.redefined, self.batch)
        with self.watch.step("unit_changes"):
            delta.append(lines, self.lake.silver("unit_changes"), self.batch)

    def _apply(self, table: str, changed: DataFrame, *, before: Callable[[DataFrame], None] | None = None) -> None:
        changed = changed.persist()
        try:
            counts = changed.agg(sf.count("*").alias("all"), sf.count_if("_is_known").alias("known")).collect()[0]
            if counts["all"]:
                if before is not None:
                    before(changed)
                self._write(table, changed, only_new=not counts["known"])
            self.written[table] = counts["all"]
        finally:
            changed.unpersist()

    def _write(self, table: str, changed: DataFrame, *, only_new: bool) -> None:
        path = self.lake.silver(table)
        if only_new:
            # An append costs a fifth of a MERGE.
            delta.append(changed.drop("_old", "_gone", "_is_known"), path, self.batch)
        else:
            delta.merge(
                self._spark,
                path,
                changed.drop("_old"),
                SILVER[table].key,
                update="NOT new._gone",
                insert="NOT new._gone",
                delete="new._gone",
            )

    def _of(self, touched: DataFrame, table: str) -> DataFrame:
        return self._read(table).join(touched, list(UNIT), "left_semi")

    def _read(self, table: str) -> DataFrame:
        return delta.snapshot(self._spark, self.lake.silver(table))

    @property
    def _spark(self) -> SparkSession:
        return self.fresh.sparkSession


def replace_exposures(spark: SparkSession, lake: Lake, frames: Frames, redefined: Collection[str]) -> None:
    """Place the exposures of redefined experiments anew."""
    path, table = lake.silver("exposures"), SILVER["exposures"]
    old = delta.snapshot(spark, path).where(sf.col("experiment_key").isin(*redefined))
    changed = differences(old, experiments.place(old, frames.experiments), table.key).persist()
    try:
        if not changed.isEmpty():
            delta.merge(spark, path, changed.drop("_old"), table.key)
    finally:
        changed.unpersist()
