"""One micro-batch of Silver.

    decode ── definitions ──┬─ rejects       ┐
                            ├─ typed tables  ├── events ── units ── attributed outcomes ── commit
                            ├─ exposures     │
                            └─ outcomes      ┘

A batch may end anywhere and be tried again. Three rules make the second attempt heal the first one: an append happens
at most once per batch; `events`, by which copies are told, is written after everything that follows from it; and units
are recomputed because a row of the *input* touches them, never because something was written.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from pyspark import StorageLevel
from pyspark.sql import functions as sf

from tallystick.contracts.silver import typed_table_name
from tallystick.streaming import delta
from tallystick.streaming.parallel import run_all
from tallystick.streaming.progress import BatchProgress, Stopwatch
from tallystick.streaming.silver import metrics
from tallystick.streaming.silver.definitions import Held, current, frames, held, store
from tallystick.streaming.silver.displaced import Displaced
from tallystick.streaming.silver.duplicates import classify
from tallystick.streaming.silver.facts import facts
from tallystick.streaming.silver.landing import Landing, ledger
from tallystick.streaming.silver.plan import plan
from tallystick.streaming.silver.recompute import Recompute, replace_exposures
from tallystick.streaming.silver.tally import tally
from tallystick.streaming.tables import COMMITS

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyspark.sql import DataFrame, SparkSession

    from tallystick.streaming.delta import Batch
    from tallystick.streaming.lake import Lake
    from tallystick.streaming.silver.memory import Memory
    from tallystick.streaming.silver.metrics import MetricRow
    from tallystick.streaming.silver.plan import Plan, SchemaSource
    from tallystick.streaming.silver.tally import Tally

__all__ = ["SilverBatch"]


@dataclass(frozen=True)
class SilverBatch:
    """Everything a micro-batch needs.

    Attributes:
        spark: The session.
        lake: Where Silver stands.
        registry: Tells schemas.
        bronze: The batch's raw rows.
        batch: Which batch it is.
        memory: What earlier batches have read.
        known_at: Only messages received until then count: Silver as it was known that day (R15).
    """

    spark: SparkSession
    lake: Lake
    registry: SchemaSource
    bronze: DataFrame
    batch: Batch
    memory: Memory
    known_at: datetime | None = None

    def run(self, reached: Callable[[str], None]) -> BatchProgress:
        """Bring every table of Silver up to date with these rows.

        Args:
            reached: Called with the name of each step that is done; what it raises ends the batch there.
        """
        watch = Stopwatch(reached)
        with watch.step("plan"):
            ids = self.bronze.select("schema_id").where("schema_id IS NOT NULL").distinct().collect()
            reading = plan((row.schema_id for row in ids), self.registry)
        rows = self._classified(reading).persist(StorageLevel.MEMORY_AND_DISK)
        try:
            with watch.step("decode"):
                found = tally(rows)
            written = self._process(watch, reading, rows, found)
        finally:
            rows.unpersist()
        return BatchProgress(
            job="silver",
            batch=self.batch.number,
            rows=found.rows,
            events=found.events,
            duplicates=found.copies,
            rejects=dict(found.rejects),
            tables={**_landed(found), **written},
            seconds=watch.seconds,
            newest=found.newest,
        )

    def _classified(self, reading: Plan) -> DataFrame:
        read = facts(self.bronze, reading)
        if self.known_at is not None:
            read = read.where((sf.col("received_at") <= sf.lit(self.known_at)) | sf.col("reason").isNotNull())
        return classify(read, ledger(self.spark, self.lake, reading))

    def _process(self, watch: Stopwatch, reading: Plan, rows: DataFrame, found: Tally) -> dict[str, int]:
        new = self._new_definitions(rows, found)
        known_metrics = self.memory.metrics(self.spark)
        learned = metrics.learn(known_metrics, (each.contract for each in reading.readings))
        there = self.memory.definitions(self.spark)
        holding = frames(self.spark, current([*there, *new]), learned)
        landing = Landing(self.lake, self.batch, rows, reading, found, Displaced.of(rows, found.beating), holding)
        redefined = sorted({each.definition.experiment_key for each in new})
        if new:
            with watch.step("definitions"):
                store(self.spark, self.lake, there, new, landing.definition_rows())
                replace_exposures(self.spark, self.lake, holding, redefined)
        self._land(watch, landing)
        again = Recompute(
            lake=self.lake,
            batch=self.batch,
            fresh=landing.fresh,
            frames=holding,
            redefined=redefined,
            remeasured=_changed(known_metrics, learned),
            watch=watch,
        )
        if there or new:
            again.run()
        if learned != known_metrics:
            delta.overwrite(metrics.to_frame(self.spark, learned), self.lake.silver("metrics"))
        with watch.step("commit"):
            self._commit(found)
        return again.written

    def _new_definitions(self, rows: DataFrame, found: Tally) -> list[Held]:
        if not found.roles["definition"]:
            return []
        return held(rows.where("is_fresh AND role = 'definition'"), self.registry)

    def _land(self, watch: Stopwatch, landing: Landing) -> None:
        """Write the tables that only grow, side by side, and `events` after them."""
        found = landing.tally
        known = delta.table_version(self.spark, self.lake.silver("event_id_conflicts"))
        if found.contested or (found.beating and known):
            with watch.step("conflicts"):
                landing.conflicts()
        jobs = [partial(landing.typed, each) for each in landing.plan.readings if found.fresh[each.contract.name]]
        jobs += [partial(landing.displace, name) for name in sorted(landing.displaced.types - found.fresh.keys())]
        named: dict[str, Callable[[], object]] = {"typed": partial(run_all, self.spark, jobs)} if jobs else {}
        if found.rejects or found.rule_faults:
            named["rejects"] = landing.rejects
        if found.roles["exposure"] or landing.displaced.types:
            named["exposures"] = landing.exposures
        if found.roles["outcome"] or landing.displaced.types:
            named["outcomes"] = landing.outcomes
        run_all(self.spark, [partial(watch.run, name, job) for name, job in named.items()])
        if found.events:
            watch.run("events", landing.events)

    def _commit(self, found: Tally) -> None:
        """Write, last of all, which versions of the tables belong together."""
        row = (
            *(self.batch.generation, self.batch.number, datetime.now(UTC)),
            *(found.rows, found.events, found.copies, sum(found.rejects.values())),
            delta.versions(self.spark, self.lake.silver("")),
        )
        frame = self.spark.createDataFrame([row], COMMITS.columns)
        delta.append(frame, self.lake.silver(COMMITS.name), self.batch)


def _landed(found: Tally) -> dict[str, int]:
    """New rows by table, where each message makes one."""
    roles = {"exposures": found.roles["exposure"], "events": found.events}
    return {typed_table_name(name): rows for name, rows in found.fresh.items()} | {k: v for k, v in roles.items() if v}


def _changed(before: dict[tuple[str, str], MetricRow], after: dict[tuple[str, str], MetricRow]) -> list[str]:
    """The metrics that are told differently now."""
    keys = before.keys() | after.keys()
    return sorted({metric for metric, event in keys if before.get((metric, event)) != after.get((metric, event))})
