"""Makes room for the rare row that takes another's place: a copy that was received before the one known."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from delta.tables import DeltaTable
from pyspark.sql import functions as sf

from tallystick.streaming import delta
from tallystick.streaming.tables import COORDINATES, EVENT_KEY

if TYPE_CHECKING:
    from collections.abc import Collection

    from pyspark.sql import Column, DataFrame, Row

__all__ = ["Displaced"]

# So many keys are written into a DELETE; more are joined by a MERGE, which takes twice as long for a few.
_FEW: Final = 5_000


@dataclass(frozen=True)
class Displaced:
    """The rows whose place is taken in this batch.

    Attributes:
        winners: Key and coordinates of the rows that take it, and in `displaced` the other's event type.
        types: Event types of the others.
        few: The winners on the driver, if they are few.
    """

    winners: DataFrame
    types: frozenset[str]
    few: list[Row] | None = field(repr=False)

    @classmethod
    def of(cls, classified: DataFrame, count: int) -> Displaced:
        """Find them in a classified batch that has so many."""
        winners = classified.where("is_beating").select(
            *EVENT_KEY, *COORDINATES, sf.col("known.event_type").alias("displaced")
        )
        if not count:
            return cls(winners, frozenset(), [])
        if count <= _FEW:
            few = winners.collect()
            return cls(winners, frozenset(row.displaced for row in few), few)
        types = winners.select("displaced").distinct().collect()
        return cls(winners, frozenset(row.displaced for row in types), None)

    def leave(self, path: str, *, types: Collection[str], prefix: str = "") -> None:
        """Delete from a table the rows whose place is taken; the rows that took it stay, if they are there already.

        Args:
            path: The table.
            types: The event types of which it holds rows.
            prefix: What stands before the names of key and coordinates in this table.
        """
        if self.types.isdisjoint(types):
            return
        spark = self.winners.sparkSession
        if self.few is None:
            same = " AND ".join(f"old.{prefix}{name} = new.{name}" for name in EVENT_KEY)
            elsewhere = " OR ".join(f"old.{prefix}{name} <> new.{name}" for name in COORDINATES)
            delta.delete_matches(spark, path, self.winners, f"{same} AND ({elsewhere})")
            return
        DeltaTable.forPath(spark, path).delete(_condition([row for row in self.few if row.displaced in types], prefix))


def _condition(winners: list[Row], prefix: str) -> Column:
    """The keys, without the winners themselves."""
    ids: defaultdict[str, list[str]] = defaultdict(list)
    for row in winners:
        ids[row.source].append(row.event_id)
    keys = sf.lit(False)
    for source, mine in ids.items():
        keys = keys | ((sf.col(f"{prefix}source") == source) & sf.col(f"{prefix}event_id").isin(mine))
    place = sf.concat_ws("/", *(sf.col(f"{prefix}{name}") for name in COORDINATES))
    return keys & ~place.isin([f"{row.topic}/{row.partition}/{row.offset}" for row in winners])
