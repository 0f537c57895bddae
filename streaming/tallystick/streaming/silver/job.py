"""The Silver job: reads Bronze as a stream of rows and hands each micro-batch to `SilverBatch`."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from tallystick.sdk.registry import RegistryUnavailable
from tallystick.streaming import delta
from tallystick.streaming.delta import Batch
from tallystick.streaming.errors import CheckpointLostError, LakeError
from tallystick.streaming.parallel import run_all
from tallystick.streaming.progress import report
from tallystick.streaming.queries import Failure, run_query
from tallystick.streaming.silver import experiments
from tallystick.streaming.silver.batch import SilverBatch
from tallystick.streaming.silver.memory import Memory
from tallystick.streaming.tables import COMMITS, SILVER

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from pyspark.sql import DataFrame, SparkSession

    from tallystick.streaming.lake import Lake
    from tallystick.streaming.progress import OnProgress
    from tallystick.streaming.silver.plan import SchemaSource

__all__ = ["SilverOptions", "run"]

_JOB: Final = "silver"
_COVERAGE_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SilverOptions:
    """How Silver reads.

    Attributes:
        once: Process what is there and end; else go on until stopped.
        interval: Seconds between two batches.
        max_bytes: About how much of Bronze a batch takes, as in `64m`; empty = everything at once.
        max_files: How many files of Bronze a batch takes at most; 0 = any number.
        known_at: Only messages received until then count (R15).
    """

    once: bool = False
    interval: float = 10.0
    max_bytes: str = "64m"
    max_files: int = 0
    known_at: datetime | None = None


def run(
    spark: SparkSession,
    lake: Lake,
    registry: SchemaSource,
    options: SilverOptions = SilverOptions(),
    *,
    on_progress: OnProgress | None = None,
    reached: Callable[[str], None] = lambda _: None,
) -> None:
    """Run Silver.

    Args:
        spark: The session.
        lake: Where Bronze stands and Silver shall stand.
        registry: Tells the schemas of the records.
        options: How to read.
        on_progress: Called after every batch.
        reached: Called with the name of every step of every batch; what it raises ends the job there.

    Raises:
        LakeError: There is no Bronze yet.
        CheckpointLostError: Silver has rows, and what it has read is not known.
        RegistryUnavailable: The registry gives no answer.
    """
    if not delta.exists(spark, lake.bronze):
        raise LakeError(lake.bronze, "there is no Bronze yet", fix="run `tallystick stream bronze` first")
    prepare(spark, lake)
    failure, memory, coverage = Failure(), Memory(lake), _Coverage(lake)

    def process(bronze: DataFrame, number: int) -> None:
        with failure.kept():
            session = bronze.sparkSession
            generation = str(session.sparkContext.getLocalProperty("sql.streaming.queryId"))
            batch = SilverBatch(
                session, lake, registry, bronze, Batch(generation, number), memory, known_at=options.known_at
            )
            report(batch.run(reached), on_progress)
            if not options.once:
                coverage.count_when_due(session)

    run_query(
        _JOB,
        _bronze(spark, lake, options).writeStream.queryName(_JOB).foreachBatch(process),
        lake.checkpoint(_JOB),
        failure,
        once=options.once,
        interval=options.interval,
        passing=(RegistryUnavailable,),
    )
    coverage.count(spark)


def _bronze(spark: SparkSession, lake: Lake, options: SilverOptions) -> DataFrame:
    """Bronze as a stream."""
    reader = spark.readStream.format("delta")
    if options.max_bytes:
        reader = reader.option("maxBytesPerTrigger", options.max_bytes)
    return reader.option("maxFilesPerTrigger", str(options.max_files or 2**31 - 1)).load(lake.bronze)


def prepare(spark: SparkSession, lake: Lake) -> None:
    """Create the tables that are missing, and make sure that Silver and its checkpoint belong together.

    Raises:
        CheckpointLostError: They do not.
    """
    # A table's first version is its creation, except where the first rows created it.
    found = delta.versions(spark, lake.silver(""))
    has_rows = any(version or name not in SILVER for name, version in found.items() if name != COMMITS.name)
    if has_rows and not delta.is_there(spark, f"{lake.checkpoint(_JOB)}/metadata"):
        raise CheckpointLostError(lake.checkpoint(_JOB))
    tables = (*SILVER.values(), COMMITS)
    run_all(spark, [partial(delta.ensure, spark, lake.silver(table.name), table) for table in tables])


class _Coverage:
    """Counts outcomes by whether their units are in any experiment.

    That reads all of them, so it is done when the job ends, and once a minute while it runs.
    """

    def __init__(self, lake: Lake) -> None:
        self._lake = lake
        self._counted = time.monotonic()

    def count_when_due(self, spark: SparkSession) -> None:
        """Count if the last time is a while ago."""
        if time.monotonic() - self._counted > _COVERAGE_SECONDS:
            self.count(spark)

    def count(self, spark: SparkSession) -> None:
        """Write the table."""
        outcomes, units = (delta.read(spark, self._lake.silver(name)) for name in ("outcomes", "experiment_units"))
        delta.overwrite(experiments.coverage(outcomes, units), self._lake.silver("outcome_coverage"))
        self._counted = time.monotonic()
