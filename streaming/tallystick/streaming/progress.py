"""What a batch did, as a value: logged as JSON, and given to whoever watches."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, TypeAlias

import structlog

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

__all__ = ["BatchProgress", "OnProgress", "Stopwatch", "report"]

_log = structlog.get_logger("tallystick.streaming")


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchProgress:
    """What one micro-batch did.

    Attributes:
        job: bronze, silver or gold.
        batch: The batch's number.
        rows: Rows that came in.
        events: Rows that were new events.
        duplicates: Rows that were copies of known events.
        rejects: Rows that could not be used, by reason.
        tables: Rows written, by table.
        seconds: Time spent, by step.
        newest: Kafka's time of the newest row; the lag is what lies between it and now.
        behind: Records of the partition that is furthest behind which Kafka holds and Bronze has not read.
    """

    job: str
    batch: int
    rows: int = 0
    events: int = 0
    duplicates: int = 0
    rejects: Mapping[str, int] = field(default_factory=dict)
    tables: Mapping[str, int] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)
    newest: datetime | None = None
    behind: int | None = None


OnProgress: TypeAlias = Callable[[BatchProgress], None]


def report(progress: BatchProgress, watcher: OnProgress | None) -> None:
    """Log a batch and tell the watcher."""
    facts = {key: value for key, value in asdict(progress).items() if value not in (None, {})}
    if progress.newest is not None:
        facts["newest"] = progress.newest.isoformat()
    _log.info("batch", **facts)
    if watcher is not None:
        watcher(progress)


class Stopwatch:
    """Takes the seconds of each step and announces its end; steps may run side by side.

    Args:
        reached: Called with the name of each step that is done.
    """

    def __init__(self, reached: Callable[[str], None]) -> None:
        self.seconds: dict[str, float] = {}
        self._reached = reached
        self._lock = threading.Lock()

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time what is done inside."""
        start = time.perf_counter()
        yield
        with self._lock:
            self.seconds[name] = round(time.perf_counter() - start, 3)
        self._reached(name)

    def run(self, name: str, job: Callable[[], object]) -> None:
        """Time one call."""
        with self.step(name):
            job()
