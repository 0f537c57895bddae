"""The topics of the platform, on whatever Kafka there is."""

from __future__ import annotations

import logging
from typing import Final

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic  # confluent_kafka.admin imports it from there, too

__all__ = ["DEAD_LETTERS", "EVENTS", "create_topics", "is_ready"]

EVENTS: Final = "tallystick.events"
DEAD_LETTERS: Final = "tallystick.dead-letters"
_TEN_YEARS_MS: Final = str(10 * 365 * 24 * 3600 * 1000)
# A record's time is its event's time, and events may be a month late, from an import of last year, or from a clock that
# runs ahead. Kafka would delete old ones at once, refuse those of tomorrow, and open a new segment for every jump.
_TOPIC_CONFIG: Final = {
    "retention.ms": "-1",
    "segment.ms": _TEN_YEARS_MS,
    "message.timestamp.after.max.ms": _TEN_YEARS_MS,
}


def create_topics(bootstrap: str, *, partitions: int = 4) -> None:
    """Create the topics that are missing; the ones that exist keep their settings."""
    topics = [
        NewTopic(name, num_partitions=partitions, replication_factor=-1, config=_TOPIC_CONFIG)
        for name in (EVENTS, DEAD_LETTERS)
    ]
    admin = _admin(bootstrap)  # the futures below fail when nobody holds it
    for creation in admin.create_topics(topics, operation_timeout=30).values():
        try:
            creation.result(30)
        except KafkaException as error:
            if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                raise


def is_ready(bootstrap: str, *, timeout: float = 2.0) -> bool:
    """Whether a broker answers there."""
    try:
        return bool(_admin(bootstrap).list_topics(timeout=timeout).brokers)
    except KafkaException:
        return False


def _admin(bootstrap: str) -> AdminClient:
    # A broker that is still starting refuses connections; the client would write that to our terminal.
    quiet = logging.getLogger("tallystick.dev.kafka")
    quiet.addHandler(logging.NullHandler())
    quiet.propagate = False
    return AdminClient(
        {"bootstrap.servers": bootstrap, "socket.timeout.ms": 10000, "reconnect.backoff.max.ms": 200}, logger=quiet
    )
