"""The client's one owner of state: an actor that takes messages, cuts batches, and knows what is under way.

Everybody else only puts messages into its mailbox. `SimpleQueue.put` may be interrupted and re-entered, so a signal
handler can ask for a flush whatever the main thread was doing: there is no lock that the interrupted code could hold.
"""

from __future__ import annotations

import threading
import time
from itertools import chain
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Final, TypeAlias

from tallystick.sdk._books import Books
from tallystick.sdk._buffer import Buffer
from tallystick.sdk._messages import Flush, Put, Waiter
from tallystick.sdk._sender import Batch, Epoch, Item, Pace, Sender, Settled
from tallystick.sdk.options import Fault, Lost
from tallystick.sdk.transport import Result, Status

if TYPE_CHECKING:
    from tallystick.sdk._spool import Spool
    from tallystick.sdk.options import ClientOptions
    from tallystick.sdk.transport import Transport

__all__ = ["Dispatcher"]

# After the deadline, answers that are on their way still get this long.
_GRACE: Final = 0.5
_NAP: Final = 0.002
_POLL: Final = 0.005
_TEND_SECONDS: Final = 0.5
_TEND_PAUSE: Final = 0.02

_Message: TypeAlias = Put | Lost | Fault | Flush | Settled


class Dispatcher:
    """Owns what waits; lives from the first message to the end of the client.

    Args:
        transport: The way.
        options: The client's.
        spool: Where events stand on disk, if they do.

    Attributes:
        waiting: Events that are not settled.
        waiting_bytes: Their bytes.
    """

    def __init__(self, transport: Transport, options: ClientOptions, spool: Spool | None = None) -> None:
        self.books = Books(options)
        self.waiting = 0
        self.waiting_bytes = 0
        self._options = options
        self._transport = transport
        self._spool = spool
        self._mailbox: SimpleQueue[_Message] = SimpleQueue()
        self._work: SimpleQueue[Batch | None] = SimpleQueue()
        self._pace = Pace()
        self._buffer = Buffer(options)
        self._idle = options.concurrency
        self._flying: list[Batch] = []
        self._epoch = Epoch()
        self._epochs: list[Epoch] = [self._epoch]
        self._waiters: list[Waiter] = []
        self._tend_at = 0.0
        self._left_behind: list[Item] = []
        self._ended = False
        self._over = False
        # Whoever takes the one element starts the threads; taking it cannot be interrupted half-way.
        self._unstarted = [True]

    def tell(self, message: _Message) -> None:
        """Put a message into the mailbox, from any thread, signal handlers included."""
        self._mailbox.put(message)
        if self._unstarted:
            self.start()

    def lose(self, lost: Lost) -> None:
        """Enter an event that was lost before it came here; once the threads have ended, in the caller's."""
        if self._ended:
            self.books.lose(lost)
        else:
            self.tell(lost)

    def is_full(self, size: int) -> bool:
        """Whether an event of this size finds no room.

        What is still in the mailbox is counted, and taken to be of this event's size.
        """
        unread = self._mailbox.qsize()
        return (
            self.waiting + unread >= self._options.max_queue_size
            or self.waiting_bytes + (unread + 1) * size > self._options.max_queue_bytes
        )

    def is_started(self) -> bool:
        """Whether there ever was a message."""
        return not self._unstarted

    def end(self, seconds: float) -> None:
        """Ask for the end and wait for it; harmless if it is under way or reached, and safe in a signal handler."""
        until = time.monotonic() + seconds
        if self.is_started():
            self.tell(Flush(None, until, end=True))
        while self.is_started() and not self._over and time.monotonic() < until:
            time.sleep(_POLL)

    def start(self) -> None:
        """Start the threads, unless that was done."""
        try:
            self._unstarted.pop()
        except IndexError:
            return
        sender = Sender(self._transport, self._options, self._pace, tell=self.tell)
        for number in range(self._options.concurrency):
            threading.Thread(
                target=sender.run, args=(self._work,), name=f"tallystick-send-{number}", daemon=True
            ).start()
        threading.Thread(target=self._run, name="tallystick-dispatch", daemon=True).start()

    def _run(self) -> None:
        while not self._ended:
            self._receive()
            if self._spool is not None:
                self._tend(self._spool)
            self._dispatch()
            self._answer()
        for _ in range(self._options.concurrency):
            self._work.put(None)
        self._transport.close()
        self._over = True

    def _receive(self) -> None:
        try:
            message = self._mailbox.get(timeout=self._patience())
        except Empty:
            return
        self._take(message)
        if not self._pace.hurry.is_set():
            # A burst is taken at once: to be woken for every event costs the application's threads more than the event.
            time.sleep(_NAP)
        # What has come meanwhile belongs to the same round: there is no other reader.
        for _ in range(self._mailbox.qsize()):
            self._take(self._mailbox.get())

    def _take(self, message: _Message) -> None:
        match message:
            case Put():
                self._put(message)
            case Settled():
                self._settle(message)
            case Flush():
                self._flush(message)
            case Fault():
                self.books.fault(message)
            case Lost():
                self.books.lose(message)
                self._epoch.failed += 1

    def _put(self, message: Put) -> None:
        if message.home is not None:
            message.home.waiting += 1
        self.books.tracked += 1
        self._add(Item(message.event, time.monotonic(), self._epoch, message.home, message.waiter))
        if self._options.on_full == "drop_oldest":
            while self._buffer and self._is_overfull():
                self._close_item(self._buffer.pop(), Result(Status.REJECTED, "queue full"))

    def _is_overfull(self) -> bool:
        return self.waiting > self._options.max_queue_size or self.waiting_bytes > self._options.max_queue_bytes

    def _add(self, item: Item) -> None:
        item.epoch.waiting += 1
        self.waiting += 1
        self.waiting_bytes += len(item.event.body)
        self._buffer.add(item)

    def _flush(self, message: Flush) -> None:
        until = message.until + _GRACE if message.end else message.until
        self._waiters.append(Waiter(message, until, tuple(self._epochs)))
        if message.reply is not None:
            self._epoch = Epoch()
            self._epochs.append(self._epoch)
        if message.end:
            self._pace.end_at = message.until
            self._pace.ending.set()
        self._pace.hurry.set()

    def _settle(self, message: Settled) -> None:
        for item, result in message.results:
            self._close_item(item, result)
        for item in message.unsent:
            self._abandon(item)
        if message.batch is not None:
            self._flying.remove(message.batch)
            self._idle += 1

    def _close_item(self, item: Item, result: Result) -> None:
        """An event's fate is known."""
        if self.books.settle(item.event, result):
            item.epoch.delivered += 1
        else:
            item.epoch.failed += 1
        self._leave(item)
        item.epoch.waiting -= 1
        if item.home is not None:
            item.home.settled()
        if item.waiter is not None:
            item.waiter.put(result)

    def _abandon(self, item: Item) -> None:
        """The client ends before the event's fate is known: the spool keeps it, or it is lost."""
        if item.home is None:
            self._close_item(item, Result(Status.REJECTED, "shutdown"))
        else:
            self._leave(item)
            self._left_behind.append(item)

    def _leave(self, item: Item) -> None:
        item.open = False
        self.waiting -= 1
        self.waiting_bytes -= len(item.event.body)

    def _tend(self, spool: Spool) -> None:
        """Take back what is on disk, if there is room for it."""
        if time.monotonic() < self._tend_at:
            return
        self._tend_at = time.monotonic() + _TEND_PAUSE
        if self.waiting < self._options.max_queue_size // 2:
            now = time.monotonic()
            for event, home in spool.read_back():
                # Whoever waits for a flush waits for these too: they are older than what is in memory.
                self._add(Item(event, now, self._epochs[0], home))
        spool.tend(is_quiet=self._mailbox.empty())

    def _dispatch(self) -> None:
        while self._idle and self._buffer.is_ready(hurried=self._pace.hurry.is_set()):
            batch = self._buffer.cut()
            self._idle -= 1
            self._flying.append(batch)
            self._work.put(batch)

    def _patience(self) -> float | None:
        """Seconds until something is to be done without a message."""
        moments = [waiter.until for waiter in self._waiters]
        due = self._buffer.due()
        if self._idle and due is not None:
            moments.append(due)
        if self._spool is not None:
            moments.append(time.monotonic() + _TEND_SECONDS)
        if not moments:
            return None
        return max(0.0, min(moments) - time.monotonic())

    def _answer(self) -> None:
        """Answer those whose flush is complete, or who have waited long enough."""
        if not self._waiters:
            return
        now = time.monotonic()
        overflow = self._spool is not None and self._spool.has_overflow()
        for waiter in tuple(self._waiters):
            if (overflow or waiter.pending()) and now < waiter.until:
                continue
            if waiter.flush.end:
                self._end()
            self._waiters.remove(waiter)
            if waiter.flush.reply is not None:
                waiter.flush.reply.put(waiter.result())
        self._epochs = [epoch for epoch in self._epochs if not epoch.is_told() or epoch is self._epoch]
        if not self._waiters:
            self._pace.hurry.clear()

    def _end(self) -> None:
        self._ended = True
        while not self._mailbox.empty():
            self._take(self._mailbox.get())
        for item in chain(tuple(self._buffer), *self._flying):
            if item.open:
                self._abandon(item)
        if self._spool is not None:
            oldest_first = sorted(self._left_behind, key=lambda item: item.born)
            self._spool.end(item.event for item in oldest_first)
