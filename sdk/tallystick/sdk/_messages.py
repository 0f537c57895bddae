"""What can be said to the dispatcher, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from queue import SimpleQueue

    from tallystick.sdk._segments import Segment
    from tallystick.sdk._sender import Epoch
    from tallystick.sdk.transport import Outgoing, Result

__all__ = ["Flush", "FlushResult", "Put", "Waiter"]


@dataclass(frozen=True, slots=True)
class FlushResult:
    """What became of the events since the last flush.

    Attributes:
        delivered: Events that are durable.
        pending: Events whose fate is open; they are sent on in the background, or stand in the spool.
        failed: Events that are lost; `on_drop` was told of each.
    """

    delivered: int
    pending: int
    failed: int


@dataclass(frozen=True, slots=True)
class Put:
    """An event to deliver."""

    event: Outgoing
    home: Segment | None = None
    waiter: SimpleQueue[Result] | None = None


@dataclass(frozen=True, slots=True)
class Flush:
    """Somebody waits until what is known now is settled; with `end`, so does the client's end.

    Without a reply it only hurries, and leaves the telling to the next flush.
    """

    reply: SimpleQueue[FlushResult] | None
    until: float
    end: bool = False


@dataclass(frozen=True, slots=True)
class Waiter:
    """Somebody who waits for a flush, and the events that it is about."""

    flush: Flush
    until: float
    epochs: tuple[Epoch, ...]

    def pending(self) -> int:
        """Events whose fate is open."""
        return sum(epoch.waiting for epoch in self.epochs)

    def result(self) -> FlushResult:
        """What became of the events; each is told of once."""
        delivered = sum(epoch.delivered for epoch in self.epochs)
        failed = sum(epoch.failed for epoch in self.epochs)
        for epoch in self.epochs:
            epoch.delivered = epoch.failed = 0
        return FlushResult(delivered, self.pending(), failed)
