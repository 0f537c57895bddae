"""kill -9 among concurrent writers: what was acknowledged is there, and every invariant holds.

TALLYSTICK_KILLS sets the number of kills for each database; CI makes do with few, a full run takes hundreds.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import threading
import time
from collections import defaultdict
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from tests.registry.conftest import free_port, record, running

if TYPE_CHECKING:
    from pathlib import Path

    from tests.registry.conftest import Process

KILLS = int(os.environ.get("TALLYSTICK_KILLS", "8"))
MOST_SECONDS = 600 + 60 * KILLS  # a killed registry starts again within two seconds, but for a machine that is busy
WRITERS = 8
TEXTS = [record(f"R{i}", x="int") for i in range(60)]
SUBJECTS = [f"kept-{i}" for i in range(10)]
DELETED = [f"gone-{i}" for i in range(4)]

# The named points lie where a test cannot reach from outside: in the write itself.
FAULTY = """
import os, random, signal
from tallystick.api.registry.store import Store
point, write = os.environ["FAULT"], Store.write_together
def die(here):
    if here == point and random.random() < 0.05:
        os.kill(os.getpid(), signal.SIGKILL)
def faulty(self, works):
    outcomes = write(self, [*works, lambda tx: die("before commit")])
    die("after commit, before the answer")
    return outcomes[:-1]
Store.write_together = faulty
from tallystick.cli.serve_registry import command
command()
"""
POINTS = ["any moment", "before commit", "after commit, before the answer"]


@dataclass
class Ledger:
    """What clients were told, and what they did not hear back."""

    acknowledged: dict[tuple[str, int], tuple[int, str]] = field(default_factory=dict)
    ids: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    answers: int = 0
    unanswered: int = 0
    unexpected: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def registered(self, subject: str, text: str, answer: dict[str, Any]) -> None:
        with self.lock:
            self.answers += 1
            self.ids[answer["id"]].add(text)
            if subject in SUBJECTS:
                self.acknowledged[subject, answer["version"]] = (answer["id"], text)


class Fleet:
    """Registries that are killed and started again on their ports."""

    def __init__(self, folder: Path, database: str, count: int) -> None:
        self.ports = [str(free_port()) for _ in range(count)]
        self.urls = [f"http://127.0.0.1:{port}" for port in self.ports]
        self.kills = dict.fromkeys(POINTS, 0)
        self._folder, self._database = folder, database
        self._stack = ExitStack()
        self._running = [self._start(i) for i in range(count)]

    def _start(self, index: int) -> tuple[Process, str]:
        point = random.choice(POINTS)
        log = self._folder / f"{index}-{time.time_ns()}.log"
        process = self._stack.enter_context(
            running(log, "--database", self._database, port=self.ports[index], code=FAULTY, FAULT=point)
        )
        return process, point

    def run_until(self, kills: int) -> None:
        """Kill, or wait for deaths at the named points, and start again, until there were enough deaths."""
        while sum(self.kills.values()) < kills:
            index = random.randrange(len(self._running))
            process, point = self._running[index]
            if point == POINTS[0]:
                time.sleep(random.uniform(0.05, 0.6))
                os.kill(process.process.pid, signal.SIGKILL)
            assert process.process.wait(timeout=120) == -signal.SIGKILL, process.log.read_text()[-2000:]
            self.kills[point] += 1
            self._running[index] = self._start(index)

    def close(self) -> None:
        self._stack.close()


def write(fleet: Fleet, ledger: Ledger, stop: threading.Event, seed: int) -> None:
    dice = random.Random(seed)
    clients = [httpx.Client(base_url=url, timeout=60) for url in fleet.urls]
    while not stop.is_set():
        client = dice.choice(clients)
        subject, text = dice.choice([*SUBJECTS, *DELETED]), dice.choice(TEXTS)
        try:
            if subject in DELETED and dice.random() < 0.5:
                for permanent in ("false", "true"):
                    client.delete(f"/subjects/{subject}", params={"permanent": permanent})
                continue
            answer = client.post(f"/subjects/{subject}/versions", json={"schema": text})
        except httpx.TransportError:
            ledger.unanswered += 1
            time.sleep(0.01)
            continue
        if answer.status_code == 200:
            ledger.registered(subject, text, answer.json())
        elif answer.status_code != 503:
            ledger.unexpected.append(answer.text)


def check(url: str, ledger: Ledger) -> None:
    client = httpx.Client(base_url=url, timeout=60)
    listed = client.get("/schemas", params={"subjectPrefix": ":*:", "deleted": "true", "limit": "100000"}).json()
    held = {(v["subject"], v["version"]): (v["id"], v["schema"]) for v in listed}
    assert {place: held.get(place) for place in ledger.acknowledged} == ledger.acknowledged
    texts, ids = defaultdict(set), defaultdict(set)
    numbers = defaultdict(list)
    for (subject, version), (schema_id, text) in held.items():
        ids[schema_id].add(text)
        texts[text].add(schema_id)
        numbers[subject].append(version)
        assert client.get(f"/schemas/ids/{schema_id}").json()["schema"] == text
    assert all(len(each) == 1 for each in ids.values()), "an id stands for two contents"
    assert all(len(each) == 1 for each in texts.values()), "a content has two ids"
    dense = {subject: sorted(found) for subject, found in numbers.items() if subject in SUBJECTS}
    assert all(found == list(range(1, len(found) + 1)) for found in dense.values()), "versions have gaps"
    told = {schema_id: texts | ids.get(schema_id, set()) for schema_id, texts in ledger.ids.items()}
    assert all(len(each) == 1 for each in told.values()), "an id was given out twice"


def run(folder: Path, database: str, processes: int, capsys: pytest.CaptureFixture[str]) -> None:
    ledger, stop = Ledger(), threading.Event()
    fleet = Fleet(folder, database, processes)
    try:
        httpx.put(f"{fleet.urls[0]}/config", json={"compatibility": "NONE"}, timeout=60)
        writers = [threading.Thread(target=write, args=(fleet, ledger, stop, seed)) for seed in range(WRITERS)]
        for writer in writers:
            writer.start()
        try:
            fleet.run_until(KILLS)
        finally:
            stop.set()
            for writer in writers:
                writer.join()
    finally:
        fleet.close()
    assert ledger.unexpected == []
    with running(folder / "after.log", "--database", database) as process:
        check(process.url, ledger)
    with capsys.disabled():
        deaths = ", ".join(f"{count} at {point}" for point, count in fleet.kills.items())
        sys.stdout.write(
            f"\n{database.partition(':')[0]}, {processes} process(es), {WRITERS} writers: killed {deaths}; "
            f"{ledger.answers} acknowledged, {ledger.unanswered} unanswered, {len(ledger.ids)} ids\n"
        )
    assert ledger.answers > KILLS


@pytest.mark.slow
@pytest.mark.timeout(MOST_SECONDS)
def test_nothing_acknowledged_is_lost_on_sqlite(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(tmp_path, f"sqlite:///{tmp_path / 'registry.db'}", 1, capsys)


@pytest.mark.slow
@pytest.mark.timeout(MOST_SECONDS)
def test_nothing_acknowledged_is_lost_on_postgresql(
    tmp_path: Path, postgres_database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run(tmp_path, postgres_database, 2, capsys)
