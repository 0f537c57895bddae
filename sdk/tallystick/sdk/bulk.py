"""Sends events that are written down already, as many as there are, and waits until the fate of each is known."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tallystick.sdk._pipeline import Pipeline

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tallystick.sdk._messages import FlushResult
    from tallystick.sdk.options import ClientOptions
    from tallystick.sdk.transport import Outgoing, Transport

__all__ = ["send_all"]


def send_all(events: Iterable[Outgoing], transport: Transport, options: ClientOptions) -> FlushResult:
    """Send events as fast as they are taken; `options.on_drop` is told of each that is refused.

    Args:
        events: What to send; read no faster than it is sent.
        transport: The way; closed at the end.
        options: Batches and retries; `max_retry_age` bounds the whole. A full queue always waits.
    """
    pipeline = Pipeline(transport, replace(options, on_full="block"))
    for event in events:
        pipeline.admit(event)
    return pipeline.close(options.max_retry_age)
