"""Decodes raw Bronze rows into one contract's shape: a row that cannot be read becomes a value, never an exception.

Two facts about Spark's `from_avro` shape this module. In PERMISSIVE mode bytes that are no such record become a struct
of nulls, not a null. And bytes left over after a record are ignored. So the body is decoded inside an envelope,
`{payload, seal}`, whose seal is the body's own MD5, appended before decoding: only a record that takes up the body
exactly leaves the decoder where the seal begins.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.sql import functions as sf
from pyspark.sql.avro.functions import from_avro
from pyspark.sql.types import StructType

from tallystick.streaming.silver.plan import Fault
from tallystick.streaming.silver.roles import PAYLOAD, at
from tallystick.streaming.silver.ruled import BROKEN, broken_rules, ruled_branches
from tallystick.streaming.silver.typed import obstacles

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pyspark.sql import Column, DataFrame, SparkSession

    from tallystick.contracts.contract import Contract
    from tallystick.streaming.silver.plan import Reading

__all__ = ["Decoded", "decode", "judge", "payload_type", "with_payload"]

_SEAL: Final = {"type": "fixed", "name": "tallystick_seal", "size": 16}
_PERMISSIVE: Final = {"mode": "PERMISSIVE"}
_MICROSECONDS: Final = {"timestampFormat": "yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX"}


@dataclass(frozen=True, slots=True)
class Decoded:
    """What became of some Bronze rows.

    Attributes:
        events: Bronze columns and `payload`, a struct in the contract's shape.
        rejects: Bronze columns, `reason` and `detail`.
    """

    events: DataFrame
    rejects: DataFrame


def decode(df: DataFrame, reading: Reading) -> Decoded:
    """Decode the rows of one event type.

    Args:
        df: Bronze rows with schema ids of this type.
        reading: The pinned contract and its writers, as `plan` gives them.
    """
    judged = judge(df, reading)
    return Decoded(
        events=judged.where("reason IS NULL").drop("reason", "detail"),
        rejects=judged.where("reason IS NOT NULL").drop(PAYLOAD, "payload_hash"),
    )


def judge(df: DataFrame, reading: Reading) -> DataFrame:
    """Bronze columns of one event type with `payload` and `payload_hash`, or with `reason` and `detail`.

    The hash tells two payloads under one event id apart. It leaves out what differs from one delivery to the next (when
    the event was sent and received) and is taken over the writer's record, so that it depends on the bytes alone.
    """
    fault = _unreadable(df.sparkSession, reading)
    if fault is not None:
        return _all_rejected(df, fault)
    judged = _opened(df, reading).select(
        *df.columns,
        sf.col("_decoded.payload").alias(PAYLOAD),
        _seal().eqNullSafe(sf.col("_decoded.seal")).alias("_exact"),
        *_written(reading),
    )
    readable = sf.col("_exact") & at(reading.contract, "event_id", "string").isNotNull()
    broken = broken_rules(reading)
    good = readable & broken.isNull()
    return judged.select(
        *df.columns,
        sf.when(good, sf.col(PAYLOAD)).alias(PAYLOAD),
        sf.when(good, _hash(reading)).alias("payload_hash"),
        sf.when(~readable, _by_id(reading.faults, "reason", otherwise="UNDECODABLE"))
        .when(broken.isNotNull(), sf.lit(BROKEN))
        .alias("reason"),
        sf.when(~readable, _by_id(reading.faults, "detail", otherwise=None)).otherwise(broken).alias("detail"),
    )


def with_payload(df: DataFrame, reading: Reading) -> DataFrame:
    """Add the payload to rows that `judge` has found good, from their `value`; nothing is judged again."""
    return _opened(df, reading).withColumn(PAYLOAD, sf.col("_decoded.payload")).drop("_decoded")


def _opened(df: DataFrame, reading: Reading) -> DataFrame:
    # Without this barrier a filter on a decoded field would be pushed below the decoding, which then runs twice.
    return df.withColumn("_decoded", sf.explode(sf.array(_record(df.sparkSession, reading))))


def _written(reading: Reading) -> Iterator[Column]:
    """The records of older versions as these had them, where those versions state rules."""
    for column, branch in ruled_branches(reading):
        opened = from_avro(_body(), branch.writer.text, _PERMISSIVE)
        if column != PAYLOAD:
            yield sf.when(sf.col("schema_id").isin(*branch.ids), opened).alias(column)


def payload_type(spark: SparkSession, contract: Contract) -> StructType:
    """The contract's shape in Spark, with its nullability, which PERMISSIVE decoding would lose.

    Raises:
        PySparkException: Spark cannot hold the contract, for one because it is recursive.
    """
    # FAILFAST keeps the nullability; nothing is decoded here.
    column = from_avro(sf.lit(None).cast("binary"), contract.text, {"mode": "FAILFAST"})
    shape = spark.range(0).select(column.alias(PAYLOAD)).schema[PAYLOAD].dataType
    if not isinstance(shape, StructType):
        raise TypeError(shape)
    return shape


def _unreadable(spark: SparkSession, reading: Reading) -> Fault | None:
    """Why Spark or a table cannot hold the contract at all; lint keeps such contracts out, other registries may not."""
    try:
        obstacle = next(obstacles(payload_type(spark, reading.contract)), None)
    except (PySparkException, Py4JJavaError) as error:
        told = str(error.java_exception.getMessage()) if isinstance(error, Py4JJavaError) else str(error)
        cause = " ".join(told.split())[:200]
        return Fault("UNDECODABLE", f"Spark cannot hold this contract: {cause}")
    return Fault("UNDECODABLE", f"no table can hold this contract: {obstacle}") if obstacle else None


def _all_rejected(df: DataFrame, fault: Fault) -> DataFrame:
    return df.select(
        *df.columns,
        sf.lit(None).cast("struct<>").alias(PAYLOAD),
        sf.lit(None).cast("string").alias("payload_hash"),
        sf.lit(fault.reason).alias("reason"),
        sf.lit(fault.detail).alias("detail"),
    )


def _record(spark: SparkSession, reading: Reading) -> Column:
    """The decoded envelope; null where no branch takes the id."""
    record = from_avro(sf.lit(None).cast("binary"), _envelope(reading.contract.text), _PERMISSIVE)
    shape = spark.range(0).select(record.alias("record")).schema["record"].dataType
    for branch in reading.branches:
        reader = _envelope(branch.reader.text)
        opened = from_avro(
            sf.concat(_body(), _seal()), _envelope(branch.writer.text), {**_PERMISSIVE, "avroSchema": reader}
        )
        if branch.reader is not reading.contract.schema:
            opened = opened.cast(shape)
        record = sf.when(sf.col("schema_id").isin(*branch.ids), opened).otherwise(record)
    return record


def _body() -> Column:
    return sf.expr("substring(value, 6)")


def _seal() -> Column:
    return sf.unhex(sf.md5(_body()))


@lru_cache(maxsize=1024)
def _envelope(text: str) -> str:
    fields = [{"name": "payload", "type": json.loads(text)}, {"name": "seal", "type": _SEAL}]
    return json.dumps({"type": "record", "name": "tallystick_envelope", "fields": fields})


def _hash(reading: Reading) -> Column:
    """A hash of what was sent, without what the way to here has added."""
    hashed = sf.lit(None).cast("string")
    for branch in reading.branches:
        same = branch.writer.text == reading.contract.text
        written = sf.col(PAYLOAD) if same else from_avro(_body(), branch.writer.text, _PERMISSIVE)
        text = sf.to_json(_without_delivery(written, branch.writer), _MICROSECONDS)
        hashed = sf.when(sf.col("schema_id").isin(*branch.ids), sf.sha2(text, 256)).otherwise(hashed)
    return hashed


def _without_delivery(payload: Column, writer: Contract) -> Column:
    paths = [path for role in ("sent_time", "received_time") for path in writer.roles.get(role, ())]
    return payload.dropFields(*(".".join(path) for path in paths)) if paths else payload


def _by_id(faults: Mapping[int, Fault], attribute: str, *, otherwise: str | None) -> Column:
    column = sf.lit(otherwise).cast("string")
    for schema_id, fault in faults.items():
        column = sf.when(sf.col("schema_id") == schema_id, sf.lit(getattr(fault, attribute))).otherwise(column)
    return column
