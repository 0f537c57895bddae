"""Bronze holds what Kafka holds, each record once, whatever happens to the job or its checkpoint."""

from __future__ import annotations

import shutil
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest
from confluent_kafka import Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic  # type: ignore[attr-defined]  # exported, though not by name
from deltalake import DeltaTable

from tallystick.contracts import frame
from tallystick.streaming import bronze, delta
from tallystick.streaming.bronze import BronzeOptions
from tallystick.streaming.errors import BrokerUnavailableError, OffsetsLostError, TopicMissingError
from tallystick.streaming.kafka import check_reachable
from tallystick.streaming.lake import Lake

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pyspark.sql import SparkSession

    from tallystick.streaming.progress import BatchProgress

pytestmark = [pytest.mark.spark, pytest.mark.kafka]


@pytest.fixture
def topic(broker: str) -> str:
    """A topic of its own, with two partitions."""
    name = f"bronze-{uuid.uuid4().hex[:8]}"
    admin = AdminClient({"bootstrap.servers": broker})
    # The records' times are fixed and old: Kafka shall not drop them for their age.
    for made in admin.create_topics([NewTopic(name, num_partitions=2, config={"retention.ms": "-1"})]).values():
        made.result(30)
    return name


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(str(tmp_path / "lake"))


def produce(broker: str, topic: str, values: Iterable[bytes | None], partition: int = 0) -> None:
    producer = Producer({"bootstrap.servers": broker, "acks": "all"})
    for value in values:
        producer.produce(
            topic, value, key=b"k", partition=partition, headers=[("source", b"shop")], timestamp=1_767_571_200_000
        )
    assert producer.flush(30) == 0


def land(spark: SparkSession, lake: Lake, broker: str, topic: str, *, max_offsets: int = 1000) -> list[BatchProgress]:
    progress: list[BatchProgress] = []
    options = BronzeOptions(kafka=broker, topics=(topic,), once=True, max_offsets=max_offsets)
    bronze.run(spark, lake, options, on_progress=progress.append)
    return progress


def landed(lake: Lake) -> list[tuple[int, int, bytes | None]]:
    """Bronze as a reader sees it that is not Spark."""
    stored = DeltaTable(lake.bronze).to_pyarrow_table()  # noqa: F841 - DuckDB finds it by its name
    found = duckdb.sql('SELECT "partition", "offset", "value" FROM stored ORDER BY ALL')
    assert found is not None
    return [(row[0], row[1], row[2]) for row in found.fetchall()]


def test_records_land_untouched_with_the_schema_id_of_their_frame(
    spark: SparkSession, lake: Lake, broker: str, topic: str
) -> None:
    values = [frame(7, b"abc"), frame(2**31 - 1, b""), b"\0\0", b"", None, b"\x01\0\0\0\7x", b"\0\xff\xff\xff\xffx"]
    produce(broker, topic, values)
    land(spark, lake, broker, topic)
    table = delta.read(spark, lake.bronze).orderBy("offset")
    rows = table.selectExpr("value", "schema_id", "key", "headers", "unix_micros(timestamp) AS at", "topic").collect()
    assert [None if row.value is None else bytes(row.value) for row in rows] == values
    assert [row.schema_id for row in rows] == [7, 2**31 - 1, None, None, None, None, None]
    assert {(bytes(row.key), row["at"], row.topic) for row in rows} == {(b"k", 1_767_571_200_000_000, topic)}
    assert [(each.key, bytes(each.value)) for each in rows[0].headers] == [("source", b"shop")]


def test_a_batch_whose_commit_was_lost_is_not_written_twice(
    spark: SparkSession, lake: Lake, broker: str, topic: str
) -> None:
    produce(broker, topic, [b"a", b"b", b"c"])
    land(spark, lake, broker, topic)
    for lost in Path(lake.checkpoint("bronze"), "commits").glob("*"):
        lost.unlink()
    produce(broker, topic, [b"d"], partition=1)
    land(spark, lake, broker, topic)
    assert landed(lake) == [(0, 0, b"a"), (0, 1, b"b"), (0, 2, b"c"), (1, 0, b"d")]


def test_a_lost_checkpoint_goes_on_behind_what_bronze_holds(
    spark: SparkSession, lake: Lake, broker: str, topic: str
) -> None:
    produce(broker, topic, [b"a", b"b", b"c"])
    land(spark, lake, broker, topic, max_offsets=2)
    shutil.rmtree(lake.checkpoint("bronze"))
    produce(broker, topic, [b"d"])
    produce(broker, topic, [b"e"], partition=1)
    land(spark, lake, broker, topic)
    assert landed(lake) == [(0, 0, b"a"), (0, 1, b"b"), (0, 2, b"c"), (0, 3, b"d"), (1, 0, b"e")]


def test_records_that_kafka_dropped_unread_are_told_and_not_passed_over(
    spark: SparkSession, lake: Lake, broker: str, topic: str
) -> None:
    produce(broker, topic, [b"a"])
    land(spark, lake, broker, topic)
    produce(broker, topic, [b"b", b"c"])
    admin = AdminClient({"bootstrap.servers": broker})
    for dropped in admin.delete_records([TopicPartition(topic, 0, 2)]).values():
        dropped.result(30)
    with pytest.raises(OffsetsLostError):
        land(spark, lake, broker, topic)
    assert landed(lake) == [(0, 0, b"a")]


def test_a_topic_that_is_not_there_is_named(spark: SparkSession, lake: Lake, broker: str) -> None:
    with pytest.raises(TopicMissingError) as raised:
        land(spark, lake, broker, "no-such-topic")
    assert raised.value.topics == ("no-such-topic",)


@pytest.mark.parametrize("address", ["127.0.0.1:1", "nowhere.invalid:9092", "localhost", ""])
def test_a_kafka_that_does_not_answer_is_told_before_spark_is_asked(address: str) -> None:
    with pytest.raises(BrokerUnavailableError) as raised:
        check_reachable(address)
    assert "--kafka" in raised.value.fix
