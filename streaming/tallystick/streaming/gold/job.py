"""The Gold job: what Silver counted, per variant; what follows from it; and whether to believe it.

Gold reads the versions of Silver's tables that one batch committed together, and its clock is the data's: `as_of` is
the newest time of receipt. So the same Silver gives the same Gold, whenever and however often it is computed.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from tallystick.streaming import delta
from tallystick.streaming.errors import LakeError
from tallystick.streaming.gold.counts import count
from tallystick.streaming.gold.results import health_row, metric_rows, result_rows
from tallystick.streaming.gold.snapshot import Snapshot
from tallystick.streaming.parallel import run_all
from tallystick.streaming.progress import BatchProgress, Stopwatch, report
from tallystick.streaming.tables import COMMITS, GOLD

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyspark.sql import SparkSession

    from tallystick.streaming.lake import Lake
    from tallystick.streaming.progress import OnProgress

__all__ = ["GoldOptions", "compute", "run"]

_JOB = "gold"


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldOptions:
    """How Gold runs.

    Attributes:
        once: Compute once and end; else whenever Silver has committed something new.
        interval: Seconds between two looks at Silver.
        as_of: The time to compute for, later than all data by default the newest receipt.
    """

    once: bool = False
    interval: float = 30.0
    as_of: datetime | None = None


def run(
    spark: SparkSession,
    lake: Lake,
    options: GoldOptions = GoldOptions(),
    *,
    on_progress: OnProgress | None = None,
) -> None:
    """Run Gold.

    Raises:
        LakeError: There is no Silver yet.
    """
    seen: int | None = None
    number = 0
    while True:
        version = delta.table_version(spark, lake.silver(COMMITS.name))
        if not version and options.once:
            raise LakeError(lake.silver(""), "there is no Silver yet", fix="run `tallystick stream silver` first")
        if version and version != seen:
            compute(spark, lake, options.as_of, number=number, on_progress=on_progress)
            seen, number = version, number + 1
        if options.once:
            return
        time.sleep(options.interval)


def compute(
    spark: SparkSession,
    lake: Lake,
    as_of: datetime | None = None,
    *,
    number: int = 0,
    on_progress: OnProgress | None = None,
) -> None:
    """Compute Gold from what Silver committed last."""
    watch = Stopwatch(lambda _: None)
    snapshot = Snapshot.newest(spark, lake, as_of)
    if snapshot is None:
        return
    with watch.step("count"):
        counts = count(snapshot)
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in GOLD}
    with watch.step("test"):
        for definition in snapshot.definitions:
            rows["experiment_health"].append(health_row(definition, counts, snapshot))
            rows["experiment_variant_metrics"] += metric_rows(definition, counts, snapshot)
            rows["experiment_results"] += result_rows(definition, counts, snapshot)
    with watch.step("write"):
        run_all(spark, [partial(_write, spark, lake, name, snapshot, found) for name, found in rows.items()])
    written = {name: len(found) for name, found in rows.items()}
    report(
        BatchProgress(job=_JOB, batch=number, tables=written, seconds=watch.seconds, newest=snapshot.as_of), on_progress
    )


def _write(spark: SparkSession, lake: Lake, name: str, snapshot: Snapshot, rows: Sequence[dict[str, Any]]) -> None:
    """Replace the rows of this very time; those of other times stay."""
    path, table = lake.gold(name), GOLD[name]
    delta.ensure(spark, path, table)
    stamped = [{**row, "as_of": snapshot.as_of, "versions": dict(snapshot.versions)} for row in rows]
    moment = f"{snapshot.as_of.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"
    delta.overwrite(spark.createDataFrame(stamped, table.columns), path, where=f"as_of = TIMESTAMP '{moment}'")
