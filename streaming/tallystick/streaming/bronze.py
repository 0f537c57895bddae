"""The Bronze job: lands whatever Kafka holds, untouched. It knows no registry and no contract, so neither can stop it.

Delta's own streaming sink writes each batch once: with it goes a transaction of the query's id, which lives in the
checkpoint, and the batch's number. Where the checkpoint is lost, Bronze itself tells how far it had come.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pyspark.sql import functions as sf

from tallystick.contracts.wire import HEADER_SIZE
from tallystick.streaming import delta, kafka
from tallystick.streaming.errors import BrokerUnavailableError
from tallystick.streaming.progress import BatchProgress, report
from tallystick.streaming.queries import Failure, run_query
from tallystick.streaming.tables import columns_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.streaming.listener import StreamingQueryProgress
    from pyspark.sql.streaming.query import StreamingQuery

    from tallystick.streaming.lake import Lake
    from tallystick.streaming.progress import OnProgress

__all__ = ["COLUMNS", "TOPICS", "BronzeOptions", "resume_offsets", "run", "to_bronze"]

TOPICS: Final = ("tallystick.events", "tallystick.dead-letters")
COLUMNS: Final = """topic STRING NOT NULL, partition INT NOT NULL, offset BIGINT NOT NULL, timestamp TIMESTAMP,
    timestamp_type INT, key BINARY, value BINARY, headers ARRAY<STRUCT<key: STRING, value: BINARY>>, schema_id INT,
    ingested_at TIMESTAMP, ingest_date DATE"""
_JOB: Final = "bronze"
_EARLIEST: Final = -2
_LARGEST_ID: Final = 2**31 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class BronzeOptions:
    """How Bronze reads Kafka.

    Attributes:
        kafka: Addresses of brokers, `host:port,host:port`.
        topics: What to read.
        once: Read what is there and end; else go on until stopped.
        interval: Seconds between two batches.
        max_offsets: How many records a batch takes at most.
        settings: Settings of the Kafka client, such as `security.protocol`.
    """

    kafka: str
    topics: tuple[str, ...] = TOPICS
    once: bool = False
    interval: float = 5.0
    max_offsets: int = 200_000
    settings: tuple[tuple[str, str], ...] = ()


def run(spark: SparkSession, lake: Lake, options: BronzeOptions, *, on_progress: OnProgress | None = None) -> None:
    """Run Bronze.

    Raises:
        BrokerUnavailableError: Kafka gives no answer.
        TopicMissingError: There is no such topic.
        OffsetsLostError: Kafka no longer holds records that are still to be read.
    """
    kafka.check_reachable(options.kafka)
    partitions = kafka.partitions(spark, options.kafka, options.topics)
    delta.ensure_columns(
        spark,
        lake.bronze,
        columns_of(COLUMNS),
        stats=("timestamp", "ingested_at"),
        partition=("ingest_date",),
        properties={"delta.appendOnly": "true"},
    )
    reader = (
        spark.readStream.format("kafka")
        .option("kafka.bootstrap.servers", options.kafka)
        .option("subscribe", ",".join(options.topics))
        .option("includeHeaders", "true")
        .option("failOnDataLoss", "true")
        .option("maxOffsetsPerTrigger", options.max_offsets)
        .option("startingOffsets", "earliest")
    )
    for name, value in options.settings:
        reader = reader.option(f"kafka.{name}", value)
    if not delta.is_there(spark, f"{lake.checkpoint(_JOB)}/metadata"):
        reader = reader.option("startingOffsets", resume_offsets(delta.read(spark, lake.bronze), partitions))
    rows = to_bronze(reader.load())
    writer = rows.writeStream.queryName(_JOB).format("delta").option("path", lake.bronze).partitionBy("ingest_date")
    run_query(
        _JOB,
        writer,
        lake.checkpoint(_JOB),
        Failure(),
        once=options.once,
        interval=options.interval,
        passing=(BrokerUnavailableError,),
        look=_Reporter(on_progress).look,
    )


def to_bronze(records: DataFrame) -> DataFrame:
    """Records of Kafka's source as rows of Bronze."""
    framed = (sf.length("value") >= HEADER_SIZE) & (sf.substring("value", 1, 1) == sf.lit(b"\x00"))
    number = sf.conv(sf.hex(sf.substring("value", 2, 4)), 16, 10).cast("bigint")
    return records.select(
        *("topic", "partition", "offset", "timestamp", sf.col("timestampType").alias("timestamp_type"), "key", "value"),
        "headers",
        sf.when(framed & (number <= _LARGEST_ID), number.cast("int")).alias("schema_id"),
        # Within a stream this is the batch's time, which a second attempt at the batch keeps.
        sf.current_timestamp().alias("ingested_at"),
        sf.current_date().alias("ingest_date"),
    )


def resume_offsets(bronze: DataFrame, partitions: Mapping[str, tuple[int, ...]]) -> str:
    """Where to go on without a checkpoint: behind the last record of each partition in Bronze, else at its start."""
    last = bronze.groupBy("topic", "partition").agg(sf.max("offset").alias("offset")).collect()
    after = {(row.topic, row.partition): row.offset + 1 for row in last}
    return json.dumps(
        {
            topic: {str(number): after.get((topic, number), _EARLIEST) for number in numbers}
            for topic, numbers in partitions.items()
        }
    )


class _Reporter:
    """Hands on what Spark tells about Bronze's batches, of which no code of ours runs inside."""

    def __init__(self, on_progress: OnProgress | None) -> None:
        self._on_progress = on_progress
        self._last = -1

    def look(self, query: StreamingQuery) -> None:
        """Report the batches that have ended since the last look."""
        for told in query.recentProgress:
            if told.batchId > self._last and told.numInputRows:
                self._last = told.batchId
                report(_progress(told), self._on_progress)


def _progress(told: StreamingQueryProgress) -> BatchProgress:
    metrics = told.sources[0].metrics or {}
    behind = metrics.get("maxOffsetsBehindLatest")
    return BatchProgress(
        job=_JOB,
        batch=told.batchId,
        rows=told.numInputRows,
        tables={"events": told.numInputRows},
        seconds={step: millis / 1000 for step, millis in told.durationMs.items()},
        behind=None if behind is None else int(behind),
    )
