"""Runs a streaming query to its end and tells what ended it in our words."""

from __future__ import annotations

import re
import time
from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING, Final

import structlog
from pyspark.errors import PySparkException, StreamingQueryException

from tallystick.streaming.errors import BrokerUnavailableError, JobFailedError, LakeError, OffsetsLostError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pyspark.sql.streaming.query import StreamingQuery
    from pyspark.sql.streaming.readwriter import DataStreamWriter

    from tallystick.contracts.errors import TallystickError

__all__ = ["Failure", "run_query"]

# What stands in Spark's message -> what it means.
_CAUSES: Final[tuple[tuple[re.Pattern[str], Callable[[str], TallystickError]], ...]] = (
    (re.compile(r"Some data may have been lost|KAFKA_DATA_LOSS|OffsetOutOfRange|was changed from"), OffsetsLostError),
    (
        re.compile(r"common\.errors\.TimeoutException|Timeout expired while|Failed to create new Kafka"),
        lambda cause: BrokerUnavailableError("--kafka", cause),
    ),
    (
        re.compile(r"Permission denied|AccessDenied|Mkdirs failed|Read-only file system|No space left"),
        lambda cause: LakeError("--lake", cause),
    ),
)
# Spark 4.1 ends a query that reads Kafka after it has recovered a batch: the batch is done, but the report of it
# looks for offsets that were never asked for (SPARK-55271). Started anew, the query goes on behind that batch.
_ENDED_AFTER_RECOVERY: Final = re.compile(r'"scala\.collection\.IterableOps\.map\(scala\.Function1\)" because')
_SENTENCE: Final = 300
_LONGEST_PAUSE: Final = 60.0
_LOOK_SECONDS: Final = 1
_log = structlog.get_logger("tallystick.streaming")


class _RecoveredError(Exception):
    """A query has recovered a batch and ended with it."""


class Failure:
    """Keeps the error that ended a batch: Spark would hand it on as a text with a stack in it."""

    def __init__(self) -> None:
        self.error: BaseException | None = None

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Keep what is raised inside, and let it go on."""
        try:
            yield
        except BaseException as error:
            self.error = error
            raise


def run_query(
    job: str,
    writer: DataStreamWriter,
    checkpoint: str,
    failure: Failure,
    *,
    once: bool,
    interval: float,
    passing: tuple[type[TallystickError], ...] = (),
    look: Callable[[StreamingQuery], None] = lambda _: None,
) -> None:
    """Run a query until it has processed everything, or until it is stopped.

    Args:
        job: The job's name.
        writer: The query.
        checkpoint: Where it keeps what it has read.
        failure: Keeps what the batch function raises.
        once: End when everything is processed.
        interval: Else, seconds between two batches.
        passing: Errors that pass by themselves: a job that runs on waits and takes the batch up again.
        look: Called with the query every second and at its end.

    Raises:
        TallystickError: What ended it, as the batch function raised it or as Spark's message tells.
    """
    trigger = writer.trigger(availableNow=True) if once else writer.trigger(processingTime=f"{interval} seconds")
    pauses = (min(_LONGEST_PAUSE, 2.0**attempt) for attempt in count())
    trigger = trigger.option("checkpointLocation", checkpoint)
    while True:
        try:
            _run(job, trigger, failure, look)
        except _RecoveredError:
            _log.info("recovered a batch", job=job)
        except passing as error:
            if once:
                raise
            pause = next(pauses)
            _log.warning("waiting", job=job, cause=str(error), seconds=pause)
            time.sleep(pause)
        else:
            return


def _run(job: str, writer: DataStreamWriter, failure: Failure, look: Callable[[StreamingQuery], None]) -> None:
    failure.error = None
    try:
        query = writer.start()
    except PySparkException as error:
        raise explained(job, str(error)) from error
    try:
        while not query.awaitTermination(_LOOK_SECONDS):
            look(query)
        look(query)
    except StreamingQueryException as error:
        if failure.error is not None:
            raise failure.error from None
        if _ENDED_AFTER_RECOVERY.search(str(error)):
            raise _RecoveredError from error
        raise explained(job, str(error)) from error
    finally:
        query.stop()


def explained(job: str, message: str) -> TallystickError:
    """Spark's message as one of our errors."""
    sentence = " ".join(message.partition("\n\tat ")[0].split())[:_SENTENCE]
    for pattern, error in _CAUSES:
        if pattern.search(message):
            return error(sentence)
    return JobFailedError(job, sentence)
