"""What waits to be sent, oldest first, and how batches are cut from it."""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tallystick.sdk._sender import Batch, Item
    from tallystick.sdk.options import ClientOptions

__all__ = ["Buffer"]


class Buffer:
    """A queue of events that knows its bytes; the dispatcher's alone."""

    def __init__(self, options: ClientOptions) -> None:
        self._options = options
        self._items: deque[Item] = deque()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[Item]:
        return iter(self._items)

    def add(self, item: Item) -> None:
        """Put an event at the end."""
        self._items.append(item)
        self._bytes += len(item.event.body)

    def pop(self) -> Item:
        """Take the oldest event."""
        item = self._items.popleft()
        self._bytes -= len(item.event.body)
        return item

    def due(self) -> float | None:
        """When its oldest event must go at the latest; None if it is empty."""
        return self._items[0].born + self._options.flush_interval if self._items else None

    def is_ready(self, *, hurried: bool) -> bool:
        """Whether a batch is to be cut now."""
        due = self.due()
        return due is not None and (
            hurried
            or len(self._items) >= self._options.flush_at
            or self._bytes >= self._options.max_batch_bytes
            or time.monotonic() >= due
        )

    def cut(self) -> Batch:
        """Take the next batch: at least one event, and no more than the options allow."""
        batch = [self.pop()]
        size = len(batch[0].event.body)
        while self._items and len(batch) < self._options.flush_at:
            size += len(self._items[0].event.body) + 1
            if size > self._options.max_batch_bytes:
                break
            batch.append(self.pop())
        return batch
