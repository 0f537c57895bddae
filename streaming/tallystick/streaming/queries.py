"""Runs a streaming query to its end and tells what ended it in our words."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from pyspark.errors import PySparkException, StreamingQueryException

from tallystick.streaming.errors import JobFailedError, LakeError, OffsetsLostError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pyspark.sql.streaming.readwriter import DataStreamWriter

    from tallystick.contracts.errors import TallystickError

__all__ = ["Failure", "run_query"]

# What stands in Spark's message -> what it means.
_CAUSES: Final[tuple[tuple[re.Pattern[str], Callable[[str], TallystickError]], ...]] = (
    (re.compile(r"Some data may have been lost|KAFKA_DATA_LOSS|OffsetOutOfRange|was changed from"), OffsetsLostError),
    (
        re.compile(r"Permission denied|AccessDenied|Mkdirs failed|Read-only file system|No space left"),
        lambda cause: LakeError("--lake", cause),
    ),
)
_SENTENCE: Final = 300


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
    job: str, writer: DataStreamWriter, checkpoint: str, failure: Failure, *, once: bool, interval: float
) -> None:
    """Run a query until it has processed everything, or until it is stopped.

    Raises:
        TallystickError: What ended it, as the batch function raised it or as Spark's message tells.
    """
    trigger = writer.trigger(availableNow=True) if once else writer.trigger(processingTime=f"{interval} seconds")
    try:
        query = trigger.option("checkpointLocation", checkpoint).start()
    except PySparkException as error:
        raise explained(job, str(error)) from error
    try:
        query.awaitTermination()
    except StreamingQueryException as error:
        if failure.error is not None:
            raise failure.error from None
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
