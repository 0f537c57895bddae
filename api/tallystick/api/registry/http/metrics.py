"""What Prometheus may ask: requests by route and code, how long they took, what was written, how the cache does.

Plain numbers, changed on the event loop only; they become Prometheus' text when it asks.
"""

from __future__ import annotations

import time
from bisect import bisect_left
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Final

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector
from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client.metrics_core import Metric
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["Metered", "Metrics"]

_BUCKETS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_UNROUTED: Final = "none"


class Metrics(Collector):
    """The registry's numbers."""

    def __init__(self) -> None:
        self._requests: Counter[tuple[str, str, str]] = Counter()
        self._buckets: defaultdict[str, list[int]] = defaultdict(lambda: [0] * (len(_BUCKETS) + 1))
        self._seconds: Counter[str] = Counter()
        self._writes: Counter[str] = Counter()
        self._hits = 0
        self._incompatible = 0

    def hot(self) -> None:
        """Count an answer from the cache."""
        self._hits += 1

    def written(self, action: str) -> None:
        """Count a write."""
        self._writes[action] += 1

    def incompatible(self) -> None:
        """Count a schema that was refused as incompatible."""
        self._incompatible += 1

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request that was not answered from the cache."""
        self._requests[method, route, str(status)] += 1
        self._buckets[route][bisect_left(_BUCKETS, seconds)] += 1
        self._seconds[route] += seconds  # type: ignore[assignment]  # a sum of floats

    def text(self) -> bytes:
        """Everything, in Prometheus' format."""
        registry = CollectorRegistry()
        registry.register(self)
        return generate_latest(registry)

    @override
    def collect(self) -> Iterator[Metric]:
        requests = CounterMetricFamily(
            "tallystick_registry_requests", "Requests by route and status.", labels=("method", "route", "status")
        )
        for labels, count in self._requests.items():
            requests.add_metric(labels, count)
        yield requests
        yield self._latencies()
        writes = CounterMetricFamily("tallystick_registry_writes", "Committed writes.", labels=("action",))
        for action, count in self._writes.items():
            writes.add_metric((action,), count)
        yield writes
        yield CounterMetricFamily(
            "tallystick_registry_incompatible", "Schemas refused as incompatible.", value=self._incompatible
        )
        yield CounterMetricFamily("tallystick_registry_cache_hits", "Requests answered from memory.", value=self._hits)

    def _latencies(self) -> Metric:
        family = HistogramMetricFamily(
            "tallystick_registry_request_seconds", "Time to answer, cache hits apart.", labels=("route",)
        )
        for route, counts in self._buckets.items():
            total = 0
            buckets: list[tuple[str, float]] = []
            for edge, count in zip((*map(str, _BUCKETS), "+Inf"), counts, strict=True):
                total += count
                buckets.append((edge, total))
            family.add_metric((route,), buckets, self._seconds[route])
        return family


class Metered:
    """ASGI layer that counts and times.

    Args:
        app: The application behind it.
        metrics: Where to count.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and note what came of it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        status = 500

        async def watch(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            await self._app(scope, receive, watch)
        finally:
            route = getattr(scope.get("route"), "path", _UNROUTED)
            self._metrics.answered(scope["method"], route, status, time.perf_counter() - began)
