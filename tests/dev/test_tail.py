"""`tallystick dev tail` shows what stands on a topic, and goes on past what cannot be read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from tallystick.contracts import frame
from tallystick.dev.errors import NotReadyError, TopicMissingError
from tallystick.dev.ports import HOST
from tallystick.dev.tail import tail
from tallystick.events.shop import PageKind, PageViewed
from tallystick.events.tallystick import Meta, Source
from tallystick.sdk.registry import RegistryClient

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tallystick.dev.stack import StackStatus


@pytest.fixture
def registry(stack: StackStatus) -> Iterator[RegistryClient]:
    assert stack.registry
    with RegistryClient(stack.registry) as client:
        yield client


def page(path: str) -> PageViewed:
    meta = Meta(event_id=uuid4(), event_time=datetime(2026, 1, 5, tzinfo=UTC), source=Source(app="shop-web"))
    return PageViewed(meta=meta, page_path=path, page_kind=PageKind.HOME)


@pytest.mark.kafka
def test_the_newest_records_are_decoded_by_their_own_schema_and_bad_ones_are_named(
    broker: str, registry: RegistryClient
) -> None:
    topic = f"tail-{uuid4()}"
    admin = AdminClient({"bootstrap.servers": broker})
    admin.create_topics([NewTopic(topic, 1, 1)])[topic].result(30)
    known = registry.latest(PageViewed.SUBJECT).id
    producer = Producer({"bootstrap.servers": broker})
    values = [
        frame(known, page("/first").to_avro()),
        b"no frame",
        frame(2**30, page("/unknown").to_avro()),
        frame(known, b"\x01"),
        frame(known, page("/last").to_avro()),
    ]
    for value in values:
        producer.produce(topic, value, key="u-1")
    assert producer.flush(30) == 0
    records = list(tail(broker, topic, 5, registry))
    assert [record["offset"] for record in records] == [0, 1, 2, 3, 4]
    assert {record["key"] for record in records} == {"u-1"}
    assert [record["event"]["page_path"] for record in records if "event" in record] == ["/first", "/last"]
    assert all(record["error"] for record in records if "event" not in record)
    assert [record["offset"] for record in tail(broker, topic, 2, registry)] == [3, 4]


@pytest.mark.kafka
def test_a_topic_that_is_not_there_is_told(broker: str, registry: RegistryClient) -> None:
    with pytest.raises(TopicMissingError, match="no topic nowhere"):
        list(tail(broker, "nowhere", 1, registry))


def test_a_kafka_that_is_not_there_is_told(free_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tallystick.dev.tail._SECONDS", 1.0)
    with pytest.raises(NotReadyError, match="gave no good answer"), RegistryClient("http://localhost:1") as registry:
        list(tail(f"{HOST}:{free_port}", "any", 1, registry))
