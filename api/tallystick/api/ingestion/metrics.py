"""What can be measured about the ingestion API, as Prometheus reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tallystick.api.ingestion.feed import Feed
    from tallystick.api.ingestion.producer import Producing
    from tallystick.api.ingestion.results import EventResult

__all__ = ["Metrics"]

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """Counters of one application.

    Args:
        feed: Where contracts come from.
        producing: The way into Kafka.
    """

    def __init__(self, feed: Feed, producing: Producing) -> None:
        self._all = CollectorRegistry()
        self.events = Counter("tallystick_events", "Events by what became of them.", ["status"], registry=self._all)
        self.dead_letters = Counter("tallystick_dead_letters", "Dead letters.", ["reason"], registry=self._all)
        self.requests = Counter("tallystick_requests", "Requests.", ["route", "status"], registry=self._all)
        self.bytes = Counter("tallystick_request_bytes", "Bytes of events, unpacked.", registry=self._all)
        self.produce_seconds = Histogram(
            "tallystick_produce_seconds",
            "From producing a batch to Kafka's last answer.",
            buckets=_SECONDS,
            registry=self._all,
        )
        self._gauge("tallystick_producer_queue_share", "Share of the producer's queue in use.", lambda: producing.load)
        self._gauge("tallystick_kafka_up", "Whether the brokers answer.", lambda: float(producing.is_up))
        self._gauge("tallystick_registry_age_seconds", "Since the registry last answered.", lambda: feed.age or 0.0)
        self._gauge("tallystick_contracts", "Event types that are taken.", lambda: float(len(feed.catalogue.events)))

    def count(self, results: Sequence[EventResult]) -> dict[str, int]:
        """Count results; returns how many of each."""
        counts: dict[str, int] = {}
        for result in results:
            counts[result.status] = counts.get(result.status, 0) + 1
        for status, number in counts.items():
            self.events.labels(status).inc(number)
        return counts

    def exposition(self) -> bytes:
        """All of it in Prometheus' text format."""
        return generate_latest(self._all)

    def _gauge(self, name: str, text: str, read: Callable[[], float]) -> None:
        Gauge(name, text, registry=self._all).set_function(read)
