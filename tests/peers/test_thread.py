"""The thread of the house on other people's registries: SDK, API, Kafka, and Spark's decoding by id."""

from __future__ import annotations

import time
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from confluent_kafka import Consumer
from tests.streaming.conftest import _bronze_row

from tallystick.dev.stack import Stack, StackOptions
from tallystick.dev.tail import tail
from tallystick.dev.topics import EVENTS
from tallystick.events.shop import OrderCompleted, PageViewed
from tallystick.events.shop.page_viewed import PageKind
from tallystick.sdk import EventClient, FlushResult
from tallystick.streaming.bronze import COLUMNS
from tallystick.streaming.silver.decode import decode
from tallystick.streaming.silver.plan import plan
from tallystick.streaming.tables import columns_of

if TYPE_CHECKING:
    from pathlib import Path

    from pyspark.sql import SparkSession
    from tests.peers.conftest import Peer

    from tallystick.sdk.registry import RegistryClient

# Ours is what every other test of the whole thread runs on.
pytestmark = [pytest.mark.kafka, pytest.mark.parametrize("peer", ["apicurio", "strict"], indirect=True)]


@dataclass(frozen=True)
class Sent:
    """What went in, and the records that came out."""

    kafka: str
    orders: dict[str, Decimal]
    values: list[bytes]


@pytest.fixture(scope="module")
def sent(peer: Peer, broker: str, root: Path, tmp_path_factory: pytest.TempPathFactory) -> Sent:
    """Some events through SDK and API, with the peer as the only registry."""
    options = StackOptions(
        folder=tmp_path_factory.mktemp("stack"),
        kafka=broker,
        registry=peer.url,
        api_port=0,
        schemas=root / "schemas",
        tethered=True,
    )
    orders = {uuid4().hex: Decimal(f"{number}.50") for number in range(5)}
    with (
        Stack(options) as status,
        EventClient(source="shop-web", endpoint=status.api or "", write_key=status.write_key or "") as client,
    ):
        assert "registry" not in status.pids
        ids = {client.track(PageViewed(page_path="/", page_kind=PageKind.HOME))}
        for name, total in orders.items():
            order = OrderCompleted(order_id=name, customer_id="u", total=total, currency="EUR", item_count=1)
            ids.add(client.track(order))
        assert client.flush(60) == FlushResult(delivered=len(ids), pending=0, failed=0)
        return Sent(broker, orders, records(broker, {str(each) for each in ids}))


def records(kafka: str, ids: set[str]) -> list[bytes]:
    """The values of the events with these ids."""
    settings = {"bootstrap.servers": kafka, "group.id": uuid4().hex, "auto.offset.reset": "earliest"}
    found: dict[str, bytes] = {}
    consumer, until = Consumer(settings), time.monotonic() + 90
    consumer.subscribe([EVENTS])
    try:
        while found.keys() != ids and time.monotonic() < until:
            for message in consumer.consume(500, timeout=0.5):
                event_id = dict(message.headers() or ()).get("event_id")
                value = message.value()
                if isinstance(event_id, bytes) and event_id.decode() in ids and value:
                    found[event_id.decode()] = value
    finally:
        consumer.close()
    assert found.keys() == ids
    return list(found.values())


def test_what_the_sdk_tracks_is_read_by_the_ids_of_that_registry(sent: Sent, client: RegistryClient) -> None:
    newest = [found for found in tail(sent.kafka, EVENTS, 2 * len(sent.values), client) if "event" in found]
    orders = {found["event"]["order_id"]: found for found in newest if found["type"] == OrderCompleted.SUBJECT}
    assert sent.orders.keys() <= orders.keys()
    there = client.lookup(OrderCompleted.SUBJECT, OrderCompleted.SCHEMA)
    assert {orders[name]["schema_id"] for name in sent.orders} == {there.id}


@pytest.mark.spark
def test_spark_decodes_by_the_ids_of_that_registry(sent: Sent, client: RegistryClient, spark: SparkSession) -> None:
    rows: list[tuple[Any, ...]] = [_bronze_row(EVENTS, offset, value) for offset, value in enumerate(sent.values)]
    readings = {each.contract.name: each for each in plan({row[8] for row in rows}, client).readings}
    assert readings.keys() == {OrderCompleted.SUBJECT, PageViewed.SUBJECT}
    bronze = spark.createDataFrame(rows, columns_of(COLUMNS))
    reading = readings[OrderCompleted.SUBJECT]
    result = decode(bronze.where(bronze.schema_id.isin(*reading.ids)), reading)
    assert result.rejects.count() == 0
    found = result.events.select("payload.order_id", "payload.total").collect()
    assert {row.order_id: row.total for row in found} == sent.orders
