"""The API in front of a real Kafka and a real registry, from the SDK to a consumer that knows nothing of Tallystick."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import uuid4

import httpx
import pytest
from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext
from tests.api.serving import running, viewed

from tallystick.api.ingestion.limits import Limits
from tallystick.api.ingestion.producer import KafkaProducer
from tallystick.dev.broker import BROKER, Broker
from tallystick.dev.parts import wait_until_ready
from tallystick.dev.ports import free_port as any_free_port
from tallystick.dev.processes import Processes
from tallystick.dev.topics import create_topics, is_ready
from tallystick.events.shop import OrderCompleted, PageViewed
from tallystick.events.shop.order_completed import OrderLine
from tallystick.events.shop.page_viewed import PageKind
from tallystick.sdk import ClientOptions, EventClient, FlushResult, Lost
from tallystick.sdk.errors import OptionsError
from tallystick.sdk.kafka import KafkaTransport
from tallystick.sdk.registry import RegistryClient

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tallystick.dev.stack import StackStatus

pytestmark = pytest.mark.kafka

EVENTS = "tallystick.events"
DEAD_LETTERS = "tallystick.dead-letters"


class Platform(NamedTuple):
    """A whole platform's addresses."""

    kafka: str
    registry: str
    api: str
    write_key: str


@pytest.fixture
def platform(stack: StackStatus) -> Platform:
    assert stack.kafka
    assert stack.registry
    assert stack.api
    assert stack.write_key
    return Platform(stack.kafka, stack.registry, stack.api, stack.write_key)


class Reader:
    """Reads what comes to a topic from now on, with Confluent's own deserializer."""

    def __init__(self, kafka: str, registry: str, topic: str) -> None:
        self._consumer = Consumer({"bootstrap.servers": kafka, "group.id": uuid4().hex, "enable.auto.commit": False})
        partitions = self._consumer.list_topics(topic, timeout=20).topics[topic].partitions
        places = [TopicPartition(topic, number) for number in partitions]
        for place in places:
            place.offset = self._consumer.get_watermark_offsets(place, timeout=20)[1]
        self._consumer.assign(places)
        self._topic = topic
        self._decode = AvroDeserializer(SchemaRegistryClient({"url": registry}))

    def read(self, count: int, seconds: float = 30.0) -> list[dict[str, Any]]:
        """The next records, decoded, each with its key and headers."""
        found: list[dict[str, Any]] = []
        until = time.monotonic() + seconds
        while len(found) < count and time.monotonic() < until:
            message = self._consumer.poll(0.5)
            if message is None:
                continue
            assert message.error() is None
            value = self._decode(message.value(), SerializationContext(self._topic, MessageField.VALUE))
            found.append({"value": value, "key": message.key(), "headers": dict(message.headers() or ())})
        return found


def order() -> OrderCompleted:
    line = OrderLine(sku="tea", quantity=2, unit_price=Decimal("6.25"))
    return OrderCompleted(
        order_id="o1", customer_id="u1", total=Decimal("12.50"), currency="EUR", item_count=2, lines=[line]
    )


def test_what_the_sdk_tracks_a_stock_consumer_reads(platform: Platform) -> None:
    reader = Reader(platform.kafka, platform.registry, EVENTS)
    with EventClient(source="shop-web", endpoint=platform.api, write_key=platform.write_key) as client:
        identity = client.track(order(), user_id="u1")
        assert client.flush(30) == FlushResult(delivered=1, pending=0, failed=0)
    (record,) = reader.read(1)
    assert record["value"]["meta"]["event_id"] in {str(identity), identity}
    assert record["value"]["total"] == Decimal("12.50")
    assert record["value"]["lines"] == [{"sku": "tea", "quantity": 2, "unit_price": Decimal("6.25")}]
    assert record["key"] == b"u1"
    assert record["headers"]["event_type"] == b"shop.OrderCompleted"


def test_a_bad_event_is_a_dead_letter_that_a_stock_consumer_reads(platform: Platform) -> None:
    reader = Reader(platform.kafka, platform.registry, DEAD_LETTERS)
    headers = {"authorization": f"Bearer {platform.write_key}"}
    bad = viewed(page_kind="NOWHERE")
    answer = httpx.post(f"{platform.api}/v1/batch", json={"batch": [viewed(), bad]}, headers=headers, timeout=30)
    assert answer.status_code == 207
    (record,) = reader.read(1)
    letter = record["value"]
    assert (letter["reason"], letter["event_id"]) == ("INVALID", bad["meta"]["event_id"])
    assert letter["errors"][0]["path"] == "/page_kind"
    assert json.loads(letter["payload"]) == bad


def test_a_contract_that_is_registered_while_the_api_runs_is_accepted_at_once(platform: Platform) -> None:
    name = f"Tested{uuid4().hex[:8]}"
    schema = json.loads(PageViewed.SCHEMA)
    schema["name"] = name
    event = viewed(type=f"shop.{name}")
    headers = {"authorization": f"Bearer {platform.write_key}"}
    with RegistryClient(platform.registry) as registry:
        registry.register(f"shop.{name}", json.dumps(schema))
    answer = httpx.post(f"{platform.api}/v1/events", json=event, headers=headers, timeout=30)
    assert answer.status_code == 200, answer.text


def test_a_file_is_sent_and_its_bad_lines_are_told(platform: Platform, tmp_path: Path) -> None:
    reader = Reader(platform.kafka, platform.registry, EVENTS)
    lines = [json.dumps(viewed()) for _ in range(1200)]
    lines[700] = "{broken"
    lines[900] = json.dumps(viewed(page_kind="NOWHERE"))
    path = tmp_path / "events.jsonl"
    path.write_text("\n".join(lines) + "\n\n")
    command = [sys.executable, "-m", "tallystick.cli", "send", str(path), "--endpoint", platform.api]
    environment = {**os.environ, "TALLYSTICK_WRITE_KEY": platform.write_key}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 1, done.stderr
    assert "line 701: MALFORMED_JSON" in done.stderr
    assert "line 901: INVALID /page_kind unknown_symbol" in done.stderr
    assert "1198 sent, 2 refused, 0 unknown" in done.stderr
    assert len(reader.read(1198)) == 1198
    path.write_text("\n".join(lines[:600]))
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, "600 sent, 0 refused" in done.stderr) == (0, True)


def test_a_process_that_gets_sigterm_loses_nothing_on_the_real_way(platform: Platform) -> None:
    reader = Reader(platform.kafka, platform.registry, EVENTS)
    script = """
import sys, time
from tallystick.events.shop import PageViewed
from tallystick.events.shop.page_viewed import PageKind
from tallystick.sdk import EventClient
client = EventClient(source="shop-web", endpoint=sys.argv[1], write_key=sys.argv[2])
for number in range(2000):
    client.track(PageViewed(page_path=f"/{number}", page_kind=PageKind.HOME))
print("ready", flush=True)
while True:  # not one long sleep: Python would handle a signal that comes just before it when it is over
    time.sleep(0.05)
"""
    process = subprocess.Popen(
        [sys.executable, "-c", script, platform.api, platform.write_key], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGTERM
    paths = {record["value"]["page_path"] for record in reader.read(2000)}
    assert paths == {f"/{number}" for number in range(2000)}


def test_a_service_beside_kafka_writes_the_records_that_the_api_writes(platform: Platform) -> None:
    reader = Reader(platform.kafka, platform.registry, EVENTS)
    with RegistryClient(platform.registry) as registry:
        transport = KafkaTransport(platform.kafka, registry, [OrderCompleted])
    lost: list[Lost] = []
    options = ClientOptions(on_drop=lost.append)
    with EventClient(source="shop-web", transport=transport, options=options) as direct:
        identity = direct.track(order(), user_id="u1")
        direct.track(page())
        assert direct.flush(30) == FlushResult(delivered=1, pending=0, failed=1)
    with EventClient(source="shop-web", endpoint=platform.api, write_key=platform.write_key) as client:
        client.track(order(), user_id="u1", event_id=identity)
        client.flush(30)
    first, second = reader.read(2)
    assert (first["key"], first["headers"]) == (second["key"], second["headers"])
    for record in (first, second):
        for own in ("event_time", "sent_at", "received_at"):
            record["value"]["meta"].pop(own)
    assert first["value"] == second["value"]
    assert [each.event_type for each in lost] == ["shop.PageViewed"]


def test_a_class_that_the_registry_does_not_hold_cannot_be_sent_past_the_api(platform: Platform) -> None:
    class Stranger(OrderCompleted):
        SUBJECT = "shop.Stranger"

    with RegistryClient(platform.registry) as registry, pytest.raises(OptionsError, match=r"shop\.Stranger"):
        KafkaTransport(platform.kafka, registry, [Stranger])


# --- an outage of Kafka -------------------------------------------------------------------------------


def wait_until(condition: Callable[[], bool], seconds: float) -> None:
    until = time.monotonic() + seconds
    while not condition() and time.monotonic() < until:
        time.sleep(0.1)
    assert condition()


@pytest.mark.slow
def test_an_outage_of_kafka_costs_time_and_nothing_else(tmp_path: Path) -> None:
    processes = Processes(tmp_path, tethered=True)
    kafka = Broker(folder=tmp_path / "kafka", processes=processes, port=any_free_port())

    def start() -> None:
        kafka.start()
        wait_until_ready(BROKER, kafka.address, is_ready=is_ready, check=lambda: None)

    start()
    try:
        create_topics(kafka.address)
        producer = KafkaProducer(kafka.address, topic=EVENTS)
        with running(tmp_path, producing=producer, limits=Limits(ack_seconds=25)) as api:
            wait_until(lambda: api.http.get("/readyz").status_code == 200, 30)
            options = ClientOptions(backoff=(0.1, 0.5), flush_at=50)
            with EventClient(source="s", endpoint=api.url, write_key=api.secrets["all"], options=options) as client:
                sent = {str(client.track(page())) for _ in range(200)}
                assert client.flush(60).delivered == 200
                processes.stop(BROKER)
                wait_until(lambda: api.http.get("/readyz").status_code == 503, 30)
                answer = api.batch(viewed())
                assert (answer.status_code, int(answer.headers["retry-after"]) > 0) == (503, True)
                sent |= {str(client.track(page())) for _ in range(200)}
                assert client.flush(1).delivered == 0
                start()
                assert client.flush(90) == FlushResult(delivered=200, pending=0, failed=0)
            assert ids_in(kafka.address) >= sent
    finally:
        processes.stop(BROKER)


def page() -> PageViewed:
    return PageViewed(page_path="/", page_kind=PageKind.HOME)


def ids_in(kafka: str) -> set[str]:
    settings = {"bootstrap.servers": kafka, "group.id": uuid4().hex, "auto.offset.reset": "earliest"}
    consumer = Consumer(settings)
    consumer.subscribe([EVENTS])
    ids: set[str] = set()
    quiet_since = time.monotonic()
    while time.monotonic() - quiet_since < 8:
        message = consumer.poll(0.5)
        if message is not None and message.error() is None:
            value = dict(message.headers() or ())["event_id"]
            assert isinstance(value, bytes)
            ids.add(value.decode())
            quiet_since = time.monotonic()
    consumer.close()
    return ids
