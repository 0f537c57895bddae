"""Runs independent Spark jobs side by side: a job waits for the driver and for storage more than it computes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

from pyspark.util import inheritable_thread_target

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pyspark.sql import SparkSession

__all__ = ["run_all"]

_AT_ONCE: Final = 4


def run_all(spark: SparkSession, jobs: Sequence[Callable[[], object]]) -> None:
    """Run jobs in threads that share this thread's job group; the first error is raised when all have ended."""
    if len(jobs) == 1:
        jobs[0]()
        return
    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        running = [pool.submit(inheritable_thread_target(spark)(job)) for job in jobs]
    for each in running:
        each.result()
