"""How fast a key may send: a bucket that fills with time and is emptied by events."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Final

from tallystick.api.ingestion.errors import TooManyRequestsError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tallystick.api.ingestion.keys import Key

__all__ = ["Rates"]

# A key may save up this many seconds of its rate for a burst.
_BURST_SECONDS: Final = 10.0


class Rates:
    """The buckets of all keys that have a rate.

    Args:
        clock: Seconds that only go forward.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._buckets: dict[str, tuple[float, float]] = {}

    def spend(self, key: Key, events: int) -> None:
        """Take events from a key's bucket.

        A batch larger than the bucket may go when the bucket is full, and leaves it in debt: it could never go
        otherwise.

        Raises:
            TooManyRequestsError: There is not enough in it.
        """
        rate = key.events_per_second
        if rate is None:
            return
        size = rate * _BURST_SECONDS
        now = self._clock()
        left, since = self._buckets.get(key.sha256, (size, now))
        left = min(size, left + (now - since) * rate)
        needed = min(events, size)
        if left < needed:
            self._buckets[key.sha256] = (left, now)
            raise TooManyRequestsError(math.ceil((needed - left) / rate))
        self._buckets[key.sha256] = (left - events, now)
