"""Puts a classified batch into the tables that only grow: rejects, typed tables, exposures, outcomes, events.

Each function writes one table. Where a row of the batch takes the place of another (the rare copy that was received
earlier), the other row is deleted first.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Final

from pyspark.sql import functions as sf

from tallystick.contracts.silver import typed_table_name
from tallystick.streaming import delta
from tallystick.streaming.errors import TableMismatchError
from tallystick.streaming.silver import experiments, typed
from tallystick.streaming.silver.decode import payload_type, with_payload
from tallystick.streaming.silver.duplicates import SENIORITY, conflicts
from tallystick.streaming.silver.explain import explained
from tallystick.streaming.silver.ruled import BROKEN
from tallystick.streaming.tables import COORDINATES, EVENT_KEY, SILVER

if TYPE_CHECKING:
    from collections.abc import Collection

    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.types import StructType

    from tallystick.streaming.delta import Batch
    from tallystick.streaming.lake import Lake
    from tallystick.streaming.silver.definitions import Frames
    from tallystick.streaming.silver.displaced import Displaced
    from tallystick.streaming.silver.plan import Plan, Reading
    from tallystick.streaming.silver.tally import Tally

__all__ = ["Landing", "ledger"]

STAGE_DECODE: Final = "CONSUME_DECODE"
STAGE_RULE: Final = "RULE"


def ledger(spark: SparkSession, lake: Lake, plan: Plan) -> DataFrame:
    """The messages that count so far: all events, and of other messages the types in this batch."""
    names = (*EVENT_KEY, "received_at", *COORDINATES)
    events = delta.snapshot(spark, lake.silver("events")).select(
        *names,
        sf.col("_payload_hash").alias("payload_hash"),
        *("event_type", "unit_type", "unit_id", sf.lit("").alias("_kind")),
    )
    parts = [events]
    for reading in plan.readings:
        path = lake.silver(typed_table_name(reading.contract.name))
        if reading.contract.is_event or not delta.exists(spark, path):
            continue
        nothing = sf.lit(None).cast("string")
        kind = sf.lit(reading.contract.name)
        table = delta.snapshot(spark, path).select(
            *(sf.col(f"_{name}").alias(name) for name in (*names, "payload_hash")),
            *(kind.alias("event_type"), nothing.alias("unit_type"), nothing.alias("unit_id"), kind.alias("_kind")),
        )
        parts.append(table)
    return reduce(lambda left, right: left.unionByName(right), parts)


@dataclass(frozen=True)
class Landing:
    """A classified batch on its way into the tables.

    Attributes:
        lake: Where the tables stand.
        batch: Which batch it is.
        rows: Its classified facts, computed and kept.
        plan: How it was read.
        tally: What is in it.
        displaced: What its rows take the place of.
        frames: The definitions that hold.
    """

    lake: Lake
    batch: Batch
    rows: DataFrame
    plan: Plan
    tally: Tally
    displaced: Displaced
    frames: Frames

    @property
    def fresh(self) -> DataFrame:
        """The new messages."""
        return self.rows.where("is_fresh")

    def rejects(self) -> None:
        """Write what cannot be used, with the reason."""
        writers = {
            schema_id: writer.contract.text
            for reading in self.plan.readings
            for schema_id, writer in reading.writers.items()
        }
        stage = sf.when(sf.col("reason") == BROKEN, sf.lit(STAGE_RULE)).otherwise(sf.lit(STAGE_DECODE))
        common = (
            *COORDINATES,
            stage.alias("stage"),
            "reason",
            "schema_id",
            "event_type",
            "schema_version",
        )
        undecoded = self.rows.where("reason IS NOT NULL").select(
            *common, sf.coalesce("detail", explained(writers)).alias("detail"), "timestamp"
        )
        broken = self.fresh.where("rule_fault IS NOT NULL").select(
            *(*COORDINATES, sf.lit(STAGE_RULE).alias("stage"), sf.lit(BROKEN).alias("reason"), "schema_id"),
            *("event_type", "schema_version", sf.col("rule_fault").alias("detail"), "timestamp"),
        )
        every = undecoded.unionByName(broken) if self.tally.rule_faults else undecoded
        delta.append(every, self.lake.silver("rejects"), self.batch)

    def conflicts(self) -> None:
        """Write the different payloads under one event id."""
        table = SILVER["event_id_conflicts"]
        old, new = (f"struct({', '.join(f'{side}.{name}' for name in SENIORITY)})" for side in ("old", "new"))
        delta.merge(
            self.rows.sparkSession,
            self.lake.silver(table.name),
            conflicts(self.rows),
            table.key,
            update=f"{new} < {old}",
            insert="new._is_new",
        )

    def typed(self, reading: Reading) -> None:
        """Write one event type's own table."""
        spark, contract = self.rows.sparkSession, reading.contract
        path = self.lake.silver(typed_table_name(contract.name))
        columns = typed.table_columns(contract, payload_type(spark, contract))
        delta.ensure_columns(spark, path, columns, stats=("_event_time", "_received_at"))
        self._follow(path, columns)
        self.displaced.leave(path, types={contract.name}, prefix="_")
        delta.append(self._rows_of(reading), path, self.batch, widen=True)

    def displace(self, event_type: str) -> None:
        """Delete from one event type's own table what a message of another type takes the place of."""
        self.displaced.leave(self.lake.silver(typed_table_name(event_type)), types={event_type}, prefix="_")

    def exposures(self) -> None:
        """Write the exposures."""
        self._land("exposures", self._types("exposure"), experiments.exposures(self.fresh, self.frames.experiments))

    def outcomes(self) -> None:
        """Write the outcomes."""
        self._land("outcomes", self._types("outcome"), experiments.outcomes(self.fresh))

    def events(self) -> None:
        """Write the events: last, because by them later attempts tell what is done."""
        events = self.fresh.where("is_event").select(
            *(*EVENT_KEY, "event_type", "schema_id", "schema_version", "contract_hash", "event_time", "occurred_at"),
            *("sent_at", "received_at", "clock_clamped", "user_id", "anonymous_id", "session_id", "trace_id"),
            *("unit_type", "unit_id", "is_bot", "is_internal", *COORDINATES),
            sf.col("payload_hash").alias("_payload_hash"),
        )
        self._land("events", self.displaced.types, events)

    def definition_rows(self) -> DataFrame:
        """The new definitions in the shape of a typed table."""
        new = (each for each in self.plan.readings if self.tally.fresh[each.contract.name])
        every = (self._rows_of(each) for each in new if _role(each) == "definition")
        return reduce(lambda left, right: left.unionByName(right, allowMissingColumns=True), every)

    def _rows_of(self, reading: Reading) -> DataFrame:
        """The new messages of one event type in the shape of its table."""
        new = self.fresh.where(sf.col("event_type") == reading.contract.name).withColumnRenamed("raw", "value")
        return typed.table_rows(with_payload(new, reading))

    def _follow(self, path: str, columns: StructType) -> None:
        """Let a table follow its contract where a type has become wider; new columns come with the append.

        Raises:
            TableMismatchError: It cannot.
        """
        spark = self.rows.sparkSession
        found = list(typed.mismatches(delta.read(spark, path).schema, columns))
        for each in found:
            if not each.is_wider:
                raise TableMismatchError(path, each.column, each.held, each.wanted)
        if found:
            delta.allow_widening(spark, path)

    def _land(self, table: str, types: Collection[str], rows: DataFrame) -> None:
        path = self.lake.silver(table)
        self.displaced.leave(path, types=types)
        delta.append(rows, path, self.batch)

    def _types(self, role: str) -> frozenset[str]:
        """The displaced event types that may have rows in a role's table: its own, and those not read here."""
        others = {each.contract.name for each in self.plan.readings if _role(each) != role}
        return self.displaced.types - others


def _role(reading: Reading) -> str | None:
    experiment = reading.contract.experiment
    return experiment.role if experiment else None
