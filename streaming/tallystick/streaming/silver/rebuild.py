"""Builds Silver anew from Bronze, beside the one in use, and compares the two row for row.

A stream that has lost nothing and counted nothing twice has the same rows as a build from scratch. Columns with a
leading underscore tell about processing and are left out, and so are logs of what happened when.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pyspark.sql import functions as sf

from tallystick.streaming import delta, silver
from tallystick.streaming.errors import LakeError
from tallystick.streaming.tables import COMMITS, SILVER

if TYPE_CHECKING:
    from datetime import datetime

    from pyspark.sql import DataFrame, SparkSession

    from tallystick.streaming.lake import Lake
    from tallystick.streaming.progress import OnProgress
    from tallystick.streaming.silver.plan import SchemaSource

__all__ = ["Difference", "compare", "rebuild"]

_LOGS: Final = {COMMITS.name, *(table.name for table in SILVER.values() if not table.compared)}


@dataclass(frozen=True, slots=True)
class Difference:
    """How a table of one build differs from the other's.

    Attributes:
        table: Its name.
        missing: Rows that only the first build has.
        added: Rows that only the second build has.
    """

    table: str
    missing: int
    added: int

    def __bool__(self) -> bool:
        return bool(self.missing or self.added)


def rebuild(
    spark: SparkSession,
    lake: Lake,
    registry: SchemaSource,
    name: str,
    *,
    known_at: datetime | None = None,
    on_progress: OnProgress | None = None,
) -> Lake:
    """Build Silver from all of Bronze in one batch, in a place of its own.

    Args:
        spark: The session.
        lake: The lake with the Bronze.
        registry: Tells the schemas of the records.
        name: Name of the build.
        known_at: Only messages received until then count: Silver as it was known that day (R15).
        on_progress: Called after the batch.

    Raises:
        LakeError: There is a build of that name.
    """
    target = lake.rebuilt(name)
    if delta.exists(spark, target.silver(COMMITS.name)):
        raise LakeError(target.silver(""), "this build is there already", fix="choose another --build, or delete it")
    options = silver.SilverOptions(once=True, max_bytes="", known_at=known_at)
    silver.run(spark, target, registry, options, on_progress=on_progress)
    return target


def compare(spark: SparkSession, one: Lake, other: Lake) -> tuple[Difference, ...]:
    """Compare every table of two builds; a difference is true where there is one."""
    names = delta.versions(spark, one.silver("")).keys() | delta.versions(spark, other.silver("")).keys()
    return tuple(_difference(spark, one, other, name) for name in sorted(names - _LOGS))


def _difference(spark: SparkSession, one: Lake, other: Lake, table: str) -> Difference:
    sides = [_rows(spark, lake.silver(table), weight) for lake, weight in ((one, 1), (other, -1))]
    present = [side for side in sides if side is not None]
    every = present[0] if len(present) == 1 else present[0].unionByName(present[1])
    unequal = every.groupBy("row").agg(sf.sum("weight").alias("weight")).where("weight <> 0")
    sums = unequal.agg(
        sf.sum(sf.greatest("weight", sf.lit(0))).alias("missing"),
        sf.sum(sf.greatest(-sf.col("weight"), sf.lit(0))).alias("added"),
    ).collect()[0]
    return Difference(table, sums["missing"] or 0, sums["added"] or 0)


def _rows(spark: SparkSession, path: str, weight: int) -> DataFrame | None:
    """Each row as JSON, which leaves out nulls: a column that one build lacks is one of nulls in the other."""
    if not delta.exists(spark, path):
        return None
    rows = delta.read(spark, path)
    columns = sorted(name for name in rows.columns if not name.startswith("_"))
    exact = {"timestampFormat": "yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX"}
    return rows.select(sf.to_json(sf.struct(*columns), exact).alias("row"), sf.lit(weight).alias("weight"))
