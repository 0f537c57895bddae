"""A running ingestion API for tests: a real server, with doubles only where Kafka and the registry stand."""

from __future__ import annotations

import json
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import httpx
import uvicorn
from typing_extensions import override

from tallystick.api.ingestion.app import create_app
from tallystick.api.ingestion.catalogue import Catalogue, EventType
from tallystick.api.ingestion.feed import Feed, Loading
from tallystick.api.ingestion.intake import Intake, intake_of
from tallystick.api.ingestion.keys import KeyFile, Kind, Scope, new_key
from tallystick.api.ingestion.producer import Delivery, KafkaRecord, Producing
from tallystick.codegen import load
from tallystick.contracts import Catalog, load_catalog, unframe
from tallystick.events.shop import OrderCompleted, PageViewed
from tallystick.events.tallystick import DeadLetter
from tallystick.sdk.errors import RegistryUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tallystick.api.ingestion.limits import Limits
    from tallystick.api.ingestion.parts import Parts

SCHEMAS = Path(__file__).parent.parent.parent / "schemas"


class Shelf(Loading):
    """Contracts as a registry would give them; more can be put on it, and it can be away.

    Attributes:
        is_away: Whether it answers.
        loads: How often it was asked.
    """

    def __init__(self) -> None:
        self.is_away = False
        self.loads = 0
        self._kinds: dict[str, dict[int, Intake]] = {}
        self._ids: dict[tuple[str, str], int] = {}
        self._next_id = 1

    def put(self, catalog: Catalog, *names: str) -> None:
        """Register contracts of a catalogue, all by default, each as its subject's next version."""
        classes = load(catalog)
        for contract in catalog:
            if contract.is_message and (not names or contract.name in names):
                self._ids[contract.name, contract.contract_hash] = schema_id = self._next_id
                self._next_id += 1
                if contract.is_event:
                    versions = self._kinds.setdefault(contract.name, {})
                    number = len(versions) + 1
                    versions[number] = intake_of(contract, classes[contract.name], version=number, schema_id=schema_id)

    def id_of(self, subject: str, contract_hash: str) -> int:
        return self._ids[subject, contract_hash]

    @override
    def load(self) -> Catalogue:
        self.loads += 1
        if self.is_away:
            raise RegistryUnavailable("http://registry", "told to be away")
        kinds = {name: EventType.of(dict(versions)) for name, versions in self._kinds.items()}
        return Catalogue(events=kinds, ids=dict(self._ids))


class Tray(Producing):
    """Takes records as Kafka would.

    Attributes:
        records: What was stored.
        fate: Says of a record what becomes of it.
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.records: list[KafkaRecord] = []
        self.fate: Callable[[KafkaRecord], Delivery] = lambda _: Delivery.STORED
        self.up = True
        self.share = 0.0

    @property
    @override
    def is_up(self) -> bool:
        return self.up

    @property
    @override
    def load(self) -> float:
        return self.share

    @override
    async def produce(self, records: Sequence[KafkaRecord], seconds: float) -> list[Delivery]:
        fates = [self.fate(record) for record in records]
        self.records.extend(record for record, fate in zip(records, fates, strict=True) if fate is Delivery.STORED)
        return fates

    @override
    def close(self) -> None:
        pass


@dataclass(kw_only=True)
class Api:
    """The running API and what surrounds it."""

    url: str
    http: httpx.Client
    shelf: Shelf
    tray: Tray
    parts: Parts
    keys_path: Path
    secrets: dict[str, str] = field(default_factory=dict)

    def post(self, path: str, content: object, *, key: str = "all", **headers: str) -> httpx.Response:
        """Post bytes as they are, or anything else as JSON, under one of the keys."""
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        defaults = {"content-type": "application/json", "authorization": f"Bearer {self.secrets[key]}"}
        return self.http.post(path, content=body, headers=defaults | names)

    def batch(self, *events: object, **headers: str) -> httpx.Response:
        """Post a batch."""
        return self.post("/v1/batch", {"batch": list(events)}, **headers)

    def results(self, *events: object, **headers: str) -> list[dict[str, Any]]:
        """Post a batch and return the results."""
        answer = self.batch(*events, **headers)
        assert answer.status_code in {200, 207}, answer.text
        results: list[dict[str, Any]] = answer.json()["results"]
        return results

    def stored(self, topic: str = "tallystick.events") -> list[KafkaRecord]:
        """What went to a topic."""
        return [record for record in self.tray.records if record.topic == topic]

    def dead_letters(self) -> list[DeadLetter]:
        """What went to the dead letters, decoded."""
        return [DeadLetter.from_avro(unframe(each.value).body) for each in self.stored("tallystick.dead-letters")]


def viewed(meta: dict[str, Any] | None = None, **fields: object) -> dict[str, Any]:
    """A good event on the wire, with changes."""
    base_meta = {
        "event_id": str(uuid4()),
        "event_time": "2026-01-06T10:15:30Z",
        "source": {"app": "shop-web"},
        "user_id": "u1",
    }
    event = {"type": PageViewed.SUBJECT, "meta": base_meta | (meta or {}), "page_path": "/", "page_kind": "HOME"}
    return event | fields


def ordered(meta: dict[str, Any] | None = None, **fields: object) -> dict[str, Any]:
    """Another good event, with numbers in it."""
    event = viewed(meta)
    order = {
        "order_id": "o1",
        "customer_id": "u1",
        "total": "12.50",
        "currency": "EUR",
        "item_count": 1,
        "lines": [],
    }
    return {"type": OrderCompleted.SUBJECT, "meta": event["meta"]} | order | fields


@contextmanager
def running(
    folder: Path, *, limits: Limits | None = None, producing: Producing | None = None, interval: float = 60.0
) -> Iterator[Api]:
    """Run the API with the repository's contracts and a set of keys."""
    shelf, tray = Shelf(), Tray()
    shelf.put(load_catalog(SCHEMAS))
    secrets, path = write_keys(folder)
    feed = Feed(shelf, interval=interval)
    app = create_app(feed=feed, producing=producing or tray, keys=KeyFile(path), limits=limits)
    config = uvicorn.Config(
        app, port=0, log_config=None, lifespan="on", http="httptools", loop="uvloop", timeout_graceful_shutdown=2
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        url = _address(server)
        with httpx.Client(base_url=url, timeout=30) as http:
            _wait_until(lambda: bool(feed.catalogue.events))
            yield Api(
                url=url, http=http, shelf=shelf, tray=tray, parts=app.state.parts, keys_path=path, secrets=secrets
            )
    finally:
        server.should_exit = True
        thread.join(10)


def write_keys(folder: Path) -> tuple[dict[str, str], Path]:
    """Write a keys file; returns the secrets by name."""
    wanted: dict[str, tuple[str, tuple[str, ...], tuple[Scope, ...], Kind]] = {
        "all": ("*", ("*",), ("ingest",), "secret"),
        "shop": ("shop-web", ("shop.*",), ("ingest",), "secret"),
        "history": ("*", ("*",), ("ingest", "backfill"), "secret"),
        "page": ("shop-web", ("shop.PageViewed",), ("ingest", "backfill"), "publishable"),
        "reader": ("*", ("*",), (), "secret"),
        "expired": ("*", ("*",), ("ingest",), "secret"),
        "slow": ("*", ("*",), ("ingest",), "secret"),
    }
    changes: dict[str, dict[str, Any]] = {
        "expired": {"expires_at": datetime(2020, 1, 1, tzinfo=UTC).isoformat()},
        "slow": {"events_per_second": 0.5},
    }
    secrets, entries = {}, []
    for name, (source, types, scopes, kind) in wanted.items():
        secret, entry = new_key(name, source, types, scopes, kind)
        secrets[name] = secret
        entries.append(entry | changes.get(name, {}))
    path = folder / "keys.json"
    path.write_text(json.dumps({"keys": entries}))
    return secrets, path


def _address(server: uvicorn.Server) -> str:
    _wait_until(lambda: server.started)
    port = server.servers[0].sockets[0].getsockname()[1]
    return f"http://127.0.0.1:{port}"


def _wait_until(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    until = time.monotonic() + seconds
    while not condition() and time.monotonic() < until:
        time.sleep(0.01)
    assert condition()
