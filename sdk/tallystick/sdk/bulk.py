"""Sends events that are written down already, as many as there are, and waits until the fate of each is known."""

from __future__ import annotations

import time
from queue import SimpleQueue
from typing import TYPE_CHECKING, Final

from tallystick.sdk._dispatcher import Dispatcher, Flush, FlushResult, Put

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tallystick.sdk.options import ClientOptions
    from tallystick.sdk.transport import Outgoing, Transport

__all__ = ["send_all"]

_POLL: Final = 0.005


def send_all(events: Iterable[Outgoing], transport: Transport, options: ClientOptions) -> FlushResult:
    """Send events as fast as they are taken; `options.on_drop` is told of each that is refused.

    Args:
        events: What to send; read no faster than it is sent.
        transport: The way; closed at the end.
        options: Queue, batches and retries; `max_retry_age` bounds the whole.
    """
    dispatcher = Dispatcher(transport, options)
    for event in events:
        while dispatcher.is_full(len(event.body)):
            time.sleep(_POLL)
        dispatcher.tell(Put(event))
    reply: SimpleQueue[FlushResult] = SimpleQueue()
    dispatcher.tell(Flush(reply, time.monotonic() + options.max_retry_age, end=True))
    return reply.get()
