"""The client's books: what became of its events, and who is told."""

from __future__ import annotations

import logging
from collections import Counter
from typing import TYPE_CHECKING, Final, TypeVar

from tallystick.sdk.options import Fault, Lost
from tallystick.sdk.transport import Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from tallystick.sdk.options import ClientOptions
    from tallystick.sdk.transport import Outgoing, Result

__all__ = ["Books"]

T = TypeVar("T")

_log = logging.getLogger("tallystick.sdk")
_DELIVERED: Final = frozenset({Status.ACCEPTED, Status.DUPLICATE})


class Books:
    """Counts and tells; written by the dispatcher's thread only, except for `fault`."""

    def __init__(self, options: ClientOptions) -> None:
        self._on_drop = options.on_drop
        self._on_error = options.on_error
        self.tracked = 0
        self.delivered = 0
        self.duplicates = 0
        self.lost: Counter[str] = Counter()
        self.attempts_failed = 0

    def settle(self, event: Outgoing, result: Result) -> bool:
        """Enter what became of an event; returns whether it is durable."""
        if result.status in _DELIVERED:
            self.delivered += 1
            self.duplicates += result.status is Status.DUPLICATE
            return True
        self.lose(Lost(event.event_id, event.event_type, result.reason or result.status, result.errors))
        return False

    def lose(self, lost: Lost) -> None:
        """Enter a lost event."""
        self.lost[lost.reason] += 1
        faults = ", ".join(f"{fault.path} {fault.code}" for fault in lost.errors)
        # Whoever is told need not find it in the log as well.
        level = logging.WARNING if self._on_drop is None else logging.INFO
        _log.log(level, "event %s of %s is lost: %s %s", lost.event_id, lost.event_type, lost.reason, faults)
        _tell(self._on_drop, lost)

    def fault(self, fault: Fault) -> None:
        """Enter a failed attempt."""
        self.attempts_failed += 1
        level = logging.WARNING if fault.attempt == 1 else logging.DEBUG
        _log.log(level, "%d events wait: %s (attempt %d)", fault.events, fault.reason, fault.attempt)
        _tell(self._on_error, fault)


def _tell(listener: Callable[[T], None] | None, news: T) -> None:
    if listener is None:
        return
    try:
        listener(news)
    except Exception:  # noqa: BLE001 - whatever the user's code raises, events must go on
        _log.exception("a listener of the client failed")
