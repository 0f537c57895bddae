"""The way into Kafka: a batch is produced at once and answered when every record's fate is known."""

from __future__ import annotations

import asyncio
import itertools
import logging
import threading
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from confluent_kafka import KafkaError, KafkaException, Producer
from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Delivery", "KafkaProducer", "KafkaRecord", "Producing"]

_log = logging.getLogger("tallystick.api")

_POLL_SECONDS: Final = 0.1
_PROBE_SECONDS: Final = 1.0
_PROBE_TIMEOUT: Final = 2.0
_FLUSH_SECONDS: Final = 15.0
_QUEUE: Final = 200_000
_MESSAGE_TIMEOUT_MS: Final = 20_000

_SETTINGS: Final[Mapping[str, Any]] = {
    "acks": "all",
    "enable.idempotence": True,
    "compression.type": "lz4",
    "linger.ms": 5,
    "message.timeout.ms": _MESSAGE_TIMEOUT_MS,
    "queue.buffering.max.messages": _QUEUE,
    "reconnect.backoff.max.ms": 1000,
    "socket.keepalive.enable": True,
}


class Delivery(StrEnum):
    """What became of a record."""

    STORED = "stored"
    REFUSED = "refused"
    UNKNOWN = "unknown"


class KafkaRecord(NamedTuple):
    """A record for Kafka; an absent key spreads records evenly."""

    topic: str
    key: bytes | None
    value: bytes
    timestamp: int
    headers: list[tuple[str, str | bytes | None]]


class Producing(Protocol):
    """What the service needs of Kafka."""

    @property
    def is_up(self) -> bool:
        """Whether brokers answer."""
        ...

    @property
    def load(self) -> float:
        """Share of the queue that is in use."""
        ...

    async def produce(self, records: Sequence[KafkaRecord], seconds: float) -> list[Delivery]:
        """Produce records and wait for what becomes of each, for some seconds at most."""
        ...

    def close(self) -> None:
        """Deliver what waits and end."""
        ...


class _Flight:
    """The records of one batch that are under way; answered once, in the event loop's thread."""

    def __init__(self, count: int, loop: asyncio.AbstractEventLoop) -> None:
        self.deliveries = [Delivery.UNKNOWN] * count
        self.landed: asyncio.Future[None] = loop.create_future()
        self._count = count
        # Counting must be one step: records land in the poll thread, and those that never left in the loop's.
        self._landings = itertools.count(1)
        self._loop = loop

    def land(self, index: int, error: KafkaError | None, _message: object = None) -> None:
        """Enter one record's fate; the last one answers."""
        if error is None:
            self.deliveries[index] = Delivery.STORED
        elif error.code() in _FINAL:
            self.deliveries[index] = Delivery.REFUSED
        if next(self._landings) == self._count:
            self._loop.call_soon_threadsafe(self._answer)

    def _answer(self) -> None:
        if not self.landed.done():
            self.landed.set_result(None)


# Sending these again, unchanged, cannot succeed.
_FINAL: Final = frozenset(
    {KafkaError.MSG_SIZE_TOO_LARGE, KafkaError.INVALID_RECORD, KafkaError.INVALID_MSG, KafkaError.INVALID_MSG_SIZE}
)


class KafkaProducer(Producing):
    """confluent-kafka's producer with one thread that polls it and one that watches the brokers.

    Args:
        brokers: Addresses as `host:port,host:port`.
        topic: A topic whose metadata is asked to see whether the brokers answer.
        settings: Further settings of librdkafka, such as those for TLS.
    """

    def __init__(self, brokers: str, *, topic: str, settings: Mapping[str, Any] | None = None) -> None:
        self._topic = topic
        self._up = threading.Event()
        self._ended = threading.Event()
        self._producer = Producer(
            {**_SETTINGS, **(settings or {}), "bootstrap.servers": brokers, "error_cb": self._failed}
        )
        self._threads = [
            threading.Thread(target=target, name=f"tallystick-kafka-{name}", daemon=True)
            for name, target in (("poll", self._poll), ("watch", self._watch))
        ]
        for thread in self._threads:
            thread.start()

    @property
    @override
    def is_up(self) -> bool:
        return self._up.is_set()

    @property
    @override
    def load(self) -> float:
        return len(self._producer) / _QUEUE

    @override
    async def produce(self, records: Sequence[KafkaRecord], seconds: float) -> list[Delivery]:
        if not records:
            return []
        flight = _Flight(len(records), asyncio.get_running_loop())
        for index, record in enumerate(records):
            self._send(record, partial(flight.land, index))
        try:
            await asyncio.wait_for(flight.landed, seconds)
        except TimeoutError:
            self._up.clear()
        return list(flight.deliveries)

    @override
    def close(self) -> None:
        self._producer.flush(_FLUSH_SECONDS)
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def _send(self, record: KafkaRecord, landed: partial[None]) -> None:
        try:
            self._producer.produce(
                record.topic,
                value=record.value,
                key=record.key,
                timestamp=record.timestamp,
                headers=record.headers,
                on_delivery=landed,
            )
        except BufferError:
            landed(KafkaError(KafkaError._QUEUE_FULL))  # noqa: SLF001 - how librdkafka's own codes are named
        except KafkaException as error:
            landed(error.args[0])

    def _poll(self) -> None:
        while not self._ended.is_set():
            self._producer.poll(_POLL_SECONDS)

    def _watch(self) -> None:
        """Ask for metadata now and then: a broken connection alone tells nothing about the brokers' return."""
        while not self._ended.is_set():
            if self._answers():
                self._up.set()
            else:
                self._up.clear()
            self._ended.wait(_PROBE_SECONDS)

    def _answers(self) -> bool:
        try:
            topics = self._producer.list_topics(self._topic, timeout=_PROBE_TIMEOUT).topics
        except KafkaException:
            return False
        return topics[self._topic].error is None

    def _failed(self, error: KafkaError) -> None:
        _log.warning("kafka: %s", error.name())
        if error.code() == KafkaError._ALL_BROKERS_DOWN:  # noqa: SLF001 - how librdkafka's own codes are named
            self._up.clear()
