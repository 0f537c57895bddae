"""Delivers batches: a thread that sends one, again and again while it must, and reports what became of each event."""

from __future__ import annotations

import logging
import random
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tallystick.sdk.options import Fault
from tallystick.sdk.transport import Answer, Result, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from queue import SimpleQueue

    from tallystick.sdk._segments import Segment
    from tallystick.sdk.options import ClientOptions
    from tallystick.sdk.transport import Outgoing, Transport

__all__ = ["Batch", "Epoch", "Item", "Pace", "Sender", "Settled", "pause"]

_log = logging.getLogger("tallystick.sdk")

# While somebody waits for a flush, pauses are at most this long: the server may be back already.
_HURRIED: Final = 0.25
_SHORTEST_TIMEOUT: Final = 0.1


@dataclass(slots=True, eq=False)
class Item:
    """An event on its way through the client."""

    event: Outgoing
    born: float
    epoch: Epoch
    home: Segment | None = None
    waiter: SimpleQueue[Result] | None = None
    open: bool = True


@dataclass(slots=True, eq=False)
class Epoch:
    """The events between two flushes."""

    waiting: int = 0
    delivered: int = 0
    failed: int = 0

    def is_told(self) -> bool:
        """Whether nothing of it is left to tell."""
        return not (self.waiting or self.delivered or self.failed)


Batch = list[Item]


@dataclass(slots=True, frozen=True)
class Settled:
    """What a sender reports: results of some events; with `batch`, that it is done with it."""

    results: tuple[tuple[Item, Result], ...] = ()
    unsent: tuple[Item, ...] = ()
    batch: Batch | None = None


class Pace:
    """How the senders are urged: by a flush that hurries, by an end that comes."""

    def __init__(self) -> None:
        self.hurry = threading.Event()
        self.ending = threading.Event()
        self.end_at = float("inf")

    def remaining(self) -> float:
        """Seconds until the client gives up."""
        return self.end_at - time.monotonic()


def pause(attempt: int, *, first: float, longest: float, floor: float, jitter: float) -> float:
    """Seconds to wait before the next attempt: full jitter below a doubling bound, above the server's floor.

    Args:
        attempt: Attempts so far, from 1.
        first: Bound after the first attempt.
        longest: Bound that is never exceeded.
        floor: What the server asked for.
        jitter: A number within 0 and 1, drawn at random.
    """
    bound = min(longest, first * 2.0 ** min(attempt - 1, 30))
    return floor + bound * jitter


class Sender:
    """Takes batches from a queue until it gets None.

    Args:
        transport: The way.
        options: The client's.
        pace: Shared with the dispatcher.
        tell: Told of results and failed attempts, as they come.
    """

    def __init__(
        self,
        transport: Transport,
        options: ClientOptions,
        pace: Pace,
        *,
        tell: Callable[[Settled | Fault], None],
    ) -> None:
        self._transport = transport
        self._options = options
        self._pace = pace
        self._tell = tell

    def run(self, work: SimpleQueue[Batch | None]) -> None:
        """Deliver what the queue gives."""
        while (batch := work.get()) is not None:
            unsent = self._deliver(batch)
            self._tell(Settled(unsent=tuple(unsent), batch=batch))

    def _deliver(self, batch: Batch) -> Batch:
        """Send until every event is settled; returns those for which the time did not suffice."""
        attempt = 0
        while batch:
            if self._pace.remaining() <= 0:
                return batch
            attempt += 1
            answer = self._send([item.event for item in batch])
            if answer.too_large and len(batch) > 1:
                middle = len(batch) // 2
                return [*self._deliver(batch[:middle]), *self._deliver(batch[middle:])]
            batch, reason = self._settle(batch, answer)
            if batch:
                self._tell(Fault(reason, len(batch), attempt))
                self._wait(attempt, answer.retry_after)
        return batch

    def _send(self, events: Sequence[Outgoing]) -> Answer:
        timeout = max(_SHORTEST_TIMEOUT, min(self._options.timeout, self._pace.remaining()))
        try:
            return self._transport.send(events, timeout)
        except Exception as error:  # noqa: BLE001 - a transport of the user's may raise anything; events must outlive it
            _log.error("the transport failed: %s", type(error).__name__)
            return Answer.same(Result(Status.RETRY, type(error).__name__), len(events))

    def _settle(self, batch: Batch, answer: Answer) -> tuple[Batch, str]:
        """Report what is settled; returns the rest, and why it is to be sent again."""
        settled: list[tuple[Item, Result]] = []
        again: Batch = []
        reason = ""
        too_old = time.monotonic() - self._options.max_retry_age
        for item, result in zip(batch, answer.results, strict=True):
            if result.status is not Status.RETRY:
                settled.append((item, result))
            elif item.born < too_old:
                settled.append((item, Result(Status.REJECTED, f"retried too long: {result.reason}")))
            else:
                again.append(item)
                reason = reason or result.reason
        if settled:
            self._tell(Settled(tuple(settled)))
        return again, reason

    def _wait(self, attempt: int, floor: float) -> None:
        first, longest = self._options.backoff
        seconds = pause(attempt, first=first, longest=longest, floor=floor, jitter=random.random())  # noqa: S311 - no secret
        # The server's floor holds even for those in a hurry; only the end of the process does not wait for it.
        self._rest(floor)
        beyond = max(0.0, min(seconds - floor, self._pace.remaining()))
        if self._pace.hurry.wait(beyond):
            time.sleep(min(beyond, _HURRIED))

    def _rest(self, seconds: float) -> None:
        """Wait, but not beyond an end that may be announced meanwhile."""
        until = time.monotonic() + seconds
        if self._pace.ending.wait(seconds):
            time.sleep(max(0.0, min(until - time.monotonic(), self._pace.remaining())))
