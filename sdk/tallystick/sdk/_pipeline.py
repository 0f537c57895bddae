"""The way of an event inside the client: through the queue or the spool to the dispatcher, and its end."""

from __future__ import annotations

import time
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Final

from tallystick.sdk._dispatcher import Dispatcher
from tallystick.sdk._messages import Flush, FlushResult, Put
from tallystick.sdk.errors import ClosedError, QueueFullError
from tallystick.sdk.options import ClientOptions, Lost

if TYPE_CHECKING:
    from tallystick.sdk._spool import Spool
    from tallystick.sdk.transport import Outgoing, Result, Transport

__all__ = ["Pipeline", "Stats"]

_POLL: Final = 0.005
_REPLY_SLACK: Final = 2.0


@dataclass(frozen=True, slots=True)
class Stats:
    """What a client did so far.

    Attributes:
        tracked: Events that were taken.
        delivered: Events that are durable, duplicates among them.
        duplicates: Events that the server had already.
        lost: Reason to the number of events lost by it.
        waiting: Events that are not settled yet.
        attempts_failed: Attempts that had to be repeated.
    """

    tracked: int
    delivered: int
    duplicates: int
    lost: dict[str, int]
    waiting: int
    attempts_failed: int


class Pipeline:
    """Takes events that are ready to be sent.

    Args:
        transport: The way.
        options: The client's.
        eager: Whether to send at once what a process that died has left in the spool.
    """

    def __init__(self, transport: Transport, options: ClientOptions, *, eager: bool = True) -> None:
        self._transport = transport
        self._options = options
        self._spool = _spool(options)
        self._dispatcher = Dispatcher(transport, options, self._spool)
        self._closed = False
        if eager and self._spool is not None:
            self._dispatcher.start()

    def admit(self, outgoing: Outgoing, waiter: SimpleQueue[Result] | None = None) -> bool:
        """Take an event if there is room; returns whether it is on its way.

        Args:
            outgoing: The event.
            waiter: Gets its result.
        """
        size = len(outgoing.body)
        if self._closed:
            if self._options.raise_errors:
                raise ClosedError
            return self._refuse(outgoing, "closed")
        if size > self._options.max_event_bytes:
            return self._refuse(outgoing, "too large")
        if self._dispatcher.is_full(size):
            if self._spool is not None and self._spool.overflow(outgoing):
                return True
            if not self._make_room(size):
                return self._refuse(outgoing, "queue full")
        home = None if self._spool is None else self._spool.journal(outgoing)
        self._dispatcher.tell(Put(outgoing, home, waiter))
        return True

    def lose(self, lost: Lost) -> None:
        """Enter an event that was lost before it came here."""
        self._dispatcher.lose(lost)

    def flush(self, seconds: float) -> FlushResult:
        """Send what waits, and wait for its fate."""
        return self._ask(seconds, end=False)

    def hurry(self, seconds: float) -> None:
        """Send what waits without waiting for its fate."""
        self._dispatcher.tell(Flush(None, time.monotonic() + seconds))

    def close(self, seconds: float) -> FlushResult:
        """Deliver what waits and end."""
        if self._closed:
            # SIGTERM may come while the end is under way: the process must not go before that is done.
            self._dispatcher.end(seconds)
            return FlushResult(0, 0, 0)
        self._closed = True
        return self._ask(seconds, end=True)

    def stats(self) -> Stats:
        """What was done so far."""
        books = self._dispatcher.books
        return Stats(
            tracked=books.tracked,
            delivered=books.delivered,
            duplicates=books.duplicates,
            lost=dict(books.lost),
            waiting=self._dispatcher.waiting,
            attempts_failed=books.attempts_failed,
        )

    def renewed(self) -> Pipeline:
        """A pipeline like this one for a forked child, empty."""
        if self._spool is not None:
            self._spool.let_go()
        return Pipeline(self._transport.renewed(), self._options, eager=False)

    def _refuse(self, outgoing: Outgoing, reason: str) -> bool:
        self.lose(Lost(outgoing.event_id, outgoing.event_type, reason))
        return False

    def _make_room(self, size: int) -> bool:
        match self._options.on_full:
            case "raise":
                raise QueueFullError(self._dispatcher.waiting)
            case "block":
                # Sleeping keeps the promise of the dispatcher: no lock that a signal handler could find taken.
                while self._dispatcher.is_full(size) and not self._closed:
                    time.sleep(_POLL)
                return True
            case "drop_oldest":
                return True
            case "drop_newest":
                return False

    def _ask(self, seconds: float, *, end: bool) -> FlushResult:
        if not self._dispatcher.is_started():
            if end:
                self._transport.close()
            return FlushResult(0, 0, 0)
        reply: SimpleQueue[FlushResult] = SimpleQueue()
        self._dispatcher.tell(Flush(reply, time.monotonic() + seconds, end=end))
        try:
            return reply.get(timeout=seconds + _REPLY_SLACK)
        except Empty:
            return FlushResult(0, self._dispatcher.waiting, 0)


def _spool(options: ClientOptions) -> Spool | None:
    if options.spool_dir is None or not options.enabled:
        return None
    from tallystick.sdk._spool import Spool

    return Spool(options.spool_dir, options.spool_max_bytes)
