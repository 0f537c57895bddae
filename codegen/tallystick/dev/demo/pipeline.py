"""The platform that a demo runs on: a dev stack of its own, and the three Spark jobs in one session."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from confluent_kafka import Consumer, TopicPartition

from tallystick.dev.demo.errors import DemoError
from tallystick.dev.topics import DEAD_LETTERS, EVENTS
from tallystick.sdk.registry import RegistryClient
from tallystick.streaming import bronze, gold, silver
from tallystick.streaming.lake import Lake
from tallystick.streaming.session import SessionOptions, open_session

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pyspark.sql import SparkSession

    from tallystick.dev.stack import StackStatus
    from tallystick.streaming.progress import BatchProgress

__all__ = ["Pipeline", "open_spark", "require_empty"]


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Bronze, Silver and Gold over one lake, each run until it has nothing more to do.

    Attributes:
        spark: The session.
        folder: The lake.
        stack: Where Kafka and the registry are.
    """

    spark: SparkSession
    folder: Path
    stack: StackStatus

    @property
    def _lake(self) -> Lake:
        return Lake(str(self.folder))

    def bronze(self, on_rows: Callable[[int], None]) -> None:
        """Land what Kafka holds."""
        options = bronze.BronzeOptions(kafka=self.stack.kafka or "", once=True)
        bronze.run(self.spark, self._lake, options, on_progress=_rows(on_rows))

    def silver(self, on_rows: Callable[[int], None]) -> None:
        """Bring Silver up to date with Bronze."""
        options = silver.SilverOptions(once=True)
        with RegistryClient(self.stack.registry or "") as registry:
            silver.run(self.spark, self._lake, registry, options, on_progress=_rows(on_rows))

    def gold(self) -> None:
        """Compute the results from Silver."""
        gold.run(self.spark, self._lake, gold.GoldOptions(once=True))


def open_spark(folder: Path) -> SparkSession:
    """Open the session in which all three jobs run."""
    spark = open_session(SessionOptions(lake=str(folder)))
    # Warnings would run through the progress bars; what ends a job is raised anyhow.
    spark.sparkContext.setLogLevel("ERROR")
    return spark


def require_empty(kafka: str) -> None:
    """Make sure that nothing stands on the topics: the truth knows of no other events.

    Raises:
        DemoError: Something does.
    """
    consumer = Consumer({"bootstrap.servers": kafka, "group.id": "tallystick-demo", "enable.auto.commit": False})
    try:
        for topic in (EVENTS, DEAD_LETTERS):
            known = consumer.list_topics(topic, timeout=10).topics[topic].partitions
            for partition in known:
                _, end = consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=10)
                if end > 0:
                    raise DemoError(
                        f"the topic {topic} of the Kafka at {kafka} is not empty",
                        fix="give the demo a Kafka of its own",
                    )
    finally:
        consumer.close()


def _rows(on_rows: Callable[[int], None]) -> Callable[[BatchProgress], None]:
    return lambda progress: on_rows(progress.rows)
