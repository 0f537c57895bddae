"""Everything that Gold counts in Silver, as small dictionaries on the driver."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from pyspark.sql import functions as sf

from tallystick.streaming import delta
from tallystick.streaming.tables import COMMITS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyspark.sql import DataFrame

    from tallystick.streaming.gold.snapshot import Snapshot

__all__ = ["NOTHING", "ArmCount", "Counts", "ExposureCount", "count"]

LATE_AFTER_SECONDS: Final = 3600
_DAY_MICROS: Final = 86_400 * 1_000_000
# Squares need room on both sides of the point: (22,9) times (22,9) stays exact to eleven places.
_FACTOR: Final = "DECIMAL(22,9)"
_SQUARES: Final = "DECIMAL(38,11)"
_SUM: Final = "DECIMAL(38,9)"
_PHASE: Final = ("experiment_key", "phase")


@dataclass(frozen=True, slots=True)
class ArmCount:
    """What the units of one variant sum up to for one metric.

    Attributes:
        converters: Units with an outcome.
        total: Sum over the units; None where it left the range of a decimal.
        squares: Sum of the units' squares; None likewise.
    """

    converters: int
    total: Decimal | None
    squares: Decimal | None


NOTHING: Final = ArmCount(0, Decimal(0), Decimal(0))


@dataclass(frozen=True, slots=True)
class ExposureCount:
    """The exposures of one experiment.

    Attributes:
        exposures: All of them.
        late: Those that came more than an hour after they had happened.
        out_of_period: Those in none of its phases.
        after_finalized: Those that came after the results had been made final.
    """

    exposures: int = 0
    late: int = 0
    out_of_period: int = 0
    after_finalized: int = 0


@dataclass(frozen=True)
class Counts:
    """What there is.

    Attributes:
        units: (experiment, phase, status, variant) -> units.
        in_progress: (experiment, phase, variant, window in seconds) -> assigned units whose window is still open.
        arms: (experiment, phase, metric, variant, whether each unit counts as 0 or 1) -> sums.
        exposures: Experiment -> exposures.
        changed: (experiment, phase) -> units that changed within the last day.
        rows: Kafka records that Silver has read.
        duplicates: Those of them that were copies.
    """

    units: Mapping[tuple[str, int, str, str], int]
    in_progress: Mapping[tuple[str, int, str, float], int]
    arms: Mapping[tuple[str, int, str, str, bool], ArmCount]
    exposures: Mapping[str, ExposureCount]
    changed: Mapping[tuple[str, int], int]
    rows: int
    duplicates: int


def count(snapshot: Snapshot) -> Counts:
    """Count what Gold needs."""
    units = snapshot.read("experiment_units")
    groups = units.groupBy(*_PHASE, "status", "variant_key").count().collect()
    rows, duplicates = _copies(snapshot)
    return Counts(
        units={(row[0], row[1], row[2], row[3]): row[4] for row in groups},
        in_progress=_in_progress(units, snapshot),
        arms=_arms(snapshot.read("attributed_outcomes")),
        exposures=_exposures(snapshot.read("exposures")),
        changed=_changed(snapshot),
        rows=rows,
        duplicates=duplicates,
    )


def _arms(attributed: DataFrame) -> dict[tuple[str, int, str, str, bool], ArmCount]:
    per_unit = (
        attributed.where("status = 'attributed'")
        .groupBy(*_PHASE, "metric_key", "variant_key", "unit_id")
        .agg(sf.try_sum("value").alias("total"))
    )
    factor = sf.col("total").try_cast(_FACTOR)
    found = per_unit.groupBy(*_PHASE, "metric_key", "variant_key").agg(
        sf.count("*").alias("converters"),
        # A sum that left the range is null in one unit, and must not vanish among the others.
        sf.when(sf.bool_and(sf.col("total").isNotNull()), sf.try_sum("total")).cast(_SUM).alias("total"),
        sf.when(sf.bool_and(factor.isNotNull()), sf.try_sum((factor * factor).cast(_SQUARES)))
        .cast(_SQUARES)
        .alias("squares"),
    )
    arms: dict[tuple[str, int, str, str, bool], ArmCount] = {}
    for row in found.collect():
        key = (row["experiment_key"], row["phase"], row["metric_key"], row["variant_key"])
        units = row["converters"]
        arms[*key, True] = ArmCount(units, Decimal(units), Decimal(units))
        arms[*key, False] = ArmCount(units, row["total"], row["squares"])
    return arms


def _in_progress(units: DataFrame, snapshot: Snapshot) -> dict[tuple[str, int, str, float], int]:
    windows = sorted({row.window_seconds for row in snapshot.metrics.values() if row.window_seconds is not None})
    if not windows:
        return {}
    age = (sf.unix_micros(sf.lit(snapshot.as_of)) - sf.unix_micros("first_exposed_at")) / 1e6
    sums = [sf.count_if(age < window).alias(f"w{index}") for index, window in enumerate(windows)]
    found = units.where("status = 'assigned'").groupBy(*_PHASE, "variant_key").agg(*sums).collect()
    return {(row[0], row[1], row[2], window): row[3 + index] for row in found for index, window in enumerate(windows)}


def _exposures(exposures: DataFrame) -> dict[str, ExposureCount]:
    found = exposures.groupBy("experiment_key").agg(
        sf.count("*"),
        sf.count_if(sf.col("lateness_seconds") > LATE_AFTER_SECONDS),
        sf.count_if(~sf.col("in_period")),
        sf.count_if("after_finalized"),
    )
    return {row[0]: ExposureCount(row[1], row[2], row[3], row[4]) for row in found.collect()}


def _changed(snapshot: Snapshot) -> dict[tuple[str, int], int]:
    recent = sf.unix_micros("known_at") > sf.unix_micros(sf.lit(snapshot.as_of)) - _DAY_MICROS
    changes = snapshot.read("unit_changes").where(sf.col("change") != "joined").where(recent)
    found = changes.groupBy(*_PHASE).agg(sf.count_distinct("unit_type", "unit_id"))
    return {(row[0], row[1]): row[2] for row in found.collect()}


def _copies(snapshot: Snapshot) -> tuple[int, int]:
    """Rows and copies over all batches; the last commit's own row is newer than the version that it names."""
    commits = delta.read(snapshot.spark, snapshot.lake.silver(COMMITS.name))
    row = commits.agg(sf.sum("rows"), sf.sum("duplicates")).collect()[0]
    return row[0] or 0, row[1] or 0
