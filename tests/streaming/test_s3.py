"""The lake on S3: the same jobs, the same rows, against a real S3 server."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic  # type: ignore[attr-defined]  # exported, though not by name
from deltalake import DeltaTable
from tests.streaming.conftest import DEFINED, EXPOSED, ORDERED, World, definition, exposure, make_world, order

from tallystick.streaming import bronze, gold
from tallystick.streaming.bronze import BronzeOptions
from tallystick.streaming.gold import GoldOptions
from tallystick.streaming.lake import Lake

if TYPE_CHECKING:
    from pathlib import Path

    from pyspark.sql import SparkSession
    from tests.conftest import S3

pytestmark = [pytest.mark.spark, pytest.mark.kafka, pytest.mark.s3, pytest.mark.slow]


@pytest.fixture
def remote(spark: SparkSession, s3: S3, tmp_path: Path, contracts: dict[str, str]) -> World:
    """An empty lake in the bucket."""
    world = make_world(spark, tmp_path, contracts.values())
    world.lake = Lake(f"s3a://{s3.bucket}/{uuid.uuid4().hex}")
    return world


def test_bronze_silver_and_gold_run_on_s3_and_a_second_run_adds_nothing(remote: World, s3: S3, broker: str) -> None:
    topic = f"s3-{uuid.uuid4().hex[:8]}"
    admin = AdminClient({"bootstrap.servers": broker})  # the future ends with it
    admin.create_topics([NewTopic(topic, num_partitions=1)])[topic].result(30)
    producer = Producer({"bootstrap.servers": broker})
    for name, record in (
        (DEFINED, definition(1)),
        (EXPOSED, exposure(2, 1, "ada", "control")),
        (ORDERED, order(3, 2, "ada", "12.50")),
        (ORDERED, order(3, 2, "ada", "12.50")),
    ):
        producer.produce(topic, remote.value(name, record))
    assert producer.flush(30) == 0
    for _ in range(2):
        bronze.run(remote.spark, remote.lake, BronzeOptions(kafka=broker, topics=(topic,), once=True))
        remote.silver()
        gold.run(remote.spark, remote.lake, GoldOptions(once=True))
    assert remote.rows("attributed_outcomes", "metric_key", "status") == [
        ("order_conversion", "attributed"),
        ("revenue", "attributed"),
    ]
    options = {
        "AWS_ACCESS_KEY_ID": s3.access_key,
        "AWS_SECRET_ACCESS_KEY": s3.secret_key,
        "AWS_ENDPOINT_URL": s3.endpoint,
        "AWS_REGION": s3.region,
        "AWS_ALLOW_HTTP": "true",
    }
    rows = {
        path: DeltaTable(path.replace("s3a://", "s3://"), storage_options=options).to_pyarrow_table().num_rows
        for path in (remote.lake.bronze, remote.lake.silver("events"), remote.lake.gold("experiment_health"))
    }
    assert list(rows.values()) == [4, 3, 1]
