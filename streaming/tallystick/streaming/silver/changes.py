"""What differs between the rows that a table has and those that it should have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pyspark.sql import functions as sf

from tallystick.streaming.tables import SILVER, UNIT

if TYPE_CHECKING:
    from collections.abc import Collection

    from pyspark.sql import Column, DataFrame

    from tallystick.streaming.delta import Batch

__all__ = ["differences", "log_rows"]

# A unit's change is worth a line in the log if one of these moved; that it was seen once more is not.
_TOLD: Final = ("status", "variant_key", "first_exposed_at")


def differences(old: DataFrame, new: DataFrame, key: tuple[str, ...]) -> DataFrame:
    """The rows of `new` that differ from `old`, and those of `old` that are missing from `new`, marked `_gone`.

    Beside the table's columns each row has `_is_known` and, in `_old`, what the table held.
    """
    columns = [name for name in new.columns if not name.startswith("_")]
    before = old.select(*key, _whole(columns).alias("_old"))
    after = new.select(*key, _whole(columns).alias("_new"))
    joined = before.join(after, list(key), "full_outer")
    # Compared as JSON, because maps cannot be compared.
    changed = joined.where(~sf.to_json("_old").eqNullSafe(sf.to_json("_new")))
    return changed.select(
        sf.coalesce("_new", "_old").alias("_row"),
        "_old",
        sf.col("_new").isNull().alias("_gone"),
        sf.col("_old").isNotNull().alias("_is_known"),
    ).select("_row.*", "_old", "_gone", "_is_known")


def log_rows(changed: DataFrame, fresh: DataFrame, redefined: Collection[str], batch: Batch) -> DataFrame:
    """The lines of `unit_changes` for changed units.

    Args:
        changed: The units, as `differences` gives them.
        fresh: The batch's new messages, of which the exposures tell how late what changed the unit was.
        redefined: Experiments whose definition changed.
        batch: The batch that changes them.
    """
    exposed = fresh.where("role = 'exposure'").groupBy("experiment_key", *UNIT)
    late = exposed.agg(
        (sf.max(sf.unix_micros("received_at") - sf.unix_micros("event_time")) / 1e6).alias("lateness_seconds"),
        sf.max("received_at").alias("known_at"),
    )
    told = ~sf.struct(*(sf.col(f"_old.{name}").alias(name) for name in _TOLD)).eqNullSafe(sf.struct(*_TOLD))
    rows = changed.where(sf.col("_gone") | told).join(late, ["experiment_key", *UNIT], "left")
    return rows.select(
        *SILVER["experiment_units"].key,
        sf.when(sf.col("_gone"), "left").when(sf.col("_is_known"), "changed").otherwise("joined").alias("change"),
        sf.col("_old.status").alias("old_status"),
        _unless_gone("status").alias("new_status"),
        sf.col("_old.variant_key").alias("old_variant_key"),
        _unless_gone("variant_key").alias("new_variant_key"),
        sf.when(sf.col("experiment_key").isin(*redefined), "definition").otherwise("exposure").alias("reason"),
        *("lateness_seconds", "known_at"),
        sf.lit(batch.generation).alias("_generation"),
        sf.lit(batch.number).cast("bigint").alias("_batch_id"),
    )


def _whole(columns: list[str]) -> Column:
    return sf.struct(*(sf.col(name) for name in columns))


def _unless_gone(name: str) -> Column:
    return sf.when(~sf.col("_gone"), sf.col(name))
