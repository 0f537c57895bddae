"""From events to experiment units and attributed outcomes: pure functions of tables, whatever order rows came in.

The rules R1 to R15 of the design stand here, each at the line that follows it. Nothing in this module knows the time,
a batch or an offset: the same rows give the same answer, in a stream of any rhythm and in a rebuild.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pyspark.sql import functions as sf

from tallystick.streaming.silver.roles import EXCLUSIONS
from tallystick.streaming.tables import COORDINATES, EVENT_KEY, SILVER, UNIT

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

__all__ = ["attribute", "coverage", "exposures", "outcomes", "place", "units"]

_SECOND: Final = 1_000_000.0
_UNIT_KEY: Final = SILVER["experiment_units"].key


def exposures(fresh: DataFrame, experiments: DataFrame) -> DataFrame:
    """The exposures among new events, each in the phase that it falls in."""
    facts = fresh.where("role = 'exposure' AND rule_fault IS NULL").select(
        *EVENT_KEY,
        "experiment_key",
        *UNIT,
        "variant_key",
        sf.col("event_time").alias("exposed_at"),
        sf.col("assignment_reason").alias("reason"),
        _seconds("event_time", "received_at").alias("lateness_seconds"),
        *(f"is_{kind}" for kind in EXCLUSIONS),
        *("dimensions", "event_type", "received_at", *COORDINATES),
    )
    return place(facts, experiments)


def place(facts: DataFrame, experiments: DataFrame) -> DataFrame:
    """Say of each exposure in which phase it falls and whether that phase knows its variant.

    An exposure that falls in no phase is held against the variants of all of them.
    """
    joined = facts.drop("phase", "in_period", "variant_known", "after_finalized").join(
        sf.broadcast(experiments), ["experiment_key", "unit_type", "event_type"], "left"
    )
    exposed, variant, received = sf.col("exposed_at"), sf.col("variant_key"), sf.col("received_at")
    # R3: a phase holds from its start on, until before its end. Of overlapping phases the newest is named.
    within = sf.filter("phases", lambda each: _within(exposed, each["start_at"], each["end_at"]))
    chosen = sf.array_max(sf.transform(within, lambda each: each["phase"]))
    judges = sf.when(chosen.isNotNull(), sf.filter("phases", lambda each: each["phase"] == chosen)).otherwise(
        sf.col("phases")
    )
    known = sf.exists(judges, lambda each: sf.array_contains(each["variants"], variant))
    final = sf.exists(judges, lambda each: sf.coalesce(received > each["finalized_at"], sf.lit(False)))
    return joined.select(
        *(*EVENT_KEY, "experiment_key", chosen.alias("phase"), *UNIT, "variant_key", "exposed_at", "reason"),
        chosen.isNotNull().alias("in_period"),
        sf.coalesce(known, sf.lit(False)).alias("variant_known"),
        sf.coalesce(chosen.isNotNull() & final, sf.lit(False)).alias("after_finalized"),
        *("lateness_seconds", *(f"is_{kind}" for kind in EXCLUSIONS), "dimensions", "event_type", "received_at"),
        *COORDINATES,
    )


def outcomes(fresh: DataFrame) -> DataFrame:
    """The outcomes among new events: a row for each metric that an event feeds."""
    # An outcome without a unit is nobody's: a guest's order, for one.
    measured = fresh.where("role = 'outcome' AND unit_id IS NOT NULL AND measures IS NOT NULL")
    return measured.select("*", sf.inline("measures")).select(
        *(*EVENT_KEY, "metric_key", "value", *UNIT, sf.col("event_time").alias("occurred_at"), "event_type"),
        *("received_at", *COORDINATES),
    )


def units(exposed: DataFrame, phases: DataFrame) -> DataFrame:
    """The units of every experiment that some exposures put into it."""
    counted = exposed.alias("e").join(
        sf.broadcast(phases).alias("p"),
        (sf.col("e.experiment_key") == sf.col("p.experiment_key"))
        & (sf.col("e.unit_type") == sf.col("p.unit_type"))
        & (sf.col("e.event_type") == sf.col("p.event_type"))
        & _within(sf.col("e.exposed_at"), sf.col("p.start_at"), sf.col("p.end_at"))
        & _in_time(sf.col("e.received_at"), sf.col("p.finalized_at")),
    )
    rows = counted.select(
        *("e.experiment_key", "p.phase", "e.unit_type", "e.unit_id", "e.variant_key", "e.exposed_at"),
        *("e.dimensions", *(f"e.is_{kind}" for kind in EXCLUSIONS), "p.keeps_first"),
        sf.struct("e.exposed_at", "e.event_id", "e.source").alias("turn"),
        sf.array_contains("p.variants", sf.col("e.variant_key")).alias("is_known"),
    )
    # First per variant, then per unit. Both run on one shuffle, and a unit with many exposures needs no long list.
    by_variant = (
        rows.repartition(*_UNIT_KEY)
        .groupBy(*_UNIT_KEY, "variant_key")
        .agg(
            sf.min("turn").alias("turn"),
            sf.min_by("dimensions", "turn").alias("dimensions"),
            sf.max("exposed_at").alias("last_exposed_at"),
            sf.count("*").alias("exposures"),
            sf.bool_and("is_known").alias("is_known"),
            sf.bool_or("keeps_first").alias("keeps_first"),
            *(sf.bool_or(f"is_{kind}").alias(f"is_{kind}") for kind in EXCLUSIONS),
        )
    )
    return by_variant.groupBy(*_UNIT_KEY).agg(*_unit_columns()).select(*_UNIT_COLUMNS)


_UNIT_COLUMNS: Final = (
    *_UNIT_KEY,
    *("variant_key", "first_exposed_at", "first_exposure_event_id", "last_exposed_at", "exposure_count"),
    *("variants_seen", "first_conflict_at", "dimensions", "status"),
)


def _unit_columns() -> tuple[Column, ...]:
    first = sf.min("turn")  # R2: events are ordered by their time, then by their id
    turns = sf.sort_array(sf.collect_list("turn"))
    return (
        sf.min_by("variant_key", "turn").alias("variant_key"),
        first["exposed_at"].alias("first_exposed_at"),
        first["event_id"].alias("first_exposure_event_id"),
        sf.max("last_exposed_at").alias("last_exposed_at"),
        sf.sum("exposures").alias("exposure_count"),
        sf.sort_array(sf.collect_list("variant_key")).alias("variants_seen"),
        # The first exposure to any other variant is the second of the variants' first exposures.
        sf.get(turns, sf.lit(1))["exposed_at"].alias("first_conflict_at"),
        sf.min_by("dimensions", "turn").alias("dimensions"),
        _status().alias("status"),
    )


def _status() -> Column:
    """A unit's status; the first that applies wins."""
    is_mixed = (sf.count("*") > 1) & ~sf.bool_or("keeps_first")
    rules = (
        *((sf.bool_or(f"is_{kind}"), f"excluded_{kind}") for kind in EXCLUSIONS),  # R10
        (~sf.bool_and("is_known"), "unknown_variant"),  # R9
        (is_mixed, "contaminated"),  # R6, R7: more than one variant in the whole period
    )
    status = sf.lit("assigned")
    for condition, name in reversed(rules):
        status = sf.when(condition, sf.lit(name)).otherwise(status)
    return status


def attribute(found: DataFrame, measured: DataFrame, applied: DataFrame) -> DataFrame:
    """Judge every outcome of every unit for every metric of its experiment.

    Args:
        found: Units, as `units` gives them.
        measured: Outcomes of those units.
        applied: Which phase compares which metric of which event, with the metric's window.
    """
    joined = (
        found.alias("u")
        .join(measured.alias("o"), list(UNIT))
        .join(sf.broadcast(applied).alias("a"), ["experiment_key", "phase", "unit_type", "metric_key", "event_type"])
    )
    counted = joined.where(_in_time(sf.col("o.received_at"), sf.col("a.finalized_at")))
    return counted.select(
        *("experiment_key", "phase", "metric_key", *EVENT_KEY, *UNIT, "variant_key", "first_exposed_at"),
        *("occurred_at", _seconds("first_exposed_at", "occurred_at").alias("seconds_since_exposure"), "value"),
        _judgement().alias("status"),
    )


def _judgement() -> Column:
    since = _micros("occurred_at") - _micros("first_exposed_at")
    window = sf.col("window_seconds") * sf.lit(_SECOND)
    return (
        sf.when(sf.col("u.status") != "assigned", sf.lit("excluded"))
        .when(since < 0, sf.lit("before_exposure"))  # R4: the very microsecond of the exposure counts
        .when(since >= window, sf.lit("after_window"))  # R5: the window's end does not belong to it
        .otherwise(sf.lit("attributed"))
    )


def coverage(measured: DataFrame, found: DataFrame) -> DataFrame:
    """Count per metric how many outcomes there are, and how many belong to units in no experiment."""
    members = found.select(*UNIT).distinct().withColumn("_member", sf.lit(True))
    joined = measured.select("metric_key", *UNIT).join(members, list(UNIT), "left")
    return joined.groupBy("metric_key").agg(
        sf.count("*").alias("outcomes"), sf.count_if(sf.col("_member").isNull()).alias("in_no_experiment")
    )


def _within(time: Column, start: Column, end: Column) -> Column:
    return (time >= start) & sf.coalesce(time < end, sf.lit(True))


def _in_time(received: Column, finalized: Column) -> Column:
    """Lateness is unbounded until the results are made final (R14)."""
    return sf.coalesce(received <= finalized, sf.lit(True))


def _seconds(start: str, end: str) -> Column:
    return (_micros(end) - _micros(start)) / sf.lit(_SECOND)


def _micros(name: str) -> Column:
    # As doubles, which hold the microseconds of three centuries exactly: a sender's absurd time must not overflow.
    return sf.unix_micros(name).cast("double")
