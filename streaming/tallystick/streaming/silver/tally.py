"""Counts a classified batch in one job: what there is decides which of the later jobs run at all."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyspark.sql import functions as sf

if TYPE_CHECKING:
    from datetime import datetime

    from pyspark.sql import DataFrame

__all__ = ["Tally", "tally"]


@dataclass(frozen=True, slots=True)
class Tally:
    """How many rows of a batch are what.

    Attributes:
        rows: All of them.
        fresh: New messages by event type.
        roles: New messages by their part in experiments.
        events: New messages that are events.
        copies: Copies of known messages.
        beating: New messages that take another's place.
        contested: Rows whose event id stands for different payloads.
        rejects: Rows that cannot be used, by reason.
        rule_faults: New messages that break a rule of experiments.
        newest: Kafka's time of the newest row.
    """

    rows: int
    fresh: Counter[str]
    roles: Counter[str]
    events: int
    copies: int
    beating: int
    contested: int
    rejects: Counter[str]
    rule_faults: int
    newest: datetime | None


def tally(classified: DataFrame) -> Tally:
    """Count a classified batch; this is the job that computes it."""
    fresh = sf.col("is_fresh")
    groups = classified.groupBy("event_type", "role", "is_event", "reason").agg(
        sf.count("*").alias("rows"),
        sf.count_if(fresh).alias("fresh"),
        sf.count_if("is_beating").alias("beating"),
        sf.count_if("is_contested").alias("contested"),
        sf.count_if(fresh & sf.col("rule_fault").isNotNull()).alias("rule_faults"),
        sf.max("timestamp").alias("newest"),
    )
    found = groups.collect()
    valid = [row for row in found if row.reason is None]
    fresh_by_type: Counter[str] = Counter()
    roles: Counter[str] = Counter()
    rejects: Counter[str] = Counter()
    for row in valid:
        fresh_by_type[row.event_type] += row.fresh
        roles[row.role or ""] += row.fresh
    for row in found:
        if row.reason is not None:
            rejects[row.reason] += row["rows"]
    return Tally(
        rows=sum(row["rows"] for row in found),
        fresh=+fresh_by_type,
        roles=+roles,
        events=sum(row.fresh for row in valid if row.is_event),
        copies=sum(row["rows"] - row.fresh for row in valid),
        beating=sum(row.beating for row in valid),
        contested=sum(row.contested for row in valid),
        rejects=rejects,
        rule_faults=sum(row.rule_faults for row in valid),
        newest=max((row.newest for row in found), default=None),
    )
