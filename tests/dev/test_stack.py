"""`tallystick dev`: one command brings a platform up, twice is as good as once, and only its own processes end."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import httpx
import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient

from tallystick.contracts import load_catalog
from tallystick.contracts.errors import TallystickError
from tallystick.dev.errors import ContractRefusedError, NotReadyError, PartDiedError, PortBusyError
from tallystick.dev.ports import HOST
from tallystick.dev.stack import API, BROKER, REGISTRY, Stack, StackOptions, StackStatus
from tallystick.dev.topics import EVENTS
from tallystick.sdk.registry import RegistryClient

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def options(tmp_path: Path, broker: str, root: Path) -> StackOptions:
    return StackOptions(
        folder=tmp_path, kafka=broker, registry_port=0, api_port=0, schemas=root / "schemas", tethered=True
    )


@pytest.fixture
def running(options: StackOptions) -> Iterator[tuple[Stack, StackStatus]]:
    stack = Stack(options)
    with stack as status:
        yield stack, status


def lives(pid: int) -> bool:
    """Whether a process runs; one that has ended and only waits for its parent to notice does not."""
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] not in "ZX"


def command(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tallystick.cli", "dev", *words],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.mark.kafka
def test_a_stack_takes_an_event_with_its_write_key(stack: StackStatus) -> None:
    event = {
        "type": "shop.PageViewed",
        "meta": {"event_id": str(uuid4()), "event_time": "2026-01-05T10:00:00Z", "source": {"app": "shop-web"}},
        "page_path": "/",
        "page_kind": "HOME",
    }
    allowed = {"Authorization": f"Bearer {stack.write_key}"}
    assert httpx.post(f"{stack.api}/v1/events", json=event, headers=allowed, timeout=30).status_code == 200
    assert httpx.post(f"{stack.api}/v1/events", json=event, timeout=30).status_code == 401


@pytest.mark.kafka
def test_every_contract_that_may_stand_on_a_topic_is_registered(stack: StackStatus, root: Path) -> None:
    assert stack.registry
    expected = {contract.subject for contract in load_catalog(root / "schemas").contracts if contract.is_message}
    assert set(RegistryClient(stack.registry).subjects()) >= expected


@pytest.mark.kafka
def test_up_twice_changes_nothing_but_what_died(running: tuple[Stack, StackStatus]) -> None:
    stack, status = running
    assert stack.up() == status
    assert Stack(stack.options).status() == status
    os.kill(status.pids[API], signal.SIGKILL)
    deadline = time.monotonic() + 10
    while API in stack.status().pids:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert not stack.status().ready
    again = stack.up()
    assert again.pids[API] != status.pids[API]
    assert again == replace(status, pids=status.pids | {API: again.pids[API]})


@pytest.mark.kafka
def test_what_relies_on_a_part_that_moves_is_started_anew(running: tuple[Stack, StackStatus], free_port: int) -> None:
    stack, status = running
    moved = Stack(replace(stack.options, registry_port=free_port)).up()
    assert moved.ready
    assert moved.registry == f"http://{HOST}:{free_port}"
    assert set(moved.pids.values()).isdisjoint(status.pids.values())


@pytest.mark.kafka
def test_a_busy_port_is_told_and_what_was_started_is_ended_again(options: StackOptions) -> None:
    with socket.create_server((HOST, 0)) as server:
        port = server.getsockname()[1]
        stack = Stack(replace(options, api_port=port))
        with pytest.raises(PortBusyError, match=str(port)) as caught:
            stack.up()
    assert "--api-port" in caught.value.fix
    assert stack.status().pids == {}


@pytest.mark.kafka
def test_a_part_that_dies_shows_its_last_words_and_takes_the_others_along(options: StackOptions) -> None:
    (options.folder / "registry.db").write_text("this is no database, and long enough to be looked at" * 20)
    with pytest.raises(PartDiedError, match="the registry ended while it was starting") as caught:
        Stack(options).up()
    assert "database" in caught.value.message
    assert str(options.folder / "logs" / "registry.log") in caught.value.fix
    assert Stack(options).status().pids == {}


@pytest.mark.kafka
def test_contracts_that_do_not_load_are_told_and_nothing_stays_behind(options: StackOptions, tmp_path: Path) -> None:
    stack = Stack(replace(options, schemas=tmp_path / "nowhere"))
    with pytest.raises(TallystickError, match="nowhere"):
        stack.up()
    assert stack.status().pids == {}


@pytest.mark.kafka
def test_a_contract_that_the_registry_refuses_is_named(
    stack: StackStatus, options: StackOptions, root: Path, tmp_path: Path
) -> None:
    changed = tmp_path / "schemas"
    shutil.copytree(root / "schemas", changed)
    contract = changed / "shop" / "PageViewed.avsc"
    schema = json.loads(contract.read_text())
    next(each for each in schema["fields"] if each["name"] == "page_path")["type"] = "int"
    contract.write_text(json.dumps(schema))
    with pytest.raises(ContractRefusedError, match=r"refuses shop\.PageViewed: .*page_path"):
        Stack(replace(options, registry=stack.registry, schemas=changed)).up()


@pytest.mark.kafka
def test_an_existing_registry_is_used_and_not_ended(stack: StackStatus, options: StackOptions) -> None:
    guest = Stack(replace(options, registry=stack.registry))
    with guest as status:
        assert status.ready
        assert status.registry == stack.registry
        assert set(status.pids) == {API}
    assert lives(stack.pids[REGISTRY])


def test_a_kafka_that_does_not_answer_is_told(
    options: StackOptions, free_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tallystick.dev.parts._PATIENCE", 0.1)
    with pytest.raises(NotReadyError, match=f"the broker at {HOST}:{free_port} gave no good answer"):
        Stack(replace(options, kafka=f"{HOST}:{free_port}")).up()


def test_down_leaves_a_process_alone_that_only_has_the_same_pid(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as stranger:
        (tmp_path / "run").mkdir()
        (tmp_path / "run" / "api.json").write_text(json.dumps({"pid": stranger.pid, "started": "yesterday/1"}))
        assert Stack(StackOptions(folder=tmp_path)).down() == ()
        assert stranger.poll() is None
        stranger.kill()


def test_the_status_of_an_empty_folder_is_not_ready_and_makes_nothing(tmp_path: Path) -> None:
    done = command("status", "--dir", "nothing-here", "--format", "json", cwd=tmp_path)
    assert done.returncode == 1
    assert json.loads(done.stdout) == {
        "ready": False,
        "kafka": None,
        "registry": None,
        "api": None,
        "write_key": None,
        "pids": {},
    }
    assert list(tmp_path.iterdir()) == []


@pytest.mark.kafka
@pytest.mark.slow
def test_the_command_brings_up_its_own_broker_ends_it_and_finds_its_data_again(tmp_path: Path, root: Path) -> None:
    ports = ("--kafka-port", "0", "--registry-port", "0", "--api-port", "0")
    shutil.copytree(root / "schemas", tmp_path / "schemas")
    try:
        up = command("up", *ports, "--format", "json", cwd=tmp_path)
        assert up.returncode == 0, up.stderr
        status = command("status", "--format", "json", cwd=tmp_path)
        assert (status.returncode, json.loads(status.stdout)) == (0, json.loads(up.stdout))
        told = json.loads(up.stdout)
        assert told["ready"] is True
        assert set(told["pids"]) == {BROKER, REGISTRY, API}
        topics = AdminClient({"bootstrap.servers": told["kafka"]}).list_topics(timeout=10).topics
        partitions = {name: len(topic.partitions) for name, topic in topics.items() if not name.startswith("__")}
        assert partitions == {"tallystick.events": 4, "tallystick.dead-letters": 4}
        _produce_an_old_record(told["kafka"])
        assert command("down", cwd=tmp_path).stdout == "ended: api, registry, broker\n"
        assert not any(lives(pid) for pid in told["pids"].values())
        again = json.loads(command("up", *ports, "--format", "json", cwd=tmp_path).stdout)
        assert {**again, "pids": {}} == {**told, "pids": {}}
        assert _length(again["kafka"]) == 1
    finally:
        command("down", cwd=tmp_path)
    assert command("down", cwd=tmp_path).stdout == "nothing was running\n"


def _produce_an_old_record(bootstrap: str) -> None:
    """A record of 2001: a topic at its defaults would drop it within minutes."""
    producer = Producer({"bootstrap.servers": bootstrap, "acks": "all"})
    producer.produce(EVENTS, b"value", partition=0, timestamp=1_000_000_000_000)
    assert producer.flush(30) == 0


def _length(bootstrap: str) -> int:
    """How many records the first partition of the events holds."""
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "count"})
    try:
        low, high = consumer.get_watermark_offsets(TopicPartition(EVENTS, 0), timeout=30)
        return int(high - low)
    finally:
        consumer.close()
