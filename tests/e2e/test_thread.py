"""One thread through the whole house: real broker, registry, API and Spark, held against plain Python row for row."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from confluent_kafka import Consumer
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext
from tests.e2e.bronze import Decoded, decode
from tests.reference.silver import Silver, silver

from tallystick.contracts import load_catalog, load_experiments
from tallystick.dev.demo.lakereader import LakeReader
from tallystick.dev.demo.legacy import OldRelease, derive_old_release
from tallystick.dev.demo.pipeline import Pipeline, open_spark
from tallystick.dev.demo.sending import Sender, stray_records
from tallystick.dev.demo.setting import trials_of
from tallystick.dev.demo.simulator import simulate
from tallystick.dev.registration import Outcome, register_all
from tallystick.dev.stack import Stack, StackOptions
from tallystick.dev.topics import EVENTS
from tallystick.events.shop import ExperimentExposed, OrderCompleted
from tallystick.sdk.registry import RegistryClient

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tallystick.dev.demo.traffic import Traffic
    from tallystick.dev.stack import StackStatus

pytestmark = [pytest.mark.kafka, pytest.mark.spark, pytest.mark.slow]

TABLES = {
    "events": ("source", "event_id"),
    "event_id_conflicts": ("source", "event_id", "received_at"),
    "experiment_definitions": ("experiment_key", "phase", "version"),
    "exposures": ("event_id",),
    "experiment_units": ("experiment_key", "phase", "unit_type", "unit_id"),
    "outcomes": ("event_id", "metric_key"),
    "attributed_outcomes": ("experiment_key", "phase", "metric_key", "event_id"),
    "outcome_coverage": ("metric_key",),
}


@dataclass(frozen=True)
class Thread:
    """What was sent, and where it went."""

    traffic: Traffic
    status: StackStatus
    lake: Path
    old: OldRelease
    strays: Mapping[str, int]
    ended_by: tuple[int, ...]


@pytest.fixture(scope="module")
def thread(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Thread]:
    """Known events through every door; Silver is killed inside a micro-batch and between two."""
    folder = tmp_path_factory.mktemp("thread")
    old = derive_old_release(root / "schemas", OrderCompleted.SUBJECT, folder=folder / "before")
    catalog, definitions = load_catalog(root / "schemas"), load_experiments(root / "experiments")
    trials = trials_of(catalog, definitions, exposure_event=ExperimentExposed.SUBJECT)
    traffic = simulate(seed=11, users=150, trials=trials, downgrade=old.downgrade)
    options = StackOptions(
        folder=folder / "stack", kafka_port=0, registry_port=0, api_port=0, schemas=old.schemas, tethered=True
    )
    with Stack(options) as status:
        with RegistryClient(status.registry or "") as registry:
            assert Outcome.REFUSED not in {each.outcome for each in register_all(catalog.messages, registry)}
            known_id = registry.lookup(old.subject, old.text).id
        sender = Sender(status.api or "", status.write_key or "")
        sender.definitions(definitions)
        pipeline = Pipeline(open_spark(folder / "lake"), folder / "lake", status)
        third = len(traffic.sends) // 3
        for part in (traffic.sends[:third], traffic.sends[third : 2 * third], traffic.sends[2 * third :]):
            sender.events(part, on_sent=lambda _: None)
            pipeline.bronze(lambda _: None)
        sender.bad_lines(traffic.bad_lines, on_sent=lambda _: None)
        strays = stray_records(status.kafka or "", known_id=known_id)
        pipeline.bronze(lambda _: None)
        ended_by = tuple(killed(pipeline, *where) for where in (("exposures", 1), ("commit", 1)))
        pipeline.silver(lambda _: None)
        yield Thread(traffic, status, folder / "lake", old, strays, ended_by)


def killed(pipeline: Pipeline, step: str, number: int) -> int:
    """Run Silver in a process that is killed after a step; return the signal that ended it."""
    script = Path(__file__).with_name("silver_until.py")
    command = [sys.executable, str(script), str(pipeline.folder), pipeline.stack.registry or "", step, str(number)]
    return -subprocess.run(command, check=False, timeout=600).returncode


@pytest.fixture(scope="module")
def reader(thread: Thread) -> LakeReader:
    return LakeReader(thread.lake)


@pytest.fixture(scope="module")
def decoded(thread: Thread, reader: LakeReader) -> Decoded:
    with RegistryClient(thread.status.registry or "") as registry:
        return decode(reader.rows('SELECT topic, partition, "offset", value FROM bronze.events'), registry)


@pytest.fixture(scope="module")
def expected(decoded: Decoded) -> Silver:
    return silver(decoded.events)


def test_the_job_was_really_killed(thread: Thread) -> None:
    assert thread.ended_by == (signal.SIGKILL, signal.SIGKILL)


def test_bronze_holds_every_record_once(thread: Thread, reader: LakeReader) -> None:
    definitions, strays = 3, sum(thread.strays.values())
    sent = len(thread.traffic.sends) + len(thread.traffic.bad_lines) + definitions + strays
    rows = reader.rows('SELECT count(*) AS n, count(DISTINCT (topic, partition, "offset")) AS d FROM bronze.events')
    assert rows == [{"n": sent, "d": sent}]


def test_what_cannot_be_read_becomes_a_reject(thread: Thread, reader: LakeReader, decoded: Decoded) -> None:
    rejects = reader.counts("SELECT reason, count(*) FROM silver.rejects GROUP BY reason")
    assert rejects == dict(thread.strays)
    assert sum(rejects.values()) == decoded.unreadable


@pytest.mark.parametrize("table", TABLES)
def test_silver_is_what_plain_python_makes_of_bronze(table: str, reader: LakeReader, expected: Silver) -> None:
    wanted = getattr(expected, table)
    columns = list(wanted[0]) if wanted else list(TABLES[table])
    got = [{name: row[name] for name in columns} for row in reader.rows(f"FROM silver.{table}")]
    assert keyed(got, table) == keyed(wanted, table)


def test_the_reference_itself_says_what_the_simulator_knows(thread: Thread, expected: Silver) -> None:
    truth = thread.traffic.truth
    for key, trial in truth.trials.items():
        units = Counter(
            (u["status"], u["variant_key"]) for u in expected.experiment_units if u["experiment_key"] == key
        )
        known = {(status, variant): n for status, by in trial.units.items() for variant, n in by.items() if n}
        assert units == known
        revenue = [
            row
            for row in expected.attributed_outcomes
            if (row["experiment_key"], row["metric_key"]) == (key, "revenue")
        ]
        for variant, sample in trial.metrics["revenue"].samples.items():
            counted = (row for row in revenue if (row["variant_key"], row["status"]) == (variant, "attributed"))
            assert sum((row["value"] for row in counted), Decimal(0)) == sample.total


def test_a_stock_consumer_reads_what_the_api_wrote(thread: Thread) -> None:
    registry = SchemaRegistryClient({"url": thread.status.registry})
    read = AvroDeserializer(registry)
    sent = {send.event_id: send for send in thread.traffic.sends}
    seen: Counter[str] = Counter()
    for message in messages(thread):
        if (headers := dict(message.headers() or [])).get("event_type") is None:
            continue  # a stray
        value: Any = read(message.value(), SerializationContext(EVENTS, MessageField.VALUE))
        identity = str(value["meta"]["event_id"])
        assert headers["event_id"].decode() == identity
        if identity not in sent:
            assert headers["event_type"] == b"tallystick.ExperimentDefined"
            continue
        seen[identity] += 1
        event = sent[identity].event
        assert headers["event_type"].decode() == event.SUBJECT
        assert {name for name in value if name != "meta"} == {name for name in event.to_plain() if name != "meta"}
        assert message.key() == (value["meta"]["user_id"] or value["meta"]["anonymous_id"]).encode()
    assert seen == Counter(send.event_id for send in thread.traffic.sends)


def messages(thread: Thread) -> Iterator[Any]:
    consumer = Consumer(
        {"bootstrap.servers": thread.status.kafka, "group.id": "stock", "auto.offset.reset": "earliest"}
        | {"enable.partition.eof": True, "enable.auto.commit": False}
    )
    consumer.subscribe([EVENTS])
    ended = 0
    try:
        while ended < 4:
            message = consumer.poll(30)
            assert message is not None, "no answer from Kafka"
            if message.error():
                ended += 1
                continue
            yield message
    finally:
        consumer.close()


def keyed(rows: list[dict[str, Any]], table: str) -> list[dict[str, Any]]:
    """Rows in the order of their key, in forms that compare."""
    plain = [{name: comparable(value) for name, value in row.items()} for row in rows]
    return sorted(plain, key=lambda row: [str(row[name]) for name in TABLES[table]])


def comparable(value: Any) -> Any:  # noqa: ANN401 - a cell of any type
    if isinstance(value, list) and value and isinstance(value[0], tuple):
        return dict(value)  # a map, as Arrow gives it
    return Decimal(str(value)) if isinstance(value, float) else value
