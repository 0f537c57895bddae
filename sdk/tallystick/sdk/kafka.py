"""The way straight into Kafka, for services that stand beside it: the records are those that the ingestion API writes.

Needs `pip install tallystick[kafka]`. Nothing is checked on the way but the class itself; the API knows more.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from confluent_kafka import KafkaException, Producer
from typing_extensions import override

from tallystick.contracts import frame
from tallystick.sdk._envelope import ENVELOPE
from tallystick.sdk.errors import OptionsError, UnknownSchema
from tallystick.sdk.roles import reader, roles_of
from tallystick.sdk.transport import Answer, Result, Status, Transport

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from tallystick.sdk.record import Event
    from tallystick.sdk.registry import RegistryClient
    from tallystick.sdk.transport import Outgoing

__all__ = ["KafkaTransport"]

_ROLES: Final = ("event_time", "source", "identity.user", "identity.anonymous")
_POLL: Final = 0.05
_UNKNOWN: Final = Result(Status.RETRY, "no answer from Kafka")


@dataclass(frozen=True, slots=True)
class _Kind:
    """A class of events, ready for Kafka."""

    event: type[Event]
    schema_id: int
    values: Callable[[Any], tuple[Any, ...]]


class KafkaTransport(Transport):
    """Produces events in Confluent's wire format, acknowledged by all replicas.

    Args:
        brokers: Addresses as `host:port,host:port`.
        registry: Asked once for the ids of the classes; nothing is registered.
        events: The classes that will be sent.
        topic: Where they go.
        settings: Further settings of librdkafka.

    Raises:
        OptionsError: The registry does not hold one of the classes.
    """

    def __init__(
        self,
        brokers: str,
        registry: RegistryClient,
        events: Iterable[type[Event]],
        *,
        topic: str = "tallystick.events",
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        self._topic = topic
        self._kinds = {event.SUBJECT: _kind(event, registry) for event in events}
        self._settings = {
            "acks": "all",
            "enable.idempotence": True,
            "linger.ms": 5,
            **(settings or {}),
            "bootstrap.servers": brokers,
        }
        self._producer = Producer(self._settings)

    @override
    def send(self, batch: Sequence[Outgoing], timeout: float) -> Answer:
        results: list[Result | None] = [None] * len(batch)
        for index, outgoing in enumerate(batch):
            try:
                self._produce(outgoing, results, index)
            except (BufferError, KafkaException):
                results[index] = Result(Status.RETRY, "Kafka's queue is full")
            except KeyError:
                results[index] = Result(Status.REJECTED, "the transport was not told of this class")
        until = time.monotonic() + timeout
        while None in results and time.monotonic() < until:
            self._producer.poll(_POLL)
        return Answer(results=tuple(result or _UNKNOWN for result in results))

    @override
    def close(self) -> None:
        self._producer.flush(0)

    @override
    def renewed(self) -> KafkaTransport:
        twin = object.__new__(KafkaTransport)
        twin._topic, twin._kinds, twin._settings = self._topic, self._kinds, self._settings
        twin._producer = Producer(self._settings)
        return twin

    def _produce(self, outgoing: Outgoing, results: list[Result | None], index: int) -> None:
        kind = self._kinds[outgoing.event_type]
        fields = {name: value for name, value in json.loads(outgoing.body).items() if name not in ENVELOPE}
        event = kind.event.from_json(json.dumps(fields))
        event_time, source, *owners = kind.values(event)

        def landed(error: object, _: object) -> None:
            results[index] = Result(Status.ACCEPTED) if error is None else Result(Status.RETRY, str(error))

        self._producer.produce(
            self._topic,
            value=frame(kind.schema_id, event.to_avro()),
            key=next((owner.encode() for owner in owners if owner), None),
            timestamp=_timestamp(event_time),
            headers=[("event_id", outgoing.event_id), ("event_type", outgoing.event_type), ("source", source)],
            on_delivery=landed,
        )


def _kind(event: type[Event], registry: RegistryClient) -> _Kind:
    try:
        schema_id = registry.lookup(event.SUBJECT, event.SCHEMA).id
    except UnknownSchema:
        raise OptionsError(
            f"the registry does not hold this version of {event.SUBJECT}", fix="put it there: tallystick register"
        ) from None
    roles = roles_of(event)
    return _Kind(event, schema_id, reader(event, [roles[role][0] for role in _ROLES]))


def _timestamp(event_time: datetime) -> int:
    """Kafka takes no time before 1970, and by default none an hour ahead; the event keeps its own."""
    return max(1, int(min(event_time, datetime.now(tz=UTC)).timestamp() * 1000))
