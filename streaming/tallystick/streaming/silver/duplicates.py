"""Tells new events from copies: of all rows of one (source, event_id) the first one received counts.

"First" is the smallest (received_at, topic, partition, offset), whatever order the rows arrive in. A row that stands in
the ledger already *as this very row* counts as new: it was written by an attempt at the same batch that did not end,
and what that attempt did not come to must still be done.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pyspark.sql import Window
from pyspark.sql import functions as sf

from tallystick.streaming.tables import COORDINATES, EVENT_KEY

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

__all__ = ["SENIORITY", "classify", "conflicts", "seniority"]

SENIORITY: Final = ("received_at", *COORDINATES)
# What a ledger tells about the row that counts so far.
_KNOWN: Final = (*SENIORITY, "payload_hash", "event_type", "unit_type", "unit_id")


def seniority(prefix: str = "") -> Column:
    """What rows of one event are ordered by."""
    return sf.struct(*(sf.col(f"{prefix}{name}").alias(name) for name in SENIORITY))


def classify(facts: DataFrame, ledger: DataFrame) -> DataFrame:
    """Add to each fact `is_fresh` (it counts), `is_beating` (and takes another row's place) and `is_contested`.

    Args:
        facts: The batch; rows with a `reason` are neither fresh nor copies.
        ledger: The rows that count so far: key, seniority, payload hash and unit. `_kind` is empty for events and the
            type for other messages, whose ids are theirs alone.
    """
    # Rejects have no event id: told apart by their offsets they do not all meet in one partition.
    own_kind = sf.when(sf.col("is_event"), sf.lit("")).otherwise(sf.col("event_type"))
    identified = facts.withColumns({"_kind": own_kind, "_id": sf.coalesce("event_id", sf.col("offset").cast("string"))})
    event = Window.partitionBy("_kind", "source", "_id")
    ranked = identified.withColumns(
        {
            "_rank": sf.row_number().over(event.orderBy(seniority())),
            "_least": sf.min("payload_hash").over(event),
            "_most": sf.max("payload_hash").over(event),
        }
    )
    known = ledger.select("_kind", "source", sf.col("event_id").alias("_id"), sf.struct(*_KNOWN).alias("known"))
    joined = ranked.join(known, ["_kind", "source", "_id"], "left")
    valid, first = sf.col("reason").isNull(), sf.col("_rank") == 1
    there = sf.col("known").isNotNull()
    is_it = sf.struct(*(sf.col(f"known.{name}").alias(name) for name in COORDINATES)) == sf.struct(*COORDINATES)
    beats = there & ~is_it & (seniority() < seniority("known."))
    differs = (sf.col("_least") != sf.col("_most")) | (sf.col("known.payload_hash") != sf.col("payload_hash"))
    return joined.withColumns(
        {
            "is_fresh": valid & first & (~there | is_it | beats),
            "is_beating": sf.coalesce(valid & first & beats, sf.lit(False)),
            "is_contested": sf.coalesce(valid & differs, sf.lit(False)),
        }
    ).drop("_kind", "_id", "_rank", "_least", "_most")


def conflicts(classified: DataFrame) -> DataFrame:
    """The different payloads under one event id, each with the first row that said it.

    `_is_new` says whether such a row may be added; else it only makes a known conflict's first row an earlier one.
    """
    columns = ("payload_hash", "event_type", "unit_type", "unit_id", *SENIORITY)
    involved = classified.where("is_contested OR is_beating")
    batch = involved.select(*EVENT_KEY, *columns, sf.col("is_contested").alias("_is_new"))
    contested = classified.where("is_contested AND known IS NOT NULL")
    known = contested.select(*EVENT_KEY, *(f"known.{name}" for name in columns), sf.lit(True).alias("_is_new"))
    first = sf.min_by(sf.struct(*(name for name in columns if name != "payload_hash")), seniority())
    grouped = batch.unionByName(known).groupBy(*EVENT_KEY, "payload_hash")
    found = grouped.agg(first.alias("first"), sf.max("_is_new").alias("_is_new"))
    return found.select(*EVENT_KEY, "payload_hash", "first.*", "_is_new")
