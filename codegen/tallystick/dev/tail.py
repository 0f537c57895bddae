"""What stands at the end of a topic, decoded by the schemas that the records themselves name."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from confluent_kafka import Consumer, KafkaException, TopicPartition

from tallystick.codegen import load
from tallystick.contracts import Catalog, FrameError, parse, unframe
from tallystick.dev.errors import NotReadyError, TopicMissingError
from tallystick.sdk.errors import DecodeError, UnknownSchema

if TYPE_CHECKING:
    from collections.abc import Iterator

    from confluent_kafka import Message

    from tallystick.sdk.record import Record
    from tallystick.sdk.registry import RegistryClient

__all__ = ["tail"]

_SECONDS = 15.0


def tail(bootstrap: str, topic: str, count: int, registry: RegistryClient) -> Iterator[dict[str, Any]]:
    """The newest records of a topic's partitions, oldest first within each.

    Args:
        bootstrap: Kafka's address.
        topic: The topic.
        count: How many records of each partition at most.
        registry: Knows the schemas.

    Yields:
        Partition, offset and key of a record with its schema id, type and `event`, or with the `error` that kept it
        from being read: a record that cannot be read is told of, and the next one follows.

    Raises:
        NotReadyError: Kafka does not answer.
        TopicMissingError: There is no such topic.
    """
    settings = {
        "bootstrap.servers": bootstrap,
        "group.id": "tallystick-tail",
        "enable.auto.commit": False,
        "log_level": 2,
    }
    consumer = Consumer(settings)
    try:
        decoder = _Decoder(registry)
        for end in _ends(consumer, bootstrap, topic):
            for message in _last(consumer, end, count):
                yield _place(message) | decoder.decode(message.value())
    except KafkaException as error:
        raise NotReadyError("broker", bootstrap, _SECONDS) from error
    finally:
        consumer.close()


def _ends(consumer: Consumer, bootstrap: str, topic: str) -> list[TopicPartition]:
    """Where the partitions of a topic end."""
    described = consumer.list_topics(topic, timeout=_SECONDS).topics[topic]
    if described.error:
        raise TopicMissingError(topic, bootstrap)
    return [TopicPartition(topic, partition) for partition in sorted(described.partitions)]


def _last(consumer: Consumer, partition: TopicPartition, count: int) -> Iterator[Message]:
    low, high = consumer.get_watermark_offsets(partition, timeout=_SECONDS)
    first = max(low, high - count)
    if first >= high:
        return
    consumer.assign([TopicPartition(partition.topic, partition.partition, first)])
    for _ in range(first, high):
        message = consumer.poll(_SECONDS)
        if message is None:
            return
        if message.error():
            raise KafkaException(message.error())
        yield message


def _place(message: Message) -> dict[str, Any]:
    key = message.key()
    return {
        "partition": message.partition(),
        "offset": message.offset(),
        "key": key.decode("utf-8", "replace") if key else None,
    }


class _Decoder:
    """Decodes records by the class of their own schema, made once for each id."""

    def __init__(self, registry: RegistryClient) -> None:
        self._registry = registry
        self._classes: dict[int, type[Record]] = {}

    def decode(self, value: bytes | None) -> dict[str, Any]:
        try:
            schema_id, body = unframe(value or b"")
            record = self._class(schema_id).from_avro(body)
            return {"schema_id": schema_id, "type": record.SUBJECT, "event": json.loads(record.to_json())}
        except (FrameError, UnknownSchema, DecodeError) as error:
            return {"error": error.message}

    def _class(self, schema_id: int) -> type[Record]:
        if schema_id not in self._classes:
            text = self._registry.schema_by_id(schema_id).text
            self._classes[schema_id] = load(Catalog.of_texts({f"schema {schema_id}": text}))[parse(text).name]
        return self._classes[schema_id]
