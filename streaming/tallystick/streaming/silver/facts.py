"""Turns each event type into the same narrow row, through the roles in its contract.

Everything that Silver decides (what is a duplicate, which unit is touched, what is an exposure) is decided on these
rows. Beside them stands the Kafka value as `raw`: a type's own table takes the whole payload from there.
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Final

from pyspark.sql import functions as sf

from tallystick.streaming.silver.decode import judge
from tallystick.streaming.silver.roles import EXCLUSIONS, PAYLOAD, at, dimensions, field, flag
from tallystick.streaming.tables import COORDINATES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyspark.sql import Column, DataFrame

    from tallystick.contracts.contract import Contract
    from tallystick.contracts.metrics import Metric
    from tallystick.contracts.types import Json
    from tallystick.streaming.silver.plan import Plan, Reading

__all__ = ["facts"]

CLOCK_TOLERANCE_SECONDS: Final = 300
VALUE: Final = "DECIMAL(38,9)"
_ROLES: Final = {
    "user_id": "identity.user",
    "anonymous_id": "identity.anonymous",
    "session_id": "identity.session",
    "trace_id": "trace_id",
    "unit_id": "experiment.unit_id",
    "experiment_key": "experiment.experiment_key",
    "variant_key": "experiment.variant_key",
    "assignment_reason": "experiment.assignment_reason",
}
# What an event must have to take part in experiments, by its role.
_NEEDED: Final = {"exposure": ("unit_id", "experiment_key", "variant_key"), "outcome": ("unit_id",)}
_NO_MEASURES: Final = f"array<struct<metric_key:string,value:{VALUE.lower()}>>"


def facts(bronze: DataFrame, plan: Plan) -> DataFrame:
    """One row per Bronze row, of whatever event type: either the facts or a `reason` why there are none."""
    typed = (_of_type(bronze, reading) for reading in plan.readings)
    parts = [_unframed(bronze, plan), *typed]
    return reduce(lambda left, right: left.unionByName(right, allowMissingColumns=True), parts)


def _unframed(bronze: DataFrame, plan: Plan) -> DataFrame:
    """The rows that belong to no event type: no frame, or a schema id that leads nowhere."""
    known = [schema_id for reading in plan.readings for schema_id in reading.ids]
    reason, detail = sf.lit("UNDECODABLE"), sf.lit("not in Confluent's wire format")
    for schema_id, fault in plan.faults.items():
        mine = sf.col("schema_id") == schema_id
        reason = sf.when(mine, sf.lit(fault.reason)).otherwise(reason)
        detail = sf.when(mine, sf.lit(fault.detail)).otherwise(detail)
    rest = bronze.where(sf.col("schema_id").isNull() | ~sf.col("schema_id").isin(*known))
    return rest.select(
        *(*COORDINATES, "timestamp", "schema_id", sf.lit(None).cast("string").alias("event_type")),
        *(sf.lit(None).cast("int").alias("schema_version"), sf.lit(None).cast("string").alias("contract_hash")),
        *(reason.alias("reason"), detail.alias("detail"), sf.col("value").alias("raw")),
    )


def _of_type(bronze: DataFrame, reading: Reading) -> DataFrame:
    contract = reading.contract
    role = contract.experiment.role if contract.experiment else None
    judged = judge(bronze.where(sf.col("schema_id").isin(*reading.ids)), reading)
    versions = {schema_id: writer.version for schema_id, writer in reading.writers.items()}
    hashes = {schema_id: writer.contract.contract_hash for schema_id, writer in reading.writers.items()}
    timed = judged.select(
        *(*COORDINATES, "timestamp", "schema_id", "reason", "detail", "payload_hash"),
        sf.col("value").alias("raw"),
        sf.lit(contract.name).alias("event_type"),
        _lookup(versions, "int").alias("schema_version"),
        _lookup(hashes, "string").alias("contract_hash"),
        sf.lit(contract.is_event).alias("is_event"),
        sf.coalesce(at(contract, "source", "string"), sf.lit("")).alias("source"),
        at(contract, "event_id", "string").alias("event_id"),
        at(contract, "event_time", "timestamp").alias("occurred_at"),
        at(contract, "sent_time", "timestamp").alias("sent_at"),
        sf.coalesce(at(contract, "received_time", "timestamp"), sf.col("timestamp")).alias("received_at"),
        *(at(contract, role, "string").alias(name) for name, role in _ROLES.items()),
        sf.lit(role).cast("string").alias("role"),
        sf.lit(contract.experiment.unit_type if contract.experiment else None).cast("string").alias("unit_type"),
        *(flag(contract, kind).alias(f"is_{kind}") for kind in EXCLUSIONS),
        dimensions(contract).alias("dimensions"),
        _measures(contract).alias("measures"),
        _rule_fault(contract, role).alias("rule_fault"),
    )
    return _corrected(timed)


def _corrected(timed: DataFrame) -> DataFrame:
    """Set the device's clock right by the time between sending and receiving (R1)."""
    micros = {name: sf.unix_micros(name) for name in ("occurred_at", "sent_at", "received_at")}
    # The times are a sender's: their sum may overflow, and then the device's own word stands.
    skew = sf.try_subtract(micros["received_at"], micros["sent_at"])
    corrected = sf.coalesce(sf.try_add(micros["occurred_at"], skew), micros["occurred_at"])
    latest = sf.try_add(micros["received_at"], sf.lit(CLOCK_TOLERANCE_SECONDS * 1_000_000))
    clamped = sf.coalesce(corrected > latest, sf.lit(False))
    return timed.withColumns(
        {
            "clock_clamped": clamped,
            "event_time": sf.when(clamped, sf.col("received_at")).otherwise(sf.timestamp_micros(corrected)),
        }
    )


def _measures(contract: Contract) -> Column:
    """What an outcome adds to each of its metrics."""
    metrics = _metrics(contract)
    if not metrics:
        return sf.lit(None).cast(_NO_MEASURES)
    measures = sf.array(
        *(sf.struct(sf.lit(metric.key).alias("metric_key"), _added(metric).alias("value")) for metric in metrics)
    )
    return sf.filter(measures, lambda measure: measure.getField("value").isNotNull())


def _added(metric: Metric) -> Column:
    """What one event adds to a metric; null where it takes no part in it, or where no decimal can hold it."""
    value = sf.lit(1) if metric.aggregation == "count" else field(metric.value)
    # A value that no decimal can hold becomes null here and a reject below, where a plain cast would end the job.
    added = value.try_cast(VALUE)
    for path, literal in metric.where.items():
        added = sf.when(field(path).cast("string") == sf.lit(_text(literal)), added)
    return added


def _text(literal: Json) -> str:
    """A JSON literal as Spark prints it: compared as text, a contract's slip can match nothing but not end the job."""
    return str(literal).lower() if isinstance(literal, bool) else str(literal)


def _rule_fault(contract: Contract, role: str | None) -> Column:
    """Why a readable event takes no part in experiments; null where it does or never would."""
    fault = sf.lit(None).cast("string")
    for metric in _metrics(contract):
        if metric.aggregation != "count":
            value = field(metric.value)
            lost = value.isNotNull() & value.try_cast(VALUE).isNull()
            fault = sf.when(lost, sf.lit(f"the value of metric {metric.key} fits into no {VALUE}")).otherwise(fault)
    for name in _NEEDED.get(role or "", ()):
        missing = sf.lit(role == "exposure") & at(contract, _ROLES[name], "string").isNull()
        fault = sf.when(missing, sf.lit(f"an exposure without a field of the role {_ROLES[name]}")).otherwise(fault)
    return sf.when(sf.col(PAYLOAD).isNotNull(), fault)


def _metrics(contract: Contract) -> tuple[Metric, ...]:
    experiment = contract.experiment
    return experiment.metrics if experiment and experiment.role == "outcome" else ()


def _lookup(values: Mapping[int, object], type_: str) -> Column:
    column = sf.lit(None).cast(type_)
    for schema_id, value in values.items():
        column = sf.when(sf.col("schema_id") == schema_id, sf.lit(value)).otherwise(column)
    return column
