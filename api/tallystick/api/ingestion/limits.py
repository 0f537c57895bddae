"""How much a request may bring, and how long it may take."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

__all__ = ["Limits"]

_KIB = 1024
_MIB = 1024 * _KIB


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds of the ingestion API.

    Attributes:
        events: Events in a batch.
        wire_bytes: Bytes of a body as it is sent.
        inflated_bytes: Bytes of a body once unpacked.
        event_bytes: Bytes of one event.
        kept_bytes: Bytes of a refused event that its dead letter keeps.
        body_seconds: Time for a body to arrive.
        ack_seconds: Time for Kafka to answer; not below the producer's own `message.timeout.ms`.
        queue_share: Share of the producer's queue beyond which nothing more is read.
        ahead: How far an event's times may lie in the future.
    """

    events: int = 500
    wire_bytes: int = 1 * _MIB
    inflated_bytes: int = 5 * _MIB
    event_bytes: int = 256 * _KIB
    kept_bytes: int = 64 * _KIB
    body_seconds: float = 15.0
    ack_seconds: float = 30.0
    queue_share: float = 0.8
    ahead: timedelta = timedelta(days=366)
